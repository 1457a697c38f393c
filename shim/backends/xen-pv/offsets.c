// SPDX-License-Identifier: MIT
/* Numbers that assembly needs, made into offsets.inc by the build. */
#include "xen.h"

#define OFFSET(name, value)	__asm__ volatile("->" #name " %0" :: "i" (value))

void offsets(void);

void offsets(void)
{
	OFFSET(CPU_PENDING, offsetof(struct xen_cpu, vcpu.evtchn_upcall_pending));
	OFFSET(CPU_MASK, offsetof(struct xen_cpu, vcpu.evtchn_upcall_mask));
	OFFSET(CPU_CR2, offsetof(struct xen_cpu, vcpu.arch.cr2));
	OFFSET(CPU_CR3, offsetof(struct xen_cpu, cr3));
	OFFSET(CPU_ASYNC, offsetof(struct xen_cpu, async));
	/* The boot CPU's, in the shared page, before PERCPU_READY. */
	OFFSET(SHARED_PENDING, offsetof(struct shared_info, vcpu_info[0].evtchn_upcall_pending));
	OFFSET(SHARED_MASK, offsetof(struct shared_info, vcpu_info[0].evtchn_upcall_mask));
	OFFSET(SHARED_CR2, offsetof(struct shared_info, vcpu_info[0].arch.cr2));
	OFFSET(HYPERCALL_XEN_VERSION, __HYPERVISOR_xen_version);
	OFFSET(HYPERCALL_IRET, __HYPERVISOR_iret);
	OFFSET(FLAT_KERNEL_CS, FLAT_RING3_CS64);
	OFFSET(FLAT_KERNEL_SS, FLAT_RING3_SS64);
}
