// SPDX-License-Identifier: MIT
/* Processor state. Read next: mmu.c. */
#include "conform.h"

#define DESC_DATA3	0x00cff3000000ffffull	/* flat, accessed, ring 3 */
#define DESC_CODE3	0x00affb000000ffffull
#define ACCESSED	(1ull << 40)
#define HOLE		0xffffffffc0000000ull	/* nothing is mapped there */
#define TLS		12			/* slots 12 to 14 */

static uint64_t table[512] __attribute__((aligned(4096)));
static uint64_t ldt[512] __attribute__((aligned(4096)));

const char *test_CPUID(void)
{
	uint32_t a = 0, b = 0, c = 0, d = 0;

	CALL(CPUID, void, uint32_t *, uint32_t *, uint32_t *, uint32_t *)(&a, &b, &c, &d);
	EXPECT(a >= 1 && b && c && d, "leaf 0 has no vendor");
	a = 0x80000001;
	c = 0;
	CALL(CPUID, void, uint32_t *, uint32_t *, uint32_t *, uint32_t *)(&a, &b, &c, &d);
	EXPECT(d & 1u << 29, "no long mode");
	/* pointers into a hole: the fault is inside the ROM */
	call_unwound(vmi_ptr[VMI_CALL_CPUID], HOLE, HOLE + 4, HOLE + 8, HOLE + 12);
	EXPECT(unwound, "the unwind table does not lead out of it");
	return NULL;
}

const char *test_GET_DEBUGREG(void)
{
	EXPECT((CALL(GET_DEBUGREG, uint64_t, int)(7) & 0xff) == 0, "a breakpoint is armed");
	return NULL;
}

const char *test_SET_DEBUGREG(void)
{
	uint64_t address = (uint64_t)&table[7];

	for (int nr = 0; nr < 4; nr++)
		CALL(SET_DEBUGREG, void, int, uint64_t)(nr, address + 8 * nr);
	for (int nr = 0; nr < 4; nr++)
		EXPECT(CALL(GET_DEBUGREG, uint64_t, int)(nr) == address + 8 * nr, "not what was written");
	for (int nr = 0; nr < 4; nr++)
		CALL(SET_DEBUGREG, void, int, uint64_t)(nr, 0);
	return NULL;
}

const char *test_READ_CR0(void)
{
	EXPECT((CALL(READ_CR0, uint64_t, void)() & 0x80000001) == 0x80000001, "no paging or no protection");
	return NULL;
}

const char *test_WRITE_CR0(void)
{
	uint64_t cr0 = CALL(READ_CR0, uint64_t, void)();

	CALL(WRITE_CR0, void, uint64_t)(cr0 | 8);
	EXPECT(CALL(READ_CR0, uint64_t, void)() & 8, "TS is not set");
	CALL(WRITE_CR0, void, uint64_t)(cr0 & ~8ul);
	EXPECT(!(CALL(READ_CR0, uint64_t, void)() & 8), "TS is not cleared");
	return NULL;
}

const char *test_READ_CR4(void)
{
	EXPECT(CALL(READ_CR4, uint64_t, void)() & 0x20, "no PAE");
	return NULL;
}

const char *test_WRITE_CR4(void)
{
	uint64_t cr4 = CALL(READ_CR4, uint64_t, void)();

	CALL(WRITE_CR4, void, uint64_t)(cr4);
	EXPECT(CALL(READ_CR4, uint64_t, void)() == cr4, "another value after writing the same");
	return NULL;
}

/* Once: on a host that protects the page it is a table from then on. */
int load_gdt(void)
{
	static int loaded;
	uint64_t frame = PA(table);

	if (loaded)
		return 0;
	for (int i = 0; i < 5; i++)
		table[i] = gdt[i];
	loaded = 1;
	return CALL(LOAD_GDT, int, const uint64_t *, uint32_t)(&frame, 16);
}

void write_gdt(uint32_t slot, uint64_t descriptor)
{
	CALL(WRITE_GDT_ENTRY, int, uint64_t, uint64_t)(PA(&table[slot]), descriptor);
}

const char *test_LOAD_GDT(void)
{
	uint64_t frame = PA(table);

	EXPECT(CALL(LOAD_GDT, int, const uint64_t *, uint32_t)(&frame, 0) == VMI_E_INVAL, "no entries are taken");
	EXPECT(!load_gdt(), "it fails");
	EXPECT(selector_is_good(0x1b) && selector_is_good(0x23), "its user segments are not there");
	EXPECT(!selector_is_good(0x43), "an empty slot is a segment");
	return NULL;
}

const char *test_WRITE_GDT_ENTRY(void)
{
	EXPECT(!load_gdt(), "LOAD_GDT fails");
	EXPECT(!CALL(WRITE_GDT_ENTRY, int, uint64_t, uint64_t)(PA(&table[8]), DESC_DATA3), "it fails");
	EXPECT(selector_is_good(0x43), "the segment is not there");
	EXPECT((table[8] & ~ACCESSED) == (DESC_DATA3 & ~ACCESSED), "it is another");
	EXPECT(!CALL(WRITE_GDT_ENTRY, int, uint64_t, uint64_t)(PA(&table[8]), 0), "it fails to clear");
	EXPECT(!selector_is_good(0x43), "the segment is still there");
	return NULL;
}

