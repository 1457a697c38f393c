// SPDX-License-Identifier: MIT
/*
 * SUSPEND: the toolstack writes the domain down, and it goes on, here or
 * elsewhere. What comes back in a new domain is the memory, as the guest knows
 * it, and the CPU's registers; the shared page, event channels, timers and what
 * was registered with Xen are as in any new domain.
 */
#include "xen.h"
#include <xen/sched.h>
#include <xen/version.h>

SHIM_COLD

s32 vmi_call_SUSPEND(struct vmi_suspend *state);

static int bind_events(void)
{
	int error = 0;

	for (u32 i = 0; i < MAX_CPUS; i++) {
		if (!xen.cpu[i])
			continue;
		memset(xen.cpu[i]->port, 0, sizeof(xen.cpu[i]->port));
		xen.cpu[i]->lock_port = 0;
		smp_register_runstate(xen.cpu[i]);
		error |= event_init(xen.cpu[i]);
	}
	return error;
}

static long settle(struct xen_cpu *pc)
{
	if (set_vector(xen.vector) || pages_map_shared() || bind_events())
		return -1;
	HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, pc->id, 0);
	HYPERCALL(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag);
	pages_connect(pc);
	return 0;
}

static void die(void)
{
	struct sched_shutdown op = { SHUTDOWN_crash };

	HYPERCALL(sched_op, SCHEDOP_shutdown, &op);
}

static u64 time_of_day(void)
{
	struct vmi_wallclock wc;

	vmi_call_WALLCLOCK(&wc);
	return wc.seconds * 1000000000 + wc.nanoseconds + time_now();
}

static int others_up(void)
{
	for (u32 i = 1; i < MAX_CPUS; i++)
		if (xen.cpu[i] && vmi_call_CPU_STATE(i) == VMI_CPU_UP)
			return 1;
	return 0;
}

static s32 check_suspend(const struct vmi_suspend *state, u8 irqs_on)
{
	if (state->magic != VMI_MAGIC_SUSPEND || state->version != VMI_STRUCT_VERSION ||
	    state->size < sizeof(*state))
		return VMI_E_INVAL;
	if (xen.dom0)
		return VMI_E_NOSYS;
	if (!xen.save_wished || xen.stage != STAGE_RUNNING || !xen_armed || this_cpu()->id ||
	    irqs_on || others_up())
		return VMI_E_STATE;
	return VMI_OK;
}

static void tell(struct vmi_suspend *state, u32 moved, u64 before)
{
	u64 now = time_of_day();

	state->moved = moved;
	state->host_version = HYPERCALL(xen_version, XENVER_version, 0);
	state->tsc_khz = time_tsc_khz();
	state->stopped = now > before ? now - before : 0;
}

s32 vmi_call_SUSPEND(struct vmi_suspend *state)
{
	struct sched_shutdown op = { SHUTDOWN_suspend };
	u8 irqs_on = irq_save();
	s32 error = check_suspend(state, irqs_on);
	u64 before;
	long result;

	irq_restore(irqs_on);
	if (error)
		return error;
	xen.save_wished = 0;
	before = time_of_day();
	result = HYPERCALL(sched_op, SCHEDOP_shutdown, &op);
	if (result < 0)
		return VMI_E_PERM;
	/* not 0: the very domain goes on, and all is as it was */
	if (!result && settle(this_cpu()))
		die();
	tell(state, !result, before);
	return VMI_OK;
}
