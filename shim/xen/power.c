// SPDX-License-Identifier: MIT
/* Leaving. */
#include "xen.h"
#include <xen/sched.h>

void vmi_call_SHUTDOWN(u32 reason);

void vmi_call_SHUTDOWN(u32 reason)
{
	struct sched_shutdown op = {
		reason == VMI_SHUTDOWN_POWEROFF ? SHUTDOWN_poweroff :
		reason == VMI_SHUTDOWN_REBOOT ? SHUTDOWN_reboot : SHUTDOWN_crash
	};

	HYPERCALL(sched_op, SCHEDOP_shutdown, &op);
}
