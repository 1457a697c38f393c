// SPDX-License-Identifier: MIT
/*
 * The smallest kernel that uses the ABI: takes the ROM, starts it, uses it for an
 * exception, the interrupt flag, a page-table entry and the timer, says how it went.
 */
#include <stddef.h>
#include <vmi/loader.h>
#include <vmi/site.h>
#include <vmi/verdict.h>
#define DIRECT_MAP	0xffff888000000000ul
#define OFFSET		0xffffffff80000000ul
/* The function behind a call of the STD or FAST convention; vmi_ptr has it or NULL. */
#define CALL(name, result, ...)	((result (*)(__VA_ARGS__))vmi_ptr[VMI_CALL_##name])

struct frame { uint64_t registers[15], nr, code, rip, cs, rflags, rsp, ss; };	/* as start.S leaves it */

extern char rom_text[], rom_data[], entries[], native_iret[], vmi_entry[], image[], image_end[];
extern uint64_t root[], level2[], entry_tsc;
extern const struct vmi_site sites[], sites_end[];
extern const uint32_t build_id[];
extern const struct vmi_note note;
void start(uint32_t magic, uint32_t info, struct vmi_boot *from);
void trap(struct frame *f);

void *vmi_ptr[VMI_NR_CALLS] = { [VMI_CALL_IRET] = native_iret };
static const struct vmi_rom_place rom = { rom_text, rom_data, (uint64_t)rom_text, (uint64_t)rom_data, 0x10000, 0x8000 };
static struct vmi_init init = { VMI_MAGIC_INIT, VMI_STRUCT_VERSION, sizeof(init), .guest_name = "tiny", .cpus = 1 };
static struct vmi_boot *boot;			/* NULL on bare hardware */
static const char *no_rom;			/* why there is none, or NULL */
static volatile int exceptions, timers;
static char block[4096] __attribute__((aligned(4096)));	/* this CPU's; GS base points to it */
static char scratch[4096] __attribute__((aligned(4096)));

/* The host's console, else the serial port; before a direct-boot ROM runs, neither. */
static void print_bytes(const char *text, uint32_t bytes)
{
	for (int taken; bytes; text += taken, bytes -= taken) {
		taken = 1;
		if (vmi_ptr[VMI_CALL_CONSOLE_WRITE])
			taken = CALL(CONSOLE_WRITE, int, const char *, uint32_t)(text, bytes);
		else if (!boot)
			__asm__ volatile("outb %0, %1" :: "a" (*text), "d" ((uint16_t)0x3f8));
		if (taken < 0)
			return;			/* no console, or not before its page is mapped */
	}
}

