/* SPDX-License-Identifier: MIT */
/*
 * Physical memory as vmihv reaches it: all of it at DIRECT_MAP, never
 * executable; the image is also where it was linked. Both lie in entries 256 to
 * 271 of a root table, which every root has in common: with those a deprivileged
 * guest can run on tables of its own. Read next: frames.h.
 */
#ifndef HV_MEMORY_H
#define HV_MEMORY_H

#include "hv.h"

#define IMAGE_OFFSET	0xffff878000000000ul	/* linear minus physical; vmihv.lds has it too */
#define DIRECT_MAP	0xffff800000000000ul
#define HOST_SLOT	256u			/* the first of vmihv's entries in a root table */
#define HOST_SLOTS	16u
#define EARLY_LIMIT	(4096 * MIB)		/* what boot/start.asm maps */
#define PHYSICAL_LIMIT	(64 * 1024 * MIB)	/* what is used at most */

#ifdef HV_UNIT_TEST
extern u8 *unit_memory;
static inline void *at_pa(u64 pa) { return unit_memory + pa; }
static inline u64 pa_of(const void *p) { return (const u8 *)p - unit_memory; }
#else
static inline void *at_pa(u64 pa) { return (void *)(DIRECT_MAP + pa); }
static inline u64 pa_of(const void *p) { return (u64)p - DIRECT_MAP; }
#endif

#endif
