// SPDX-License-Identifier: MIT
/*
 * VMI_RUN=life: a guest that goes on until it is told to stop, for tests of a
 * domain's life (tests/life/). Four times a second it says how it is; what is
 * typed at its console it obeys. As /sbin/poweroff and /sbin/reboot, which
 * the kernel starts when the administrator wishes so, it ends the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/sysinfo.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define BEAT	250000000	/* ns */

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void end(const char *what, int how)
{
	int kmsg = open("/dev/console", O_WRONLY | O_NOCTTY);

	if (kmsg >= 0) {
		dprintf(kmsg, "life: %s\n", what);
		tcdrain(kmsg);
	}
	sync();
	reboot(how);
}

static void beat(unsigned int number)
{
	static double last;
	double time = now(CLOCK_MONOTONIC);
	struct sysinfo info;

	sysinfo(&info);
	printf("life: beat %u cpus %ld memory %lu free %lu time %.3f date %.0f\n", number,
	       sysconf(_SC_NPROCESSORS_ONLN), info.totalram * info.mem_unit >> 10,
	       info.freeram * info.mem_unit >> 10, time, now(CLOCK_REALTIME));
	if (time < last)
		printf("life: the clock went back from %.9f to %.9f\n", last, time);
	last = time;
}

static void crash(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY);

	if (fd < 0 || write(fd, "c", 1) != 1)
		printf("life: there is no sysrq to crash with\n");
}

static void show_rom(void)
{
	char hash[80];

	if (guest_read("/sys/kernel/vmi/sha256", hash, sizeof(hash)) > 0)
		printf("life: rom %s", hash);
}

/* As a person at the console could: the host has not asked for it. */
static void sleep_unasked(void)
{
	int fd = open("/sys/power/state", O_WRONLY);

	if (fd < 0 || write(fd, "mem", 3) != 3)
		printf("life: cannot sleep: %s\n", strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* 1: go on. */
static int obey(void)
{
	char line[64];
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);

	if (n <= 0)
		return 1;
	line[n] = 0;
	line[strcspn(line, "\r\n")] = 0;
	printf("life: told: %s\n", line);
	if (!strcmp(line, "poweroff"))
		end("poweroff", RB_POWER_OFF);
	if (!strcmp(line, "reboot"))
		end("reboot", RB_AUTOBOOT);
	if (!strcmp(line, "crash"))
		crash();
	if (!strcmp(line, "rom"))
		show_rom();
	if (!strcmp(line, "sleep"))
		sleep_unasked();
	return strcmp(line, "end") != 0;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	const struct timespec pause = { .tv_nsec = BEAT };

	(void)argc;
	if (name && !strcmp(name, "/poweroff"))
		end("poweroff", RB_POWER_OFF);
	if (name && !strcmp(name, "/reboot"))
		end("reboot", RB_AUTOBOOT);
	setvbuf(stdout, NULL, _IOLBF, 0);
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	if (getenv("WORK"))
		work_start();
	for (unsigned int i = 0; obey(); i++) {
		beat(i);
		if (getenv("WORK"))
			work_report();
		nanosleep(&pause, NULL);
	}
	return 0;
}
