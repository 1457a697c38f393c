// SPDX-License-Identifier: MIT
/* The processor, as far as hypercalls of a guest in ring 3 reach it. */
#include "host.h"
#include "memory/paging.h"
#include "pv_host.h"

const struct container pv = { .name = "ring 3" };

void guest_cpuid(struct vcpu *v)
{
	v->regs.rax = v->regs.rbx = v->regs.rcx = v->regs.rdx = 7;
}

int pv_set_roots(struct vcpu *v, u64 root, u64 user_root)
{
	(void)v, (void)root, (void)user_root;
	return -1;
}

void pv_forget(struct domain *d, u64 set) { (void)d, (void)set; }
void pv_forget_one(u64 va) { (void)va; }
void pv_load_ts(const struct vcpu *v) { (void)v; }

/* What would fault, or break into vmihv. */
void pv_load_debug(const struct vcpu *v)
{
	for (int i = 0; i < 4; i++)
		assert_true(pv_is_canonical(v->debug[i]) && (v->debug[i] >> 39 & 511) - HOST_SLOT >= HOST_SLOTS);
	assert_false(pv_of(v)->debug_status >> 32);
	assert_false(pv_of(v)->debug_control >> 32 || pv_of(v)->debug_control & 1u << 13);
}

u64 pv_get_base(struct vcpu *v, enum pv_base which)
{
	(void)v;
	assert_true(which < BASE_USER_GS_SELECTOR);
	return 0;
}

int pv_set_base(struct vcpu *v, enum pv_base which, u64 value)
{
	(void)v, (void)value;
	assert_true(which < BASES);
	return 0;
}

int pv_set_gdt(struct vcpu *v, u64 gpa, u64 entries)
{
	(void)v, (void)gpa, (void)entries;
	return 0;
}

int pv_set_ldt(struct vcpu *v, u64 va, u64 entries)
{
	(void)v, (void)va, (void)entries;
	return 0;
}

int pv_write_descriptor(struct vcpu *v, u64 gpa, u64 descriptor)
{
	(void)v, (void)gpa, (void)descriptor;
	return 0;
}

int pv_iret(struct vcpu *v)
{
	(void)v;
	return -1;
}

#define ENTRIES		512u
#define MOST_FRAMES	(PAGES_CHUNKS * ENTRIES)

static const struct page_record *record(const struct pages *p, u64 frame)
{
	return &p->records[frame / ENTRIES][frame % ENTRIES];
}

static void count_table(const struct pages *p, u64 frame, u32 *counts)
{
	u32 use = record(p, frame)->use;
	const u64 *table = at_pa(guest_frame(p->memory, frame * PAGE_SIZE));

	for (u32 i = 0; i < ENTRIES; i++) {
		u64 e = table[i], to;

		if (use == ROOT_LEVEL && i - HOST_SLOT < HOST_SLOTS) {
			assert_int_equal(e, p->host_root[i]);
			continue;
		}
		if (!(e & PTE_PRESENT))
			continue;
		to = pages_frame_of(p, e & PTE_FRAME);
		assert_true(to < p->memory->chunks * ENTRIES);
		assert_true(e & PTE_USER && !(e & (PTE_LARGE | PTE_GLOBAL | PTE_UNCACHED)));
		if (use > 1)
			assert_true(record(p, to)->count && record(p, to)->use == use - 1);
		else if (e & PTE_WRITE)
			assert_true(record(p, to)->count && record(p, to)->use == USE_WRITABLE);
		counts[to] += use > 1 || e & PTE_WRITE;
	}
}

void pages_must_add_up(const struct pages *p, u64 root, const u32 *kept)
{
	static u32 counts[MOST_FRAMES];
	u64 frames = p->memory->chunks * ENTRIES;

	memset(counts, 0, frames * sizeof(*counts));
	for (u64 f = 0; f < frames; f++) {
		counts[f] += record(p, f)->pinned + (kept ? kept[f] : 0);
		if (record(p, f)->count && record(p, f)->use <= ROOT_LEVEL)
			count_table(p, f, counts);
	}
	counts[root] += !!root;
	for (u64 f = 0; f < frames; f++)
		assert_int_equal(counts[f], record(p, f)->count);
}