const char *test_LOAD_TLS(void)
{
	const uint64_t on[3] = { DESC_DATA3, 0, DESC_DATA3 }, off[3] = { 0 };

	EXPECT(!load_gdt(), "LOAD_GDT fails");
	CALL(LOAD_TLS, void, uint64_t, const uint64_t *)(PA(&table[TLS]), on);
	EXPECT(selector_is_good(TLS * 8 + 3) && !selector_is_good(TLS * 8 + 11) && selector_is_good(TLS * 8 + 19),
	       "not the three that were written");
	CALL(LOAD_TLS, void, uint64_t, const uint64_t *)(PA(&table[TLS]), off);
	EXPECT(!selector_is_good(TLS * 8 + 3) && !selector_is_good(TLS * 8 + 19), "they stay");
	return NULL;
}

/* The guest's part of PROTECT_LDT: its alias other than the direct map. */
static void protect_alias(int on)
{
	uint64_t *entry = entry_at((uint64_t)ldt, 1), value;

	if (!deprivileged)
		return;
	value = call_value(VMI_CALL_PTE_VAL, *entry);
	set_entry(VMI_CALL_SET_PTE, entry, on ? value & ~PTE_RW : value | PTE_RW);
	CALL(FLUSH_ONE, void, uint64_t)((uint64_t)ldt);
	CALL(PROTECT_LDT, void, uint64_t, uint32_t)(PA(ldt), on);
}

static const char *use_ldt(void)
{
	CALL(SET_LDT, void, const void *, uint32_t)(ldt, 512);
	EXPECT(selector_is_good(0x07), "its first segment is not there");
	EXPECT(!selector_is_good(0x0f), "an empty slot is a segment");
	CALL(SET_LDT, void, const void *, uint32_t)(NULL, 0);
	EXPECT(!selector_is_good(0x07), "the segment outlives it");
	return NULL;
}

const char *test_SET_LDT(void)
{
	const char *why;

	ldt[0] = DESC_DATA3;
	protect_alias(1);
	why = use_ldt();
	protect_alias(0);
	return why;
}

const char *test_PROTECT_LDT(void)
{
	protect_alias(1);
	EXPECT(!(call_value(VMI_CALL_PTE_VAL, *entry_at(DIRECT_MAP + PA(ldt), 1)) & PTE_RW),
	       "the direct map can write to it");
	protect_alias(0);
	EXPECT(call_value(VMI_CALL_PTE_VAL, *entry_at(DIRECT_MAP + PA(ldt), 1)) & PTE_RW,
	       "the direct map cannot write to it again");
	ldt[0] = DESC_DATA3;
	return NULL;
}

static const char *write_ldt(void)
{
	if (HAS(SET_LDT))
		CALL(SET_LDT, void, const void *, uint32_t)(ldt, 512);
	EXPECT(!CALL(WRITE_LDT_ENTRY, int, uint64_t, uint64_t)(PA(&ldt[3]), DESC_CODE3), "it fails");
	EXPECT((ldt[3] & ~ACCESSED) == (DESC_CODE3 & ~ACCESSED), "it is another");
	EXPECT(!HAS(SET_LDT) || selector_is_good(3 * 8 + 7), "the segment is not there");
	EXPECT(!CALL(WRITE_LDT_ENTRY, int, uint64_t, uint64_t)(PA(&ldt[3]), 0), "it fails to clear");
	return NULL;
}

const char *test_WRITE_LDT_ENTRY(void)
{
	const char *why;

	protect_alias(1);
	why = write_ldt();
	if (HAS(SET_LDT))
		CALL(SET_LDT, void, const void *, uint32_t)(NULL, 0);
	protect_alias(0);
	return why;
}

const char *test_LOAD_GS_INDEX(void)
{
	uint64_t base = CALL(GET_BASE, uint64_t, uint32_t)(VMI_BASE_GS_KERNEL);

	EXPECT(!load_gdt(), "LOAD_GDT fails");
	CALL(LOAD_GS_INDEX, void, uint32_t)(0x1b);
	EXPECT(gs_selector() == 0x1b, "the selector is not there");
	CALL(LOAD_GS_INDEX, void, uint32_t)(0x7fb);
	EXPECT(gs_selector() <= 3, "a bad selector does not load 0");
	CALL(LOAD_GS_INDEX, void, uint32_t)(0);
	EXPECT(CALL(GET_BASE, uint64_t, uint32_t)(VMI_BASE_GS_KERNEL) == base, "the kernel's base is gone");
	return NULL;
}

