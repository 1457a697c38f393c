// SPDX-License-Identifier: MIT
/*
 * ADOPT: from Xen's bootstrap tables to the kernel's own.
 *
 * Xen accepts a frame as a page table only while nothing maps it writable, and
 * checks every entry below a root when the root is pinned. So: collect the
 * kernel's tables; convert their entries to machine frames, read-only where they
 * map a table; build the direct map in frames of the pool; make the bootstrap
 * map's entries for all of these read-only; pin; switch; drop the bootstrap.
 */
#include "xen.h"

SHIM_COLD

#define MAX_TABLES	64		/* of the kernel's image */
#define XEN_SLOT_FIRST	256		/* top-level slots that are Xen's own */
#define XEN_SLOT_LAST	271
#define LEAF_BITS	(PTE_P | PTE_RW | PTE_US | 0x18 | PTE_A | PTE_D | PTE_NX)
#define TABLE_BITS	(PTE_P | PTE_RW | PTE_US | PTE_A)

s32 vmi_call_ADOPT(const struct vmi_adopt *adopt);

/** The tables of the image, and how far ADOPT has come. */
struct adoption {
	const struct vmi_adopt *in;
	u32 tables;
	u32 pool_used;
	u32 done;			/* tables converted */
	s32 error;
	struct table {
		u64 pfn;
		u32 level;
		u64 va;			/* that its first entry maps */
	} table[MAX_TABLES];
};

static struct adoption adoption;

/* A page of ours through which frames outside the bootstrap map are filled. */
static u64 scratch[ENTRIES] __attribute__((aligned(PAGE_SIZE)));

static void map_scratch(u64 pfn)
{
	HYPERCALL(update_va_mapping, scratch,
		  pfn_to_mfn(pfn) << 12 | PTE_P | PTE_RW | PTE_A | PTE_D | PTE_US, UVMF_INVLPG);
}

static u64 level_bytes(u32 level) { return 1ull << (12 + 9 * (level - 1)); }
static u64 *table_at(u64 pfn) { return (u64 *)(xen.image_offset + pfn * PAGE_SIZE); }

static int in_image(const struct adoption *a, u64 va, u64 bytes)
{
	return va < a->in->image_end && va + bytes - 1 >= a->in->image_va;
}

/* Xen's bootstrap tables: live until we have switched. */
static u64 boot_tables(void) { return (xen.si->pt_base - xen.image_offset) >> 12; }

static int is_table(const struct adoption *a, u64 pfn)
{
	if (pfn - xen.pool_pfn < xen.pool_pages || pfn - boot_tables() < xen.si->nr_pt_frames)
		return 1;
	for (u32 i = 0; i < a->tables; i++)
		if (a->table[i].pfn == pfn)
			return 1;
	return 0;
}

static struct table *find_table(struct adoption *a, u64 pfn)
{
	for (u32 i = 0; i < a->tables; i++)
		if (a->table[i].pfn == pfn)
			return &a->table[i];
	return NULL;
}

/* A table that is linked twice counts where it maps the image. */
static void collect(struct adoption *a, u64 pfn, u32 level, u64 va)
{
	u64 at = xen.image_offset + pfn * PAGE_SIZE;
	struct table *known = find_table(a, pfn);

	if (known && in_image(a, va, level_bytes(level + 1)))
		known->va = va;
	if (known)
		return;
	if (!in_image(a, at, PAGE_SIZE) || a->tables == MAX_TABLES) {
		a->error = a->tables == MAX_TABLES ? VMI_E_NOMEM : VMI_E_INVAL;
		return;
	}
	a->table[a->tables++] = (struct table){ pfn, level, va };
}

/* Which entries of the root are the kernel's to keep. */
static int kept(const struct adoption *a, u32 level, u32 i)
{
	return level < 4 || (i > XEN_SLOT_LAST && i != (a->in->direct_map >> 39 & 511));
}

static u64 entry_va(const struct table *t, u32 i)
{
	u64 va = t->va + i * level_bytes(t->level);

	return va & 1ull << 47 ? va | 0xffffull << 48 : va;
}

static int is_child(u64 e, u32 level)
{
	return e & PTE_P && level > 1 && !(e & PTE_PSE);
}

/* Breadth first: the list grows while it is walked. */
static void collect_all(struct adoption *a)
{
	for (u32 n = 0; n < a->tables && !a->error; n++) {
		const struct table *t = &a->table[n];
		const u64 *entries = table_at(t->pfn);

		for (u32 i = 0; i < ENTRIES && t->level > 1; i++)
			if (is_child(entries[i], t->level) && kept(a, t->level, i))
				collect(a, entry_to_mfn(entries[i]), t->level - 1, entry_va(t, i));
	}
}

