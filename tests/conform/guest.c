// SPDX-License-Identifier: MIT
/*
 * Between tiny's start.S and the tests: takes the ROM as tiny does, tells the
 * command line, prints, leaves. Read next: main.c.
 */
#include "guest.h"

extern char rom_text[], rom_data[], native_iret[], vmi_entry[], entries[];
extern const struct vmi_site sites[], sites_end[];
extern uint64_t entry_tsc, level2[512];
extern const struct vmi_note note;

void start(uint32_t magic, uint32_t info, struct vmi_boot *from);
void trap(struct frame *f);

void *vmi_ptr[VMI_NR_CALLS] = { [VMI_CALL_IRET] = native_iret };
const char *no_rom, *cmdline = "";
struct vmi_boot *boot;
const struct vmi_rom_place rom = { rom_text, rom_data, (uint64_t)rom_text, (uint64_t)rom_data, 0x10000, 0x8000 };
struct vmi_init init = { VMI_MAGIC_INIT, VMI_STRUCT_VERSION, sizeof(init), .guest_name = "conform", .cpus = 1 };

uint32_t event_vector = VMI_ENTRY_EVENT;
static uint64_t block[512] __attribute__((aligned(4096)));	/* this CPU's; GS base points to it */

static void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" :: "a" (value), "Nd" (port)); }
static uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

/* Early forms first: nothing reaches a per-CPU block before PERCPU_READY. */
static void fill_pointers(int early)
{
	for (uint32_t nr = 0; nr < VMI_NR_CALLS; nr++)
		if (vmi_rom_entry(&rom, nr, early))
			vmi_ptr[nr] = (void *)vmi_rom_entry(&rom, nr, early);
}

/* In place of what RAM the last of the first GiB may show: no test uses that. */
static void map_host_pages(void)
{
	uint64_t pa, va;

	for (uint32_t n = 0; (pa = CALL(HOST_PAGE, uint64_t, uint32_t, void *)(n, NULL)); n++) {
		va = DIRECT_MAP + (511ul - n) * 0x200000;
		level2[511 - n] = (pa & ~0x1ffffful) | 0x83;
		__asm__ volatile("invlpg (%0)" :: "r" (va) : "memory");
		if (CALL(HOST_PAGE, uint64_t, uint32_t, void *)(n, (void *)(va + (pa & 0x1fffff))) != pa)
			leave("HOST_PAGE does not take its page");
	}
}

static void start_rom(void)
{
	struct vmi_adopt adopt = { VMI_MAGIC_ADOPT, VMI_STRUCT_VERSION, sizeof(adopt), (uint64_t)root - IMAGE_OFFSET,
		(uint64_t)image, (uint64_t)image_end, DIRECT_MAP };

	fill_pointers(1);
	if (CALL(INIT, int, struct vmi_init *)(&init))
		leave(init.reason[0] ? init.reason : "INIT failed");
	if (CALL(SET_BASE, int, uint32_t, uint64_t)(VMI_BASE_GS_KERNEL, (uint64_t)block))
		leave("SET_BASE failed");
	if (vmi_ptr[VMI_CALL_HOST_PAGE])
		map_host_pages();
	if (init.features & VMI_FEAT_PV_MMU && CALL(ADOPT, int, struct vmi_adopt *)(&adopt))
		leave("ADOPT failed");
	if (CALL(PERCPU_READY, int, uint32_t, void *)(0, block))
		leave("PERCPU_READY failed");
	fill_pointers(0);
}

const char *cmdline_find(const char *word)
{
	for (const char *p = cmdline, *w; *p; p++) {
		for (w = word; *w && *w == p[w - word]; w++)
			;
		if (!*w)
			return p + (w - word);
	}
	return NULL;
}

int cmdline_has(const char *word) { return !!cmdline_find(word); }

static void load_rom(void)
{
	struct vmi_guest guest = { VMI_MAGIC_GUEST, VMI_STRUCT_VERSION, sizeof(guest), .consts = { 0x08, 0x10, 0x23,
		0x1b, 0x23, DIRECT_MAP, IMAGE_OFFSET, [VMI_CONST_KERNEL_ENTRY] = (uint64_t)vmi_entry } };
	int flags = cmdline_has("inline=call") ? VMI_SITES_CALL_ONLY : 0;

	for (int i = 0; i < VMI_NR_ENTRIES; i++)
		guest.entries[i] = (uint64_t)&entries[16 * i];
	no_rom = vmi_rom_load(&rom, &guest, &note, boot ? NULL : (void *)(DIRECT_MAP + 0xc0000), 0x30000);
	if (!no_rom)
		start_rom();
	if (!no_rom && vmi_sites_patch(sites, sites_end, &rom, flags) < 0)
		leave("a site is too far from the ROM");
}

/* From start.S: a boot loader's magic and structure, or what a ROM hands over. */
void start(uint32_t magic, uint32_t info, struct vmi_boot *from)
{
	const uint32_t *words = (void *)(DIRECT_MAP + info);	/* Multiboot's, else PVH's */

	boot = from;
	if (boot && boot->cmdline)
		cmdline = (void *)boot->cmdline;
	if (!boot)
		cmdline = (void *)(DIRECT_MAP + words[magic == 0x2badb002 ? 4 : 6]);
	load_rom();
	guest_main();
	leave(NULL);
}

void trap(struct frame *f)
{
	uint64_t fixup = no_rom ? 0 : vmi_rom_extable(&rom, f->rip);
	uint32_t event;

	if (f->nr == event_vector && vmi_ptr[VMI_CALL_EVENT_NEXT])
		while ((event = CALL(EVENT_NEXT, uint32_t, void)()))
			guest_event(event);
	else if (fixup)
		f->rip = fixup;
	else if (!guest_trap(f))
		leave("an exception that nobody handles");
}

void print_bytes(const char *text, uint32_t bytes)
{
	while (bytes) {
		int taken = 1;

		if (vmi_ptr[VMI_CALL_CONSOLE_WRITE])
			taken = CALL(CONSOLE_WRITE, int, const char *, uint32_t)(text, bytes);
		else if (!boot && in8(0x3fd) & 0x20)
			out8(0x3f8, *text);
		else
			taken = !!boot;		/* wait for the serial port; without any, drop */
		if (taken < 0)
			return;			/* no console, or not before its page is mapped */
		text += taken;
		bytes -= taken;
	}
}

void print(const char *text)
{
	while (*text)
		print_bytes(text++, 1);
}

void leave_by_port(const char *failure)
{
	__asm__ volatile("outl %0, %1" :: "a" (failure ? 0x11 : 0x10), "Nd" ((uint16_t)VMI_VERDICT_PORT));
	__asm__ volatile("outw %0, %1" :: "a" ((uint16_t)0x2000), "d" ((uint16_t)0x604));	/* QEMU's PC: off */
	for (;;)
		__asm__ volatile("cli; hlt");
}

void leave(const char *failure)
{
	uint64_t ticks = __builtin_ia32_rdtsc() - (boot ? boot->entry_tsc : entry_tsc);
	uint64_t khz = init.tsc_khz ? init.tsc_khz : vmi_verdict_khz();
	struct vmi_verdict v = { build_id, no_rom ? NULL : rom_text, ticks * 1000 / khz, failure };

	vmi_verdict_print(&v, print_bytes);
	if (vmi_ptr[VMI_CALL_SHUTDOWN])
		CALL(SHUTDOWN, void, uint32_t)(VMI_SHUTDOWN_POWEROFF);
	leave_by_port(failure);
}
