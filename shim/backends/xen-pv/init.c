// SPDX-License-Identifier: MIT
/* Life cycle: INIT, PERCPU_READY, EXIT. Read next: adopt.c. */
#include "xen.h"
#include <xen/physdev.h>
#include <xen/version.h>

SHIM_COLD

s32 vmi_call_INIT(struct vmi_init *init);
s32 vmi_call_PERCPU_READY(u32 cpu, struct xen_cpu *block);
s32 vmi_call_EXIT(void);

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
	long version = HYPERCALL(xen_version, XENVER_version, 0);

	init->features = BACKEND_FEATURES;
	init->host_version = version;
	init->tsc_khz = time_tsc_khz();
	init->pte_forbidden = PTE_PSE | PTE_G;
	init->extra_user_cs = FLAT_RING3_CS64;
	init->frame_table_bytes = (xen.all_pages * sizeof(u64) + PAGE_SIZE - 1) & PAGE_MASK;
	memset(init->host_name, 0, sizeof(init->host_name));
	memcpy(init->host_name, "Xen PV", 6);
	memset(init->reason, 0, sizeof(init->reason));
}

static s32 check_init(struct vmi_init *init)
{
	if (init->magic != VMI_MAGIC_INIT || init->version != VMI_STRUCT_VERSION ||
	    init->size < sizeof(*init))
		return VMI_E_INVAL;
	if (!xen.si)
		return refuse(init, VMI_E_STATE, "the host did not enter this ROM: boot a bundle");
	if (xen.stage != STAGE_BOOT)
		return refuse(init, VMI_E_STATE, "INIT was called before");
	if (xen.pool_pfn + xen.pool_pages + xen.p2m_pages > xen_nr_pages)
		return refuse(init, VMI_E_NOMEM, "too little memory for the page tables of a direct map");
	return init->reserved ? VMI_E_INVAL : 0;
}

s32 vmi_call_INIT(struct vmi_init *init)
{
	struct xen_cpu *pc = &xen_boot_cpu;
	struct physdev_set_iopl iopl = { 1 };
	s32 error = check_init(init);

	if (error)
		return error;
	pc->vi->evtchn_upcall_mask = 1;
	if (cpu_set_traps())
		return refuse(init, VMI_E_PERM, "Xen refused the kernel's entry points");
	if (event_init(pc))
		return refuse(init, VMI_E_PERM, "Xen gave no event channel for the timer");
	/* A write to a live level 1 entry that was not announced still works, by a trap. */
	HYPERCALL(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	/* Port access of the kernel, which is level 1 to Xen, is then Xen's to decide. */
	HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, &iopl);
	HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
	HYPERCALL(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag);
	pc->up = 1;
	cpu_init(pc);
	console_init(pc);
	control_init(pc);
	host_facts(init);
	xen.stage = STAGE_INIT;
	return VMI_OK;
}

/** The block's vcpu_info becomes the CPU's; Xen carries the contents over. */
s32 register_block(u32 cpu, struct xen_cpu *block)
{
	u64 pa = va_to_pa(block);
	struct vcpu_register_vcpu_info info = { .mfn = pfn_to_mfn(pa >> 12), .offset = pa & 4095 };

	switch (HYPERCALL(vcpu_op, VCPUOP_register_vcpu_info, cpu, &info)) {
	case 0:
		return VMI_OK;
	case -XEN_ENOENT:
		return VMI_E_INVAL;
	}
	return VMI_E_PERM;
}

/* CPU 0 goes on from what it had until now; another one has nothing, and interrupts off. */
static s32 arm(u32 cpu, struct xen_cpu *block)
{
	s32 error;

	if (cpu)
		memset(block, 0, sizeof(*block));
	else
		*block = xen_boot_cpu;
	error = register_block(cpu, block);
	if (error)
		return error;
	block->id = cpu;
	block->self = block;
	block->vi = &block->vcpu;
	block->vi->evtchn_upcall_mask = 1;
	smp_register_runstate(block);
	return cpu && event_init(block) ? VMI_E_NOMEM : VMI_OK;
}

static int misplaced(const struct xen_cpu *block)
{
	u64 pa = va_to_pa(block);

	return (u64)block & 63 || pa >> 12 >= xen_nr_pages;
}

s32 vmi_call_PERCPU_READY(u32 cpu, struct xen_cpu *block)
{
	s32 error;
	u8 flags;

	if (xen.stage != STAGE_INIT && xen.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	if (cpu >= MAX_CPUS || misplaced(block))
		return VMI_E_INVAL;
	if (xen.cpu[cpu] && xen.cpu[cpu] != &xen_boot_cpu)
		return VMI_E_STATE;
	flags = irq_save();
	batch_run(this_cpu());
	error = arm(cpu, block);
	if (!error)
		xen.cpu[cpu] = block;
	if (!error && !cpu)
		xen_armed = 1;
	irq_restore(flags);
	return error;
}

s32 vmi_call_EXIT(void)
{
	struct xen_cpu *pc = this_cpu();

	if (xen.stage != STAGE_INIT && xen.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	irq_save();
	batch_run(pc);
	HYPERCALL(vcpu_op, VCPUOP_stop_singleshot_timer, pc->id, 0);
	for (u32 cpu = 0; cpu < MAX_CPUS; cpu++)
		if (xen.cpu[cpu])
			event_exit(xen.cpu[cpu]);
	xen.stage = STAGE_EXIT;
	return VMI_OK;
}
