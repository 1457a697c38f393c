// SPDX-License-Identifier: MIT
/*
 * Descriptor tables. Xen owns them: a frame with descriptors may have no
 * writable mapping, every write is checked, and privilege levels may be changed
 * on the way, so that what is read back is no proof of what was written.
 */
#include "xen.h"

s32 vmi_call_LOAD_GDT(const u64 *frames, u32 entries);
s32 vmi_call_WRITE_GDT_ENTRY(u64 pa, u64 descriptor);
s32 vmi_call_WRITE_LDT_ENTRY(u64 pa, u64 descriptor);
void vmi_call_LOAD_TLS(u64 pa, const u64 *descriptors);
void vmi_call_SET_LDT(const void *ldt, u32 entries);
void vmi_call_PROTECT_LDT(u64 pa, u32 protect);

static int has_frame(const u64 *frames, u32 n, u64 pa)
{
	for (u32 i = 0; i < n; i++)
		if (frames[i] == pa)
			return 1;
	return 0;
}

/* The frames that this CPU's GDT had before and has no more are plain memory again. */
static void release_gdt(struct xen_cpu *pc, const u64 *frames, u32 pages)
{
	for (u32 i = 0; i < pc->gdt_pages; i++)
		if (!has_frame(frames, pages, pc->gdt[i]))
			mmu_protect(pc, pc->gdt[i], 0);
	memcpy(pc->gdt, frames, pages * sizeof(*frames));
	pc->gdt_pages = pages;
	batch_run(pc);
}

/** With interrupts off. */
s32 desc_load_gdt(struct xen_cpu *pc, const u64 *frames, u32 pages, u32 entries)
{
	u64 mfns[GDT_FRAMES];

	for (u32 i = 0; i < pages; i++) {
		if (frames[i] & ~PAGE_MASK || frames[i] >> 12 >= xen_nr_pages)
			return VMI_E_INVAL;
		mfns[i] = pfn_to_mfn(frames[i] >> 12);
		mmu_protect(pc, frames[i], 1);
	}
	if (batch_run(pc) || HYPERCALL(set_gdt, mfns, entries))
		return VMI_E_PERM;
	release_gdt(pc, frames, pages);
	return VMI_OK;
}

s32 vmi_call_LOAD_GDT(const u64 *frames, u32 entries)
{
	u32 pages = (entries + 511) / 512;
	s32 error;
	u8 flags;

	if (!entries || entries > FIRST_RESERVED_GDT_ENTRY)
		return VMI_E_INVAL;
	if (xen.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	flags = irq_save();
	error = desc_load_gdt(this_cpu(), frames, pages, entries);
	irq_restore(flags);
	return error;
}

static s32 write_descriptor(u64 pa, u64 descriptor)
{
	if (pa >> 12 >= xen_nr_pages || pa & 7)
		return VMI_E_INVAL;
	return HYPERCALL(update_descriptor, pa_to_ma(pa), descriptor) ? VMI_E_PERM : VMI_OK;
}

s32 vmi_call_WRITE_GDT_ENTRY(u64 pa, u64 descriptor)
{
	return write_descriptor(pa, descriptor);
}

s32 vmi_call_WRITE_LDT_ENTRY(u64 pa, u64 descriptor)
{
	return write_descriptor(pa, descriptor);
}

/*
 * A deferred descriptor may change under a selector that is still loaded; Xen
 * would then fail to reload it if it preempts us before the next task's own
 * selectors are in. Load a null one first: the switch loads FS anyway.
 */
static void drop_fs(const struct xen_cpu *pc)
{
	u16 fs;

	__asm__ volatile("mov %%fs, %0" : "=r" (fs));
	if (fs && pc->lazy == VMI_LAZY_ENTER_CPU)
		__asm__ volatile("mov %0, %%fs" :: "r" (0));
}

void vmi_call_LOAD_TLS(u64 pa, const u64 *descriptors)
{
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();

	for (u32 i = 0; i < 3; i++) {
		if (pc->tls[i] == descriptors[i])
			continue;
		pc->tls[i] = descriptors[i];
		drop_fs(pc);
		batch_call(pc, __HYPERVISOR_update_descriptor, pa_to_ma(pa + i * 8), descriptors[i]);
	}
	if (pc->lazy != VMI_LAZY_ENTER_CPU)
		batch_run(pc);
	irq_restore(flags);
}

void vmi_call_SET_LDT(const void *ldt, u32 entries)
{
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();

	batch_op(pc, MMUEXT_SET_LDT, entries ? (u64)ldt : 0, entries);
	if (pc->lazy != VMI_LAZY_ENTER_CPU)
		batch_run(pc);
	irq_restore(flags);
}

void vmi_call_PROTECT_LDT(u64 pa, u32 protect)
{
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();

	mmu_protect(pc, pa & PAGE_MASK, !!protect);
	batch_run(pc);
	irq_restore(flags);
}
