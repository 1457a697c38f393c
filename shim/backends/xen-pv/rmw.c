// SPDX-License-Identifier: MIT
/*
 * Entries of live level 1 tables that are read and written in one. A plain
 * instruction would work, by a trap into Xen's emulator, which costs several
 * times a hypercall. Read next: mmu.c.
 */
#include "xen.h"

u64 vmi_call_TAKE_PTE(u64 *entry, u32 flags);
u64 vmi_call_CLEAR_PTE_BITS(u64 *entry, u64 bits, u32 flags);

/* What the entry is once all that is queued for it is done. */
static u64 read_entry(struct xen_cpu *pc, const u64 *entry)
{
	u8 flags;

	if (pc->lazy == VMI_LAZY_ENTER_MMU) {
		flags = irq_save();
		if (batch_has(pc, pa_to_ma(va_to_pa(entry))))
			pc->batch.failed = batch_run(pc);
		irq_restore(flags);
	}
	return *(const volatile u64 *)entry;
}

/*
 * Other CPUs may set accessed and dirty until the entry is not present, and Xen
 * keeps what they have set in place: they are what is left of the entry.
 */
static u64 take_shared(u64 *entry, u64 old)
{
	u64 left;

	mmu_write(entry, 0, MMU_PT_UPDATE_PRESERVE_AD);
	left = *(const volatile u64 *)entry;
	if (left)
		mmu_update_entry(entry, 0, MMU_NORMAL_PT_UPDATE);
	return old | (left & (PTE_A | PTE_D));
}

u64 vmi_call_TAKE_PTE(u64 *entry, u32 flags)
{
	u64 old = read_entry(this_cpu(), entry);

	if (old & PTE_P && !(flags & VMI_RMW_PRIVATE))
		return take_shared(entry, old);
	if (old)
		mmu_update_entry(entry, 0, MMU_NORMAL_PT_UPDATE);
	return old;
}

/*
 * Clearing accessed or dirty of an entry that others use takes an atomic
 * instruction, which Xen emulates; nothing else does it in one.
 */
u64 vmi_call_CLEAR_PTE_BITS(u64 *entry, u64 bits, u32 flags)
{
	u64 old = read_entry(this_cpu(), entry);

	if (!(old & bits))
		return old;
	if (flags & VMI_RMW_PRIVATE)
		mmu_update_entry(entry, old & ~bits, MMU_NORMAL_PT_UPDATE);
	else if (bits & (PTE_A | PTE_D))
		return __atomic_fetch_and(entry, ~bits, __ATOMIC_SEQ_CST);
	else
		mmu_update_entry(entry, old & ~bits, MMU_PT_UPDATE_PRESERVE_AD);
	return old;
}
