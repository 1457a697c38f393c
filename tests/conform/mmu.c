// SPDX-License-Identifier: MIT
/*
 * Page tables. All tests work in slots that nothing uses: one of level 2 beside
 * the kernel's image, the last of level 3, and one of the root's lower half.
 */
#include "conform.h"

#define SLOT2	(IMAGE_OFFSET + 300 * 0x200000ul)
#define SLOT3	0xffffffffc0000000ul
#define SLOT4	USER_CODE

typedef uint64_t page[512] __attribute__((aligned(4096)));

static page level1, level2, level3, frames[2], roots[2];

uint64_t *entry_at(uint64_t va, int level)
{
	uint64_t *table = root, entry;

	for (int shift = 39; ; shift -= 9) {
		if (shift == 3 + 9 * level)
			return &table[va >> shift & 511];
		entry = call_value(VMI_CALL_PTE_VAL, table[va >> shift & 511]);
		if (!(entry & PTE_P) || entry & 0x80)
			return NULL;
		table = (uint64_t *)(DIRECT_MAP + (entry & PTE_FRAME));
	}
}

void set_entry(uint32_t nr, uint64_t *entry, uint64_t value)
{
	((void (*)(uint64_t *, uint64_t))vmi_ptr[nr])(entry, call_value(VMI_CALL_MAKE_PTE, value));
}

static uint32_t apart;			/* flag of level 1 tables */

static int add(const void *table, uint32_t level)
{
	struct vmi_table t = { PA(table), level, level == 1 ? apart : 0 };

	return CALL(ADD_TABLES, int, const struct vmi_table *, uint32_t)(&t, 1);
}

static int remove(const void *table, uint32_t level)
{
	struct vmi_table t = { PA(table), level, level == 1 ? apart : 0 };

	return CALL(REMOVE_TABLES, int, const struct vmi_table *, uint32_t)(&t, 1);
}

static void flush(uint64_t va) { CALL(FLUSH_ONE, void, uint64_t)(va); }

/* level1 at SLOT2, with frames[0] in its first entry. */
static const char *map(void)
{
	level1[0] = call_value(VMI_CALL_MAKE_PTE, PA(frames[0]) | PTE_KERNEL);
	frames[0][0] = 0x1111;
	frames[1][0] = 0x2222;
	EXPECT(!add(level1, 1), "ADD_TABLES fails");
	set_entry(VMI_CALL_SET_PMD, entry_at(SLOT2, 2), PA(level1) | PTE_TABLE);
	flush(SLOT2);
	EXPECT(can_read(SLOT2) && *(volatile uint64_t *)SLOT2 == 0x1111, "a new table does not map");
	return NULL;
}

static const char *unmap(void)
{
	set_entry(VMI_CALL_SET_PMD, entry_at(SLOT2, 2), 0);
	CALL(FLUSH_KERNEL, void, void)();
	EXPECT(!remove(level1, 1), "REMOVE_TABLES fails");
	for (int i = 0; i < 512; i++)
		level1[i] = 0;		/* faults where it is still a table */
	EXPECT(!can_read(SLOT2), "the mapping is still there");
	return NULL;
}

/* In between, `change` does what the test is about. */
static const char *mapped(const char *(*change)(void))
{
	const char *why = map(), *end;

	if (why)
		return why;
	why = change();
	end = unmap();
	return why ? why : end;
}

static uint64_t site_pte_val(uint64_t value)
{
	__asm__ volatile(VMI_SITE("", 6) : "+a" (value) : VMI_SITE_NR(PTE_VAL) : "memory", "cc");
	return value;
}

static uint64_t site_make_pte(uint64_t value)
{
	__asm__ volatile(VMI_SITE("", 6) : "+a" (value) : VMI_SITE_NR(MAKE_PTE) : "memory", "cc");
	return value;
}

const char *test_PTE_VAL(void)
{
	uint64_t *entry = entry_at((uint64_t)frames[0], deprivileged ? 1 : 2);

	EXPECT(!call_value(VMI_CALL_PTE_VAL, 0), "nothing becomes something");
	EXPECT((call_value(VMI_CALL_PTE_VAL, *entry) & PTE_FRAME & ~(deprivileged ? 0ul : 0x1fffff)) ==
	       (PA(frames[0]) & ~(deprivileged ? 0ul : 0x1ffffful)), "another frame than is mapped");
	EXPECT(site_pte_val(*entry) == call_value(VMI_CALL_PTE_VAL, *entry), "site and call disagree");
	return NULL;
}

