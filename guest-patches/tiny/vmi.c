// SPDX-License-Identifier: MIT
/*
 * The guest's side of the ABI: find or take the ROM, fix it up, start it. All
 * that follows knows is vmi_ptr[]. Read next: tiny.c.
 */
#include "tiny.h"

void *vmi_ptr[VMI_NR_CALLS];
struct vmi_rom_place rom;
struct vmi_boot *boot;
const char *cmdline = "";
uint64_t block[512] __attribute__((aligned(4096)));
struct vmi_init init = { VMI_MAGIC_INIT, VMI_STRUCT_VERSION, sizeof(init), .guest_name = "tiny", .cpus = 1 };

extern char rom_text[], rom_data[], native_iret[], vmi_entry[];
extern uint64_t entries[VMI_NR_ENTRIES];
extern const struct vmi_site sites[], sites_end[];

void start_native(uint32_t magic, uint32_t info);
void start_rom(struct vmi_boot *from);
void trap(struct frame *f);

static const struct vmi_rom_place area = {
	rom_text, rom_data, (uint64_t)rom_text, (uint64_t)rom_data, 0x10000, 0x8000
};
static struct vmi_guest guest = {
	VMI_MAGIC_GUEST, VMI_STRUCT_VERSION, sizeof(guest),
	.consts = { 0x08, 0x10, 0x23, 0x1b, 0x23, DIRECT_MAP, IMAGE_OFFSET,
		    [VMI_CONST_KERNEL_ENTRY] = (uint64_t)vmi_entry },
};

/* The first expansion ROM that passes every check; others are named and passed by. */
static const char *take_option_rom(void)
{
	const void *window = (void *)(DIRECT_MAP + 0xc0000), *image;
	uint32_t from = 0;
	int bad;

	while ((image = vmi_rom_find(window, 0x30000, &from))) {
		bad = vmi_rom_check(image, 0x30000 - (uint32_t)((char *)image - (char *)window));
		bad = bad ? bad : vmi_rom_place(image, &area);
		if (!bad)
			return 0;
		print("tiny: a ROM is refused: ");
		print(vmi_rom_reason(bad));
		print("\n");
	}
	return "no ROM";
}

static void fill_pointers(int early)
{
	for (uint32_t nr = 0; nr < VMI_NR_CALLS; nr++)
		vmi_ptr[nr] = (void *)vmi_rom_entry(&rom, nr, early);
	if (!vmi_ptr[VMI_CALL_IRET])
		vmi_ptr[VMI_CALL_IRET] = native_iret;
}

/* Returns why there is no ROM, or 0. On a deprivileging host that is the end. */
static const char *load(void)
{
	const char *none = boot ? 0 : take_option_rom();
	int bad = boot ? vmi_rom_check_placed(rom_text, area.text_size) : 0;

	for (int i = 0; i < VMI_NR_ENTRIES; i++)
		guest.entries[i] = entries[i];
	bad = bad || none ? bad : vmi_rom_fixup(&area, &guest, 0);
	if (bad || none)
		return bad ? vmi_rom_reason(bad) : none;
	if (!vmi_rom_detect(&area))
		return vmi_rom_unplace(&area), "the ROM is for another host";
	rom = area;
	fill_pointers(1);
	if (CALL(INIT, int, struct vmi_init *)(&init))
		leave(init.reason[0] ? init.reason : "INIT failed");
	return 0;
}

/* Page tables announced, then the per-CPU block, then the final call forms. */
static void settle(void)
{
	struct vmi_adopt adopt = { VMI_MAGIC_ADOPT, VMI_STRUCT_VERSION, sizeof(adopt), (uint64_t)root - IMAGE_OFFSET,
		(uint64_t)image, (uint64_t)image_end, DIRECT_MAP };

	if (CALL(SET_BASE, int, uint32_t, uint64_t)(VMI_BASE_GS_KERNEL, (uint64_t)block))
		leave("SET_BASE failed");
	if (init.features & VMI_FEAT_PV_MMU && CALL(ADOPT, int, struct vmi_adopt *)(&adopt))
		leave("ADOPT failed");
	if (CALL(PERCPU_READY, int, uint32_t, void *)(0, block))
		leave("PERCPU_READY failed");
	fill_pointers(0);
	if (vmi_sites_patch(sites, sites_end, &rom, cmdline_has("inline=call") ? VMI_SITES_CALL_ONLY : 0) < 0)
		leave("a site is too far from the ROM");
}

static void start(void)
{
	const char *none = load();

	if (none) {
		print("tiny: ");
		print(none);
		print("\n");
	} else {
		settle();
	}
	guest_main();
	leave(0);
}

/* Multiboot and PVH keep the command line at different places. */
void start_native(uint32_t magic, uint32_t info)
{
	const uint32_t *words = (void *)(DIRECT_MAP + info);
	uint32_t line = magic == 0x2badb002 ? words[4] : words[6];

	if (line)
		cmdline = (void *)(DIRECT_MAP + line);
	idt_load(entries);
	start();
}

void start_rom(struct vmi_boot *from)
{
	boot = from;
	if (from->cmdline)
		cmdline = (void *)from->cmdline;
	start();
}

void trap(struct frame *f)
{
	uint64_t fixup = rom.text ? vmi_rom_extable(&rom, f->rip) : 0;
	uint32_t event;

	if (f->nr == VMI_ENTRY_EVENT)
		while ((event = CALL(EVENT_NEXT, uint32_t, void)()))
			guest_event(event);
	else if (fixup)
		f->rip = fixup;
	else if (!guest_trap(f))
		leave("an exception that nobody handles");
}
