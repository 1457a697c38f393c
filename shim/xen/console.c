// SPDX-License-Identifier: MIT
/*
 * Console: dom0 has Xen's own by hypercall; a domU shares a ring with a daemon,
 * in a page and with an event channel that the host has given.
 */
#include "xen.h"
#include <xen/io/console.h>
#include <xen/sched.h>

s32 vmi_call_CONSOLE_READ(char *data, u32 bytes);

#define MAX_YIELDS	10000

static struct xencons_interface *ring;
static u32 ring_port;
static u8 ring_lock;
static u32 stuck_at;			/* out_cons when we last waited in vain, plus 1 */

/** Where the ring is, again after that has changed. */
void console_set(struct xencons_interface *page, u32 port)
{
	ring = page;
	ring_port = port;
}

void console_init(struct xen_cpu *pc)
{
	if (xen.dom0) {
		/* Another user of the console may hold it: then there is only output. */
		event_bind_virq(pc, VIRQ_CONSOLE, VMI_EVENT_CONSOLE);
		return;
	}
	pc->port[VMI_EVENT_CONSOLE] = ring_port;
	event_unmask(ring_port);
}

/* Any context, NMI too: with interrupts off, and never waiting for long. */
static int lock_ring(void)
{
	for (u32 i = 0; i < 100000; i++) {
		if (!__atomic_exchange_n(&ring_lock, 1, __ATOMIC_ACQUIRE))
			return 1;
		cpu_relax();
	}
	return 0;
}

static void unlock_ring(void) { __atomic_store_n(&ring_lock, 0, __ATOMIC_RELEASE); }

static void notify(void)
{
	struct evtchn_send op = { ring_port };

	HYPERCALL(event_channel_op, EVTCHNOP_send, &op);
}

static u32 ring_room(void)
{
	return sizeof(ring->out) - (ring->out_prod - __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE));
}

static u32 ring_write(const char *data, u32 bytes)
{
	u32 prod = ring->out_prod, n = 0;
	u32 room = ring_room();

	while (n < bytes && n < room && room <= sizeof(ring->out)) {
		ring->out[(prod + n) % sizeof(ring->out)] = data[n];
		n++;
	}
	__atomic_store_n(&ring->out_prod, prod + n, __ATOMIC_SEQ_CST);
	return n;
}

/*
 * Early output comes faster than the daemon reads, and who writes it does not
 * wait for events: lend the daemon our CPU. A daemon that has not moved since
 * the last time is not waited for again.
 */
static void wait_for_room(void)
{
	for (u32 i = 0; i < MAX_YIELDS && !ring_room(); i++) {
		if (stuck_at == ring->out_cons + 1)
			return;
		HYPERCALL(sched_op, SCHEDOP_yield, 0);
	}
	stuck_at = ring_room() ? 0 : ring->out_cons + 1;
}

static u32 ring_write_all(const char *data, u32 bytes)
{
	u32 n = 0, more;

	do {
		wait_for_room();
		more = ring_write(data + n, bytes - n);
		n += more;
		notify();
	} while (more && n < bytes);
	return n;
}

static u32 ring_read(char *data, u32 bytes)
{
	u32 cons = ring->in_cons, n = 0;
	u32 there = __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE) - cons;

	while (n < bytes && n < there && there <= sizeof(ring->in)) {
		data[n] = ring->in[(cons + n) % sizeof(ring->in)];
		n++;
	}
	__atomic_store_n(&ring->in_cons, cons + n, __ATOMIC_SEQ_CST);
	return n;
}

s32 vmi_call_CONSOLE_WRITE(const char *data, u32 bytes)
{
	u32 n = 0;
	u8 flags;

	if (xen.dom0)
		return HYPERCALL(console_io, CONSOLEIO_write, bytes, data) ? VMI_E_PERM : (s32)bytes;
	if (!ring)
		return VMI_E_NOSYS;
	flags = irq_save();
	if (lock_ring()) {
		n = ring_write_all(data, bytes);
		unlock_ring();
	}
	irq_restore(flags);
	return n;
}

s32 vmi_call_CONSOLE_READ(char *data, u32 bytes)
{
	long n;
	u8 flags;

	if (xen.dom0) {
		n = HYPERCALL(console_io, CONSOLEIO_read, bytes, data);
		return n < 0 ? VMI_E_PERM : n;
	}
	if (!ring)
		return VMI_E_NOSYS;
	flags = irq_save();
	n = 0;
	if (lock_ring()) {
		n = ring_read(data, bytes);
		unlock_ring();
	}
	irq_restore(flags);
	if (n)
		notify();
	return n;
}
