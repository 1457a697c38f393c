// SPDX-License-Identifier: MIT
/*
 * UEFI machines: OVMF, Debian's package of it, and a device whose option ROM
 * carries the ROM twice: as it is, for a BIOS, and in an EFI driver. Read next:
 * chain.c.
 */
#include <stdlib.h>
#include <unistd.h>

#include "chain.h"
#include "hosts.h"

#define FIRMWARE	"/usr/share/OVMF/OVMF_CODE_4M.fd"
#define VARIABLES	"/usr/share/OVMF/OVMF_VARS_4M.fd"

/* Any device will do, and this one is no part of a machine: no paravirtual one either. */
#define CARRIER		"pci-testdev"

int uefi_ready(const struct host *host, struct why *why)
{
	(void)host;
	if (access(FIRMWARE, R_OK) || access(VARIABLES, R_OK))
		return refuse(why, "there is no %s: package ovmf", FIRMWARE);
	return 0;
}

/* What firmware writes to is a copy. */
static int add_firmware(struct run *run)
{
	char *path = xprintf("%s/vars", run->folder);
	struct blob vars = { 0 };
	int err;

	err = file_read(VARIABLES, &vars, run->why) || file_write(path, vars.data, vars.size, 0600, run->why);
	words_add(&run->qemu, "-drive");
	words_add(&run->qemu, "if=pflash,format=raw,readonly=on,file=%s", FIRMWARE);
	words_add(&run->qemu, "-drive");
	words_add(&run->qemu, "if=pflash,format=raw,file=%s", path);
	blob_free(&vars);
	free(path);
	return err ? -1 : 0;
}

static int pack(const struct blob *rom, struct blob *file, struct why *why)
{
	struct blob driver = { 0 }, parts[2] = { *rom };
	char *path = run_file("driver.efi");
	int err;

	if (!path)
		return refuse(why, "there is no driver.efi beside this program");
	err = file_read(path, &driver, why) || pe_add_roms(&driver, rom, 1, &parts[1], why) ||
	      chain_make(parts, 2, file, why);
	blob_free(&parts[1]);
	blob_free(&driver);
	free(path);
	return err ? -1 : 0;
}

/* A chain is taken as it is. */
static int add_rom(struct run *run)
{
	char *path = xprintf("%s/rom", run->folder);
	struct blob file = { 0 };
	int err = 0;

	if (!chain_is(&run->rom_bytes))
		err = pack(&run->rom_bytes, &file, run->why) || file_write(path, file.data, file.size, 0600, run->why);
	words_add(&run->qemu, "-device");
	words_add(&run->qemu, "%s,romfile=%s", CARRIER, file.size ? path : run->rom);
	blob_free(&file);
	free(path);
	return err ? -1 : 0;
}

int native_uefi(struct run *run)
{
	char *image = host_bzimage(run), *line;

	if (!image)
		return -1;
	line = host_command_line(run);
	host_emulator(run, "max", run->memory);
	host_processors(run, run->cpus);
	host_option(run, "-kernel", image);
	host_option(run, "-append", line);
	if (run->request->initrd)
		host_option(run, "-initrd", run->request->initrd);
	free(line);
	free(image);
	return add_firmware(run) || (run->rom && add_rom(run)) ? -1 : 0;
}
