// SPDX-License-Identifier: MIT
/*
 * The hosts, each a row of the table at the end and a function that writes
 * QEMU's command line. A new host is a new row. Read next: domu.c, run.c.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle.h"
#include "hosts.h"
#include "kernel.h"

#define MULTIBOOT_MAGIC		0x1badb002u
#define MULTIBOOT_REACH		8192u	/* the header lies in these first bytes */

void host_emulator(struct run *run, const char *cpu, unsigned int memory)
{
	static const char *const fixed[] = {
		"-display", "none", "-vga", "none", "-nic", "none", "-monitor", "none", "-serial", "stdio",
		"-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
	};

	words_add(&run->qemu, "qemu-system-x86_64");
	words_add(&run->qemu, "-accel");
	words_add(&run->qemu, "tcg");
	words_add(&run->qemu, "-cpu");
	words_add(&run->qemu, "%s", cpu);
	words_add(&run->qemu, "-m");
	words_add(&run->qemu, "%u", memory);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		words_add(&run->qemu, "%s", fixed[i]);
}

void host_option(struct run *run, const char *name, const char *value)
{
	words_add(&run->qemu, "%s", name);
	words_add(&run->qemu, "%s", value);
}

char *host_command_line(const struct run *run)
{
	const char *more = run->request->append;

	return xprintf("%s%s%s", run->host->console, more && *more ? " " : "", more ? more : "");
}

/* The Multiboot header's magic, or NULL. */
static uint8_t *find_multiboot(const struct blob *kernel)
{
	size_t end = kernel->size < MULTIBOOT_REACH ? kernel->size : MULTIBOOT_REACH;

	for (size_t at = 0; at + 12 <= end; at += 4) {
		uint8_t *p = kernel->data + at;

		if (get32(p) == MULTIBOOT_MAGIC && get32(p) + get32(p + 4) + get32(p + 8) == 0)
			return p;
	}
	return NULL;
}

static char *find_bzimage(const struct run *run)
{
	static const char *const places[] = { "arch/x86/boot/bzImage", "bzImage" };
	const char *kernel = run->request->kernel, *slash = strrchr(kernel, '/');
	int folder = slash ? slash - kernel + 1 : 0;

	if (run->request->bzimage)
		return xprintf("%s", run->request->bzimage);
	for (size_t i = 0; i < 2; i++) {
		char *path = xprintf("%.*s%s", folder, kernel, places[i]);

		if (!access(path, R_OK))
			return path;
		free(path);
	}
	refuse(run->why, "there is no bzImage beside it, nor below arch/x86/boot; name it with --bzimage");
	return NULL;
}

static void native(struct run *run, const char *kernel)
{
	char *line = host_command_line(run);

	host_emulator(run, "max", run->memory);
	host_option(run, "-kernel", kernel);
	host_option(run, "-append", line);
	if (run->request->initrd)
		host_option(run, "-initrd", run->request->initrd);
	if (run->rom)
		host_option(run, "-option-rom", run->rom);
	free(line);
}

static int native_bios(struct run *run)
{
	char *image;

	if (find_multiboot(&run->kernel)) {
		native(run, run->request->kernel);
		return 0;
	}
	image = find_bzimage(run);
	if (!image)
		return -1;
	native(run, image);
	free(image);
	return 0;
}

/* QEMU tries Multiboot before PVH: in the copy it boots there is no such header. */
static int without_multiboot(struct run *run, char **path)
{
	struct blob copy = blob_new(run->kernel.size);
	uint8_t *magic;
	int err;

	memcpy(copy.data, run->kernel.data, copy.size);
	while ((magic = find_multiboot(&copy)))
		put32(magic, 0);
	*path = xprintf("%s/kernel", run->folder);
	err = file_write(*path, copy.data, copy.size, 0600, run->why);
	blob_free(&copy);
	return err;
}

static int native_pvh(struct run *run)
{
	struct kernel kernel;
	bool has_pvh;
	char *path = NULL;

	if (kernel_open(&kernel, &run->kernel, run->why))
		return -1;
	has_pvh = kernel.has_pvh;
	kernel_close(&kernel);
	if (!has_pvh)
		return refuse(run->why, "has no PVH entry (ELF note Xen/18)");
	if (find_multiboot(&run->kernel) && without_multiboot(run, &path)) {
		free(path);
		return -1;
	}
	native(run, path ? path : run->request->kernel);
	free(path);
	return 0;
}

/* The newest that matches; the caller frees it. */
static char *newest(const char *pattern)
{
	char *path = NULL;
	glob_t g;

	if (!glob(pattern, 0, NULL, &g) && g.gl_pathc)
		path = xprintf("%s", g.gl_pathv[g.gl_pathc - 1]);
	globfree(&g);
	return path;
}

