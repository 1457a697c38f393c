// SPDX-License-Identifier: MIT
/*
 * Page-table updates, table life and flushes. An entry is named by a pointer
 * into the direct map or the image; vmihv wants its guest-physical address. Values come
 * with the machine's frames already (MAKE_PTE). Read next: the backend's host.c.
 */
#include "pv.h"

void vmi_call_SET_PTE(u64 *entry, u64 value);
void vmi_call_SET_PMD(u64 *entry, u64 value);
void vmi_call_SET_PUD(u64 *entry, u64 value);
void vmi_call_SET_P4D(u64 *entry, u64 value);
void vmi_call_PROT_COMMIT(u64 *entry, u64 value);
void vmi_call_SET_PTE_AT(u64 *entry, u64 value, u64 va);
u64 vmi_call_TAKE_PTE(u64 *entry, u32 flags);
u64 vmi_call_CLEAR_PTE_BITS(u64 *entry, u64 bits, u32 flags);
s32 vmi_call_ADD_TABLES(const struct vmi_table *tables, u32 count);
s32 vmi_call_REMOVE_TABLES(const struct vmi_table *tables, u32 count);
void vmi_call_WRITE_CR2(u64 value);
void vmi_call_WRITE_CR3(u64 value);
void vmi_call_FLUSH_USER(void);
void vmi_call_FLUSH_KERNEL(void);
FAST_CALL void vmi_call_FLUSH_ONE(u64 va);
s32 vmi_call_FLUSH_MULTI(const u64 *cpus, u32 bits, u64 va);
void vmi_call_LAZY_MODE(u32 op);

s32 pv_may_defer(u8 mode, enum pv_op op, u64 a, u64 b)
{
	struct pv_cpu *pc;
	u8 flags;

	if (this_cpu()->lazy != mode)
		return host_do(op, a, b);
	flags = irq_save();
	pc = this_cpu();
	host_queue(pc, op, a, b);
	irq_restore(flags);
	return 0;
}

/** Queued in lazy mode, done at once otherwise. */
void mmu_write(u64 *entry, u64 value, enum pv_op op)
{
	pv_may_defer(VMI_LAZY_ENTER_MMU, op, va_to_pa(entry), value);
}

void vmi_call_SET_PTE(u64 *entry, u64 value) { mmu_write(entry, value, PV_SET); }
void vmi_call_SET_PMD(u64 *entry, u64 value) { mmu_write(entry, value, PV_SET); }
void vmi_call_SET_PUD(u64 *entry, u64 value) { mmu_write(entry, value, PV_SET); }
void vmi_call_PROT_COMMIT(u64 *entry, u64 value) { mmu_write(entry, value, PV_KEEP); }

void vmi_call_SET_PTE_AT(u64 *entry, u64 value, u64 va)
{
	(void)va;
	mmu_write(entry, value, PV_SET);
}

/* User mode runs on the companion, which has the lower half only. */
void vmi_call_SET_P4D(u64 *entry, u64 value)
{
	u64 pa = va_to_pa(entry);
	u8 flags = irq_save();
	struct pv_cpu *pc = this_cpu();

	host_queue(pc, PV_SET, pa, value);
	if ((pa & 4095) < PAGE_SIZE / 2)
		host_queue(pc, PV_SET, pa + PAGE_SIZE, value);
	if (pc->lazy != VMI_LAZY_ENTER_MMU)
		host_run(pc);
	irq_restore(flags);
}

/* What the entry is once all that is queued for it is done. */
static u64 read_entry(const u64 *entry)
{
	struct pv_cpu *pc;
	u8 flags;

	if (this_cpu()->lazy == VMI_LAZY_ENTER_MMU) {
		flags = irq_save();
		pc = this_cpu();
		if (host_has(pc, va_to_pa(entry)))
			host_run(pc);
		irq_restore(flags);
	}
	return *(const volatile u64 *)entry;
}

u64 vmi_call_TAKE_PTE(u64 *entry, u32 flags)
{
	u64 old = read_entry(entry);

	if (old & PTE_P && !(flags & VMI_RMW_PRIVATE))
		return host_take(va_to_pa(entry));
	if (old)
		mmu_write(entry, 0, PV_SET);
	return old;
}

u64 vmi_call_CLEAR_PTE_BITS(u64 *entry, u64 bits, u32 flags)
{
	u64 old = read_entry(entry);

	if (!(old & bits))
		return old;
	if (flags & VMI_RMW_PRIVATE)
		mmu_write(entry, old & ~bits, PV_SET);
	else if (bits & (PTE_A | PTE_D))
		return host_clear(va_to_pa(entry), bits);
	else
		mmu_write(entry, old & ~bits, PV_KEEP);
	return old;
}

static u64 pfn_of(u64 e)
{
	u64 mfn = (e & PTE_FRAME) >> 12;

	return (u64)pv_owners[mfn >> 9] << 9 | (mfn & 511);
}

/** The live level 1 entry for a linear address, or NULL. */
u64 *mmu_walk(u64 va)
{
	u64 e, table = this_cpu()->cr3;

	for (int shift = 39; shift > 12; shift -= 9) {
		e = ((u64 *)pa_to_va(table))[va >> shift & 511];
		if (!(e & PTE_P))
			return NULL;
		table = pfn_of(e) * PAGE_SIZE;
	}
	return (u64 *)pa_to_va(table) + (va >> 12 & 511);
}

/* Queues the change of one mapping of pfn, if it is one. */
static void protect_entry(struct pv_cpu *pc, const u64 *entry, u64 pfn, int read_only)
{
	u64 e = *entry;
	u64 wanted = read_only ? e & ~PTE_RW : e | PTE_RW;

	if (e & PTE_P && !((e ^ pv_entry(pfn, 0)) & PTE_FRAME) && e != wanted)
		host_queue(pc, PV_SET, va_to_pa(entry), wanted);
}

