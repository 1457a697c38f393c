// SPDX-License-Identifier: MIT
/*
 * An option ROM as PCI has it: images one behind another, each with a PCI data
 * structure, the last one marked. What code type 3 adds, for EFI:
 *
 *   0x02  u16  size / 512
 *   0x04  u32  0x0ef1
 *   0x08  u16  subsystem, 0x0a machine, 0x0c compression (0)
 *   0x16  u16  where the EFI file begins
 *
 * Read next: pe.c, pack.c.
 */
#include <string.h>

#include <vmi/loader.h>

#include "chain.h"
#include "image.h"

#define EFI_SIGNATURE	0x0ef1u
#define EFI_SUBSYSTEM	11		/* a driver that lives until an OS runs */
#define EFI_MACHINE	0x8664
#define PCIR_MAGIC	0x52494350u
#define PCIR_SIZE	0x18u
#define EFI_PCIR	0x1cu		/* of the images that are made here */
#define BLOCK		512u

static int read_image(const struct blob *file, size_t at, struct chain_image *image, struct why *why)
{
	const uint8_t *p = file->data + at, *pcir;
	size_t left = file->size - at, pcir_at;

	if (left < BLOCK || p[0] != 0x55 || p[1] != 0xaa)
		return refuse(why, "there is no option ROM image at 0x%zx", at);
	pcir_at = get16(p + VMI_PCIR_PTR);
	pcir = p + pcir_at;
	if (!inside(pcir_at, PCIR_SIZE, left) || get32(pcir) != PCIR_MAGIC)
		return refuse(why, "the image at 0x%zx has no PCI data structure", at);
	*image = (struct chain_image){
		.at = at, .bytes = get16(pcir + 0x10) * BLOCK, .type = pcir[0x14],
		.last = pcir[VMI_PCIR_INDICATOR] & VMI_PCIR_LAST,
	};
	if (!image->bytes || image->bytes > left)
		return refuse(why, "the image at 0x%zx says that it has 0x%zx bytes; 0x%zx are there", at, image->bytes, left);
	return 0;
}

static int read_efi(const struct blob *file, struct chain_image *image, struct why *why)
{
	const uint8_t *p = file->data + image->at;

	if (image->type != CODE_TYPE_EFI)
		return 0;
	image->efi_at = image->at + get16(p + 0x16);
	if (get32(p + 4) != EFI_SIGNATURE || get16(p + 2) * BLOCK != image->bytes || get16(p + 0x0c) ||
	    get16(p + 0x16) >= image->bytes)
		return refuse(why, "the EFI image at 0x%zx has no header that says where its file is", image->at);
	return 0;
}

int chain_next(const struct blob *file, size_t *at, struct chain_image *image, struct why *why)
{
	if (*at >= file->size)
		return 0;
	if (read_image(file, *at, image, why) || read_efi(file, image, why))
		return -1;
	*at += image->bytes;
	if (image->last != (*at == file->size))
		return refuse(why, "the image at 0x%zx is %s; its last-image bit says otherwise", image->at,
			      image->last ? "not the last" : "the last");
	return 1;
}

bool chain_is(const struct blob *file)
{
	struct why why = { "" };
	struct chain_image image;

	if (file->size < BLOCK || read_image(file, 0, &image, &why))
		return false;
	return !image.last || (image.type == CODE_TYPE_EFI && get32(file->data + 4) == EFI_SIGNATURE);
}

int roms_next(const struct blob *roms, size_t *at, struct blob *rom, struct why *why)
{
	int bad;

	if (*at >= roms->size)
		return 0;
	*rom = blob_part(roms, *at, roms->size - *at);
	bad = *at % 8 ? VMI_ROM_BAD_ALIGNMENT : vmi_rom_check(rom->data, rom->size);
	if (bad)
		return refuse(why, "the ROM at 0x%zx: %s", *at, vmi_rom_reason(bad));
	rom->size = vmi_rom_header(rom->data)->image_size;
	*at += rom->size;
	return 1;
}

/*
 * The file ends where its image does: firmware counts what follows a signed file
 * as part of it. So what has to be filled up is in front.
 */
static size_t efi_place(const struct blob *efi)
{
	size_t head = EFI_PCIR + PCIR_SIZE + 4;

	return head + (BLOCK - (head + efi->size) % BLOCK) % BLOCK;
}

static size_t part_size(const struct blob *part)
{
	return pe_is(part) ? efi_place(part) + part->size : part->size;
}

static void put_efi(uint8_t *p, const struct blob *efi, bool last)
{
	size_t at = efi_place(efi), blocks = (at + efi->size) / BLOCK;
	uint8_t *pcir = p + EFI_PCIR;

	p[0] = 0x55;
	p[1] = 0xaa;
	put16(p + 2, blocks);
	put32(p + 4, EFI_SIGNATURE);
	put16(p + 8, EFI_SUBSYSTEM);
	put16(p + 10, EFI_MACHINE);
	put16(p + 0x16, at);
	put16(p + VMI_PCIR_PTR, EFI_PCIR);
	put32(pcir, PCIR_MAGIC);
	put16(pcir + 4, 0xffff);		/* as the shim's own: no device in particular */
	put16(pcir + 6, 0x4d56);
	put16(pcir + 0x0a, PCIR_SIZE);
	pcir[0x0f] = 0xff;
	put16(pcir + 0x10, blocks);
	pcir[0x14] = CODE_TYPE_EFI;
	pcir[VMI_PCIR_INDICATOR] = last ? VMI_PCIR_LAST : 0;
	memcpy(p + at, efi->data, efi->size);
}

static int check_part(const struct blob *part, struct why *why)
{
	struct pe pe;
	int bad;

	if (pe_is(part)) {
		if (pe_open(part, &pe, why))
			return -1;
		return part_size(part) / BLOCK > 0xffff ? refuse(why, "an EFI file is too large for an option ROM") : 0;
	}
	bad = vmi_rom_check(part->data, part->size);
	if (!bad && vmi_rom_header(part->data)->image_size != part->size)
		return refuse(why, "a ROM of 0x%x bytes is expected; the file has 0x%zx",
			      vmi_rom_header(part->data)->image_size, part->size);
	return bad ? refuse(why, "%s", vmi_rom_reason(bad)) : 0;
}

static int put_part(uint8_t *p, const struct blob *part, bool last, struct why *why)
{
	struct blob copy = { p, part->size };

	if (pe_is(part)) {
		put_efi(p, part, last);
		return 0;
	}
	memcpy(p, part->data, part->size);
	return image_set_last(&copy, last) ? refuse(why, "its PCI data structure stands behind its VMI header") : 0;
}

int chain_make(const struct blob *parts, size_t count, struct blob *file, struct why *why)
{
	size_t size = 0, at = 0;

	for (size_t i = 0; i < count; i++) {
		if (check_part(&parts[i], why))
			return -1;
		size += part_size(&parts[i]);
	}
	*file = blob_new(size);
	for (size_t i = 0; i < count; at += part_size(&parts[i++]))
		if (put_part(file->data + at, &parts[i], i + 1 == count, why))
			return -1;
	return 0;
}
