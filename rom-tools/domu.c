// SPDX-License-Identifier: MIT
/*
 * A guest as a domain of Debian's Xen, made by xl in a first domain that
 * inner/make has built: inner.c.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inner.h"

#define DOM0_MEMORY	768	/* MiB; it holds the guest's files twice while it unpacks them */
#define SCRIPT_DOMAINS	2	/* of the guest's memory, that a script can have at once beside one that it saves */

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

#define IMAGE		"dom0"
#define IMAGE_HVM	"dom0-hvm"
#define CPU		"qemu64,+svm,+npt,+rdrand"
#define MODEL_MEMORY	192	/* MiB more for dom0 where it runs a device model */

/* What Xen calls the domain. A shim lies between, as a hypervisor of its own in a container of the machine's. */
struct kind {
	const char *image;	/* of the first domain, in the cache */
	const char *config, *cpu;
	const char *shim;	/* its file in the image's folder, and in /guest */
	bool has_firmware;	/* and a device model: the BIOS boots what a PC boots, and finds the ROM */
};

static const struct kind pv = { IMAGE, "type = \"pv\"\n", CPU, NULL, false };
static const struct kind pvh = { IMAGE, "type = \"pvh\"\n", CPU, NULL, false };
static const struct kind pvshim = {
	IMAGE, "type = \"pvh\"\npvshim = 1\npvshim_path = \"/guest/xen-shim\"\n",
	/* of a processor of the emulator's own family the shim reads MSRs that a container has not */
	CPU ",family=23,model=1", "xen-shim", false
};
static const struct kind hvm = { IMAGE_HVM, "type = \"hvm\"\nvga = \"none\"\nvnc = 0\nusb = 0\n", CPU, NULL, true };

/* Where the BIOS looks for ROMs of no device: what QEMU's own -option-rom does, which it does not do for Xen. */
static const char carrier[] = "device_model_args_hvm = [ \"-fw_cfg\", \"name=genroms/vmi.rom,file=/guest/rom\" ]\n";

/* In xl's language, where the last line of a name counts. */
static char *domain_config(const struct run *run, const struct kind *kind)
{
	char *text = NULL, *line = host_command_line(run);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "name = \"guest\"\n%s%svcpus = %u\nmemory = %u\nkernel = \"/guest/kernel\"\n%scmdline = ",
		kind->config, kind->has_firmware && run->rom ? carrier : "", run->cpus, run->memory,
		run->request->initrd ? "ramdisk = \"/guest/initrd\"\n" : "");
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
	int err = inner_file(out, path, as, why);

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

/* What a domain needs beside the run. */
struct domain {
	const struct kind *kind;
	const char *dom0;	/* the image's folder */
	const char *bzimage;	/* NULL: the kernel is run->kernel */
};

static int add_kernel(FILE *out, const struct run *run, const struct domain *domain)
{
	if (domain->bzimage)
		return add_file(out, domain->bzimage, "kernel", run->why);
	inner_data(out, "guest/kernel", run->kernel.data, run->kernel.size);
	return 0;
}

static int fill(FILE *out, struct run *run, const void *data)
{
	const struct domain *domain = data;
	const char *name = domain->kind->shim;
	char *config = domain_config(run, domain->kind), *shim = name ? xprintf("%s/%s", domain->dom0, name) : NULL;
	int err;

	inner_folder(out, "guest");
	inner_data(out, "guest/config", config, strlen(config));
	if (domain->kind->has_firmware && run->rom)
		inner_data(out, "guest/rom", run->rom_bytes.data, run->rom_bytes.size);
	err = add_kernel(out, run, domain);
	if (!err)
		err = add_files(out, run);
	if (!err && shim)
		err = add_file(out, shim, name, run->why);
	free(config);
	free(shim);
	return err;
}

static char *find_dom0(const char *image, struct why *why)
{
	return inner_find(image, "first domain", why);
}

static int ready(const char *image, const struct host *host, struct why *why)
{
	char *folder = find_dom0(image, why);

	free(folder);
	return folder ? xen_ready(host, why) : -1;
}

int xen_domu_ready(const struct host *host, struct why *why)
{
	return ready(IMAGE, host, why);
}

int xen_hvm_ready(const struct host *host, struct why *why)
{
	return ready(IMAGE_HVM, host, why);
}

static unsigned int dom0_memory(const struct run *run, const struct kind *kind)
{
	unsigned int model = kind->has_firmware ? MODEL_MEMORY : 0;

	if (run->request->dom0_memory)
		return run->request->dom0_memory;
	return DOM0_MEMORY + model + (run->request->dom0_script ? run->memory : 0);
}

static unsigned int all_memory(const struct run *run, const struct kind *kind)
{
	unsigned int domains = run->request->dom0_script ? SCRIPT_DOMAINS : 1;

	return dom0_memory(run, kind) + domains * run->memory + XEN_OWN_MEMORY;
}

/* The emulator's memory is empty: Xen would scrub gigabytes for nothing. */
static void boot(struct run *run, const struct kind *kind, const char *xen, const char *dom0, const char *initramfs)
{
	const char *more = run->request->xen_append;
	char *a = host_doubled(dom0), *b = host_doubled(initramfs);

	host_emulator(run, kind->cpu, all_memory(run, kind));
	host_processors(run, XEN_PROCESSORS);
	host_option(run, "-kernel", xen);
	words_add(&run->qemu, "-append");
	words_add(&run->qemu, "console=com1 com1=115200,8n1 dom0_mem=%uM dom0_max_vcpus=1 bootscrub=off noreboot%s%s",
		  dom0_memory(run, kind), more ? " " : "", more ? more : "");
	words_add(&run->qemu, "-initrd");
	words_add(&run->qemu, "%s/kernel console=hvc0 quiet random.trust_cpu=on cryptomgr.notests,%s", a, b);
	free(a);
	free(b);
}

/* A BIOS boots a bzImage, or a Multiboot kernel as it is; whoever starts the ELF file itself takes a bundle. */
static int choose_kernel(struct run *run, const struct kind *kind, char **bzimage)
{
	if (!kind->has_firmware)
		return host_bundle(run);
	if (host_is_multiboot(&run->kernel))
		return 0;
	*bzimage = host_bzimage(run);
	return *bzimage ? 0 : -1;
}

static int boot_domain(struct run *run, const struct kind *kind)
{
	char *dom0 = find_dom0(kind->image, run->why), *xen = dom0 ? host_xen(run) : NULL, *bzimage = NULL;
	char *initramfs = xprintf("%s/initrd", run->folder);
	int err = xen ? choose_kernel(run, kind, &bzimage) : -1;
	const struct domain domain = { kind, dom0, bzimage };

	if (!err)
		err = inner_initramfs(run, dom0, initramfs, fill, &domain);
	if (!err)
		boot(run, kind, xen, dom0, initramfs);
	free(dom0);
	free(xen);
	free(bzimage);
	free(initramfs);
	return err ? -1 : 0;
}

int xen_pv_domu(struct run *run)
{
	return boot_domain(run, &pv);
}

int xen_pvh_domu(struct run *run)
{
	return boot_domain(run, &pvh);
}

int xen_pvshim(struct run *run)
{
	return boot_domain(run, &pvshim);
}

int xen_hvm(struct run *run)
{
	return boot_domain(run, &hvm);
}
