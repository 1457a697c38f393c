// SPDX-License-Identifier: MIT
/*
 * Page-table updates, table life and flushes. An entry is named by a pointer
 * into the direct map or the image; Xen wants its machine address. Values come
 * with machine frames already (MAKE_PTE). Read next: batch.c.
 */
#include "xen.h"

void vmi_call_SET_PTE(u64 *entry, u64 value);
void vmi_call_SET_PMD(u64 *entry, u64 value);
void vmi_call_SET_PUD(u64 *entry, u64 value);
void vmi_call_SET_P4D(u64 *entry, u64 value);
void vmi_call_PROT_COMMIT(u64 *entry, u64 value);
void vmi_call_SET_PTE_AT(u64 *entry, u64 value, u64 va);
s32 vmi_call_ADD_TABLES(const struct vmi_table *tables, u32 count);
s32 vmi_call_REMOVE_TABLES(const struct vmi_table *tables, u32 count);
void vmi_call_WRITE_CR2(u64 value);
void vmi_call_WRITE_CR3(u64 value);
void vmi_call_FLUSH_USER(void);
void vmi_call_FLUSH_KERNEL(void);
FAST_CALL void vmi_call_FLUSH_ONE(u64 va);
s32 vmi_call_FLUSH_MULTI(const u64 *cpus, u32 bits, u64 va);
void vmi_call_LAZY_MODE(u32 op);

/** At once. */
void mmu_write(u64 *entry, u64 value, u32 kind)
{
	struct mmu_update u = { pa_to_ma(va_to_pa(entry)) | kind, value };
	long error = HYPERCALL(mmu_update, &u, 1, 0, DOMID_SELF);

	if (error)
		xen_report("page-table entry", error, u.ptr, u.val);
}

/** Queued in lazy mode, done at once otherwise. */
void mmu_update_entry(u64 *entry, u64 value, u32 kind)
{
	struct xen_cpu *pc = this_cpu();
	u8 flags;

	if (pc->lazy != VMI_LAZY_ENTER_MMU) {
		mmu_write(entry, value, kind);
		return;
	}
	flags = irq_save();
	batch_update(pc, pa_to_ma(va_to_pa(entry)) | kind, value);
	irq_restore(flags);
}

void vmi_call_SET_PTE(u64 *entry, u64 value)
{
	mmu_update_entry(entry, value, MMU_NORMAL_PT_UPDATE);
}

void vmi_call_SET_PMD(u64 *entry, u64 value)
{
	mmu_update_entry(entry, value, MMU_NORMAL_PT_UPDATE);
}

void vmi_call_SET_PUD(u64 *entry, u64 value)
{
	mmu_update_entry(entry, value, MMU_NORMAL_PT_UPDATE);
}

void vmi_call_PROT_COMMIT(u64 *entry, u64 value)
{
	mmu_update_entry(entry, value, MMU_PT_UPDATE_PRESERVE_AD);
}

/* By its linear address Xen finds an entry of the tables in use faster. */
void vmi_call_SET_PTE_AT(u64 *entry, u64 value, u64 va)
{
	long error;

	if (this_cpu()->lazy == VMI_LAZY_ENTER_MMU) {
		mmu_update_entry(entry, value, MMU_NORMAL_PT_UPDATE);
		return;
	}
	error = HYPERCALL(update_va_mapping, va, value, UVMF_NONE);
	if (error)
		xen_report("page-table entry", error, va, value);
}

/* User mode runs on the companion, which has the lower half only. */
void vmi_call_SET_P4D(u64 *entry, u64 value)
{
	struct xen_cpu *pc;
	u64 ma = pa_to_ma(va_to_pa(entry));
	u64 user_ma = pa_to_ma(va_to_pa(entry) + PAGE_SIZE);
	u8 flags = irq_save();

	pc = this_cpu();
	batch_update(pc, ma, value);
	if ((ma & 4095) < PAGE_SIZE / 2)
		batch_update(pc, user_ma, value);
	if (pc->lazy != VMI_LAZY_ENTER_MMU)
		batch_run(pc);
	irq_restore(flags);
}

/** The live level 1 entry for a linear address, or NULL. */
u64 *mmu_walk(u64 va)
{
	u64 e, table = this_cpu()->cr3;

	for (int shift = 39; shift > 12; shift -= 9) {
		e = ((u64 *)pa_to_va(table))[va >> shift & 511];
		if (!(e & PTE_P))
			return NULL;
		table = xen_m2p[entry_to_mfn(e)] * PAGE_SIZE;
	}
	return (u64 *)pa_to_va(table) + (va >> 12 & 511);
}

/* Queues the change of one mapping of pfn, if it is one. */
static void protect_entry(struct xen_cpu *pc, const u64 *entry, u64 pfn, int read_only)
{
	u64 e = *entry;
	u64 wanted = read_only ? e & ~PTE_RW : e | PTE_RW;

	if (e & PTE_P && entry_to_mfn(e) == xen_p2m[pfn] && e != wanted)
		batch_update(pc, pa_to_ma(va_to_pa(entry)), wanted);
}

/** Queues: the frame's alias in the direct map, and in the image, to read-only or writable. */
void mmu_protect(struct xen_cpu *pc, u64 pa, int read_only)
{
	u64 pfn = pa >> 12, va = pa + xen.image_offset;
	u64 *entry;

	if (pfn >= xen_nr_pages)
		return;
	protect_entry(pc, (u64 *)pa_to_va(xen.dm_l1_pfn * PAGE_SIZE) + pfn, pfn, read_only);
	if (va < xen.image_va || va >= xen.image_end)
		return;
	entry = mmu_walk(va);
	if (entry)
		protect_entry(pc, entry, pfn, read_only);
}

