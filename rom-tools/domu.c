// SPDX-License-Identifier: MIT
/*
 * A guest as a domain of Debian's Xen, made by xl in a first domain that
 * dom0/make has built. What that one needs to know stands in a cpio archive in
 * front of its own initramfs: kernels unpack several, one behind the other.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hosts.h"

#define DOM0_MEMORY	512	/* MiB; it holds the guest's files twice while it unpacks them */
#define CPIO_FOLDER	040755
#define CPIO_FILE	0100644
#define CPIO_HEADER	110	/* bytes: magic and 13 fields of 8 digits */

static void cpio_pad(FILE *out, size_t size)
{
	for (; size % 4; size++)
		fputc(0, out);
}

/* The "newc" form: inode, mode, owner, group, links, time, size, devices, length of the name, check. */
static void cpio_add(FILE *out, const char *name, unsigned int mode, const void *data, size_t size)
{
	size_t length = strlen(name) + 1;

	fprintf(out, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x",
		0, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, length, 0);
	fwrite(name, 1, length, out);
	cpio_pad(out, CPIO_HEADER + length);
	fwrite(data, 1, size, out);
	cpio_pad(out, size);
}

static void print_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputs("\"\n", out);
}

/* In xl's language. A domain that ends is kept until its console is read. */
static char *domain_config(const struct run *run)
{
	char *text = NULL, *line = host_command_line(run);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "name = \"guest\"\ntype = \"pv\"\nvcpus = 1\nmemory = %u\n"
		"kernel = \"/guest/kernel\"\n%s"
		"on_poweroff = \"preserve\"\non_reboot = \"preserve\"\non_crash = \"preserve\"\ncmdline = ",
		run->memory, run->request->initrd ? "ramdisk = \"/guest/initrd\"\n" : "");
	print_quoted(out, line);
	fclose(out);
	free(line);
	return text;
}

static void write_archive(FILE *out, const struct run *run, const struct blob *initrd, const struct blob *base)
{
	char *config = domain_config(run);

	cpio_add(out, "guest", CPIO_FOLDER, NULL, 0);
	cpio_add(out, "guest/config", CPIO_FILE, config, strlen(config));
	cpio_add(out, "guest/kernel", CPIO_FILE, run->kernel.data, run->kernel.size);
	if (run->request->initrd)
		cpio_add(out, "guest/initrd", CPIO_FILE, initrd->data, initrd->size);
	cpio_add(out, "TRAILER!!!", 0, NULL, 0);
	fwrite(base->data, 1, base->size, out);
	free(config);
}

static int make_initramfs(struct run *run, const char *dom0, const char *path)
{
	char *base_path = xprintf("%s/initramfs", dom0);
	struct blob base = { 0 }, initrd = { 0 };
	FILE *out = NULL;
	int err = file_read(base_path, &base, run->why);

	if (!err && run->request->initrd)
		err = file_read(run->request->initrd, &initrd, run->why);
	if (!err)
		out = fopen(path, "we");
	if (out) {
		write_archive(out, run, &initrd, &base);
		err = ferror(out) | fclose(out);
	}
	if (!out || err)
		err = refuse(run->why, "the first domain's %s cannot be written", path);
	blob_free(&base);
	blob_free(&initrd);
	free(base_path);
	return err;
}

/* Where dom0/rules.mk has it made; the caller frees it. */
static char *find_dom0(struct why *why)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *folder = cache ? xprintf("%s/vmi/dom0", cache) :
			       xprintf("%s/.cache/vmi/dom0", home ? home : "");
	char *stamp = xprintf("%s/stamp", folder);

	if (access(stamp, R_OK)) {
		refuse(why, "there is no first domain for it in %s; `make dom0' makes one", folder);
		free(folder);
		folder = NULL;
	}
	free(stamp);
	return folder;
}

int xen_pv_domu_ready(struct why *why)
{
	char *folder = find_dom0(why);

	free(folder);
	return folder ? 0 : -1;
}

/* A processor with RDRAND: without it xl waits seconds for random numbers. */
static void boot(struct run *run, const char *xen, const char *dom0, const char *initramfs)
{
	const char *more = run->request->xen_append;
	char *a = host_doubled(dom0), *b = host_doubled(initramfs);

	host_emulator(run, "qemu64,+svm,+npt,+rdrand", run->memory + DOM0_MEMORY + XEN_OWN_MEMORY);
	host_option(run, "-kernel", xen);
	words_add(&run->qemu, "-append");
	words_add(&run->qemu, "console=com1 com1=115200,8n1 dom0_mem=%uM noreboot%s%s", DOM0_MEMORY,
		  more ? " " : "", more ? more : "");
	words_add(&run->qemu, "-initrd");
	words_add(&run->qemu, "%s/kernel console=hvc0 quiet random.trust_cpu=on cryptomgr.notests,%s", a, b);
	free(a);
	free(b);
}

int xen_pv_domu(struct run *run)
{
	char *dom0 = find_dom0(run->why), *xen = dom0 ? host_xen(run) : NULL;
	char *initramfs = xprintf("%s/initrd", run->folder);
	int err = !xen || host_bundle(run) || make_initramfs(run, dom0, initramfs) ? -1 : 0;

	if (!err)
		boot(run, xen, dom0, initramfs);
	free(dom0);
	free(xen);
	free(initramfs);
	return err;
}
