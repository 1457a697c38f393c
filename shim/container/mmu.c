// SPDX-License-Identifier: MIT
/* Page tables that the processor walks as they stand. */
#include "container.h"

#define PTE_ACCESSED_DIRTY	0x60u
#define CR4_PGE			0x80u

NATIVE(SET_PTE, void, u64 *entry, u64 value)
{
	*(volatile u64 *)entry = value;
}

NATIVE(SET_PMD, void, u64 *entry, u64 value)
{
	*(volatile u64 *)entry = value;
}

NATIVE(SET_PUD, void, u64 *entry, u64 value)
{
	*(volatile u64 *)entry = value;
}

/* No companion: the guest keeps its own user root where it has one. */
NATIVE(SET_P4D, void, u64 *entry, u64 value)
{
	*(volatile u64 *)entry = value;
}

NATIVE(PROT_COMMIT, void, u64 *entry, u64 value)
{
	u64 old = *(volatile u64 *)entry;

	while (!__atomic_compare_exchange_n(entry, &old, value | (old & PTE_ACCESSED_DIRTY), 0,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

NATIVE(TAKE_PTE, u64, u64 *entry, u32 flags)
{
	(void)flags;
	return __atomic_exchange_n(entry, 0, __ATOMIC_SEQ_CST);
}

NATIVE(CLEAR_PTE_BITS, u64, u64 *entry, u64 bits, u32 flags)
{
	(void)flags;
	return __atomic_fetch_and(entry, ~bits, __ATOMIC_SEQ_CST);
}

NATIVE(SET_PTE_AT, void, u64 *entry, u64 value, u64 va)
{
	(void)va;
	*(volatile u64 *)entry = value;
}

NATIVE(ADD_TABLES, s32, const struct vmi_table *tables, u32 count)
{
	(void)tables, (void)count;
	return VMI_OK;
}

NATIVE(REMOVE_TABLES, s32, const struct vmi_table *tables, u32 count)
{
	(void)tables, (void)count;
	return VMI_OK;
}

NATIVE(WRITE_CR2, void, u64 value)
{
	__asm__ volatile("mov %0, %%cr2" :: "r" (value) : "memory");
}

NATIVE(WRITE_CR3, void, u64 value)
{
	__asm__ volatile("mov %0, %%cr3" :: "r" (value & ~UINT64_C(0xfff)) : "memory");
}

NATIVE(FLUSH_USER, void, void)
{
	u64 cr3;

	__asm__ volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r" (cr3) :: "memory");
}

/* A change of CR4.PGE flushes everything, global or not. */
NATIVE(FLUSH_KERNEL, void, void)
{
	u64 cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r" (cr4));
	__asm__ volatile("mov %0, %%cr4; mov %1, %%cr4" :: "r" (cr4 ^ CR4_PGE), "r" (cr4) : "memory");
}

/* Nothing is ever deferred. */
VMI_NOP(LAZY_MODE);
