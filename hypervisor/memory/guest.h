/* SPDX-License-Identifier: MIT */
/*
 * A domain's memory: guest-physical chunks of 2 MiB and where they are. These
 * functions are the only way to it: what a guest names is checked here.
 */
#ifndef HV_GUEST_H
#define HV_GUEST_H

#include "hv.h"

#define CHUNK_SHIFT	21
#define CHUNK_BYTES	(1ul << CHUNK_SHIFT)
#define CHUNK_FRAMES	(CHUNK_BYTES / PAGE_SIZE)
#define MAX_CHUNKS	8192u		/* 16 GiB for one domain */

struct pages;

/** Guest-physical memory [0, chunks * 2 MiB), all of it there at first. What may be missing later: holes.c. */
struct guest_memory {
	u64 *map;		/* one block: physical address of each chunk, or of its table | CHUNK_SPLIT; 0: nothing of it is there */
	u32 chunks, map_order;
	u16 owner;
	struct pages *pages;	/* what its frames are used for, where its tables are the processor's too; else NULL */
	u64 frames;		/* that are there */
	u64 bits, hole;		/* of a table's entries, for a processor that walks them: in each; in place of a hole */
};

/** Takes all of it, cleared. -1: not so much is free, and nothing is taken. */
int guest_memory_create(struct guest_memory *m, u64 bytes, u16 owner, struct why *why);
void guest_memory_destroy(struct guest_memory *m);
static inline u64 guest_memory_bytes(const struct guest_memory *m) { return (u64)m->chunks << CHUNK_SHIFT; }

/** Copies; -1 and nothing copied where any byte of the range is not the guest's. */
int guest_read(const struct guest_memory *m, void *to, u64 gpa, u64 bytes);
int guest_write(const struct guest_memory *m, u64 gpa, const void *from, u64 bytes);
int guest_clear(const struct guest_memory *m, u64 gpa, u64 bytes);
/** Physical address of a page inside. */
u64 guest_frame(const struct guest_memory *m, u64 gpa);
/** A whole page that stays the guest's as long as it lives, or NULL. */
void *guest_page(const struct guest_memory *m, u64 gpa);

/*
 * holes.c. Whoever makes or fills a hole has brought the domain's vCPUs to where they do not use what they
 * know of its memory (sched_quiesce), before.
 */
#define CHUNK_SPLIT	1ul		/* in the map: frames by a table of them */
#define CHUNK_LOOSE	2ul		/* in the map: frames by themselves, where they were; of a domain that ends */
#define ENTRY_HOLE	0x200ul		/* in a table: not there */
#define ENTRY_FOREIGN	0x400ul		/* in a table: another domain's, see domain/sharing.c */
#define ENTRY_FRAME	0x000ffffffffff000ul

/** Whether every byte of a range inside is there. */
bool holes_none(const struct guest_memory *m, u64 gpa, u64 bytes);
/** Physical address of a page that is there. */
u64 holes_frame(const struct guest_memory *m, u64 gpa);
/** A page goes. -1: it is not there. */
int guest_release(struct guest_memory *m, u64 gpa);
/** It comes back, cleared. -1: it is there, or is no page of the memory; 1: no frame is free. */
int guest_take(struct guest_memory *m, u64 gpa);
/** In place of a hole another domain's page. -1: it is no hole; 1: no frame is free, for the table. */
int guest_borrow(struct guest_memory *m, u64 gpa, u64 pa);
/** It is a hole again. -1: it is no other domain's page. */
int guest_return(struct guest_memory *m, u64 gpa);
/** Whether it is this memory's own. */
bool guest_owns(const struct guest_memory *m, u64 gpa);
/** The owner of a page ends: it becomes the own of the one that has borrowed it. */
void guest_inherit(struct guest_memory *from, u64 gpa, struct guest_memory *to, u64 at);
/** Gives back all that there is of a chunk. */
void holes_destroy(struct guest_memory *m, u32 chunk);

#endif
