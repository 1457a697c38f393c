/* SPDX-License-Identifier: MIT */
/* Time: nanoseconds since vmihv started, by the time stamp counter. */
#ifndef HV_CLOCK_H
#define HV_CLOCK_H

#include "hv.h"

/** How the counter becomes nanoseconds, as pvclock has it: (((tsc - base) << shift) * mul) >> 32. */
struct clock_scale {
	u64 tsc;		/* of time 0 */
	u64 khz;
	u32 mul;
	int shift;		/* negative: to the right */
};

extern struct clock_scale clock_scale;

void clock_init(void);
u64 clock_now(void);
/** Unix time when clock_now() was 0. */
u64 clock_wall_start(void);

#endif
