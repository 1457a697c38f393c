// SPDX-License-Identifier: MIT
/* Other CPUs as every guest meets them: whether they are up, interrupts to them, waiting for locks. */
#include "host.h"

s32 vmi_call_CPU_STATE(u32 cpu);
s32 vmi_call_SEND_EVENT(const u64 *cpus, u32 bits, u32 event);
void vmi_call_LOCK_WAIT(const u8 *byte, u8 value);
void vmi_call_LOCK_KICK(u32 cpu);
FAST_CALL u32 vmi_call_PREEMPTED(u32 cpu);

#define SET_BITS	64u

s32 vmi_call_CPU_STATE(u32 cpu)
{
	u64 up;

	if (cpu >= MAX_CPUS || hypercall(VMIHV_V2_IS_UP, cpu, 0, 0, &up))
		return VMI_E_INVAL;
	return up ? VMI_CPU_UP : VMI_CPU_DOWN;
}

s32 vmi_call_SEND_EVENT(const u64 *cpus, u32 bits, u32 event)
{
	static const u32 known[][2] = {
		{ VMI_EVENT_RESCHEDULE, VMIHV_V2_EVENT_WAKE }, { VMI_EVENT_CALL, VMIHV_V2_EVENT_ASK },
		{ VMI_EVENT_WORK, VMIHV_V2_EVENT_LATER }, { VMI_EVENT_NMI, VMIHV_V2_NMI },
	};
	u64 set = bits < SET_BITS ? cpus[0] & ((UINT64_C(1) << bits) - 1) : cpus[0];

	if (bits > SET_BITS)
		return VMI_E_INVAL;
	for (u32 i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i][0] == event)
			return hypercall(VMIHV_V2_POST, known[i][1], set, 0, NULL) ? VMI_E_PERM : VMI_OK;
	return VMI_E_INVAL;
}

void vmi_call_LOCK_WAIT(const u8 *byte, u8 value)
{
	if (__atomic_load_n(byte, __ATOMIC_SEQ_CST) == value)
		hypercall(VMIHV_V2_SLEEP, 0, 0, 0, NULL);
}

void vmi_call_LOCK_KICK(u32 cpu)
{
	if (cpu < MAX_CPUS)
		hypercall(VMIHV_V2_ROUSE, UINT64_C(1) << cpu, 0, 0, NULL);
}

FAST_CALL u32 vmi_call_PREEMPTED(u32 cpu)
{
	return cpu < MAX_CPUS && shared[cpu].clock.waits;
}
