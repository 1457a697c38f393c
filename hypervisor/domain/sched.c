// SPDX-License-Identifier: MIT
/*
 * Who runs next: the ready vCPU that has had the least. A turn ends after a
 * slice, by the timer, or when the vCPU waits. vmihv itself runs each exit to its
 * end and never sleeps in between, so one stack for each processor is enough.
 */
#include "container/container.h"
#include "cpu/apic.h"
#include "cpu/clock.h"
#include "cpu/cpu.h"
#include "domain/domain.h"

#define SLICE_NS	5000000ul
#define POLL_NS		50000000ul	/* the serial port is looked at so often when nobody runs */
#define NEVER		(~0ul)

static u64 least_share;			/* of those who run: where a sleeper joins again */
static u64 slice_end;

void sched_start(struct vcpu *v)
{
	v->state = VCPU_READY;
	v->ready_since = clock_now();
	if (v->share < least_share)
		v->share = least_share;
}

void sched_wake(struct vcpu *v)
{
	if (v->state == VCPU_WAITING)
		sched_start(v);
}

void sched_stop(struct vcpu *v, const char *last)
{
	v->state = VCPU_DOWN;
	v->raised = v->nmi = v->kicked = false;
	v->timer = 0;
	for (u32 i = 0; i < v->domain->config->vcpus; i++)
		if (v->domain->vcpus[i].state != VCPU_DOWN)
			return;
	domain_crash(v, "%s", last);
}

void sched_yield(void)
{
	slice_end = 0;
}

/** What is done with each vCPU there is. */
typedef void vcpu_function(struct vcpu *v, u64 *result);

static u64 each_vcpu(vcpu_function *f, u64 start)
{
	for (struct domain *d = domains; d < domains + MAX_DOMAINS; d++)
		for (u32 i = 0; d->alive && i < d->config->vcpus; i++)
			f(&d->vcpus[i], &start);
	return start;
}

static void fire(struct vcpu *v, u64 *now)
{
	if (v->timer && v->timer <= *now) {
		v->timer = 0;
		event_send(v, EVENT_TIMER);
	}
}

static void find_deadline(struct vcpu *v, u64 *first)
{
	if (v->timer && v->timer < *first)
		*first = v->timer;
}

/** Of two that have had the same, the one that comes first keeps the turn. */
static struct vcpu *pick(void)
{
	struct vcpu *best = NULL;

	for (struct domain *d = domains; d < domains + MAX_DOMAINS; d++)
		for (u32 i = 0; d->alive && !d->paused && i < d->config->vcpus; i++) {
			struct vcpu *v = &d->vcpus[i];

			if (v->state == VCPU_READY && (!best || v->share < best->share))
				best = v;
		}
	return best;
}

static void put_off(struct vcpu *v)
{
	struct domain *d = v->domain;

	d->container->unload(v);
	v->ready_since = clock_now();
	if (d->alive)
		preempted_share(v, v->state == VCPU_READY);
	this_cpu()->current = NULL;
	if (!d->alive)
		domain_bury(d);
}

/* Called between two turns: what is on the processor does not run just now. */
void sched_end(struct domain *d, enum ending why)
{
	struct vcpu *current = this_cpu()->current;

	domain_end(d, why);
	if (current && current->domain == d)
		put_off(current);
	else
		domain_bury(d);
}

static void put_on(struct vcpu *v)
{
	this_cpu()->current = v;
	v->domain->container->load(v);
	v->stolen += clock_now() - v->ready_since;
	stolen_share(v);
	preempted_share(v, false);
	slice_end = clock_now() + SLICE_NS;
	least_share = v->share;
}

static void charge(struct vcpu *v, u64 since)
{
	u64 ns = clock_now() - since;

	v->used += ns;
	v->share += ns;
}

/* Until its slice ends, it waits or is no more. */
static void turn(struct vcpu *v)
{
	u64 now = clock_now();

	if (this_cpu()->current != v)
		put_on(v);
	while (v->domain->alive && !v->domain->paused && v->state == VCPU_READY && now < slice_end) {
		each_vcpu(fire, now);
		apic_arm(each_vcpu(find_deadline, slice_end));
		container_step(v);
		interrupt_window();
		charge(v, now);
		now = clock_now();
	}
	slice_end = 0;
}

static void wait(void)
{
	apic_arm(each_vcpu(find_deadline, clock_now() + POLL_NS));
	idle();
}

static bool any_alive(void)
{
	for (struct domain *d = domains; d < domains + MAX_DOMAINS; d++)
		if (d->alive)
			return true;
	return false;
}

void sched_run(void)
{
	struct vcpu *v;

	while (any_alive() || this_cpu()->current || monitor_is_open()) {
		each_vcpu(fire, clock_now());
		console_poll();
		v = pick();
		if (this_cpu()->current && this_cpu()->current != v)
			put_off(this_cpu()->current);
		else if (v)
			slice_end = clock_now() + SLICE_NS;
		if (v)
			turn(v);
		else
			wait();
	}
}
