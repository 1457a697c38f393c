/* SPDX-License-Identifier: MIT */
/* Everything that can be checked of a file without running it. Read next: verify.c. */
#ifndef VMI_VERIFY_H
#define VMI_VERIFY_H

#include "vmi.h"

enum file_kind { FILE_ROM, FILE_KERNEL, FILE_BUNDLE, FILE_OBJECT, FILE_CHAIN, FILE_EFI };

/**
 * Refuses the file with the first thing that is wrong. What is not ELF is taken
 * for a ROM; a relocatable object is linked in memory first.
 */
int verify(struct blob *file, enum file_kind *kind, struct why *why);

#endif
