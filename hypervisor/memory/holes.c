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
	return (entry & ENTRY_FRAME) + (gpa & (CHUNK_BYTES - 1) & -PAGE_SIZE);
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

/** Whose entry says this of a page; only of a chunk that is split. */
static bool entry_has(const struct guest_memory *m, u64 gpa, u64 bit)
{
	u64 entry = m->map[gpa >> CHUNK_SHIFT];

	return is_split(entry) && table_of(entry)[index_of(gpa)] & bit;
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

	if (!(table[index] & ENTRY_FOREIGN))
		frames_give(table[index] & ENTRY_FRAME, 0, m->owner);
	table[index] = m->hole | ENTRY_HOLE;
	if (!is_empty(table))
		return;
	frames_give(pa_of(table), 0, m->owner);
	*entry = 0;
}

static bool is_page(const struct guest_memory *m, u64 gpa)
{
	return !(gpa % PAGE_SIZE) && gpa < guest_memory_bytes(m);
}

bool guest_owns(const struct guest_memory *m, u64 gpa)
{
	return is_there(m, gpa) && !entry_has(m, gpa, ENTRY_FOREIGN);
}

int guest_release(struct guest_memory *m, u64 gpa)
{
	u64 *entry = &m->map[gpa >> CHUNK_SHIFT];

	if (!is_page(m, gpa) || !guest_owns(m, gpa))
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

/* -1: it is no hole; 1: no frame is free for the table. */
static int fill_hole(struct guest_memory *m, u64 gpa, u64 value)
{
	u64 *entry = &m->map[gpa >> CHUNK_SHIFT], table = *entry ? *entry : new_table(m);

	if (table == NO_FRAME)
		return 1;
	*entry = table | CHUNK_SPLIT;
	table_of(table)[index_of(gpa)] = value;
	return 0;
}

int guest_take(struct guest_memory *m, u64 gpa)
{
	u64 pa;

	if (!is_page(m, gpa) || is_there(m, gpa))
		return -1;
	pa = frames_take_table(m->owner);
	if (pa == NO_FRAME)
		return 1;
	if (fill_hole(m, gpa, pa | m->bits)) {
		frames_give(pa, 0, m->owner);
		return 1;
	}
	m->frames++;
	return 0;
}

int guest_borrow(struct guest_memory *m, u64 gpa, u64 pa)
{
	return !is_page(m, gpa) || is_there(m, gpa) ? -1 : fill_hole(m, gpa, pa | m->bits | ENTRY_FOREIGN);
}

int guest_return(struct guest_memory *m, u64 gpa)
{
	if (!is_page(m, gpa) || !entry_has(m, gpa, ENTRY_FOREIGN))
		return -1;
	make_hole(m, &m->map[gpa >> CHUNK_SHIFT], index_of(gpa));
	return 0;
}

void guest_inherit(struct guest_memory *from, u64 gpa, struct guest_memory *to, u64 at)
{
	u64 pa = holes_frame(from, gpa), *entry = &from->map[gpa >> CHUNK_SHIFT];

	if (is_split(*entry))
		table_of(*entry)[index_of(gpa)] = from->hole | ENTRY_HOLE;
	else if (!(*entry & CHUNK_LOOSE))
		frames_split(*entry, ORDER_2M, from->owner);
	if (!is_split(*entry))
		*entry |= CHUNK_LOOSE;
	from->frames--;
	frames_hand_over(pa, from->owner, to->owner);
	table_of(to->map[at >> CHUNK_SHIFT])[index_of(at)] &= ~ENTRY_FOREIGN;
	to->frames++;
}

static void give_frames(struct guest_memory *m, const u64 *table)
{
	for (u32 i = 0; i < CHUNK_FRAMES; i++)
		if (!(table[i] & (ENTRY_HOLE | ENTRY_FOREIGN)))
			frames_give(table[i] & ENTRY_FRAME, 0, m->owner);
}

void holes_destroy(struct guest_memory *m, u32 chunk)
{
	u64 entry = m->map[chunk];

	if (is_split(entry)) {
		give_frames(m, table_of(entry));
		frames_give(entry & ENTRY_FRAME, 0, m->owner);
	} else if (entry & CHUNK_LOOSE) {
		frames_give_rest(entry & ENTRY_FRAME, ORDER_2M, m->owner);
	} else if (entry) {
		frames_give(entry, ORDER_2M, m->owner);
	}
}
