// SPDX-License-Identifier: MIT
/*
 * Who runs next, and where: each processor takes the ready vCPU that has had the
 * least and that no other has. A turn ends after a slice, by the timer, or when
 * the vCPU waits. vmihv itself runs each exit to its end and never sleeps in
 * between, so one stack for each processor is enough. All of it under the lock (cpu/lock.h).
 */
#include "container/container.h"
#include "cpu/apic.h"
#include "cpu/clock.h"
#include "cpu/lock.h"
#include "cpu/smp.h"
#include "domain/domain.h"

#define SLICE_NS	5000000ul
#define POLL_NS		50000000ul	/* the serial port is looked at so often when nobody runs */

static u64 least_share;			/* of those who run: where a sleeper joins again */

/* One that idles, best the one where v was last, is called once. It may come too late: then it idles again. */
static void call_idle(const struct vcpu *v)
{
	struct cpu *cpu = v->home && v->home->idle ? v->home : NULL;

	for (u32 i = 0; !cpu && i < cpu_count; i++)
		if (cpus[i].idle)
			cpu = &cpus[i];
	if (!cpu)
		return;
	cpu->idle = false;
	apic_kick(cpu);
}

void sched_start(struct vcpu *v)
{
	v->state = VCPU_READY;
	v->ready_since = clock_now();
	if (v->share < least_share)
		v->share = least_share;
	if (!v->loaded)
		call_idle(v);
}

void sched_wake(struct vcpu *v)
{
	if (v->state == VCPU_WAITING)
		sched_start(v);
	else if (v->loaded && v->home != this_cpu())
		apic_kick(v->home);
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
	this_cpu()->slice_end = 0;
}

/** What is done with each vCPU whose home this is. */
typedef void vcpu_function(struct vcpu *v, u64 *result);

