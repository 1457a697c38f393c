// SPDX-License-Identifier: MIT
/*
 * Events. Those of the ABI are few, so each has a port of its own on each CPU
 * and is looked for by port; nothing else is unmasked.
 */
#include "xen.h"

u32 vmi_call_EVENT_NEXT(void);

void event_unmask(u32 port)
{
	struct evtchn_unmask op = { port };

	HYPERCALL(event_channel_op, EVTCHNOP_unmask, &op);
}

/** Makes an event pending by ourselves. Xen looks at pending ones when a mask is taken away. */
void event_raise(u32 port)
{
	u64 bit = 1ull << port % 64;

	__atomic_fetch_or(&xen_shared->evtchn_mask[port / 64], bit, __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&xen_shared->evtchn_pending[port / 64], bit, __ATOMIC_SEQ_CST);
	event_unmask(port);
}

int event_bind_virq(struct xen_cpu *pc, u32 virq, u32 event)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = pc->id };

	if (HYPERCALL(event_channel_op, EVTCHNOP_bind_virq, &op))
		return -1;
	pc->port[event] = op.port;
	event_unmask(op.port);
	return 0;
}

static int bind_ipi(const struct xen_cpu *pc, u32 *port)
{
	struct evtchn_bind_ipi op = { .vcpu = pc->id };

	if (HYPERCALL(event_channel_op, EVTCHNOP_bind_ipi, &op))
		return -1;
	*port = op.port;
	return 0;
}

static int bind_event(struct xen_cpu *pc, u32 event)
{
	if (bind_ipi(pc, &pc->port[event]))
		return -1;
	event_unmask(pc->port[event]);
	return 0;
}

/** Binds what one CPU's events come by; the first one masks everything else. */
int event_init(struct xen_cpu *pc)
{
	if (pc == xen.cpu[0])
		memset(xen_shared->evtchn_mask, 0xff, sizeof(xen_shared->evtchn_mask));
	return event_bind_virq(pc, VIRQ_TIMER, VMI_EVENT_TIMER) ||
		event_bind_virq(pc, VIRQ_DEBUG, VMI_EVENT_DEBUG) ||
		bind_event(pc, VMI_EVENT_RESCHEDULE) || bind_event(pc, VMI_EVENT_CALL) ||
		bind_event(pc, VMI_EVENT_WORK) || bind_ipi(pc, &pc->lock_port);
}

static void close_port(u32 *port)
{
	struct evtchn_close op = { *port };

	if (op.port)
		HYPERCALL(event_channel_op, EVTCHNOP_close, &op);
	*port = 0;
}

void event_exit(struct xen_cpu *pc)
{
	for (u32 i = 0; i < NR_EVENTS; i++)
		close_port(&pc->port[i]);
	close_port(&pc->lock_port);
}

/** Whether something came by this port, which is then forgotten. */
int event_take(u32 port)
{
	u64 *word = &xen_shared->evtchn_pending[port / 64];
	u8 was;

	if (!port || !(*(volatile u64 *)word >> port % 64 & 1))
		return 0;
	__asm__ volatile("lock btrq %2, %0; setc %1" : "+m" (*word), "=q" (was) : "r" ((u64)port % 64) : "cc");
	return was;
}

/*
 * Before the ports are looked at: what comes later sets the flags again. The
 * selector goes with the upcall's flag, since Xen sets that one only where the
 * selector's bit was clear: one that stays would be the CPU's last event.
 */
static void clear_flags(struct xen_cpu *pc)
{
	pc->vi->evtchn_upcall_pending = 0;
	__atomic_exchange_n(&pc->vi->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
}

u32 vmi_call_EVENT_NEXT(void)
{
	struct xen_cpu *pc = this_cpu();

	clear_flags(pc);
	for (u32 event = VMI_EVENT_TIMER; event < NR_EVENTS; event++)
		if (event_take(pc->port[event]))
			return event;
	return VMI_EVENT_NONE;
}

/** Forgets what is pending on this CPU. */
void event_drop(struct xen_cpu *pc)
{
	clear_flags(pc);
	for (u32 event = VMI_EVENT_TIMER; event < NR_EVENTS; event++)
		event_take(pc->port[event]);
	event_take(pc->lock_port);
}
