// SPDX-License-Identifier: MIT
/* Descriptor tables. vmihv copies what it allows, so each write has to be told; it makes it in memory too. */
#include "pv.h"

s32 vmi_call_LOAD_GDT(const u64 *frames, u32 entries);
s32 vmi_call_WRITE_GDT_ENTRY(u64 pa, u64 descriptor);
s32 vmi_call_WRITE_LDT_ENTRY(u64 pa, u64 descriptor);
void vmi_call_LOAD_TLS(u64 pa, const u64 *descriptors);
void vmi_call_SET_LDT(const void *ldt, u32 entries);
void vmi_call_PROTECT_LDT(u64 pa, u32 protect);

#define MOST_ENTRIES	496u		/* the rest of a table's first page is vmihv's */

s32 vmi_call_LOAD_GDT(const u64 *frames, u32 entries)
{
	if (!entries || entries > MOST_ENTRIES || frames[0] & ~PAGE_MASK || frames[0] >> 12 >= pv.pages)
		return VMI_E_INVAL;
	if (pv.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	return host_do(PV_GDT, frames[0], entries) ? VMI_E_PERM : VMI_OK;
}

static s32 write_descriptor(u64 pa, u64 descriptor)
{
	if (pa >> 12 >= pv.pages || pa & 7)
		return VMI_E_INVAL;
	return host_do(PV_DESCRIPTOR, pa, descriptor) ? VMI_E_PERM : VMI_OK;
}

s32 vmi_call_WRITE_GDT_ENTRY(u64 pa, u64 descriptor) { return write_descriptor(pa, descriptor); }
s32 vmi_call_WRITE_LDT_ENTRY(u64 pa, u64 descriptor) { return write_descriptor(pa, descriptor); }

/* Of a segment that is still loaded: vmihv would fail to load it again if it preempted us before the switch is over. */
static void drop_fs(const struct pv_cpu *pc)
{
	u16 fs;

	__asm__ volatile("mov %%fs, %0" : "=r" (fs));
	if (fs && pc->lazy == VMI_LAZY_ENTER_CPU)
		__asm__ volatile("mov %0, %%fs" :: "r" (0));
}

void vmi_call_LOAD_TLS(u64 pa, const u64 *descriptors)
{
	u8 flags = irq_save();
	struct pv_cpu *pc = this_cpu();

	for (u32 i = 0; i < 3; i++) {
		if (pc->tls[i] == descriptors[i])
			continue;
		pc->tls[i] = descriptors[i];
		drop_fs(pc);
		host_queue(pc, PV_DESCRIPTOR, pa + i * 8, descriptors[i]);
	}
	if (pc->lazy != VMI_LAZY_ENTER_CPU)
		host_run(pc);
	irq_restore(flags);
}

void vmi_call_SET_LDT(const void *ldt, u32 entries)
{
	pv_may_defer(VMI_LAZY_ENTER_CPU, PV_LDT, entries ? (u64)ldt : 0, entries);
}

void vmi_call_PROTECT_LDT(u64 pa, u32 protect)
{
	u8 flags = irq_save();
	struct pv_cpu *pc = this_cpu();

	mmu_protect(pc, pa & PAGE_MASK, !!protect);
	host_run(pc);
	irq_restore(flags);
}
