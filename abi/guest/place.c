// SPDX-License-Identifier: MIT
/*
 * Places a checked image and applies its fix-ups. Each value is computed from
 * the table alone, never from what stands in the field, so that a bundle's
 * partial fix-up can be completed, and any of it done again. Read next:
 * vmi/loader.h, for the order of things.
 */
#include "rom.h"
#include "vmi/note.h"

static void copy(uint8_t *to, const uint8_t *from, uint32_t bytes, uint32_t area)
{
	uint32_t i;

	for (i = 0; i + 8 <= bytes; i += 8)
		__builtin_memcpy(to + i, from + i, 8);
	for (; i < bytes; i++)
		to[i] = from[i];
	for (; i < area; i++)
		to[i] = 0;
}

int vmi_rom_place(const void *image, const struct vmi_rom_place *place)
{
	const struct vmi_rom_header *h = vmi_rom_header(image);

	if (h->text_size > place->text_size)
		return VMI_ROM_BAD_TEXT_AREA;
	if (h->data_size + h->bss_size > place->data_size)
		return VMI_ROM_BAD_DATA_AREA;
	copy(place->data, (const uint8_t *)image + h->data_offset, h->data_size, place->data_size);
	copy(place->text, image, h->text_size, place->text_size);
	((struct vmi_rom_header *)vmi_rom_header(place->text))->flags |= VMI_ROM_PLACED;
	return VMI_ROM_OK;
}

void vmi_rom_unplace(const struct vmi_rom_place *place)
{
	copy(place->text, place->text, 0, place->text_size);
	copy(place->data, place->data, 0, place->data_size);
}

/** One fix-up on its way: where it stands, and what it will be. */
struct fixing {
	const struct vmi_rom_place *place;
	const struct vmi_rom_header *h;
	const struct vmi_guest *guest;
	int partial;
	uint8_t *field;
	uint64_t va;			/* of the field */
	uint64_t value;
	int skip;
};

static void locate(struct fixing *x, const struct vmi_rom_fixup *f)
{
	uint32_t in_data = f->where - x->h->data_offset;
	int text = f->where < x->h->text_size;

	x->field = text ? (uint8_t *)x->place->text + f->where : (uint8_t *)x->place->data + in_data;
	x->va = text ? x->place->text_va + f->where : x->place->data_va + in_data;
	x->skip = 0;
}

static int fits32(uint64_t value)
{
	return (int64_t)value == (int32_t)value;
}

/* How much farther apart the two segments are than in the image. */
static uint64_t data_move(const struct fixing *x)
{
	return x->place->data_va - x->h->data_offset - x->place->text_va;
}

static int find_value(struct fixing *x, const struct vmi_rom_fixup *f)
{
	uint64_t found;

	switch (f->kind) {
	case VMI_FIXUP_DATA_PC32:
		x->value = f->addend + (f->where < x->h->text_size ? data_move(x) : -data_move(x));
		return VMI_ROM_OK;
	case VMI_FIXUP_PERCPU32:
		x->skip = x->partial;
		x->value = f->addend + x->guest->percpu;
		return VMI_ROM_OK;
	case VMI_FIXUP_ENTRY_PC32:
		found = x->guest->entries[f->index];
		x->skip = !found && x->partial;
		x->value = found + f->addend - x->va;
		return found || x->skip ? VMI_ROM_OK : VMI_ROM_BAD_NO_ENTRY;
	case VMI_FIXUP_CONST32:
	case VMI_FIXUP_CONST64:
		found = x->guest->consts[f->index];
		x->skip = !found && x->partial;
		x->value = found + f->addend;
		return found || x->skip ? VMI_ROM_OK : VMI_ROM_BAD_NO_CONST;
	case VMI_FIXUP_TEXT64:
		x->value = x->place->text_va + f->addend;
		return VMI_ROM_OK;
	}
	x->skip = 1;
	return VMI_ROM_OK;
}

static void put(uint8_t *p, uint64_t value, uint32_t bytes)
{
	for (; bytes; bytes--, value >>= 8)
		*p++ = value;
}

