// SPDX-License-Identifier: MIT
/*
 * A guest of Linux's KVM: in the emulator, whose processor has SVM, runs Debian's
 * kernel with QEMU, and in that the guest. inner/make has built all but the guest.
 */
#include <stdlib.h>
#include <string.h>

#include "inner.h"

#define OWN_MEMORY	512	/* MiB beside the guest's; it holds its initramfs twice while it unpacks it */
#define PROCESSORS	2	/* of the machine, at most: the kernel shares them out */

static char *find_image(struct why *why)
{
	return inner_find("kvm", "machine with KVM", why);
}

int kvm_ready(const struct host *host, struct why *why)
{
	char *folder = find_image(why);

	(void)host;
	free(folder);
	return folder ? 0 : -1;
}

static char *machine(const struct run *run, const char *line)
{
	return xprintf("-accel\nkvm\n-cpu\nhost\n-m\n%u\n-smp\n%u\n-display\nnone\n-vga\nnone\n-nic\nnone\n"
		       "-monitor\nnone\n-serial\nstdio\n-no-reboot\n-device\nisa-debug-exit,iobase=0xf4,iosize=4\n"
		       "-kernel\n/guest/kernel\n-append\n%s\n%s%s", run->memory, run->cpus, line,
		       run->request->initrd ? "-initrd\n/guest/initrd\n" : "",
		       run->rom ? "-option-rom\n/guest/rom\n" : "");
}

/* QEMU's arguments, one on each line, and the files they name. */
static int fill(FILE *out, struct run *run, const void *data)
{
	struct blob kernel = host_without_multiboot(&run->kernel);
	char *arguments = machine(run, data);
	int err = 0;

	inner_folder(out, "guest");
	inner_data(out, "guest/qemu", arguments, strlen(arguments));
	inner_data(out, "guest/kernel", kernel.data, kernel.size);
	if (run->rom)
		inner_data(out, "guest/rom", run->rom_bytes.data, run->rom_bytes.size);
	if (run->request->initrd)
		err = inner_file(out, run->request->initrd, "guest/initrd", run->why);
	free(arguments);
	blob_free(&kernel);
	return err;
}

static void boot(struct run *run, const char *folder, const char *initramfs)
{
	char *kernel = xprintf("%s/kernel", folder);

	host_emulator(run, "qemu64,+svm,+npt,+rdrand", run->memory + OWN_MEMORY);
	host_processors(run, PROCESSORS);
	host_option(run, "-kernel", kernel);
	host_option(run, "-initrd", initramfs);
	host_option(run, "-append", "console=ttyS0 quiet random.trust_cpu=on cryptomgr.notests");
	free(kernel);
}

int kvm(struct run *run)
{
	char *folder = find_image(run->why), *line = host_command_line(run);
	char *initramfs = xprintf("%s/initrd", run->folder);
	int err = folder ? host_check_pvh(run) : -1;

	if (!err && strchr(line, '\n'))
		err = refuse(run->why, "its command line has a newline, which the list of QEMU's arguments cannot hold");
	if (!err)
		err = inner_initramfs(run, folder, initramfs, fill, line);
	if (!err)
		boot(run, folder, initramfs);
	free(folder);
	free(line);
	free(initramfs);
	return err;
}