static char *find_xen(const struct run *run)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *pattern, *path;

	if (run->request->xen)
		return xprintf("%s", run->request->xen);
	path = newest("/boot/xen-4.17-amd64.gz");
	if (path)
		return path;
	pattern = cache ? xprintf("%s/vmi/xen/xen-*.gz", cache) :
			  xprintf("%s/.cache/vmi/xen/xen-*.gz", home ? home : "");
	path = newest(pattern);
	free(pattern);
	if (!path)
		path = newest("/boot/xen-*-amd64.gz");
	if (!path)
		refuse(run->why, "there is no Xen for it: neither /boot/xen-4.17-amd64.gz nor one named with --xen");
	return path;
}

/* QEMU boots Xen's 32-bit ELF, not its compressed form. */
static int unpack(const char *from, const char *to, struct why *why)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		if (!freopen(to, "w", stdout))
			_exit(127);
		execlp("gzip", "gzip", "-dcf", from, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return refuse(why, "Xen (%s) cannot be unpacked with gzip", from);
	return 0;
}

int host_bundle(struct run *run)
{
	struct vmi_rom_place place;
	struct kernel kernel;
	bool is_bundle = false;

	if (kernel_open(&kernel, &run->kernel, run->why))
		return -1;
	if (kernel.has_contract && !kernel_areas(&kernel, &place, run->why))
		is_bundle = kernel_is_bundle(&place);
	kernel_close(&kernel);
	/* a kernel without VMI may have Xen's notes of its own: --no-rom runs it as it is */
	return run->rom ? bundle(&run->kernel, &run->rom_bytes, is_bundle, run->why) : 0;
}

char *host_doubled(const char *text)
{
	char *out = xcalloc(2 * strlen(text) + 1, 1), *p = out;

	for (; *text; *p++ = *text++)
		if (*text == ',')
			*p++ = ',';
	return out;
}

static void xen_pv(struct run *run, const char *xen, const char *kernel)
{
	const char *more = run->request->xen_append;
	char *line = host_command_line(run), *modules;
	char *a = host_doubled(kernel), *b = host_doubled(line), *c = host_doubled(run->request->initrd ? run->request->initrd : "");

	modules = xprintf("%s %s%s%s", a, b, *c ? "," : "", c);
	host_emulator(run, "qemu64,+svm,+npt", run->memory + XEN_OWN_MEMORY);
	host_option(run, "-kernel", xen);
	words_add(&run->qemu, "-append");
	words_add(&run->qemu, "console=com1 com1=115200,8n1 dom0_mem=%uM noreboot%s%s", run->memory,
		  more ? " " : "", more ? more : "");
	host_option(run, "-initrd", modules);
	free(modules);
	free(line);
	free(a);
	free(b);
	free(c);
}

char *host_xen(struct run *run)
{
	char *packed = find_xen(run), *xen = NULL;

	if (packed) {
		xen = xprintf("%s/xen", run->folder);
		if (unpack(packed, xen, run->why)) {
			free(xen);
			xen = NULL;
		}
	}
	free(packed);
	return xen;
}

static int xen_pv_dom0(struct run *run)
{
	char *xen = host_xen(run), *kernel = xprintf("%s/bundle", run->folder);
	int err = -1;

	if (xen && !host_bundle(run))
		err = file_write(kernel, run->kernel.data, run->kernel.size, 0600, run->why);
	if (!err)
		xen_pv(run, xen, kernel);
	free(xen);
	free(kernel);
	return err;
}

const struct host hosts[] = {
	{
		.name = "native-bios", .rom = "native", .console = "console=ttyS0", .memory = 256,
		.text = "emulated PC: the BIOS boots a bzImage, or a Multiboot kernel; option-ROM carrier",
		.prepare = native_bios,
	}, {
		.name = "native-pvh", .rom = "native", .console = "console=ttyS0", .memory = 256,
		.text = "emulated PC: the ELF file by its PVH entry; option-ROM carrier",
		.prepare = native_pvh,
	}, {
		.name = "xen-pv-dom0", .rom = "xen-pv", .console = "console=hvc0", .memory = 384,
		.text = "Xen 4.17 in the emulator: a bundle as paravirtual dom0",
		.prepare = xen_pv_dom0, .death = "Hardware Dom0 ",
	}, {
		.name = "xen-pv-domu", .rom = "xen-pv", .console = "console=hvc0", .memory = 384,
		.text = "the same, below Debian's kernel as dom0: a bundle as paravirtual domain, made by xl",
		.prepare = xen_pv_domu, .ready = xen_pv_domu_ready, .death = "vmi-dom0: ",
		.makes_domains = true,
	},
};

const size_t host_count = sizeof(hosts) / sizeof(hosts[0]);
