// SPDX-License-Identifier: MIT
/* Other CPUs: start and stop. The rest is in shim/vmihv-v2/smp.c. */
#include "host.h"
#include "start.h"

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start);
void vmi_call_CPU_STOP(void);
s32 vmi_call_CPU_STATE(u32 cpu);

#define PAGE_OFFSET	0xfffu

/* Where vmihv reads them: each for one CPU, since several may be started at a time. */
static struct vmihv_v2_up starts[MAX_CPUS];

static void fill(struct vmihv_v2_up *s, const struct vmi_start *start)
{
	struct start_state state;

	start_fill(&state, start);
	*s = (struct vmihv_v2_up){
		.code = vmi_const32(KERNEL_CS), .stack = vmi_const32(KERNEL_DS),
		.gdt_limit = state.gdt.limit, .idt_limit = state.idt.limit,
		.gdt = state.gdt.base, .idt = state.idt.base,
		.efer = state.efer, .cr4 = state.cr4, .cr3 = start->root_pa, .cr0 = state.cr0,
		.gs_base = start->gs_base, .rdi = start->arg, .rsp = start->stack, .rip = start->entry,
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
	memset(shared[cpu].events.happened, 0, sizeof(shared[cpu].events.happened));
	return hypercall(VMIHV_V2_UP, cpu, frame_of(&starts[cpu]), (u64)&starts[cpu] & PAGE_OFFSET, NULL) ?
		VMI_E_PERM : VMI_OK;
}

void vmi_call_CPU_STOP(void)
{
	hypercall(VMIHV_V2_DOWN, 0, 0, 0, NULL);
}
