// SPDX-License-Identifier: MIT
/* Steps through ELF notes without believing their sizes. */
#include <string.h>

#include "note.h"

static size_t padded(size_t size, size_t align)
{
	return (size + align - 1) & -align;
}

int note_next(const uint8_t *bytes, size_t size, size_t align, size_t *at, struct note *note)
{
	const uint8_t *p = bytes + *at;
	size_t left = size - *at, name_size, desc_at, end;

	if (!left)
		return 0;
	if (left < NOTE_HEADER)
		return -1;
	name_size = get32(p);
	desc_at = padded(NOTE_HEADER + name_size, align);
	note->desc_size = get32(p + 4);
	note->type = get32(p + 8);
	if (!inside(NOTE_HEADER, name_size, left) || desc_at > left || !inside(desc_at, note->desc_size, left))
		return -1;
	note->name = name_size ? (const char *)p + NOTE_HEADER : "";
	if (name_size && note->name[name_size - 1])
		return -1;
	note->desc = p + desc_at;
	end = padded(desc_at + note->desc_size, align);
	note->at = *at;
	note->bytes = end < left ? end : left;
	*at += note->bytes;
	return 1;
}

bool note_is(const struct note *note, const char *name, uint32_t type)
{
	return note->type == type && !strcmp(note->name, name);
}
