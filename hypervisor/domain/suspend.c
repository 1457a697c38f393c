// SPDX-License-Identifier: MIT
/*
 * A domain that stands still until it is resumed. It says itself when it is ready:
 * one vCPU is up, in its suspend call, and no page is shared with vmihv or others.
 * So nothing of what is kept here is of an ABI's or a container's kind, but for the
 * guest's own memory: the state of one vCPU, and memory as the guest numbers it.
 */
#include "container/container.h"
#include "hypercall/abi.h"
#include "hypercall/calls.h"
#include "memory/frames.h"
#include "memory/memory.h"

_Static_assert(sizeof(struct saved_vcpu) <= PAGE_SIZE, "a frame keeps it");

static bool is_ready(const struct vcpu *v)
{
	const struct domain *d = v->domain;

	for (u32 i = 0; i < d->config->vcpus; i++)
		if (d->vcpus[i].event_page || d->vcpus[i].clock_page || (i && d->vcpus[i].state != VCPU_DOWN))
			return false;
	return !v->number && !sharing_any(d);
}

/* What it answers is put there when the domain goes on. */
enum outcome call_suspend(struct vcpu *v)
{
	struct domain *d = v->domain;

	if (!d->save_wished || !is_ready(v))
		return REFUSED;
	d->save_wished = false;
	d->suspending = true;
	v->state = VCPU_DOWN;
	return DONE;
}

/* The vCPU is made anew from it later: so it is known to be all there is. */
void suspend_finish(struct domain *d)
{
	struct vcpu *v = &d->vcpus[0];
	u64 pa = frames_take_table(d->memory.owner);

	d->suspending = false;
	if (pa == NO_FRAME) {
		print("vmihv! domain %u (%s) is not suspended: no memory is free\n", d->number, d->config->name);
		d->abi->put(&v->regs, REFUSED, 0);
		sched_start(v);
		return;
	}
	d->saved = at_pa(pa);
	d->container->save(v, d->saved);
	d->container->vcpu_destroy(v);
	d->suspended = true;
	print("vmihv: domain %u (%s) is suspended\n", d->number, d->config->name);
}

int suspend_resume(struct domain *d, struct why *why)
{
	struct vcpu *v = &d->vcpus[0];

	if (!d->suspended)
		return refuse(why, "it is not suspended");
	if (d->container->vcpu_create(v, why))
		return -1;
	d->container->restore(v, d->saved);
	frames_give(pa_of(d->saved), 0, d->memory.owner);
	d->saved = NULL;
	d->suspended = false;
	v->raised = v->nmi = v->kicked = false;
	d->abi->put(&v->regs, DONE, 0);
	sched_start(v);
	return 0;
}
