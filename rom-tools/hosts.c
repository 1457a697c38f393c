// SPDX-License-Identifier: MIT
/*
 * The hosts, each a row of the table at the end and a function that writes
 * QEMU's command line. A new host is a new row. Read next: xen.c, domu.c, kvm.c, run.c.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hosts.h"
#include "kernel.h"

#define OPTION_ROM		"-option-rom"
#define TSC_SAMPLE		20000000u	/* ns */
#define SVM			"qemu64,+svm,+npt"
#define NO_SVM			"qemu64,-svm"	/* a domain in ring 3 shows that it needs no more */
#define MULTIBOOT_MAGIC		0x1badb002u
#define MULTIBOOT_REACH		8192u	/* the header lies in these first bytes */

void host_emulator(struct run *run, const char *cpu, unsigned int memory)
{
	static const char *const fixed[] = {
		"-display", "none", "-vga", "none", "-nic", "none", "-monitor", "none", "-serial", "stdio",
		"-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
	};

	const char *accel = run->request->accel ? run->request->accel : "tcg";

	words_add(&run->qemu, "qemu-system-x86_64");
	host_option(run, "-accel", accel);
	/* Models are the emulator's; a real processor shows what it is. */
	host_option(run, "-cpu", strcmp(accel, "kvm") ? cpu : "host");
	words_add(&run->qemu, "-m");
	words_add(&run->qemu, "%u", memory);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		words_add(&run->qemu, "%s", fixed[i]);
}

static bool is_counted(const struct run *run)
{
	for (size_t i = 0; i < run->request->qemu_args.count; i++)
		if (!strcmp(run->request->qemu_args.args[i], "-icount"))
			return true;
	return false;
}

void host_processors(struct run *run, unsigned int most)
{
	unsigned int count = run->cpus < most ? run->cpus : most;

	if (count == 1 || is_counted(run))
		return;
	words_add(&run->qemu, "-smp");
	words_add(&run->qemu, "%u", count);
}

void host_option(struct run *run, const char *name, const char *value)
{
	words_add(&run->qemu, "%s", name);
	words_add(&run->qemu, "%s", value);
}

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* Of this machine: without -icount the emulator's guests see the same. */
static uint64_t tsc_khz(void)
{
	uint64_t since = nanoseconds(), ticks = __builtin_ia32_rdtsc(), now;

	while ((now = nanoseconds()) - since < TSC_SAMPLE)
		;
	return (__builtin_ia32_rdtsc() - ticks) * 1000000 / (now - since);
}

