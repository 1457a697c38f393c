// SPDX-License-Identifier: MIT
/* Writes a ROM's answers into a guest's sites. */
#include "rom.h"
#include "vmi/site.h"

static void copy(uint8_t *to, const uint8_t *from, uint32_t bytes)
{
	while (bytes--)
		*to++ = *from++;
}

#define LONGEST	15u		/* bytes of one instruction */

/* Long NOPs: prefixes cost nothing, instructions do. */
static void pad(uint8_t *p, uint32_t bytes)
{
	while (bytes) {
		uint32_t n = bytes < LONGEST ? bytes : LONGEST;

		for (bytes -= n; n > 1; n--)
			*p++ = 0x66;
		*p++ = 0x90;
	}
}

/* "cs cs call": the prefixes in front fill the site, as far as they may. */
static void write_call(const struct vmi_site *s, uint64_t entry)
{
	uint32_t bytes = s->bytes < LONGEST ? s->bytes : LONGEST, i;
	uint8_t *p = (uint8_t *)s->address;
	uint32_t relative = entry - (s->address + bytes);

	pad(p + bytes, s->bytes - bytes);
	for (i = 0; i < bytes - 5; i++)
		*p++ = 0x2e;
	*p++ = 0xe8;
	copy(p, (const uint8_t *)&relative, 4);
}

/* The bytes that stand in for the call, or NULL: call it. */
static const void *inline_bytes(const struct vmi_site *s, const struct vmi_rom_place *place, int flags,
				uint32_t *bytes)
{
	const void *code = vmi_rom_inline(place, s->nr, bytes);

	*bytes = code ? *bytes : 0;
	return !(flags & VMI_SITES_CALL_ONLY) && *bytes <= s->bytes ? code : (const void *)0;
}

static int patch(const struct vmi_site *s, const struct vmi_rom_place *place, int flags)
{
	uint32_t answer = vmi_rom_answer_here(place, s->nr), bytes = 0;
	const void *code = inline_bytes(s, place, flags, &bytes);

	if (answer == VMI_ANSWER_NATIVE)
		return 0;
	if (answer == VMI_ANSWER_NOP || code) {
		copy((uint8_t *)s->address, code, bytes);
		pad((uint8_t *)s->address + bytes, s->bytes - bytes);
	} else {
		write_call(s, vmi_rom_entry(place, s->nr, 0));
	}
	return 1;
}

int vmi_sites_patch(const struct vmi_site *sites, const struct vmi_site *end,
		    const struct vmi_rom_place *place, int flags)
{
	const struct vmi_site *s;
	int changed = 0;

	for (s = sites; s < end; s++) {
		uint64_t entry = vmi_rom_entry(place, s->nr, 0);
		uint64_t d = entry - s->address;

		if (s->bytes < 5 || (entry && d + 0x7fffff00 > 0xfffffe00))
			return -1;
	}
	for (s = sites; s < end; s++)
		changed += patch(s, place, flags);
	return changed;
}
