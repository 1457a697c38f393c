// SPDX-License-Identifier: MIT
/*
 * VMI_RUN=kexec: goes on into a second kernel, the bzImage /next with the
 * initial RAM disk /next.cpio.gz, which gives the verdict. VMI_HOW=reboot: in
 * good order; crash: it waits in the memory of crashkernel= until the first
 * one panics. Its command line is ours, without what was for the first. If
 * there is a /next.rom, that is handed over to it: kexec_load.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"
#include "kexec.h"

#define LINE	2048
#define ROM	"/next.rom"

static int is_for_first(const char *word)
{
	return !strncmp(word, "VMI_", 4) || !strncmp(word, "crashkernel=", 12) || !strncmp(word, "memmap=", 7);
}

static size_t next_line(char *line, const char *how)
{
	char ours[LINE];
	size_t used = 0;

	if (guest_read("/proc/cmdline", ours, sizeof(ours)) < 0)
		return 0;
	for (char *word = strtok(ours, " \n"); word; word = strtok(NULL, " \n"))
		if (!is_for_first(word))
			used += snprintf(line + used, LINE - used, "%s ", word);
	used += snprintf(line + used, LINE - used, "VMI_SECOND=%s", how);
	return used < LINE ? used + 1 : 0;
}

static int load_files(const char *line, size_t bytes, int crash)
{
	int kernel = open("/next", O_RDONLY), initrd = open("/next.cpio.gz", O_RDONLY);

	if (kernel < 0 || initrd < 0) {
		fprintf(stderr, "kexec: no second kernel\n");
		return -1;
	}
	if (syscall(SYS_kexec_file_load, kernel, initrd, bytes, line, crash ? KEXEC_FILE_ON_CRASH : 0)) {
		perror("kexec: kexec_file_load");
		return -1;
	}
	return 0;
}

static int load_next(const char *how, int crash)
{
	char line[LINE];
	size_t bytes = next_line(line, how);
	int err;

	if (!bytes) {
		fprintf(stderr, "kexec: too long a command line\n");
		return -1;
	}
	err = access(ROM, R_OK) ? load_files(line, bytes, crash) : kexec_load_with(ROM, line, crash);
	if (!err)
		printf("kexec: loaded: %s\n", line);
	return err;
}

static void panic_now(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY);

	if (fd < 0 || write(fd, "c", 1) != 1)
		perror("kexec: /proc/sysrq-trigger");
}

int main(void)
{
	const char *how = getenv("VMI_HOW") ? getenv("VMI_HOW") : "";
	int crash = !strcmp(how, "crash");

	if (!crash && strcmp(how, "reboot")) {
		fprintf(stderr, "kexec: VMI_HOW is reboot or crash, not `%s'\n", how);
		return 1;
	}
	if (load_next(how, crash))
		return 1;
	if (crash)
		panic_now();
	else
		reboot(RB_KEXEC);
	fprintf(stderr, "kexec: still in the first kernel\n");
	return 1;
}
