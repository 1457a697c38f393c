// SPDX-License-Identifier: MIT
/*
 * A ROM knows its host by its own detect(), which looks at the processor alone.
 * Here it runs in a process of its own that has nothing: no files, no system
 * calls, one instruction at a time. We answer in the processor's place.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vmi/loader.h>

#include "probe.h"

#define STEPS_MOST	100000u
#define STACK_SIZE	0x4000u		/* a call uses at most 2 KiB */
#define RETURN_TO	0u		/* where no code is */

/* Text, data and stack of one ROM, at addresses that the child has too. */
struct arena {
	uint8_t *text, *data, *stack;
	size_t size;
};

static int arena_make(struct arena *a, const struct blob *rom, struct why *why)
{
	struct vmi_rom_place place = { .text_size = VMI_ROM_MAX_SIZE, .data_size = VMI_ROM_MAX_DATA };
	const struct vmi_guest guest = {
		.magic = VMI_MAGIC_GUEST, .version = VMI_STRUCT_VERSION, .size = sizeof(guest),
	};
	int bad;

	a->size = VMI_ROM_MAX_SIZE + VMI_ROM_MAX_DATA + STACK_SIZE;
	a->text = mmap(NULL, a->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (a->text == MAP_FAILED)
		return refuse(why, "there is no memory to ask it: %s", strerror(errno));
	place.text = a->text;
	place.data = a->data = a->text + VMI_ROM_MAX_SIZE;
	a->stack = a->data + VMI_ROM_MAX_DATA;
	place.text_va = (uintptr_t)place.text;
	place.data_va = (uintptr_t)place.data;
	bad = vmi_rom_place(rom->data, &place);
	if (!bad)
		bad = vmi_rom_fixup(&place, &guest, 1);
	if (bad)
		return refuse(why, "%s", vmi_rom_reason(bad));
	if (mprotect(a->text, VMI_ROM_MAX_SIZE, PROT_READ | PROT_EXEC))
		return refuse(why, "this machine does not let it run: %s", strerror(errno));
	return 0;
}

static void __attribute__((noreturn)) be_stepped(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	_exit(1);
}

static uint64_t *reg(struct user_regs_struct *r, unsigned int number)
{
	unsigned long long *const regs[16] = {
		&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
		&r->r8, &r->r9, &r->r10, &r->r11, &r->r12, &r->r13, &r->r14, &r->r15,
	};

	return (uint64_t *)regs[number];
}

/* A leaf that was not seen is answered with zeros. */
static void answer_cpuid(const struct probe *probe, bool forced, struct user_regs_struct *r)
{
	const struct cpuid_row *row = cpuid_find(&probe->cpuid, r->rax, forced), none = { 0 };

	row = row ? row : &none;
	r->rax = row->eax;
	r->rbx = row->ebx;
	r->rcx = row->ecx;
	r->rdx = row->edx;
}

/* "mov %cs, register": how many bytes it has, or 0. */
static size_t answer_cs(const struct probe *probe, const uint8_t *code, struct user_regs_struct *r)
{
	size_t at = *code == 0x66;
	bool word = at;
	unsigned int high = 0;
	uint64_t *to;

	if ((code[at] & 0xf0) == 0x40)
		high = (code[at++] & 1) << 3;
	if (code[at] != 0x8c || (code[at + 1] & 0xf8) != 0xc8)
		return 0;
	to = reg(r, (code[at + 1] & 7) | high);
	*to = word ? (*to & ~UINT64_C(0xffff)) | probe->kernel_cs : probe->kernel_cs;
	return at + 2;
}

/* What the processor would say: how many bytes of code that was, or 0 for an instruction that may just run. */
static size_t answer(const struct probe *probe, const uint8_t *code, struct user_regs_struct *r)
{
	static const uint8_t forced[] = { 0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2 };

	if (!memcmp(code, forced, sizeof(forced)) && cpuid_find(&probe->cpuid, 1, true)) {
		answer_cpuid(probe, true, r);
		return sizeof(forced);
	}
	if (code[0] == 0x0f && code[1] == 0xa2) {
		answer_cpuid(probe, false, r);
		return 2;
	}
	return answer_cs(probe, code, r);
}

/* One instruction; a system call is not made. */
static int step(pid_t child, struct user_regs_struct *r, struct why *why)
{
	int status;

	if (ptrace(PTRACE_SYSEMU_SINGLESTEP, child, NULL, NULL) || waitpid(child, &status, 0) != child ||
	    !WIFSTOPPED(status))
		return refuse(why, "it cannot be asked: %s", strerror(errno));
	if (WSTOPSIG(status) == (SIGTRAP | 0x80))
		return refuse(why, "its detect() makes a system call");
	if (WSTOPSIG(status) != SIGTRAP)
		return refuse(why, "its detect() ends with signal %d", WSTOPSIG(status));
	return ptrace(PTRACE_GETREGS, child, NULL, r) ? refuse(why, "it cannot be asked: %s", strerror(errno)) : 0;
}

static int run(const struct probe *probe, const struct arena *a, pid_t child, struct user_regs_struct *r, struct why *why)
{
	const struct vmi_rom_header *h = vmi_rom_header(a->text);
	const uint64_t code = (uintptr_t)a->text + h->code_offset;

	for (unsigned int steps = 0; steps < STEPS_MOST; steps++) {
		size_t known;

		if (r->rip == RETURN_TO)
			return 0;
		if (r->rip - code >= h->code_size)
			return refuse(why, "its detect() leaves its own code");
		/* the longest that is looked at is far smaller than what follows the text */
		known = answer(probe, (uint8_t *)(uintptr_t)r->rip, r);
		r->rip += known;
		if (known ? ptrace(PTRACE_SETREGS, child, NULL, r) : step(child, r, why))
			return refuse(why, "it cannot be asked: %s", strerror(errno));
	}
	return refuse(why, "its detect() does not end");
}

/* The stack is all zeros: so is the return address. */
static int start(const struct arena *a, pid_t child, struct user_regs_struct *r, struct why *why)
{
	int status;

	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD)) ||
	    ptrace(PTRACE_GETREGS, child, NULL, r))
		return refuse(why, "it cannot be asked: %s", strerror(errno));
	*r = (struct user_regs_struct){
		.rip = (uintptr_t)a->text + vmi_rom_header(a->text)->detect_offset,
		.rsp = (uintptr_t)a->stack + STACK_SIZE - 24,
		.cs = r->cs, .ss = r->ss, .eflags = 2, .orig_rax = -1, .fs_base = r->fs_base,
	};
	return ptrace(PTRACE_SETREGS, child, NULL, r) ? refuse(why, "it cannot be asked: %s", strerror(errno)) : 0;
}

static int ask(const struct probe *probe, const struct arena *a, uint32_t *bid, struct why *why)
{
	struct user_regs_struct r;
	pid_t child = fork();
	int err;

	if (child < 0)
		return refuse(why, "it cannot be asked: %s", strerror(errno));
	if (!child)
		be_stepped();
	err = start(a, child, &r, why) || run(probe, a, child, &r, why);
	*bid = r.rax;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return err ? -1 : 0;
}

int probe_bid(const struct probe *probe, const struct blob *rom, uint32_t *bid, struct why *why)
{
	struct arena a;
	int err = arena_make(&a, rom, why);

	*bid = 0;
	if (!err)
		err = ask(probe, &a, bid, why);
	if (a.text != MAP_FAILED)
		munmap(a.text, a.size);
	return err;
}
