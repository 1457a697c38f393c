// SPDX-License-Identifier: MIT
/* Reaches what is in a ROM that is placed and fixed up. Read next: vmi/site.h, for patching. */
#include "rom.h"

uint32_t vmi_rom_detect(const struct vmi_rom_place *place)
{
	uint64_t entry = place->text_va + vmi_rom_header(place->text)->detect_offset;

	return ((uint32_t (*)(void))entry)();
}

uint32_t vmi_rom_answer(const struct vmi_rom_place *place, uint32_t nr)
{
	const struct vmi_rom_call *c = vmi_rom_call(place->text, nr);

	return c ? c->answer : VMI_ANSWER_NATIVE;
}

/* The base group is in every ROM. */
uint32_t vmi_rom_answer_here(const struct vmi_rom_place *place, uint32_t nr)
{
	uint64_t probe = place->text_va + vmi_rom_call(place->text, VMI_CALL_PROBE)->entry;

	return ((uint32_t (*)(uint32_t))probe)(nr);
}

uint64_t vmi_rom_entry(const struct vmi_rom_place *place, uint32_t nr, int early)
{
	const struct vmi_rom_call *c = vmi_rom_call(place->text, nr);

	if (!c || !c->entry)
		return 0;
	return place->text_va + (early && c->early ? c->early : c->entry);
}

const void *vmi_rom_inline(const struct vmi_rom_place *place, uint32_t nr, uint32_t *bytes)
{
	const struct vmi_rom_call *c = vmi_rom_call(place->text, nr);

	if (!c || c->answer != VMI_ANSWER_INLINE)
		return (const void *)0;
	*bytes = c->inline_size;
	return (const uint8_t *)place->text + c->inline_offset;
}

uint64_t vmi_rom_extable(const struct vmi_rom_place *place, uint64_t ip)
{
	const struct vmi_rom_header *h = vmi_rom_header(place->text);
	const struct vmi_rom_extable *row = (const void *)((const uint8_t *)place->text + h->extable_offset);
	uint32_t i;

	for (i = 0; i < h->extable_size / sizeof(*row); i++)
		if (place->text_va + row[i].insn == ip)
			return place->text_va + row[i].fixup;
	return 0;
}

const struct vmi_rom_unwind *vmi_rom_unwind(const struct vmi_rom_place *place, uint64_t ip)
{
	const struct vmi_rom_header *h = vmi_rom_header(place->text);
	const struct vmi_rom_unwind *row = (const void *)((const uint8_t *)place->text + h->unwind_offset);
	uint32_t low = 0, high = h->unwind_size / sizeof(*row);

	if (ip - place->text_va - h->code_offset >= h->code_size)
		return (const void *)0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (place->text_va + row[middle].offset <= ip)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &row[low - 1] : (const void *)0;
}
