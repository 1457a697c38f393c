// SPDX-License-Identifier: MIT
/* The work of the hypercalls. Every argument is the guest's and may be anything. */
#include "hypercall/calls.h"

#define FIRST_VECTOR	32
#define LAST_VECTOR	255
#define CONSOLE_MAX	256	/* bytes at a time: a call takes a bounded time */

enum outcome call_share_events(struct vcpu *v, u64 address, u64 vector)
{
	void *page = guest_page(&v->domain->memory, address);

	if (vector < FIRST_VECTOR || vector > LAST_VECTOR)
		return BAD_ARGUMENT;
	if (!page)
		return BAD_ADDRESS;
	v->event_page = page;
	v->vector = vector;
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
	v->event_page = v->clock_page = NULL;
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
