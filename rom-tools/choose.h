/* SPDX-License-Identifier: MIT */
/* Which ROM a host gets, by what the ROM says of itself and nothing else. */
#ifndef VMI_CHOOSE_H
#define VMI_CHOOSE_H

#include <vmi/note.h>

#include "described.h"

struct candidate {
	char *path;
	struct blob image;
	char name[17];
	bool fits;
	uint32_t bid;		/* its own, for this host */
	int score;		/* of one that fits: the higher, the nearer to the host */
	struct why why;		/* why it does not fit, or what speaks for it */
};

/** Of a ROM's features those that it works by: the others only say how near it is to a host. */
uint32_t rom_works_by(uint32_t features);
/** Fills the rest but path and image; kernel may be NULL. */
void candidate_judge(struct candidate *rom, const struct described *host, const struct vmi_note *kernel);
/** The highest bid of those that fit, then the nearest, or NULL; those that fit and are not it learn why. */
struct candidate *candidate_best(struct candidate *roms, size_t count);

#endif