const char *test_MAKE_PTE(void)
{
	for (uint64_t i = 0; i < 2; i++) {
		uint64_t value = PA(frames[i]) | PTE_KERNEL | 1ul << 63, made = call_value(VMI_CALL_MAKE_PTE, value);

		EXPECT(call_value(VMI_CALL_PTE_VAL, made) == value, "there and back is another entry");
		EXPECT(site_make_pte(value) == made, "site and call disagree");
	}
	EXPECT(!call_value(VMI_CALL_MAKE_PTE, 0), "nothing becomes something");
	return NULL;
}

static const char *remap(void)
{
	set_entry(VMI_CALL_SET_PTE, &level1[0], PA(frames[1]) | PTE_KERNEL);
	flush(SLOT2);
	EXPECT(*(volatile uint64_t *)SLOT2 == 0x2222, "the new entry does not map");
	set_entry(VMI_CALL_SET_PTE, (uint64_t *)(DIRECT_MAP + PA(level1)), PA(frames[0]) | PTE_KERNEL);
	flush(SLOT2);
	EXPECT(*(volatile uint64_t *)SLOT2 == 0x1111, "an entry named by the direct map is not written");
	return NULL;
}

const char *test_SET_PTE(void) { return mapped(remap); }

static const char *nothing(void) { return NULL; }

const char *test_SET_PMD(void) { return mapped(nothing); }

static const char *map_high(uint32_t nr, uint64_t *slot, const void *table, uint64_t va)
{
	set_entry(nr, slot, PA(table) | PTE_TABLE);
	CALL(FLUSH_KERNEL, void, void)();
	EXPECT(can_read(va) && *(volatile uint64_t *)va == 0x1111, "a new table does not map");
	if (va == SLOT4 && deprivileged)
		EXPECT(call_value(VMI_CALL_PTE_VAL, root[512 + 5]) == call_value(VMI_CALL_PTE_VAL, *slot),
		       "the companion lacks an entry of the lower half");
	set_entry(nr, slot, 0);
	CALL(FLUSH_KERNEL, void, void)();
	EXPECT(!can_read(va), "the mapping is still there");
	EXPECT(va != SLOT4 || !deprivileged || !root[512 + 5], "the companion keeps an entry");
	return NULL;
}

/* Three levels of new tables, announced from the leaf up. */
static const char *build(int levels)
{
	frames[0][0] = 0x1111;
	level1[0] = call_value(VMI_CALL_MAKE_PTE, PA(frames[0]) | PTE_KERNEL | PTE_US);
	level1[1] = call_value(VMI_CALL_MAKE_PTE, PA(frames[1]) | PTE_KERNEL | PTE_US);
	level2[0] = call_value(VMI_CALL_MAKE_PTE, PA(level1) | PTE_TABLE);
	level3[0] = call_value(VMI_CALL_MAKE_PTE, PA(level2) | PTE_TABLE);
	EXPECT(!add(level1, 1) && !add(level2, 2) && (levels < 3 || !add(level3, 3)), "ADD_TABLES fails");
	return NULL;
}

static const char *take_down(int levels)
{
	EXPECT((levels < 3 || !remove(level3, 3)) && !remove(level2, 2) && !remove(level1, 1), "REMOVE_TABLES fails");
	level1[0] = level1[1] = level2[0] = level3[0] = 0;
	return NULL;
}

const char *test_SET_PUD(void)
{
	const char *why = build(2);

	why = why ? why : map_high(VMI_CALL_SET_PUD, entry_at(SLOT3, 3), level2, SLOT3);
	return why ? why : take_down(2);
}

const char *test_SET_P4D(void)
{
	const char *why = build(3);

	why = why ? why : map_high(VMI_CALL_SET_P4D, entry_at(SLOT4, 4), level3, SLOT4);
	return why ? why : take_down(3);
}

/* For user.c: code in the first page at USER_CODE, stack in the second. */
const char *user_map(const void *code, uint32_t bytes)
{
	const char *why = build(3);

	for (uint32_t i = 0; i < bytes; i++)
		((char *)frames[0])[i] = ((const char *)code)[i];
	if (!why)
		set_entry(VMI_CALL_SET_P4D, entry_at(USER_CODE, 4), PA(level3) | PTE_TABLE);
	CALL(FLUSH_KERNEL, void, void)();
	return why;
}

