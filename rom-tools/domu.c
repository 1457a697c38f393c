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

#define DOM0_MEMORY	768	/* MiB; it holds the guest's files twice while it unpacks them */
#define SCRIPT_DOMAINS	2	/* of the guest's memory, that a script can have at once beside one that it saves */
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

/* What Xen calls the domain. A shim lies between, as a hypervisor of its own in a container of the machine's. */
struct kind {
	const char *config, *cpu, *shim;	/* shim: its file in dom0's folder, and in /guest */
};

static const struct kind pv = { "type = \"pv\"\n", "qemu64,+svm,+npt,+rdrand", NULL };
static const struct kind pvshim = {
	"type = \"pvh\"\npvshim = 1\npvshim_path = \"/guest/xen-shim\"\n",
	/* of a processor of the emulator's own family the shim reads MSRs that a container has not */
	"qemu64,+svm,+npt,+rdrand,family=23,model=1", "xen-shim",
};

/* In xl's language, where the last line of a name counts. */
static char *domain_config(const struct run *run, const struct kind *kind)
{
	char *text = NULL, *line = host_command_line(run);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "name = \"guest\"\n%svcpus = %u\nmemory = %u\nkernel = \"/guest/kernel\"\n%scmdline = ",
		kind->config, run->cpus, run->memory, run->request->initrd ? "ramdisk = \"/guest/initrd\"\n" : "");
	print_quoted(out, line);
	for (size_t i = 0; i < run->request->domain_lines.count; i++)
		fprintf(out, "%s\n", run->request->domain_lines.args[i]);
	fclose(out);
	free(line);
	return text;
}

/* As /guest/NAME. */
static int add_file(FILE *out, const char *path, const char *name, struct why *why)
{
	char *as = xprintf("guest/%s", name);
	struct blob file = { 0 };
	struct why reason = { "" };
	int err = file_read(path, &file, &reason);

	if (err)
		refuse(why, "the first domain's file %s %s", path, reason.text);
	else
		cpio_add(out, as, CPIO_FILE, file.data, file.size);
	blob_free(&file);
	free(as);
	return err;
}

static int add_files(FILE *out, const struct run *run)
{
	const struct request *r = run->request;
	int err = 0;

	if (r->initrd)
		err = add_file(out, r->initrd, "initrd", run->why);
	if (!err && r->dom0_script)
		err = add_file(out, r->dom0_script, "script", run->why);
	for (size_t i = 0; !err && i < r->dom0_files.count; i++) {
		const char *path = r->dom0_files.args[i], *slash = strrchr(path, '/');

		err = add_file(out, path, slash ? slash + 1 : path, run->why);
	}
	return err;
}

static int write_archive(FILE *out, const struct run *run, const struct kind *kind, const char *dom0, const struct blob *base)
{
	char *config = domain_config(run, kind), *shim = kind->shim ? xprintf("%s/%s", dom0, kind->shim) : NULL;
	int err;

	cpio_add(out, "guest", CPIO_FOLDER, NULL, 0);
	cpio_add(out, "guest/config", CPIO_FILE, config, strlen(config));
	cpio_add(out, "guest/kernel", CPIO_FILE, run->kernel.data, run->kernel.size);
	err = add_files(out, run);
	if (!err && shim)
		err = add_file(out, shim, kind->shim, run->why);
	cpio_add(out, "TRAILER!!!", 0, NULL, 0);
	fwrite(base->data, 1, base->size, out);
	free(config);
	free(shim);
	return err;
}

static int make_initramfs(struct run *run, const struct kind *kind, const char *dom0, const char *path)
{
	char *base_path = xprintf("%s/initramfs", dom0);
	struct blob base = { 0 };
	FILE *out = NULL;
	int err = file_read(base_path, &base, run->why);

	if (!err)
		out = fopen(path, "we");
	if (out) {
		err = write_archive(out, run, kind, dom0, &base);
		err |= ferror(out) | fclose(out);
	}
	if (!out || err)
		err = refuse(run->why, "the first domain's %s cannot be written", path);
	blob_free(&base);
	free(base_path);
	return err;
}

/* Where dom0/rules.mk has it made; the caller frees it. */
static char *find_dom0(struct why *why)
{
	char *folder = host_cache("dom0"), *stamp = xprintf("%s/stamp", folder);

	if (access(stamp, R_OK)) {
		refuse(why, "there is no first domain for it in %s; `make dom0' makes one", folder);
		free(folder);
		folder = NULL;
	}
	free(stamp);
	return folder;
}

int xen_domu_ready(const struct host *host, struct why *why)
{
	char *folder = find_dom0(why);

	free(folder);
	return folder ? xen_ready(host, why) : -1;
}

static unsigned int dom0_memory(const struct run *run)
{
	if (run->request->dom0_memory)
		return run->request->dom0_memory;
	return DOM0_MEMORY + (run->request->dom0_script ? run->memory : 0);
}

static unsigned int all_memory(const struct run *run)
{
	unsigned int domains = run->request->dom0_script ? SCRIPT_DOMAINS : 1;

	return dom0_memory(run) + domains * run->memory + XEN_OWN_MEMORY;
}

/* The emulator's memory is empty: Xen would scrub gigabytes for nothing. */
static void boot(struct run *run, const char *cpu, const char *xen, const char *dom0, const char *initramfs)
{
	const char *more = run->request->xen_append;
	char *a = host_doubled(dom0), *b = host_doubled(initramfs);

	host_emulator(run, cpu, all_memory(run));
	host_processors(run, XEN_PROCESSORS);
	host_option(run, "-kernel", xen);
	words_add(&run->qemu, "-append");
	words_add(&run->qemu, "console=com1 com1=115200,8n1 dom0_mem=%uM dom0_max_vcpus=1 bootscrub=off noreboot%s%s", dom0_memory(run),
		  more ? " " : "", more ? more : "");
	words_add(&run->qemu, "-initrd");
	words_add(&run->qemu, "%s/kernel console=hvc0 quiet random.trust_cpu=on cryptomgr.notests,%s", a, b);
	free(a);
	free(b);
}

static int domain(struct run *run, const struct kind *kind)
{
	char *dom0 = find_dom0(run->why), *xen = dom0 ? host_xen(run) : NULL;
	char *initramfs = xprintf("%s/initrd", run->folder);
	int err = !xen || host_bundle(run) || make_initramfs(run, kind, dom0, initramfs) ? -1 : 0;

	if (!err)
		boot(run, kind->cpu, xen, dom0, initramfs);
	free(dom0);
	free(xen);
	free(initramfs);
	return err;
}

int xen_pv_domu(struct run *run)
{
	return domain(run, &pv);
}

int xen_pvshim(struct run *run)
{
	return domain(run, &pvshim);
}
