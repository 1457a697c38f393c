// SPDX-License-Identifier: MIT
/*
 * What a guest may have in a descriptor table: segments of ring 3. A gate or a
 * task segment would lead into ring 0. What is not present leads nowhere.
 */
#include "pv/pv.h"

#define DESC_PRESENT	(1ul << 47)
#define DESC_RING3	(3ul << 45)
#define DESC_SEGMENT	(1ul << 44)	/* code or data; others are gates, task segments, tables */
#define DESC_CODE	(1ul << 43)
#define DESC_CONFORMING	(1ul << 42)
#define DESC_ACCESSED	(1ul << 40)
#define DESC_LONG	(1ul << 53)
#define DESC_WIDE	(1ul << 54)

bool pv_descriptor(u64 *d)
{
	if (!(*d & DESC_PRESENT))
		return !(*d & ~DESC_PRESENT) || *d & DESC_SEGMENT;
	if (!(*d & DESC_SEGMENT) || (*d & DESC_CODE && *d & DESC_LONG && *d & DESC_WIDE))
		return false;
	if (*d & DESC_CODE)
		*d &= ~DESC_CONFORMING;
	*d |= DESC_RING3 | DESC_ACCESSED;
	return true;
}
