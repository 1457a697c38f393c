// SPDX-License-Identifier: MIT
/*
 * The final linker: lays out the parts, resolves what stays inside, writes the
 * tables and the header. The same object always gives the same bytes. Read
 * next: classify.c, calltable.c.
 */
#include <stdlib.h>
#include <string.h>

#include <elf.h>
#include <openssl/evp.h>

#include <vmi/loader.h>

#include "link.h"

static const struct part_rule {
	const char *name;		/* NULL: the tool makes it */
	uint64_t flags;			/* exactly these of W and X */
	bool needed;
} rules[PART_COUNT] = {
	[PART_HEAD]	= { ".vmi.head", 0, true },
	[PART_CODE]	= { ".vmi.code", SHF_EXECINSTR, true },
	[PART_RODATA]	= { ".vmi.rodata", 0, false },
	[PART_EXTABLE]	= { ".vmi.extable", 0, false },
	[PART_UNWIND]	= { ".vmi.unwind", 0, false },
	[PART_NOTES]	= { ".vmi.notes", 0, false },
	[PART_DATA]	= { ".vmi.data", SHF_WRITE, false },
	[PART_BSS]	= { ".vmi.bss", SHF_WRITE, false },
};

/* Only notes for linkers and debuggers are left out of a ROM silently. */
static bool is_ignored(const struct object_section *s)
{
	return !(s->flags & SHF_ALLOC) || !s->size || !strncmp(s->name, ".note.", 6) ||
	       !strcmp(s->name, ".eh_frame");
}

static enum part_id part_named(const char *name)
{
	for (int i = 0; i < PART_COUNT; i++)
		if (rules[i].name && !strcmp(rules[i].name, name))
			return i;
	return PART_NONE;
}

static int take_section(struct link *link, struct object_section *s)
{
	enum part_id id = part_named(s->name);
	uint64_t wx = s->flags & (SHF_WRITE | SHF_EXECINSTR);

	if (wx == (SHF_WRITE | SHF_EXECINSTR))
		return refuse(link->why, "section %s is writable and executable; nothing in a ROM may be both", s->name);
	if (id == PART_NONE)
		return refuse(link->why, "section %s is not part of a ROM; the linker script must place it", s->name);
	/* the head holds 16-bit code, which only the firmware's copy runs */
	if (wx != rules[id].flags && !(id == PART_HEAD && wx == SHF_EXECINSTR))
		return refuse(link->why, "section %s has flags%s%s; expected are%s%s", s->name,
			      wx & SHF_WRITE ? " W" : "", wx & SHF_EXECINSTR ? " X" : "",
			      rules[id].flags & SHF_WRITE ? " W" : "", rules[id].flags & SHF_EXECINSTR ? " X" : "");
	if (link->parts[id].section)
		return refuse(link->why, "there are two sections %s", s->name);
	if (!s->data != (id == PART_BSS))
		return refuse(link->why, "section %s %s bytes of its own", s->name, s->data ? "has" : "has no");
	if (s->align > VMI_ROM_ALIGN)
		return refuse(link->why, "section %s is aligned to %llu; at most a page is possible", s->name,
			      (unsigned long long)s->align);
	link->parts[id].section = s;
	link->parts[id].size = s->size;
	return 0;
}

int link_parts(struct link *link)
{
	for (size_t i = 0; i < link->object.section_count; i++) {
		struct object_section *s = &link->object.sections[i];

		if (!is_ignored(s) && take_section(link, s))
			return -1;
	}
	for (int i = 0; i < PART_COUNT; i++)
		if (rules[i].needed && !link->parts[i].section)
			return refuse(link->why, "there is no section %s", rules[i].name);
	link->parts[PART_CALLS].size = sizeof(link->calls);
	return 0;
}

enum part_id link_part_of(const struct link *link, uint32_t section)
{
	for (int i = 0; i < PART_COUNT; i++)
		if (link->parts[i].section == &link->object.sections[section])
			return i;
	return PART_NONE;
}

int link_symbol(const struct link *link, const char *name, enum part_id part, uint32_t *offset)
{
	const struct object_symbol *s = object_find(&link->object, name);
	enum part_id id;

	*offset = 0;
	if (!s)
		return 0;
	id = s->section == OBJECT_ABS ? PART_NONE : link_part_of(link, s->section);
	if (id == PART_NONE || (part != PART_NONE && id != part))
		return refuse(link->why, "%s is not in section %s", name,
			      part == PART_NONE ? "of a ROM" : rules[part].name);
	if (s->value > link->parts[id].size)
		return refuse(link->why, "%s is outside its section", name);
	*offset = link->parts[id].at + s->value;
	return 0;
}

static uint32_t align_up(uint32_t value, uint32_t align)
{
	return (value + align - 1) & -align;
}

static uint32_t place(struct part *part, uint32_t at, uint32_t align)
{
	if (!part->size)
		return part->at = at;
	if (part->section && part->section->align > align)
		align = part->section->align;
	part->at = align_up(at, align);
	return part->at + part->size;
}

