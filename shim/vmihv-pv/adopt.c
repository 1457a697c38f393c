// SPDX-License-Identifier: MIT
/*
 * ADOPT: from vmihv's first tables to the kernel's own.
 *
 * vmihv takes a frame for a table only while nothing maps it writable, and looks
 * at every entry below a root when it first becomes one. So: collect the kernel's
 * tables; convert their entries to the machine's frames, read-only where they map
 * a table; build the direct map in frames of the pool; make the first map's
 * entries for all of these read-only; switch.
 */
#include "pv.h"

SHIM_COLD

#define MAX_TABLES	64		/* of the kernel's image */
#define HOST_SLOT_FIRST	256		/* entries of a root that are vmihv's own */
#define HOST_SLOT_LAST	271
#define LEAF_BITS	(PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D | PTE_NX)
#define TABLE_BITS	(PTE_P | PTE_RW | PTE_US | PTE_A)

s32 vmi_call_ADOPT(const struct vmi_adopt *adopt);

/** The tables of the image, and how far ADOPT has come. */
struct adoption {
	const struct vmi_adopt *in;
	u32 tables;
	u32 pool_used;
	s32 error;
	struct table {
		u64 pfn;
		u32 level;
		u64 va;			/* that its first entry maps */
	} table[MAX_TABLES];
};

static struct adoption adoption;

static u64 level_bytes(u32 level) { return 1ull << (12 + 9 * (level - 1)); }
static u64 *table_at(u64 pfn) { return (u64 *)(pv.image_offset + pfn * PAGE_SIZE); }
static u64 pfn_of(u64 e) { return (e & PTE_FRAME) >> 12; }
static u64 pool_pfn(void) { return pv.start->pool >> 12; }

static int in_image(const struct adoption *a, u64 va, u64 bytes)
{
	return va < a->in->image_end && va + bytes - 1 >= a->in->image_va;
}

static struct table *find_table(struct adoption *a, u64 pfn)
{
	for (u32 i = 0; i < a->tables; i++)
		if (a->table[i].pfn == pfn)
			return &a->table[i];
	return NULL;
}

static int is_table(struct adoption *a, u64 pfn)
{
	return pfn - pool_pfn() < pv.start->pool_frames || pfn - (pv.start->root >> 12) < pv.start->tables ||
		find_table(a, pfn);
}

/* A table that is linked twice counts where it maps the image. */
static void collect(struct adoption *a, u64 pfn, u32 level, u64 va)
{
	struct table *known = find_table(a, pfn);

	if (known && in_image(a, va, level_bytes(level + 1)))
		known->va = va;
	if (known)
		return;
	if (!in_image(a, (u64)table_at(pfn), PAGE_SIZE) || a->tables == MAX_TABLES) {
		a->error = a->tables == MAX_TABLES ? VMI_E_NOMEM : VMI_E_INVAL;
		return;
	}
	a->table[a->tables++] = (struct table){ pfn, level, va };
}

/* Which entries of the root are the kernel's to keep. */
static int kept(const struct adoption *a, u32 level, u32 i)
{
	return level < 4 || (i > HOST_SLOT_LAST && i != (a->in->direct_map >> 39 & 511));
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
				collect(a, pfn_of(entries[i]), t->level - 1, entry_va(t, i));
	}
}

static u64 leaf(struct adoption *a, u64 pfn, u64 bits)
{
	if (pfn >= pv.pages)
		return 0;
	return pv_entry(pfn, is_table(a, pfn) ? bits & ~PTE_RW : bits);
}

/* The next frame of the pool, empty. */
static u64 take_frame(struct adoption *a)
{
	u64 pfn = pool_pfn() + a->pool_used;

	if (a->pool_used == pv.start->pool_frames) {
		a->error = VMI_E_NOMEM;
		return pool_pfn();
	}
	a->pool_used++;
	memset(table_at(pfn), 0, PAGE_SIZE);
	return pfn;
}

/* A large page of level 2 becomes a table of 4 KiB pages, those of the image only. */
static u64 split(struct adoption *a, u64 e, u64 va)
{
	u64 pfn = take_frame(a), to = pfn_of(e) & ~511ull, *table = table_at(pfn);

	for (u32 i = 0; i < ENTRIES && !a->error; i++)
		if (in_image(a, va + i * PAGE_SIZE, PAGE_SIZE))
			table[i] = leaf(a, to + i, e & LEAF_BITS);
	return pv_entry(pfn, TABLE_BITS);
}

