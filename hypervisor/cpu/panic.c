// SPDX-License-Identifier: MIT
/* The end: what went wrong, where, and nothing after it. */
#include "cpu/apic.h"
#include "cpu/cpu.h"

#define STACK_WORDS	16

static struct cpu *panicked;	/* the first to do it */

void machine_stop(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

bool panic_elsewhere(void)
{
	return panicked && panicked != this_cpu();
}

/* From here on no other processor does anything. Before there is a GS base there is no other either. */
static void stop_others(void)
{
	struct cpu *nobody = NULL;

	__asm__ volatile("cli");
	if (!rdmsr(MSR_GS_BASE))
		return;
	if (__atomic_compare_exchange_n(&panicked, &nobody, this_cpu(), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		apic_stop_others();
	else if (panic_elsewhere())
		machine_stop();
}

void panic(const char *format, ...)
{
	char line[200];
	va_list args;

	stop_others();
	va_start(args, format);
	text_vprint(line, sizeof(line), format, args);
	va_end(args);
	print("vmihv! panic: %s\n", line);
	machine_stop();
}

static void print_registers(const struct trap_frame *f)
{
	print("rip %016lx  rsp %016lx  rflags %lx\n", f->rip, f->rsp, f->rflags);
	print("rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx\n", f->rax, f->rbx, f->rcx, f->rdx);
	print("rsi %016lx  rdi %016lx  rbp %016lx  r8  %016lx\n", f->rsi, f->rdi, f->rbp, f->r8);
	print("r9  %016lx  r10 %016lx  r11 %016lx  r12 %016lx\n", f->r9, f->r10, f->r11, f->r12);
	print("r13 %016lx  r14 %016lx  r15 %016lx\n", f->r13, f->r14, f->r15);
}

static void print_control(void)
{
	u64 cr0, cr2, cr3, cr4;

	__asm__ volatile("mov %%cr0, %0; mov %%cr2, %1; mov %%cr3, %2; mov %%cr4, %3"
			 : "=r" (cr0), "=r" (cr2), "=r" (cr3), "=r" (cr4));
	print("cr0 %lx  cr2 %lx  cr3 %lx  cr4 %lx\n", cr0, cr2, cr3, cr4);
}

/* Only as far as the page goes: the next may not be there. */
static void print_stack(u64 rsp)
{
	const u64 *word = (const u64 *)(rsp & ~7ul);

	for (int i = 0; i < STACK_WORDS; i++, word++) {
		print(" %016lx%s", *word, i % 4 == 3 ? "\n" : "");
		if (!((u64)(word + 1) % PAGE_SIZE))
			break;
	}
	print("\n");
}

void panic_trap(const struct trap_frame *f)
{
	stop_others();
	print_registers(f);
	print_control();
	if (f->rsp >> 47 == 0x1ffff)
		print_stack(f->rsp);
	panic("exception %lu, code %lx, at %lx", f->vector, f->code, f->rip);
}
