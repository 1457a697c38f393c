/* SPDX-License-Identifier: MIT */
/* The final linker: from one relocatable object to a ROM image. Read next: link.c. */
#ifndef VMI_LINK_H
#define VMI_LINK_H

#include "image.h"
#include "object.h"

/** Parts of the image in their order; those marked (tool) are not in the object. */
enum part_id {
	PART_HEAD,		/* PCI headers, 16-bit code, struct vmi_rom_header */
	PART_CODE,
	PART_RODATA,
	PART_CALLS,		/* (tool) */
	PART_EXTABLE,
	PART_UNWIND,
	PART_NOTES,
	PART_FIXUPS,		/* (tool) */
	PART_DATA,
	PART_BSS,
	PART_COUNT,
	PART_NONE = PART_COUNT,
};

struct part {
	struct object_section *section;	/* NULL: absent */
	uint32_t at;			/* in the image */
	uint32_t size;
};

/** What becomes of a relocation. */
struct patch {
	enum part_id part;
	uint32_t offset;		/* in the part */
	uint16_t kind;			/* enum vmi_fixup_kind; 0: resolved here and now */
	uint16_t index;
	int64_t addend;
	enum part_id target;		/* for what is resolved here */
	uint64_t value;			/* in the target */
	bool offset32;			/* not PC-relative: image offset in 32 bits */
};

struct link {
	struct object object;
	struct part parts[PART_COUNT];
	struct patch *patches;
	size_t patch_count, fixup_count;
	struct vmi_rom_call calls[VMI_NR_CALLS];
	uint32_t data_size, bss_size, image_size;
	struct blob rom;
	struct why *why;
};

/** Makes rom from the object's bytes; map, unless NULL, gets a line for each symbol. */
int link_rom(const struct blob *object, struct blob *rom, FILE *map, struct why *why);

/* The steps, in this order; each returns 0 or -1 with a sentence. */
int link_parts(struct link *link);
int link_classify(struct link *link);
int link_layout(struct link *link);
int link_calls(struct link *link);
int link_write(struct link *link);

enum part_id link_part_of(const struct link *link, uint32_t section);
/** Image offset of a symbol that must be in that part; 0 if there is none of that name. */
int link_symbol(const struct link *link, const char *name, enum part_id part, uint32_t *offset);

#endif