const char *user_unmap(void)
{
	set_entry(VMI_CALL_SET_P4D, entry_at(USER_CODE, 4), 0);
	CALL(FLUSH_KERNEL, void, void)();
	return take_down(3);
}

static const char *bad_tables(void)
{
	static const struct { struct vmi_table table; const char *why; } bad[] = {
		{ { PA(level1), 5, 0 }, "a table of level 5 is taken" },
		{ { PA(level1) + 8, 1, 0 }, "a crooked table is taken" },
		{ { PA(level1), 2, VMI_TABLE_APART }, "a table of level 2 stands apart" },
		{ { PA(level1), 1, ~VMI_TABLE_APART }, "a flag that is none is taken" },
	};

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT(CALL(ADD_TABLES, int, const struct vmi_table *, uint32_t)(&bad[i].table, 1) == VMI_E_INVAL,
		       bad[i].why);
	return NULL;
}

const char *test_ADD_TABLES(void)
{
	struct vmi_table none = { 0 };
	const char *why = deprivileged ? bad_tables() : NULL;

	if (why)
		return why;
	EXPECT(!CALL(ADD_TABLES, int, const struct vmi_table *, uint32_t)(&none, 0), "no table at all is refused");
	why = mapped(nothing);
	if (why)
		return why;
	apart = VMI_TABLE_APART;
	why = mapped(nothing);
	apart = 0;
	return why;
}

/* A second root that shares the kernel's half, in use and away again. */
static const char *second_root(void)
{
	const char *why = NULL;

	for (int i = 0; i < 1024; i++)
		((uint64_t *)roots)[i] = 0;
	for (int i = 256; i < 512; i++)
		if (i < 256 || i > 271)
			roots[0][i] = root[i];
	EXPECT(!add(roots, 4), "ADD_TABLES fails for a root");
	CALL(WRITE_CR3, void, uint64_t)(PA(roots));
	if (CALL(READ_CR3, uint64_t, void)() != PA(roots))
		why = "READ_CR3 does not say what WRITE_CR3 wrote";
	CALL(WRITE_CR3, void, uint64_t)(PA(root));
	EXPECT(!remove(roots, 4), "REMOVE_TABLES fails for a root");
	for (int i = 0; i < 512; i++)
		roots[0][i] = 0;
	return why;
}

const char *test_REMOVE_TABLES(void) { return second_root(); }
const char *test_WRITE_CR3(void) { return second_root(); }

const char *test_ADOPT(void)
{
	struct vmi_adopt again = { VMI_MAGIC_ADOPT, VMI_STRUCT_VERSION, sizeof(again), PA(root),
		(uint64_t)image, (uint64_t)image_end, DIRECT_MAP };

	EXPECT(CALL(ADOPT, int, struct vmi_adopt *)(&again) == VMI_E_STATE, "a second time is not refused as such");
	again.magic = 0;
	EXPECT(CALL(ADOPT, int, struct vmi_adopt *)(&again) == VMI_E_INVAL, "a structure without magic is taken");
	EXPECT(*(volatile uint32_t *)(DIRECT_MAP + PA(image)) == *(volatile uint32_t *)image,
	       "the direct map does not map the image");
	return NULL;
}

const char *test_READ_CR2(void)
{
	uint64_t cr2;

	EXPECT(!can_read(SLOT2 + 0x123456), "a hole can be read");
	EXPECT(fault_address == SLOT2 + 0x123456, "another address than the fault's");
	__asm__ volatile(VMI_SITE("mov %%cr2, %%rax", 6) : "=a" (cr2) : VMI_SITE_NR(READ_CR2) : "memory", "cc");
	EXPECT(cr2 == fault_address, "site and call disagree");
	return NULL;
}

const char *test_WRITE_CR2(void)
{
	CALL(WRITE_CR2, void, uint64_t)(0x123456789000);
	EXPECT(CALL(READ_CR2, uint64_t, void)() == 0x123456789000, "not what was written");
	return NULL;
}

const char *test_READ_CR3(void)
{
	EXPECT(CALL(READ_CR3, uint64_t, void)() == PA(root), "not the root in use");
	return NULL;
}

