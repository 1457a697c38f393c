// SPDX-License-Identifier: MIT
/*
 * Decides what becomes of each relocation: resolved here, or a fix-up for the
 * loader. Whatever would tie the ROM to an address is refused. Read next: link.c.
 */
#include <stdlib.h>
#include <string.h>

#include <elf.h>

#include "link.h"

static const char *type_name(uint32_t type, char buffer[32])
{
	static const struct {
		uint32_t type;
		const char *name;
	} names[] = {
		{ R_X86_64_64, "64-bit absolute" },
		{ R_X86_64_32, "32-bit absolute" },
		{ R_X86_64_32S, "32-bit absolute, signed" },
		{ R_X86_64_16, "16-bit absolute" },
		{ R_X86_64_8, "8-bit absolute" },
		{ R_X86_64_PC32, "PC-relative" },
		{ R_X86_64_PLT32, "PC-relative by PLT" },
		{ R_X86_64_PC64, "64-bit PC-relative" },
		{ R_X86_64_GOTPCREL, "GOT" },
		{ R_X86_64_GOTPCRELX, "GOT" },
		{ R_X86_64_REX_GOTPCRELX, "GOT" },
		{ R_X86_64_GOT32, "GOT" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	snprintf(buffer, 32, "type %u", type);
	return buffer;
}

/* The symbol a place belongs to, for messages. */
static const char *place_name(const struct link *link, uint32_t section, uint64_t offset)
{
	const struct object_symbol *best = NULL;

	for (size_t i = 0; i < link->object.symbol_count; i++) {
		const struct object_symbol *s = &link->object.symbols[i];

		if (s->section == section && *s->name && s->value <= offset &&
		    (!best || s->value > best->value))
			best = s;
	}
	return best ? best->name : "no symbol";
}

/** What the helpers below need to know of one relocation. */
struct reloc {
	struct link *link;
	const struct object_reloc *raw;
	const struct object_section *section;
	const struct object_symbol *symbol;
	struct patch *patch;
};

static int refuse_reloc(const struct reloc *r, const char *expectation)
{
	char buffer[32];
	uint32_t section = r->section - r->link->object.sections;
	const char *name = r->symbol->name;

	if (!*name && r->symbol->section < r->link->object.section_count)
		name = r->link->object.sections[r->symbol->section].name;
	return refuse(r->link->why, "%s+0x%llx (in %s): %s relocation to %s: %s", r->section->name,
		      (unsigned long long)r->raw->offset, place_name(r->link, section, r->raw->offset),
		      type_name(r->raw->type, buffer), name, expectation);
}

static bool is_pc32(const struct reloc *r)
{
	return r->raw->type == R_X86_64_PC32 || r->raw->type == R_X86_64_PLT32;
}

static bool is_abs32(const struct reloc *r)
{
	return r->raw->type == R_X86_64_32 || r->raw->type == R_X86_64_32S;
}

static bool is_data(enum part_id part)
{
	return part == PART_DATA || part == PART_BSS;
}

static int find_name(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (names[i] && !strcmp(names[i], name))
			return i;
	return -1;
}

static int classify_return(struct reloc *r)
{
	const struct object_reloc *raw = r->raw;

	if (!is_pc32(r) || raw->addend != -4 || r->patch->part != PART_CODE || !raw->offset ||
	    r->section->data[raw->offset - 1] != 0xe9)
		return refuse_reloc(r, "only `jmp __x86_return_thunk' can be a return");
	r->patch->kind = VMI_FIXUP_RETURN;
	r->patch->offset--;
	r->patch->addend = 0;
	return 0;
}

static int classify_entry(struct reloc *r, const char *name)
{
	int index = find_name(entry_names, VMI_NR_ENTRIES, name);

	if (index < 0)
		return refuse_reloc(r, "there is no such guest entry (guest.h, enum vmi_entry)");
	if (!is_pc32(r))
		return refuse_reloc(r, "a guest entry is reached by a PC-relative jump only");
	r->patch->kind = VMI_FIXUP_ENTRY_PC32;
	r->patch->index = index;
	return 0;
}

static int classify_const(struct reloc *r, const char *name)
{
	int index = find_name(const_names, VMI_NR_CONSTS, name);

	if (index < 0)
		return refuse_reloc(r, "there is no such guest constant (guest.h, enum vmi_const)");
	if (!is_abs32(r) && r->raw->type != R_X86_64_64)
		return refuse_reloc(r, "a guest constant is an immediate of 32 or 64 bits");
	r->patch->kind = is_abs32(r) ? VMI_FIXUP_CONST32 : VMI_FIXUP_CONST64;
	r->patch->index = index;
	return 0;
}

static int classify_percpu(struct reloc *r)
{
	if (!is_abs32(r))
		return refuse_reloc(r, "the per-CPU block is reached by %gs:vmi_percpu+n, not RIP-relative");
	if (r->raw->addend < 0 || r->raw->addend >= VMI_ROM_MAX_PERCPU)
		return refuse_reloc(r, "the place is outside the largest per-CPU block");
	r->patch->kind = VMI_FIXUP_PERCPU32;
	return 0;
}

static int resolve_here(struct reloc *r, enum part_id target, uint64_t value)
{
	struct patch *p = r->patch;

	p->target = target;
	p->value = value;
	if (is_pc32(r)) {
		p->kind = is_data(target) != is_data(p->part) ? VMI_FIXUP_DATA_PC32 : 0;
		return 0;
	}
	if (r->raw->type == R_X86_64_32 && (p->part == PART_EXTABLE || p->part == PART_UNWIND) &&
	    target == PART_CODE) {
		p->offset32 = true;
		return 0;
	}
	if (r->raw->type == R_X86_64_64 && p->part == PART_NOTES && !is_data(target)) {
		p->kind = VMI_FIXUP_TEXT64;
		return 0;
	}
	return refuse_reloc(r, "a ROM is position independent, no absolute reference is allowed");
}

static const char *after(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(name, prefix, n) ? NULL : name + n;
}

static int classify_undefined(struct reloc *r)
{
	const char *name = r->symbol->name, *rest;

	if (!strcmp(name, "__x86_return_thunk"))
		return classify_return(r);
	if (!strcmp(name, "vmi_percpu"))
		return classify_percpu(r);
	rest = after(name, "vmi_entry_");
	if (rest)
		return classify_entry(r, rest);
	rest = after(name, "vmi_const_");
	if (rest)
		return classify_const(r, rest);
	if (!strcmp(name, "vmi_rom_image"))
		return resolve_here(r, PART_HEAD, 0);
	if (!strcmp(name, "vmi_rom_calls"))
		return resolve_here(r, PART_CALLS, 0);
	if (after(name, "__x86_indirect_thunk"))
		return refuse_reloc(r, "a ROM makes no indirect branch");
	return refuse_reloc(r, "the symbol is undefined");
}

static int classify_defined(struct reloc *r)
{
	enum part_id target;

	if (r->symbol->section == OBJECT_ABS)
		return refuse_reloc(r, "the symbol is an absolute number");
	target = link_part_of(r->link, r->symbol->section);
	if (target == PART_NONE)
		return refuse_reloc(r, "the symbol is in a section that is not part of a ROM");
	if (r->symbol->value > r->link->parts[target].size)
		return refuse_reloc(r, "the symbol is outside its section");
	return resolve_here(r, target, r->symbol->value);
}

static int classify_one(struct reloc *r)
{
	struct patch *p = r->patch;
	unsigned int width;

	*p = (struct patch){ .part = p->part, .offset = r->raw->offset, .addend = r->raw->addend };
	width = r->raw->type == R_X86_64_64 ? 8 : 4;
	if (p->part == PART_BSS || !r->section->data || !inside(r->raw->offset, width, r->section->size))
		return refuse_reloc(r, "the place is outside the section's bytes");
	if (p->part == PART_HEAD && !is_pc32(r))
		return refuse_reloc(r, "the header is not relocated");
	if (r->raw->addend < -0x10000 || r->raw->addend > 0x10000)
		return refuse_reloc(r, "the addend is larger than a ROM");
	return r->symbol->section ? classify_defined(r) : classify_undefined(r);
}

static size_t count_relocs(const struct link *link)
{
	size_t n = 0;

	for (int i = 0; i < PART_COUNT; i++)
		if (link->parts[i].section)
			n += link->parts[i].section->reloc_count;
	return n;
}

static int by_place(const void *a, const void *b)
{
	const struct patch *x = a, *y = b;

	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int check_overlap(struct link *link)
{
	for (size_t i = 1; i < link->patch_count; i++) {
		const struct patch *a = &link->patches[i - 1], *b = a + 1;

		if (a->part == b->part && a->offset + fixup_width(a->kind) > b->offset)
			return refuse(link->why, "%s+0x%x: two relocations overlap",
				      link->parts[a->part].section->name, b->offset);
	}
	return 0;
}

int link_classify(struct link *link)
{
	struct patch *p;

	p = link->patches = xcalloc(count_relocs(link), sizeof(*p));
	for (int i = 0; i < PART_COUNT; i++) {
		const struct object_section *s = link->parts[i].section;

		for (size_t n = 0; s && n < s->reloc_count; n++) {
			struct reloc r = { link, &s->relocs[n], s,
				&link->object.symbols[s->relocs[n].symbol], p };

			if (s->relocs[n].type == R_X86_64_NONE)
				continue;
			p->part = i;
			if (classify_one(&r))
				return -1;
			link->fixup_count += p->kind != 0;
			p++;
		}
	}
	link->patch_count = p - link->patches;
	qsort(link->patches, link->patch_count, sizeof(*p), by_place);
	return check_overlap(link);
}