/** Queues: the frame's alias in the direct map, and in the image, to read-only or writable. */
void mmu_protect(struct pv_cpu *pc, u64 pa, int read_only)
{
	u64 pfn = pa >> 12, va = pa + pv.image_offset;
	u64 *entry;

	if (pfn >= pv.pages)
		return;
	protect_entry(pc, (u64 *)pa_to_va(pv.dm_l1) + pfn, pfn, read_only);
	if (va < pv.image_va || va >= pv.image_end)
		return;
	entry = mmu_walk(va);
	if (entry)
		protect_entry(pc, entry, pfn, read_only);
}

static s32 check_tables(const struct vmi_table *tables, u32 count)
{
	if (pv.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	for (u32 i = 0; i < count; i++)
		if (tables[i].pa & ~PAGE_MASK || tables[i].pa >> 12 >= pv.pages ||
		    tables[i].level - 1 > 3 || tables[i].flags & ~VMI_TABLE_APART ||
		    (tables[i].flags && tables[i].level != 1))
			return VMI_E_INVAL;
	return VMI_OK;
}

/*
 * A root comes with its companion; vmihv looks at lower levels when they are linked,
 * at those that stand apart at once.
 */
static void queue_table(struct pv_cpu *pc, const struct vmi_table *t, int live)
{
	enum pv_op op = live ? PV_TABLE : PV_PLAIN;

	if (t->level != 4 && !(t->flags & VMI_TABLE_APART))
		return;
	host_queue(pc, op, t->pa, t->level);
	if (t->level == 4)
		host_queue(pc, op, t->pa + PAGE_SIZE, t->level);
}

static void protect_table(struct pv_cpu *pc, const struct vmi_table *t, int read_only)
{
	mmu_protect(pc, t->pa, read_only);
	if (t->level == 4)
		mmu_protect(pc, t->pa + PAGE_SIZE, read_only);
}

s32 vmi_call_ADD_TABLES(const struct vmi_table *tables, u32 count)
{
	s32 error = check_tables(tables, count);
	struct pv_cpu *pc;
	u8 flags;

	if (error)
		return error;
	flags = irq_save();
	pc = this_cpu();
	host_run(pc);				/* what waited is not this call's */
	for (u32 i = 0; i < count; i++)
		protect_table(pc, &tables[i], 1);
	for (u32 i = 0; i < count; i++)
		queue_table(pc, &tables[i], 1);
	error = host_run(pc) ? VMI_E_PERM : VMI_OK;
	irq_restore(flags);
	return error;
}

s32 vmi_call_REMOVE_TABLES(const struct vmi_table *tables, u32 count)
{
	s32 error = check_tables(tables, count);
	struct pv_cpu *pc;
	u8 flags;

	if (error)
		return error;
	flags = irq_save();
	pc = this_cpu();
	host_run(pc);
	for (u32 i = 0; i < count; i++)
		queue_table(pc, &tables[i], 0);
	for (u32 i = 0; i < count; i++)
		protect_table(pc, &tables[i], 0);
	error = host_run(pc) ? VMI_E_PERM : VMI_OK;
	irq_restore(flags);
	return error;
}

void vmi_call_WRITE_CR2(u64 value)
{
	*(volatile u64 *)&this_cpu()->line[BACKEND_FAULT] = value;
}

void vmi_call_WRITE_CR3(u64 value)
{
	u64 pa = value & PTE_FRAME;
	u8 flags = irq_save();
	struct pv_cpu *pc = this_cpu();

	pc->cr3 = pa;
	host_queue(pc, PV_ROOTS, pa, pa + PAGE_SIZE);
	if (pc->lazy != VMI_LAZY_ENTER_CPU)
		host_run(pc);
	irq_restore(flags);
}

/* A flush is for what was queued before it: both go out together. */
static void flush(u64 va, u64 set)
{
	u8 flags = irq_save();
	struct pv_cpu *pc = this_cpu();

	host_queue(pc, PV_FLUSH, va, set ? set : 1ull << pc->id);
	host_run(pc);
	irq_restore(flags);
}

void vmi_call_FLUSH_USER(void) { flush(PV_WHOLE, 0); }
void vmi_call_FLUSH_KERNEL(void) { flush(PV_WHOLE, 0); }

/* Of the user half in lazy mode: nothing uses it before that ends. */
FAST_CALL void vmi_call_FLUSH_ONE(u64 va)
{
	u8 flags = irq_save();
	struct pv_cpu *pc = this_cpu();

	host_queue(pc, PV_FLUSH, va, 1ull << pc->id);
	if (pc->lazy != VMI_LAZY_ENTER_MMU || va >> 47)
		host_run(pc);
	irq_restore(flags);
}

/* One that is down or does not run has nothing to flush: vmihv asks those only that run. */
s32 vmi_call_FLUSH_MULTI(const u64 *cpus, u32 bits, u64 va)
{
	u64 set = bits < 64 ? cpus[0] & ((1ull << bits) - 1) : cpus[0];

	if (bits > 64)
		return VMI_E_INVAL;
	if (set)
		flush(va == VMI_FLUSH_ALL ? PV_WHOLE : va, set);
	return VMI_OK;
}

void vmi_call_LAZY_MODE(u32 op)
{
	u8 flags = irq_save();
	struct pv_cpu *pc = this_cpu();

	if (op == VMI_LAZY_LEAVE || op == VMI_LAZY_FLUSH)
		host_run(pc);
	if (op == VMI_LAZY_LEAVE || op == VMI_LAZY_ENTER_MMU || op == VMI_LAZY_ENTER_CPU)
		pc->lazy = op;
	irq_restore(flags);
}
