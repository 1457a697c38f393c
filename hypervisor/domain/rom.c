// SPDX-License-Identifier: MIT
/*
 * The areas of the kernel are not one piece of vmihv's memory: the ROM is placed
 * and fixed up aside, for the addresses where it will run, and then copied.
 */
#include "domain/rom.h"
#include "memory/frames.h"
#include "memory/memory.h"
#include "vmi/loader.h"

#define ASIDE_ORDER	5		/* 128 KiB */
#define ASIDE_TEXT	VMI_ROM_MAX_SIZE
#define ASIDE_DATA	VMI_ROM_MAX_DATA

_Static_assert(ASIDE_TEXT + ASIDE_DATA <= PAGE_SIZE << ASIDE_ORDER, "both segments fit aside");

static u32 at_most(u32 n, u32 limit) { return n < limit ? n : limit; }

static int place_aside(const struct vmi_note *note, const void *rom, const struct vmi_rom_place *place)
{
	struct vmi_guest guest = {
		.magic = VMI_MAGIC_GUEST, .version = VMI_STRUCT_VERSION, .size = sizeof(guest),
		.consts = {
			[VMI_CONST_DIRECT_MAP] = note->direct_map,
			[VMI_CONST_IMAGE_OFFSET] = note->image_offset,
			[VMI_CONST_KERNEL_ENTRY] = note->entry,
		},
	};
	int bad = vmi_rom_place(rom, place);

	return bad ? bad : vmi_rom_fixup(place, &guest, 1);
}

static int place_with(void *aside, const struct vmi_note *note, const struct guest_memory *memory, const void *rom,
		      struct why *why)
{
	struct vmi_rom_place place = { aside, (u8 *)aside + ASIDE_TEXT, note->text_area, note->data_area,
		at_most(note->text_area_size, ASIDE_TEXT), at_most(note->data_area_size, ASIDE_DATA) };
	int bad = place_aside(note, rom, &place);

	if (bad)
		return refuse(why, "the ROM cannot be placed: %s", vmi_rom_reason(bad));
	if (guest_write(memory, note->text_area - note->image_offset, place.text, place.text_size) ||
	    guest_write(memory, note->data_area - note->image_offset, place.data, place.data_size))
		return refuse(why, "the kernel's areas for a ROM lie outside the domain's memory");
	return 0;
}

static int check(const struct elf_image *kernel, const void *rom, u64 bytes, u32 features, struct why *why)
{
	int bad = bytes > ~0u ? VMI_ROM_BAD_SIZE : vmi_rom_check(rom, bytes);

	if (bad)
		return refuse(why, "the ROM is refused: %s", vmi_rom_reason(bad));
	if (!kernel->has_contract)
		return refuse(why, "the kernel has no note VMI/1: it does not use the VMI ABI");
	bad = vmi_rom_suits(rom, &kernel->contract);
	if (bad)
		return refuse(why, "the ROM does not suit this kernel: %s", vmi_rom_reason(bad));
	if (vmi_rom_header(rom)->features & ~features)
		return refuse(why, "the ROM promises features that the domain does not have (%x)",
			      vmi_rom_header(rom)->features & ~features);
	return 0;
}

int rom_place(const struct elf_image *kernel, const struct guest_memory *memory, const void *rom, u64 bytes,
	      u32 features, struct why *why)
{
	u64 aside;
	int err;

	if (check(kernel, rom, bytes, features, why))
		return -1;
	aside = frames_take(ASIDE_ORDER, OWNER_HV);
	if (aside == NO_FRAME)
		return refuse(why, "there is no memory to prepare the ROM in");
	err = place_with(at_pa(aside), &kernel->contract, memory, rom, why);
	frames_give(aside, ASIDE_ORDER, OWNER_HV);
	return err;
}
