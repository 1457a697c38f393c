// SPDX-License-Identifier: MIT
/* Detection, start and end. Read next: pages.c. */
#include "xen.h"
#include <xen/arch-x86/cpuid.h>
#include <xen/features.h>
#include <xen/version.h>

SHIM_COLD

s32 vmi_call_INIT(struct vmi_init *init);
s32 vmi_call_PERCPU_READY(u32 cpu, struct xen_cpu *block);
s32 vmi_call_EXIT(void);
s32 vmi_call_EVENT_VECTOR(u32 vector);

#define BID		100		/* more than whoever sees no more than a processor */
#define LAST_LEAF	0x40010000u	/* Xen's begin here at the latest, behind others that it imitates */
#define LEAF_HVM	4u		/* after the first one: what is true of this CPU in a container */
#define VENDOR_AMD	0x68747541u	/* "Auth", the first four letters */
#define VENDOR_HYGON	0x6f677948u	/* "Hygo" */

u8 xen_by_vmcall;
u8 xen_armed;
struct xen_state xen = { .vector = VMI_ENTRY_EVENT };
struct xen_cpu xen_boot_cpu;

static void cpuid(u32 leaf, u32 r[4])
{
	__asm__ volatile("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "a" (leaf), "c" (0));
}

/* Xen's first leaf, or 0. */
static u32 find_leaves(void)
{
	u32 r[4], leaf;

	cpuid(1, r);
	if (!(r[2] >> 31))
		return 0;
	for (leaf = XEN_CPUID_FIRST_LEAF; leaf <= LAST_LEAF; leaf += 0x100) {
		cpuid(leaf, r);
		if (r[1] == XEN_CPUID_SIGNATURE_EBX && r[2] == XEN_CPUID_SIGNATURE_ECX &&
		    r[3] == XEN_CPUID_SIGNATURE_EDX)
			return leaf;
	}
	return 0;
}

/* This CPU's number, as Xen counts. */
static u32 own_id(void)
{
	u32 r[4];

	cpuid(find_leaves() + LEAF_HVM, r);
	return r[0] & XEN_HVM_CPUID_VCPU_ID_PRESENT ? r[1] : 0;
}

/* A paravirtual guest of Xen sees the same leaves, from ring 3. */
u32 vmi_rom_detect(void)
{
	u32 r[4];
	u16 cs;

	__asm__("mov %%cs, %0" : "=r" (cs));
	if (cs & 3 || !find_leaves())
		return 0;
	cpuid(0, r);
	xen_by_vmcall = r[1] != VENDOR_AMD && r[1] != VENDOR_HYGON;
	return BID;
}

static s32 refuse(struct vmi_init *init, s32 error, const char *reason)
{
	u32 i;

	for (i = 0; reason[i] && i < sizeof(init->reason) - 1; i++)
		init->reason[i] = reason[i];
	init->reason[i] = 0;
	return error;
}

static void host_facts(struct vmi_init *init)
{
	init->features = xen.is_pc ? BACKEND_FEATURES : BACKEND_PVH_FEATURES;
	init->host_version = HYPERCALL(xen_version, XENVER_version, 0);
	init->tsc_khz = time_tsc_khz();
	init->pte_forbidden = 0;
	init->extra_user_cs = 0;
	init->frame_table_bytes = 0;
	memset(init->host_name, 0, sizeof(init->host_name));
	memcpy(init->host_name, xen.is_pc ? "Xen HVM" : "Xen PVH", 7);
	memset(init->reason, 0, sizeof(init->reason));
}

static int has_vectors(void)
{
	struct xen_feature_info info = { 0 };

	return !HYPERCALL(xen_version, XENVER_get_features, &info) &&
		info.submap & 1u << XENFEAT_hvm_callback_vector;
}

static s32 check_init(struct vmi_init *init)
{
	if (init->magic != VMI_MAGIC_INIT || init->version != VMI_STRUCT_VERSION ||
	    init->size < sizeof(*init) || init->reserved)
		return VMI_E_INVAL;
	if (xen.stage != STAGE_BOOT)
		return refuse(init, VMI_E_STATE, "INIT was called before");
	if (!has_vectors())
		return refuse(init, VMI_E_PERM, "this Xen cannot deliver events by a vector");
	if (own_id() >= MAX_CPUS)
		return refuse(init, VMI_E_PERM, "this CPU's number is too high");
	return VMI_OK;
}

/* Who has local APICs starts CPUs with them; those that firmware has started once, Xen would not start for us. */
static void find_machine(void)
{
	static const u8 others[] = { VMI_CALL_CPU_START, VMI_CALL_CPU_STOP };

	xen.boot_id = own_id();
	xen.is_pc = pc_has_controllers();
	for (u32 i = 0; xen.is_pc && i < sizeof(others); i++)
		vmi_not_here[others[i] / 64] |= UINT64_C(1) << others[i] % 64;
}

s32 vmi_call_INIT(struct vmi_init *init)
{
	struct xen_cpu *pc = &xen_boot_cpu;
	s32 error = check_init(init);

	if (error)
		return error;
	/* first: Xen takes the form of the shared page, of 32 or 64 bits, from whoever says this, and firmware had it too */
	if (set_vector(xen.vector))
		return refuse(init, VMI_E_PERM, "Xen refuses the vector of events");
	if (pages_map_shared()) {
		set_vector(0);
		return refuse(init, VMI_E_PERM, "Xen does not show its shared page");
	}
	find_machine();
	pc->self = pc;
	pc->id = xen.boot_id;
	pc->vi = &xen_shared->vcpu_info[pc->id];
	pc->up = 1;
	xen.cpu[0] = pc;
	event_drop(pc);
	if (event_init(pc)) {
		pages_unmap_shared();
		set_vector(0);
		return refuse(init, VMI_E_PERM, "Xen gave no event channel for the timer");
	}
	HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, pc->id, 0);
	HYPERCALL(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag);
	pages_find();
	if (xen.dom0)
		console_init(pc);
	host_facts(init);
	xen.stage = STAGE_RUNNING;
	return VMI_OK;
}

