/* SPDX-License-Identifier: MIT */
/* Puts a ROM into a kernel that is loaded, by abi/guest/, as `vmi bundle' does it in a file. */
#ifndef HV_ROM_H
#define HV_ROM_H

#include "domain/elf.h"

/** What the kernel's note says decides; features: the domain's. */
int rom_place(const struct elf_image *kernel, const struct guest_memory *memory, const void *rom, u64 bytes,
	      u32 features, struct why *why);

#endif
