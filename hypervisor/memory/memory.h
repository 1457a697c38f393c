/* SPDX-License-Identifier: MIT */
/*
 * Physical memory as vmihv reaches it: all of it at DIRECT_MAP, never
 * executable; the image is also where it was linked. Read next: frames.h.
 */
#ifndef HV_MEMORY_H
#define HV_MEMORY_H

#include "hv.h"

#define IMAGE_OFFSET	0xffffffff80000000ul	/* linear minus physical */
#define DIRECT_MAP	0xffff800000000000ul
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
