// SPDX-License-Identifier: MIT
/* Hostile steps: ways into the kernel and out of it, with flags, frames and registers that nobody sane has. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "hostile.h"

#define FLAG_TF		0x100ul
#define FLAG_DF		0x400ul
static const uint64_t odd_flags[] = {
	0, FLAG_TF, FLAG_DF, FLAG_TF | FLAG_DF, 0x3000, 0x4000, 0x4100, 0x10000, 0x20000,
	0x40000, 0x40100, 0x180000, 0x200000, 0xed7, 0x3fffff, ~0ul,
};

/* getpid() by each way in, in 64 and in 32 bits; each twice, with a switch in between. */
static const struct { int wide; size_t size; const char *code; } ways[] = {
#define WAY(wide, bytes) { wide, sizeof(bytes) - 1, bytes }
	WAY(1, "\x53\x9d\x0f\x05\x0f\x05\xfc\x31\xff\xb8\x3c\0\0\0\x0f\x05"),	/* push %rbx; popf; syscall */
	WAY(1, "\x53\x9d\xcd\x80\xcd\x80\xfc\x31\xff\xb8\x3c\0\0\0\x0f\x05"),	/* int $0x80 */
	WAY(1, "\x53\x9d\x0f\x34\x0f\x0b"),					/* sysenter */
	WAY(1, "\x53\x9d\xcc\xf1\x0f\x0b"),					/* int3, icebp */
	WAY(0, "\x53\x9d\xcd\x80\xcd\x80\xfc\xb8\x01\0\0\0\xcd\x80"),		/* 32 bits: int $0x80 */
	WAY(0, "\x53\x89\xe5\x9d\x0f\x34\x0f\x0b"),				/* sysenter */
	WAY(0, "\x53\x89\xe5\x9d\x0f\x05\x0f\x05\xfc\x0f\x0b"),			/* syscall */
	WAY(0, "\x53\x9d\xcc\xce\xf1\x0f\x0b"),
	WAY(0, "\x53\x9d\x9a\0\0\0\0\x07\0"),					/* lcall $7 */
	WAY(0, "\x53\x9d\xcf"),							/* iret */
};

static void ignore(int nr)
{
	(void)nr;
}

/* SIGTRAP at each step costs a signal and goes on. */
static void ignore_traps(void)
{
	struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_NODEFER };

	sigaction(SIGTRAP, &action, NULL);
}

static void enter(unsigned int nr)
{
	unsigned int i = nr % COUNT(ways);
	uint64_t flags = odd_flags[nr / COUNT(ways)];
	char *page = low_code(ways[i].code, ways[i].size);

	if (ways[i].wide)
		asm volatile("mov %0, %%rsp; jmp *%1" : : "r" (page + 8000), "r" (page),
			     "b" (flags), "a" (SYS_sched_yield) : "memory");
	asm volatile("mov %0, %%rsp; push $0x23; push %1; lretq" : : "S" (page + 8000), "D" (page),
		     "b" (flags), "a" (158) : "memory");
	__builtin_unreachable();
}

static void try_entries(unsigned int nr)
{
	enter(nr);
}

static void try_entries_traced(unsigned int nr)
{
	ignore_traps();
	enter(nr);
}

/* The kernel must not run with the direction flag of a system call: many switches show it. */
static void try_direction(unsigned int nr)
{
	for (int i = 0; i < 300; i++) {
		long result = nr ? 158 : SYS_sched_yield;

		if (nr)
			asm volatile("std; int $0x80; cld" : "+a" (result) : : "memory", "cc", "r8", "r9", "r10", "r11");
		else
			asm volatile("std; syscall; cld" : "+a" (result) : : "rcx", "r11", "memory", "cc");
		if (result && result != -ENOSYS)
			gone(1);
		if (i % 30 == 0 && !fork())
			gone(0);
	}
	while (wait(NULL) > 0)
		;
}

/* What sigreturn is given: a place of the frame, and a value. */
static unsigned int wish;

static void set_selectors(greg_t *r, uint64_t cs, uint64_t ss)
{
	r[REG_CSGSFS] = (r[REG_CSGSFS] & 0x0000ffffffff0000) | cs | ss << 48;
}

#define FRAMES	(2 * ODD_SELECTORS + 2 * ODD_ADDRESSES + COUNT(odd_flags))

static void change_frame(int sig, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	unsigned int i = wish;

	(void)sig;
	(void)info;
	if (i < ODD_SELECTORS)
		set_selectors(r, odd_selector[i], 0x2b);
	else if ((i -= ODD_SELECTORS) < ODD_SELECTORS)
		set_selectors(r, 0x33, odd_selector[i]);
	else if ((i -= ODD_SELECTORS) < ODD_ADDRESSES)
		r[REG_RIP] = odd_address[i];
	else if ((i -= ODD_ADDRESSES) < ODD_ADDRESSES)
		r[REG_RSP] = odd_address[i];
	else
		r[REG_EFL] = odd_flags[i - ODD_ADDRESSES];
}

static void try_sigreturn(unsigned int nr)
{
	struct sigaction action = { .sa_sigaction = change_frame, .sa_flags = SA_SIGINFO };

	wish = nr;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	syscall(SYS_sched_yield);
}

