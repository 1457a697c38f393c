/* SPDX-License-Identifier: MIT */
/* The ROM image as a file: names of what is in it, its sums. Read next: link.h. */
#ifndef VMI_IMAGE_H
#define VMI_IMAGE_H

#include <vmi/call.h>
#include <vmi/guest.h>
#include <vmi/rom.h>

#include "vmi.h"

/** One row of calls.def. */
struct call_info {
	const char *name, *group, *text;
	unsigned int convention;
};

extern const struct call_info call_info[VMI_NR_CALLS];
/** Names of guest entries and constants; NULL where a number is not used. */
extern const char *const entry_names[VMI_NR_ENTRIES];
extern const char *const const_names[VMI_NR_CONSTS];
extern const char *const fixup_names[VMI_FIXUP_TEXT64 + 1];
extern const char *const answer_names[4];
extern const char *const feature_names[32];

/** Bytes in the image that a fix-up of this kind writes. */
unsigned int fixup_width(unsigned int kind);

/** The header's place in an image that is large enough, or NULL. */
struct vmi_rom_header *image_header(const struct blob *rom);

/* Sums over an image whose header is there; the fields themselves count as 0. */
uint32_t image_crc32(const struct blob *rom);
void image_sha256(const struct blob *rom, uint8_t digest[32]);
/** Makes the bytes sum to 0 and fills crc32 and sha256. */
void image_seal(struct blob *rom);
/** Says whether others follow it in its file, which the sums leave out; -1: it has no place for that. */
int image_set_last(struct blob *rom, bool last);

#endif