/* An entry changes under a translation that is in use; after the flush the new one counts. */
static const char *flush_by(void (*how)(void), int global)
{
	uint64_t bits = PTE_KERNEL | (global ? 0x100 & ~init.pte_forbidden : 0);

	set_entry(VMI_CALL_SET_PTE, &level1[0], PA(frames[0]) | bits);
	flush(SLOT2);
	EXPECT(*(volatile uint64_t *)SLOT2 == 0x1111, "the first entry does not map");
	set_entry(VMI_CALL_SET_PTE, &level1[0], PA(frames[1]) | bits);
	how();
	EXPECT(*(volatile uint64_t *)SLOT2 == 0x2222, "the old translation is still in use");
	return NULL;
}

static void by_user(void) { CALL(FLUSH_USER, void, void)(); }
static void by_kernel(void) { CALL(FLUSH_KERNEL, void, void)(); }
static void by_one(void) { flush(SLOT2); }
static void by_multi(void)
{
	uint64_t cpus = 1;

	if (CALL(FLUSH_MULTI, int, const uint64_t *, uint32_t, uint64_t)(&cpus, 1, SLOT2))
		leave("FLUSH_MULTI fails");
}
static void by_multi_all(void)
{
	uint64_t cpus = 1;

	if (CALL(FLUSH_MULTI, int, const uint64_t *, uint32_t, uint64_t)(&cpus, 1, VMI_FLUSH_ALL))
		leave("FLUSH_MULTI fails");
}

static const char *user(void) { return flush_by(by_user, 0); }
static const char *kernel(void) { return flush_by(by_kernel, 1); }
static const char *one(void) { return flush_by(by_one, 1); }
static const char *multi(void)
{
	const char *why = flush_by(by_multi, 0);

	return why ? why : flush_by(by_multi_all, 0);
}

const char *test_FLUSH_USER(void) { return mapped(user); }
const char *test_FLUSH_KERNEL(void) { return mapped(kernel); }
const char *test_FLUSH_ONE(void) { return mapped(one); }
const char *test_FLUSH_MULTI(void) { return mapped(multi); }

static void lazy(uint32_t op) { CALL(LAZY_MODE, void, uint32_t)(op); }

static const char *deferred(void)
{
	lazy(VMI_LAZY_ENTER_MMU);
	set_entry(VMI_CALL_SET_PTE, &level1[1], PA(frames[0]) | PTE_KERNEL);
	set_entry(VMI_CALL_SET_PTE, &level1[2], PA(frames[1]) | PTE_KERNEL);
	lazy(VMI_LAZY_FLUSH);
	EXPECT(can_read(SLOT2 + PAGE) && can_read(SLOT2 + 2 * PAGE), "FLUSH leaves entries in the queue");
	set_entry(VMI_CALL_SET_PTE, &level1[3], PA(frames[1]) | PTE_KERNEL);
	lazy(VMI_LAZY_LEAVE);
	EXPECT(can_read(SLOT2 + 3 * PAGE), "LEAVE leaves entries in the queue");
	lazy(VMI_LAZY_ENTER_CPU);
	CALL(WRITE_CR3, void, uint64_t)(PA(root));
	lazy(VMI_LAZY_LEAVE);
	EXPECT(CALL(READ_CR3, uint64_t, void)() == PA(root), "a deferred WRITE_CR3 is lost");
	return NULL;
}


static const char *commit(void)
{
	uint64_t value = PA(frames[0]) | PTE_P | PTE_RW;

	set_entry(VMI_CALL_SET_PTE, &level1[0], value);
	flush(SLOT2);
	*(volatile uint64_t *)SLOT2 = 0x1111;
	EXPECT((call_value(VMI_CALL_PTE_VAL, level1[0]) & (PTE_A | PTE_D)) == (PTE_A | PTE_D), "the processor sets no bits");
	set_entry(VMI_CALL_PROT_COMMIT, &level1[0], value & ~PTE_RW);
	EXPECT((call_value(VMI_CALL_PTE_VAL, level1[0]) & (PTE_A | PTE_D)) == (PTE_A | PTE_D), "the bits are lost");
	EXPECT(!(call_value(VMI_CALL_PTE_VAL, level1[0]) & PTE_RW), "the change is lost");
	return NULL;
}

