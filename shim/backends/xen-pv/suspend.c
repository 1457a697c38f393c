// SPDX-License-Identifier: MIT
/*
 * SUSPEND: the toolstack writes the domain down, and it goes on, here or elsewhere.
 *
 * The toolstack finds our frames by the P2M list, which it reaches through tables
 * of ours, and knows machine frames in three places only: in what Xen calls a
 * page table, in the CPU's registers, and in start_info. Nowhere else may one be
 * kept when the hypercall is made: the queue is empty, start_info's two frames are
 * guest-physical ones, and the shared page, which is Xen's, is not mapped.
 *
 * What comes back in a new domain is the memory, and of the CPU its registers,
 * descriptor tables, traps, callbacks, kernel stack, bases, I/O privilege and
 * assists. The rest is as in any new domain: the shared page, where vcpu_info is,
 * event channels, timers.
 */
#include "xen.h"
#include <xen/sched.h>
#include <xen/version.h>

SHIM_COLD

s32 vmi_call_SUSPEND(struct vmi_suspend *state);

/** Where the P2M list is and how long, for those who look at us from outside. */
void suspend_show_p2m(void)
{
	struct arch_shared_info *arch = &xen_shared->arch;

	arch->pfn_to_mfn_frame_list_list = ~0ul;	/* the list's older form: not this one */
	arch->max_pfn = xen_nr_pages;
	arch->p2m_vaddr = (u64)xen_p2m;
	arch->p2m_cr3 = pfn_to_mfn(xen.root_pfn) * PAGE_SIZE;
}

/* Both aliases of the shared page, and the list, to Xen's page or to the frame of ours that it hides. */
static long map_shared(u64 mfn)
{
	u64 va[2] = { (u64)&xen_shared_page, (u64)pa_to_va(xen_shared_pfn * PAGE_SIZE) };
	long error = 0;

	xen_p2m[xen_shared_pfn] = mfn;
	for (u32 i = 0; i < 2; i++) {
		const u64 *entry = mmu_walk(va[i]);

		if (entry && *entry & PTE_P)
			error |= HYPERCALL(update_va_mapping, va[i], (*entry & ~PTE_FRAME) | mfn << 12,
					   UVMF_INVLPG);
	}
	return error;
}

/* A CPU without a vcpu_info of its own has the one in the shared page: no event for it there. */
static void mask_shared_cpus(void)
{
	for (u32 i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
		xen_shared->vcpu_info[i].evtchn_upcall_mask = 1;
		xen_shared->vcpu_info[i].evtchn_upcall_pending = 0;
	}
}

static void leave_host(void)
{
	mask_shared_cpus();
	suspend_show_p2m();
	xen.si->store_mfn = xen_m2p[xen.si->store_mfn];
	xen.si->console.domU.mfn = xen_m2p[xen.si->console.domU.mfn];
}

/* The very domain goes on: all is as it was. */
static long go_on(void)
{
	xen.si->store_mfn = pfn_to_mfn(xen.si->store_mfn);
	xen.si->console.domU.mfn = pfn_to_mfn(xen.si->console.domU.mfn);
	return map_shared(xen_shared_mfn);
}

static long register_blocks(void)
{
	long error = 0;

	for (u32 i = 0; i < MAX_CPUS; i++) {
		if (!xen.cpu[i])
			continue;
		memset(xen.cpu[i]->port, 0, sizeof(xen.cpu[i]->port));
		error |= register_block(i, xen.cpu[i]);
		smp_register_runstate(xen.cpu[i]);
	}
	return error;
}

/* CPU 0 first: it masks all ports. */
static int bind_events(void)
{
	int error = 0;

	for (u32 i = 0; i < MAX_CPUS; i++)
		if (xen.cpu[i])
			error |= event_init(xen.cpu[i]);
	return error;
}

/* A new domain, whose start_info the toolstack has rewritten. */
static long settle(struct xen_cpu *pc)
{
	long error;

	boot_find_m2p();
	xen.hidden_mfn = xen_p2m[xen_shared_pfn];
	xen_shared_mfn = xen.si->shared_info >> 12;
	error = map_shared(xen_shared_mfn) | register_blocks();
	if (error)
		return error;
	suspend_show_p2m();
	error = bind_events();
	HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, pc->id, 0);
	console_boot();
	console_init(pc);
	control_resume(pc);
	return error;
}

/* With the shared page gone there is nobody left to say it to but the toolstack. */
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
		if (xen.cpu[i] && HYPERCALL(vcpu_op, VCPUOP_is_up, i, 0) > 0)
			return 1;
	return 0;
}

/* The toolstack looks for start_info's frame in CPU 0's registers. */
static s32 check_suspend(const struct xen_cpu *pc, const struct vmi_suspend *state)
{
	if (state->magic != VMI_MAGIC_SUSPEND || state->version != VMI_STRUCT_VERSION ||
	    state->size < sizeof(*state))
		return VMI_E_INVAL;
	if (xen.dom0)
		return VMI_E_NOSYS;
	if (!xen.save_wished || xen.stage != STAGE_ADOPTED || !xen_armed || pc->id || pc->lazy ||
	    !pc->vi->evtchn_upcall_mask || others_up())
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
	struct xen_cpu *pc = this_cpu();
	s32 error = check_suspend(pc, state);
	u64 before;
	long result;

	if (error)
		return error;
	xen.save_wished = 0;
	before = time_of_day();
	batch_run(pc);
	leave_host();
	result = map_shared(xen.hidden_mfn);
	if (!result)
		result = HYPERCALL(sched_op, SCHEDOP_shutdown, &op, pfn_to_mfn(va_to_pa(xen.si) >> 12));
	if (result ? go_on() : settle(pc))
		die();
	if (result < 0)
		return VMI_E_PERM;
	tell(state, !result, before);
	return VMI_OK;
}
