// SPDX-License-Identifier: MIT
/* Other CPUs' translations: vmihv forgets them, of those that run now and of those that do not; nobody is interrupted by the guest. */
#include "host.h"

s32 vmi_call_FLUSH_MULTI(const u64 *cpus, u32 bits, u64 va);
void vmi_call_FLUSH_ABSENT(u64 *cpus, u32 bits);

#define SET_BITS	64u

static u64 set_of(const u64 *cpus, u32 bits)
{
	return bits < SET_BITS ? cpus[0] & ((UINT64_C(1) << bits) - 1) : cpus[0];
}

/* Itself is among them, perhaps: a call forgets the caller's too. */
s32 vmi_call_FLUSH_MULTI(const u64 *cpus, u32 bits, u64 va)
{
	(void)va;
	if (bits > SET_BITS)
		return VMI_E_INVAL;
	return hypercall(VMIHV_V2_FLUSH, set_of(cpus, bits), VMIHV_V2_FLUSH_ALL, 0, NULL) ? VMI_E_PERM : VMI_OK;
}

void vmi_call_FLUSH_ABSENT(u64 *cpus, u32 bits)
{
	u64 set = bits ? set_of(cpus, bits) : 0, left;

	if (!set || hypercall(VMIHV_V2_FLUSH, set, VMIHV_V2_FLUSH_ABSENT, 0, &left))
		return;
	cpus[0] &= ~set | left;
}
