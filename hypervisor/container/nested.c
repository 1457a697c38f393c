// SPDX-License-Identifier: MIT
/*
 * Nested tables for the whole of a domain's memory, made at creation: a root, one
 * table of 512 GiB, and one for each GiB. For a chunk with holes the table of its
 * frames (memory/holes.c) is the next one. A hole shows zeros and cannot be written.
 */
#include "container/container.h"
#include "memory/frames.h"
#include "memory/memory.h"

#define PRESENT_USER	0x5ul
#define PRESENT_RW_USER	0x7ul
#define LARGE		0x80ul
#define ENTRIES		512u

_Static_assert(MAX_CHUNKS <= ENTRIES * ENTRIES, "one table of 512 GiB is enough");

static u64 zeros, no_chunk;	/* a page of zeros, and a table of nothing but it */

static u64 *table_at(u64 entry) { return at_pa(entry & ENTRY_FRAME); }
static u32 gib_count(const struct domain *d) { return (d->memory.chunks + ENTRIES - 1) / ENTRIES; }

int nested_init(struct why *why)
{
	zeros = frames_take_table(OWNER_HV);
	no_chunk = frames_take_table(OWNER_HV);
	if (zeros == NO_FRAME || no_chunk == NO_FRAME)
		return refuse(why, "there is no memory for a page of zeros");
	for (u32 i = 0; i < ENTRIES; i++)
		table_at(no_chunk)[i] = zeros | PRESENT_USER;
	return 0;
}

static int add_table(u64 *slot, u16 owner, u64 bits, struct why *why)
{
	u64 pa = frames_take_table(owner);

	if (pa == NO_FRAME)
		return refuse(why, "there is no memory for its nested tables");
	*slot = pa | bits;
	return 0;
}

void nested_update(struct domain *d, u32 chunk)
{
	u64 entry = d->memory.map[chunk], *gib = table_at(table_at(*table_at(d->nested_root))[chunk / ENTRIES]);

	if (!entry)
		entry = no_chunk | PRESENT_USER;
	else if (entry & CHUNK_SPLIT)
		entry = (entry & ENTRY_FRAME) | PRESENT_RW_USER;
	else
		entry |= PRESENT_RW_USER | LARGE;
	gib[chunk % ENTRIES] = entry;
}

void nested_destroy(struct domain *d)
{
	u64 root = d->nested_root, all = root ? *table_at(root) & ENTRY_FRAME : 0;

	for (u32 i = 0; all && i < gib_count(d); i++)
		if (table_at(all)[i])
			frames_give(table_at(all)[i] & ENTRY_FRAME, 0, d->memory.owner);
	if (all)
		frames_give(all, 0, d->memory.owner);
	if (root)
		frames_give(root, 0, d->memory.owner);
	d->nested_root = 0;
}

int nested_create(struct domain *d, struct why *why)
{
	u16 owner = d->memory.owner;

	if (add_table(&d->nested_root, owner, 0, why) ||
	    add_table(table_at(d->nested_root), owner, PRESENT_RW_USER, why))
		return -1;
	for (u32 i = 0; i < gib_count(d); i++)
		if (add_table(&table_at(*table_at(d->nested_root))[i], owner, PRESENT_RW_USER, why))
			return -1;
	d->memory.bits = PRESENT_RW_USER;
	d->memory.hole = zeros | PRESENT_USER;
	for (u32 i = 0; i < d->memory.chunks; i++)
		nested_update(d, i);
	return 0;
}
