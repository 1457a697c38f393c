// SPDX-License-Identifier: MIT
/*
 * VMI_RUN=smp: what more than one CPU must do. Each one gets on; threads on all
 * of them change one address space while it is forked, so that translations are
 * flushed on several CPUs at once; CPUs go and come SMP_LOOPS times (5) while
 * others work. SMP_CPUS is how many there must be. SMP_END=panic or
 * reboot: only end so, on the last CPU. A line for each step; "not ok" ends it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define MAX_CPUS	64
#define PAGES		16
#define PAGE		4096
#define ROUNDS		300	/* of all threads' work */
#define LIMIT		240	/* seconds for a step, under an emulator on a busy machine */

static int cpus;

static long setting(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text ? atol(text) : otherwise;
}

static int run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) || sched_getcpu() != cpu;
}

/* All CPUs get on */

static volatile unsigned long beats[MAX_CPUS];

static void *beat(void *arg)
{
	long cpu = (long)arg;

	if (run_on(cpu))
		return "cannot run there";
	for (int i = 0; i < 100; i++) {
		beats[cpu]++;
		sched_yield();
		usleep(100);
	}
	return NULL;
}

/* Runs one thread for each CPU; the first complaint. */
static const char *on_all(void *(*fn)(void *))
{
	pthread_t threads[MAX_CPUS];
	const char *why = NULL;
	void *result;

	for (long cpu = 0; cpu < cpus; cpu++)
		if (pthread_create(&threads[cpu], NULL, fn, (void *)cpu))
			return "a thread cannot be made";
	for (int cpu = 0; cpu < cpus; cpu++) {
		pthread_join(threads[cpu], &result);
		if (result)
			why = result;
	}
	return why;
}

static const char *step_progress(void)
{
	const char *why = on_all(beat);

	for (int cpu = 0; cpu < cpus && !why; cpu++)
		if (beats[cpu] != 100)
			why = "a CPU does not get on";
	return why;
}

/* One thread's word for another: futexes and reschedule interrupts. */

struct pair { int to[2], from[2]; };

static void *echo(void *arg)
{
	struct pair *p = arg;
	char c;

	run_on(cpus - 1);
	while (read(p->to[0], &c, 1) == 1 && write(p->from[1], &c, 1) == 1)
		;
	return NULL;
}

static const char *step_wake(void)
{
	const char *why = NULL;
	struct pair p;
	pthread_t thread;
	char c = 'x';

	if (pipe(p.to) || pipe(p.from) || pthread_create(&thread, NULL, echo, &p))
		return "no pipes";
	run_on(0);
	for (int i = 0; i < 500 && !why; i++)
		if (write(p.to[1], &c, 1) != 1 || read(p.from[0], &c, 1) != 1)
			why = "a word is lost";
	close(p.to[1]);
	pthread_join(thread, NULL);
	return why;
}

/*
 * One address space on all CPUs. Each thread maps, writes, protects and unmaps
 * pages, all look at one page that the first one moves about, and children of it
 * are made and end. A translation that outlives its mapping shows as another's
 * data, or as a write that does not fault.
 */
static unsigned long *volatile shared;

static int fork_once(unsigned long *pages, unsigned long mark)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		for (int i = 0; i < PAGES; i++) {
			if (pages[i * PAGE / 8] != mark + i)
				_exit(1);
			pages[i * PAGE / 8] = 0;
		}
		_exit(0);
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

static const char *churn_once(long cpu, int round)
{
	unsigned long mark = (cpu + 1) << 32 | round << 8;
	unsigned long *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return "mmap fails";
	for (int i = 0; i < PAGES; i++)
		p[i * PAGE / 8] = mark + i;
	if (mprotect(p, PAGES * PAGE / 2, PROT_READ))
		return "mprotect fails";
	if (mprotect(p, PAGES * PAGE, PROT_READ | PROT_WRITE))
		return "mprotect back fails";
	if (round % 8 == cpu % 8 && fork_once(p, mark))
		return "a child sees other memory than its parent";
	for (int i = 0; i < PAGES; i++)
		if (p[i * PAGE / 8] != mark + i)
			return "memory is another's";
	if (*shared != 0x5a5a)
		return "shared memory has changed";
	return munmap(p, PAGES * PAGE) ? "munmap fails" : NULL;
}

static void *churn(void *arg)
{
	long cpu = (long)arg;
	const char *why = run_on(cpu) ? "cannot run there" : NULL;

	for (int i = 0; i < ROUNDS / cpus && !why; i++) {
		why = churn_once(cpu, i);
		if (!why && !cpu && mprotect(shared, PAGE, i & 1 ? PROT_READ : PROT_READ | PROT_WRITE))
			why = "the shared page cannot be protected";
	}
	return (void *)why;
}

static const char *step_memory(void)
{
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return "mmap fails";
	*shared = 0x5a5a;
	return on_all(churn);
}

/*
 * Address spaces with many page tables come and go on all CPUs: a page in each of
 * LARGE spans of 2 MiB, more than are handed over at once, and as many again in
 * the child.
 */
#define SPAN	(2ul << 20)
#define LARGE	60

