/* SPDX-License-Identifier: MIT */
/* What the boot loader gave, whichever it was. Read next: boot.c. */
#ifndef HV_BOOT_H
#define HV_BOOT_H

#include "hv.h"

#define MAX_RANGES	64
#define MAX_MODULES	32
#define MAX_PROCESSORS	64	/* of those that are counted */

/** Physical memory [start, end). */
struct range {
	u64 start, end;
};

/** A file that the loader has put into memory. */
struct module {
	const void *data;
	u64 bytes;
	char name[32];		/* its last path component */
};

struct boot_info {
	struct range ram[MAX_RANGES];
	u32 ram_count;
	struct module modules[MAX_MODULES];
	u32 module_count;
	u64 rsdp;		/* where ACPI begins; 0: the loader does not say */
	u32 processors[MAX_PROCESSORS];	/* their APIC IDs; none: firmware does not say */
	u32 processor_count;
	const char *loader;
};

/** Each: -1 and a reason, or *info is filled. */
int multiboot_read(struct boot_info *info, u32 pa, struct why *why);
int pvh_read(struct boot_info *info, u32 pa, struct why *why);

int boot_add_ram(struct boot_info *info, u64 start, u64 bytes, struct why *why);
/** line: its path and whatever the user wrote behind it. */
int boot_add_module(struct boot_info *info, u64 start, u64 end, const char *line, struct why *why);
/** acpi.c: fills the processors. Reaches only what boot/start.asm has mapped. */
void acpi_read(struct boot_info *info);
/** The module of that name, or NULL. */
const struct module *boot_module(const struct boot_info *info, const char *name);

#endif
