// SPDX-License-Identifier: MIT
/* What hosts with a Xen have in common, and the plainest of them: the guest as first domain. Read next: domu.c. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle.h"
#include "hosts.h"
#include "kernel.h"

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

char *host_cache(const char *what)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	return cache ? xprintf("%s/vmi/%s", cache, what) : xprintf("%s/.cache/vmi/%s", home ? home : "", what);
}

/* The machine's own, or the one that xen/rules.mk has fetched. The caller frees it; NULL: there is none. */
static char *find_version(const char *version)
{
	char *name = xprintf("xen/xen-%s-amd64.gz", version), *cached = host_cache(name);
	char *pattern = xprintf("/boot/xen-%s-amd64.gz", version), *path = newest(pattern);

	if (!path)
		path = newest(cached);
	free(name);
	free(cached);
	free(pattern);
	return path;
}

static int no_xen(const struct host *host, struct why *why)
{
	return refuse(why, "there is no Xen %s for it, in /boot or fetched by `make xens'", host->xen);
}

int xen_ready(const struct host *host, struct why *why)
{
	char *path = find_version(host->xen);

	free(path);
	return path ? 0 : no_xen(host, why);
}

static char *find_xen(const struct run *run)
{
	char *path;

	if (run->request->xen)
		return xprintf("%s", run->request->xen);
	path = find_version(run->host->xen);
	if (!path)
		no_xen(run->host, run->why);
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
	if (!run->rom)
		return 0;
	if (bundle(&run->kernel, &run->rom_bytes, is_bundle, run->why))
		return -1;
	sha256_hex(run->bundle_sha256, run->kernel.data, run->kernel.size);
	return 0;
}

char *host_doubled(const char *text)
{
	char *out = xcalloc(2 * strlen(text) + 1, 1), *p = out;

	for (; *text; *p++ = *text++)
		if (*text == ',')
			*p++ = ',';
	return out;
}

/* What the first domain is to Xen: words of Xen's command line; and what QEMU's machine needs for it. */
struct first {
	const char *words, *machine[4];
};

static const struct first pv = { "", { NULL } };
/* its devices' memory access is the guest's own: Xen wants an IOMMU to check it */
static const struct first pvh = { " dom0=pvh", { "-machine", "q35", "-device", "intel-iommu,intremap=on" } };

static void boot(struct run *run, const struct first *first, const char *xen, const char *kernel)
{
	const char *more = run->request->xen_append;
	char *line = host_command_line(run), *modules;
	char *a = host_doubled(kernel), *b = host_doubled(line), *c = host_doubled(run->request->initrd ? run->request->initrd : "");

	modules = xprintf("%s %s%s%s", a, b, *c ? "," : "", c);
	host_emulator(run, "qemu64,+svm,+npt", run->memory + XEN_OWN_MEMORY);
	for (size_t i = 0; i < 4 && first->machine[i]; i++)
		words_add(&run->qemu, "%s", first->machine[i]);
	host_processors(run, XEN_PROCESSORS);
	host_option(run, "-kernel", xen);
	words_add(&run->qemu, "-append");
	words_add(&run->qemu, "console=com1 com1=115200,8n1 dom0_mem=%uM dom0_max_vcpus=%u noreboot%s%s%s", run->memory,
		  run->cpus, first->words, more ? " " : "", more ? more : "");
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

static int first_domain(struct run *run, const struct first *first)
{
	char *xen = host_xen(run), *kernel = xprintf("%s/bundle", run->folder);
	int err = -1;

	if (xen && !host_bundle(run))
		err = file_write(kernel, run->kernel.data, run->kernel.size, 0600, run->why);
	if (!err)
		boot(run, first, xen, kernel);
	free(xen);
	free(kernel);
	return err;
}

int xen_pv_dom0(struct run *run)
{
	return first_domain(run, &pv);
}

int xen_pvh_dom0(struct run *run)
{
	return first_domain(run, &pvh);
}
