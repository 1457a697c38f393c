// SPDX-License-Identifier: MIT
/* The clock has a page of its own, in pvclock's format; timer and time of day are hypercalls. Read next: console.c. */
#include "host.h"

void *vmi_call_TIME_AREA(u32 cpu);
s32 vmi_call_TIMER_SET(u64 deadline);
void vmi_call_TIMER_STOP(void);
s32 vmi_call_WALLCLOCK(struct vmi_wallclock *wc);
u64 vmi_call_STOLEN_TIME(u32 cpu);

void *vmi_call_TIME_AREA(u32 cpu)
{
	return cpu < MAX_CPUS && shared[cpu].clock.mul ? &shared[cpu].clock : NULL;
}

s32 vmi_call_TIMER_SET(u64 deadline)
{
	return hypercall(VMIHV_V2_ALARM, deadline, 1, 0, NULL) ? VMI_E_PERM : VMI_OK;
}

void vmi_call_TIMER_STOP(void)
{
	hypercall(VMIHV_V2_ALARM, 0, 0, 0, NULL);
}

s32 vmi_call_WALLCLOCK(struct vmi_wallclock *wc)
{
	if (hypercall(VMIHV_V2_WALL, 0, 0, 0, &wc->seconds))
		return VMI_E_PERM;
	wc->nanoseconds = 0;
	wc->reserved = 0;
	return VMI_OK;
}

u64 vmi_call_STOLEN_TIME(u32 cpu)
{
	return cpu < MAX_CPUS ? __atomic_load_n(&shared[cpu].clock.waited, __ATOMIC_RELAXED) : 0;
}
