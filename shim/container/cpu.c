// SPDX-License-Identifier: MIT
/* Processor state, each call as the instruction it stands for. Read next: mmu.c. */
#include "container.h"

#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102

NATIVE(SAFE_HALT, void, void)
{
	__asm__ volatile("sti; hlt" ::: "memory");
}

NATIVE(HALT, void, void)
{
	__asm__ volatile("hlt" ::: "memory");
}

NATIVE(CPUID, void, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	__asm__ volatile("cpuid" : "=a" (*eax), "=b" (*ebx), "=c" (*ecx), "=d" (*edx)
		: "a" (*eax), "c" (*ecx));
}

#define READ_DR(nr) case nr: __asm__ volatile("mov %%db" #nr ", %0" : "=r" (value)); break
#define WRITE_DR(nr) case nr: __asm__ volatile("mov %0, %%db" #nr :: "r" (value)); break

NATIVE(GET_DEBUGREG, u64, int nr)
{
	u64 value = 0;

	switch (nr) {
	READ_DR(0); READ_DR(1); READ_DR(2); READ_DR(3); READ_DR(6); READ_DR(7);
	}
	return value;
}

NATIVE(SET_DEBUGREG, void, int nr, u64 value)
{
	switch (nr) {
	WRITE_DR(0); WRITE_DR(1); WRITE_DR(2); WRITE_DR(3); WRITE_DR(6); WRITE_DR(7);
	}
}

NATIVE(READ_CR0, u64, void)
{
	u64 value;

	__asm__ volatile("mov %%cr0, %0" : "=r" (value));
	return value;
}

NATIVE(WRITE_CR0, void, u64 value)
{
	__asm__ volatile("mov %0, %%cr0" :: "r" (value) : "memory");
}

NATIVE(READ_CR4, u64, void)
{
	u64 value;

	__asm__ volatile("mov %%cr4, %0" : "=r" (value));
	return value;
}

NATIVE(WRITE_CR4, void, u64 value)
{
	__asm__ volatile("mov %0, %%cr4" :: "r" (value) : "memory");
}

/** What LGDT and SGDT read and write. */
struct table_register {
	u16 limit;
	u64 base;
} __attribute__((packed));

static u64 *at_pa(u64 pa)
{
	return (u64 *)(vmi_const64(DIRECT_MAP) + pa);
}

/* The processor wants one linear range; the direct map is one where frames follow each other. */
NATIVE(LOAD_GDT, s32, const u64 *frames, u32 entries)
{
	struct table_register r = { entries * 8 - 1, 0 };
	u32 i;

	if (!entries || entries > 8192)
		return VMI_E_INVAL;
	r.base = (u64)at_pa(frames[0]);
	for (i = 1; i * 512 < entries; i++)
		if (frames[i] != frames[0] + i * 4096)
			return VMI_E_INVAL;
	__asm__ volatile("lgdt %0" :: "m" (r) : "memory");
	return VMI_OK;
}

static s32 write_descriptor(u64 pa, u64 descriptor)
{
	if (pa & 7)
		return VMI_E_INVAL;
	*(volatile u64 *)at_pa(pa) = descriptor;
	return VMI_OK;
}

NATIVE(WRITE_GDT_ENTRY, s32, u64 pa, u64 descriptor)
{
	return write_descriptor(pa, descriptor);
}

NATIVE(WRITE_LDT_ENTRY, s32, u64 pa, u64 descriptor)
{
	return write_descriptor(pa, descriptor);
}

NATIVE(LOAD_TLS, void, u64 pa, const u64 *descriptors)
{
	for (int i = 0; i < 3; i++)
		at_pa(pa)[i] = descriptors[i];
}

/* Pages of an LDT need no care: the processor only reads them. */
VMI_NOP(PROTECT_LDT);

static s32 base_msr(u32 which)
{
	static const u32 msr[] = { MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE };

	return which < sizeof(msr) / sizeof(msr[0]) ? (s32)msr[which] : 0;
}

NATIVE(SET_BASE, s32, u32 which, u64 base)
{
	if (!base_msr(which) || (s64)(base << 16) >> 16 != (s64)base)
		return VMI_E_INVAL;
	__asm__ volatile("wrmsr" :: "c" (base_msr(which)), "a" ((u32)base), "d" ((u32)(base >> 32)) : "memory");
	return VMI_OK;
}

NATIVE(GET_BASE, u64, u32 which)
{
	u32 low, high;

	if (!base_msr(which))
		return 0;
	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (base_msr(which)));
	return (u64)high << 32 | low;
}

/* The task register says which descriptor, and that where the TSS is. */
NATIVE(LOAD_SP0, void, u64 sp0)
{
	struct table_register gdt;
	u64 *d, tss;
	u16 tr;

	__asm__ volatile("str %0; sgdt %1" : "=r" (tr), "=m" (gdt));
	if (!tr)
		return;
	d = (u64 *)(gdt.base + (tr & ~7));
	tss = (d[0] >> 16 & 0xffffff) | (d[0] >> 56) << 24 | d[1] << 32;
	memcpy((void *)(tss + 4), &sp0, sizeof(sp0));
}
