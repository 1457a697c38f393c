/* SPDX-License-Identifier: MIT */
/*
 * How UEFI firmware hands over ROMs: a configuration table that an EFI driver
 * has published, in memory that nobody gives back. Read next: SPEC.md, "Carriers".
 */
#ifndef VMI_EFI_H
#define VMI_EFI_H

#include "types.h"

/*
 * The table's name, 076d6459-acd6-447e-87d3-7ac077b663ad, as it stands in
 * memory: 16 bytes, read as two little-endian numbers.
 */
#define VMI_EFI_GUID_LO		UINT64_C(0x447eacd6076d6459)
#define VMI_EFI_GUID_HI		UINT64_C(0xad63b677c07ad387)

#define VMI_MAGIC_ROMS		0x534d4f52u	/* "ROMS" */
#define VMI_EFI_MAX_ROMS	0x30000u	/* bytes; more ROMs stand in a further structure */
#define VMI_EFI_MAX_TABLES	16		/* a guest follows no more */

/** What the table's address leads to. Each driver that is loaded adds one in front. */
struct vmi_efi_roms {
	uint32_t magic;			/*   0 VMI_MAGIC_ROMS */
	uint16_t version;		/*   4 1 */
	uint16_t size;			/*   6 of this structure */
	uint64_t roms;			/*   8 pa of ROM images, one behind another; a page boundary */
	uint32_t bytes;			/*  16 of them all, at most VMI_EFI_MAX_ROMS */
	uint32_t reserved;		/*  20 must be 0 */
	uint64_t next;			/*  24 pa of the structure that was there before, or 0 */
};

VMI_ASSERT_OFFSET(struct vmi_efi_roms, next, 24);
VMI_ASSERT_SIZE(struct vmi_efi_roms, 32);

#endif
