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
#define MAX_CHUNKS	512u		/* 1 GiB for one domain: one page of the map, see guest.c */

struct pages;

/** Guest-physical memory [0, chunks * 2 MiB). */
struct guest_memory {
	u64 *map;		/* one frame: physical address of each chunk */
	u32 chunks;
	u16 owner;
	struct pages *pages;	/* what its frames are used for, where its tables are the processor's too; else NULL */
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

#endif
