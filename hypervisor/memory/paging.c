// SPDX-License-Identifier: MIT
/*
 * The image is mapped at its link address and, like all RAM, in the direct map;
 * in both by the same rule, so that no alias of its code can be written.
 */
#include "memory/paging.h"
#include "memory/frames.h"
#include "memory/memory.h"

#define LARGE		(2 * MIB)
#define TABLE		(PTE_PRESENT | PTE_WRITE)

extern const u8 image[], image_text_end[], image_rodata_end[], image_end[];

static u64 *root;

u64 paging_root(void)
{
	return pa_of(root);
}

static u64 *next_table(u64 *entry)
{
	if (!(*entry & PTE_PRESENT)) {
		u64 pa = frames_take_table(OWNER_HV);

		if (pa == NO_FRAME || pa >= EARLY_LIMIT)
			panic("there is no memory for vmihv's own page tables");
		*entry = pa | TABLE;
	}
	return at_pa(*entry & PTE_FRAME);
}

/* The entry for va in the table of this level (1: 4 KiB pages, 2: 2 MiB). */
static u64 *entry_of(u64 va, int level)
{
	u64 *table = root;

	for (int l = 4; l > level; l--)
		table = next_table(&table[va >> (3 + 9 * l) & 511]);
	return &table[va >> (3 + 9 * level) & 511];
}

static u64 protection(u64 pa)
{
	u64 va = pa + IMAGE_OFFSET;

	if (va >= (u64)image && va < (u64)image_rodata_end)
		return PTE_PRESENT | PTE_GLOBAL | PTE_NX;
	return PTE_PRESENT | PTE_GLOBAL | PTE_NX | PTE_WRITE;
}

static bool has_image(u64 pa)
{
	return pa < (u64)image_end - IMAGE_OFFSET && pa + LARGE > (u64)image - IMAGE_OFFSET;
}

/* Around the image pages are small. */
static void map_ram(u64 start, u64 end)
{
	for (u64 pa = start & -LARGE; pa < end; pa += LARGE) {
		if (!has_image(pa)) {
			*entry_of(DIRECT_MAP + pa, 2) = pa | protection(pa) | PTE_LARGE;
			continue;
		}
		for (u64 small = pa; small < pa + LARGE; small += PAGE_SIZE)
			*entry_of(DIRECT_MAP + small, 1) = small | protection(small);
	}
}

static void map_image(void)
{
	for (u64 va = (u64)image; va < (u64)image_end; va += PAGE_SIZE) {
		u64 pa = va - IMAGE_OFFSET, bits = protection(pa);

		if (va < (u64)image_text_end)
			bits &= ~PTE_NX;
		*entry_of(va, 1) = pa | bits;
	}
}

void paging_init(const struct range *ram, u32 ram_count)
{
	u64 pa = frames_take_table(OWNER_HV);

	if (pa == NO_FRAME)
		panic("there is no memory for vmihv's root table");
	root = at_pa(pa);
	for (u32 i = 0; i < ram_count; i++)
		map_ram(ram[i].start, ram[i].end < PHYSICAL_LIMIT ? ram[i].end : PHYSICAL_LIMIT);
	map_image();
	__asm__ volatile("mov %0, %%cr3" :: "r" (pa) : "memory");
}

void *paging_device(u64 pa)
{
	u64 va = DIRECT_MAP + pa;

	*entry_of(va, 1) = (pa & PTE_FRAME) | PTE_PRESENT | PTE_WRITE | PTE_NX | PTE_UNCACHED;
	__asm__ volatile("invlpg (%0)" :: "r" (va) : "memory");
	return (void *)va;
}
