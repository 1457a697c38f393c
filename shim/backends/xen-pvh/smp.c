// SPDX-License-Identifier: MIT
/*
 * Other processors: start and stop. Xen takes a new CPU's registers once in a
 * domain's life; one that comes back goes on behind the hypercall that took it
 * down. Both ways lead through smp.asm, which loads what struct vmi_start says.
 */
#include "xen.h"
#include <xen/hvm/hvm_vcpu.h>

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start);
void xen_cpu_enter(struct xen_cpu *pc);
struct xen_cpu *xen_cpu_leave(void);

#define MSR_EFER	0xc0000080
#define RFLAGS_FIXED	2u

static u64 read_efer(void)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (MSR_EFER));
	return (u64)high << 32 | low;
}

static void fill_context(struct vcpu_hvm_context *context, struct xen_cpu *pc)
{
	struct vcpu_hvm_x86_64 *regs = &context->cpu_regs.x86_64;

	memset(context, 0, sizeof(*context));
	context->mode = VCPU_HVM_MODE_64B;
	regs->rip = (u64)xen_cpu_stub;
	regs->rdi = (u64)pc;
	regs->rsp = pc->start.stack;
	regs->rflags = RFLAGS_FIXED;
	regs->cr3 = pc->start.root_pa;
	regs->efer = read_efer();
	__asm__ volatile("mov %%cr0, %0" : "=r" (regs->cr0));
	__asm__ volatile("mov %%cr4, %0" : "=r" (regs->cr4));
}

/* Registers of a CPU that runs for the first time; any other has its own. */
static s32 initialise(struct xen_cpu *pc)
{
	struct vcpu_hvm_context context;

	fill_context(&context, pc);
	switch (HYPERCALL(vcpu_op, VCPUOP_initialise, pc->id, &context)) {
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
		s->root_pa & ~PAGE_MASK || s->gdt_pa & ~PAGE_MASK || s->gdt_entries - 1 >= PAGE_SIZE / 8;
}

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start)
{
	struct xen_cpu *pc;
	s32 state, error;

	if (xen.stage != STAGE_RUNNING)
		return VMI_E_STATE;
	state = vmi_call_CPU_STATE(cpu);
	if (state < 0 || bad_start(start))
		return VMI_E_INVAL;
	pc = xen.cpu[cpu];
	if (state == VMI_CPU_UP || !pc)
		return VMI_E_STATE;
	pc->start = *start;
	pc->gdt = (struct table_register){ start->gdt_entries * 8 - 1, vmi_const64(DIRECT_MAP) + start->gdt_pa };
	__asm__ volatile("sidt %0" : "=m" (pc->idt));
	error = initialise(pc);
	if (error)
		return error;
	__atomic_store_n(&pc->up, 1, __ATOMIC_SEQ_CST);
	if (!HYPERCALL(vcpu_op, VCPUOP_up, cpu, 0))
		return VMI_OK;
	pc->up = 0;
	return VMI_E_PERM;
}

/** On the CPU that comes up, on its new stack and tables. */
void xen_cpu_enter(struct xen_cpu *pc)
{
	pc->lock_waits = 0;
	event_drop(pc);
	HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, pc->id, 0);
}

/** On the CPU that goes down. */
struct xen_cpu *xen_cpu_leave(void)
{
	struct xen_cpu *pc = this_cpu();

	pc->up = 0;
	HYPERCALL(vcpu_op, VCPUOP_stop_singleshot_timer, pc->id, 0);
	return pc;
}
