/* SPDX-License-Identifier: MIT */
/* What can be worked out anywhere, and is tested so. Read next: figures.c. */
#ifndef FIGURES_H
#define FIGURES_H

#include <stdint.h>

#define IPI_SPAN	128u	/* APIC IDs that one hypercall reaches */

/** Receivers of one hypercall. All zeros: none yet. */
struct ipi_set {
	uint64_t bits[2];	/* bit n: APIC ID first + n */
	uint32_t first;
};

/** 0: no room, as it is too far from the others; send these, and begin again. */
int ipi_add(struct ipi_set *set, uint32_t apic_id);

/** Rate of the time stamp counter by a clock's factors; 0: it has none. */
uint64_t clock_khz(uint32_t mul, int8_t shift);

#endif