/* CPU 0 goes on from what it had until now. */
static s32 arm(u32 cpu, struct xen_cpu *block)
{
	if (cpu)
		memset(block, 0, sizeof(*block));
	else
		*block = xen_boot_cpu;
	/* one that the guest has started is the one that calls */
	block->id = cpu && xen.is_pc ? own_id() : xen_id(cpu);
	if (block->id >= MAX_CPUS)
		return VMI_E_PERM;
	block->up |= xen.is_pc;
	block->self = block;
	block->vi = &xen_shared->vcpu_info[block->id];
	smp_register_runstate(block);
	return cpu && event_init(block) ? VMI_E_NOMEM : VMI_OK;
}

/* Whoever starts CPUs by itself says so each time that one comes. */
static s32 come_back(struct xen_cpu *block)
{
	block->lock_waits = 0;
	event_drop(block);
	return VMI_OK;
}

s32 vmi_call_PERCPU_READY(u32 cpu, struct xen_cpu *block)
{
	s32 error;
	u8 flags;

	if (xen.stage != STAGE_RUNNING)
		return VMI_E_STATE;
	if (vmi_call_CPU_STATE(cpu) < 0 || (u64)block % 64)
		return VMI_E_INVAL;
	if (xen.is_pc && cpu && xen.cpu[cpu] == block)
		return come_back(block);
	if (xen.cpu[cpu] && xen.cpu[cpu] != &xen_boot_cpu)
		return VMI_E_STATE;
	flags = irq_save();
	error = arm(cpu, block);
	if (!error)
		xen.cpu[cpu] = block;
	if (!error && !cpu)
		xen_armed = 1;
	irq_restore(flags);
	return error;
}

s32 vmi_call_EVENT_VECTOR(u32 vector)
{
	if (vector < VMI_ENTRY_EVENT || vector > 255)
		return VMI_E_INVAL;
	if (set_vector(vector))
		return VMI_E_PERM;
	xen.vector = vector;
	return VMI_OK;
}

/* Console and store outlive us: whoever comes next finds them by the same ports. */
static void leave_cpu(struct xen_cpu *pc)
{
	struct vcpu_register_runstate_memory_area none = { .addr.v = NULL };

	if (!xen.dom0)
		pc->port[VMI_EVENT_CONSOLE] = 0;
	pc->port[VMI_EVENT_CONTROL] = 0;
	event_exit(pc);
	HYPERCALL(vcpu_op, VCPUOP_register_runstate_memory_area, pc->id, &none);
}

s32 vmi_call_EXIT(void)
{
	struct vcpu_register_time_memory_area none = { .addr.v = NULL };
	struct xen_cpu *pc = this_cpu();

	if (xen.stage != STAGE_RUNNING)
		return VMI_E_STATE;
	irq_save();
	control_exit();
	if (!xen.is_pc)
		smp_reset_others(pc->id);
	HYPERCALL(vcpu_op, VCPUOP_stop_singleshot_timer, pc->id, 0);
	HYPERCALL(vcpu_op, VCPUOP_register_vcpu_time_memory_area, xen.cpu[0]->id, &none);
	memset(xen_shared->evtchn_mask, 0xff, sizeof(xen_shared->evtchn_mask));
	for (u32 cpu = 0; cpu < MAX_CPUS; cpu++)
		if (xen.cpu[cpu])
			leave_cpu(xen.cpu[cpu]);
	set_vector(0);
	xen.stage = STAGE_EXIT;
	return pages_unmap_shared() ? VMI_E_PERM : VMI_OK;
}

/* There is no local APIC to ask, no old hardware; CPU_STOP is all of leaving. */
VMI_NOP(IO_DELAY);
VMI_NOP(PERCPU_DONE);