/* Data is page aligned where it runs, so parts are aligned to its start, not to the image's. */
static void layout_data(struct link *link, uint32_t text_end)
{
	struct part *data = &link->parts[PART_DATA], *bss = &link->parts[PART_BSS];

	data->at = align_up(text_end, 64);
	link->data_size = data->size;
	if (bss->size) {
		bss->at = data->at + align_up(data->size, bss->section->align);
		link->bss_size = bss->at - data->at + bss->size - data->size;
	}
	link->image_size = align_up(data->at + data->size, 512);
}

int link_layout(struct link *link)
{
	uint32_t at = 0;

	link->parts[PART_FIXUPS].size = link->fixup_count * sizeof(struct vmi_rom_fixup);
	for (int i = 0; i < PART_DATA; i++) {
		at = place(&link->parts[i], at, i == PART_CODE ? 16 : 8);
		if (at > VMI_ROM_MAX_SIZE)
			return refuse(link->why, "text has 0x%x bytes up to part %s; at most 0x%x are possible", at,
				      rules[i].name ? rules[i].name : "tables", VMI_ROM_MAX_SIZE);
	}
	layout_data(link, at);
	if (link->image_size > VMI_ROM_MAX_SIZE)
		return refuse(link->why, "the image has 0x%x bytes; at most 0x%x are possible", link->image_size,
			      VMI_ROM_MAX_SIZE);
	if (link->data_size + link->bss_size > VMI_ROM_MAX_DATA)
		return refuse(link->why, "data and bss have 0x%x bytes; at most 0x%x are possible",
			      link->data_size + link->bss_size, VMI_ROM_MAX_DATA);
	return 0;
}

static void write_patch(struct link *link, struct patch *p, struct vmi_rom_fixup *fixup)
{
	uint32_t where = link->parts[p->part].at + p->offset;
	int64_t value = link->parts[p->target].at + p->value + p->addend;
	uint8_t *field = link->rom.data + where;

	*fixup = (struct vmi_rom_fixup){ where, p->kind, p->index, p->addend };
	switch (p->kind) {
	case 0:
	case VMI_FIXUP_DATA_PC32:
		if (!p->offset32)
			value -= where;
		put32(field, value);
		fixup->addend = value;
		break;
	case VMI_FIXUP_TEXT64:
		put64(field, 0);
		fixup->addend = value;
		break;
	case VMI_FIXUP_RETURN:
		memcpy(field, "\xc3\xcc\xcc\xcc\xcc", 5);
		break;
	case VMI_FIXUP_CONST64:
		put64(field, 0);
		break;
	default:
		put32(field, 0);
	}
}

static void write_patches(struct link *link)
{
	uint8_t *out = link->rom.data + link->parts[PART_FIXUPS].at;

	for (size_t i = 0; i < link->patch_count; i++) {
		struct vmi_rom_fixup fixup;

		write_patch(link, &link->patches[i], &fixup);
		if (!fixup.kind)
			continue;
		memcpy(out, &fixup, sizeof(fixup));
		out += sizeof(fixup);
	}
}

