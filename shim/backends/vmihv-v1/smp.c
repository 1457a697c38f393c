// SPDX-License-Identifier: MIT
/* Other CPUs: start, stop, interrupts to them, waiting for locks. */
#include "host.h"
#include "start.h"

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start);
void vmi_call_CPU_STOP(void);
s32 vmi_call_CPU_STATE(u32 cpu);
s32 vmi_call_SEND_EVENT(const u64 *cpus, u32 bits, u32 event);
void vmi_call_LOCK_WAIT(const u8 *byte, u8 value);
void vmi_call_LOCK_KICK(u32 cpu);
FAST_CALL u32 vmi_call_PREEMPTED(u32 cpu);

#define SET_BITS	64u

/* Where vmihv reads them: each for one CPU, since several may be started at a time. */
static struct vmihv_v1_start starts[MAX_CPUS];

static void fill(struct vmihv_v1_start *s, const struct vmi_start *start)
{
	struct start_state state;

	start_fill(&state, start);
	*s = (struct vmihv_v1_start){
		.rip = start->entry, .rsp = start->stack, .rdi = start->arg, .gs_base = start->gs_base,
		.cr0 = state.cr0, .cr3 = start->root_pa, .cr4 = state.cr4, .efer = state.efer,
		.gdt = state.gdt.base, .idt = state.idt.base,
		.gdt_limit = state.gdt.limit, .idt_limit = state.idt.limit,
		.cs = vmi_const32(KERNEL_CS), .ss = vmi_const32(KERNEL_DS),
	};
}

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start)
{
	s32 state = vmi_call_CPU_STATE(cpu);

	if (state < 0 || start_is_bad(start))
		return VMI_E_INVAL;
	if (state == VMI_CPU_UP || !is_ready(cpu))
		return VMI_E_STATE;
	fill(&starts[cpu], start);
	shared[cpu].page.pending = 0;
	return hypercall(VMIHV_V1_START, cpu, (u64)&starts[cpu] - vmi_const64(IMAGE_OFFSET), 0) ? VMI_E_PERM : VMI_OK;
}

void vmi_call_CPU_STOP(void)
{
	hypercall(VMIHV_V1_STOP, 0, 0, 0);
}

s32 vmi_call_CPU_STATE(u32 cpu)
{
	s64 up = cpu < MAX_CPUS ? hypercall(VMIHV_V1_STATE, cpu, 0, 0) : -1;

	return up < 0 ? VMI_E_INVAL : up ? VMI_CPU_UP : VMI_CPU_DOWN;
}

s32 vmi_call_SEND_EVENT(const u64 *cpus, u32 bits, u32 event)
{
	static const u8 known[][2] = {
		{ VMI_EVENT_RESCHEDULE, VMIHV_V1_EVENT_RESCHEDULE }, { VMI_EVENT_CALL, VMIHV_V1_EVENT_CALL },
		{ VMI_EVENT_WORK, VMIHV_V1_EVENT_WORK }, { VMI_EVENT_NMI, VMIHV_V1_NMI },
	};
	u64 set = bits < SET_BITS ? cpus[0] & ((UINT64_C(1) << bits) - 1) : cpus[0];

	if (bits > SET_BITS)
		return VMI_E_INVAL;
	for (u32 i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i][0] == event)
			return hypercall(VMIHV_V1_SEND, set, known[i][1], 0) ? VMI_E_PERM : VMI_OK;
	return VMI_E_INVAL;
}

void vmi_call_LOCK_WAIT(const u8 *byte, u8 value)
{
	if (__atomic_load_n(byte, __ATOMIC_SEQ_CST) == value)
		hypercall(VMIHV_V1_WAIT, 0, 0, 0);
}

void vmi_call_LOCK_KICK(u32 cpu)
{
	if (cpu < MAX_CPUS)
		hypercall(VMIHV_V1_KICK, UINT64_C(1) << cpu, 0, 0);
}

FAST_CALL u32 vmi_call_PREEMPTED(u32 cpu)
{
	return cpu < MAX_CPUS && shared[cpu].page.preempted;
}
