// SPDX-License-Identifier: MIT
/* The work of the hypercalls. Every argument is the guest's and may be anything. */
#include "cpu/cpu.h"
#include "hypercall/calls.h"

#define FIRST_VECTOR	32
#define LAST_VECTOR	255
#define CONSOLE_MAX	256	/* bytes at a time: a call takes a bounded time */

struct vcpu *call_sibling(struct vcpu *v, u64 number)
{
	return number < v->domain->config->vcpus ? &v->domain->vcpus[number] : NULL;
}

enum outcome call_share_events(struct vcpu *v, u64 address, u64 vector)
{
	void *page = guest_page(&v->domain->memory, address);

	if (vector < FIRST_VECTOR || vector > LAST_VECTOR)
		return BAD_ARGUMENT;
	if (!page)
		return BAD_ADDRESS;
	v->event_page = page;
	v->vector = vector;
	wishes_tell(v->domain);
	return DONE;
}

enum outcome call_share_clock(struct vcpu *v, u64 address)
{
	void *page = guest_page(&v->domain->memory, address);

	if (!page)
		return BAD_ADDRESS;
	v->clock_page = page;
	clock_share(v);
	return DONE;
}

enum outcome call_unshare(struct vcpu *v)
{
	v->event_page = v->clock_page = v->flags = NULL;
	v->vector = 0;
	v->raised = false;
	v->timer = 0;
	return DONE;
}

enum outcome call_console_out(struct vcpu *v, u64 address, u64 bytes, u64 *taken)
{
	char text[CONSOLE_MAX];

	if (bytes > sizeof(text))
		bytes = sizeof(text);
	if (guest_read(&v->domain->memory, text, address, bytes))
		return BAD_ADDRESS;
	console_write(v->domain, text, bytes);
	*taken = bytes;
	return DONE;
}

/* Where the bytes cannot go none is taken. */
enum outcome call_console_in(struct vcpu *v, u64 address, u64 bytes, u64 *taken)
{
	char text[CONSOLE_MAX];

	if (bytes > sizeof(text))
		bytes = sizeof(text);
	if (guest_clear(&v->domain->memory, address, bytes))
		return BAD_ADDRESS;
	*taken = console_read(v->domain, text, bytes);
	guest_write(&v->domain->memory, address, text, *taken);
	return DONE;
}

enum outcome call_timer(struct vcpu *v, u64 deadline)
{
	v->timer = deadline;
	return DONE;
}

enum outcome call_end(struct vcpu *v, enum ending why)
{
	domain_end(v->domain, why);
	return DONE;
}

enum outcome call_yield(struct vcpu *v)
{
	(void)v;
	sched_yield();
	return DONE;
}

enum outcome call_start(struct vcpu *v, u64 number, const struct start_state *s)
{
	struct vcpu *other = call_sibling(v, number);

	if (!other || !other->event_page || other->state != VCPU_DOWN || v->domain->container->start_long(other, s))
		return BAD_ARGUMENT;
	sched_start(other);
	return DONE;
}

enum outcome call_stop(struct vcpu *v)
{
	sched_stop(v, "its last vCPU stops");
	return DONE;
}

enum outcome call_is_up(struct vcpu *v, u64 number, u64 *up)
{
	struct vcpu *other = call_sibling(v, number);

	if (!other)
		return BAD_ARGUMENT;
	*up = other->state != VCPU_DOWN;
	return DONE;
}

/** Something that others of a domain get. */
typedef void sent(struct vcpu *v, enum event event);

/* Who is down gets nothing, now or later. */
static enum outcome each_up(struct vcpu *v, u64 set, sent *f, enum event event)
{
	for (u32 i = 0; i < v->domain->config->vcpus; i++)
		if (set >> i & 1 && v->domain->vcpus[i].state != VCPU_DOWN)
			f(&v->domain->vcpus[i], event);
	return DONE;
}

static void nmi(struct vcpu *v, enum event none)
{
	(void)none;
	nmi_send(v);
}

static void kick(struct vcpu *v, enum event none)
{
	(void)none;
	if (v->state == VCPU_WAITING && v->in_wait)
		sched_wake(v);
	else
		v->kicked = true;
}

enum outcome call_send(struct vcpu *v, u64 set, enum event event) { return each_up(v, set, event_send, event); }
enum outcome call_nmi(struct vcpu *v, u64 set) { return each_up(v, set, nmi, EVENTS); }
enum outcome call_kick(struct vcpu *v, u64 set) { return each_up(v, set, kick, EVENTS); }

enum outcome call_wait(struct vcpu *v)
{
	v->in_wait = !v->kicked && !v->nmi && !(v->raised && v->regs.rflags & RFLAGS_IF);
	v->kicked = false;
	if (v->in_wait)
		v->state = VCPU_WAITING;
	return DONE;
}
