/* SPDX-License-Identifier: MIT */
/* The processor's own interrupt controller, used as a timer. Read next: clock.h. */
#ifndef HV_APIC_H
#define HV_APIC_H

#include "hv.h"

#define VECTOR_TIMER	0xe0
#define VECTOR_KICK	0xe1	/* does nothing but interrupt */
#define VECTOR_SPURIOUS	0xff

/** Finds and enables it; the PC's old controllers are silenced. */
void apic_init(void);
/** This processor's own part of that, for all but the first. */
void apic_init_timer(void);
/** One interrupt when the clock reaches this (ns); there is one deadline for each processor. */
#define NEVER	(~0ul)
void apic_arm(u64 when);
void apic_interrupt(u64 vector);

/** Signals to another processor. */
#define APIC_INIT	0x4500u
#define APIC_STARTUP	0x4600u		/* | the page where it begins */
void apic_send(u32 apic_id, u32 signal);
/** Whether a processor of this number can be sent any. */
bool apic_reaches(u32 apic_id);
/** What it is, for people. */
const char *apic_kind(void);
struct cpu;
/** Brings it out of a guest or out of idleness. */
void apic_kick(const struct cpu *cpu);
/** An NMI to all others. */
void apic_stop_others(void);

#endif
