// SPDX-License-Identifier: MIT
/* One walk for every access: chunk by chunk, after the whole range is known to be good. */
#include "memory/guest.h"
#include "memory/frames.h"
#include "memory/memory.h"
#include "pv/pages.h"

_Static_assert(MAX_CHUNKS * sizeof(u64) <= PAGE_SIZE, "the map is one frame");

int guest_memory_create(struct guest_memory *m, u64 bytes, u16 owner, struct why *why)
{
	u64 map = frames_take_table(owner), chunks = (bytes + CHUNK_BYTES - 1) >> CHUNK_SHIFT;

	*m = (struct guest_memory){ .owner = owner };
	if (map == NO_FRAME || chunks > MAX_CHUNKS) {
		if (map != NO_FRAME)
			frames_give(map, 0, owner);
		return refuse(why, "it may have %lu MiB at most", MAX_CHUNKS * CHUNK_BYTES / MIB);
	}
	m->map = at_pa(map);
	for (; m->chunks < chunks; m->chunks++) {
		u64 pa = frames_take(ORDER_2M, owner);

		if (pa == NO_FRAME) {
			guest_memory_destroy(m);
			return refuse(why, "only %lu MiB are free", frames_free_bytes() / MIB);
		}
		memset(at_pa(pa), 0, CHUNK_BYTES);
		m->map[m->chunks] = pa;
	}
	return 0;
}

void guest_memory_destroy(struct guest_memory *m)
{
	while (m->chunks)
		frames_give(m->map[--m->chunks], ORDER_2M, m->owner);
	if (m->map)
		frames_give(pa_of(m->map), 0, m->owner);
	m->map = NULL;
}

static bool is_inside(const struct guest_memory *m, u64 gpa, u64 bytes)
{
	u64 all = guest_memory_bytes(m);

	return bytes <= all && gpa <= all - bytes;
}

/* Where gpa is, and at most how many bytes go on from there. */
static void *reach(const struct guest_memory *m, u64 gpa, u64 *bytes)
{
	u64 offset = gpa & (CHUNK_BYTES - 1);

	if (*bytes > CHUNK_BYTES - offset)
		*bytes = CHUNK_BYTES - offset;
	return at_pa(m->map[gpa >> CHUNK_SHIFT] + offset);
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

	if (gpa % PAGE_SIZE || !is_inside(m, gpa, PAGE_SIZE) || (m->pages && !pages_keep_plain(m->pages, gpa)))
		return NULL;
	return reach(m, gpa, &bytes);
}
