// SPDX-License-Identifier: MIT
/*
 * CPUID as a guest sees it: what is kept by the masks below, and the leaves that
 * say what it runs on. What is not named here is hidden.
 */
#include "container/container.h"
#include "cpu/clock.h"
#include "cpu/cpu.h"
#include "hypercall/abi.h"
#include "vmihv/found.h"

#define MAX_BASIC	0xdu
#define MAX_EXTENDED	0x80000008u
#define HYPERVISOR	(1u << 31)

/* SSE3 PCLMUL SSSE3 CX16 SSE4.1 SSE4.2 MOVBE POPCNT AES RDRAND */
#define KEEP_1_ECX	0x42d82203u
/* all but the local APIC, MTRRs, and machine checks' and others' registers that nobody keeps here */
#define KEEP_1_EDX	0x078bed7fu
/* FSGSBASE BMI1 SMEP BMI2 ERMS INVPCID RDSEED ADX SMAP CLFLUSHOPT CLWB */
#define KEEP_7_EBX	0x019c0789u
/* LAHF ABM SSE4A misaligned SSE, prefetch */
#define KEEP_EXT_ECX	0x000001e1u
/* SYSCALL NX MMX 1 GiB pages and long mode, and the copies of leaf 1 */
#define KEEP_EXT_EDX	0x2593ed7fu

/** A leaf that is passed on: its masks for EAX to EDX. */
static const struct leaf {
	u32 leaf, keep[4];
} leaves[] = {
	{ 0x00000001, { ~0u, 0x0000ffff, KEEP_1_ECX, KEEP_1_EDX } },
	{ 0x00000002, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x00000007, { 0, KEEP_7_EBX, 0, 0 } },
	{ 0x80000001, { ~0u, ~0u, KEEP_EXT_ECX, KEEP_EXT_EDX } },
	{ 0x80000002, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x80000003, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x80000004, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x80000005, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x80000006, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x80000008, { ~0u, 0, 0, 0 } },
};

/** What a kernel without ring 0 would set up and cannot. */
static const struct leaf not_in_ring3[] = {
	/* PSE, SEP, MTRR, PGE, PAT, PSE36 */
	{ 0x00000001, { 0, 0, 0, 1u << 3 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 16 | 1u << 17 } },
	/* FSGSBASE, SMEP, INVPCID, SMAP */
	{ 0x00000007, { 0, 1u << 0 | 1u << 7 | 1u << 10 | 1u << 20, 0, 0 } },
	/* the same again, and pages of 1 GiB */
	{ 0x80000001, { 0, 0, 0, 1u << 3 | 1u << 12 | 1u << 13 | 1u << 16 | 1u << 17 | 1u << 26 } },
};

static void passed_on(u32 leaf, u32 subleaf, u32 out[4])
{
	for (const struct leaf *l = leaves; l < leaves + ARRAY_SIZE(leaves); l++) {
		if (l->leaf != leaf || (leaf == 7 && subleaf))
			continue;
		cpuid(leaf, subleaf, out);
		for (int i = 0; i < 4; i++)
			out[i] &= l->keep[i];
	}
	if (leaf == 1)
		out[2] |= HYPERVISOR;
}

static void without_ring0(u32 leaf, u32 out[4])
{
	for (const struct leaf *l = not_in_ring3; l < not_in_ring3 + ARRAY_SIZE(not_in_ring3); l++)
		for (int i = 0; i < 4 && l->leaf == leaf; i++)
			out[i] &= ~l->keep[i];
}

static void own(const struct vcpu *v, u32 leaf, u32 out[4])
{
	if (leaf == VMIHV_LEAF) {
		out[0] = VMIHV_LEAF_MEMORY;
		out[1] = VMIHV_NAME_EBX;
		out[2] = VMIHV_NAME_ECX;
		out[3] = VMIHV_NAME_EDX;
	} else if (leaf == VMIHV_LEAF_MEMORY) {
		out[0] = guest_memory_bytes(&v->domain->memory) / PAGE_SIZE;
		out[1] = v->domain->number;
	} else {
		out[0] = v->domain->abi->version;
		out[1] = VMIHV_VERSION;
		out[2] = v->domain->config->vcpus;
		out[3] = clock_scale.khz;
	}
}

void guest_cpuid(struct vcpu *v)
{
	u32 leaf = v->regs.rax, out[4] = { 0 };

	if (leaf == 0 || leaf == 0x80000000) {
		cpuid(leaf, 0, out);
		if (out[0] > (leaf ? MAX_EXTENDED : MAX_BASIC))
			out[0] = leaf ? MAX_EXTENDED : MAX_BASIC;
	} else if (leaf >= VMIHV_LEAF && leaf <= VMIHV_LEAF_MEMORY) {
		own(v, leaf, out);
	} else {
		passed_on(leaf, v->regs.rcx, out);
		if (!(v->domain->features & VMI_FEAT_HW_CONTAINER))
			without_ring0(leaf, out);
		if (leaf == 1)
			out[1] |= v->number << 24;	/* its APIC ID */
	}
	v->regs.rax = out[0];
	v->regs.rbx = out[1];
	v->regs.rcx = out[2];
	v->regs.rdx = out[3];
}
