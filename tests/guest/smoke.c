// SPDX-License-Identifier: MIT
/*
 * What a kernel must do for its user space: one small test each, in a process
 * of its own, so that a crash is a failure with a name.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define PAGE	4096
#define LIMIT	60	/* seconds for one test, under an emulator on a busy machine */

static char *map_pages(int count)
{
	return mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int exit_status(pid_t pid)
{
	int status = -1;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int test_fork(void)
{
	pid_t pid;

	for (int i = 0; i < 20; i++) {
		pid = fork();
		if (!pid)
			_exit(i);
		if (exit_status(pid) != i)
			return 1;
	}
	return 0;
}

static int test_exec(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/proc/self/exe", "init", "exit", "7", NULL);
		_exit(1);
	}
	return exit_status(pid) != 7;
}

/* Two processes, more bytes than a pipe holds: both have to sleep and wake. */
static int test_pipe(void)
{
	enum { BYTES = 70000 };
	unsigned char c;
	int fd[2], got = 0;
	pid_t pid;

	if (pipe(fd))
		return 1;
	pid = fork();
	if (!pid) {
		for (int i = 0; i < BYTES; i++)
			if (c = i * 7, write(fd[1], &c, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(fd[1]);
	while (read(fd[0], &c, 1) == 1)
		if (c != (unsigned char)(got++ * 7))
			return 1;
	return exit_status(pid) || got != BYTES;
}

/* A child's writes stay its own. */
static int test_copy_on_write(void)
{
	char *map = map_pages(16);
	pid_t pid;

	memset(map, 1, 16 * PAGE);
	pid = fork();
	if (!pid) {
		memset(map, 2, 16 * PAGE);
		_exit(0);
	}
	if (exit_status(pid))
		return 1;
	for (int i = 0; i < 16 * PAGE; i++)
		if (map[i] != 1)
			return 1;
	return 0;
}

static int test_map(void)
{
	enum { PAGES = 1024 };

	for (int round = 0; round < 3; round++) {
		char *map = map_pages(PAGES);

		if (map == MAP_FAILED)
			return 1;
		for (int i = 0; i < PAGES; i++)
			if (map[i * PAGE])
				return 1;
			else
				map[i * PAGE] = i + 1;
		for (int i = 0; i < PAGES; i++)
			if (map[i * PAGE] != (char)(i + 1))
				return 1;
		munmap(map, PAGES * PAGE);
	}
	return 0;
}

static char *fault_page;
static volatile int fault_code;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	if (info->si_addr != fault_page + 8)
		_exit(2);
	fault_code = info->si_code;
	mprotect(fault_page, PAGE, PROT_READ | PROT_WRITE);
}

static int test_protect(void)
{
	struct sigaction action = { .sa_sigaction = on_fault,
				    .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &action, NULL);
	fault_page = map_pages(1);
	fault_page[8] = 1;
	mprotect(fault_page, PAGE, PROT_READ);
	((volatile char *)fault_page)[8] = 5;
	return fault_page[8] != 5 || fault_code != SEGV_ACCERR;
}

static volatile int seen;

/* Steps over the faulting instruction: all of them below are two bytes long. */
static void on_trap(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)info;
	seen = signal;
	uc->uc_mcontext.gregs[REG_RIP] += signal == SIGTRAP ? 0 : 2;
}

static int test_exceptions(void)
{
	struct sigaction action = { .sa_sigaction = on_trap,
				    .sa_flags = SA_SIGINFO };

	sigaction(SIGFPE, &action, NULL);
	sigaction(SIGILL, &action, NULL);
	sigaction(SIGTRAP, &action, NULL);
	asm volatile("xor %%ecx, %%ecx; div %%ecx" : : : "eax", "ecx", "edx");
	if (seen != SIGFPE)
		return 1;
	asm volatile("ud2" : : : "memory");
	if (seen != SIGILL)
		return 2;
	asm volatile("int3" : : : "memory");
	return seen != SIGTRAP;
}

static void on_signal(int signal)
{
	seen = signal;
}

static int test_signal(void)
{
	for (int i = 0; i < 100; i++) {
		int nr = i & 1 ? SIGUSR1 : SIGUSR2;

		signal(nr, on_signal);
		seen = 0;
		if (kill(getpid(), nr) || seen != nr)
			return 1;
	}
	return 0;
}

static double seconds(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Sleeps last as long as they should, not shorter, and not for ever. */
static int test_timer(void)
{
	struct timespec pause = { .tv_nsec = 20000000 };
	double before = seconds(CLOCK_MONOTONIC), slept;

	for (int i = 0; i < 5; i++)
		if (nanosleep(&pause, NULL))
			return 1;
	slept = seconds(CLOCK_MONOTONIC) - before;
	return slept < 0.1 || slept > 5;
}

static int test_alarm(void)
{
	timer_t timer;
	struct itimerspec when = { .it_value.tv_nsec = 10000000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1 };

	signal(SIGUSR1, on_signal);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &when, NULL))
		return 1;
	while (seen != SIGUSR1)
		; /* the tick has to interrupt a busy user */
	return 0;
}

static int test_clock(void)
{
	double last = seconds(CLOCK_MONOTONIC), now;

	for (int i = 0; i < 20000; i++) {
		now = seconds(CLOCK_MONOTONIC);
		if (now < last)
			return 1;
		last = now;
	}
	return seconds(CLOCK_REALTIME) < 1e9;
}

/* From here on, asking the kernel for the time is a signal. */
static int forbid_clock_calls(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_gettime, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_gettimeofday, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int read_clocks(void)
{
	struct sigaction die = { .sa_handler = SIG_DFL };
	struct timespec ts;

	sigaction(SIGSYS, &die, NULL);
	if (forbid_clock_calls())
		return 2;
	for (int i = 0; i < 1000; i++)
		if (clock_gettime(CLOCK_MONOTONIC, &ts) || clock_gettime(CLOCK_REALTIME, &ts))
			return 3;
	return 0;
}

/* VMI_VDSO=yes or no on the command line: whether user mode reads the time by itself. */
static int test_vdso(void)
{
	const char *expect = getenv("VMI_VDSO");
	int status;

	if (!expect)
		return 0;
	status = guest_child(read_clocks, LIMIT);
	return status != (strcmp(expect, "yes") ? SIGSYS : 0);
}

/* VMI_KEXEC=refused: no second kernel here, and the kernel says so in time. */
static int test_kexec(void)
{
	static char page[PAGE] __attribute__((aligned(PAGE)));
	struct { void *buf; size_t bufsz; void *mem; size_t memsz; } segment = {
		page, PAGE, (void *)0x1000000, PAGE
	};
	const char *expect = getenv("VMI_KEXEC");
	long error;

	if (!expect)
		return 0;
	error = syscall(SYS_kexec_load, 0x1000000, 1, &segment, 62 << 16) ? errno : 0;
	syscall(SYS_kexec_load, 0, 0, NULL, 62 << 16);
	return error != (strcmp(expect, "refused") ? 0 : EOPNOTSUPP);
}

/* VMI_SECOND=crash: the memory of the kernel that has crashed is here to be read. */
static int test_vmcore(void)
{
	const char *how = getenv("VMI_SECOND");
	char magic[5];

	if (!how || strcmp(how, "crash"))
		return 0;
	return guest_read("/proc/vmcore", magic, sizeof(magic)) != 4 || memcmp(magic, "\177ELF", 4);
}

static int test_proc(void)
{
	char buf[512], expect[32];

	snprintf(expect, sizeof(expect), "%d (", getpid());
	if (guest_read("/proc/self/stat", buf, sizeof(buf)) <= 0)
		return 1;
	return strncmp(buf, expect, strlen(expect)) != 0;
}

/* Each process keeps its own floating-point registers across switches. */
static int test_fpu(void)
{
	pid_t pid = fork();
	double step = pid ? 0.5 : 0.25, sum = 0;

	for (int i = 0; i < 20000; i++) {
		sum += step;
		if (i % 100 == 0)
			sched_yield();
	}
	if (!pid)
		_exit(sum != 5000);
	return exit_status(pid) || sum != 10000;
}

static __thread long mine;

static void *count_mine(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		mine += (long)arg;
		if (i % 100 == 0)
			sched_yield();
	}
	return (void *)mine;
}

static int test_threads(void)
{
	pthread_t thread[4];
	void *sum;

	for (long i = 0; i < 4; i++)
		if (pthread_create(&thread[i], NULL, count_mine, (void *)i))
			return 1;
	for (long i = 0; i < 4; i++)
		if (pthread_join(thread[i], &sum) || (long)sum != i * 1000)
			return 1;
	return mine != 0;
}

#define MEMORY	"/sys/kernel/vmi/memory/"

static long read_kib(const char *name)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), MEMORY "%s", name);
	return guest_read(path, text, sizeof(text)) > 0 ? atol(text) : -1;
}

