// SPDX-License-Identifier: MIT
/*
 * A kernel that somebody else could have written, with nothing but what `make
 * install` lays down: takes the host's ROM, asks its version, uses its console
 * and interrupt flag where it has them, and gives its verdict.
 */
#include <vmi/loader.h>
#include <vmi/note_macros.h>
#include <vmi/verdict.h>

#define OFFSET	0xffffffff80000000ul
#define CALL(nr, result, ...)	((result (*)(__VA_ARGS__))vmi_rom_entry(&rom, VMI_CALL_##nr, early))

extern char rom_text[0x10000], rom_data[0x8000], vmi_entry[], trap[], image_end[];
extern uint64_t level2[512];		/* the first GiB, in pages of 2 MiB */
extern const char build_id[];
void kernel_main(struct vmi_boot *boot) __attribute__((noreturn));
void kernel_trap(void) __attribute__((noreturn));

VMI_NOTE_C(note, {
	.abi_major = VMI_ABI_MAJOR, .abi_draft = VMI_ABI_DRAFT, .size = sizeof(struct vmi_note),
	.text_area = (uint64_t)rom_text, .text_area_size = sizeof(rom_text),
	.data_area = (uint64_t)rom_data, .data_area_size = sizeof(rom_data),
	.entry = (uint64_t)vmi_entry, .image_offset = OFFSET, .image_end = (uint64_t)image_end, .direct_map = OFFSET,
});
VMI_NOTE_HOST_ROOM_C(host_notes, 512);

static const struct vmi_rom_place rom = {
	rom_text, rom_data, (uint64_t)rom_text, (uint64_t)rom_data, sizeof(rom_text), sizeof(rom_data)
};
static struct vmi_guest guest = {
	VMI_MAGIC_GUEST, VMI_STRUCT_VERSION, sizeof(guest),
	.consts = { 0x08, 0x10, 0x23, 0x1b, 0x23, OFFSET, OFFSET, [VMI_CONST_KERNEL_ENTRY] = (uint64_t)vmi_entry },
};
static struct vmi_init init = { VMI_MAGIC_INIT, VMI_STRUCT_VERSION, sizeof(init), "outside", .cpus = 1 };
static char block[4096] __attribute__((aligned(4096)));	/* GS base, and the ROM's per-CPU data */
static int early = 1;
static const char *no_rom;

static void print(const char *text, uint32_t bytes)
{
	if (!no_rom && CALL(CONSOLE_WRITE, int, const char *, uint32_t)) {
		while (bytes) {
			int taken = CALL(CONSOLE_WRITE, int, const char *, uint32_t)(text, bytes);

			if (taken < 0)
				return;
			text += taken;
			bytes -= taken;
		}
		return;
	}
	while (bytes--)
		__asm__ volatile("outb %0, %1" : : "a" (*text++), "d" ((uint16_t)0x3f8));
}

/* No clock is asked: this kernel does not say how long it took. */
static void __attribute__((noreturn)) leave(const char *failure)
{
	struct vmi_verdict verdict = { build_id, no_rom ? 0 : rom_text, 0, failure };

	vmi_verdict_print(&verdict, print);
	if (!no_rom && CALL(SHUTDOWN, void, uint32_t))
		CALL(SHUTDOWN, void, uint32_t)(VMI_SHUTDOWN_POWEROFF);
	for (;;)
		__asm__ volatile("hlt");
}

/* What the host shares outside RAM, a console for instance: seen where this kernel has no RAM, at the end of its GiB. */
static void map_host_pages(void)
{
	uint64_t pa;

	for (uint32_t n = 0; (pa = CALL(HOST_PAGE, uint64_t, uint32_t, void *)(n, 0)); n++) {
		uint64_t va = OFFSET + (511ul - n) * 0x200000;

		level2[511 - n] = (pa & ~0x1ffffful) | 0x83;
		__asm__ volatile("invlpg (%0)" : : "r" (va) : "memory");
		CALL(HOST_PAGE, uint64_t, uint32_t, void *)(n, (void *)(va + (pa & 0x1fffff)));
	}
}

static const char *start_rom(const void *window)
{
	for (int i = 0; i < VMI_NR_ENTRIES; i++)
		guest.entries[i] = (uint64_t)trap;
	no_rom = vmi_rom_load(&rom, &guest, &note.desc, window, 0x30000);
	if (no_rom)
		return no_rom;
	if (CALL(INIT, int, struct vmi_init *)(&init))
		return init.reason;
	if (CALL(SET_BASE, int, uint32_t, uint64_t) &&
	    CALL(SET_BASE, int, uint32_t, uint64_t)(VMI_BASE_GS_KERNEL, (uint64_t)block))
		return "SET_BASE failed";
	if (CALL(HOST_PAGE, uint64_t, uint32_t, void *))
		map_host_pages();
	if (CALL(PERCPU_READY, int, uint32_t, void *)(0, block))
		return "PERCPU_READY failed";
	early = 0;
	return 0;
}

void kernel_main(struct vmi_boot *boot)
{
	const char *failure = start_rom(boot ? 0 : (void *)0xc0000);

	if (failure)
		leave(failure);
	if (CALL(VERSION, uint64_t, void)() >> 32 != VMI_ABI_MAJOR)
		leave("the ROM has another major version");
	if (CALL(IRQ_SAVE, uint64_t, void) && CALL(IRQ_SAVE, uint64_t, void)() & VMI_IRQ_FLAG)
		leave("interrupts are on");
	print("outside: started\n", 17);
	leave(0);
}

void kernel_trap(void)
{
	leave("an exception");
}
