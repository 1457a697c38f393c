// SPDX-License-Identifier: MIT
/*
 * VMI_RUN=soak: several kinds of work at once for SOAK_SECONDS of the guest's
 * time (60), each of which checks what it does; every two seconds a line says
 * how often each was done. With SOAK_HOLD=1 it goes on until a line is typed at
 * its console. At the end nothing may be lost: no kind stood still, the kernel
 * has nothing to complain of, and memory is where it was. What happens to the
 * domain meanwhile is tests/soak's. Read next: soak_work.c.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "soak.h"

#define REPORT		2	/* seconds from one line to the next */
#define PATIENCE	60	/* seconds that a kind may take for a step */
#define WARM_UP		4	/* seconds after which memory is looked at for the first time */
#define ROOM		4096	/* KiB that the kernel may keep for itself */
#define LOG_SIZE	(1 << 18)

struct shared {
	volatile int stop;
	volatile unsigned long done[SOAK_KINDS];
	unsigned long steps[SOAK_KINDS];
	char failed[SOAK_KINDS][128];
};

static struct shared *shared;
static pid_t workers[SOAK_KINDS];
static int own_kind;		/* of a worker */
static struct timespec begin;

static unsigned int seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - begin.tv_sec;
}

/* Of memory, what nobody can have: KiB. */
static long used(void)
{
	char text[4096], *total, *available;

	if (guest_read("/proc/meminfo", text, sizeof(text)) < 0)
		return -1;
	total = strstr(text, "MemTotal:");
	available = strstr(text, "MemAvailable:");
	return total && available ? atol(total + 9) - atol(available + 13) : -1;
}

void soak_step(void)
{
	__atomic_fetch_add(&shared->steps[own_kind], 1, __ATOMIC_RELAXED);
}

static void work(int kind)
{
	const char *reason;

	own_kind = kind;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!shared->stop) {
		reason = soak_kinds[kind].once();
		if (reason) {
			snprintf(shared->failed[kind], sizeof(shared->failed[kind]), "%s", reason);
			_exit(1);
		}
		shared->done[kind]++;
	}
	_exit(0);
}

static void start_all(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < SOAK_KINDS; i++) {
		workers[i] = fork();
		if (!workers[i])
			work(i);
	}
}

static void report(void)
{
	printf("soak: %u s", seconds());
	for (int i = 0; i < SOAK_KINDS; i++)
		printf(" %s %lu", soak_kinds[i].name, shared->done[i]);
	printf(" cpus %ld used %ld\n", sysconf(_SC_NPROCESSORS_ONLN), used());
}

/* 0: all are at it. */
static int look(void)
{
	static unsigned long seen[SOAK_KINDS];
	static unsigned int since[SOAK_KINDS];
	unsigned long steps;

	for (int i = 0; i < SOAK_KINDS; i++) {
		if (shared->failed[i][0]) {
			printf("soak: %s: %s\n", soak_kinds[i].name, shared->failed[i]);
			return 1;
		}
		steps = shared->done[i] + __atomic_load_n(&shared->steps[i], __ATOMIC_RELAXED);
		if (steps != seen[i]) {
			seen[i] = steps;
			since[i] = seconds();
		}
		if (seconds() - since[i] > PATIENCE) {
			printf("soak: %s stands still\n", soak_kinds[i].name);
			return 1;
		}
	}
	return 0;
}

/* 0: all ended well. */
static int stop_all(void)
{
	int status, failed = 0;

	shared->stop = 1;
	for (int i = 0; i < SOAK_KINDS; i++) {
		if (waitpid(workers[i], &status, 0) == workers[i] && !status)
			continue;
		printf("soak: %s ended with status 0x%x %s\n", soak_kinds[i].name, status, shared->failed[i]);
		failed = 1;
	}
	return failed;
}

/* 0: the kernel's log has nothing that should not be there. */
static int log_is_clean(void)
{
	static const char *const bad[] = { "WARNING:", "BUG:", "Oops", "Call Trace:", "soft lockup",
		"rcu_sched self-detected", "detected stalls", "blocked for more than", "Bad page", "bad page" };
	static char log[LOG_SIZE];
	int failed = 0, n = klogctl(3, log, sizeof(log) - 1);

	log[n > 0 ? n : 0] = 0;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *at = strstr(log, bad[i]);

		if (!at)
			continue;
		printf("soak: in the kernel's log: %.*s\n", (int)strcspn(at, "\n"), at);
		failed = 1;
	}
	return failed;
}

static int memory_is_back(long before)
{
	long after = 0;

	for (int i = 0; i < 20; i++) {
		after = used();
		if (after <= before + ROOM)
			break;
		sleep(1);
	}
	printf("soak: used %ld KiB before, %ld after\n", before, after);
	return before < 0 || after > before + ROOM;
}

/* Whoever does something to the domain ends that first. */
static int may_end(unsigned int length)
{
	static int said;
	char line[64];

	if (seconds() < length)
		return 0;
	if (!getenv("SOAK_HOLD"))
		return 1;
	if (!said++)
		printf("soak: the time is up\n");
	return read(STDIN_FILENO, line, sizeof(line)) > 0;
}

int main(void)
{
	const char *text = getenv("SOAK_SECONDS");
	unsigned int length = text ? atoi(text) : 60;
	int failed = 0;
	long before;

	setvbuf(stdout, NULL, _IOLBF, 0);
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	/* once, so that what is cached is there when memory is first looked at */
	start_all();
	sleep(WARM_UP);
	failed = stop_all();
	before = used();
	start_all();
	while (!failed && !may_end(length)) {
		sleep(REPORT);
		report();
		failed = look();
	}
	failed |= stop_all();
	failed |= memory_is_back(before);
	failed |= log_is_clean();
	printf("soak: %s after %u s\n", failed ? "failed" : "nothing is lost", seconds());
	return failed;
}