static const char *set_and_get(uint32_t which, uint64_t base)
{
	uint64_t old = CALL(GET_BASE, uint64_t, uint32_t)(which);

	EXPECT(!CALL(SET_BASE, int, uint32_t, uint64_t)(which, base), "it fails");
	EXPECT(CALL(GET_BASE, uint64_t, uint32_t)(which) == base, "not what was set");
	EXPECT(!CALL(SET_BASE, int, uint32_t, uint64_t)(which, old), "it fails for the old one");
	return NULL;
}

const char *test_SET_BASE(void)
{
	const char *why = set_and_get(VMI_BASE_FS, 0x1234567000);

	why = why ? why : set_and_get(VMI_BASE_GS_USER, 0x7654321000);
	if (why)
		return why;
	EXPECT(CALL(SET_BASE, int, uint32_t, uint64_t)(3, 0) == VMI_E_INVAL, "an unknown base is taken");
	EXPECT(CALL(SET_BASE, int, uint32_t, uint64_t)(VMI_BASE_FS, 1ull << 60) == VMI_E_INVAL,
	       "a non-canonical base is taken");
	return NULL;
}

const char *test_GET_BASE(void)
{
	uint64_t value = 0x5a5a, read;
	static uint64_t cell[2];
	uint64_t old = CALL(GET_BASE, uint64_t, uint32_t)(VMI_BASE_FS);

	cell[1] = value;
	CALL(SET_BASE, int, uint32_t, uint64_t)(VMI_BASE_FS, (uint64_t)cell);
	__asm__ volatile("mov %%fs:8, %0" : "=r" (read));
	EXPECT(CALL(GET_BASE, uint64_t, uint32_t)(VMI_BASE_FS) == (uint64_t)cell, "not what is in use");
	CALL(SET_BASE, int, uint32_t, uint64_t)(VMI_BASE_FS, old);
	EXPECT(read == value, "memory at the base is not what FS reads");
	return NULL;
}

const char *test_LOAD_SP0(void)
{
	static char stacks[2][4096] __attribute__((aligned(16)));
	const char *why = NULL;

	EXPECT(!load_gdt(), "LOAD_GDT fails");
	for (int i = 0; i < 2 && !why; i++) {
		CALL(LOAD_SP0, void, uint64_t)((uint64_t)stacks[i] + sizeof(stacks[i]));
		why = user_enters_on((uint64_t)stacks[i] + sizeof(stacks[i]));
	}
	return why;
}

/* In user mode: IN from a port of the keyboard controller, which every PC has; UD2 behind it is the way back. */
static const char *port_is_open(int open)
{
	static const uint8_t code[] = { 0xe4, 0x61, 0x0f, 0x0b };
	const char *why = NULL;
	const struct frame *f = user_run(code, sizeof(code), &why);

	if (why)
		return why;
	if (open)
		return f->nr == VMI_ENTRY_UD ? NULL : "an open port faults";
	return f->nr == VMI_ENTRY_GP ? NULL : "a closed port does not fault";
}

const char *test_SET_IO_BITMAP(void)
{
	static uint8_t bitmap[8192];
	const char *why;

	for (int i = 0; i < 8192; i++)
		bitmap[i] = 0xff;
	bitmap[0x61 / 8] &= ~(1 << 0x61 % 8);
	EXPECT(!CALL(SET_IO_BITMAP, int, const uint8_t *, uint32_t)(bitmap, 65536), "it fails");
	why = port_is_open(1);
	bitmap[0x61 / 8] = 0xff;
	why = why ? why : port_is_open(0);
	EXPECT(!CALL(SET_IO_BITMAP, int, const uint8_t *, uint32_t)(NULL, 0), "it fails to take it away");
	return why ? why : port_is_open(0);
}

const char *test_WBINVD(void)
{
	CALL(WBINVD, void, void)();
	__asm__ volatile(VMI_SITE("wbinvd", 6) :: VMI_SITE_NR(WBINVD) : "memory", "cc", "rax", "rcx", "rdx",
			 "rsi", "rdi", "r8", "r9", "r10", "r11");
	return NULL;
}

const char *test_SET_IOPL(void)
{
	const char *why;

	EXPECT(!CALL(SET_IOPL, int, uint32_t)(3), "3 fails");
	why = port_is_open(1);
	EXPECT(CALL(SET_IOPL, int, uint32_t)(1) == VMI_E_INVAL, "1 is taken");
	EXPECT(!CALL(SET_IOPL, int, uint32_t)(0), "0 fails");
	return why ? why : port_is_open(0);
}

const char *test_IRET(void)
{
	uint64_t before = exceptions;

	EXPECT(!ud2_registers(), "an exception and the way back change a register");
	EXPECT(exceptions == before + 1, "there was no exception");
	return user_round_trip();
}

/* Out of an NMI there is none; the word must be one of a PC's. */
const char *test_NMI_REASON(void)
{
	EXPECT(!CALL(NMI_REASON, uint32_t, void)(), "a reason for an NMI that was none");
	return NULL;
}
