/* SPDX-License-Identifier: MIT */
/* What the files of the loader share; nobody else includes it. Read next: check.c. */
#ifndef VMI_GUEST_ROM_H
#define VMI_GUEST_ROM_H

#include "vmi/loader.h"

/** An image while it is checked. Once h is set, the header may be read. */
struct vmi_view {
	const uint8_t *image;
	uint32_t size;			/* readable bytes */
	const struct vmi_rom_header *h;
	int placed;
};

static inline uint32_t vmi_get16(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t vmi_get32(const uint8_t *p)
{
	return vmi_get16(p) | vmi_get16(p + 2) << 16;
}

/** Whether [offset, offset + bytes) lies in [0, size), without overflow. */
static inline int vmi_inside(uint64_t offset, uint64_t bytes, uint64_t size)
{
	return bytes <= size && offset <= size - bytes;
}

/** Bytes that a fix-up of a known kind writes. */
static inline uint32_t vmi_fixup_width(uint32_t kind)
{
	if (kind == VMI_FIXUP_RETURN)
		return 5;
	return kind == VMI_FIXUP_CONST64 || kind == VMI_FIXUP_TEXT64 ? 8 : 4;
}

static inline const struct vmi_rom_fixup *vmi_fixups(const void *image)
{
	const struct vmi_rom_header *h = vmi_rom_header(image);

	return (const void *)((const uint8_t *)image + h->fixups_offset);
}

/** The second half of the check: rows of tables whose places are known to be good. */
int vmi_check_rows(const struct vmi_view *v);

/** Both sums of an image, so far, and how far that is. */
struct vmi_sums {
	uint32_t crc;
	uint32_t at;
	uint8_t sum;
};

/** Adds what is before end. */
void vmi_sum_to(struct vmi_sums *s, const uint8_t *image, uint32_t end);
/** Adds one byte, which counts as another in the CRC. */
void vmi_sum_as(struct vmi_sums *s, const uint8_t *image, uint8_t counted);
/** Adds bytes that count as 0 in the CRC. */
void vmi_sum_zeroes(struct vmi_sums *s, const uint8_t *image, uint32_t bytes);

#endif
