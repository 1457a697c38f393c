/* SPDX-License-Identifier: MIT */
/*
 * The ROM image: header, call table, fix-ups. The offsets in the comments are
 * the definition; the C structures represent them. All fields are little
 * endian. Read next: guest.h, for what is handed over when a ROM runs.
 *
 *  image offset
 *  0x00  55 AA                       PCI expansion ROM signature
 *  0x02  u8   image size / 512
 *  0x03  e9 rel16                    16-bit init entry (far called by a BIOS)
 *  0x06  u8   makes all bytes sum to 0 (mod 256)
 *  0x08  u32  VMI_ROM_MAGIC32
 *  0x0c  u16  offset of struct vmi_rom_header
 *  0x18  u16  offset of the PCI data structure ("PCIR")
 *  0x1a  u16  offset of the PnP expansion header ("$PnP")
 *
 * The image has two segments. Text: from image offset 0, everything that is
 * read or executed, header and tables included. Data: from data_offset,
 * data_size bytes with bss_size zero bytes behind it; no execution. They are
 * placed apart; the reach between them is a fix-up.
 */
#ifndef VMI_ROM_H
#define VMI_ROM_H

#include "types.h"

#define VMI_ROM_MAGIC32		0x524d4956u		/* "VMIR" at image offset 8 */
#define VMI_ROM_MAGIC		UINT64_C(0x004d4f522d494d56) /* "VMI-ROM\0" in the header */
#define VMI_ROM_MAGIC32_OFFSET	0x08
#define VMI_ROM_HEADER_PTR	0x0c
#define VMI_PCIR_PTR		0x18
#define VMI_PCIR_INDICATOR	0x15			/* in the PCI data structure */
#define VMI_PCIR_LAST		0x80			/* there: no image follows; counts as 1 in the sums */
#define VMI_ROM_MAX_SIZE	0x10000u		/* of image; and of text */
#define VMI_ROM_MAX_DATA	0x8000u			/* of data with bss */
#define VMI_ROM_MAX_PERCPU	4096u
#define VMI_ROM_ALIGN		4096u			/* of both areas in the guest */

/** Image flags. A loader refuses bits 0-15 that it does not know and ignores 16-31. */
#define VMI_ROM_PLACED		(1u << 0)	/* set by whoever placed it: fix-ups are applied */
#define VMI_ROM_NEEDS_BUNDLE	(1u << 1)	/* only direct boot can start it (SPEC.md, "Carriers") */

/** The VMI header. Absent things have size 0. Offsets count from image offset 0. */
struct vmi_rom_header {
	uint64_t magic;			/*   0 VMI_ROM_MAGIC */
	uint16_t header_size;		/*   8 of this structure; grows at the end */
	uint16_t abi_major;		/*  10 */
	uint16_t abi_minor;		/*  12 */
	uint16_t abi_draft;		/*  14 */
	uint32_t image_size;		/*  16 bytes, a multiple of 512 */
	uint32_t flags;			/*  20 VMI_ROM_* */
	uint32_t backend_id;		/*  24 */
	uint32_t backend_version;	/*  28 */
	char backend_name[16];		/*  32 zero padded */
	uint32_t features;		/*  48 VMI_FEAT_* of a guest on this host */
	uint32_t text_size;		/*  52 text segment, from offset 0 */
	uint32_t data_offset;		/*  56 data segment in the image, 64-byte aligned */
	uint32_t data_size;		/*  60 */
	uint32_t bss_size;		/*  64 */
	uint32_t percpu_size;		/*  68 of one CPU's block, aligned to 64, at most VMI_ROM_MAX_PERCPU */
	uint32_t calls_offset;		/*  72 struct vmi_rom_call[calls_count], index = number */
	uint32_t calls_count;		/*  76 */
	uint32_t fixups_offset;		/*  80 struct vmi_rom_fixup[fixups_count] */
	uint32_t fixups_count;		/*  84 */
	uint32_t detect_offset;		/*  88 u32 detect(void): bid, 0 = not this host */
	uint32_t boot_offset;		/*  92 entry for direct boot, or 0 */
	uint32_t notes_offset;		/*  96 ELF notes the host wants in a bundle */
	uint32_t notes_size;		/* 100 */
	uint32_t extable_offset;	/* 104 struct vmi_rom_extable[] */
	uint32_t extable_size;		/* 108 bytes */
	uint32_t unwind_offset;		/* 112 struct vmi_rom_unwind[] sorted by offset */
	uint32_t unwind_size;		/* 116 bytes */
	uint32_t code_offset;		/* 120 executable part of text */
	uint32_t code_size;		/* 124 */
	uint32_t crc32;			/* 128 IEEE CRC-32 of the image; this field, sha256 and byte 6 as 0, VMI_PCIR_LAST as 1 */
	uint32_t reserved;		/* 132 must be 0 */
	uint8_t build_id[20];		/* 136 of the shim's link */
	uint8_t pad[4];			/* 156 must be 0 */
	uint8_t sha256[32];		/* 160 of the image; this field, crc32 and byte 6 as 0, VMI_PCIR_LAST as 1 */
};

