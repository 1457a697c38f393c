// SPDX-License-Identifier: MIT
/*
 * /bench of the test initramfs: what operations cost, in TSC ticks. Under the
 * emulator's -icount a tick is one instruction and the counts repeat exactly.
 *
 *   VMI-BENCH <column> <count>
 *
 * With VMI_WALL in the environment counts are nanoseconds of a real processor.
 *
 * With VMI_COUNT in the environment nothing is timed: each operation is run a few
 * rounds between marks that an observer of the processor sees (tests/observe.c),
 *
 *   VMI-ROUNDS <column> <rounds>		in the order in which they ran
 *
 * Where there is more than one processor, only what takes two is measured.
 *
 * init hands over two more as arguments: boot, from the kernel's entry to user
 * space (0: the kernel does not say), and user-tsc, the TSC at that moment.
 *
 * Each operation is warmed up, then run in many short rounds; the count is the
 * mean of the middle half of them. A round is much shorter than the time between
 * two ticks of the kernel's timer: the few rounds that a tick falls into are in
 * the upper quarter, which makes two kernels comparable to less than a
 * thousandth. A single round would not do: fork and exec refill lists of free
 * pages in some rounds and not in others.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define PAGE	4096
#define ROUNDS	400
#define WARM_UP	5
#define COUNTED	15	/* rounds, in counting */

static char *map_pages(int count)
{
	char *map = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		exit(1);
	return map;
}

static void touch_pages(char *map, int count)
{
	for (int i = 0; i < count; i++)
		((volatile char *)map)[i * PAGE] = 1;
}

static void do_null_syscall(void)
{
	for (int i = 0; i < 1000; i++)
		syscall(SYS_getppid);
}

static void on_signal(int signal)
{
	(void)signal;
}

static void before_signal(void)
{
	signal(SIGUSR1, on_signal);
}

static void do_signal(void)
{
	for (int i = 0; i < 100; i++)
		kill(getpid(), SIGUSR1);
}

static int ping[2], pong[2];
static pid_t echo;

static void before_pipe(void)
{
	char c;

	if (pipe(ping) || pipe(pong))
		exit(1);
	echo = fork();
	if (echo)
		return;
	while (read(ping[0], &c, 1) == 1 && write(pong[1], &c, 1) == 1)
		;
	_exit(0);
}

static void do_pipe(void)
{
	char c = 0;

	for (int i = 0; i < 50; i++)
		if (write(ping[1], &c, 1) != 1 || read(pong[0], &c, 1) != 1)
			exit(1);
}

static void after_pipe(void)
{
	kill(echo, SIGKILL);
	waitpid(echo, NULL, 0);
}