static int by_row(const void *a, const void *b)
{
	const struct vmi_rom_unwind *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Rows come file by file; a reader searches by address. Of two for one place the later one counts. */
static void sort_unwind(struct link *link)
{
	struct vmi_rom_unwind *rows = (void *)(link->rom.data + link->parts[PART_UNWIND].at);
	size_t count = link->parts[PART_UNWIND].size / sizeof(*rows);

	/* glibc's qsort is a merge sort here: small, and equal rows keep their order */
	qsort(rows, count, sizeof(*rows), by_row);
}

static int check_head(struct link *link, const struct vmi_rom_header *h)
{
	uint32_t at, pcir = get16(link->rom.data + 0x18);

	if (link_symbol(link, "vmi_rom_header", PART_HEAD, &at))
		return -1;
	if (memcmp(link->rom.data, "\x55\xaa", 2) || get32(link->rom.data + VMI_ROM_MAGIC32_OFFSET) != VMI_ROM_MAGIC32)
		return refuse(link->why, "section .vmi.head does not begin as a PCI expansion ROM with the VMI magic");
	if (!h || (uint8_t *)h != link->rom.data + at || !inside(at, sizeof(*h), link->parts[PART_HEAD].size))
		return refuse(link->why, "vmi_rom_header is not where offset 0x%x says", VMI_ROM_HEADER_PTR);
	if (!inside(pcir, 0x18, link->parts[PART_HEAD].size) || memcmp(link->rom.data + pcir, "PCIR", 4))
		return refuse(link->why, "section .vmi.head has no PCI data structure");
	if (h->percpu_size > VMI_ROM_MAX_PERCPU)
		return refuse(link->why, "percpu_size is 0x%x; at most 0x%x are possible", h->percpu_size,
			      VMI_ROM_MAX_PERCPU);
	return 0;
}

static void set_range(const struct link *link, enum part_id id, uint32_t *offset, uint32_t *size)
{
	*size = link->parts[id].size;
	*offset = *size ? link->parts[id].at : 0;
}

static int write_header(struct link *link)
{
	struct vmi_rom_header *h = image_header(&link->rom);
	uint32_t bytes;

	if (check_head(link, h))
		return -1;
	h->magic = VMI_ROM_MAGIC;
	h->header_size = sizeof(*h);
	h->abi_major = VMI_ABI_MAJOR;
	h->abi_minor = VMI_ABI_MINOR;
	h->abi_draft = VMI_ABI_DRAFT;
	h->image_size = link->image_size;
	h->text_size = link->parts[PART_FIXUPS].at + link->parts[PART_FIXUPS].size;
	h->data_offset = link->parts[PART_DATA].at;
	h->data_size = link->data_size;
	h->bss_size = link->bss_size;
	set_range(link, PART_CODE, &h->code_offset, &h->code_size);
	set_range(link, PART_CALLS, &h->calls_offset, &bytes);
	set_range(link, PART_FIXUPS, &h->fixups_offset, &bytes);
	set_range(link, PART_NOTES, &h->notes_offset, &h->notes_size);
	set_range(link, PART_EXTABLE, &h->extable_offset, &h->extable_size);
	set_range(link, PART_UNWIND, &h->unwind_offset, &h->unwind_size);
	h->calls_count = VMI_NR_CALLS;
	h->fixups_count = link->fixup_count;
	if (link_symbol(link, "vmi_rom_detect", PART_CODE, &h->detect_offset) ||
	    link_symbol(link, "vmi_rom_boot", PART_CODE, &h->boot_offset))
		return -1;
	if (!h->detect_offset)
		return refuse(link->why, "vmi_rom_detect is not defined");
	return 0;
}

static void write_sums(struct link *link)
{
	struct vmi_rom_header *h = image_header(&link->rom);
	uint8_t *image = link->rom.data;

	image[2] = link->image_size / 512;
	put16(image + get16(image + 0x18) + 0x10, link->image_size / 512);
	image[6] = 0;
	h->crc32 = 0;
	memset(h->build_id, 0, sizeof(h->build_id));
	memset(h->sha256, 0, sizeof(h->sha256));
	EVP_Digest(image, link->rom.size, h->build_id, NULL, EVP_sha1(), NULL);
	image_seal(&link->rom);
}

/* What no loader would take shall not leave the linker. */
static int check_result(struct link *link)
{
	int bad = vmi_rom_check(link->rom.data, link->rom.size);

	return bad ? refuse(link->why, "no loader would take the linked image: %s", vmi_rom_reason(bad)) : 0;
}

int link_write(struct link *link)
{
	link->rom = blob_new(link->image_size);
	/* between functions, and nowhere else, padding may be run into: trap there */
	memset(link->rom.data + link->parts[PART_HEAD].size, 0xcc,
	       link->parts[PART_CODE].at - link->parts[PART_HEAD].size);
	for (int i = 0; i < PART_BSS; i++)
		if (link->parts[i].section)
			memcpy(link->rom.data + link->parts[i].at, link->parts[i].section->data, link->parts[i].size);
	memcpy(link->rom.data + link->parts[PART_CALLS].at, link->calls, sizeof(link->calls));
	write_patches(link);
	sort_unwind(link);
	if (write_header(link))
		return -1;
	write_sums(link);
	return check_result(link);
}

static int by_offset(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* "offset name", sorted: what one wants beside a register dump. */
static void write_map(const struct link *link, FILE *map)
{
	char **lines = xcalloc(link->object.symbol_count, sizeof(*lines));
	size_t n = 0;

	for (size_t i = 0; i < link->object.symbol_count; i++) {
		const struct object_symbol *s = &link->object.symbols[i];
		enum part_id id = s->section == OBJECT_ABS ? PART_NONE : link_part_of(link, s->section);

		if (id != PART_NONE && *s->name && s->section)
			lines[n++] = xprintf("%08llx %s", (unsigned long long)(link->parts[id].at + s->value), s->name);
	}
	qsort(lines, n, sizeof(*lines), by_offset);
	for (size_t i = 0; i < n; free(lines[i++]))
		fprintf(map, "%s\n", lines[i]);
	free(lines);
}

int link_rom(const struct blob *object, struct blob *rom, FILE *map, struct why *why)
{
	struct link link = { .why = why };
	int err;

	if (object_open(&link.object, object, why))
		return -1;
	err = link_parts(&link) || link_classify(&link) || link_layout(&link) ||
	      link_calls(&link) || link_write(&link) ? -1 : 0;
	if (!err && map)
		write_map(&link, map);
	if (err)
		blob_free(&link.rom);
	*rom = link.rom;
	free(link.patches);
	object_close(&link.object);
	return err;
}
