// SPDX-License-Identifier: MIT
/* A buddy allocator. Lists of free blocks go through the records of their first frames. */
#include "memory/frames.h"
#include "memory/memory.h"

#define NONE	0xffffffffu

enum state { ABSENT, INSIDE, FREE, TAKEN };	/* INSIDE: not the first frame of its block */

struct record {
	u32 next, prev;		/* of a free block; next is the tag of a taken one */
	u16 owner;
	u8 order, state;
};

_Static_assert(sizeof(struct record) == 12, "the bookkeeping is 12 bytes a frame");

static struct record *records;
static u32 record_count;
static u32 heads[ORDERS];
static u64 free_frames, total_frames;

static void list_add(u32 frame, u32 order)
{
	records[frame] = (struct record){ heads[order], NONE, 0, order, FREE };
	if (heads[order] != NONE)
		records[heads[order]].prev = frame;
	heads[order] = frame;
}

static void list_remove(u32 frame)
{
	struct record *r = &records[frame];

	if (r->prev == NONE)
		heads[r->order] = r->next;
	else
		records[r->prev].next = r->next;
	if (r->next != NONE)
		records[r->next].prev = r->prev;
	r->state = INSIDE;
}

static bool is_free(u32 frame, u32 order)
{
	return frame < record_count && records[frame].state == FREE && records[frame].order == order;
}

/* Joins the block with its other half, as often as that is free too. */
static void add_block(u32 frame, u32 order)
{
	records[frame].state = INSIDE;
	while (order + 1 < ORDERS && is_free(frame ^ 1u << order, order)) {
		list_remove(frame ^ 1u << order);
		frame &= ~(1u << order);
		order++;
	}
	list_add(frame, order);
}

/* Highest first: what is lowest is then taken first. */
static void add_range(u64 start, u64 end)
{
	while (end > start) {
		u32 order = 0;

		while (order + 1 < ORDERS && !(end >> PAGE_SHIFT & ((2ul << order) - 1)) &&
		       end - start >= PAGE_SIZE << (order + 1))
			order++;
		end -= PAGE_SIZE << order;
		add_block(end >> PAGE_SHIFT, order);
		free_frames += 1ul << order;
	}
}

/* The first taken range that meets [start, end), lowest first; NULL: none. */
static const struct range *first_taken(const struct range *taken, u32 count, u64 start, u64 end)
{
	const struct range *found = NULL;

	for (u32 i = 0; i < count; i++)
		if (taken[i].start < end && taken[i].end > start && taken[i].start < taken[i].end &&
		    (!found || taken[i].start < found->start))
			found = &taken[i];
	return found;
}

/** What is done with each stretch of RAM that nobody has taken; stop: no more. */
typedef bool stretch_function(u64 start, u64 end, void *data);

static bool each_stretch(const struct range *ram, u32 ram_count, const struct range *taken, u32 taken_count,
			 stretch_function *f, void *data)
{
	for (u32 i = ram_count; i--;) {
		u64 at = ram[i].start;

		while (at < ram[i].end) {
			const struct range *t = first_taken(taken, taken_count, at, ram[i].end);
			u64 end = t ? t->start & -PAGE_SIZE : ram[i].end;

			if (end > at && f(at, end, data))
				return true;
			at = t ? (t->end + PAGE_SIZE - 1) & -PAGE_SIZE : end;
		}
	}
	return false;
}

struct room {
	u64 bytes, limit, found;
};

static bool find_room(u64 start, u64 end, void *data)
{
	struct room *room = data;

	if (!start)
		start = PAGE_SIZE;		/* address 0 is never anybody's */
	if (end > start && end - start >= room->bytes && start + room->bytes <= room->limit)
		room->found = start;
	return room->found;
}

static bool add_stretch(u64 start, u64 end, void *data)
{
	const struct range *own = data;

	if (!start)
		start = PAGE_SIZE;
	if (end > (u64)record_count << PAGE_SHIFT)
		end = (u64)record_count << PAGE_SHIFT;
	if (own->start >= start && own->start < end) {
		add_range(own->end, end);
		end = own->start;
	}
	add_range(start, end);
	return false;
}