VMI_ASSERT_OFFSET(struct vmi_rom_header, backend_name, 32);
VMI_ASSERT_OFFSET(struct vmi_rom_header, calls_offset, 72);
VMI_ASSERT_OFFSET(struct vmi_rom_header, crc32, 128);
VMI_ASSERT_SIZE(struct vmi_rom_header, 192);

/** One row of the call table. */
struct vmi_rom_call {
	uint32_t entry;			/* 0 offset of the CALL form; starts with endbr64 */
	uint32_t early;			/* 4 the same before PERCPU_READY; 0: entry serves */
	uint32_t inline_offset;		/* 8 INLINE bytes (fix-ups inside are applied in place) */
	uint8_t answer;			/* 12 enum vmi_answer */
	uint8_t inline_size;		/* 13 at most 15 */
	uint16_t reserved;		/* 14 must be 0 */
};

VMI_ASSERT_SIZE(struct vmi_rom_call, 16);

/** What a fix-up writes. */
enum vmi_fixup_kind {
	VMI_FIXUP_RETURN = 1,	/* 5 bytes "c3 cc cc cc cc": later "jmp thunk" */
	VMI_FIXUP_DATA_PC32 = 2,/* reach from text to data or back: addend (the field as it is in the image) + the difference of their moves */
	VMI_FIXUP_PERCPU32 = 3,	/* addend + displacement of the block from %gs, signed 32 bits */
	VMI_FIXUP_ENTRY_PC32 = 4,/* PC-relative to guest entry [index], + addend */
	VMI_FIXUP_CONST32 = 5,	/* guest constant [index] + addend, must fit signed 32 bits */
	VMI_FIXUP_CONST64 = 6,	/* guest constant [index] + addend */
	VMI_FIXUP_TEXT64 = 7,	/* linear address of text offset addend (in notes only) */
};

/** One fix-up. PC-relative ones are relative to the field's own address, as ELF's are. */
struct vmi_rom_fixup {
	uint32_t where;			/* 0 image offset: below text_size in text, else in data */
	uint16_t kind;			/* 4 enum vmi_fixup_kind */
	uint16_t index;			/* 6 of the entry or constant, else 0 */
	int64_t addend;			/* 8 */
};

VMI_ASSERT_SIZE(struct vmi_rom_fixup, 16);

/** An instruction that may fault, and where to go on when it does. */
struct vmi_rom_extable {
	uint32_t insn;			/* 0 text offset */
	uint32_t fixup;			/* 4 text offset */
};

VMI_ASSERT_SIZE(struct vmi_rom_extable, 8);

/** From offset on, up to the next row: the canonical frame address is RSP (or RBP) + cfa. */
struct vmi_rom_unwind {
	uint32_t offset;		/* 0 text offset */
	int16_t cfa;			/* 4 bytes; 0: no frame known, stop here */
	uint8_t base;			/* 6 0: RSP, 1: RBP */
	uint8_t kind;			/* 7 0: called, 1: on a hardware frame (at CFA - 40), 2: end */
};

VMI_ASSERT_SIZE(struct vmi_rom_unwind, 8);

#endif
