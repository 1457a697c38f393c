// SPDX-License-Identifier: MIT
/*
 * Memory that goes and comes by single frames. A chunk is one block until the first
 * frame of it goes; that frame is then the table of the others, so that no wish of a
 * guest takes memory. With the last frame the table goes too.
 */
#include "memory/guest.h"
#include "memory/frames.h"
#include "memory/memory.h"

_Static_assert(CHUNK_FRAMES * sizeof(u64) == PAGE_SIZE, "a table is one frame");

static u64 *table_of(u64 entry) { return at_pa(entry & ENTRY_FRAME); }
static bool is_split(u64 entry) { return entry & CHUNK_SPLIT; }
static u32 index_of(u64 gpa) { return gpa / PAGE_SIZE % CHUNK_FRAMES; }

static bool is_there(const struct guest_memory *m, u64 gpa)
{
	u64 entry = m->map[gpa >> CHUNK_SHIFT];

	return is_split(entry) ? !(table_of(entry)[index_of(gpa)] & ENTRY_HOLE) : entry;
}

bool holes_none(const struct guest_memory *m, u64 gpa, u64 bytes)
{
	u64 end = gpa + bytes;

	if (m->frames == (u64)m->chunks * CHUNK_FRAMES)
		return true;
	for (u64 at = gpa & -PAGE_SIZE; at < end; at += PAGE_SIZE)
		if (!is_there(m, at))
			return false;
	return true;
}

u64 holes_frame(const struct guest_memory *m, u64 gpa)
{
	u64 entry = m->map[gpa >> CHUNK_SHIFT];

	if (is_split(entry))
		return table_of(entry)[index_of(gpa)] & ENTRY_FRAME;
	return entry + (gpa & (CHUNK_BYTES - 1) & -PAGE_SIZE);
}

static void split(struct guest_memory *m, u64 *entry, u32 hole)
{
	u64 pa = *entry, *table = at_pa(pa + hole * PAGE_SIZE);

	frames_split(pa, ORDER_2M, m->owner);
	for (u32 i = 0; i < CHUNK_FRAMES; i++)
		table[i] = (pa + i * PAGE_SIZE) | m->bits;
	table[hole] = m->hole | ENTRY_HOLE;
	*entry = pa_of(table) | CHUNK_SPLIT;
}

static bool is_empty(const u64 *table)
{
	for (u32 i = 0; i < CHUNK_FRAMES; i++)
		if (!(table[i] & ENTRY_HOLE))
			return false;
	return true;
}

static void make_hole(struct guest_memory *m, u64 *entry, u32 index)
{
	u64 *table = table_of(*entry);

	frames_give(table[index] & ENTRY_FRAME, 0, m->owner);
	table[index] = m->hole | ENTRY_HOLE;
	if (!is_empty(table))
		return;
	frames_give(pa_of(table), 0, m->owner);
	*entry = 0;
}

int guest_release(struct guest_memory *m, u64 gpa)
{
	u64 *entry = &m->map[gpa >> CHUNK_SHIFT];

	if (gpa % PAGE_SIZE || gpa >= guest_memory_bytes(m) || !is_there(m, gpa))
		return -1;
	m->frames--;
	if (is_split(*entry))
		make_hole(m, entry, index_of(gpa));
	else
		split(m, entry, index_of(gpa));
	return 0;
}

/* A table of nothing but holes; NO_FRAME: no frame is free. */
static u64 new_table(const struct guest_memory *m)
{
	u64 pa = frames_take(0, m->owner), *table = at_pa(pa);

	for (u32 i = 0; pa != NO_FRAME && i < CHUNK_FRAMES; i++)
		table[i] = m->hole | ENTRY_HOLE;
	return pa;
}

int guest_take(struct guest_memory *m, u64 gpa)
{
	u64 *entry = &m->map[gpa >> CHUNK_SHIFT], pa, table;

	if (gpa % PAGE_SIZE || gpa >= guest_memory_bytes(m) || is_there(m, gpa))
		return -1;
	pa = frames_take_table(m->owner);
	table = pa == NO_FRAME || *entry ? *entry : new_table(m);
	if (pa == NO_FRAME || table == NO_FRAME) {
		if (pa != NO_FRAME)
			frames_give(pa, 0, m->owner);
		return 1;
	}
	*entry = table | CHUNK_SPLIT;
	table_of(table)[index_of(gpa)] = pa | m->bits;
	m->frames++;
	return 0;
}

void holes_destroy(struct guest_memory *m, u32 chunk)
{
	u64 entry = m->map[chunk];

	if (!entry)
		return;
	if (!is_split(entry)) {
		frames_give(entry, ORDER_2M, m->owner);
		return;
	}
	for (u32 i = 0; i < CHUNK_FRAMES; i++)
		if (!(table_of(entry)[i] & ENTRY_HOLE))
			frames_give(table_of(entry)[i] & ENTRY_FRAME, 0, m->owner);
	frames_give(entry & ENTRY_FRAME, 0, m->owner);
}
