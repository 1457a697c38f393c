/* SPDX-License-Identifier: MIT */
/* What a kernel finds at its PVH entry: the start structure, memory map, initrd and command line. */
#ifndef HV_START_H
#define HV_START_H

#include "boot/boot.h"
#include "memory/guest.h"

struct start {
	u32 entry;		/* guest-physical; 32-bit code */
	u64 image_end;
	u32 info;		/* where start_write put the structure */
};

int start_write(struct start *start, const struct guest_memory *memory, const struct module *initrd,
		const char *cmdline, struct why *why);

#endif
