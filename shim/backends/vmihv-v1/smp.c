// SPDX-License-Identifier: MIT
/* Other CPUs: start and stop. The rest is in shim/vmihv-v1/smp.c. */
#include "host.h"
#include "start.h"

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start);
void vmi_call_CPU_STOP(void);
s32 vmi_call_CPU_STATE(u32 cpu);

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
