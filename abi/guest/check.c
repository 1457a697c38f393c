// SPDX-License-Identifier: MIT
/* Finds an image and checks its header and the places of its tables. Read next: rows.c. */
#include "rom.h"

const char *vmi_rom_reason(int result)
{
	static const char *const text[VMI_ROM_RESULTS] = {
		"",
#define REASON(name, sentence) sentence,
		VMI_ROM_REASONS(REASON)
#undef REASON
	};

	return result >= 0 && result < VMI_ROM_RESULTS ? text[result] : "the reason is unknown";
}

const void *vmi_rom_find(const void *area, uint32_t bytes, uint32_t *from)
{
	const uint8_t *p = area;
	uint32_t at = (*from + 511) & -512u;

	for (; vmi_inside(at, 512, bytes); at += 512) {
		uint32_t size = p[at + 2] * 512u;

		if (p[at] != 0x55 || p[at + 1] != 0xaa || !size)
			continue;
		if (vmi_get32(p + at + VMI_ROM_MAGIC32_OFFSET) == VMI_ROM_MAGIC32) {
			*from = at + 512;
			return p + at;
		}
		/* data inside another ROM may look like one of ours */
		if (vmi_inside(at, size, bytes))
			at += size - 512;
	}
	*from = bytes;
	return (const void *)0;
}

const struct vmi_rom_header *vmi_rom_header(const void *image)
{
	const uint8_t *p = image;

	return (const void *)(p + vmi_get16(p + VMI_ROM_HEADER_PTR));
}

const struct vmi_rom_call *vmi_rom_call(const void *image, uint32_t nr)
{
	const struct vmi_rom_header *h = vmi_rom_header(image);

	if (nr >= h->calls_count)
		return (const void *)0;
	return (const struct vmi_rom_call *)((const uint8_t *)image + h->calls_offset) + nr;
}

static int check_signature(struct vmi_view *v)
{
	uint32_t at;

	if (v->size < 512)
		return VMI_ROM_BAD_SIZE;
	if ((uintptr_t)v->image % 8)
		return VMI_ROM_BAD_ALIGNMENT;
	if (v->image[0] != 0x55 || v->image[1] != 0xaa)
		return VMI_ROM_BAD_SIGNATURE;
	if (vmi_get32(v->image + VMI_ROM_MAGIC32_OFFSET) != VMI_ROM_MAGIC32)
		return VMI_ROM_BAD_MAGIC32;
	at = vmi_get16(v->image + VMI_ROM_HEADER_PTR);
	if (at < 0x1c || at % 8 || !vmi_inside(at, sizeof(*v->h), v->size))
		return VMI_ROM_BAD_HEADER_PLACE;
	v->h = vmi_rom_header(v->image);
	return v->h->magic == VMI_ROM_MAGIC ? VMI_ROM_OK : VMI_ROM_BAD_MAGIC;
}

static int check_version(const struct vmi_view *v)
{
	if (v->h->abi_major != VMI_ABI_MAJOR)
		return VMI_ROM_BAD_MAJOR;
	if (!VMI_ABI_MAJOR && v->h->abi_draft != VMI_ABI_DRAFT)
		return VMI_ROM_BAD_DRAFT;
	return VMI_ROM_OK;
}

static int check_pcir(const struct vmi_view *v)
{
	const uint8_t *p = v->image;
	uint32_t at = vmi_get16(p + VMI_PCIR_PTR);

	if (at < 0x1c || at % 4 || !vmi_inside(at, 0x18, v->h->text_size) ||
	    vmi_get32(p + at) != 0x52494350 ||		/* "PCIR" */
	    vmi_get16(p + at + 0x10) * 512 != v->h->image_size)
		return VMI_ROM_BAD_PCIR;
	return VMI_ROM_OK;
}

static int check_sizes(const struct vmi_view *v)
{
	const struct vmi_rom_header *h = v->h;
	uint32_t header_end = vmi_get16(v->image + VMI_ROM_HEADER_PTR) + h->header_size;

	if (!h->image_size || h->image_size % 512 || h->image_size > VMI_ROM_MAX_SIZE)
		return VMI_ROM_BAD_IMAGE_SIZE;
	if (!v->placed && h->image_size > v->size)
		return VMI_ROM_BAD_TRUNCATED;
	if (v->image[2] * 512u != h->image_size)
		return VMI_ROM_BAD_SIZE_BYTE;
	if (!h->text_size || h->text_size > h->data_offset || (v->placed && h->text_size > v->size))
		return VMI_ROM_BAD_TEXT_SIZE;
	if (h->data_offset % 64 || !vmi_inside(h->data_offset, h->data_size, h->image_size))
		return VMI_ROM_BAD_DATA_PLACE;
	if (h->bss_size > VMI_ROM_MAX_DATA || h->data_size + h->bss_size > VMI_ROM_MAX_DATA)
		return VMI_ROM_BAD_DATA_SIZE;
	if (h->percpu_size > VMI_ROM_MAX_PERCPU)
		return VMI_ROM_BAD_PERCPU_SIZE;
	if (h->header_size < sizeof(*h) || h->header_size % 8 || header_end > h->text_size)
		return VMI_ROM_BAD_HEADER_SIZE;
	return check_pcir(v);
}

static int check_name(const char name[16])
{
	int i = 0;

	while (i < 16 && name[i] > ' ' && name[i] <= '~')
		i++;
	if (!i || i == 16)
		return VMI_ROM_BAD_NAME;
	for (; i < 16; i++)
		if (name[i])
			return VMI_ROM_BAD_NAME;
	return VMI_ROM_OK;
}

