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

#endif
