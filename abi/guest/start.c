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

/* The whole check: is it a ROM, and one for this kernel? */
static int check(const void *image, uint32_t bytes, const struct vmi_note *note)
{
	int bad = vmi_rom_check(image, bytes);

	return bad ? bad : vmi_rom_suits(image, note);
}

/** What is being looked for, and where. */
struct search {
	const struct vmi_rom_place *place;
	const struct vmi_guest *guest;
	const struct vmi_note *note;
	const uint8_t *window;
	uint32_t bytes;
	const char *why;
};

static const void *find_best(struct search *s)
{
	const void *image, *best = (const void *)0;
	uint32_t from = 0, best_bid = 0, bid;
	int bad;

	while ((image = vmi_rom_find(s->window, s->bytes, &from))) {
		bad = check(image, s->bytes - (uint32_t)((const uint8_t *)image - s->window), s->note);
		if (bad)
			s->why = vmi_rom_reason(bad);
		bid = bad ? 0 : try_image(s->place, s->guest, image, &s->why);
		if (bid > best_bid) {
			best_bid = bid;
			best = image;
		}
	}
	return best;
}

static const char *load_placed(const struct search *s)
{
	const char *why = "";
	int bad = vmi_rom_check_placed(s->place->text, s->place->text_size);

	bad = bad ? bad : vmi_rom_suits(s->place->text, s->note);
	if (bad)
		return vmi_rom_reason(bad);
	return try_image(s->place, s->guest, (const void *)0, &why) ? (const char *)0 : why;
}

static int is_placed(const struct vmi_rom_place *place)
{
	return vmi_rom_check_placed(place->text, place->text_size) == VMI_ROM_OK;
}

const char *vmi_rom_load(const struct vmi_rom_place *place, const struct vmi_guest *guest,
			 const struct vmi_note *note, const void *window, uint32_t bytes)
{
	struct search s = { place, guest, note, window, bytes, "there is no ROM" };
	const void *best;

	/* a host that builds the guest's memory has perhaps placed it there */
	if (!window || is_placed(place)) {
		s.why = load_placed(&s);
		if (!window || !s.why)
			return s.why;
	}
	best = find_best(&s);
	if (best && try_image(place, guest, best, &s.why))
		return (const char *)0;
	vmi_rom_unplace(place);
	return s.why;
}
