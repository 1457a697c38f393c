// SPDX-License-Identifier: MIT
/*
 * /module of the test initramfs: loads /vmi_probe.ko (tests/module), and ends
 * well if that says that all of its sites are patched and work. VMI_CRASH=HOW
 * on the kernel's command line has the module bring the kernel down instead.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READ_CLEAR	4
#define SITES		"vmi_probe: sites"

static char log_text[1 << 17];

/* What the module said of itself, from the kernel's log. */
static int said(const char *text)
{
	const char *line = strstr(log_text, text);

	printf("module: %s%.*s\n", line ? "" : "not said: ", line ? (int)strcspn(line, "\n") : 80, line ? line : text);
	return !!line;
}

int main(void)
{
	int fd = open("/vmi_probe.ko", O_RDONLY);
	char how[64];
	unsigned int sites = 0, indirect = 1;

	snprintf(how, sizeof(how), "crash=%s", getenv("VMI_CRASH") ? getenv("VMI_CRASH") : "");
	klogctl(READ_CLEAR, log_text, sizeof(log_text) - 1);
	memset(log_text, 0, sizeof(log_text));
	if (syscall(SYS_finit_module, fd, how, 0)) {
		perror("module: vmi_probe.ko");
		return 1;
	}
	klogctl(READ_CLEAR, log_text, sizeof(log_text) - 1);
	if (!said("vmi_probe: flag 1, entries 1, work 1") || !said(SITES))
		return 1;
	if (sscanf(strstr(log_text, SITES), SITES " %u, indirect %u", &sites, &indirect) != 2 || !sites || indirect)
		return 1;
	if (syscall(SYS_delete_module, "vmi_probe", 0)) {
		perror("module: delete_module");
		return 1;
	}
	return 0;
}
