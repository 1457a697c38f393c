// SPDX-License-Identifier: MIT
/* A processor's own descriptor table and task segment; a stack of its own for each fault that may find none. */
#include "cpu/cpu.h"
#include "pv/pv.h"

#define STACK_BYTES	4096
#define IST_STACKS	4
#define CR4_FXSR	0x600ul		/* FXSAVE, and SSE's exceptions */
#define CR0_EM_TS	0xcul

struct cpu cpus[MAX_CPUS];
static u8 stacks[MAX_CPUS][IST_STACKS][STACK_BYTES] __attribute__((aligned(STACK_BYTES)));

struct table_register {
	u16 limit;
	u64 base;
} __attribute__((packed));

static void describe_tss(struct cpu *cpu)
{
	u64 base = (u64)&cpu->tss;

	cpu->tss.io_bitmap = sizeof(cpu->tss);
	for (int i = 0; i < IST_STACKS; i++) {
		u8 *end = stacks[cpu->number][i] + STACK_BYTES - 16;

		*(struct cpu **)end = cpu;	/* trap_on_own_stack finds it there */
		cpu->tss.ist[i] = (u64)end;
	}
	cpu->gdt[HV_TSS / 8] = (sizeof(cpu->tss) - 1) | (base & 0xffffff) << 16 | 0x89ul << 40 | (base >> 24 & 0xff) << 56;
	cpu->gdt[HV_TSS / 8 + 1] = base >> 32;
}

static void load_segments(struct cpu *cpu)
{
	struct table_register gdt = { sizeof(cpu->gdt) - 1, (u64)cpu->gdt };

	cpu->self = cpu;
	cpu->gdt[HV_CS / 8] = 0x00af9b000000ffff;
	cpu->gdt[HV_DS / 8] = 0x00cf93000000ffff;
	describe_tss(cpu);
	__asm__ volatile("lgdt %0\n"
			 "push %1\n lea 1f(%%rip), %%rax\n push %%rax\n lretq\n"
			 "1: mov %2, %%ss; mov %3, %%ds; mov %3, %%es; mov %3, %%fs; mov %3, %%gs; ltr %w4"
			 :: "m" (gdt), "i" (HV_CS), "r" (HV_DS), "r" (0), "r" (HV_TSS) : "rax", "memory");
	wrmsr(MSR_GS_BASE, (u64)cpu);
}

void processor_init(struct cpu *cpu)
{
	u64 cr;

	load_segments(cpu);
	traps_load();
	__asm__ volatile("mov %%cr4, %0" : "=r" (cr));
	__asm__ volatile("mov %0, %%cr4" :: "r" (cr | CR4_FXSR));
	__asm__ volatile("mov %%cr0, %0" : "=r" (cr));
	__asm__ volatile("mov %0, %%cr0" :: "r" (cr & ~CR0_EM_TS));
	pv_cpu_init(cpu);
}