static void touch_spans(volatile char *from, int first, int end)
{
	for (int i = first; i < end; i++)
		from[i * SPAN] = i;
}

static int large_child(volatile char *p)
{
	touch_spans(p, LARGE, 2 * LARGE);
	for (int i = 0; i < 2 * LARGE; i++)
		if (p[i * SPAN] != (char)i)
			return 1;
	return 0;
}

static const char *large_once(void)
{
	char *p = mmap(NULL, 2 * LARGE * SPAN, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int status = -1;
	pid_t pid;

	if (p == MAP_FAILED)
		return "mmap fails";
	touch_spans(p, 0, LARGE);
	pid = fork();
	if (!pid)
		_exit(large_child(p));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return "a large child fails";
	return munmap(p, 2 * LARGE * SPAN) ? "munmap fails" : NULL;
}

static void *large(void *arg)
{
	return run_on((long)arg) ? "cannot run there" : (void *)large_once();
}

static const char *step_large(void) { return on_all(large); }

/* A page made read-only on one CPU is so on all when mprotect() returns. */

static unsigned long *volatile target;
static int writer_cpu;

static void *writer(void *arg)
{
	long cpu = (long)arg;

	if (run_on(cpu))
		return "cannot run there";
	for (;;)
		__atomic_fetch_add(target, 1, __ATOMIC_RELAXED);
}

/*
 * In a child: its writer takes it along when it faults, as it must. A second
 * mapping of the page tells what is written through an old translation.
 */
static int protect_child(void)
{
	volatile unsigned long *look;
	unsigned long seen;
	pthread_t thread;

	target = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	look = mremap(target, 0, PAGE, MREMAP_MAYMOVE);
	if (look == MAP_FAILED || pthread_create(&thread, NULL, writer, (void *)(long)writer_cpu))
		return 1;
	run_on(0);
	while (!*target)
		sched_yield();
	if (mprotect(target, PAGE, PROT_NONE))
		return 1;
	seen = *look;
	for (int i = 0; i < 200000; i++)
		if (*look != seen)
			return 2;
	return 0;
}

static const char *step_flush(void)
{
	for (writer_cpu = 1; writer_cpu < cpus; writer_cpu++) {
		int status = guest_child(protect_child, LIMIT);

		if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
			return "a CPU writes to a page that it may not write any more";
		if (WIFEXITED(status) && WEXITSTATUS(status))
			return "mprotect fails";
	}
	return NULL;
}

/* CPUs go and come */

static int switch_cpu(int cpu, const char *state)
{
	char path[64];
	int fd, wrong;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	fd = open(path, O_WRONLY);
	wrong = fd < 0 || write(fd, state, 1) != 1;
	if (fd >= 0)
		close(fd);
	return wrong;
}

static int online(void) { return sysconf(_SC_NPROCESSORS_ONLN); }

static volatile int busy;

static void *keep_busy(void *arg)
{
	const char *why = NULL;

	(void)arg;
	while (busy && !why)
		why = churn_once(0, 0);
	return (void *)why;
}

static const char *plug_all(void)
{
	for (int cpu = 1; cpu < cpus; cpu++)
		if (switch_cpu(cpu, "0"))
			return "a CPU does not go";
	if (online() != 1)
		return "a CPU that went is online";
	for (int cpu = 1; cpu < cpus; cpu++)
		if (switch_cpu(cpu, "1"))
			return "a CPU does not come back";
	return online() == cpus ? NULL : "a CPU that came is not online";
}

static const char *step_hotplug(void)
{
	long loops = setting("SMP_LOOPS", 5);
	const char *why = NULL;
	void *complaint;
	pthread_t thread;

	busy = 1;
	if (pthread_create(&thread, NULL, keep_busy, NULL))
		return "a thread cannot be made";
	for (long i = 0; i < loops && !why; i++)
		why = plug_all();
	busy = 0;
	pthread_join(thread, &complaint);
	memset((void *)beats, 0, sizeof(beats));
	why = why ? why : complaint;
	return why ? why : step_progress();
}

static const struct step {
	const char *name;
	const char *(*run)(void);
} steps[] = {
	{ "all CPUs get on", step_progress },
	{ "CPUs wake each other", step_wake },
	{ "one address space on all CPUs, and forks of it", step_memory },
	{ "large address spaces", step_large },
	{ "what is unmapped is so on all CPUs", step_flush },
	{ "CPUs go and come back", step_hotplug },
};

static void end(const char *how)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY);

	run_on(cpus - 1);
	if (!strcmp(how, "panic") && write(fd, "c", 1) == 1)
		pause();
	if (!strcmp(how, "reboot"))
		reboot(RB_AUTOBOOT);
}

int main(void)
{
	cpus = online();
	if (cpus != setting("SMP_CPUS", cpus)) {
		printf("not ok - %d CPUs\n", cpus);
		return 1;
	}
	if (getenv("SMP_END"))
		end(getenv("SMP_END"));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const char *why;

		alarm(LIMIT);
		why = steps[i].run();
		printf("%s - %s%s%s\n", why ? "not ok" : "ok", steps[i].name, why ? ": " : "", why ? why : "");
		fflush(stdout);
		if (why)
			return 1;
	}
	return 0;
}
