// SPDX-License-Identifier: MIT
/* ELF64 for x86-64, with segments at their physical addresses. Every offset is checked before it is used. */
#include "domain/elf.h"

#define TYPE_EXECUTABLE	2
#define MACHINE_X86_64	62
#define SEGMENT_LOAD	1
#define SEGMENT_NOTE	4
#define XEN_PHYS32_ENTRY 18
#define MAX_SEGMENTS	64

struct header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, segments, sections;
	u32 flags;
	u16 size, segment_size, segment_count, section_size, section_count, names;
};

struct segment {
	u32 type, flags;
	u64 offset, va, pa, file_bytes, bytes, align;
};

struct note {
	u32 name_bytes, bytes, type;
};

static bool is_inside(u64 offset, u64 bytes, u64 size)
{
	return bytes <= size && offset <= size - bytes;
}

static int check_header(const struct header *h, u64 bytes, struct why *why)
{
	static const u8 ident[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

	if (bytes < sizeof(*h) || memcmp(h->ident, ident, sizeof(ident)))
		return refuse(why, "the kernel is not an ELF file of 64 bits");
	if (h->type != TYPE_EXECUTABLE || h->machine != MACHINE_X86_64)
		return refuse(why, "the kernel is not an executable for x86-64");
	if (h->segment_size != sizeof(struct segment) || h->segment_count > MAX_SEGMENTS || h->segments % 8 ||
	    !is_inside(h->segments, (u64)h->segment_count * sizeof(struct segment), bytes))
		return refuse(why, "the kernel's program headers lie outside the file");
	return 0;
}

static const struct segment *segments(const void *file)
{
	return (const void *)((const u8 *)file + ((const struct header *)file)->segments);
}

static u64 round4(u64 n) { return (n + 3) & ~3ul; }

static void take_note(struct elf_image *image, const struct note *n, const char *name, const u8 *value)
{
	if (n->name_bytes == 4 && !memcmp(name, "Xen", 4) && n->type == XEN_PHYS32_ENTRY && n->bytes >= 4)
		memcpy(&image->phys32_entry, value, 4);
	if (n->name_bytes == 4 && !memcmp(name, VMI_NOTE_NAME, 4) && n->type == VMI_NOTE_CONTRACT &&
	    n->bytes >= sizeof(image->contract)) {
		memcpy(&image->contract, value, sizeof(image->contract));
		image->has_contract = true;
	}
}

static int read_notes(struct elf_image *image, const u8 *p, u64 bytes, struct why *why)
{
	struct note n;
	u64 at = 0, room;

	for (; at + sizeof(n) <= bytes; at += room) {
		memcpy(&n, p + at, sizeof(n));
		room = sizeof(n) + round4(n.name_bytes) + round4(n.bytes);
		if (room > bytes - at)
			return refuse(why, "the kernel's notes end in the middle of one");
		take_note(image, &n, (const char *)p + at + sizeof(n), p + at + sizeof(n) + round4(n.name_bytes));
	}
	return 0;
}

static int check_segment(struct elf_image *image, const struct segment *s, u64 bytes, struct why *why)
{
	if (!is_inside(s->offset, s->file_bytes, bytes))
		return refuse(why, "a segment of the kernel lies outside the file");
	if (s->type != SEGMENT_LOAD)
		return 0;
	if (s->file_bytes > s->bytes || s->pa + s->bytes < s->pa)
		return refuse(why, "a segment of the kernel is larger than its memory");
	if (s->pa + s->bytes > image->end)
		image->end = s->pa + s->bytes;
	return 0;
}

int elf_read(struct elf_image *image, const void *file, u64 bytes, struct why *why)
{
	const struct header *h = file;
	const struct segment *s;

	*image = (struct elf_image){ 0 };
	if (check_header(h, bytes, why))
		return -1;
	s = segments(file);
	for (u32 i = 0; i < h->segment_count; i++, s++) {
		if (check_segment(image, s, bytes, why))
			return -1;
		if (s->type == SEGMENT_NOTE && read_notes(image, (const u8 *)file + s->offset, s->file_bytes, why))
			return -1;
	}
	return image->end ? 0 : refuse(why, "the kernel has nothing to load");
}

int elf_place(const void *file, const struct guest_memory *memory, struct why *why)
{
	const struct header *h = file;
	const struct segment *s = segments(file);

	for (u32 i = 0; i < h->segment_count; i++, s++)
		if (s->type == SEGMENT_LOAD &&
		    (guest_write(memory, s->pa, (const u8 *)file + s->offset, s->file_bytes) ||
		     guest_clear(memory, s->pa + s->file_bytes, s->bytes - s->file_bytes)))
			return refuse(why, "the kernel does not fit in the domain's memory");
	return 0;
}