static u64 leaf(const struct adoption *a, u64 pfn, u64 bits)
{
	u64 mfn = pfn_to_mfn(pfn);

	if ((s64)mfn < 0 || pfn >= xen_nr_pages)
		return 0;
	if (is_table(a, pfn))
		bits &= ~PTE_RW;
	return mfn << 12 | bits;
}

/* A large page of level 2 becomes a table of 4 KiB pages, those of the image only. */
static u64 split(struct adoption *a, u64 e, u64 va)
{
	u64 pfn = xen.pool_pfn + a->pool_used, to = entry_to_mfn(e) & ~511ull;

	if (a->pool_used == xen.pool_pages) {
		a->error = VMI_E_NOMEM;
		return 0;
	}
	a->pool_used++;
	map_scratch(pfn);
	for (u32 i = 0; i < ENTRIES; i++)
		scratch[i] = in_image(a, va + i * PAGE_SIZE, PAGE_SIZE) ?
			leaf(a, to + i, e & LEAF_BITS) : 0;
	return pfn_to_mfn(pfn) << 12 | TABLE_BITS;
}

static u64 convert_leaf(struct adoption *a, u64 e, u32 level, u64 va)
{
	if (!in_image(a, va, level_bytes(level)))
		return 0;
	if (level == 1)
		return leaf(a, entry_to_mfn(e), e & LEAF_BITS);
	if (level == 2)
		return split(a, e, va);
	a->error = VMI_E_INVAL;		/* nobody links a kernel with 1 GiB pages */
	return 0;
}

static void convert(struct adoption *a, const struct table *t)
{
	u64 *entries = table_at(t->pfn);

	for (u32 i = 0; i < ENTRIES; i++) {
		u64 e = entries[i];

		if (!(e & PTE_P))
			continue;
		if (!kept(a, t->level, i))
			entries[i] = 0;
		else if (is_child(e, t->level))
			entries[i] = pfn_to_mfn(entry_to_mfn(e)) << 12 | (e & TABLE_BITS);
		else
			entries[i] = convert_leaf(a, e, t->level, entry_va(t, i));
	}
}

/* One level of the direct map: tables from the pool, over count items from first on. */
static u64 build_level(struct adoption *a, u64 first, u64 count, u64 bits, int leaves)
{
	u64 base = xen.pool_pfn + a->pool_used;

	for (u64 n = 0; n < count; n += ENTRIES, a->pool_used++) {
		map_scratch(xen.pool_pfn + a->pool_used);
		for (u32 i = 0; i < ENTRIES; i++) {
			if (n + i >= count)
				scratch[i] = 0;
			else if (leaves)
				scratch[i] = leaf(a, first + n + i, bits);
			else
				scratch[i] = pfn_to_mfn(first + n + i) << 12 | bits;
		}
	}
	return base;
}

static u64 tables_for(u64 items) { return (items + ENTRIES - 1) / ENTRIES; }

static int has_nx(void)
{
	u32 a = 0x80000001, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a" (a), "=b" (b), "+c" (c), "=d" (d));
	return d >> 20 & 1;
}

static void build_direct_map(struct adoption *a)
{
	u64 bits = PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D | (has_nx() ? PTE_NX : 0);
	u64 l1s = tables_for(xen.all_pages), l2s = tables_for(l1s), l3s = tables_for(l2s), l3;
	u64 *root = table_at(a->in->root_pa >> 12);

	xen.dm_bits = bits;
	xen.dm_l1_pfn = build_level(a, 0, xen.all_pages, bits, 1);
	l3 = build_level(a, xen.dm_l1_pfn, l1s, TABLE_BITS, 0);
	l3 = build_level(a, l3, l2s, TABLE_BITS, 0);
	for (u64 i = 0; i < l3s; i++)
		root[(a->in->direct_map >> 39 & 511) + i] = pfn_to_mfn(l3 + i) << 12 | TABLE_BITS;
}

/* Nothing in the bootstrap map may write to a table any more. */
static int protect_bootstrap(const struct adoption *a)
{
	int error = 0;

	map_scratch(((u64)scratch - xen.image_offset) >> 12);
	for (u32 i = 0; i < a->tables; i++)
		error |= HYPERCALL(update_va_mapping, table_at(a->table[i].pfn),
				   pfn_to_mfn(a->table[i].pfn) << 12 | PTE_P | PTE_US | PTE_A, UVMF_INVLPG);
	/* The padding behind Xen's allocation maps the first frames of the pool. Others
	 * are not mapped at all, and the error says just that. */
	for (u64 pfn = xen.pool_pfn; pfn < xen.pool_pfn + a->pool_used; pfn++)
		if (HYPERCALL(update_va_mapping, table_at(pfn), 0, UVMF_INVLPG))
			break;
	return error;
}

