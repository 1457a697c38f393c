// SPDX-License-Identifier: MIT
/* Events between processors, waiting for a lock, and what Xen knows and counts of each. Read next: preempted.asm. */
#include "xen.h"
#include <xen/sched.h>

s32 vmi_call_SEND_EVENT(const u64 *cpus, u32 bits, u32 event);
void vmi_call_LOCK_WAIT(const u8 *byte, u8 value);
void vmi_call_LOCK_KICK(u32 cpu);
u64 vmi_call_STOLEN_TIME(u32 cpu);

#define SENDS		8		/* to so many CPUs with one hypercall */

s32 vmi_call_CPU_STATE(u32 cpu)
{
	long up = cpu < MAX_CPUS ? HYPERCALL(vcpu_op, VCPUOP_is_up, xen.cpu[cpu] ? xen.cpu[cpu]->id : xen_id(cpu), 0) : -XEN_ENOENT;

	if (up < 0)
		return VMI_E_INVAL;
	return up ? VMI_CPU_UP : VMI_CPU_DOWN;
}

static int reachable(u32 cpu)
{
	return cpu < MAX_CPUS && xen.cpu[cpu] && xen.cpu[cpu]->up;
}

static int is_ipi(u32 event)
{
	return event == VMI_EVENT_RESCHEDULE || event == VMI_EVENT_CALL ||
		event == VMI_EVENT_WORK || event == VMI_EVENT_NMI;
}

/* A port number is all that is in struct evtchn_send. */
static void fill_send(struct multicall_entry *mc, u32 cpu, u32 event)
{
	if (event == VMI_EVENT_NMI) {
		mc->op = __HYPERVISOR_vcpu_op;
		mc->args[0] = VCPUOP_send_nmi;
		mc->args[1] = xen.cpu[cpu]->id;
		mc->args[2] = 0;
	} else {
		mc->op = __HYPERVISOR_event_channel_op;
		mc->args[0] = EVTCHNOP_send;
		mc->args[1] = (u64)&xen.cpu[cpu]->port[event];
	}
}

static void send(struct multicall_entry *mc, u32 count)
{
	if (count == 1)
		hypercall(mc->op, mc->args[0], mc->args[1], mc->args[2], 0);
	else if (count)
		HYPERCALL(multicall, mc, count);
}

/* Not by the CPU's queue: an NMI handler may send, too. */
s32 vmi_call_SEND_EVENT(const u64 *cpus, u32 bits, u32 event)
{
	struct multicall_entry mc[SENDS];
	u32 count = 0;

	if (bits > MASK_WORDS * 64 || !is_ipi(event))
		return VMI_E_INVAL;
	for (u32 cpu = 0; cpu < bits; cpu++) {
		if (!(cpus[cpu / 64] >> cpu % 64 & 1) || !reachable(cpu))
			continue;
		fill_send(&mc[count++], cpu, event);
		if (count == SENDS) {
			send(mc, count);
			count = 0;
		}
	}
	send(mc, count);
	return VMI_OK;
}

/*
 * Waiting for a lock. Interrupts stay as they are: with them on, one may come
 * between the test and the wait, and its handler may wait here itself. That one
 * leaves the port's flag alone, so that neither loses its kick.
 */
static void poll_lock(struct xen_cpu *pc)
{
	evtchn_port_t port = pc->lock_port;
	struct sched_poll poll = { .nr_ports = 1 };

	set_xen_guest_handle(poll.ports, &port);
	HYPERCALL(sched_op, SCHEDOP_poll, &poll);
}

void vmi_call_LOCK_WAIT(const u8 *byte, u8 value)
{
	struct xen_cpu *pc = this_cpu();

	pc->lock_waits++;
	barrier();
	if (pc->lock_waits != 1 || !event_take(pc->lock_port))
		if (*(const volatile u8 *)byte == value)
			poll_lock(pc);
	barrier();
	pc->lock_waits--;
}

void vmi_call_LOCK_KICK(u32 cpu)
{
	if (reachable(cpu))
		HYPERCALL(event_channel_op, EVTCHNOP_send, &xen.cpu[cpu]->lock_port);
}

/*
 * What Xen counts
 */

/** Xen keeps the block's copy up to date from here on. A restored domain's begins anew: what was stolen before is kept. */
void smp_register_runstate(struct xen_cpu *pc)
{
	struct vcpu_register_runstate_memory_area area = { .addr.v = &pc->runstate };

	pc->stolen_before += pc->runstate.time[RUNSTATE_runnable];
	HYPERCALL(vcpu_op, VCPUOP_register_runstate_memory_area, pc->id, &area);
}

/* While Xen writes, a bit of the entry time is set. */
u64 vmi_call_STOLEN_TIME(u32 cpu)
{
	const volatile struct vcpu_runstate_info *r;
	u64 entered, stolen;

	if (cpu >= MAX_CPUS || !xen.cpu[cpu])
		return 0;
	r = &xen.cpu[cpu]->runstate;
	do {
		entered = r->state_entry_time;
		barrier();
		stolen = r->time[RUNSTATE_runnable];
		barrier();
	} while (entered & XEN_RUNSTATE_UPDATE || entered != r->state_entry_time);
	return xen.cpu[cpu]->stolen_before + stolen;
}
