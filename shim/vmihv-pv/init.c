// SPDX-License-Identifier: MIT
/* Life cycle: INIT, PERCPU_READY, EXIT. Read next: adopt.c. */
#include "pv.h"

SHIM_COLD

s32 vmi_call_INIT(struct vmi_init *init);
s32 vmi_call_PERCPU_READY(u32 cpu, struct pv_cpu *block);
s32 vmi_call_EXIT(void);

union shared_pages shared[MAX_CPUS] __attribute__((aligned(4096)));

static s32 refuse(struct vmi_init *init, s32 error, const char *reason)
{
	u32 i;

	for (i = 0; reason[i] && i < sizeof(init->reason) - 1; i++)
		init->reason[i] = reason[i];
	init->reason[i] = 0;
	return error;
}

static u32 list_bytes(u64 bytes) { return (bytes + PAGE_SIZE - 1) & PAGE_MASK; }

static void host_facts(struct vmi_init *init)
{
	init->features = BACKEND_FEATURES;
	init->host_version = pv.start->version;
	init->tsc_khz = pv.start->tsc_khz;
	init->pte_forbidden = PTE_PSE | PTE_G;
	init->extra_user_cs = VMIHV_KERNEL_CS;
	init->frame_table_bytes = list_bytes(pv_chunk_count * sizeof(*pv_chunks)) +
		list_bytes(pv_owner_count * sizeof(*pv_owners));
	memset(init->host_name, 0, sizeof(init->host_name));
	memcpy(init->host_name, HOST_NAME, sizeof(HOST_NAME));
	memset(init->reason, 0, sizeof(init->reason));
}

static s32 set_entries(void)
{
	u64 at[VMIHV_ENTRIES] = { 0 };

	for (const struct pv_trap_row *r = pv_trap_rows; r < pv_trap_rows_end; r++)
		at[r->nr] = (u64)&r->offset + r->offset;
	return host_set_entries(at);
}

s32 vmi_call_INIT(struct vmi_init *init)
{
	struct pv_cpu *pc = &pv_boot_cpu;

	if (init->magic != VMI_MAGIC_INIT || init->version != VMI_STRUCT_VERSION ||
	    init->size < sizeof(*init) || init->reserved)
		return VMI_E_INVAL;
	if (!pv.start)
		return refuse(init, VMI_E_STATE, "the host did not enter this ROM");
	if (pv.stage != STAGE_BOOT)
		return refuse(init, VMI_E_STATE, "INIT was called before");
	pc->line[BACKEND_FLAG] = BACKEND_FLAG_OFF;
	if (set_entries() || host_share(0, pc))
		return refuse(init, VMI_E_PERM, "vmihv refused the kernel's entry points or pages");
	__asm__ volatile("mov %%cr0, %0" : "=r" (pc->cr0));	/* vmihv does it */
	host_facts(init);
	pv.stage = STAGE_INIT;
	return VMI_OK;
}

int is_ready(u32 cpu)
{
	return cpu < MAX_CPUS && pv.cpu[cpu] && pv.cpu[cpu] != &pv_boot_cpu;
}

/* CPU 0 goes on from what it had until now. */
static s32 arm(u32 cpu, struct pv_cpu *block)
{
	if (cpu)
		memset(block, 0, sizeof(*block));
	else
		*block = pv_boot_cpu;
	block->id = cpu;
	block->self = block;
	block->cr0 = pv_boot_cpu.cr0;
	block->line[BACKEND_FLAG] = BACKEND_FLAG_OFF;
	return host_share(cpu, block);
}

s32 vmi_call_PERCPU_READY(u32 cpu, struct pv_cpu *block)
{
	s32 error;
	u8 flags;

	if (pv.stage != STAGE_INIT && pv.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	if (cpu >= MAX_CPUS || cpu >= pv.start->vcpus || (u64)block & 63 || va_to_pa(block) >> 12 >= pv.pages)
		return VMI_E_INVAL;
	if (is_ready(cpu))
		return VMI_E_STATE;
	flags = irq_save();
	host_run(this_cpu());
	error = arm(cpu, block);
	if (!error)
		pv.cpu[cpu] = block;
	if (!error && !cpu)
		pv_armed = 1;
	irq_restore(flags);
	return error;
}

s32 vmi_call_EXIT(void)
{
	if (pv.stage != STAGE_INIT && pv.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	irq_save();
	host_run(this_cpu());
	for (u32 cpu = 0; cpu < MAX_CPUS && cpu < pv.start->vcpus; cpu++)
		host_unshare(cpu);
	pv.stage = STAGE_EXIT;
	return VMI_OK;
}

/* There is no local APIC, FLUSH_MULTI is all of the flush, CPU_STOP all of leaving. */
VMI_NOP(PERCPU_DONE);
VMI_NOP(IRQ_EOI);
VMI_NOP(SEND_VECTOR);
VMI_NOP(FLUSH_ABSENT);
/* Events have an entry of their own, vmihv's pages are in the guest's memory, and vmi_boot has told what that is. */
VMI_NOP(EVENT_VECTOR);
VMI_NOP(HOST_PAGE);
VMI_NOP(MEMORY_MAP);
