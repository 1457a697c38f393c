// SPDX-License-Identifier: MIT
/* The two boot protocols; both structures lie below 4 GiB. */
#include "boot/boot.h"
#include "boot/pvh.h"
#include "memory/memory.h"

#define MULTIBOOT_HAS_MODULES	0x08
#define MULTIBOOT_HAS_MAP	0x40

struct multiboot {
	u32 flags, lower, upper, device, command_line, module_count, modules, symbols[4], map_bytes, map;
};

struct multiboot_module {
	u32 start, end, line, reserved;
};

/** Its size field does not count itself. */
struct multiboot_memory {
	u32 size;
	u64 start, bytes;
	u32 kind;
} __attribute__((packed));

int boot_add_ram(struct boot_info *info, u64 start, u64 bytes, struct why *why)
{
	u64 end = (start + bytes) & -PAGE_SIZE;

	start = (start + PAGE_SIZE - 1) & -PAGE_SIZE;
	if (end <= start)
		return 0;
	if (info->ram_count == MAX_RANGES)
		return refuse(why, "the memory map has more than %u ranges", MAX_RANGES);
	info->ram[info->ram_count++] = (struct range){ start, end };
	return 0;
}

int boot_add_module(struct boot_info *info, u64 start, u64 end, const char *line, struct why *why)
{
	struct module *m = &info->modules[info->module_count];
	size_t from = 0, n = 0;

	if (info->module_count == MAX_MODULES)
		return refuse(why, "there are more than %u modules", MAX_MODULES);
	for (; line[n] && line[n] != ' '; n++)
		if (line[n] == '/')
			from = n + 1;
	if (n - from >= sizeof(m->name))
		return refuse(why, "a module's name is longer than %lu bytes", sizeof(m->name) - 1);
	*m = (struct module){ at_pa(start), end - start, "" };
	memcpy(m->name, line + from, n - from);
	info->module_count++;
	return 0;
}

const struct module *boot_module(const struct boot_info *info, const char *name)
{
	for (u32 i = 0; i < info->module_count; i++)
		if (text_equal(info->modules[i].name, name))
			return &info->modules[i];
	return NULL;
}

static int multiboot_map(struct boot_info *info, const struct multiboot *m, struct why *why)
{
	const u8 *p = at_pa(m->map), *end = p + m->map_bytes;
	int err = 0;

	while (!err && p + sizeof(struct multiboot_memory) <= end) {
		const struct multiboot_memory *e = (const void *)p;

		if (e->kind == MEMORY_RAM)
			err = boot_add_ram(info, e->start, e->bytes, why);
		p += e->size + sizeof(e->size);
	}
	return err;
}

int multiboot_read(struct boot_info *info, u32 pa, struct why *why)
{
	const struct multiboot *m = at_pa(pa);
	const struct multiboot_module *mod = at_pa(m->modules);
	int err = 0;

	info->loader = "Multiboot";
	if (!(m->flags & MULTIBOOT_HAS_MAP))
		return refuse(why, "the boot loader gives no memory map");
	for (u32 i = 0; !err && m->flags & MULTIBOOT_HAS_MODULES && i < m->module_count; i++)
		err = boot_add_module(info, mod[i].start, mod[i].end, at_pa(mod[i].line), why);
	return err ? err : multiboot_map(info, m, why);
}

int pvh_read(struct boot_info *info, u32 pa, struct why *why)
{
	const struct pvh *p = at_pa(pa);
	const struct pvh_module *mod = at_pa(p->modules);
	const struct pvh_memory *map = at_pa(p->map);
	int err = 0;

	info->loader = "PVH";
	info->rsdp = p->magic == PVH_MAGIC ? p->rsdp : 0;
	if (p->magic != PVH_MAGIC || p->version < 1 || !p->map)
		return refuse(why, "the boot loader gives neither Multiboot's magic nor PVH's with a memory map");
	for (u32 i = 0; !err && i < p->module_count; i++)
		err = boot_add_module(info, mod[i].start, mod[i].start + mod[i].bytes,
				      mod[i].line ? at_pa(mod[i].line) : "", why);
	for (u32 i = 0; !err && i < p->map_count; i++)
		if (map[i].kind == MEMORY_RAM)
			err = boot_add_ram(info, map[i].start, map[i].bytes, why);
	return err;
}