const char *test_PROT_COMMIT(void) { return mapped(commit); }

/* A host may add bits of its own, the user bit among them. */
#define PTE_TOLD	(PTE_FRAME | PTE_KERNEL)

static uint64_t told(uint64_t entry)
{
	return call_value(VMI_CALL_PTE_VAL, entry) & PTE_TOLD;
}

static uint64_t take(uint64_t *entry, uint32_t flags)
{
	return told(CALL(TAKE_PTE, uint64_t, uint64_t *, uint32_t)(entry, flags));
}

static uint64_t clear_bits(uint64_t *entry, uint64_t bits, uint32_t flags)
{
	return told(CALL(CLEAR_PTE_BITS, uint64_t, uint64_t *, uint64_t, uint32_t)(entry, bits, flags));
}

static uint64_t entry_value(const uint64_t *entry)
{
	return told(*(const volatile uint64_t *)entry);
}

static void may_defer(uint32_t op)
{
	if (vmi_ptr[VMI_CALL_LAZY_MODE])
		lazy(op);
}

/* frames[0] in the first entry, clean, then written to by the processor. */
static void make_dirty(void)
{
	set_entry(VMI_CALL_SET_PTE, &level1[0], PA(frames[0]) | PTE_P | PTE_RW);
	flush(SLOT2);
	*(volatile uint64_t *)SLOT2 = 0x1111;
}

static const char *take_each_way(uint32_t flags)
{
	make_dirty();
	EXPECT(take(&level1[0], flags) == (PA(frames[0]) | PTE_KERNEL), "not what the entry was, with the processor's bits");
	EXPECT(!level1[0], "something is left of the entry");
	EXPECT(!take(&level1[0], flags), "an empty entry was something");
	flush(SLOT2);
	EXPECT(!can_read(SLOT2), "the mapping is still there");
	return NULL;
}

/* What was asked for before in the same lazy section counts, done or not. */
static const char *take_deferred(uint32_t flags)
{
	make_dirty();
	may_defer(VMI_LAZY_ENTER_MMU);
	clear_bits(&level1[0], PTE_RW, flags);
	EXPECT(take(&level1[0], flags) == (PA(frames[0]) | PTE_P | PTE_A | PTE_D), "a bit that was cleared before is back");
	EXPECT(!take(&level1[0], flags), "it is there twice");
	set_entry(VMI_CALL_SET_PTE, &level1[0], PA(frames[1]) | PTE_P);
	EXPECT(take(&level1[0], flags) == (PA(frames[1]) | PTE_P), "not what was set before");
	may_defer(VMI_LAZY_LEAVE);
	EXPECT(!level1[0], "something is left of the entry");
	return NULL;
}

static const char *take_all(void)
{
	for (uint32_t flags = 0; flags <= VMI_RMW_PRIVATE; flags++) {
		const char *why = take_each_way(flags);

		why = why ? why : take_deferred(flags);
		if (why)
			return why;
	}
	return NULL;
}

const char *test_TAKE_PTE(void) { return mapped(take_all); }

static const char *clear_each_way(uint32_t flags)
{
	const uint64_t was = PA(frames[0]) | PTE_KERNEL;

	make_dirty();
	EXPECT(clear_bits(&level1[0], PTE_RW, flags) == was, "not what the entry was, with the processor's bits");
	EXPECT(entry_value(&level1[0]) == (was & ~PTE_RW), "not the bit, or not only the bit, is cleared");
	EXPECT(clear_bits(&level1[0], PTE_A, flags) == (was & ~PTE_RW), "not what the entry was");
	EXPECT(entry_value(&level1[0]) == (was & ~PTE_RW & ~PTE_A), "the accessed bit, or not only it, is cleared");
	flush(SLOT2);
	EXPECT(can_read(SLOT2) && entry_value(&level1[0]) & PTE_A, "the processor does not set the bit again");
	return NULL;
}

static const char *clear_deferred(uint32_t flags)
{
	make_dirty();
	may_defer(VMI_LAZY_ENTER_MMU);
	clear_bits(&level1[0], PTE_RW, flags);
	EXPECT(clear_bits(&level1[0], PTE_RW, flags) == (PA(frames[0]) | PTE_P | PTE_A | PTE_D), "the bit is cleared twice");
	may_defer(VMI_LAZY_FLUSH);
	EXPECT(!(entry_value(&level1[0]) & PTE_RW), "FLUSH leaves it in the queue");
	may_defer(VMI_LAZY_LEAVE);
	return NULL;
}

