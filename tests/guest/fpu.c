// SPDX-License-Identifier: MIT
/*
 * VMI_RUN=fpu: vector registers belong to a task, whoever else runs. Several
 * processes fill all of theirs, each with its own bytes, give the processor away
 * or take a signal whose handler fills them otherwise, and look at what is left.
 * FPU_NEEDS=avx: a processor that shows no AVX is a failure.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TASKS		4
#define ROUNDS		2000
#define REGISTERS	16
#define XCR0_AVX	6u	/* SSE and AVX state */

struct registers {
	uint8_t bytes[REGISTERS][32];
};

/* Fills all registers, makes a system call, and stores them. */
#define ROUND(move, reg) \
	static long round_##reg(const struct registers *in, struct registers *out, long nr, long a, long b) \
	{ \
		__asm__ volatile(EACH(LOAD, move, reg) "syscall\n" EACH(STORE, move, reg) \
			: "+a" (nr) : "r" (in), "r" (out), "D" (a), "S" (b) \
			: "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", \
			  "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"); \
		return nr; \
	}
#define LOAD(move, reg, n)	move " 32*" #n "(%1), %%" #reg #n "\n"
#define STORE(move, reg, n)	move " %%" #reg #n ", 32*" #n "(%2)\n"
#define EACH(do, move, reg) \
	do(move, reg, 0) do(move, reg, 1) do(move, reg, 2) do(move, reg, 3) \
	do(move, reg, 4) do(move, reg, 5) do(move, reg, 6) do(move, reg, 7) \
	do(move, reg, 8) do(move, reg, 9) do(move, reg, 10) do(move, reg, 11) \
	do(move, reg, 12) do(move, reg, 13) do(move, reg, 14) do(move, reg, 15)

ROUND("movdqu", xmm)
ROUND("vmovdqu", ymm)

static int has_avx;

static long once(const struct registers *in, struct registers *out, long nr, long a, long b)
{
	return has_avx ? round_ymm(in, out, nr, a, b) : round_xmm(in, out, nr, a, b);
}

static unsigned int width(void) { return has_avx ? 32 : 16; }

static int looks_for_avx(void)
{
	uint32_t a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX))
		return 0;
	__asm__("xgetbv" : "=a" (a), "=d" (d) : "c" (0));
	return (a & XCR0_AVX) == XCR0_AVX;
}

static void fill(struct registers *r, uint32_t seed)
{
	for (unsigned int i = 0; i < sizeof(*r); i++) {
		seed = seed * 1103515245 + 12345;
		((uint8_t *)r)[i] = seed >> 16;
	}
}

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	struct registers other, out;

	fill(&other, ~number - signals++);
	once(&other, &out, SYS_getpid, 0, 0);
}

static int same(const struct registers *a, const struct registers *b)
{
	for (int i = 0; i < REGISTERS; i++)
		if (memcmp(a->bytes[i], b->bytes[i], width()))
			return 0;
	return 1;
}

/* 0: nothing was lost. */
static int task(unsigned int seed)
{
	struct registers in, out;

	signal(SIGUSR1, on_signal);
	for (int i = 0; i < ROUNDS; i++) {
		fill(&in, seed + i * TASKS);
		memset(&out, 0, sizeof(out));
		if (i % 8)
			once(&in, &out, SYS_sched_yield, 0, 0);
		else
			once(&in, &out, SYS_kill, getpid(), SIGUSR1);
		if (!same(&in, &out))
			return 1;
	}
	return signals == ROUNDS / 8 ? 0 : 2;
}

int main(void)
{
	const char *needs = getenv("FPU_NEEDS");
	int status, failed = 0;

	has_avx = looks_for_avx();
	printf("fpu: registers of %u bytes\n", width());
	if (needs && !strcmp(needs, "avx") && !has_avx) {
		printf("fpu: the processor shows no AVX\n");
		return 1;
	}
	for (int i = 0; i < TASKS; i++)
		if (!fork())
			_exit(task(i + 1));
	for (int i = 0; i < TASKS; i++)
		failed |= wait(&status) < 0 || status;
	printf("fpu: %s\n", failed ? "a register was lost" : "nothing was lost");
	return failed;
}