static void __attribute__((noreturn)) leave(const char *failure)
{
	uint64_t ticks = __builtin_ia32_rdtsc() - (boot ? boot->entry_tsc : entry_tsc);
	struct vmi_verdict v = { build_id, no_rom ? NULL : rom_text, 0, failure };

	v.microseconds = ticks * 1000 / (init.tsc_khz ? init.tsc_khz : vmi_verdict_khz());
	vmi_verdict_print(&v, print_bytes);
	if (vmi_ptr[VMI_CALL_SHUTDOWN])
		CALL(SHUTDOWN, void, uint32_t)(VMI_SHUTDOWN_POWEROFF);
	__asm__ volatile("outl %0, %1" :: "a" (failure ? 0x11 : 0x10), "d" ((uint16_t)VMI_VERDICT_PORT));
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Says what works; what does not is the verdict. */
static void must(int ok, const char *what)
{
	if (!ok)
		leave(what);
	print_bytes("tiny: ", 6);
	while (*what)
		print_bytes(what++, 1);
	print_bytes("\n", 1);
}
/* Early forms first: nothing reaches a per-CPU block before PERCPU_READY. */
static void fill_pointers(int early)
{
	for (uint32_t nr = 0; nr < VMI_NR_CALLS; nr++)
		if (vmi_rom_entry(&rom, nr, early))
			vmi_ptr[nr] = (void *)vmi_rom_entry(&rom, nr, early);
}

/* What a ROM does not have, the processor has. */
static int set_kernel_gs(uint64_t base)
{
	if (vmi_ptr[VMI_CALL_SET_BASE])
		return CALL(SET_BASE, int, uint32_t, uint64_t)(VMI_BASE_GS_KERNEL, base);
	__asm__ volatile("wrmsr" :: "c" (0xc0000101), "a" ((uint32_t)base), "d" ((uint32_t)(base >> 32)));
	return 0;
}

/* What the host shares outside RAM: the last of our first GiB, of which no RAM is used, shows it, 2 MiB for each page. */
static void map_host_pages(void)
{
	uint64_t pa;

	for (uint32_t n = 0; (pa = CALL(HOST_PAGE, uint64_t, uint32_t, void *)(n, NULL)); n++) {
		level2[511 - n] = (pa & ~0x1ffffful) | 0x83;
		__asm__ volatile("invlpg (%0)" :: "r" (DIRECT_MAP + (511ul - n) * 0x200000) : "memory");
		CALL(HOST_PAGE, uint64_t, uint32_t, void *)(n, (void *)(DIRECT_MAP + (511ul - n) * 0x200000 + (pa & 0x1fffff)));
	}
}

/* The ROM is in the option-ROM window, or `vmi bundle' has placed it. */
static void take_rom(void)
{
	struct vmi_guest guest = { VMI_MAGIC_GUEST, VMI_STRUCT_VERSION, sizeof(guest), .consts = { 0x08, 0x10, 0x23,
		0x1b, 0x23, DIRECT_MAP, OFFSET, [VMI_CONST_KERNEL_ENTRY] = (uint64_t)vmi_entry } };
	struct vmi_adopt adopt = { VMI_MAGIC_ADOPT, VMI_STRUCT_VERSION, sizeof(adopt), (uint64_t)root - OFFSET,
		(uint64_t)image, (uint64_t)image_end, DIRECT_MAP };

	for (int i = 0; i < VMI_NR_ENTRIES; i++)
		guest.entries[i] = (uint64_t)&entries[16 * i];
	no_rom = vmi_rom_load(&rom, &guest, &note, boot ? NULL : (void *)(DIRECT_MAP + 0xc0000), 0x30000);
	if (no_rom)
		return;
	fill_pointers(1);
	must(!CALL(INIT, int, struct vmi_init *)(&init), "INIT");
	must(!set_kernel_gs((uint64_t)block), "SET_BASE");
	if (vmi_ptr[VMI_CALL_HOST_PAGE])
		map_host_pages();
	if (init.features & VMI_FEAT_PV_MMU)
		must(!CALL(ADOPT, int, struct vmi_adopt *)(&adopt), "ADOPT");
	must(!CALL(PERCPU_READY, int, uint32_t, void *)(0, block), "PERCPU_READY");
	fill_pointers(0);
	must(vmi_sites_patch(sites, sites_end, &rom, 0) >= 0, "patching");
}

/* One frame on every host. UD2 has two bytes: going on is one addition. */
void trap(struct frame *f)
{
	uint32_t event;

	if (f->nr == VMI_ENTRY_UD) {
		exceptions++;
		f->rip += 2;
	} else if (f->nr == VMI_ENTRY_EVENT) {
		while ((event = CALL(EVENT_NEXT, uint32_t, void)()))
			timers += event == VMI_EVENT_TIMER;
	} else {
		leave("an exception that nobody handles");
	}
}

/* Sites: the native instruction stands there until a ROM says otherwise. */
static int irq_works(void)
{
	uint64_t on, off;

	__asm__ volatile(VMI_SITE("sti", 6) :: VMI_SITE_NR(IRQ_ENABLE) : "memory", "cc");
	__asm__ volatile(VMI_SITE("pushf; pop %%rax", 6) : "=a" (on) : VMI_SITE_NR(IRQ_SAVE) : "memory", "cc");
	__asm__ volatile(VMI_SITE("cli", 6) :: VMI_SITE_NR(IRQ_DISABLE) : "memory", "cc");
	__asm__ volatile(VMI_SITE("pushf; pop %%rax", 6) : "=a" (off) : VMI_SITE_NR(IRQ_SAVE) : "memory", "cc");
	return on & VMI_IRQ_FLAG && !(off & VMI_IRQ_FLAG);
}

/* The VALUE convention: in and out by RAX. */
static uint64_t value(uint32_t nr, uint64_t entry)
{
	__asm__ volatile("call *%1" : "+a" (entry) : "m" (vmi_ptr[nr]) : "cc", "memory");
	return entry;
}

/* Entries hold the host's frames: PTE_VAL and MAKE_PTE translate. A page becomes read-only. */
static int pte_works(void)
{
	uint64_t *entry = &root[511], old, new;

	for (int shift = 30; shift >= 12; shift -= 9)
		entry = (uint64_t *)(DIRECT_MAP + (value(VMI_CALL_PTE_VAL, *entry) & 0xffffffffff000)) +
			((uint64_t)scratch >> shift & 511);
	old = value(VMI_CALL_PTE_VAL, *entry);
	CALL(SET_PTE, void, uint64_t *, uint64_t)(entry, value(VMI_CALL_MAKE_PTE, old & ~2ul));
	new = value(VMI_CALL_PTE_VAL, *entry);
	return (old & 2) && new == (old & ~2ul);
}

/* From start.S: a boot loader's magic number and structure, or what a ROM hands over. */
void start(uint32_t magic, uint32_t info, struct vmi_boot *from)
{
	(void)magic, (void)info;
	boot = from;
	take_rom();
	must(1, no_rom ? no_rom : init.host_name);
	__asm__ volatile("ud2" ::: "memory");
	must(exceptions == 1, "an exception and the way back");
	must(irq_works(), "the interrupt flag");
	if (init.features & VMI_FEAT_PV_MMU)
		must(pte_works(), "a page-table entry");
	if (vmi_ptr[VMI_CALL_TIMER_SET])	/* a deadline that has passed fires at once */
		must(!CALL(TIMER_SET, int, uint64_t)(1), "the timer");
	while (vmi_ptr[VMI_CALL_TIMER_SET] && !timers) {
		CALL(SAFE_HALT, void, void)();
		CALL(IRQ_DISABLE, void, void)();
	}
	leave(NULL);
}
