/* SPDX-License-Identifier: MIT */
/* What a PVH boot loader hands over; all of it below 4 GiB. loaders.c reads it, efi/ writes it. */
#ifndef HV_PVH_H
#define HV_PVH_H

#include <stdint.h>

#define PVH_MAGIC	0x336ec578
#define MEMORY_RAM	1

struct pvh {
	uint32_t magic, version, flags, module_count;
	uint64_t modules, command_line, rsdp, map;
	uint32_t map_count, reserved;
};

struct pvh_module {
	uint64_t start, bytes, line, reserved;
};

struct pvh_memory {
	uint64_t start, bytes;
	uint32_t kind, reserved;
};

_Static_assert(sizeof(struct pvh) == 56 && sizeof(struct pvh_module) == 32 && sizeof(struct pvh_memory) == 24, "PVH's sizes");

#endif
