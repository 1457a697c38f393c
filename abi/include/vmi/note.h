/* SPDX-License-Identifier: MIT */
/*
 * The ELF notes of a kernel that uses VMI. `vmi bundle`, hypervisors and
 * `vmi inspect` read the contract; `vmi bundle` writes the host area.
 */
#ifndef VMI_NOTE_H
#define VMI_NOTE_H

#include "types.h"

#define VMI_NOTE_NAME		"VMI"
#define VMI_NOTE_CONTRACT	1	/* struct vmi_note */
#define VMI_NOTE_HOST_AREA	2	/* room for the notes a host wants; see SPEC.md, "Bundle" */
#define VMI_NOTE_SHELF		3	/* struct vmi_note_shelf */

/**
 * The kernel's side of the contract. Addresses are linear; the image is linked
 * so that linear - image_offset is guest-physical at direct boot.
 */
struct vmi_note {
	uint16_t abi_major;		/*   0 */
	uint16_t abi_minor;		/*   2 least minor the kernel can use */
	uint16_t abi_draft;		/*   4 */
	uint16_t size;			/*   6 of this structure */
	uint64_t text_area;		/*   8 page aligned, executable, zero filled as linked */
	uint32_t text_area_size;	/*  16 */
	uint32_t data_area_size;	/*  20 */
	uint64_t data_area;		/*  24 page aligned, in initialised data, zero filled as linked */
	uint64_t entry;			/*  32 vmi_entry(struct vmi_boot *), or 0: no direct boot */
	uint64_t image_offset;		/*  40 */
	uint64_t image_end;		/*  48 first linear address behind bss and early allocations */
	uint64_t direct_map;		/*  56 */
	uint64_t required_calls[2];	/*  64 bit n: call n must not answer NATIVE where features lack HW_CONTAINER */
	uint32_t required_features;	/*  80 VMI_FEAT_* */
	uint32_t refused_features;	/*  84 VMI_FEAT_* the kernel cannot run with */
};

/**
 * Room for further ROMs in the kernel's file, for hosts that enter the kernel:
 * images one behind another, not placed. The kernel takes the highest bid.
 */
struct vmi_note_shelf {
	uint64_t area;			/*   0 page aligned, in initialised data, zero filled as linked */
	uint32_t area_size;		/*   8 */
	uint32_t reserved;		/*  12 must be 0 */
};

VMI_ASSERT_SIZE(struct vmi_note_shelf, 16);
VMI_ASSERT_OFFSET(struct vmi_note, required_calls, 64);
VMI_ASSERT_SIZE(struct vmi_note, 88);

#endif
