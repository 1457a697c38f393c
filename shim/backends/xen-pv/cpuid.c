// SPDX-License-Identifier: MIT
/*
 * CPUID by Xen's forced emulation (the plain instruction does not trap in ring
 * 3), less what a deprivileged kernel would set up and cannot. Where the host lets
 * a CPU run changes all the time: each is a package of its own, with its number
 * as identifier.
 */
#include "xen.h"

void vmi_call_CPUID(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);

#define BIT(n)	(1u << (n))

/* Bits to clear, per leaf. */
struct mask {
	u32 leaf;
	u32 eax, ebx, ecx, edx;
};

static const struct mask masks[] = {
	/* MONITOR, EIST, PDCM, PCID, DCA, x2APIC, TSC deadline; PSE, APIC, MTRR, PGE, PSE36, ACPI, HTT, ACC */
	{ 0x00000001, 0, 0xffff0000, BIT(3) | BIT(7) | BIT(15) | BIT(17) | BIT(18) | BIT(21) | BIT(24),
	  BIT(3) | BIT(9) | BIT(12) | BIT(13) | BIT(17) | BIT(22) | BIT(28) | BIT(29) },
	/* who shares a cache, cores of a package */
	{ 0x00000004, 0xffffc000, 0, 0, 0 },
	/* MWAIT's leaf */
	{ 0x00000005, ~0u, ~0u, ~0u, ~0u },
	/* thermal; APERF/MPERF, energy bias */
	{ 0x00000006, ~0u, ~0u, BIT(0) | BIT(3), ~0u },
	/* SMEP, INVPCID, SMAP; UMIP, PKU, OSPKE, CET_SS, LA57, PKS; CET_IBT */
	{ 0x00000007, 0, BIT(7) | BIT(10) | BIT(20),
	  BIT(2) | BIT(3) | BIT(4) | BIT(7) | BIT(16) | BIT(31), BIT(20) },
	/* performance counters */
	{ 0x0000000a, ~0u, ~0u, ~0u, ~0u },
	/* topology */
	{ 0x0000000b, ~0u, ~0u, ~0u, ~0u },
	{ 0x0000001f, ~0u, ~0u, ~0u, ~0u },
	/* CmpLegacy, SVM, ExtApicSpace, IBS, OSVW, SKINIT, WDT, TOPOEXT, PerfCtrExtCore, -NB, -LLC, MWAITX; as leaf 1, 1 GiB pages */
	{ 0x80000001, 0, 0, BIT(1) | BIT(2) | BIT(3) | BIT(9) | BIT(10) | BIT(12) | BIT(13) | BIT(22) | BIT(23) |
	  BIT(24) | BIT(28) | BIT(29),
	  BIT(3) | BIT(9) | BIT(12) | BIT(13) | BIT(17) | BIT(26) },
	/* cores of a package */
	{ 0x80000008, 0, 0, 0xf0ff, 0 },
	/* who shares a cache, topology */
	{ 0x8000001d, 0x03ffc000, 0, 0, 0 },
	{ 0x8000001e, ~0u, ~0u, ~0u, ~0u },
	/* SVM's leaf, SEV's leaf */
	{ 0x8000000a, ~0u, ~0u, ~0u, ~0u },
	{ 0x8000001f, ~0u, ~0u, ~0u, ~0u },
};

void vmi_call_CPUID(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	u32 leaf = *eax, a = leaf, b, c = *ecx, d;

	__asm__ volatile("ud2; .ascii \"xen\"; cpuid" : "+a" (a), "=b" (b), "+c" (c), "=d" (d));
	for (u32 i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		const struct mask *m = &masks[i];

		if (m->leaf != leaf)
			continue;
		a &= ~m->eax;
		b &= ~m->ebx;
		c &= ~m->ecx;
		d &= ~m->edx;
	}
	if (leaf == 1)
		b |= 1 << 16 | this_cpu()->id << 24;
	*eax = a;
	*ebx = b;
	*ecx = c;
	*edx = d;
}
