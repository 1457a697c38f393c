/* SPDX-License-Identifier: MIT */
/* vmihv's own page tables: nothing is both writable and executable. */
#ifndef HV_PAGING_H
#define HV_PAGING_H

#include "boot/boot.h"

#define PTE_PRESENT	0x1ul
#define PTE_WRITE	0x2ul
#define PTE_USER	0x4ul
#define PTE_UNCACHED	0x18ul		/* PCD and PWT */
#define PTE_LARGE	0x80ul
#define PTE_GLOBAL	0x100ul
#define PTE_NX		(1ul << 63)
#define PTE_FRAME	0x000ffffffffff000ul

/** Makes and loads them: the image by its parts, RAM at DIRECT_MAP. */
void paging_init(const struct range *ram, u32 ram_count);
/** Physical address of the root table, for other processors. */
u64 paging_root(void);
/** A device's page, uncached, at its place in the direct map. */
void *paging_device(u64 pa);

#endif
