// SPDX-License-Identifier: MIT
/*
 * /hostile of the test initramfs: what root in user space can think of against
 * the kernel and the host below it. Each try is a process of its own that may
 * die of a signal, but not last; the kernel's log must stay free of complaints.
 * Steps: hostile_cpu.c (registers and instructions), hostile_entry.c (ways into
 * the kernel), hostile_system.c (what the kernel offers).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.h"

#define LIMIT	20	/* seconds for one try, under an emulator on a busy machine */
#define READ_CLEAR	4

const uint64_t odd_address[ODD_ADDRESSES] = {
	0, 1, 0xfff, 0xffffffff, 0x7fffffffefff, 0x7ffffffff000, 0x7fffffffffff,
	0x800000000000, 0x8000000000000000, 0xffff7fffffffffff,
	0xffff800000000000, 0xffff804000000000, 0xffff820000000000,
	0xffff82d080000000, 0xffff82d080200000, 0xffff830000000000, 0xffff87ffffffffff,
	0xffff888000000000, 0xffffc90000000000, 0xffffffff80000000,
	0xffffffff81000000, 0xffffffff81601000, 0xffffffffff600000,
	0xffffffffff600400, 0xfffffffffffff000, 0xffffffffffffffff,
};

const uint16_t odd_selector[ODD_SELECTORS] = {
	0, 1, 2, 3, 0x4, 0x7, 0x8, 0xb, 0x10, 0x13, 0x18, 0x1b, 0x20, 0x23, 0x28, 0x2b, 0x30, 0x33,
	0x38, 0x3b, 0x40, 0x43, 0x48, 0x50, 0x58, 0x60, 0x63, 0x68, 0x6b, 0x73, 0x78, 0x7b, 0x80,
	0x83, 0x27, 0x2f, 0xf, 0x17, 0xff, 0xfff, 0x1000, 0x7fff, 0xdff8, 0xe000, 0xe008, 0xe010,
	0xe019, 0xe021, 0xe023, 0xe02b, 0xe030, 0xe033, 0xe038, 0xe03b, 0xe040, 0xe043, 0xe048,
	0xe050, 0xe053, 0xe060, 0xe063, 0xeff8, 0xf000, 0xfff8, 0xfffb, 0xfffc, 0xffff,
};

void gone(int status)
{
	_exit(status);
}

void *low_code(const void *code, size_t bytes)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (page == MAP_FAILED)
		gone(1);
	memset(page, 0x0b, 4096);
	memcpy(page, code, bytes);
	return page;
}

void run_32(const void *code, size_t bytes)
{
	char *page = low_code(code, bytes);

	asm volatile("mov %0, %%rsp; push $0x23; push %1; lretq"
		     : : "S" (page + 8000), "D" (page), "a" (20) : "memory");
	__builtin_unreachable();
}

/* What the kernel must not have said. */
static const char *const complaint[] = {
	"BUG:", "Oops", "WARNING:", "Kernel panic", "Call Trace", "soft lockup", "rcu_sched",
	"vmi xen-pv:", "general protection fault",
};

static int log_is_clean(const char *step)
{
	static char log[1 << 18];
	int length = klogctl(READ_CLEAR, log, sizeof(log) - 1);
	int clean = 1;

	log[length > 0 ? length : 0] = 0;
	for (size_t i = 0; i < COUNT(complaint); i++) {
		char *at = strstr(log, complaint[i]);

		if (!at)
			continue;
		printf("hostile %s: the kernel complains: %.200s\n", step, at);
		clean = 0;
	}
	return clean;
}

static int try_one(const struct step *step, unsigned int nr)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(LIMIT);
		step->fn(nr);
		gone(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static int run_step(const struct step *step)
{
	unsigned int signals = 0;

	for (unsigned int nr = 0; nr < step->count; nr++) {
		int status = try_one(step, nr);

		if (status == -1 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)) {
			printf("hostile %s: try %u does not end\n", step->name, nr);
			return 1;
		}
		signals += WIFSIGNALED(status);
		if (WIFEXITED(status) && WEXITSTATUS(status) == FOUND) {
			printf("hostile %s: try %u found what must not be\n", step->name, nr);
			return 1;
		}
	}
	printf("hostile %s: %u tries, %u ended by a signal\n", step->name, step->count, signals);
	return !log_is_clean(step->name);
}

static int run_steps(const struct step *steps, size_t count)
{
	int failed = 0;

	for (size_t i = 0; i < count; i++)
		if (!getenv("VMI_STEP") || !strcmp(getenv("VMI_STEP"), steps[i].name))
			failed |= run_step(&steps[i]);
	return failed;
}

/* A line for each process that dies would be all that the console has time for. */
static void quiet(void)
{
	int fd = open("/proc/sys/debug/exception-trace", O_WRONLY);

	if (fd >= 0 && write(fd, "0", 1) == 1)
		close(fd);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	quiet();
	log_is_clean("before");
	return run_steps(cpu_steps, cpu_step_count) |
		run_steps(entry_steps, entry_step_count) |
		run_steps(system_steps, system_step_count);
}
