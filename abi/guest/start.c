// SPDX-License-Identifier: MIT
/* The usual order of loading, for a guest that has no wishes of its own. */
#include "rom.h"

/* Places and fixes up an image (NULL: it stands there); its bid, or 0 and why. */
static uint32_t try_image(const struct vmi_rom_place *place, const struct vmi_guest *guest, const void *image,
			  const char **why)
{
	int bad = image ? vmi_rom_place(image, place) : VMI_ROM_OK;
	uint32_t bid;

	bad = bad ? bad : vmi_rom_fixup(place, guest, 0);
	if (bad) {
		*why = vmi_rom_reason(bad);
		return 0;
	}
	bid = vmi_rom_detect(place);
	if (!bid)
		*why = "the ROM is for another host";
	return bid;
}

static const void *find_best(const struct vmi_rom_place *place, const struct vmi_guest *guest,
			     const void *window, uint32_t bytes, const char **why)
{
	const void *image, *best = (const void *)0;
	uint32_t from = 0, best_bid = 0, bid;
	int bad;

	while ((image = vmi_rom_find(window, bytes, &from))) {
		bad = vmi_rom_check(image, bytes - (uint32_t)((const uint8_t *)image - (const uint8_t *)window));
		if (bad) {
			*why = vmi_rom_reason(bad);
			continue;
		}
		bid = try_image(place, guest, image, why);
		if (bid > best_bid) {
			best_bid = bid;
			best = image;
		}
	}
	return best;
}

const char *vmi_rom_load(const struct vmi_rom_place *place, const struct vmi_guest *guest,
			 const void *window, uint32_t bytes)
{
	const char *why = "there is no ROM";
	const void *best = (const void *)0;
	int bad;

	if (!window) {
		bad = vmi_rom_check_placed(place->text, place->text_size);
		if (bad)
			return vmi_rom_reason(bad);
		return try_image(place, guest, best, &why) ? (const char *)0 : why;
	}
	best = find_best(place, guest, window, bytes, &why);
	if (best && try_image(place, guest, best, &why))
		return (const char *)0;
	vmi_rom_unplace(place);
	return why;
}
