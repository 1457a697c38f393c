// SPDX-License-Identifier: MIT
/* The time page is the CPU's vcpu_info: Xen's format is the pvclock format. */
#include "xen.h"

void *vmi_call_TIME_AREA(u32 cpu);
s32 vmi_call_TIMER_SET(u64 deadline);
void vmi_call_TIMER_STOP(void);

VMI_ASSERT(sizeof(struct vcpu_time_info) == 32);

/** Nanoseconds on the time page's clock. */
u64 time_now(void)
{
	const volatile struct vcpu_time_info *t = &this_cpu()->vi->time;
	u64 cycles, ns;
	u32 version;

	do {
		version = t->version;
		barrier();
		cycles = rdtsc() - t->tsc_timestamp;
		cycles = t->tsc_shift < 0 ? cycles >> -t->tsc_shift : cycles << t->tsc_shift;
		ns = t->system_time + (u64)((unsigned __int128)cycles * t->tsc_to_system_mul >> 32);
		barrier();
	} while (version & 1 || version != t->version);
	return ns;
}

/** From the page's scale, nanoseconds = cycles * mul >> 32, shifted. */
u64 time_tsc_khz(void)
{
	const struct vcpu_time_info *t = &this_cpu()->vi->time;
	u64 khz = (1000000ull << 32) / t->tsc_to_system_mul;

	return t->tsc_shift < 0 ? khz << -t->tsc_shift : khz >> t->tsc_shift;
}

void *vmi_call_TIME_AREA(u32 cpu)
{
	if (cpu >= MAX_CPUS || !xen.cpu[cpu])
		return NULL;
	return &xen.cpu[cpu]->vi->time;
}

/* Without the "future" flag a deadline in the past fires at once. */
s32 vmi_call_TIMER_SET(u64 deadline)
{
	struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = deadline };

	return HYPERCALL(vcpu_op, VCPUOP_set_singleshot_timer, this_cpu()->id, &op) ? VMI_E_INVAL : VMI_OK;
}

void vmi_call_TIMER_STOP(void)
{
	HYPERCALL(vcpu_op, VCPUOP_stop_singleshot_timer, this_cpu()->id, 0);
}

s32 vmi_call_WALLCLOCK(struct vmi_wallclock *wc)
{
	const volatile struct shared_info *s = xen_shared;
	u32 version;

	do {
		version = s->wc_version;
		barrier();
		wc->seconds = (u64)s->wc_sec_hi << 32 | s->wc_sec;
		wc->nanoseconds = s->wc_nsec;
		barrier();
	} while (version & 1 || version != s->wc_version);
	wc->reserved = 0;
	return VMI_OK;
}

/*
 * Xen keeps a copy of a CPU's time where we say. CPU 0's is good everywhere if
 * Xen vouches for that, which it does or not for as long as the guest stays.
 */
s32 vmi_call_TIME_USER_PAGE(void *page)
{
	struct vcpu_register_time_memory_area area = { .addr.v = page };

	if ((u64)page & ~PAGE_MASK)
		return VMI_E_INVAL;
	if (!(xen.cpu[0]->vi->time.flags & XEN_PVCLOCK_TSC_STABLE_BIT))
		return VMI_E_NOSYS;
	return HYPERCALL(vcpu_op, VCPUOP_register_vcpu_time_memory_area, xen.cpu[0]->id, &area) ? VMI_E_NOSYS : VMI_OK;
}
