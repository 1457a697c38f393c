// SPDX-License-Identifier: MIT
/* One walk for every access: chunk by chunk, after the whole range is known to be good. */
#include "memory/guest.h"
#include "memory/frames.h"
#include "memory/memory.h"
#include "pv/pages.h"

static u32 map_order(u64 chunks)
{
	u32 order = 0;

	while (PAGE_SIZE << order < chunks * sizeof(u64))
		order++;
	return order;
}

static int make_map(struct guest_memory *m, u64 chunks, u16 owner, struct why *why)
{
	u64 pa = chunks <= MAX_CHUNKS ? frames_take(map_order(chunks), owner) : NO_FRAME;

	*m = (struct guest_memory){ .owner = owner };
	if (chunks > MAX_CHUNKS)
		return refuse(why, "it may have %lu MiB at most", MAX_CHUNKS * CHUNK_BYTES / MIB);
	if (pa != NO_FRAME && chunks * CHUNK_BYTES > frames_free_bytes()) {
		frames_give(pa, map_order(chunks), owner);	/* before so much is cleared in vain */
		pa = NO_FRAME;
	}
	if (pa == NO_FRAME)
		return refuse(why, "only %lu MiB are free", frames_free_bytes() / MIB);
	m->map = at_pa(pa);
	m->map_order = map_order(chunks);
	memset(m->map, 0, PAGE_SIZE << m->map_order);
	return 0;
}

int guest_memory_create(struct guest_memory *m, u64 bytes, u16 owner, struct why *why)
{
	u64 chunks = (bytes + CHUNK_BYTES - 1) >> CHUNK_SHIFT;

	if (make_map(m, chunks, owner, why))
		return -1;
	for (; m->chunks < chunks; m->chunks++) {
		u64 pa = frames_take(ORDER_2M, owner);

		if (pa == NO_FRAME) {
			guest_memory_destroy(m);
			return refuse(why, "only %lu MiB are free", frames_free_bytes() / MIB);
		}
		memset(at_pa(pa), 0, CHUNK_BYTES);
		m->map[m->chunks] = pa;
		m->frames += CHUNK_FRAMES;
	}
	return 0;
}

void guest_memory_destroy(struct guest_memory *m)
{
	while (m->chunks)
		holes_destroy(m, --m->chunks);
	if (m->map)
		frames_give(pa_of(m->map), m->map_order, m->owner);
	m->map = NULL;
	m->frames = 0;
}

/* In the memory, and there. */
static bool is_inside(const struct guest_memory *m, u64 gpa, u64 bytes)
{
	u64 all = guest_memory_bytes(m);

	return bytes <= all && gpa <= all - bytes && holes_none(m, gpa, bytes);
}

/* Where gpa is, and at most how many bytes go on from there. */
static void *reach(const struct guest_memory *m, u64 gpa, u64 *bytes)
{
	bool whole = !(m->map[gpa >> CHUNK_SHIFT] & CHUNK_SPLIT);
	u64 unit = whole ? CHUNK_BYTES : PAGE_SIZE, offset = gpa & (unit - 1);

	if (*bytes > unit - offset)
		*bytes = unit - offset;
	return at_pa(holes_frame(m, gpa) + gpa % PAGE_SIZE);
}

/* The processor walks a domain's own tables: what the guest may not write there vmihv does not write for it. */
static bool is_writable(const struct guest_memory *m, u64 gpa, u64 bytes)
{
	if (!is_inside(m, gpa, bytes))
		return false;
	for (u64 at = gpa & -PAGE_SIZE; m->pages && at < gpa + bytes; at += PAGE_SIZE)
		if (!pages_is_plain(m->pages, at))
			return false;
	return true;
}

int guest_read(const struct guest_memory *m, void *to, u64 gpa, u64 bytes)
{
	if (!is_inside(m, gpa, bytes))
		return -1;
	while (bytes) {
		u64 now = bytes;
		const void *from = reach(m, gpa, &now);

		memcpy(to, from, now);
		to = (u8 *)to + now;
		gpa += now;
		bytes -= now;
	}
	return 0;
}

int guest_write(const struct guest_memory *m, u64 gpa, const void *from, u64 bytes)
{
	if (!is_writable(m, gpa, bytes))
		return -1;
	while (bytes) {
		u64 now = bytes;
		void *to = reach(m, gpa, &now);

		memcpy(to, from, now);
		from = (const u8 *)from + now;
		gpa += now;
		bytes -= now;
	}
	return 0;
}

int guest_clear(const struct guest_memory *m, u64 gpa, u64 bytes)
{
	if (!is_writable(m, gpa, bytes))
		return -1;
	while (bytes) {
		u64 now = bytes;
		void *to = reach(m, gpa, &now);

		memset(to, 0, now);
		gpa += now;
		bytes -= now;
	}
	return 0;
}

u64 guest_frame(const struct guest_memory *m, u64 gpa)
{
	return m->map[gpa >> CHUNK_SHIFT] + (gpa & (CHUNK_BYTES - 1) & -PAGE_SIZE);
}

void *guest_page(const struct guest_memory *m, u64 gpa)
{
	u64 bytes = PAGE_SIZE;

	if (gpa % PAGE_SIZE || !is_inside(m, gpa, PAGE_SIZE) || !guest_owns(m, gpa) || (m->pages && !pages_keep_plain(m->pages, gpa)))
		return NULL;
	return reach(m, gpa, &bytes);
}
