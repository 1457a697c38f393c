// SPDX-License-Identifier: MIT
/* What a guest is told: something happened, and what time it is. Layouts are the ABI's. */
#include "cpu/clock.h"
#include "domain/domain.h"
#include "hypercall/abi.h"

void event_send(struct vcpu *v, enum event event)
{
	if (!v->event_page)
		return;
	v->domain->abi->set_event(v->event_page, event);
	if (v->flags)
		__atomic_store_n(&v->flags[v->domain->abi->pv.pending], 1, __ATOMIC_SEQ_CST);
	v->raised = true;
	sched_wake(v);
}

void nmi_send(struct vcpu *v)
{
	v->nmi = true;
	sched_wake(v);
}

void clock_share(struct vcpu *v)
{
	v->domain->abi->set_clock(v->clock_page, &clock_scale, clock_wall_start());
}

void stolen_share(struct vcpu *v)
{
	if (v->clock_page)
		v->domain->abi->set_stolen(v->clock_page, v->stolen);
}

void preempted_share(struct vcpu *v, bool preempted)
{
	if (v->clock_page)
		v->domain->abi->set_preempted(v->clock_page, preempted);
}
