// SPDX-License-Identifier: MIT
/* The interrupt flag from C, and waiting. */
#include "xen.h"
#include <xen/sched.h>

void vmi_call_SAFE_HALT(void);
void vmi_call_HALT(void);

/** Back to what irq_save() found; pending events are delivered before it returns. */
void irq_restore(u8 old)
{
	u8 pending;

	barrier();
	if (old)
		return;
	if (!xen_armed) {
		xen_boot_cpu.vi->evtchn_upcall_mask = 0;
		barrier();
		pending = xen_boot_cpu.vi->evtchn_upcall_pending;
	} else {
		percpu_set(struct xen_cpu, vcpu.evtchn_upcall_mask, 0);
		pending = percpu_get(struct xen_cpu, vcpu.evtchn_upcall_pending);
	}
	if (pending)
		HYPERCALL(xen_version, 0, 0);
}

void vmi_call_SAFE_HALT(void)
{
	HYPERCALL(sched_op, SCHEDOP_block, 0);
}

/* With events off nothing can wake this CPU: give it back. */
void vmi_call_HALT(void)
{
	if (this_cpu()->vi->evtchn_upcall_mask)
		vmi_call_CPU_STOP();
	else
		HYPERCALL(sched_op, SCHEDOP_block, 0);
}
