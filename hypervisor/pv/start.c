// SPDX-License-Identifier: MIT
/*
 * The beginning of a domain that has no boot loader: behind its image a page
 * that tells what there is, the command line, lists of where its memory is, a
 * stack, first page tables, and room for more. The tables are checked like any.
 */
#include "pv/pv.h"
#include "boot/boot.h"
#include "cpu/clock.h"
#include "hypercall/abi.h"
#include "memory/memory.h"
#include "memory/paging.h"
#include "vmi/loader.h"
#include "vmihv/found.h"
#include "vmihv/start.h"

#define ENTRIES		512ul
#define PAGE_BITS	(PTE_PRESENT | PTE_WRITE | PTE_USER | 0x60)
#define TABLE_BITS	(PTE_PRESENT | PTE_WRITE | PTE_USER | 0x20)
#define MOST_MAPPED	(1024 * MIB)	/* one table of level 2 */
#define NO_ROOT		(~0ul)

_Static_assert(VMIHV_KERNEL_CS == PV_CS && VMIHV_KERNEL_SS == PV_DS, "the same selectors");
_Static_assert(VMIHV_ENTRIES == PV_ENTRIES, "the same entries");
_Static_assert(sizeof(struct vmihv_start) == 144 && offsetof(struct vmihv_start, chunks) == 120, "as documented");

/** Frames are taken from the image's end upwards. */
struct layout {
	struct vmihv_start start;
	const struct guest_memory *memory;
	u64 offset;			/* linear minus guest-physical */
	u64 at;				/* what is free begins here */
	u64 stack, level1_frames;
};

static u64 frames_for(u64 bytes) { return (bytes + PAGE_SIZE - 1) / PAGE_SIZE; }
static u64 tables_for(u64 items) { return (items + ENTRIES - 1) / ENTRIES; }

static u64 reserve(struct layout *l, u64 frames)
{
	u64 at = l->at;

	l->at += frames * PAGE_SIZE;
	return at;
}

static u64 last_chunk(const struct guest_memory *m)
{
	u64 last = 0;

	for (u32 i = 0; i < m->chunks; i++)
		if (guest_frame(m, (u64)i << CHUNK_SHIFT) >> CHUNK_SHIFT > last)
			last = guest_frame(m, (u64)i << CHUNK_SHIFT) >> CHUNK_SHIFT;
	return last;
}

/* A direct map of all memory, and the image's own pages, as the ROM will make them. */
static u64 pool_for(u64 memory, u64 image_end)
{
	u64 level1 = tables_for(memory / PAGE_SIZE), level2 = tables_for(level1);

	return level1 + level2 + tables_for(level2) + image_end / (ENTRIES * PAGE_SIZE) + 4;
}

/* The tables map themselves, and so many more only need a few entries. */
static void plan(struct layout *l, const struct vmi_note *note, u64 cmdline_bytes)
{
	struct vmihv_start *s = &l->start;

	l->offset = note->image_offset;
	l->at = (note->image_end - note->image_offset + PAGE_SIZE - 1) & -PAGE_SIZE;
	s->memory = guest_memory_bytes(l->memory);
	s->pool_frames = pool_for(s->memory, l->at);
	s->owner_count = last_chunk(l->memory) + 1;
	s->area = reserve(l, 1);
	s->cmdline = l->offset + reserve(l, frames_for(cmdline_bytes));
	s->chunks = l->offset + reserve(l, frames_for(l->memory->chunks * sizeof(u32)));
	s->owners = l->offset + reserve(l, frames_for(s->owner_count * sizeof(u16)));
	l->stack = reserve(l, 1);
	l->level1_frames = tables_for(l->at / PAGE_SIZE + s->pool_frames + ENTRIES) + 1;
	s->tables = 3 + l->level1_frames;
	s->root = reserve(l, s->tables);
	s->level1 = s->root + 3 * PAGE_SIZE;
	s->pool = reserve(l, s->pool_frames);
	s->boot_end = l->at;
}

static int put(const struct layout *l, u64 gpa, const void *from, u64 bytes)
{
	return guest_write(l->memory, gpa, from, bytes);
}

static int put_entry(const struct layout *l, u64 table, u64 i, u64 to, u64 bits)
{
	u64 e = guest_frame(l->memory, to) | bits;

	return put(l, table + i * 8, &e, sizeof(e));
}

static bool is_table(const struct vmihv_start *s, u64 gpa) { return gpa - s->root < s->tables * PAGE_SIZE; }

