// SPDX-License-Identifier: MIT
/* The PVH boot protocol's side of whoever boots: a page low in memory, and the initrd at the end. */
#include "domain/start.h"

#define START_AT	0x6000ul	/* the structures; the command line behind them */
#define START_BYTES	0x1000ul
#define PC_HOLE		0xa0000ul	/* what a PC has there is not there, so nobody should think it RAM */
#define PC_HOLE_END	0x100000ul
#define INITRD_END	(4096 * MIB)	/* kernels keep its address in 32 bits */
#define MAGIC		0x336ec578
#define RAM		1
#define RESERVED	2

/** As the guest finds it, all in one page. */
struct page {
	struct {
		u32 magic, version, flags, module_count;
		u64 modules, cmdline, rsdp, map;
		u32 map_count, reserved;
	} info;
	struct { u64 start, bytes, cmdline, reserved; } module;
	struct { u64 start, bytes; u32 kind, reserved; } map[3];
	char cmdline[START_BYTES - 56 - 32 - 72];
};

_Static_assert(sizeof(struct page) == START_BYTES, "one page");

#define AT(field)	(START_AT + offsetof(struct page, field))

static int place_initrd(struct page *p, const struct start *start, const struct guest_memory *memory,
			const struct module *initrd, struct why *why)
{
	u64 all = guest_memory_bytes(memory), at;

	if (!initrd)
		return 0;
	if (all > INITRD_END)
		all = INITRD_END;
	at = initrd->bytes < all ? (all - initrd->bytes) & -PAGE_SIZE : 0;
	if (at < start->image_end || guest_write(memory, at, initrd->data, initrd->bytes))
		return refuse(why, "the initrd does not fit beside the kernel");
	p->module.start = at;
	p->module.bytes = initrd->bytes;
	p->info.modules = AT(module);
	p->info.module_count = 1;
	return 0;
}

static void describe_memory(struct page *p, u64 bytes)
{
	p->map[0].bytes = PC_HOLE;
	p->map[1].start = PC_HOLE;
	p->map[1].bytes = PC_HOLE_END - PC_HOLE;
	p->map[2].start = PC_HOLE_END;
	p->map[2].bytes = bytes - PC_HOLE_END;
	for (int i = 0; i < 3; i++)
		p->map[i].kind = i == 1 ? RESERVED : RAM;
	p->info.map = AT(map);
	p->info.map_count = 3;
}

int start_write(struct start *start, const struct guest_memory *memory, const struct module *initrd,
		const char *cmdline, struct why *why)
{
	static struct page page;

	memset(&page, 0, sizeof(page));
	page.info.magic = MAGIC;
	page.info.version = 1;
	page.info.cmdline = AT(cmdline);
	text_copy(page.cmdline, cmdline, sizeof(page.cmdline));
	describe_memory(&page, guest_memory_bytes(memory));
	if (place_initrd(&page, start, memory, initrd, why))
		return -1;
	start->info = START_AT;
	return guest_write(memory, START_AT, &page, sizeof(page)) ? refuse(why, "it has too little memory") : 0;
}
