// SPDX-License-Identifier: MIT
/*
 * SUSPEND, in a container under either ABI: nothing is shared while the domain
 * stands still, so that what is kept of it is the guest's alone. A backend's host.h
 * says how its ABI does each step.
 */
#include "host.h"

s32 vmi_call_CPU_STATE(u32 cpu);

SHIM_COLD

s32 vmi_call_SUSPEND(struct vmi_suspend *state);
s32 vmi_call_WALLCLOCK(struct vmi_wallclock *wc);

u8 suspend_wished;

static int interrupts_are_on(void)
{
	u64 flags;

	__asm__ volatile("pushf; pop %0" : "=r" (flags));
	return flags >> 9 & 1;
}

static u64 time_of_day(void)
{
	__auto_type c = first_clock();
	u64 delta = __builtin_ia32_rdtsc() - c->tsc;
	struct vmi_wallclock wc;

	delta = c->shift < 0 ? delta >> -c->shift : delta << c->shift;
	vmi_call_WALLCLOCK(&wc);
	return wc.seconds * 1000000000 + wc.nanoseconds + c->ns + (u64)((unsigned __int128)delta * c->mul >> 32);
}

static s32 check(const struct vmi_suspend *state)
{
	if (state->magic != VMI_MAGIC_SUSPEND || state->version != VMI_STRUCT_VERSION || state->size < sizeof(*state))
		return VMI_E_INVAL;
	if (!is_ready(0) || !suspend_wished || interrupts_are_on())
		return VMI_E_STATE;
	for (u32 cpu = 1; cpu < MAX_CPUS; cpu++)
		if (is_ready(cpu) && vmi_call_CPU_STATE(cpu) == VMI_CPU_UP)
			return VMI_E_STATE;
	return VMI_OK;
}

static s32 share_again(void)
{
	for (u32 cpu = 0; cpu < MAX_CPUS; cpu++)
		if (is_ready(cpu) && share(cpu))
			return VMI_E_PERM;
	return VMI_OK;
}

static void tell(struct vmi_suspend *state, u32 moved, u64 before)
{
	u32 a = VMIHV_LEAF_FACTS, b, c = 0, d;
	u64 now = time_of_day();

	__asm__ volatile("cpuid" : "+a" (a), "=b" (b), "+c" (c), "=d" (d));
	state->moved = moved;
	state->host_version = b;
	state->tsc_khz = d;
	state->stopped = now > before ? now - before : 0;
}

s32 vmi_call_SUSPEND(struct vmi_suspend *state)
{
	s32 error = check(state);
	u64 before;
	s64 moved;

	if (error)
		return error;
	suspend_wished = 0;
	before = time_of_day();
	for (u32 cpu = 0; cpu < MAX_CPUS; cpu++)
		unshare(cpu);
	moved = suspend();
	if (share_again() || moved < 0)
		return VMI_E_PERM;
	tell(state, moved, before);
	return VMI_OK;
}
