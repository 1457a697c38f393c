/* SPDX-License-Identifier: MIT */
/* The processor's own interrupt controller, used as a timer. Read next: clock.h. */
#ifndef HV_APIC_H
#define HV_APIC_H

#include "hv.h"

#define VECTOR_TIMER	0xe0
#define VECTOR_SPURIOUS	0xff

/** Maps and enables it; the PC's old controllers are silenced. */
void apic_init(void);
/** One interrupt when the clock reaches this (ns); there is one deadline for each processor. */
void apic_arm(u64 when);
void apic_interrupt(u64 vector);

#endif
