// SPDX-License-Identifier: MIT
/*
 * /init of the test initramfs: says which kernel and ROM run, tests that user
 * space works, gives the verdict, powers off. VMI_RUN=PROGRAM on the kernel's
 * command line runs /PROGRAM instead of the smoke tests (bench, kexec, life, selftests, smp, soak);
 * its exit status then decides. Read next: facts.c, smoke.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "guest.h"
#include "vmi/verdict.h"

static uint64_t start;

static void mount_all(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mkdir("/tmp", 0777);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
}

static int exec_program(void)
{
	char path[64], ticks[24], tsc[24];

	snprintf(path, sizeof(path), "/%s", getenv("VMI_RUN"));
	snprintf(ticks, sizeof(ticks), "%llu",
		 (unsigned long long)facts_boot_ticks(start));
	snprintf(tsc, sizeof(tsc), "%llu", (unsigned long long)start);
	execl(path, path, ticks, tsc, NULL);
	perror(path);
	return 127;
}

/* NULL when all is well. */
static const char *run(void)
{
	static char reason[128];
	const char *failed;
	int status;

	if (getenv("VMI_RUN")) {
		status = guest_child(exec_program, 0);
		if (!status)
			return NULL;
		snprintf(reason, sizeof(reason), "%s ended with status 0x%x",
			 getenv("VMI_RUN"), status);
		return reason;
	}
	failed = smoke_run();
	if (!failed)
		return NULL;
	snprintf(reason, sizeof(reason), "smoke test %s failed", failed);
	return reason;
}

static void power_off(void)
{
	tcdrain(STDOUT_FILENO);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	const char *failed;

	start = guest_tsc();
	/* The smoke tests' exec comes back here. */
	if (argc > 2 && !strcmp(argv[1], "exit"))
		return atoi(argv[2]);
	mount_all();
	setvbuf(stdout, NULL, _IOLBF, 0);
	facts_print(start);
	failed = run();
	if (failed)
		printf(VMI_VERDICT_LINE VMI_VERDICT_FAIL " %s\n", failed);
	else
		printf(VMI_VERDICT_LINE VMI_VERDICT_PASS "\n");
	if (getpid() == 1)
		power_off();
	return failed != NULL;
}