static int fix_one(struct fixing *x, const struct vmi_rom_fixup *f, int write)
{
	uint32_t width = vmi_fixup_width(f->kind);
	int bad;

	locate(x, f);
	bad = find_value(x, f);
	if (bad || x->skip)
		return bad;
	if (width == 4 && !fits32(x->value))
		return VMI_ROM_BAD_REACH;
	if (write)
		put(x->field, x->value, width);
	return VMI_ROM_OK;
}

static int is_guest(const struct vmi_guest *guest)
{
	return guest->magic == VMI_MAGIC_GUEST && guest->version == VMI_STRUCT_VERSION &&
	       guest->size >= sizeof(*guest);
}

int vmi_rom_fixup(const struct vmi_rom_place *place, const struct vmi_guest *guest, int partial)
{
	const struct vmi_rom_fixup *f = vmi_fixups(place->text);
	struct fixing x = { .place = place, .h = vmi_rom_header(place->text), .guest = guest, .partial = partial };
	int write, bad;
	uint32_t i;

	if (!is_guest(guest))
		return VMI_ROM_BAD_GUEST;
	for (write = 0; write < 2; write++)
		for (i = 0; i < x.h->fixups_count; i++) {
			bad = fix_one(&x, &f[i], write);
			if (bad)
				return bad;
		}
	return VMI_ROM_OK;
}

static int fix_return(const struct vmi_rom_place *place, uint32_t where, uint64_t thunk, int write)
{
	uint8_t *p = (uint8_t *)place->text + where;
	uint64_t reach = thunk - (place->text_va + where + 5);

	if (thunk && !fits32(reach))
		return VMI_ROM_BAD_REACH;
	if (!write)
		return VMI_ROM_OK;
	p[0] = thunk ? 0xe9 : 0xc3;
	put(p + 1, thunk ? reach : 0xcccccccc, 4);
	return VMI_ROM_OK;
}

int vmi_rom_fixup_returns(const struct vmi_rom_place *place, const struct vmi_guest *guest)
{
	const struct vmi_rom_fixup *f = vmi_fixups(place->text);
	uint32_t i, count = vmi_rom_header(place->text)->fixups_count;
	int write, bad;

	if (!is_guest(guest))
		return VMI_ROM_BAD_GUEST;
	for (write = 0; write < 2; write++)
		for (i = 0; i < count; i++) {
			if (f[i].kind != VMI_FIXUP_RETURN)
				continue;
			bad = fix_return(place, f[i].where, guest->return_thunk, write);
			if (bad)
				return bad;
		}
	return VMI_ROM_OK;
}

static int has_calls(const void *image, const struct vmi_note *note)
{
	uint32_t nr;

	for (nr = 0; nr < 128; nr++) {
		const struct vmi_rom_call *c = vmi_rom_call(image, nr);

		if ((note->required_calls[nr / 64] >> nr % 64 & 1) && (!c || c->answer == VMI_ANSWER_NATIVE))
			return 0;
	}
	return 1;
}

int vmi_rom_suits(const void *image, const struct vmi_note *note)
{
	const struct vmi_rom_header *h = vmi_rom_header(image);

	if (note->abi_major != h->abi_major)
		return VMI_ROM_BAD_MAJOR;
	if (!h->abi_major && note->abi_draft != h->abi_draft)
		return VMI_ROM_BAD_DRAFT;
	if (note->abi_minor > h->abi_minor)
		return VMI_ROM_BAD_MINOR;
	if ((h->features & note->refused_features) ||
	    (h->features & note->required_features) != note->required_features)
		return VMI_ROM_BAD_FEATURES;
	if (!(h->features & VMI_FEAT_HW_CONTAINER) && !has_calls(image, note))
		return VMI_ROM_BAD_CALL_NEEDED;
	if (h->text_size > note->text_area_size)
		return VMI_ROM_BAD_TEXT_AREA;
	if (h->data_size + h->bss_size > note->data_area_size)
		return VMI_ROM_BAD_DATA_AREA;
	return VMI_ROM_OK;
}
