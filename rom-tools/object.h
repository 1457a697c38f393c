/* SPDX-License-Identifier: MIT */
/* A relocatable x86-64 object in plain structures, all indices checked. Read next: link.h. */
#ifndef VMI_OBJECT_H
#define VMI_OBJECT_H

#include "vmi.h"

struct object_reloc {
	uint64_t offset;		/* in the section, 8 bytes are not yet checked */
	int64_t addend;
	uint32_t type;			/* R_X86_64_* */
	uint32_t symbol;		/* index, valid */
};

struct object_symbol {
	const char *name;		/* "" for a section's symbol */
	uint64_t value;
	uint32_t section;		/* 0: undefined, OBJECT_ABS: a number */
	bool global;
};

#define OBJECT_ABS	UINT32_MAX

struct object_section {
	const char *name;
	const uint8_t *data;		/* NULL: zero filled */
	uint64_t flags, size, align;	/* align is a power of two */
	struct object_reloc *relocs;
	size_t reloc_count;
};

struct object {
	void *elf;
	struct object_section *sections;
	struct object_symbol *symbols;
	size_t section_count, symbol_count;
};

/** Bytes must stay as long as the object; they are not changed. */
int object_open(struct object *object, const struct blob *bytes, struct why *why);
void object_close(struct object *object);
/** The defined global symbol of that name, or NULL. */
const struct object_symbol *object_find(const struct object *object, const char *name);

#endif
