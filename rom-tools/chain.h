/* SPDX-License-Identifier: MIT */
/* Files of several images: PCI option ROMs, EFI drivers with ROMs. Read next: chain.c, pe.c. */
#ifndef VMI_CHAIN_H
#define VMI_CHAIN_H

#include "vmi.h"

#define CODE_TYPE_PC	0
#define CODE_TYPE_EFI	3

/** One image of an option ROM. */
struct chain_image {
	size_t at, bytes;
	unsigned int type;
	size_t efi_at;			/* of the EFI file in it, type CODE_TYPE_EFI */
	bool last;
};

/** Whether a file is an option ROM of more than one image, or of an EFI image. */
bool chain_is(const struct blob *file);
/** The image at *at, and *at moved behind it: 1, or 0 at the end, or -1 and why. */
int chain_next(const struct blob *file, size_t *at, struct chain_image *image, struct why *why);
/** One image behind another: VMI ROMs as they are, EFI files (which begin with "MZ") as EFI images. */
int chain_make(const struct blob *parts, size_t count, struct blob *file, struct why *why);

/** What an EFI file says. */
struct pe {
	size_t headers;			/* where the COFF header stands */
	size_t roms_at, roms_bytes;	/* of section ".vmi"; 0: none */
	bool is_signed;
};

bool pe_is(const struct blob *file);
int pe_open(const struct blob *file, struct pe *pe, struct why *why);
/** A copy of an EFI driver with ROMs in a new section ".vmi". */
int pe_add_roms(const struct blob *driver, const struct blob *roms, size_t count, struct blob *file, struct why *why);

/** A part of a file, which stays the file's. */
static inline struct blob blob_part(const struct blob *file, size_t at, size_t bytes)
{
	return (struct blob){ file->data + at, bytes };
}

/** The VMI ROM at *at of a chain of nothing else, and *at moved behind it: 1, 0, or -1 and why. */
int roms_next(const struct blob *roms, size_t *at, struct blob *rom, struct why *why);

#endif
