// SPDX-License-Identifier: MIT
/* Processor state: entry points, bases, stack, control and debug registers, ports. */
#include "xen.h"
#include <xen/callback.h>
#include <xen/nmi.h>
#include <xen/physdev.h>

u64 vmi_call_GET_DEBUGREG(int nr);
void vmi_call_SET_DEBUGREG(int nr, u64 value);
u64 vmi_call_READ_CR0(void);
void vmi_call_WRITE_CR0(u64 value);
u64 vmi_call_READ_CR4(void);
void vmi_call_WRITE_CR4(u64 value);
void vmi_call_LOAD_GS_INDEX(u32 selector);
s32 vmi_call_SET_BASE(u32 which, u64 base);
u64 vmi_call_GET_BASE(u32 which);
void vmi_call_LOAD_SP0(u64 sp0);
s32 vmi_call_SET_IO_BITMAP(const u8 *bitmap, u32 ports);
void vmi_call_WBINVD(void);
s32 vmi_call_SET_IOPL(u32 level);
u32 vmi_call_NMI_REASON(void);

#define CR0_TS		(1ull << 3)
#define TRAPS		24		/* rows of xen_trap_rows and the end mark, at most */
#define TRAP_MASK	4		/* struct trap_info: as an interrupt gate */

static u8 trap_privilege(u32 vector)
{
	return vector == 3 || vector == 4 || vector == 0x80 ? 3 : 0;
}

static long set_trap_table(void)
{
	struct trap_info traps[TRAPS] = { 0 };
	u32 n = 0;

	for (const struct xen_trap_row *r = xen_trap_rows; r < xen_trap_rows_end; r++)
		traps[n++] = (struct trap_info){ r->vector, trap_privilege(r->vector) | TRAP_MASK,
			FLAT_KERNEL_CS, (u64)&r->offset + r->offset };
	return HYPERCALL(set_trap_table, traps);
}

static long set_callback(u16 type, const char *stub)
{
	struct callback_register cb = { type, CALLBACKF_mask_events, (u64)stub };

	return HYPERCALL(callback_op, CALLBACKOP_register, &cb);
}

/** Entry points of this CPU; 0 or an error. */
int cpu_set_traps(void)
{
	/* Not every processor has these two. */
	set_callback(CALLBACKTYPE_syscall32, xen_syscall32_stub);
	set_callback(CALLBACKTYPE_sysenter, xen_sysenter32_stub);
	return set_trap_table() || set_callback(CALLBACKTYPE_event, xen_event_stub) ||
		set_callback(CALLBACKTYPE_failsafe, xen_failsafe_stub) ||
		set_callback(CALLBACKTYPE_syscall, xen_syscall64_stub);
}

/* Xen emulates these moves; CR0 is asked for once and then remembered. */
void cpu_init(struct xen_cpu *pc)
{
	__asm__ volatile("mov %%cr0, %0" : "=r" (pc->cr0));
}

u64 vmi_call_READ_CR0(void) { return this_cpu()->cr0; }

void vmi_call_WRITE_CR0(u64 value)
{
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();

	if ((pc->cr0 ^ value) & CR0_TS)
		HYPERCALL(fpu_taskswitch, !!(value & CR0_TS));
	pc->cr0 = (pc->cr0 & ~CR0_TS) | (value & CR0_TS);
	irq_restore(flags);
}

u64 vmi_call_READ_CR4(void)
{
	u64 value;

	__asm__ volatile("mov %%cr4, %0" : "=r" (value));
	return value;
}

void vmi_call_WRITE_CR4(u64 value)
{
	__asm__ volatile("mov %0, %%cr4" :: "r" (value) : "memory");
}

u64 vmi_call_GET_DEBUGREG(int nr)
{
	return HYPERCALL(get_debugreg, nr);
}

void vmi_call_SET_DEBUGREG(int nr, u64 value)
{
	HYPERCALL(set_debugreg, nr, value);
}

void vmi_call_LOAD_GS_INDEX(u32 selector)
{
	if (HYPERCALL(set_segment_base, SEGBASE_GS_USER_SEL, selector & 0xffff))
		HYPERCALL(set_segment_base, SEGBASE_GS_USER_SEL, 0);
}

