/* SPDX-License-Identifier: MIT */
/* The mitigation contract, checked by decoding a ROM's code on the host. Read next: verify.h. */
#ifndef VMI_CODE_H
#define VMI_CODE_H

#include <vmi/loader.h>

#include "vmi.h"

/**
 * Checks the code and the inline bytes of an image that passed vmi_rom_check()
 * or, placed, vmi_rom_check_placed(). Refuses with the first violation.
 */
int code_check(const uint8_t *image, const struct vmi_rom_header *h, struct why *why);

#endif
