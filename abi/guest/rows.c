// SPDX-License-Identifier: MIT
/* Checks every row of every table, so that what uses them need not. Read next: place.c. */
#include "rom.h"

static int in_code(const struct vmi_view *v, uint32_t offset, uint32_t bytes)
{
	return offset >= v->h->code_offset &&
	       vmi_inside(offset - v->h->code_offset, bytes, v->h->code_size);
}

/* Four fixed bytes at a place that the table names: no decoding. */
static int is_entry(const struct vmi_view *v, uint32_t offset)
{
	return in_code(v, offset, 4) && vmi_get32(v->image + offset) == 0xfa1e0ff3;
}

static int check_entries(const struct vmi_view *v)
{
	if (!is_entry(v, v->h->detect_offset))
		return VMI_ROM_BAD_DETECT;
	if (v->h->boot_offset && !is_entry(v, v->h->boot_offset))
		return VMI_ROM_BAD_BOOT;
	return VMI_ROM_OK;
}

static int check_call(const struct vmi_view *v, const struct vmi_rom_call *c)
{
	int called = c->answer == VMI_ANSWER_CALL || c->answer == VMI_ANSWER_INLINE;

	if (c->answer > VMI_ANSWER_INLINE)
		return VMI_ROM_BAD_CALL_ANSWER;
	if (c->reserved)
		return VMI_ROM_BAD_CALL_RESERVED;
	if (called && !c->entry)
		return VMI_ROM_BAD_CALL_MISSING;
	if (c->entry && !is_entry(v, c->entry))
		return VMI_ROM_BAD_CALL_ENTRY;
	if (c->early && (!c->entry || !is_entry(v, c->early)))
		return VMI_ROM_BAD_CALL_EARLY;
	if (c->answer != VMI_ANSWER_INLINE)
		return c->inline_offset || c->inline_size ? VMI_ROM_BAD_CALL_INLINE : VMI_ROM_OK;
	if (!c->inline_size || c->inline_size > 15 ||
	    !vmi_inside(c->inline_offset, c->inline_size, v->h->text_size))
		return VMI_ROM_BAD_CALL_INLINE;
	return VMI_ROM_OK;
}

static int check_calls(const struct vmi_view *v)
{
	uint32_t nr;

	for (nr = 0; nr < v->h->calls_count; nr++) {
		const struct vmi_rom_call *c = vmi_rom_call(v->image, nr);
		int bad = check_call(v, c);

		if (!bad && nr <= VMI_CALL_PROBE && c->answer != VMI_ANSWER_CALL)
			bad = VMI_ROM_BAD_CALL_BASE;
		if (bad)
			return bad;
	}
	return VMI_ROM_OK;
}

static int touches(const struct vmi_rom_fixup *f, uint32_t at, uint32_t bytes)
{
	return f->where < at + bytes && at < f->where + vmi_fixup_width(f->kind);
}

static int check_fixup_place(const struct vmi_view *v, const struct vmi_rom_fixup *f)
{
	const struct vmi_rom_header *h = v->h;
	uint32_t width = vmi_fixup_width(f->kind);

	if (f->where >= h->text_size) {
		if (f->where < h->data_offset || !vmi_inside(f->where - h->data_offset, width, h->data_size))
			return VMI_ROM_BAD_FIXUP_PLACE;
		return VMI_ROM_OK;
	}
	if (!vmi_inside(f->where, width, h->text_size))
		return VMI_ROM_BAD_FIXUP_PLACE;
	if (touches(f, 0, vmi_get16(v->image + VMI_ROM_HEADER_PTR) + h->header_size) ||
	    touches(f, h->calls_offset, h->calls_count * 16) ||
	    touches(f, h->fixups_offset, h->fixups_count * 16) ||
	    touches(f, h->extable_offset, h->extable_size) ||
	    touches(f, h->unwind_offset, h->unwind_size))
		return VMI_ROM_BAD_FIXUP_TABLE;
	return VMI_ROM_OK;
}

static int check_return(const struct vmi_view *v, const struct vmi_rom_fixup *f)
{
	const uint8_t *p = v->image + f->where;

	if (f->addend)
		return VMI_ROM_BAD_FIXUP_ADDEND;
	if (!in_code(v, f->where, 5))
		return VMI_ROM_BAD_FIXUP_RETURN;
	/* a placed one may be a jump already */
	if (!v->placed && (p[0] != 0xc3 || vmi_get32(p + 1) != 0xcccccccc))
		return VMI_ROM_BAD_FIXUP_RETURN;
	return VMI_ROM_OK;
}

static int fits32(int64_t value)
{
	return value == (int32_t)value;
}

static int check_kind(const struct vmi_view *v, const struct vmi_rom_fixup *f)
{
	const struct vmi_rom_header *h = v->h;
	int bad = fits32(f->addend) ? VMI_ROM_OK : VMI_ROM_BAD_FIXUP_ADDEND;

	switch (f->kind) {
	case VMI_FIXUP_RETURN:
		bad = check_return(v, f);
		break;
	case VMI_FIXUP_PERCPU32:
		if (f->addend < 0 || f->addend >= h->percpu_size)
			bad = VMI_ROM_BAD_FIXUP_ADDEND;
		break;
	case VMI_FIXUP_ENTRY_PC32:
		return f->index < VMI_NR_ENTRIES ? bad : VMI_ROM_BAD_FIXUP_INDEX;
	case VMI_FIXUP_CONST32:
	case VMI_FIXUP_CONST64:
		return f->index < VMI_NR_CONSTS ? bad : VMI_ROM_BAD_FIXUP_INDEX;
	case VMI_FIXUP_TEXT64:
		if (f->where < h->notes_offset ||
		    !vmi_inside(f->where - h->notes_offset, 8, h->notes_size))
			return VMI_ROM_BAD_FIXUP_NOTE;
		if (f->addend < 0 || f->addend >= h->text_size)
			bad = VMI_ROM_BAD_FIXUP_ADDEND;
		break;
	}
	return f->index ? VMI_ROM_BAD_FIXUP_INDEX : bad;
}

