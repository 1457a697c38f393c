// SPDX-License-Identifier: MIT
/* /init of the initramfs in which tests/linux/detect.t runs `vmi detect': shows its JSON, and passes if it ends well. */
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmi/verdict.h"

static int detect(void)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/vmi", "vmi", "detect", "--json", NULL);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status;
}

int main(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	printf("\n");
	fflush(stdout);
	if (detect())
		printf(VMI_VERDICT_LINE VMI_VERDICT_FAIL " vmi detect did not end well\n");
	else
		printf(VMI_VERDICT_LINE VMI_VERDICT_PASS "\n");
	fflush(stdout);
	for (;;)
		pause();
}