static int mmuext(u32 cmd, u64 mfn)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn };
	long error = HYPERCALL(mmuext_op, &op, 1, 0, DOMID_SELF);

	if (error)
		xen_report("mmuext", error, cmd, mfn);
	return !!error;
}

static int switch_tables(const struct adoption *a)
{
	u64 root = pfn_to_mfn(a->in->root_pa >> 12), user = pfn_to_mfn((a->in->root_pa >> 12) + 1);
	u64 old = pfn_to_mfn(boot_tables());

	if (mmuext(MMUEXT_PIN_L4_TABLE, root) || mmuext(MMUEXT_PIN_L4_TABLE, user) ||
	    mmuext(MMUEXT_NEW_BASEPTR, root) || mmuext(MMUEXT_NEW_USER_BASEPTR, user))
		return 1;
	return mmuext(MMUEXT_UNPIN_TABLE, old);
}

static void *to_direct_map(void *p)
{
	return (void *)((u64)p - xen.image_offset + xen.dm);
}

/* Xen's list has no room for memory that comes later. */
static void grow_p2m(void)
{
	u64 *list = pa_to_va(xen.p2m_pfn * PAGE_SIZE);

	if (!xen.p2m_pages)
		return;
	memcpy(list, xen_p2m, xen_nr_pages * sizeof(u64));
	for (u64 pfn = xen_nr_pages; pfn < xen.all_pages; pfn++)
		list[pfn] = NO_FRAME;
	xen_p2m = list;
	xen_nr_pages = xen.all_pages;
}

/* The bootstrap map is gone: reach Xen's lists by the direct map. */
static void move_pointers(const struct adoption *a)
{
	xen.image_va = a->in->image_va;
	xen.image_end = a->in->image_end;
	xen.dm = a->in->direct_map;
	xen.dm_end = xen.dm + xen.all_pages * PAGE_SIZE;
	xen_p2m = to_direct_map(xen_p2m);
	grow_p2m();
	xen.si = to_direct_map(xen.si);
	console_boot();
	this_cpu()->cr3 = a->in->root_pa;
	xen.root_pfn = a->in->root_pa >> 12;
	suspend_show_p2m();
	xen.stage = STAGE_ADOPTED;
}

/* What were tables are plain memory now. */
static s32 release_boot_tables(u64 pfn)
{
	struct xen_cpu *pc = this_cpu();

	for (u64 i = 0; i < xen.si->nr_pt_frames; i++)
		mmu_protect(pc, (pfn + i) * PAGE_SIZE, 0);
	return batch_run(pc) ? VMI_E_PERM : VMI_OK;
}

static s32 check_adopt(const struct vmi_adopt *in)
{
	u64 slot = in->direct_map >> 39 & 511;

	if (in->magic != VMI_MAGIC_ADOPT || in->version != VMI_STRUCT_VERSION ||
	    in->size < sizeof(*in))
		return VMI_E_INVAL;
	if (in->root_pa & ~PAGE_MASK || in->direct_map & (level_bytes(4) - 1) ||
	    slot <= XEN_SLOT_LAST || in->image_va & ~PAGE_MASK || in->image_end <= in->image_va)
		return VMI_E_INVAL;
	return xen.stage == STAGE_INIT ? VMI_OK : VMI_E_STATE;
}

s32 vmi_call_ADOPT(const struct vmi_adopt *in)
{
	struct adoption *a = &adoption;
	s32 error = check_adopt(in);
	u64 boot, root = in->root_pa >> 12;

	if (error)
		return error;
	*a = (struct adoption){ .in = in };
	collect(a, root, 4, 0);
	collect(a, root + 1, 4, 0);
	if (a->error)
		return a->error;
	memset(table_at(root + 1), 0, PAGE_SIZE);
	memset(table_at(root), 0, PAGE_SIZE / 2);
	collect_all(a);
	for (u32 i = 0; i < a->tables && !a->error; i++)
		convert(a, &a->table[i]);
	if (a->error)
		return a->error;
	build_direct_map(a);
	boot = boot_tables();
	if (protect_bootstrap(a) || switch_tables(a))
		return VMI_E_PERM;
	move_pointers(a);
	return release_boot_tables(boot);
}
