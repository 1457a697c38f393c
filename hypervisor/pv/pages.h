/* SPDX-License-Identifier: MIT */
/*
 * Page tables that a guest writes and the processor walks, with nothing in
 * between but this: every frame of such a domain has a use, and what one use
 * allows the others do not.
 *
 * A frame is mapped writable, or it is a table of one level, or it is neither;
 * never two of these. It keeps its use as long as something refers to it so: a
 * writable entry of a level 1 table, an entry of the level above, a pin, a CPU.
 * A frame becomes a table when it is referred to as one, and then every entry of
 * it is checked; from then on it changes by pages_update() only. So no table can
 * be written by the guest, no table leads to what is not the domain's, and, since
 * a level leads to the next lower one only, none leads to itself.
 *
 * Entries hold physical frames. Large pages are refused; every entry is a user's
 * entry, since the guest's kernel has no more rights than its programs: it keeps
 * them apart by two roots. vmihv's own entries stand in every root, for vmihv.
 * Read next: pages.c.
 */
#ifndef HV_PAGES_H
#define HV_PAGES_H

#include "memory/guest.h"

#define ROOT_LEVEL	4u
#define USE_WRITABLE	5u		/* beside levels 1 to 4; 0: none yet */
#define MOST_USES	0x7fffffffu
/* Tables that one hypercall may check: it takes a bounded time. */
#define MOST_CHECKED	8192u

/** What is kept for a frame. */
struct page_record {
	u32 count;			/* of references in its use */
	u8 use;				/* its last one, when there are none */
	bool pinned;
	u16 reserved;
};

_Static_assert(sizeof(struct page_record) == 8, "8 bytes for 4096");

#define PAGES_CHUNKS	512u		/* 1 GiB at most */

struct pages {
	struct page_record *records[PAGES_CHUNKS];	/* a frame for each chunk */
	const struct guest_memory *memory;
	bool stale;			/* processors may know translations that are gone */
	u32 budget;			/* what is left of MOST_CHECKED */
	u32 frames;			/* of records: for destruction */
	/** Makes all processors forget; called before a frame changes its use. */
	void (*forget)(struct pages *p);
	const u64 *host_root;		/* whose entries HOST_SLOT and on stand in every root */
};

/** How pages_update() writes. */
enum page_write {
	WRITE_VALUE,
	WRITE_KEEP,			/* accessed and dirty stay set where they are */
	WRITE_TAKE,			/* 0, and *old is what the processor left */
	WRITE_CLEAR,			/* the bits of value are cleared */
	WRITES
};

/** Of a memory whose frames have no use yet; -1: there is no memory for the records. */
int pages_create(struct guest_memory *m, const u64 *host_root, struct why *why);
void pages_destroy(struct guest_memory *m);

/** The guest's own frame that a physical address lies in, or ~0. */
u64 pages_frame_of(const struct pages *p, u64 pa);
/** Whether vmihv may write to the frame on the guest's wish. */
bool pages_is_plain(struct pages *p, u64 gpa);
/** The same, and so it stays as long as the domain lives. */
bool pages_keep_plain(struct pages *p, u64 gpa);

/* All: -1, and nothing has changed, where it is not allowed. Before each p->budget is to be set. */
int pages_pin(struct pages *p, u64 gpa, u32 level);
int pages_unpin(struct pages *p, u64 gpa);
/** A CPU begins to use a root, or no longer does. */
int pages_get_root(struct pages *p, u64 gpa);
void pages_put_root(struct pages *p, u64 gpa);
/** entry: guest-physical address of an entry of a live table. */
int pages_update(struct pages *p, u64 entry, u64 value, enum page_write how, u64 *old);

#endif
