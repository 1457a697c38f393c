/* SPDX-License-Identifier: MIT */
/*
 * CPU_START in a container: what a CPU begins with is what struct vmi_start
 * says, and for the rest the state of the CPU that calls. Inline: most backends
 * of this folder leave starting CPUs to the guest.
 */
#ifndef SHIM_START_H
#define SHIM_START_H

#define START_MSR_EFER	0xc0000080
#define START_PAGE_OFFSET	0xfffu
#define START_GDT_MOST	512u

/** What LGDT and LIDT read. */
struct start_table {
	u16 limit;
	u64 base;
} __attribute__((packed));

struct start_state {
	u64 cr0, cr4, efer;
	struct start_table gdt, idt;
};

static inline int start_canonical(u64 va) { return (s64)va >> 47 == 0 || (s64)va >> 47 == -1; }

/** 1: the structure says what no CPU can begin with. */
static inline int start_is_bad(const struct vmi_start *s)
{
	return s->magic != VMI_MAGIC_START || s->version != VMI_STRUCT_VERSION || s->size < sizeof(*s) ||
		s->reserved || s->stack & 15 || !start_canonical(s->entry) || !start_canonical(s->stack) ||
		!start_canonical(s->gs_base) || s->root_pa & START_PAGE_OFFSET || s->gdt_pa & START_PAGE_OFFSET ||
		s->gdt_entries - 1 >= START_GDT_MOST;
}

/** On the CPU that calls. */
static inline void start_fill(struct start_state *state, const struct vmi_start *start)
{
	u32 low, high;

	__asm__ volatile("mov %%cr0, %0" : "=r" (state->cr0));
	__asm__ volatile("mov %%cr4, %0" : "=r" (state->cr4));
	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (START_MSR_EFER));
	state->efer = (u64)high << 32 | low;
	state->gdt = (struct start_table){ start->gdt_entries * 8 - 1, vmi_const64(DIRECT_MAP) + start->gdt_pa };
	__asm__ volatile("sidt %0" : "=m" (state->idt));
}

#endif