static u64 highest(const struct range *ram, u32 count)
{
	u64 top = 0;

	for (u32 i = 0; i < count; i++)
		if (ram[i].end > top)
			top = ram[i].end;
	return top < PHYSICAL_LIMIT ? top : PHYSICAL_LIMIT;
}

int frames_init(const struct range *ram, u32 ram_count, const struct range *taken, u32 taken_count, u64 limit)
{
	struct room room = { .limit = limit };
	struct range own;

	record_count = highest(ram, ram_count) >> PAGE_SHIFT;
	room.bytes = (record_count * sizeof(struct record) + PAGE_SIZE - 1) & -PAGE_SIZE;
	if (!record_count || !each_stretch(ram, ram_count, taken, taken_count, find_room, &room))
		return -1;
	records = at_pa(room.found);
	memset(records, 0, room.bytes);
	for (u32 order = 0; order < ORDERS; order++)
		heads[order] = NONE;
	free_frames = 0;
	own = (struct range){ room.found, room.found + room.bytes };
	each_stretch(ram, ram_count, taken, taken_count, add_stretch, &own);
	total_frames = free_frames;
	return 0;
}

u64 frames_take(u32 order, u16 owner)
{
	u32 have = order, frame;

	while (have < ORDERS && heads[have] == NONE)
		have++;
	if (have >= ORDERS)
		return NO_FRAME;
	frame = heads[have];
	list_remove(frame);
	while (have > order) {
		have--;
		list_add(frame + (1u << have), have);
	}
	records[frame].state = TAKEN;
	records[frame].order = order;
	records[frame].owner = owner;
	free_frames -= 1ul << order;
	return (u64)frame << PAGE_SHIFT;
}

static void check_taken(u64 pa, u32 order, u16 owner)
{
	u64 frame = pa >> PAGE_SHIFT;

	if (frame >= record_count || records[frame].state != TAKEN || records[frame].order != order ||
	    records[frame].owner != owner)
		panic("the block of order %u at %lx is not owner %u's", order, pa, owner);
}

void frames_give(u64 pa, u32 order, u16 owner)
{
	check_taken(pa, order, owner);
	free_frames += 1ul << order;
	add_block(pa >> PAGE_SHIFT, order);
}

void frames_split(u64 pa, u32 order, u16 owner)
{
	u32 frame = pa >> PAGE_SHIFT;

	check_taken(pa, order, owner);
	for (u32 i = 0; i < 1u << order; i++)
		records[frame + i] = (struct record){ .owner = owner, .state = TAKEN };
}

void frames_hand_over(u64 pa, u16 owner, u16 heir)
{
	check_taken(pa, 0, owner);
	records[pa >> PAGE_SHIFT].owner = heir;
}

void frames_give_rest(u64 pa, u32 order, u16 owner)
{
	for (u64 at = pa; at < pa + (PAGE_SIZE << order); at += PAGE_SIZE)
		if (records[at >> PAGE_SHIFT].owner == owner)
			frames_give(at, 0, owner);
}

u64 frames_take_table(u16 owner)
{
	u64 pa = frames_take(0, owner);

	if (pa != NO_FRAME)
		memset(at_pa(pa), 0, PAGE_SIZE);
	return pa;
}

void frames_tag(u64 pa, u32 tag)
{
	records[pa >> PAGE_SHIFT].next = tag;
}

bool frames_tagged(u64 pa, u32 order, u16 owner, u32 *tag)
{
	u64 frame = (pa >> PAGE_SHIFT) & -(1ul << order);
	const struct record *r = &records[frame];

	if (frame >= record_count || r->state != TAKEN || r->order != order || r->owner != owner)
		return false;
	*tag = r->next;
	return true;
}

u64 frames_owned_bytes(u16 owner)
{
	u64 frames = 0;

	for (u32 i = 0; i < record_count; i++)
		if (records[i].state == TAKEN && records[i].owner == owner)
			frames += 1ul << records[i].order;
	return frames << PAGE_SHIFT;
}

u64 frames_free_bytes(void) { return free_frames << PAGE_SHIFT; }
u64 frames_total_bytes(void) { return total_frames << PAGE_SHIFT; }
u64 frames_record_bytes(void) { return record_count * sizeof(struct record); }
