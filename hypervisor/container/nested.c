// SPDX-License-Identifier: MIT
/* Nested tables for the whole of a domain's memory, made at creation: three frames. */
#include "container/container.h"
#include "memory/frames.h"
#include "memory/memory.h"

#define PRESENT_RW_USER	0x7ul
#define LARGE		0x80ul
#define FRAME		0x000ffffffffff000ul
#define LEVELS		3		/* root, 512 GiB, 1 GiB */

_Static_assert(MAX_CHUNKS <= 512, "one table of 2 MiB pages is enough");

void nested_destroy(struct domain *d)
{
	u64 pa = d->nested_root;

	while (pa) {
		u64 next = *(u64 *)at_pa(pa) & FRAME;
		bool last = *(u64 *)at_pa(pa) & LARGE;

		frames_give(pa, 0, d->memory.owner);
		pa = last ? 0 : next;
	}
	d->nested_root = 0;
}

/* Each table's first entry is the next one; the last table has the pages. */
int nested_create(struct domain *d, struct why *why)
{
	u64 *slot = &d->nested_root, bits = 0;

	for (int i = 0; i < LEVELS; i++) {
		u64 pa = frames_take_table(d->memory.owner);

		if (pa == NO_FRAME)
			return refuse(why, "there is no memory for its nested tables");
		*slot = pa | bits;
		slot = at_pa(pa);
		bits = PRESENT_RW_USER;
	}
	for (u32 i = 0; i < d->memory.chunks; i++)
		slot[i] = d->memory.map[i] | PRESENT_RW_USER | LARGE;
	return 0;
}
