// SPDX-License-Identifier: MIT
/*
 * Other processors: start and stop, inter-processor events, waiting for a lock,
 * and what Xen counts for each. Xen takes a new CPU's registers once in a
 * domain's life; one that comes back goes on behind the hypercall that took it
 * down. So both ways lead through xen_cpu_enter(), which sets up what
 * VCPUOP_initialise could have, and smp.asm. Read next: smp.asm.
 */
#include "xen.h"
#include <xen/physdev.h>
#include <xen/sched.h>

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start);
s32 vmi_call_CPU_STATE(u32 cpu);
s32 vmi_call_SEND_EVENT(const u64 *cpus, u32 bits, u32 event);
void vmi_call_LOCK_WAIT(const u8 *byte, u8 value);
void vmi_call_LOCK_KICK(u32 cpu);
u64 vmi_call_STOLEN_TIME(u32 cpu);
s32 xen_cpu_enter(void);
void xen_cpu_leave(void);

#define IOPL_1		0x1000u		/* see INIT */
#define SENDS		8		/* to so many CPUs with one hypercall */

/*
 * Start and stop
 */

static struct vcpu_guest_context context;
static u8 context_lock;

static void lock_context(void)
{
	while (__atomic_exchange_n(&context_lock, 1, __ATOMIC_ACQUIRE))
		HYPERCALL(sched_op, SCHEDOP_yield, 0);
}

static void unlock_context(void) { __atomic_store_n(&context_lock, 0, __ATOMIC_RELEASE); }

static u64 root_mfn(u64 pa) { return pfn_to_mfn(pa >> 12) << 12; }

static void fill_context(const struct vmi_start *start)
{
	memset(&context, 0, sizeof(context));
	context.flags = VGCF_in_kernel;
	context.user_regs.rip = (u64)xen_cpu_stub;
	context.user_regs.rsp = start->stack;
	context.user_regs.rflags = IOPL_1;
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.kernel_sp = start->stack;
	context.gs_base_kernel = start->gs_base;
	context.ctrlreg[3] = root_mfn(start->root_pa);
	context.ctrlreg[1] = root_mfn(start->root_pa + PAGE_SIZE);
}

/* Registers of a CPU that runs for the first time; any other has its own. */
static s32 initialise(u32 cpu, const struct vmi_start *start)
{
	long error;

	lock_context();
	fill_context(start);
	error = HYPERCALL(vcpu_op, VCPUOP_initialise, cpu, &context);
	unlock_context();
	switch (error) {
	case 0:
	case -XEN_EEXIST:
		return VMI_OK;
	case -XEN_ENOMEM:
		return VMI_E_NOMEM;
	}
	return VMI_E_PERM;
}

static int canonical(u64 va) { return (s64)va >> 47 == 0 || (s64)va >> 47 == -1; }

static int bad_start(const struct vmi_start *s)
{
	return s->magic != VMI_MAGIC_START || s->version != VMI_STRUCT_VERSION ||
		s->size < sizeof(*s) || s->reserved || s->stack & 15 ||
		!canonical(s->entry) || !canonical(s->stack) || !canonical(s->gs_base) ||
		s->root_pa & ~PAGE_MASK || (s->root_pa >> 12) + 1 >= xen_nr_pages ||
		s->gdt_pa & ~PAGE_MASK || s->gdt_pa >> 12 >= xen_nr_pages ||
		s->gdt_entries - 1 >= ENTRIES;
}

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start)
{
	struct xen_cpu *pc;
	s32 state, error;

	if (xen.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	state = vmi_call_CPU_STATE(cpu);
	if (state < 0 || bad_start(start))
		return VMI_E_INVAL;
	pc = xen.cpu[cpu];
	if (state == VMI_CPU_UP || !pc)
		return VMI_E_STATE;
	error = initialise(cpu, start);
	if (error)
		return error;
	pc->start = *start;
	pc->vi->evtchn_upcall_mask = 1;
	__atomic_store_n(&pc->up, 1, __ATOMIC_SEQ_CST);
	if (!HYPERCALL(vcpu_op, VCPUOP_up, cpu, 0))
		return VMI_OK;
	pc->up = 0;
	return VMI_E_PERM;
}

s32 vmi_call_CPU_STATE(u32 cpu)
{
	long up = cpu < MAX_CPUS ? HYPERCALL(vcpu_op, VCPUOP_is_up, cpu, 0) : -XEN_ENOENT;

	if (up < 0)
		return VMI_E_INVAL;
	return up ? VMI_CPU_UP : VMI_CPU_DOWN;
}

static void null_segments(void)
{
	__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs" :: "r" (0));
	HYPERCALL(set_segment_base, SEGBASE_GS_USER_SEL, 0);
}

/* Roots, stack, no LDT. */
static void queue_start(struct xen_cpu *pc, const struct vmi_start *start)
{
	u64 pfn = start->root_pa >> 12;

	pc->cr3 = start->root_pa;
	batch_op(pc, MMUEXT_NEW_BASEPTR, pfn_to_mfn(pfn), 0);
	batch_op(pc, MMUEXT_NEW_USER_BASEPTR, pfn_to_mfn(pfn + 1), 0);
	batch_op(pc, MMUEXT_SET_LDT, 0, 0);
	batch_call(pc, __HYPERVISOR_stack_switch, FLAT_KERNEL_SS, start->stack);
}

/** On the CPU that comes up, on its new stack; less than 0: it cannot run. */
s32 xen_cpu_enter(void)
{
	struct physdev_set_iopl iopl = { 1 };
	struct xen_cpu *pc = this_cpu();
	const struct vmi_start *start = &pc->start;

	pc->lazy = VMI_LAZY_LEAVE;
	pc->async = 0;
	pc->lock_waits = 0;
	/* No descriptor: what is loaded first is written. */
	memset(pc->tls, 0xff, sizeof(pc->tls));
	event_drop(pc);
	if (cpu_set_traps())
		return VMI_E_PERM;
	null_segments();
	queue_start(pc, start);
	if (batch_run(pc))
		return VMI_E_PERM;
	HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, &iopl);
	HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, pc->id, 0);
	cpu_init(pc);
	return desc_load_gdt(pc, &start->gdt_pa, 1, start->gdt_entries);
}

/*
 * On the CPU that goes down. It comes back on this stack, which is somebody
 * else's by then: without entry points Xen pushes nothing on it.
 */
void xen_cpu_leave(void)
{
	struct xen_cpu *pc = this_cpu();

	pc->up = 0;
	batch_run(pc);
	HYPERCALL(vcpu_op, VCPUOP_stop_singleshot_timer, pc->id, 0);
	HYPERCALL(set_trap_table, 0);
}

/*
 * Events between processors
 */

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
		mc->args[1] = cpu;
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
void smp_register_runstate(u32 cpu, struct xen_cpu *pc)
{
	struct vcpu_register_runstate_memory_area area = { .addr.v = &pc->runstate };

	pc->stolen_before += pc->runstate.time[RUNSTATE_runnable];
	HYPERCALL(vcpu_op, VCPUOP_register_runstate_memory_area, cpu, &area);
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
