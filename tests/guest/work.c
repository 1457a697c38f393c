// SPDX-License-Identifier: MIT
/*
 * WORK=1 beside VMI_RUN=life: processes that do something each, check that it
 * came out right, and begin again. A guest that was saved and restored in the
 * middle of it, and lost or mixed up anything, says "work: wrong".
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define WORDS		(4u << 20 >> 3)		/* 4 MiB that stay */
#define PAGES		48u			/* that come and go */
#define PAGE		4096u
#define LONGEST		10000000000		/* ns that a sleep of 5 ms may take on a busy host */

static uint64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int keep_memory(void)
{
	static uint64_t *words, base;

	if (!words)
		words = calloc(WORDS, sizeof(*words));
	for (uint64_t i = 0; i < WORDS; i++) {
		if (words[i] != (base ? base + i * 0x9e3779b97f4a7c15 : 0))
			return 0;
		words[i] = base + 1 + i * 0x9e3779b97f4a7c15;
	}
	base++;
	return 1;
}

static void echo(int in, int out)
{
	uint64_t number;

	while (read(in, &number, sizeof(number)) == sizeof(number) && write(out, &number, sizeof(number)) > 0)
		;
	_exit(0);
}

static int ping(void)
{
	static uint64_t number;
	static int to[2], from[2];
	uint64_t back = 0;

	if (!number++) {
		if (pipe(to) || pipe(from))
			return 0;
		if (!fork())
			echo(to[0], from[1]);
	}
	return write(to[1], &number, sizeof(number)) == sizeof(number) &&
		read(from[0], &back, sizeof(back)) == sizeof(back) && back == number;
}

/* Neither clock goes back, and what was saved for long has not slept for long. */
static int sleep_some(void)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	uint64_t start = now(CLOCK_MONOTONIC), date = now(CLOCK_REALTIME), slept;

	nanosleep(&pause, NULL);
	slept = now(CLOCK_MONOTONIC) - start;
	return slept >= 5000000 && slept < LONGEST && now(CLOCK_REALTIME) >= date;
}

static volatile sig_atomic_t alarms;

static void on_alarm(int nr)
{
	(void)nr;
	alarms++;
}

static int take_alarm(void)
{
	static const struct itimerval every = { { 0, 20000 }, { 0, 20000 } };
	static sig_atomic_t seen;

	if (!seen++) {
		signal(SIGALRM, on_alarm);
		return !setitimer(ITIMER_REAL, &every, NULL);
	}
	seen = alarms + 1;
	pause();
	return alarms >= seen;
}

static int is_filled(const volatile uint8_t *p, uint8_t with)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (p[i * PAGE] != (uint8_t)(with + i))
			return 0;
	return 1;
}

static void fill(volatile uint8_t *p, uint8_t with)
{
	for (unsigned int i = 0; i < PAGES; i++)
		p[i * PAGE] = with + i;
}

static int child_sees(volatile uint8_t *p, uint8_t what)
{
	int status, ok;
	pid_t pid = fork();

	if (!pid) {
		ok = is_filled(p, what);
		fill(p, what + 1);
		_exit(!(ok && is_filled(p, what + 1)));
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static int map_and_fork(void)
{
	static uint8_t turn;
	uint8_t *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ok;

	if (p == MAP_FAILED)
		return 0;
	fill(p, ++turn);
	ok = child_sees(p, turn) && is_filled(p, turn) &&
		!mprotect(p, PAGES / 2 * PAGE, PROT_READ) && is_filled(p, turn);
	munmap(p, PAGES * PAGE);
	return ok;
}

static double chaos(unsigned int steps)
{
	double x = 0.123456789;

	while (steps--)
		x = 3.999 * x * (1 - x);
	return x;
}

static int calculate(void)
{
	static double first;
	double x = chaos(20000);

	if (!first)
		first = x;
	return !memcmp(&x, &first, sizeof(x));
}

/* A segment of a local descriptor table, which a CPU has to be given again. */
static int use_segment(void)
{
	static uint32_t *word;
	struct user_desc d = { .limit = 15, .seg_32bit = 1, .useable = 1 };
	uint32_t seen;

	if (!word) {
		word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
		d.base_addr = (uintptr_t)word;
		if (word == MAP_FAILED || syscall(SYS_modify_ldt, 1, &d, sizeof(d)))
			return 0;
		__asm__ volatile("mov %0, %%gs" :: "r" (7));
	}
	++*word;
	__asm__ volatile("mov %%gs:0, %0" : "=r" (seen));
	return seen == *word;
}

static const struct job {
	const char *name;
	int (*round)(void);
} jobs[] = {
	{ "memory", keep_memory }, { "pipe", ping }, { "sleep", sleep_some }, { "alarm", take_alarm },
	{ "maps", map_and_fork }, { "numbers", calculate }, { "segment", use_segment },
};
#define JOBS	(sizeof(jobs) / sizeof(jobs[0]))

static volatile unsigned long *rounds;		/* of each job, in all processes */

static void work_at(unsigned int nr)
{
	while (jobs[nr].round()) {
		rounds[nr]++;
		usleep(4000);
	}
	printf("work: wrong: %s after %lu rounds\n", jobs[nr].name, rounds[nr]);
	_exit(1);
}

void work_start(void)
{
	rounds = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned int i = 0; i < JOBS; i++)
		if (!fork())
			work_at(i);
}

static void check_rom(void)
{
	static char first[80];
	char hash[80];

	guest_read("/sys/kernel/vmi/sha256", hash, sizeof(hash));
	if (!first[0])
		strcpy(first, hash);
	if (strcmp(first, hash))
		printf("work: wrong: the ROM is another\n");
}

void work_report(void)
{
	static unsigned long last[JOBS];
	unsigned int going = 0;

	for (unsigned int i = 0; i < JOBS; i++) {
		going += rounds[i] != last[i];
		last[i] = rounds[i];
	}
	check_rom();
	printf("work: %u of %zu go on\n", going, JOBS);
}
