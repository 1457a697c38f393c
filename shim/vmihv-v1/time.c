// SPDX-License-Identifier: MIT
/* The clock stands in the shared page as pvclock; the timer is a hypercall. Read next: console.c. */
#include "host.h"

void *vmi_call_TIME_AREA(u32 cpu);
s32 vmi_call_TIMER_SET(u64 deadline);
void vmi_call_TIMER_STOP(void);
s32 vmi_call_WALLCLOCK(struct vmi_wallclock *wc);
u64 vmi_call_STOLEN_TIME(u32 cpu);

void *vmi_call_TIME_AREA(u32 cpu)
{
	return cpu < MAX_CPUS && shared[cpu].page.clock.mul ? &shared[cpu].page.clock : NULL;
}

/* Deadline 0 would be none; 1 is as long ago. */
s32 vmi_call_TIMER_SET(u64 deadline)
{
	return hypercall(VMIHV_V1_TIMER, deadline ? deadline : 1, 0, 0) ? VMI_E_PERM : VMI_OK;
}

void vmi_call_TIMER_STOP(void)
{
	hypercall(VMIHV_V1_TIMER, 0, 0, 0);
}

s32 vmi_call_WALLCLOCK(struct vmi_wallclock *wc)
{
	wc->seconds = shared[0].page.wall_seconds;
	wc->nanoseconds = shared[0].page.wall_nanoseconds;
	wc->reserved = 0;
	return VMI_OK;
}

u64 vmi_call_STOLEN_TIME(u32 cpu)
{
	return cpu < MAX_CPUS ? __atomic_load_n(&shared[cpu].page.stolen, __ATOMIC_RELAXED) : 0;
}