static u32 segbase(u32 which)
{
	return which == VMI_BASE_FS ? SEGBASE_FS :
		which == VMI_BASE_GS_KERNEL ? SEGBASE_GS_KERNEL : SEGBASE_GS_USER;
}

s32 vmi_call_SET_BASE(u32 which, u64 base)
{
	struct xen_cpu *pc;
	u8 flags;

	if (which > VMI_BASE_GS_USER || (u64)((s64)(base << 16) >> 16) != base)
		return VMI_E_INVAL;
	/* In this order: without the kernel's base there is no block to look into. */
	if (which == VMI_BASE_GS_KERNEL || this_cpu()->lazy != VMI_LAZY_ENTER_CPU)
		return HYPERCALL(set_segment_base, segbase(which), base) ? VMI_E_INVAL : VMI_OK;
	flags = irq_save();
	pc = this_cpu();
	batch_call(pc, __HYPERVISOR_set_segment_base, segbase(which), base);
	irq_restore(flags);
	return VMI_OK;
}

/* No hypercall reads a base; Xen emulates RDMSR of these three. */
u64 vmi_call_GET_BASE(u32 which)
{
	u32 msr = which == VMI_BASE_FS ? 0xc0000100 : which == VMI_BASE_GS_KERNEL ? 0xc0000101 : 0xc0000102;
	u32 lo, hi;

	if (which > VMI_BASE_GS_USER)
		return 0;
	__asm__ volatile("rdmsr" : "=a" (lo), "=d" (hi) : "c" (msr));
	return (u64)hi << 32 | lo;
}

void vmi_call_LOAD_SP0(u64 sp0)
{
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();

	batch_call(pc, __HYPERVISOR_stack_switch, FLAT_KERNEL_SS, sp0);
	if (pc->lazy != VMI_LAZY_ENTER_CPU)
		batch_run(pc);
	irq_restore(flags);
}

s32 vmi_call_SET_IO_BITMAP(const u8 *bitmap, u32 ports)
{
	struct physdev_set_iobitmap op = { .bitmap = { (u8 *)bitmap }, .nr_ports = ports };

	if (ports > 65536)
		return VMI_E_INVAL;
	return HYPERCALL(physdev_op, PHYSDEVOP_set_iobitmap, &op) ? VMI_E_PERM : VMI_OK;
}

/* A domain without devices has nothing to write back for, and Xen refuses. */
void vmi_call_WBINVD(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_FLUSH_CACHE };

	HYPERCALL(mmuext_op, &op, 1, 0, DOMID_SELF);
}

/* Level 1 to Xen is "the kernel only": see INIT. */
s32 vmi_call_SET_IOPL(u32 level)
{
	struct physdev_set_iopl op = { level ? 3 : 1 };

	if (level && level != 3)
		return VMI_E_INVAL;
	return HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, &op) ? VMI_E_PERM : VMI_OK;
}

/* Xen notes reasons for the first domain only; taken here, they are told once. */
u32 vmi_call_NMI_REASON(void)
{
	u64 was = __atomic_exchange_n(&xen_shared->arch.nmi_reason, 0, __ATOMIC_SEQ_CST);

	return (was & XEN_NMIREASON_io_error ? VMI_NMI_IOCK : 0) |
		(was & XEN_NMIREASON_pci_serr ? VMI_NMI_SERR : 0);
}

/* There is no local APIC, FLUSH_MULTI is all of the flush, CPU_STOP all of leaving; a port that is reached is Xen's to wait for. */
VMI_NOP(PERCPU_DONE);
VMI_NOP(IRQ_EOI);
VMI_NOP(SEND_VECTOR);
VMI_NOP(FLUSH_ABSENT);
VMI_NOP(IO_DELAY);
/* Events have an entry of their own, Xen's pages are in the guest's memory, and vmi_boot has told what that is. */
VMI_NOP(EVENT_VECTOR);
VMI_NOP(HOST_PAGE);
VMI_NOP(MEMORY_MAP);
