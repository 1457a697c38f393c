// SPDX-License-Identifier: MIT
/*
 * Other processors: start and stop. Xen takes a new CPU's registers once in a
 * domain's life; one that comes back goes on behind the hypercall that took it
 * down. So both ways lead through xen_cpu_enter(), which sets up what
 * VCPUOP_initialise could have, and smp.asm. Read next: smp.asm.
 */
#include "xen.h"
#include <xen/physdev.h>
#include <xen/sched.h>

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start);
s32 xen_cpu_enter(void);
void xen_cpu_leave(void);

#define IOPL_1		0x1000u		/* see INIT */

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