static int check_fields(const struct vmi_view *v)
{
	const struct vmi_rom_header *h = v->h;

	if (h->flags & 0xffff & ~(VMI_ROM_PLACED | VMI_ROM_NEEDS_BUNDLE))
		return VMI_ROM_BAD_FLAGS;
	if (!(h->features & VMI_FEAT_PAGING_ASSIST) == !(h->features & VMI_FEAT_PV_MMU))
		return VMI_ROM_BAD_MODES;
	if (h->reserved || h->pad[0] || h->pad[1] || h->pad[2] || h->pad[3])
		return VMI_ROM_BAD_RESERVED;
	if (!(h->flags & VMI_ROM_PLACED) != !v->placed)
		return v->placed ? VMI_ROM_BAD_NOT_PLACED : VMI_ROM_BAD_ALREADY_PLACED;
	if ((h->flags & VMI_ROM_NEEDS_BUNDLE) && !h->boot_offset)
		return VMI_ROM_BAD_BOOT_MISSING;
	return check_name(h->backend_name);
}

/* Byte 6, crc32 and sha256 count as 0. */
static int check_sums(const struct vmi_view *v)
{
	uint32_t last = vmi_get16(v->image + VMI_PCIR_PTR) + VMI_PCIR_INDICATOR;
	struct vmi_sums s = { .crc = ~0u };

	vmi_sum_to(&s, v->image, 6);
	vmi_sum_zeroes(&s, v->image, 1);
	/* whoever puts an image in front of others does not make another ROM of it */
	if (last < vmi_get16(v->image + VMI_ROM_HEADER_PTR)) {
		vmi_sum_to(&s, v->image, last);
		vmi_sum_as(&s, v->image, v->image[last] | VMI_PCIR_LAST);
	}
	vmi_sum_to(&s, v->image, (const uint8_t *)&v->h->crc32 - v->image);
	vmi_sum_zeroes(&s, v->image, sizeof(v->h->crc32));
	vmi_sum_to(&s, v->image, v->h->sha256 - v->image);
	vmi_sum_zeroes(&s, v->image, sizeof(v->h->sha256));
	vmi_sum_to(&s, v->image, v->h->image_size);
	if (s.sum)
		return VMI_ROM_BAD_CHECKSUM;
	return ~s.crc == v->h->crc32 ? VMI_ROM_OK : VMI_ROM_BAD_CRC;
}

/** A range of the text that holds one thing; a size of 0 is an absent thing. */
struct range {
	uint32_t at, bytes, align;
	int bad;
};

static int check_overlap(const struct range *r, int count)
{
	int a, b;

	for (a = 0; a < count; a++)
		for (b = 0; b < a; b++)
			if (r[a].bytes && r[b].bytes && r[a].at < r[b].at + r[b].bytes &&
			    r[b].at < r[a].at + r[a].bytes)
				return VMI_ROM_BAD_OVERLAP;
	return VMI_ROM_OK;
}

static int check_places(const struct vmi_view *v)
{
	const struct vmi_rom_header *h = v->h;
	const struct range r[] = {
		{ 0, vmi_get16(v->image + VMI_ROM_HEADER_PTR) + h->header_size, 1, VMI_ROM_BAD_HEADER_SIZE },
		{ h->code_offset, h->code_size, 1, VMI_ROM_BAD_CODE_PLACE },
		{ h->calls_offset, h->calls_count * 16, 8, VMI_ROM_BAD_CALLS_PLACE },
		{ h->fixups_offset, h->fixups_count * 16, 8, VMI_ROM_BAD_FIXUPS_PLACE },
		{ h->notes_offset, h->notes_size, 4, VMI_ROM_BAD_NOTES_PLACE },
		{ h->extable_offset, h->extable_size, 8, VMI_ROM_BAD_EXTABLE_PLACE },
		{ h->unwind_offset, h->unwind_size, 8, VMI_ROM_BAD_UNWIND_PLACE },
	};
	const int count = sizeof(r) / sizeof(r[0]);
	int i;

	for (i = 0; i < count; i++)
		if (r[i].at % r[i].align || !vmi_inside(r[i].at, r[i].bytes, h->text_size))
			return r[i].bad;
	return check_overlap(r, count);
}

static int check_counts(const struct vmi_view *v)
{
	const struct vmi_rom_header *h = v->h;

	if (h->calls_count <= VMI_CALL_PROBE || h->calls_count > VMI_ROM_MAX_SIZE / 16)
		return VMI_ROM_BAD_CALLS_COUNT;
	if (h->fixups_count > VMI_ROM_MAX_SIZE / 16)
		return VMI_ROM_BAD_FIXUPS_PLACE;
	if (h->extable_size % 8)
		return VMI_ROM_BAD_EXTABLE_PLACE;
	if (h->unwind_size % 8)
		return VMI_ROM_BAD_UNWIND_PLACE;
	return h->code_size ? VMI_ROM_OK : VMI_ROM_BAD_CODE_PLACE;
}

static int check(struct vmi_view *v)
{
	static int (*const steps[])(const struct vmi_view *) = {
		check_version, check_sizes, check_fields, check_counts, check_places, vmi_check_rows,
	};
	int bad = check_signature(v);
	unsigned int i;

	/* the sums need a size only; a damaged ROM is told before its damage is */
	for (i = 0; !bad && i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (i == 2 && !v->placed)
			bad = check_sums(v);
		if (!bad)
			bad = steps[i](v);
	}
	return bad;
}

int vmi_rom_check(const void *image, uint32_t size)
{
	struct vmi_view v = { image, size, (const void *)0, 0 };

	return check(&v);
}

int vmi_rom_check_placed(const void *text, uint32_t size)
{
	struct vmi_view v = { text, size, (const void *)0, 1 };

	return check(&v);
}
