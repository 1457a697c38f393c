/* SPDX-License-Identifier: MIT */
/* Puts a ROM into a kernel file. Read next: bundle.c. */
#ifndef VMI_BUNDLE_H
#define VMI_BUNDLE_H

#include "vmi.h"

/**
 * Places rom in the kernel in file, in memory, and writes the notes its host
 * wants. With replace the file must be a bundle, and is one for rom afterwards.
 */
int bundle(struct blob *file, const struct blob *rom, bool replace, struct why *why);

/**
 * The same for several: the one that its host enters first is placed, the others
 * are put on the kernel's shelf. One alone is placed.
 */
int bundle_fat(struct blob *file, const struct blob *roms, size_t count, bool replace, struct why *why);
/** The part of a shelf that holds ROMs, each checked; the rest must be zeros. */
int bundle_shelf(const struct blob *shelf, struct blob *roms, struct why *why);

#endif