static s32 check_tables(const struct vmi_table *tables, u32 count)
{
	if (xen.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	for (u32 i = 0; i < count; i++)
		if (tables[i].pa & ~PAGE_MASK || tables[i].pa >> 12 >= xen_nr_pages ||
		    tables[i].level - 1 > 3 || tables[i].flags & ~VMI_TABLE_APART ||
		    (tables[i].flags && tables[i].level != 1))
			return VMI_E_INVAL;
	return VMI_OK;
}

/*
 * A root comes with its companion; Xen checks the lower levels when they are linked,
 * those that stand apart at once.
 */
static void queue_pin(struct xen_cpu *pc, const struct vmi_table *t, int pin)
{
	u64 pfn = t->pa >> 12;
	u32 cmd = t->level == 1 ? MMUEXT_PIN_L1_TABLE : MMUEXT_PIN_L4_TABLE;

	if (t->level != 4 && !(t->flags & VMI_TABLE_APART))
		return;
	cmd = pin ? cmd : MMUEXT_UNPIN_TABLE;
	batch_op(pc, cmd, pfn_to_mfn(pfn), 0);
	if (t->level == 4)
		batch_op(pc, cmd, pfn_to_mfn(pfn + 1), 0);
}

static void protect_table(struct xen_cpu *pc, const struct vmi_table *t, int read_only)
{
	mmu_protect(pc, t->pa, read_only);
	if (t->level == 4)
		mmu_protect(pc, t->pa + PAGE_SIZE, read_only);
}

s32 vmi_call_ADD_TABLES(const struct vmi_table *tables, u32 count)
{
	s32 error = check_tables(tables, count);
	struct xen_cpu *pc;
	u8 flags;

	if (error)
		return error;
	flags = irq_save();
	pc = this_cpu();
	for (u32 i = 0; i < count; i++)
		protect_table(pc, &tables[i], 1);
	for (u32 i = 0; i < count; i++)
		queue_pin(pc, &tables[i], 1);
	if (batch_run(pc))
		error = VMI_E_PERM;
	irq_restore(flags);
	return error;
}

s32 vmi_call_REMOVE_TABLES(const struct vmi_table *tables, u32 count)
{
	s32 error = check_tables(tables, count);
	struct xen_cpu *pc;
	u8 flags;

	if (error)
		return error;
	flags = irq_save();
	pc = this_cpu();
	for (u32 i = 0; i < count; i++)
		queue_pin(pc, &tables[i], 0);
	for (u32 i = 0; i < count; i++)
		protect_table(pc, &tables[i], 0);
	if (batch_run(pc))
		error = VMI_E_PERM;
	irq_restore(flags);
	return error;
}

void vmi_call_WRITE_CR2(u64 value)
{
	this_cpu()->vi->arch.cr2 = value;
}

void vmi_call_WRITE_CR3(u64 value)
{
	u64 pfn = entry_to_mfn(value);
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();

	pc->cr3 = pfn * PAGE_SIZE;
	batch_op(pc, MMUEXT_NEW_BASEPTR, pfn_to_mfn(pfn), 0);
	batch_op(pc, MMUEXT_NEW_USER_BASEPTR, pfn_to_mfn(pfn + 1), 0);
	if (pc->lazy != VMI_LAZY_ENTER_CPU)
		batch_run(pc);
	irq_restore(flags);
}

/* A flush is for what was queued before it: both go out together. */
static void flush(u32 cmd, u64 arg1, u64 arg2)
{
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();

	batch_op(pc, cmd, arg1, arg2);
	batch_run(pc);
	irq_restore(flags);
}

void vmi_call_FLUSH_USER(void)
{
	flush(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
}

void vmi_call_FLUSH_KERNEL(void)
{
	flush(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
}

/* Of the user half in lazy mode: nothing uses it before that ends. */
FAST_CALL void vmi_call_FLUSH_ONE(u64 va)
{
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();

	batch_op(pc, MMUEXT_INVLPG_LOCAL, va, 0);
	if (pc->lazy != VMI_LAZY_ENTER_MMU || va >> 47)
		batch_run(pc);
	irq_restore(flags);
}

/*
 * Xen reads as many bits as the domain has CPUs, whatever the guest counts. A CPU
 * that is down or does not run has nothing to flush: Xen sends to those only whose
 * translations a processor may still hold.
 */
s32 vmi_call_FLUSH_MULTI(const u64 *cpus, u32 bits, u64 va)
{
	u64 mask[MASK_WORDS] = { 0 };

	if (bits > MASK_WORDS * 64)
		return VMI_E_INVAL;
	for (u32 i = 0; i < bits; i++)
		mask[i / 64] |= cpus[i / 64] & 1ull << i % 64;
	if (va == VMI_FLUSH_ALL)
		flush(MMUEXT_TLB_FLUSH_MULTI, 0, (u64)mask);
	else
		flush(MMUEXT_INVLPG_MULTI, va, (u64)mask);
	return VMI_OK;
}

void vmi_call_LAZY_MODE(u32 op)
{
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();

	if (op == VMI_LAZY_LEAVE || op == VMI_LAZY_FLUSH)
		batch_run(pc);
	if (op == VMI_LAZY_LEAVE || op == VMI_LAZY_ENTER_MMU || op == VMI_LAZY_ENTER_CPU)
		pc->lazy = op;
	irq_restore(flags);
}
