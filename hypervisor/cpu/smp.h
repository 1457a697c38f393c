/* SPDX-License-Identifier: MIT */
/* The other processors of the machine. Read next: smp.c; domain/sched.c, where they go. */
#ifndef HV_SMP_H
#define HV_SMP_H

#include "boot/boot.h"
#include "cpu/cpu.h"

/** How many of cpus[] run; they are the first. */
extern u32 cpu_count;

/** Starts those that firmware has named, MAX_CPUS in all; each waits idle for a domain. One that does not come is left out. */
void smp_start(const struct boot_info *boot);

#endif