/* Signals for a process whose stack is anywhere. */
static void try_signal_stack(unsigned int nr)
{
	stack_t stack = { .ss_sp = (void *)odd_address[nr % ODD_ADDRESSES], .ss_size = 65536 };
	struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_ONSTACK };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	if (nr < ODD_ADDRESSES)
		sigaltstack(&stack, NULL);
	else
		asm volatile("mov %0, %%rsp" : : "r" (stack.ss_sp));
	asm volatile("syscall; movq $0, 0; ud2" : : "a" (SYS_tkill), "D" (getpid()), "S" (SIGUSR1) : "rcx", "r11", "memory");
}

static pid_t start_traced(void)
{
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		for (int i = 0; i < 50; i++)
			syscall(SYS_sched_yield);
		gone(0);
	}
	waitpid(pid, NULL, 0);
	return pid;
}

static const size_t user_fields[] = {
	offsetof(struct user, regs.cs), offsetof(struct user, regs.ss), offsetof(struct user, regs.ds),
	offsetof(struct user, regs.es), offsetof(struct user, regs.fs), offsetof(struct user, regs.gs),
	offsetof(struct user, regs.rip), offsetof(struct user, regs.rsp), offsetof(struct user, regs.eflags),
	offsetof(struct user, regs.fs_base), offsetof(struct user, regs.gs_base),
	offsetof(struct user, regs.orig_rax), offsetof(struct user, u_debugreg[0]),
	offsetof(struct user, u_debugreg[6]), offsetof(struct user, u_debugreg[7]),
};

static uint64_t poke_value(unsigned int field, unsigned int i)
{
	if (field < 6)
		return odd_selector[i % ODD_SELECTORS];
	return field == 8 ? odd_flags[i % COUNT(odd_flags)] : odd_address[i % ODD_ADDRESSES];
}

/* Each value that the kernel takes is also run with. */
static void try_poke(unsigned int field)
{
	unsigned int values = field < 6 ? ODD_SELECTORS : ODD_ADDRESSES;

	for (unsigned int i = 0; i < values; i++) {
		pid_t pid = start_traced();
		int how = i & 1 ? PTRACE_CONT : PTRACE_SINGLESTEP;

		ptrace(PTRACE_POKEUSER, pid, user_fields[field], poke_value(field, i));
		ptrace(how, pid, 0, 0);
		waitpid(pid, NULL, 0);
		kill(pid, SIGKILL);
		ptrace(PTRACE_CONT, pid, 0, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

/* Rubbish for floating point state, in both forms. */
static void try_poke_float(unsigned int nr)
{
	static unsigned char state[4096];
	struct iovec iov = { state, sizeof(state) };
	pid_t pid = start_traced();

	memset(state, nr * 37, sizeof(state));
	if (nr & 1)
		ptrace(PTRACE_SETFPREGS, pid, 0, state);
	else
		ptrace(PTRACE_SETREGSET, pid, 0x202, &iov);
	ptrace(PTRACE_CONT, pid, 0, 0);
	waitpid(pid, NULL, 0);
	kill(pid, SIGKILL);
}

/* A data breakpoint on what MOV SS reads fires behind the instruction after it. */
static void try_mov_ss(unsigned int nr)
{
	static uint16_t ss = 0x2b;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		switch (nr) {
		case 0: asm volatile("mov %0, %%ss; syscall" : : "m" (ss), "a" (SYS_getpid) : "rcx", "r11"); break;
		case 1: asm volatile("mov %0, %%ss; int $0x80" : : "m" (ss), "a" (20)); break;
		case 2: asm volatile("mov %0, %%ss; int3" : : "m" (ss)); break;
		case 3: asm volatile("mov %0, %%ss; .byte 0xf1" : : "m" (ss)); break;
		case 4: asm volatile("mov %0, %%ss; ud2" : : "m" (ss)); break;
		case 5: asm volatile("mov %0, %%ss; sysenter" : : "m" (ss)); break;
		case 6: asm volatile("mov %0, %%ss; int $1" : : "m" (ss)); break;
		case 7: asm volatile("mov %0, %%ss; movb $0, 0" : : "m" (ss)); break;
		}
		gone(0);
	}
	waitpid(pid, NULL, 0);
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]), &ss);
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 0x70001);
	for (int i = 0, status = 0; i < 5 && !ptrace(PTRACE_CONT, pid, 0, 0); i++)
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return;
	kill(pid, SIGKILL);
}

const struct step entry_steps[] = {
	{ "direction", try_direction, 2 },
	{ "entries", try_entries, COUNT(ways) * COUNT(odd_flags) },
	{ "entries-stepped", try_entries_traced, COUNT(ways) * COUNT(odd_flags) },
	{ "sigreturn", try_sigreturn, FRAMES },
	{ "signal-stack", try_signal_stack, 2 * ODD_ADDRESSES },
	{ "poke", try_poke, COUNT(user_fields) },
	{ "poke-float", try_poke_float, 12 },
	{ "mov-ss", try_mov_ss, 8 },
};
const size_t entry_step_count = COUNT(entry_steps);
