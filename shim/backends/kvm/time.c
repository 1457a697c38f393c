// SPDX-License-Identifier: MIT
/* The clock, in pvclock's own format; what is stolen. The timer is the local APIC's. Read next: smp.c. */
#include "host.h"

void *vmi_call_TIME_AREA(u32 cpu);
s32 vmi_call_WALLCLOCK(struct vmi_wallclock *wc);
u64 vmi_call_STOLEN_TIME(u32 cpu);
s32 vmi_call_TIME_USER_PAGE(struct clock *page);

/** What KVM writes, once for each time it is told where. */
struct wall {
	u32 version, seconds, nanoseconds, pad;
};

s32 clock_at(const struct clock *at)
{
	return write_msr(MSR_KVM_SYSTEM_TIME_NEW, at ? to_pa(at) | KVM_MSR_ENABLED : 0);
}

void *vmi_call_TIME_AREA(u32 cpu)
{
	struct percpu *b = block_of(cpu);
	const struct clock *clock = !cpu ? clock_of_0 : b ? &b->clock : NULL;

	return clock && clock->mul ? (void *)clock : NULL;
}

/* KVM writes to one place for each CPU: from now on CPU 0's clock is in the page. */
s32 vmi_call_TIME_USER_PAGE(struct clock *page)
{
	struct percpu *b = block_of(0);
	s32 err;

	if ((u64)page % 4096)
		return VMI_E_INVAL;
	if (!b || percpu_get(struct percpu, cpu))
		return VMI_E_STATE;
	if (!has(KVM_FEATURE_CLOCKSOURCE2) || !has(KVM_FEATURE_CLOCKSOURCE_STABLE_BIT) ||
	    !(clock_of_0->flags & CLOCK_STABLE))
		return VMI_E_NOSYS;
	memset(page, 0, sizeof(*page));
	err = clock_at(page);
	if (err)
		return err;
	clock_of_0 = page;
	return VMI_OK;
}

s32 vmi_call_WALLCLOCK(struct vmi_wallclock *wc)
{
	static struct wall wall __attribute__((aligned(16)));
	static u8 taken;
	s32 err = VMI_E_NOSYS;

	while (__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE))
		cpu_relax();
	if (has(KVM_FEATURE_CLOCKSOURCE2))
		err = write_msr(MSR_KVM_WALL_CLOCK_NEW, to_pa(&wall));
	wc->seconds = wall.seconds;
	wc->nanoseconds = wall.nanoseconds;
	wc->reserved = 0;
	__atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
	return err;
}

/* While KVM writes, the version is odd. */
u64 vmi_call_STOLEN_TIME(u32 cpu)
{
	struct percpu *b = block_of(cpu);
	const volatile struct kvm_steal_time *steal;
	u32 version;
	u64 stolen;

	if (!b)
		return 0;
	steal = &b->steal;
	do {
		version = steal->version;
		barrier();
		stolen = steal->steal;
		barrier();
	} while (version & 1 || version != steal->version);
	return stolen;
}
