// SPDX-License-Identifier: MIT
/* Processor state: bases, stack, control and debug registers, ports, identification, waiting. */
#include "pv.h"

void vmi_call_CPUID(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
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
s32 vmi_call_SET_IOPL(u32 level);
void vmi_call_SAFE_HALT(void);
void vmi_call_HALT(void);
void vmi_call_CPU_STOP(void);

#define CR0_TS		(1ull << 3)

/** Back to what irq_save() found; pending events are delivered before it returns. */
void irq_restore(u8 old)
{
	u8 pending;

	barrier();
	if (old == BACKEND_FLAG_OFF)
		return;
	if (!pv_armed) {
		pv_boot_cpu.line[BACKEND_FLAG] = !BACKEND_FLAG_OFF;
		barrier();
		pending = *(volatile u8 *)&pv_boot_cpu.line[BACKEND_PENDING];
	} else {
		percpu_set(struct pv_cpu, line[BACKEND_FLAG], !BACKEND_FLAG_OFF);
		pending = percpu_get(struct pv_cpu, line[BACKEND_PENDING]);
	}
	if (pending)
		host_look();
}

void vmi_call_SAFE_HALT(void) { host_halt(); }

/* With interrupts off nothing can wake this CPU: give it back. */
void vmi_call_HALT(void)
{
	if (this_cpu()->line[BACKEND_FLAG] == BACKEND_FLAG_OFF)
		vmi_call_CPU_STOP();
	else
		host_halt();
}

/* Into a place of this CPU's, which vmihv can reach; then where the guest wants it, which may fault. */
void vmi_call_CPUID(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	u32 leaf = *eax, subleaf = *ecx, out[4];
	u8 flags = irq_save();
	struct pv_cpu *pc = this_cpu();

	host_cpuid(pc, leaf, subleaf);
	memcpy(out, pc->cpuid, sizeof(out));
	irq_restore(flags);
	*eax = out[0];
	*ebx = out[1];
	*ecx = out[2];
	*edx = out[3];
}

u64 vmi_call_READ_CR0(void) { return this_cpu()->cr0; }

void vmi_call_WRITE_CR0(u64 value)
{
	u8 flags = irq_save();
	struct pv_cpu *pc = this_cpu();

	if ((pc->cr0 ^ value) & CR0_TS)
		host_do(PV_TS, !!(value & CR0_TS), 0);
	pc->cr0 = (pc->cr0 & ~CR0_TS) | (value & CR0_TS);
	irq_restore(flags);
}

/* vmihv shows it, and keeps all of it to itself. */
u64 vmi_call_READ_CR4(void)
{
	u64 value;

	__asm__ volatile("mov %%cr4, %0" : "=r" (value));
	return value;
}

void vmi_call_WRITE_CR4(u64 value) { (void)value; }

u64 vmi_call_GET_DEBUGREG(int nr) { return host_get_debug(nr); }
void vmi_call_SET_DEBUGREG(int nr, u64 value) { host_do(PV_DEBUG, nr, value); }
void vmi_call_LOAD_GS_INDEX(u32 selector) { host_do(PV_GS_INDEX, selector & 0xffff, 0); }

s32 vmi_call_SET_BASE(u32 which, u64 base)
{
	s32 error;

	if (which > VMI_BASE_GS_USER || (u64)((s64)(base << 16) >> 16) != base)
		return VMI_E_INVAL;
	/* In this order: without the kernel's base there is no block to look into. */
	if (which == VMI_BASE_GS_KERNEL)
		error = host_do(PV_BASE, which, base);
	else
		error = pv_may_defer(VMI_LAZY_ENTER_CPU, PV_BASE, which, base);
	return error ? VMI_E_INVAL : VMI_OK;
}

u64 vmi_call_GET_BASE(u32 which)
{
	return which > VMI_BASE_GS_USER ? 0 : host_get_base(which);
}

void vmi_call_LOAD_SP0(u64 sp0)
{
	pv_may_defer(VMI_LAZY_ENTER_CPU, PV_STACK, sp0, 0);
}

s32 vmi_call_SET_IO_BITMAP(const u8 *bitmap, u32 ports)
{
	if (ports > 65536)
		return VMI_E_INVAL;
	return host_do(PV_PORTS, (u64)bitmap, ports) ? VMI_E_PERM : VMI_OK;
}

s32 vmi_call_SET_IOPL(u32 level)
{
	if (level && level != 3)
		return VMI_E_INVAL;
	return host_do(PV_IOPL, level, 0) ? VMI_E_PERM : VMI_OK;
}

/* A domain without devices has nothing to write back for, and no reason for an NMI but somebody's wish. */
VMI_NOP(WBINVD);
VMI_NOP(NMI_REASON);