static const char *clear_all(void)
{
	for (uint32_t flags = 0; flags <= VMI_RMW_PRIVATE; flags++) {
		const char *why = clear_each_way(flags);

		why = why ? why : clear_deferred(flags);
		if (why)
			return why;
	}
	return NULL;
}

const char *test_CLEAR_PTE_BITS(void) { return mapped(clear_all); }

static void set_at(uint64_t *entry, uint64_t value, uint64_t va)
{
	CALL(SET_PTE_AT, void, uint64_t *, uint64_t, uint64_t)(entry, call_value(VMI_CALL_MAKE_PTE, value), va);
}

static const char *remap_at(void)
{
	set_at(&level1[0], PA(frames[1]) | PTE_KERNEL, SLOT2);
	flush(SLOT2);
	EXPECT(*(volatile uint64_t *)SLOT2 == 0x2222, "the new entry does not map");
	may_defer(VMI_LAZY_ENTER_MMU);
	set_at(&level1[0], PA(frames[0]) | PTE_KERNEL, SLOT2);
	set_at(&level1[1], PA(frames[1]) | PTE_KERNEL, SLOT2 + PAGE);
	may_defer(VMI_LAZY_LEAVE);
	flush(SLOT2);
	EXPECT(*(volatile uint64_t *)SLOT2 == 0x1111, "the entry set in a lazy section does not map");
	EXPECT(can_read(SLOT2 + PAGE), "the second entry set in a lazy section does not map");
	return NULL;
}

const char *test_SET_PTE_AT(void) { return mapped(remap_at); }

static const char *bases_deferred(void)
{
	lazy(VMI_LAZY_ENTER_CPU);
	CALL(SET_BASE, int, uint32_t, uint64_t)(VMI_BASE_FS, 0x123000);
	CALL(SET_BASE, int, uint32_t, uint64_t)(VMI_BASE_GS_USER, 0x456000);
	lazy(VMI_LAZY_LEAVE);
	EXPECT(CALL(GET_BASE, uint64_t, uint32_t)(VMI_BASE_FS) == 0x123000, "a deferred base of FS is lost");
	EXPECT(CALL(GET_BASE, uint64_t, uint32_t)(VMI_BASE_GS_USER) == 0x456000, "a deferred base of GS is lost");
	return NULL;
}

/* Take, flush, set, as copy-on-write does it: at the end the new page is what is read. */
static const char *copied_on_write(void)
{
	static const uint64_t was = 0x1111;
	const char *why = user_map(&was, sizeof(was));
	uint64_t *entry = entry_at(USER_CODE, 1);

	if (why)
		return why;
	frames[1][0] = 0x2222;
	EXPECT(*(volatile uint64_t *)USER_CODE == 0x1111, "a new table does not map");
	lazy(VMI_LAZY_ENTER_MMU);
	take(entry, VMI_RMW_PRIVATE);
	flush(USER_CODE);
	set_entry(VMI_CALL_SET_PTE, entry, PA(frames[1]) | PTE_KERNEL | PTE_US);
	lazy(VMI_LAZY_LEAVE);
	EXPECT(*(volatile uint64_t *)USER_CODE == 0x2222, "the old page is still read");
	return user_unmap();
}

/* This CPU runs, and nobody else is there: the set stays as it is. */
const char *test_FLUSH_ABSENT(void)
{
	static const uint64_t sets[] = { 0, 1, 1ul << 63, ~0ul };

	for (uint32_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		uint64_t set[2] = { sets[i], ~0ul };

		CALL(FLUSH_ABSENT, void, uint64_t *, uint32_t)(set, 64);
		EXPECT(set[0] == sets[i], "a CPU that runs, or is none, leaves the set");
		CALL(FLUSH_ABSENT, void, uint64_t *, uint32_t)(set, 128);
		EXPECT(set[0] == sets[i] && set[1] == ~0ul, "a set of more CPUs than there are is changed");
	}
	return NULL;
}

const char *test_LAZY_MODE(void)
{
	const char *why = mapped(deferred);

	why = why ? why : bases_deferred();
	return why ? why : copied_on_write();
}
