/* SPDX-License-Identifier: MIT */
/* Both ABIs' clocks happen to be pvclock records; this fills one. */
#ifndef HV_CLOCKPAGE_H
#define HV_CLOCKPAGE_H

/* The version is odd while the record is written. clock: a pvclock record, pointed to. */
#define FILL_PVCLOCK(clock, scale) do {			\
	(clock)->version |= 1;				\
	__asm__ volatile("" ::: "memory");		\
	(clock)->tsc = (scale)->tsc;			\
	(clock)->ns = 0;				\
	(clock)->mul = (scale)->mul;			\
	(clock)->shift = (scale)->shift;		\
	(clock)->flags = 1;	/* the same on every CPU */	\
	__asm__ volatile("" ::: "memory");		\
	(clock)->version++;				\
} while (0)

#endif