static void do_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static void do_exec(void)
{
	pid_t pid = vfork();

	if (!pid) {
		execl("/proc/self/exe", "bench", "exit", NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static void do_mmap(void)
{
	char *map;

	for (int i = 0; i < 16; i++) {
		map = map_pages(16);
		touch_pages(map, 16);
		munmap(map, 16 * PAGE);
	}
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		exit(1);
}

/* As pipe-switch, but the other side is on another processor: each byte wakes one that sleeps, by an interrupt. */
static void before_ipi(void)
{
	run_on(1);
	before_pipe();
	run_on(0);
}

static char *page;

static void on_fault(int signal)
{
	(void)signal;
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

/*
 * Between two pages that nothing may touch: beside memory with the same rights
 * each mprotect would merge and split mappings, and with them allocate.
 */
static void before_fault(void)
{
	page = map_pages(3);
	mprotect(page, 3 * PAGE, PROT_NONE);
	page += PAGE;
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	touch_pages(page, 1);
	signal(SIGSEGV, on_fault);
}

static void do_protection_fault(void)
{
	for (int i = 0; i < 32; i++) {
		mprotect(page, PAGE, PROT_READ);
		touch_pages(page, 1);
	}
}

static void after_fault(void)
{
	signal(SIGSEGV, SIG_DFL);
}

/* Few enough that they come from the processor's own list of free pages. */
#define FAULT_PAGES	32

static void before_page_fault(void)
{
	page = map_pages(FAULT_PAGES);
}

/* Gives the pages back first; the mapping and its tables stay. */
static void do_page_fault(void)
{
	madvise(page, FAULT_PAGES * PAGE, MADV_DONTNEED);
	touch_pages(page, FAULT_PAGES);
}

static int timer;

static void before_timer(void)
{
	timer = timerfd_create(CLOCK_MONOTONIC, 0);
	if (timer < 0)
		exit(1);
	prctl(PR_SET_TIMERSLACK, 1);
}

/* The earliest of all timers, set and taken back: the event device is told twice. */
static void do_timer_set(void)
{
	const struct itimerspec soon = { .it_value.tv_nsec = 500000 };
	const struct itimerspec never = { .it_value.tv_nsec = 0 };

	for (int i = 0; i < 20; i++) {
		timerfd_settime(timer, 0, &soon, NULL);
		timerfd_settime(timer, 0, &never, NULL);
	}
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

/* From the deadline of a sleep to the sleeper: the interrupt, the wake-up, the switch. The wait is not counted. */
static uint64_t count_timer_fire(void)
{
	uint64_t end = now_ns() + 200000;
	struct timespec until = { .tv_sec = end / 1000000000,
				  .tv_nsec = end % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	return now_ns() - end;
}

static const struct op {
	const char *column;
	void (*before)(void);
	void (*run)(void);
	void (*after)(void);
	uint64_t (*count)(void);	/* instead of run, where it counts itself */
	int processors;			/* 0: one */
} ops[] = {
	{ "null-syscall", .run = do_null_syscall },
	{ "signal", before_signal, do_signal },
	{ "pipe-switch", before_pipe, do_pipe, after_pipe },
	{ "fork", .run = do_fork },
	{ "exec", .run = do_exec },
	{ "mmap", .run = do_mmap },
	{ "protection-fault", before_fault, do_protection_fault, after_fault },
	{ "page-fault", before_page_fault, do_page_fault },
	{ "timer-set", before_timer, do_timer_set },
	{ "timer-fire", before_timer, .count = count_timer_fire },
	{ "ipi", before_ipi, do_pipe, after_pipe, .processors = 2 },
};

#define OPS	(sizeof(ops) / sizeof(*ops))

static uint64_t count_round(const struct op *op)
{
	uint64_t start;

	if (op->count)
		return op->count();
	start = guest_tsc();
	op->run();
	return guest_tsc() - start;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t measure(const struct op *op)
{
	uint64_t counts[ROUNDS], sum = 0;

	if (op->before)
		op->before();
	for (int i = 0; i < WARM_UP; i++)
		count_round(op);
	for (int i = 0; i < ROUNDS; i++)
		counts[i] = count_round(op);
	if (op->after)
		op->after();
	qsort(counts, ROUNDS, sizeof(*counts), compare);
	for (int i = ROUNDS / 4; i < ROUNDS * 3 / 4; i++)
		sum += counts[i];
	return sum / (ROUNDS / 2);
}

/* An instruction that does nothing and that nothing else has. */
static void mark(void)
{
	__asm__ volatile("xchg %%bx, %%bx" ::: "memory");
}

static void count(const struct op *op)
{
	if (op->before)
		op->before();
	for (int i = 0; i < WARM_UP; i++)
		count_round(op);
	for (int i = 0; i < COUNTED; i++) {
		mark();
		count_round(op);
	}
	mark();
	if (op->after)
		op->after();
}

static int takes_part(const struct op *op)
{
	int processors = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 2 : 1;

	return processors == (op->processors ? op->processors : 1);
}

static int count_all(void)
{
	for (size_t i = 0; i < OPS; i++)
		if (takes_part(&ops[i]))
			count(&ops[i]);
	for (size_t i = 0; i < OPS; i++)
		if (takes_part(&ops[i]))
			printf("VMI-ROUNDS %s %d\n", ops[i].column, COUNTED);
	return 0;
}

/*
 * A kernel refines its clock for a second after boot and only then switches to
 * high-resolution timers; what is measured before is another kernel.
 */
static void settle(void)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct timespec resolution = { .tv_nsec = 0 };

	for (int i = 0; i < 30 && resolution.tv_nsec != 1; i++) {
		nanosleep(&pause, NULL);
		clock_getres(CLOCK_MONOTONIC, &resolution);
	}
	nanosleep(&pause, NULL);
}

/* Ticks of the TSC while the clock runs for 200 ms, in kHz. */
static uint64_t tsc_khz(void)
{
	const struct timespec pause = { .tv_nsec = 200000000 };
	uint64_t tsc = guest_tsc(), ns = now_ns();

	nanosleep(&pause, NULL);
	tsc = guest_tsc() - tsc;
	return tsc * 1000000 / (now_ns() - ns);
}

/* khz 0: ticks as they are. What counts itself counts nanoseconds. */
static void print_count(const char *column, uint64_t ticks, uint64_t khz)
{
	uint64_t count = khz ? ticks / khz * 1000000 + ticks % khz * 1000000 / khz : ticks;

	printf("VMI-BENCH %s %llu\n", column, (unsigned long long)count);
}

/* All is measured before the first line is printed: console interrupts cost too. */
int main(int argc, char **argv)
{
	uint64_t counts[OPS], khz = 0;

	if (argc > 1 && !strcmp(argv[1], "exit"))
		_exit(0);
	settle();
	if (getenv("VMI_COUNT"))
		return count_all();
	for (size_t i = 0; i < OPS; i++)
		counts[i] = takes_part(&ops[i]) ? measure(&ops[i]) : 0;
	if (getenv("VMI_WALL"))
		khz = tsc_khz();
	for (size_t i = 0; i < OPS; i++)
		if (counts[i])
			print_count(ops[i].column, counts[i], ops[i].count ? 0 : khz);
	if (argc > 1 && strcmp(argv[1], "0"))
		print_count("boot", strtoull(argv[1], NULL, 10), khz);
	if (argc > 2)
		print_count("user-tsc", strtoull(argv[2], NULL, 10), khz);
	return 0;
}