static int check_fixups(const struct vmi_view *v)
{
	const struct vmi_rom_fixup *f = vmi_fixups(v->image);
	uint32_t i, end = 0;
	int bad;

	for (i = 0; i < v->h->fixups_count; i++, f++) {
		if (f->kind < VMI_FIXUP_RETURN || f->kind > VMI_FIXUP_TEXT64)
			return VMI_ROM_BAD_FIXUP_KIND;
		bad = check_fixup_place(v, f);
		if (bad)
			return bad;
		if (f->where < end)
			return VMI_ROM_BAD_FIXUP_ORDER;
		end = f->where + vmi_fixup_width(f->kind);
		bad = check_kind(v, f);
		if (bad)
			return bad;
	}
	return VMI_ROM_OK;
}

/* Inline bytes are copied elsewhere: nothing in them may depend on where they are. */
static int check_inline(const struct vmi_view *v)
{
	uint32_t nr, i;

	for (nr = 0; nr < v->h->calls_count; nr++) {
		const struct vmi_rom_call *c = vmi_rom_call(v->image, nr);
		const struct vmi_rom_fixup *f = vmi_fixups(v->image);

		for (i = 0; c->inline_size && i < v->h->fixups_count; i++, f++) {
			if (!touches(f, c->inline_offset, c->inline_size))
				continue;
			if (f->kind != VMI_FIXUP_PERCPU32 && f->kind != VMI_FIXUP_CONST32 &&
			    f->kind != VMI_FIXUP_CONST64)
				return VMI_ROM_BAD_FIXUP_INLINE;
			if (f->where < c->inline_offset || f->where + vmi_fixup_width(f->kind) >
			    c->inline_offset + c->inline_size)
				return VMI_ROM_BAD_FIXUP_INLINE;
		}
	}
	return VMI_ROM_OK;
}

static int marks_entry(const struct vmi_view *v, const struct vmi_rom_fixup *f)
{
	uint32_t nr;

	if (touches(f, v->h->detect_offset, 4) || (v->h->boot_offset && touches(f, v->h->boot_offset, 4)))
		return 1;
	for (nr = 0; nr < v->h->calls_count; nr++) {
		const struct vmi_rom_call *c = vmi_rom_call(v->image, nr);

		if ((c->entry && touches(f, c->entry, 4)) || (c->early && touches(f, c->early, 4)))
			return 1;
	}
	return 0;
}

/* An entry is one before the fix-ups and after them. */
static int check_marks(const struct vmi_view *v)
{
	const struct vmi_rom_fixup *f = vmi_fixups(v->image);
	uint32_t i;

	for (i = 0; i < v->h->fixups_count; i++, f++)
		if (in_code(v, f->where, 1) && marks_entry(v, f))
			return VMI_ROM_BAD_FIXUP_MARK;
	return VMI_ROM_OK;
}

static int check_extable(const struct vmi_view *v)
{
	const struct vmi_rom_extable *e = (const void *)(v->image + v->h->extable_offset);
	uint32_t i;

	for (i = 0; i < v->h->extable_size / sizeof(*e); i++)
		if (!in_code(v, e[i].insn, 1) || !in_code(v, e[i].fixup, 1))
			return VMI_ROM_BAD_EXTABLE_ROW;
	return VMI_ROM_OK;
}

static int check_unwind(const struct vmi_view *v)
{
	const struct vmi_rom_unwind *u = (const void *)(v->image + v->h->unwind_offset);
	uint32_t i, last = 0;

	for (i = 0; i < v->h->unwind_size / sizeof(*u); i++) {
		/* a row may stand at the very end: it closes the one before */
		if (u[i].offset < last || !in_code(v, u[i].offset, 0) || u[i].base > 1 || u[i].kind > 2)
			return VMI_ROM_BAD_UNWIND_ROW;
		last = u[i].offset;
	}
	return VMI_ROM_OK;
}

static int check_notes(const struct vmi_view *v)
{
	const uint8_t *notes = v->image + v->h->notes_offset;
	uint64_t size = v->h->notes_size, done = 0, bytes;

	while (done < size) {
		if (!vmi_inside(done, 12, size))
			return VMI_ROM_BAD_NOTES_FORM;
		bytes = 12 + (((uint64_t)vmi_get32(notes + done) + 3) & ~UINT64_C(3));
		bytes += ((uint64_t)vmi_get32(notes + done + 4) + 3) & ~UINT64_C(3);
		if (!vmi_inside(done, bytes, size))
			return VMI_ROM_BAD_NOTES_FORM;
		done += bytes;
	}
	return VMI_ROM_OK;
}

int vmi_check_rows(const struct vmi_view *v)
{
	static int (*const steps[])(const struct vmi_view *) = {
		check_entries, check_calls, check_fixups, check_inline, check_marks, check_notes, check_extable,
		check_unwind,
	};
	unsigned int i;
	int bad = VMI_ROM_OK;

	for (i = 0; !bad && i < sizeof(steps) / sizeof(steps[0]); i++)
		bad = steps[i](v);
	return bad;
}
