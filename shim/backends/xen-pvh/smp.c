// SPDX-License-Identifier: MIT
/*
 * Other processors: start and stop. Xen takes a new CPU's registers once in a
 * domain's life; one that comes back goes on behind the hypercall that took it
 * down. Both ways lead through smp.asm, which loads what struct vmi_start says.
 */
#include "xen.h"
#include <xen/hvm/hvm_vcpu.h>
#include <xen/sched.h>

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start);
void xen_cpu_enter(struct xen_cpu *pc);
struct xen_cpu *xen_cpu_leave(void);

#define MSR_APIC_BASE	0x1b
#define APIC_ON		0xc00u		/* and by MSRs, not in memory */
#define MSR_APIC_ICR	0x830
#define INIT_OTHERS	0xc4500u	/* INIT, to all but the one that says so */
#define MSR_EFER	0xc0000080
#define TURNS		1000
#define RFLAGS_FIXED	2u

static u64 read_msr(u32 nr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (nr));
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
	regs->efer = read_msr(MSR_EFER);
	__asm__ volatile("mov %%cr0, %0" : "=r" (regs->cr0));
	__asm__ volatile("mov %%cr4, %0" : "=r" (regs->cr4));
}

/* Registers of a CPU that runs for the first time; any other has its own, and must have them from us. */
static s32 initialise(struct xen_cpu *pc)
{
	struct vcpu_hvm_context context;

	fill_context(&context, pc);
	switch (HYPERCALL(vcpu_op, VCPUOP_initialise, pc->id, &context)) {
	case 0:
		pc->begun = 1;
		return VMI_OK;
	case -XEN_EEXIST:
		return pc->begun ? VMI_OK : VMI_E_STATE;
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

	if (xen.stage != STAGE_RUNNING || xen.is_pc)
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
	if (!HYPERCALL(vcpu_op, VCPUOP_up, pc->id, 0))
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

/*
 * Leaving
 */

static s32 write_msr(u32 nr, u64 value)
{
	s32 err = VMI_E_PERM;

	__asm__ volatile("1:\twrmsr\n\txor %0, %0\n2:\n" VMI_EXTABLE(1b, 2b)
		: "+r" (err) : "c" (nr), "a" ((u32)value), "d" ((u32)(value >> 32)) : "memory", "cc");
	return err;
}

static int another_is_up(u32 me)
{
	for (u32 id = 0; id < MAX_CPUS; id++)
		if (id != me && HYPERCALL(vcpu_op, VCPUOP_is_up, id, 0) > 0)
			return 1;
	return 0;
}

/*
 * Where one has gone down is code of ours, soon another kernel's memory. The
 * INIT of a local APIC makes it a CPU that has never run, which no hypercall
 * does; Xen has such an APIC for each, that nobody else uses here.
 */
void smp_reset_others(u32 me)
{
	u64 base = read_msr(MSR_APIC_BASE);

	if (write_msr(MSR_APIC_BASE, base | APIC_ON))
		return;
	write_msr(MSR_APIC_ICR, INIT_OTHERS);
	for (u32 i = 0; i < TURNS && another_is_up(me); i++)
		HYPERCALL(sched_op, SCHEDOP_yield, 0);
	/* the only way back leads through "off" */
	write_msr(MSR_APIC_BASE, base & ~(u64)APIC_ON);
	write_msr(MSR_APIC_BASE, base);
}