char *host_command_line(const struct run *run)
{
	const char *more = run->request->append;
	char rate[64] = "";

	if (run->host->tells_tsc && !is_counted(run))
		snprintf(rate, sizeof(rate), " tsc_early_khz=%llu", (unsigned long long)tsc_khz());
	return xprintf("%s%s%s%s", run->host->console, rate, more && *more ? " " : "", more ? more : "");
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

bool host_is_multiboot(const struct blob *kernel)
{
	return find_multiboot(kernel) != NULL;
}

char *host_bzimage(const struct run *run)
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

/* carrier: QEMU's option that takes the ROM; NULL: it is in the kernel. */
static void native(struct run *run, const char *kernel, const char *carrier)
{
	char *line = host_command_line(run);

	host_emulator(run, "max", run->memory);
	if (run->host->machine)
		host_option(run, "-machine", run->host->machine);
	host_processors(run, run->cpus);
	host_option(run, "-kernel", kernel);
	host_option(run, "-append", line);
	if (run->request->initrd)
		host_option(run, "-initrd", run->request->initrd);
	if (run->rom && carrier)
		host_option(run, carrier, run->rom);
	free(line);
}

static int native_bios(struct run *run)
{
	char *image;

	if (host_is_multiboot(&run->kernel)) {
		native(run, run->request->kernel, OPTION_ROM);
		return 0;
	}
	image = host_bzimage(run);
	if (!image)
		return -1;
	native(run, image, OPTION_ROM);
	free(image);
	return 0;
}

struct blob host_without_multiboot(const struct blob *kernel)
{
	struct blob copy = blob_new(kernel->size);
	uint8_t *magic;

	memcpy(copy.data, kernel->data, copy.size);
	while ((magic = find_multiboot(&copy)))
		put32(magic, 0);
	return copy;
}

static int without_multiboot(struct run *run, char **path)
{
	struct blob copy = host_without_multiboot(&run->kernel);
	int err;

	*path = xprintf("%s/kernel", run->folder);
	err = file_write(*path, copy.data, copy.size, 0600, run->why);
	blob_free(&copy);
	return err;
}

int host_check_pvh(struct run *run)
{
	struct kernel kernel;
	bool has_pvh;

	if (kernel_open(&kernel, &run->kernel, run->why))
		return -1;
	has_pvh = kernel.has_pvh;
	kernel_close(&kernel);
	return has_pvh ? 0 : refuse(run->why, "has no PVH entry (ELF note Xen/18)");
}

static int native_pvh(struct run *run)
{
	char *path = NULL;

	if (host_check_pvh(run))
		return -1;
	if (host_is_multiboot(&run->kernel) && without_multiboot(run, &path)) {
		free(path);
		return -1;
	}
	native(run, path ? path : run->request->kernel, OPTION_ROM);
	free(path);
	return 0;
}

/* Its firmware calls no option ROMs: a bundle. */
static int native_microvm(struct run *run)
{
	char *path = NULL;
	int err = host_check_pvh(run) || host_bundle(run) || without_multiboot(run, &path);

	if (!err)
		native(run, path, NULL);
	free(path);
	return err ? -1 : 0;
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
		.name = "native-q35", .rom = "native", .console = "console=ttyS0", .memory = 256, .machine = "q35",
		.text = "the same as native-bios on a newer PC, with PCI Express",
		.prepare = native_bios,
	}, {
		.name = "native-microvm", .rom = "native", .console = "console=ttyS0", .memory = 256,
		.machine = "microvm,rtc=on", .tells_tsc = true,
		.text = "emulated machine without PCI: a bundle by its PVH entry",
		.prepare = native_microvm,
	}, {
		.name = "native-uefi", .rom = "native", .console = "console=ttyS0", .memory = 256,
		.text = "emulated PC: UEFI firmware starts a bzImage; EFI carrier in a device's option ROM",
		.prepare = native_uefi, .ready = uefi_ready, .no_small = "UEFI firmware starts EFI applications only",
	}, {
		.name = "xen-pv-dom0", .rom = "xen-pv", .console = "console=hvc0", .memory = 384, .xen = "4.17",
		.text = "Xen 4.17 in the emulator: a bundle as paravirtual dom0",
		.prepare = xen_pv_dom0, .death = "Hardware Dom0 ",
	}, {
		.name = "xen-4.14-pv-dom0", .rom = "xen-pv", .console = "console=hvc0", .memory = 384, .xen = "4.14",
		.text = "the same with Xen 4.14",
		.prepare = xen_pv_dom0, .ready = xen_ready, .death = "Hardware Dom0 ",
	}, {
		.name = "xen-4.20-pv-dom0", .rom = "xen-pv", .console = "console=hvc0", .memory = 384, .xen = "4.20",
		.text = "the same with Xen 4.20",
		.prepare = xen_pv_dom0, .ready = xen_ready, .death = "Hardware Dom0 ",
	}, {
		.name = "xen-pv-domu", .rom = "xen-pv", .console = "console=hvc0", .memory = 384, .xen = "4.17",
		.text = "Xen 4.17, Debian's kernel as dom0: a bundle as paravirtual domain, made by xl",
		.prepare = xen_pv_domu, .ready = xen_domu_ready, .death = "vmi-dom0: ",
		.makes_domains = true,
	}, {
		.name = "xen-pvshim", .rom = "xen-pv", .console = "console=hvc0", .memory = 384, .xen = "4.17",
		.text = "the same; the domain is a PVH container, with Xen's pv-shim between it and the bundle",
		.prepare = xen_pvshim, .ready = xen_domu_ready, .death = "vmi-dom0: ",
		.makes_domains = true,
	}, {
		.name = "xen-pvh-domu", .rom = "xen-pvh", .console = "console=hvc0", .memory = 384, .xen = "4.17",
		.text = "Xen 4.17, Debian's kernel as dom0: a bundle as a domain in a hardware container, made by xl",
		.prepare = xen_pvh_domu, .ready = xen_domu_ready, .death = "vmi-dom0: ",
		.makes_domains = true,
	}, {
		.name = "xen-hvm", .rom = "xen-pvh", .console = "console=hvc0", .memory = 384, .xen = "4.17",
		.text = "the same; a PC with Debian's device model: its BIOS boots a bzImage, or a Multiboot kernel; option-ROM carrier",
		.prepare = xen_hvm, .ready = xen_hvm_ready, .death = "vmi-dom0: ",
		.makes_domains = true,
	}, {
		.name = "xen-pvh-dom0", .rom = "xen-pvh", .console = "console=hvc0", .memory = 384, .xen = "4.17",
		.text = "Xen 4.17 in the emulator: a bundle as dom0 in a hardware container",
		.prepare = xen_pvh_dom0, .ready = xen_ready, .death = "Hardware Dom0 ",
	}, {
		.name = "xen-4.20-pvh-dom0", .rom = "xen-pvh", .console = "console=hvc0", .memory = 384, .xen = "4.20",
		.text = "the same with Xen 4.20",
		.prepare = xen_pvh_dom0, .ready = xen_ready, .death = "Hardware Dom0 ",
	}, {
		.name = "kvm", .rom = "kvm", .console = "console=ttyS0", .memory = 256,
		.text = "Linux's KVM in the emulator, with Debian's kernel: the ELF file by its PVH entry; option-ROM carrier",
		.prepare = kvm, .ready = kvm_ready, .death = "vmi-kvm: ",
	}, {
		.name = "vmihv-v1-pvh", .rom = "vmihv-v1", .console = "console=hvc0", .memory = 256, .abi = "v1", .mode = "pvh", .cpu = SVM,
		.most_cpus = 4,
		.text = "our hypervisor in the emulator, hypercall ABI v1: a domain in a hardware container",
		.prepare = vmihv, .ready = vmihv_ready, .death = "vmihv! ",
	}, {
		.name = "vmihv-v2-pvh", .rom = "vmihv-v2", .console = "console=hvc0", .memory = 256, .abi = "v2", .mode = "pvh", .cpu = SVM,
		.most_cpus = 2,
		.text = "our hypervisor in the emulator, hypercall ABI v2: a domain in a hardware container",
		.prepare = vmihv, .ready = vmihv_ready, .death = "vmihv! ",
	}, {
		.name = "vmihv-v1-pv", .rom = "vmihv-v1-pv", .console = "console=hvc0", .memory = 256, .abi = "v1", .mode = "pv", .cpu = NO_SVM,
		.most_cpus = 4,
		.text = "our hypervisor in the emulator, without SVM, hypercall ABI v1: a domain in ring 3",
		.prepare = vmihv, .ready = vmihv_ready, .death = "vmihv! ",
	}, {
		.name = "vmihv-v2-pv", .rom = "vmihv-v2-pv", .console = "console=hvc0", .memory = 256, .abi = "v2", .mode = "pv", .cpu = NO_SVM,
		.most_cpus = 2,
		.text = "our hypervisor in the emulator, without SVM, hypercall ABI v2: a domain in ring 3",
		.prepare = vmihv, .ready = vmihv_ready, .death = "vmihv! ",
	},
};

const size_t host_count = sizeof(hosts) / sizeof(hosts[0]);
