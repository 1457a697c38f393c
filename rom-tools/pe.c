// SPDX-License-Identifier: MIT
/*
 * As much of the PE format as an EFI driver with ROMs needs: a section more at
 * its end, found again. Names are those of the format's own specification. Read
 * next: pack.c.
 */
#include <string.h>

#include <vmi/efi.h>
#include <vmi/loader.h>

#include "chain.h"

#define POINTER		0x3c		/* in the DOS header: where "PE\0\0" stands */
#define SIGNATURE	0x4550u
#define COFF_SIZE	24u		/* with the signature */
#define NR_SECTIONS	6
#define OPTIONAL_SIZE	20
#define MAGIC64		0x20b
/* in the optional header */
#define INITIALIZED	8
#define SECTION_ALIGN	32
#define FILE_ALIGN	36
#define IMAGE_SIZE	56
#define HEADERS_SIZE	60
#define CHECKSUM	64
#define SECURITY	144		/* data directory 4: file offset and size of the signatures */
#define OPTIONAL_LEAST	152u
/* a row of the section table */
#define ROW		40u
#define ROW_SIZE	8
#define ROW_VA		12
#define ROW_RAW_SIZE	16
#define ROW_RAW		20
#define ROW_FLAGS	36
#define READ_DATA	0x40000040u

static const char name[8] = ".vmi";

bool pe_is(const struct blob *file)
{
	return file->size > 2 && !memcmp(file->data, "MZ", 2);
}

static uint8_t *optional(const struct blob *file, const struct pe *pe)
{
	return file->data + pe->headers + COFF_SIZE;
}

static size_t table_at(const struct blob *file, const struct pe *pe)
{
	return pe->headers + COFF_SIZE + get16(file->data + pe->headers + OPTIONAL_SIZE);
}

static int find_roms(const struct blob *file, struct pe *pe, struct why *why)
{
	unsigned int count = get16(file->data + pe->headers + NR_SECTIONS);
	size_t at = table_at(file, pe);

	if (!inside(at, count * ROW, file->size))
		return refuse(why, "the EFI file's section table reaches past its end");
	for (; count--; at += ROW) {
		const uint8_t *row = file->data + at;

		if (memcmp(row, name, sizeof(name)))
			continue;
		pe->roms_at = get32(row + ROW_RAW);
		pe->roms_bytes = get32(row + ROW_SIZE);
		if (!inside(pe->roms_at, pe->roms_bytes, file->size) || pe->roms_bytes > get32(row + ROW_RAW_SIZE))
			return refuse(why, "the EFI file's section .vmi reaches past its end");
	}
	return 0;
}

int pe_open(const struct blob *file, struct pe *pe, struct why *why)
{
	*pe = (struct pe){ 0 };
	if (file->size < POINTER + 4 || !pe_is(file))
		return refuse(why, "is no EFI file: it does not begin with MZ");
	pe->headers = get32(file->data + POINTER);
	if (!inside(pe->headers, COFF_SIZE + OPTIONAL_LEAST, file->size) ||
	    get32(file->data + pe->headers) != SIGNATURE ||
	    get16(file->data + pe->headers + OPTIONAL_SIZE) < OPTIONAL_LEAST || get16(optional(file, pe)) != MAGIC64)
		return refuse(why, "is no 64-bit EFI file: PE headers are missing");
	pe->is_signed = get32(optional(file, pe) + SECURITY + 4);
	return find_roms(file, pe, why);
}

static uint32_t align(uint32_t value, uint32_t to)
{
	return (value + to - 1) / to * to;
}

static int check_driver(const struct blob *driver, const struct pe *pe, size_t bytes, struct why *why)
{
	size_t end = table_at(driver, pe) + ROW * (get16(driver->data + pe->headers + NR_SECTIONS) + 1u);
	const uint8_t *o = optional(driver, pe);

	if (pe->roms_bytes)
		return refuse(why, "has ROMs in it already");
	if (pe->is_signed)
		return refuse(why, "is signed; sign it when the ROMs are in it");
	if (end > get32(o + HEADERS_SIZE) || end > driver->size)
		return refuse(why, "its headers have no room for one more section");
	if (!get32(o + FILE_ALIGN) || get32(o + FILE_ALIGN) > 4096 || !get32(o + SECTION_ALIGN) ||
	    get32(o + SECTION_ALIGN) > 65536 || get32(o + IMAGE_SIZE) > 1u << 24 || driver->size > 1u << 24)
		return refuse(why, "its alignments or its size are no driver's");
	if (bytes > VMI_EFI_MAX_ROMS)
		return refuse(why, "the ROMs have 0x%zx bytes; a driver takes at most 0x%x", bytes, VMI_EFI_MAX_ROMS);
	return 0;
}

/* The new section begins at raw in the file; the header says so. */
static void add_row(struct blob *file, const struct pe *pe, size_t raw, size_t bytes)
{
	uint8_t *o = optional(file, pe), *count = file->data + pe->headers + NR_SECTIONS;
	uint8_t *row = file->data + table_at(file, pe) + ROW * get16(count);
	uint32_t va = align(get32(o + IMAGE_SIZE), get32(o + SECTION_ALIGN));
	uint32_t raw_size = align(bytes, get32(o + FILE_ALIGN));

	memset(row, 0, ROW);
	memcpy(row, name, sizeof(name));
	put32(row + ROW_SIZE, bytes);
	put32(row + ROW_VA, va);
	put32(row + ROW_RAW_SIZE, raw_size);
	put32(row + ROW_RAW, raw);
	put32(row + ROW_FLAGS, READ_DATA);
	put16(count, get16(count) + 1);
	put32(o + INITIALIZED, get32(o + INITIALIZED) + raw_size);
	put32(o + IMAGE_SIZE, align(va + bytes, get32(o + SECTION_ALIGN)));
	put32(o + CHECKSUM, 0);
}

static int check_roms(const struct blob *roms, size_t count, size_t *bytes, struct why *why)
{
	*bytes = 0;
	for (size_t i = 0; i < count; i++) {
		int bad = vmi_rom_check(roms[i].data, roms[i].size);

		if (bad)
			return refuse(why, "a ROM is refused: %s", vmi_rom_reason(bad));
		if (vmi_rom_header(roms[i].data)->image_size != roms[i].size)
			return refuse(why, "a ROM's file is longer than the ROM");
		*bytes += roms[i].size;
	}
	return 0;
}

int pe_add_roms(const struct blob *driver, const struct blob *roms, size_t count, struct blob *file, struct why *why)
{
	size_t bytes, raw;
	uint32_t unit;
	struct pe pe;

	if (check_roms(roms, count, &bytes, why) || pe_open(driver, &pe, why) || check_driver(driver, &pe, bytes, why))
		return -1;
	unit = get32(optional(driver, &pe) + FILE_ALIGN);
	raw = align(driver->size, unit);
	*file = blob_new(raw + align(bytes, unit));
	memcpy(file->data, driver->data, driver->size);
	add_row(file, &pe, raw, bytes);
	for (size_t i = 0; i < count; raw += roms[i++].size)
		memcpy(file->data + raw, roms[i].data, roms[i].size);
	return 0;
}