/* 1: the guest has come to have as much. */
static int set_memory(long kib)
{
	FILE *target = fopen(MEMORY "target", "w");

	if (!target)
		return 0;
	fprintf(target, "%ld\n", kib);
	fclose(target);
	for (int i = 0; i < 1000 && read_kib("current") != kib; i++)
		usleep(10000);
	return read_kib("current") == kib;
}

/* Where the host takes memory back: some goes, and comes clean. */
static int test_memory(void)
{
	const int pages = 2048;
	long all = read_kib("current");

	if (access(MEMORY, F_OK))
		return 0;
	if (!set_memory(all - pages * (PAGE / 1024)) || !set_memory(all))
		return 1;
	for (char *at = map_pages(pages), *end = at + pages * PAGE; at < end; at += PAGE)
		if (*at)
			return 2;
	return 0;
}

static const struct {
	const char *name;
	int (*fn)(void);
} tests[] = {
	{ "fork", test_fork },
	{ "exec", test_exec },
	{ "pipe", test_pipe },
	{ "copy-on-write", test_copy_on_write },
	{ "map", test_map },
	{ "protect", test_protect },
	{ "exceptions", test_exceptions },
	{ "signal", test_signal },
	{ "timer", test_timer },
	{ "alarm", test_alarm },
	{ "clock", test_clock },
	{ "vdso", test_vdso },
	{ "kexec", test_kexec },
	{ "vmcore", test_vmcore },
	{ "proc", test_proc },
	{ "fpu", test_fpu },
	{ "threads", test_threads },
	{ "memory", test_memory },
};

const char *smoke_run(void)
{
	int status;

	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		status = guest_child(tests[i].fn, LIMIT);
		if (!status)
			continue;
		printf("smoke test %s ended with status 0x%x%s\n", tests[i].name,
		       status, status == SIGALRM ? ": it took too long" : "");
		return tests[i].name;
	}
	return NULL;
}
