// SPDX-License-Identifier: MIT
/* Numbers that assembly needs, made into offsets.inc by the build. */
#include "xen.h"

#define OFFSET(name, value)	__asm__ volatile("->" #name " %0" :: "i" (value))

void offsets(void);

void offsets(void)
{
	OFFSET(CPU_ID, offsetof(struct xen_cpu, id));
	OFFSET(CPU_UP, offsetof(struct xen_cpu, up));
	OFFSET(CPU_STATE, offsetof(struct xen_cpu, runstate.state));
	OFFSET(CPU_GDT, offsetof(struct xen_cpu, gdt));
	OFFSET(CPU_IDT, offsetof(struct xen_cpu, idt));
	OFFSET(CPU_START_ENTRY, offsetof(struct xen_cpu, start.entry));
	OFFSET(CPU_START_STACK, offsetof(struct xen_cpu, start.stack));
	OFFSET(CPU_START_ARG, offsetof(struct xen_cpu, start.arg));
	OFFSET(CPU_START_GS, offsetof(struct xen_cpu, start.gs_base));
	OFFSET(CPU_START_ROOT, offsetof(struct xen_cpu, start.root_pa));
	OFFSET(XEN_CPU, offsetof(struct xen_state, cpu));
	OFFSET(XEN_MAX_CPUS, MAX_CPUS);
	OFFSET(HYPERCALL_VCPU_OP, __HYPERVISOR_vcpu_op);
	OFFSET(OP_DOWN, VCPUOP_down);
	OFFSET(STATE_RUNNABLE, RUNSTATE_runnable);
}
