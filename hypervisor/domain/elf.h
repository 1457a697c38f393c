/* SPDX-License-Identifier: MIT */
/* A kernel's ELF file, which may be hostile. Read next: build.c. */
#ifndef HV_ELF_H
#define HV_ELF_H

#include "memory/guest.h"
#include "vmi/note.h"

struct elf_image {
	u32 phys32_entry;		/* of the PVH note, 0: there is none */
	bool has_contract;
	struct vmi_note contract;
	u64 end;			/* guest-physical, behind the last segment */
};

/** Reads the headers and notes of a file of so many bytes. */
int elf_read(struct elf_image *image, const void *file, u64 bytes, struct why *why);
/** Puts the segments where they want to be. A file that elf_read took. */
int elf_place(const void *file, const struct guest_memory *memory, struct why *why);

#endif