static u64 each_at_home(vcpu_function *f, u64 start)
{
	for (struct domain *d = domains; d < domains + MAX_DOMAINS; d++)
		for (u32 i = 0; d->alive && i < d->config->vcpus; i++)
			if (d->vcpus[i].home == this_cpu())
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

/* Of two that have had the same, the one that comes first keeps the turn. Of those on a processor only `mine' is asked. */
static struct vcpu *pick(const struct vcpu *mine)
{
	struct vcpu *best = NULL;

	for (struct domain *d = domains; d < domains + MAX_DOMAINS; d++)
		for (u32 i = 0; d->alive && !d->paused && i < d->config->vcpus; i++) {
			struct vcpu *v = &d->vcpus[i];

			if (v->state == VCPU_READY && (!v->loaded || v == mine) && (!best || v->share < best->share))
				best = v;
		}
	return best;
}

/* The last of a dead domain takes the domain with it. */
static void put_off(struct vcpu *v)
{
	struct domain *d = v->domain;

	d->container->unload(v);
	v->loaded = false;
	v->ready_since = clock_now();
	if (d->alive)
		preempted_share(v, v->state == VCPU_READY);
	this_cpu()->current = NULL;
	if (--d->loaded)
		return;
	if (!d->alive)
		domain_bury(d);
	else if (d->suspending)
		suspend_finish(d);
}

static void put_on(struct vcpu *v)
{
	this_cpu()->current = v;
	v->home = this_cpu();
	v->loaded = true;
	v->domain->loaded++;
	v->domain->container->load(v);
	v->stolen += clock_now() - v->ready_since;
	stolen_share(v);
	preempted_share(v, false);
}

void sched_recall(const struct domain *d)
{
	for (u32 i = 0; i < cpu_count; i++)
		if (cpus[i].current && cpus[i].current->domain == d && &cpus[i] != this_cpu())
			apic_kick(&cpus[i]);
}

static bool is_of(const struct vcpu *v, const struct domain *d, u64 set)
{
	return v && v->domain == d && set >> v->number & 1;
}

/* Who comes back waits for the lock; so this ends without it being given up. */
void sched_quiesce(struct domain *d, u64 set)
{
	for (u32 i = 0; i < d->config->vcpus; i++)
		if (set >> i & 1)
			d->container->forget(&d->vcpus[i]);
	for (struct cpu *cpu = cpus; cpu < cpus + cpu_count; cpu++)
		if (cpu != this_cpu() && is_of(cpu->current, d, set) && __atomic_load_n(&cpu->in_guest, __ATOMIC_SEQ_CST))
			apic_kick(cpu);
	for (struct cpu *cpu = cpus; cpu < cpus + cpu_count; cpu++)
		while (cpu != this_cpu() && is_of(cpu->current, d, set) &&
		       __atomic_load_n(&cpu->in_guest, __ATOMIC_SEQ_CST))
			pause();
}

u64 sched_absent(const struct domain *d, u64 set)
{
	u64 absent = 0;

	for (u32 i = 0; i < d->config->vcpus; i++)
		if (set >> i & 1 && !d->vcpus[i].loaded && d->vcpus[i].state != VCPU_DOWN)
			absent |= 1ul << i;
	return absent;
}

/* Between two turns what is loaded on this processor does not run; others need the lock to come back. */
static void put_off_everywhere(const struct domain *d)
{
	struct vcpu *current = this_cpu()->current;

	if (current && current->domain == d)
		put_off(current);
	sched_recall(d);
	while (d->loaded && (!d->alive || d->paused)) {
		hv_unlock();
		pause();
		hv_lock();
	}
}

void sched_end(struct domain *d, enum ending why)
{
	bool loaded = d->loaded;

	domain_end(d, why);
	if (loaded)
		put_off_everywhere(d);
	else
		domain_bury(d);
}

void sched_pause(struct domain *d)
{
	d->paused = true;
	put_off_everywhere(d);
}

/* This processor is about to take one, and calls another for the next. */
void sched_unpause(struct domain *d)
{
	d->paused = false;
}

static void charge(struct vcpu *v, u64 since)
{
	u64 ns = clock_now() - since;

	v->used += ns;
	v->share += ns;
}

/* Until its slice ends, it waits or is no more. Of one that is down nothing stays here: it may be started anew. */
static void turn(struct vcpu *v)
{
	struct cpu *cpu = this_cpu();
	u64 now = clock_now();

	cpu->slice_end = now + SLICE_NS;
	if (v->share > least_share)
		least_share = v->share;
	while (v->domain->alive && !v->domain->paused && v->state == VCPU_READY && now < cpu->slice_end) {
		each_at_home(fire, now);
		apic_arm(each_at_home(find_deadline, cpu->slice_end));
		container_step(v);
		interrupt_window();
		charge(v, now);
		now = clock_now();
	}
	if (v->state == VCPU_DOWN)
		put_off(v);
}

/* The console is the first processor's care; another wakes only when it is called or a timer of its own ends. */
static void wait(void)
{
	struct cpu *cpu = this_cpu();

	apic_arm(each_at_home(find_deadline, cpu->number ? NEVER : clock_now() + POLL_NS));
	cpu->idle = true;
	hv_unlock();
	idle();
	hv_lock();
	cpu->idle = false;
}

static bool any_left(void)
{
	for (struct domain *d = domains; d < domains + MAX_DOMAINS; d++)
		if (d->alive || d->loaded)
			return true;
	return false;
}

/* Takes the one whose turn it is, and calls another processor where there is one more. */
static struct vcpu *take(void)
{
	struct cpu *cpu = this_cpu();
	struct vcpu *v = pick(cpu->current), *more;

	if (cpu->current && cpu->current != v)
		put_off(cpu->current);
	if (v && !v->loaded)
		put_on(v);
	more = pick(NULL);
	if (more)
		call_idle(more);
	return v;
}

void sched_run(void)
{
	struct cpu *cpu = this_cpu();
	struct vcpu *v;

	cpu->idle = false;
	while (cpu->number || any_left() || monitor_is_open()) {
		each_at_home(fire, clock_now());
		if (!cpu->number)
			console_poll();
		v = take();
		if (v)
			turn(v);
		else
			wait();
	}
}