static int write_tables(const struct layout *l)
{
	const struct vmihv_start *s = &l->start;
	u64 level3 = s->root + PAGE_SIZE, level2 = level3 + PAGE_SIZE;
	int bad = put_entry(l, s->root, l->offset >> 39 & 511, level3, TABLE_BITS) |
		  put_entry(l, level3, l->offset >> 30 & 511, level2, TABLE_BITS);

	for (u64 i = 0; i < l->level1_frames; i++)
		bad |= put_entry(l, level2, i, s->level1 + i * PAGE_SIZE, TABLE_BITS);
	for (u64 gpa = 0; gpa < s->boot_end; gpa += PAGE_SIZE)
		bad |= put_entry(l, s->level1, gpa / PAGE_SIZE, gpa,
				 is_table(s, gpa) ? PAGE_BITS & ~PTE_WRITE : PAGE_BITS);
	return bad;
}

static int write_lists(const struct layout *l)
{
	const struct vmihv_start *s = &l->start;
	u16 none = VMIHV_NO_CHUNK;
	int bad = 0;

	for (u64 i = 0; i < s->owner_count; i++)
		bad |= put(l, s->owners - l->offset + i * sizeof(none), &none, sizeof(none));
	for (u32 i = 0; i < l->memory->chunks; i++) {
		u32 machine = guest_frame(l->memory, (u64)i << CHUNK_SHIFT) >> CHUNK_SHIFT;
		u16 own = i;

		bad |= put(l, s->chunks - l->offset + i * sizeof(machine), &machine, sizeof(machine)) |
		       put(l, s->owners - l->offset + machine * sizeof(own), &own, sizeof(own));
	}
	return bad;
}

/* At the end of memory, where nothing is mapped. */
static int place_initrd(struct layout *l, const struct module *initrd)
{
	struct vmihv_start *s = &l->start;

	if (!initrd)
		return 0;
	if (initrd->bytes > s->memory - s->boot_end)
		return -1;
	s->initrd = (s->memory - initrd->bytes) & -PAGE_SIZE;
	s->initrd_bytes = initrd->bytes;
	return s->initrd < s->boot_end || put(l, s->initrd, initrd->data, initrd->bytes);
}

static int check_image(const struct vmi_note *note, const struct vmi_rom_header *rom, struct why *why)
{
	if (!rom->boot_offset)
		return refuse(why, "the ROM has no boot entry: it is for another mode");
	if (note->image_offset % MOST_MAPPED || note->image_offset >> 47 != 0x1ffff ||
	    (note->image_offset >> 39 & 511) - HOST_SLOT < HOST_SLOTS || note->image_end <= note->image_offset)
		return refuse(why, "the kernel's note has an image that cannot be mapped at a multiple of 1 GiB");
	return 0;
}

static int begin(struct vcpu *v, const struct layout *l, u64 rip, struct why *why)
{
	struct pages *pages = pv_domain_of(v)->pages;
	const struct start_state s = { .rip = rip, .rsp = l->offset + l->stack + PAGE_SIZE };

	pages->budget = MOST_CHECKED;
	if (pv_begin(v, &s, l->start.root))
		return refuse(why, "its first tables are refused");
	v->regs.rsi = l->offset + l->start.area;
	return 0;
}

int pv_start(struct domain *d, const struct vmi_note *note, const void *rom, const struct module *initrd,
	     struct why *why)
{
	const struct vmi_rom_header *header = vmi_rom_header(rom);
	struct layout l = { .memory = &d->memory };
	struct vmihv_start *s = &l.start;

	if (check_image(note, header, why))
		return -1;
	plan(&l, note, text_length(d->config->cmdline) + 1);
	if (s->boot_end > s->memory || s->boot_end > MOST_MAPPED)
		return refuse(why, "it has too little memory for its kernel and page tables");
	if (place_initrd(&l, initrd))
		return refuse(why, "the initrd does not fit beside the kernel");
	s->magic = VMIHV_START_MAGIC;
	s->abi = d->abi->version;
	s->version = VMIHV_VERSION;
	s->vcpus = d->config->vcpus;
	s->tsc_khz = clock_scale.khz;
	if (write_tables(&l) || write_lists(&l) || put(&l, s->area, s, sizeof(*s)) ||
	    put(&l, s->cmdline - l.offset, d->config->cmdline, text_length(d->config->cmdline) + 1))
		return refuse(why, "it has too little memory");
	return begin(&d->vcpus[0], &l, note->text_area + header->boot_offset, why);
}
