// SPDX-License-Identifier: MIT
/* User mode, for the calls whose effect is seen there only. */
#include "conform.h"

#define USER_STACK	(USER_CODE + 2 * PAGE)
#define FLAGS		0x203ul		/* interrupts on, carry */

static struct frame last;
static uint64_t last_end;		/* address behind the frame */
static uint64_t irq_in_kernel;

/* Whatever entered: note it, and go on in the kernel behind user_enter(). */
void user_trap(struct frame *f)
{
	last = *f;
	last_end = (uint64_t)(f + 1);
	irq_in_kernel = CALL(IRQ_SAVE, uint64_t, void)() & VMI_IRQ_FLAG;
	f->rip = (uint64_t)user_return;
	f->cs = 0x08;
	f->ss = 0x10;
	f->rflags = 2;
	f->rsp = user_kernel_rsp;
}

/* Bare hardware finds the kernel's stack in a task segment, which nothing else here needs. */
static void need_task_segment(void)
{
	static uint32_t tss[26];
	static int done;
	uint64_t base = (uint64_t)tss;

	if (deprivileged || done)
		return;
	done = 1;
	tss[25] = sizeof(tss) << 16;	/* no I/O bitmap */
	write_gdt(8, (sizeof(tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56);
	write_gdt(9, base >> 32);
	__asm__ volatile("ltr %w0" :: "r" (8 * 8));
}

const struct frame *user_run(const void *code, uint32_t bytes, const char **why)
{
	const char *end;

	*why = load_gdt() ? "LOAD_GDT fails" : user_map(code, bytes);
	if (*why)
		return NULL;
	need_task_segment();
	user_enter(USER_CODE, FLAGS, USER_STACK);
	end = user_unmap();
	*why = last.code && last.nr == VMI_ENTRY_PF ? "user mode faults on its own memory" : end;
	return &last;
}

static const char *check_entry(uint32_t nr, uint64_t rip)
{
	EXPECT(last.nr == nr, "user mode ends by another entry");
	EXPECT(last.cs == 0x23 && last.ss == 0x1b, "the frame has other selectors than the guest's");
	EXPECT(last.rip == rip && last.rsp == USER_STACK, "the frame has another RIP or RSP");
	EXPECT((last.rflags & FLAGS) == FLAGS, "the frame has other flags");
	EXPECT(last.rbx == 0x5a5a, "a register is lost on the way");
	EXPECT(!irq_in_kernel, "interrupts are on at the entry");
	return NULL;
}

static const uint8_t ud2[] = { 0x0f, 0x0b };
static const uint8_t system_call[] = { 0x0f, 0x05 };

const char *user_enters_on(uint64_t sp0)
{
	const char *why = NULL;

	need_task_segment();
	CALL(LOAD_SP0, void, uint64_t)(sp0);
	user_run(ud2, sizeof(ud2), &why);
	why = why ? why : check_entry(VMI_ENTRY_UD, USER_CODE);
	EXPECT(why || last_end == sp0, "the entry is on another stack");
	return why;
}

const char *user_round_trip(void)
{
	const char *why = NULL;

	user_run(ud2, sizeof(ud2), &why);
	why = why ? why : check_entry(VMI_ENTRY_UD, USER_CODE);
	if (why || !deprivileged)
		return why;
	user_run(system_call, sizeof(system_call), &why);
	why = why ? why : check_entry(VMI_ENTRY_SYSCALL64, USER_CODE + 2);
	EXPECT(why || (last.rcx == last.rip && (last.r11 & FLAGS) == FLAGS), "RCX and R11 are not RIP and RFLAGS");
	return why;
}
