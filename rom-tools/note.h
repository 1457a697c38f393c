/* SPDX-License-Identifier: MIT */
/* ELF notes as bytes, wherever they come from. Read next: kernel.h. */
#ifndef VMI_TOOL_NOTE_H
#define VMI_TOOL_NOTE_H

#include "vmi.h"

#define NOTE_HEADER	12

struct note {
	const char *name;	/* zero-terminated, inside the bytes */
	const uint8_t *desc;
	uint32_t type, desc_size;
	size_t at;		/* of its header */
	size_t bytes;		/* with padding; cut at the end of what there is */
};

/**
 * The note at *at in bytes[0, size), and *at moved behind it. 1: there is one;
 * 0: the end; -1: what stands there is not a note. align is 4 or 8.
 */
int note_next(const uint8_t *bytes, size_t size, size_t align, size_t *at, struct note *note);
bool note_is(const struct note *note, const char *name, uint32_t type);

#endif
