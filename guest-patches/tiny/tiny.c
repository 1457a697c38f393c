// SPDX-License-Identifier: MIT
/*
 * The smallest kernel that uses the ABI: it says where it runs, takes an
 * exception, switches interrupts, writes a page-table entry, waits for a timer
 * and gives its verdict. Every step goes through the ROM where there is one.
 */
#include "tiny.h"

static volatile int exceptions, timers;
static char scratch[4096] __attribute__((aligned(4096)));

/* UD2 has two bytes; the frame is the hardware's, so going on is one addition. */
int guest_trap(struct frame *f)
{
	if (f->nr != VMI_ENTRY_UD)
		return 0;
	exceptions++;
	f->rip += 2;
	return 1;
}

void guest_event(uint32_t event)
{
	timers += event == VMI_EVENT_TIMER;
}

static void check(int ok, const char *what)
{
	print(ok ? "tiny: works: " : "tiny: FAILS: ");
	print(what);
	print("\n");
	if (!ok)
		leave(what);
}

/* Sites: the native instruction stands there until a ROM says otherwise. */
static inline void irq_disable(void)
{
	__asm__ volatile(VMI_SITE("cli", 6) :: VMI_SITE_NR(IRQ_DISABLE) : "memory", "cc");
}

static inline void irq_enable(void)
{
	__asm__ volatile(VMI_SITE("sti", 6) :: VMI_SITE_NR(IRQ_ENABLE) : "memory", "cc");
}

static inline uint64_t irq_save(void)
{
	uint64_t flags;

	__asm__ volatile(VMI_SITE("pushf; pop %%rax", 6) : "=a" (flags) : VMI_SITE_NR(IRQ_SAVE) : "memory", "cc");
	return flags;
}

static int irq_works(void)
{
	int ok;

	irq_enable();
	ok = !!(irq_save() & VMI_IRQ_FLAG);
	irq_disable();
	return ok && !(irq_save() & VMI_IRQ_FLAG);
}

/* The level 1 entry of a page of the image, found as any kernel would: through PTE_VAL. */
static uint64_t *entry_of(uint64_t va)
{
	uint64_t *table = root, entry;

	for (int shift = 39; shift > 12; shift -= 9) {
		entry = call_value(VMI_CALL_PTE_VAL, table[va >> shift & 511]);
		if (!(entry & 1) || entry & 0x80)
			return 0;
		table = (uint64_t *)(DIRECT_MAP + (entry & 0xffffffffff000));
	}
	return &table[va >> 12 & 511];
}

/* Makes a page read-only and writable again, in announced page tables. */
static int pte_works(void)
{
	uint64_t *entry = entry_of((uint64_t)scratch), old, new;

	if (!entry)
		return 0;
	old = call_value(VMI_CALL_PTE_VAL, *entry);
	CALL(SET_PTE, void, uint64_t *, uint64_t)(entry, call_value(VMI_CALL_MAKE_PTE, old & ~2ul));
	new = call_value(VMI_CALL_PTE_VAL, *entry);
	CALL(SET_PTE, void, uint64_t *, uint64_t)(entry, call_value(VMI_CALL_MAKE_PTE, old));
	CALL(FLUSH_ONE, void, uint64_t)((uint64_t)scratch);
	scratch[0] = 1;
	return !(new & 2) && !((new ^ old) & 0xffffffffff000);
}

/* A deadline that has passed fires at once; it is the event that matters here. */
static int timer_works(void)
{
	if (CALL(TIMER_SET, int, uint64_t)(1))
		return 0;
	while (!timers) {
		CALL(SAFE_HALT, void, void)();
		irq_disable();
	}
	return 1;
}

void guest_main(void)
{
	print("tiny: runs on ");
	print(no_rom ? "whatever this is, since " : init.host_name);
	print(no_rom ? no_rom : "");
	print("\n");
	__asm__ volatile("ud2" ::: "memory");
	check(exceptions == 1, "an exception and the way back");
	check(irq_works(), "the interrupt flag");
	if (init.features & VMI_FEAT_PV_MMU)
		check(pte_works(), "a page-table entry");
	if (vmi_ptr[VMI_CALL_TIMER_SET])
		check(timer_works(), "the timer");
}
