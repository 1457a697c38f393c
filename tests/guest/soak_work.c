// SPDX-License-Identifier: MIT
/* What soak.c has done over and over: each kind in a process of its own. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "soak.h"

#define PAGE		4096
#define PAGES		64
#define PINGS		50
#define THREADS		4
#define TICKS		5
#define TICK_NS		4000000

static unsigned int seed = 1;

/* Differs from call to call. */
static uint32_t pattern(void)
{
	seed = seed * 1103515245 + 12345;
	return seed;
}

static void fill(uint32_t *at, uint32_t value)
{
	for (int i = 0; i < PAGES; i++)
		at[i * PAGE / 4] = value + i;
}

static int holds(const uint32_t *at, uint32_t value)
{
	for (int i = 0; i < PAGES; i++)
		if (at[i * PAGE / 4] != value + i)
			return 0;
	return 1;
}

static uint32_t *map(void)
{
	void *at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static const char *ended(pid_t pid, int with)
{
	int status;

	if (pid < 0)
		return "no child can be made";
	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			return "the child is lost";
	return WIFEXITED(status) && WEXITSTATUS(status) == with ? NULL : "the child ended otherwise";
}

/* Parent and child see their own pages. */
static const char *once_fork(void)
{
	uint32_t value = pattern(), *pages = map();
	const char *reason;
	pid_t pid;

	if (!pages)
		return "no memory";
	fill(pages, value);
	pid = fork();
	if (!pid) {
		int same = holds(pages, value);

		fill(pages, ~value);
		_exit(same && holds(pages, ~value) ? 7 : 8);
	}
	reason = ended(pid, 7);
	if (!reason && !holds(pages, value))
		reason = "the child has changed the parent's memory";
	munmap(pages, PAGES * PAGE);
	return reason;
}

static const char *once_exec(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/init", "/init", "exit", "3", NULL);
		_exit(4);
	}
	return ended(pid, 3);
}

static const char *once_mmap(void)
{
	uint32_t value = pattern(), *pages = map(), *moved;
	const char *reason = NULL;

	if (!pages)
		return "no memory";
	fill(pages, value);
	mprotect(pages, PAGES * PAGE / 2, PROT_READ);
	mprotect(pages, PAGES * PAGE, PROT_READ | PROT_WRITE);
	moved = mremap(pages, PAGES * PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED)
		return "it cannot be moved";
	if (!holds(moved, value))
		reason = "moved memory has changed";
	madvise(moved, PAGES * PAGE, MADV_DONTNEED);
	for (int i = 0; i < PAGES && !reason; i++)
		if (moved[i * PAGE / 4])
			reason = "given back memory is not zero";
	munmap(moved, 2 * PAGES * PAGE);
	return reason;
}

static sigjmp_buf back;

static void on_fault(int number)
{
	siglongjmp(back, number);
}

/* A write to what is read-only is a signal, each time. */
static const char *once_fault(void)
{
	uint32_t value = pattern(), *pages = map();
	const char *reason = NULL;
	volatile int i;

	if (!pages)
		return "no memory";
	signal(SIGSEGV, on_fault);
	fill(pages, value);
	mprotect(pages, PAGES * PAGE, PROT_READ);
	for (i = 0; i < PAGES && !reason; i++) {
		if (sigsetjmp(back, 1))
			continue;
		*(volatile uint32_t *)(pages + i * PAGE / 4) = 0;
		reason = "a write to read-only memory was let through";
	}
	if (!reason && !holds(pages, value))
		reason = "read-only memory has changed";
	munmap(pages, PAGES * PAGE);
	return reason;
}

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static const char *once_signal(void)
{
	signal(SIGUSR1, on_signal);
	signals = 0;
	for (int i = 0; i < PINGS; i++) {
		kill(getpid(), SIGUSR1);
		soak_step();
	}
	return signals == PINGS ? NULL : "a signal is lost";
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Ticks come, none too early; the clock does not go back. */
static const char *once_timer(void)
{
	const struct itimerspec tick = { { 0, TICK_NS }, { 0, TICK_NS } };
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t start = now(), last = start, count, ticks = 0;
	const char *reason = fd < 0 ? "no timer" : NULL;

	timerfd_settime(fd, 0, &tick, NULL);
	while (!reason && ticks < TICKS) {
		if (read(fd, &count, sizeof(count)) != sizeof(count))
			reason = "the timer cannot be read";
		ticks += count;
		if (now() < last)
			reason = "the clock went back";
		last = now();
		if (last - start < ticks * TICK_NS)
			reason = "a timer is early";
	}
	close(fd);
	return reason;
}

static void answer(int in, int out)
{
	char byte;

	while (read(in, &byte, 1) == 1)
		if (write(out, &byte, 1) != 1)
			break;
	_exit(5);
}

static const char *once_pipe(void)
{
	int there[2], here[2];
	const char *reason = NULL;
	char byte;
	pid_t pid;

	if (pipe(there) || pipe(here))
		return "no pipe";
	pid = fork();
	if (!pid) {
		close(there[1]);
		answer(there[0], here[1]);
	}
	for (int i = 0; i < PINGS && !reason; i++) {
		byte = i;
		if (write(there[1], &byte, 1) != 1 || read(here[0], &byte, 1) != 1 || byte != (char)i)
			reason = "a byte is lost";
		soak_step();
	}
	close(there[1]);
	reason = reason ? reason : ended(pid, 5);
	close(there[0]);
	close(here[0]);
	close(here[1]);
	return reason;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned int counted;

/* Mappings come and go under the other threads, so other processors have to forget them. */
static void *thread(void *unused)
{
	(void)unused;
	for (int i = 0; i < PINGS; i++) {
		uint32_t *pages = map();

		if (!pages)
			return "no memory";
		fill(pages, i);
		pthread_mutex_lock(&mutex);
		counted++;
		pthread_mutex_unlock(&mutex);
		if (!holds(pages, i))
			return "memory has changed under a thread";
		munmap(pages, PAGES * PAGE);
		soak_step();
	}
	return NULL;
}

static const char *once_thread(void)
{
	pthread_t threads[THREADS];
	void *reason = NULL, *one;

	counted = 0;
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, thread, NULL))
			return "no thread can be made";
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &one);
		reason = reason ? reason : one;
	}
	return reason ? reason : counted == THREADS * PINGS ? NULL : "a count is lost";
}

const struct soak_kind soak_kinds[SOAK_KINDS] = {
	{ "fork", once_fork }, { "exec", once_exec }, { "mmap", once_mmap }, { "fault", once_fault },
	{ "signal", once_signal }, { "timer", once_timer }, { "pipe", once_pipe }, { "thread", once_thread },
};