static u64 convert_leaf(struct adoption *a, u64 e, u32 level, u64 va)
{
	if (!in_image(a, va, level_bytes(level)))
		return 0;
	if (level == 1)
		return leaf(a, pfn_of(e), e & LEAF_BITS);
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
			entries[i] = pv_entry(pfn_of(e), e & TABLE_BITS);
		else
			entries[i] = convert_leaf(a, e, t->level, entry_va(t, i));
	}
}

/* One level of the direct map: tables from the pool, over count items from first on. */
static u64 build_level(struct adoption *a, u64 first, u64 count, u64 bits, int leaves)
{
	u64 base = pool_pfn() + a->pool_used;

	for (u64 n = 0; n < count && !a->error; n += ENTRIES) {
		u64 *table = table_at(take_frame(a));

		for (u32 i = 0; i < ENTRIES && n + i < count && !a->error; i++)
			table[i] = leaves ? leaf(a, first + n + i, bits) : pv_entry(first + n + i, bits);
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
	u64 l1s = tables_for(pv.pages), l2s = tables_for(l1s), l3s = tables_for(l2s), l1, l3;
	u64 *root = table_at(a->in->root_pa >> 12);

	l1 = build_level(a, 0, pv.pages, bits, 1);
	l3 = build_level(a, l1, l1s, TABLE_BITS, 0);
	l3 = build_level(a, l3, l2s, TABLE_BITS, 0);
	for (u64 i = 0; i < l3s && !a->error; i++)
		root[(a->in->direct_map >> 39 & 511) + i] = pv_entry(l3 + i, TABLE_BITS);
	pv.dm_l1 = l1 * PAGE_SIZE;
}

static int protect_frame(u64 pfn)
{
	return host_do(PV_SET, pv.start->level1 + pfn * 8, pv_entry(pfn, PTE_P | PTE_US | PTE_A));
}

/* Nothing in the first map may write to a table any more. */
static int protect_all(const struct adoption *a)
{
	int error = 0;

	for (u32 i = 0; i < a->tables; i++)
		error |= protect_frame(a->table[i].pfn);
	for (u32 i = 0; i < a->pool_used; i++)
		error |= protect_frame(pool_pfn() + i);
	return error;
}

static void *to_direct_map(const void *p)
{
	return (void *)((u64)p - pv.image_offset + pv.dm);
}

/* The first map is gone: reach vmihv's lists by the direct map. */
static void move_pointers(const struct adoption *a)
{
	pv.image_va = a->in->image_va;
	pv.image_end = a->in->image_end;
	pv.dm = a->in->direct_map;
	pv.dm_end = pv.dm + pv.pages * PAGE_SIZE;
	pv_chunks = to_direct_map(pv_chunks);
	pv_owners = to_direct_map(pv_owners);
	pv.start = to_direct_map(pv.start);
	this_cpu()->cr3 = a->in->root_pa;
	pv.stage = STAGE_ADOPTED;
}

static s32 check_adopt(const struct vmi_adopt *in)
{
	u64 slot = in->direct_map >> 39 & 511;

	if (in->magic != VMI_MAGIC_ADOPT || in->version != VMI_STRUCT_VERSION ||
	    in->size < sizeof(*in))
		return VMI_E_INVAL;
	if (in->root_pa & ~PAGE_MASK || in->direct_map & (level_bytes(4) - 1) ||
	    slot <= HOST_SLOT_LAST || in->image_va & ~PAGE_MASK || in->image_end <= in->image_va)
		return VMI_E_INVAL;
	return pv.stage == STAGE_INIT ? VMI_OK : VMI_E_STATE;
}

s32 vmi_call_ADOPT(const struct vmi_adopt *in)
{
	struct adoption *a = &adoption;
	s32 error = check_adopt(in);
	u64 root = in->root_pa >> 12;

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
	build_direct_map(a);
	if (a->error)
		return a->error;
	if (protect_all(a) || host_do(PV_TABLE, in->root_pa, 4) || host_do(PV_TABLE, in->root_pa + PAGE_SIZE, 4) ||
	    host_do(PV_ROOTS, in->root_pa, in->root_pa + PAGE_SIZE))
		return VMI_E_PERM;
	move_pointers(a);
	return VMI_OK;
}
