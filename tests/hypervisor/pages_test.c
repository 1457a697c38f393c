// SPDX-License-Identifier: MIT
/*
 * Page tables that a guest writes: what is refused, one by one; and any calls at
 * all, after which everything is counted again from the tables themselves.
 */
#include "host.h"
#include "memory/paging.h"
#include "pv/pv.h"
#include "pv_host.h"

#define OWNER		3
#define OTHER		4
#define FRAMES		(2 * 512u)
#define ROUNDS		100000
#define RW		(PTE_PRESENT | PTE_WRITE | PTE_USER)
#define RO		(PTE_PRESENT | PTE_USER)

static struct guest_memory m, other;
static struct pages *p;
static u64 host_root[512];
static struct why why;
static u32 forgotten;

static void forget(struct pages *which)
{
	assert_ptr_equal(which, p);
	forgotten++;
}

static int start(void **state)
{
	(void)state;
	host_start();
	for (int i = 0; i < 512; i++)
		host_root[i] = i << 12 | 3;
	assert_int_equal(guest_memory_create(&m, 2 * CHUNK_BYTES, OWNER, &why), 0);
	assert_int_equal(guest_memory_create(&other, CHUNK_BYTES, OTHER, &why), 0);
	assert_int_equal(pages_create(&m, host_root, &why), 0);
	p = m.pages;
	p->forget = forget;
	p->budget = MOST_CHECKED;
	forgotten = 0;
	return 0;
}

static u64 pa(u64 frame) { return guest_frame(&m, frame * PAGE_SIZE); }
static u64 *table(u64 frame) { return at_pa(pa(frame)); }
static int pin(u64 frame, u32 level) { return pages_pin(p, frame * PAGE_SIZE, level); }

static int update(u64 frame, u32 i, u64 value)
{
	u64 old;

	return pages_update(p, frame * PAGE_SIZE + i * 8, value, WRITE_VALUE, &old);
}

static struct page_record *record(u64 frame) { return &p->records[frame / 512][frame % 512]; }

/* A root at 4, below it 3, 2, 1, and page 10 in entry 0 of each. */
static void make_tree(void)
{
	table(4)[0] = pa(3) | RW;
	table(3)[0] = pa(2) | RW;
	table(2)[0] = pa(1) | RW;
	table(1)[0] = pa(10) | RW;
	assert_int_equal(pin(4, 4), 0);
}

static void test_tree(void **state)
{
	(void)state;
	make_tree();
	for (u32 i = 1; i <= 4; i++)
		assert_true(record(i)->use == i && record(i)->count == 1);
	assert_true(record(10)->use == USE_WRITABLE && record(10)->count == 1);
	for (u32 i = HOST_SLOT; i < HOST_SLOT + HOST_SLOTS; i++)
		assert_int_equal(table(4)[i], host_root[i]);
	assert_int_equal(table(4)[HOST_SLOT + HOST_SLOTS], 0);
	assert_int_equal(pages_unpin(p, 4 * PAGE_SIZE), 0);
	for (u32 i = 0; i < FRAMES; i++)
		assert_int_equal(record(i)->count, 0);
	assert_int_equal(table(4)[HOST_SLOT], 0);
}

/* Each is one entry that must not be; the table is not taken, and nothing is left counted. */
static void test_bad_entries(void **state)
{
	const struct { u64 value; const char *what; } bad[] = {
		{ other.map[0] | RW, "another domain's frame" }, { other.map[0] | RO, "another domain's frame, to read" },
		{ pa_of(p) | RW, "vmihv's own" }, { pa_of(p->records[0]) | RO, "records" }, { RW, "frame 0" },
		{ 1ul << 51 | RW, "beyond any memory" }, { PTE_FRAME | RW, "all bits" }, { HOST_MEMORY | RW, "its end" },
		{ pa(10) | RW | PTE_LARGE, "a large page" }, { pa(10) | RO | PTE_LARGE, "the same, to read" },
		{ pa(20) | RW, "itself" },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		for (u32 level = 1; level <= 4; level++) {
			memset(table(20), 0, PAGE_SIZE);
			table(20)[0] = level == 1 ? pa(11) | RW : 0;
			table(20)[511] = bad[i].value;
			if (pin(20, level) != -1)
				fail_msg("level %u leads to %s", level, bad[i].what);
			assert_true(!record(20)->count && !record(11)->count && !record(20)->pinned);
		}
}

static void test_bad_updates(void **state)
{
	u64 old;

	(void)state;
	make_tree();
	assert_int_equal(update(1, 1, other.map[0] | RW), -1);
	assert_int_equal(update(1, 1, pa(1) | RW), -1);		/* a table, to write */
	assert_int_equal(update(1, 1, pa(4) | RW), -1);
	assert_int_equal(update(1, 1, pa(4) | RO), 0);		/* to read */
	assert_int_equal(update(1, 1, pa(4) | RW), -1);		/* the same frame, more rights */
	assert_int_equal(update(1, 0, pa(10) | RW | PTE_LARGE), -1);
	assert_int_equal(update(4, 1, pa(4) | RW), -1);		/* loops */
	assert_int_equal(update(3, 1, pa(4) | RW), -1);
	assert_int_equal(update(3, 1, pa(3) | RW), -1);
	assert_int_equal(update(2, 1, pa(2) | RW), -1);
	assert_int_equal(update(2, 1, pa(3) | RW), -1);
	assert_int_equal(update(2, 1, pa(10) | RW), -1);	/* writable memory is no table */
	assert_int_equal(update(4, HOST_SLOT, 0), -1);		/* vmihv's entries */
	assert_int_equal(update(4, HOST_SLOT + HOST_SLOTS - 1, pa(3) | RW), -1);
	assert_int_equal(update(10, 0, 0), -1);			/* no table */
	assert_int_equal(update(FRAMES, 0, 0), -1);
	assert_int_equal(pages_update(p, ~0ul << 3, 0, WRITE_VALUE, &old), -1);
	assert_int_equal(pages_update(p, PAGE_SIZE + 4, 0, WRITE_VALUE, &old), -1);
	assert_int_equal(pages_update(p, 2 * PAGE_SIZE, 1, WRITE_CLEAR, &old), -1);
	assert_int_equal(pages_update(p, PAGE_SIZE, PAGE_SIZE, WRITE_CLEAR, &old), -1);
	assert_int_equal(pin(4, 4), -1);
	assert_int_equal(pin(1, 2), -1);
	assert_int_equal(pin(10, 1), -1);
	assert_int_equal(pages_pin(p, 4096 * 30 + 8, 1), -1);
	assert_int_equal(pages_pin(p, FRAMES * PAGE_SIZE, 1), -1);
	assert_int_equal(pin(30, 5), -1);
	assert_int_equal(pages_unpin(p, 3 * PAGE_SIZE), -1);
	assert_int_equal(pages_get_root(p, 3 * PAGE_SIZE), -1);
	assert_int_equal(pages_get_root(p, FRAMES * PAGE_SIZE), -1);
}

/* What vmihv writes for a guest never goes into a table, nor where a processor may still see one. */
static void test_vmihv_writes(void **state)
{
	(void)state;
	make_tree();
	assert_int_equal(guest_write(&m, PAGE_SIZE, "x", 1), -1);
	assert_int_equal(guest_clear(&m, 5 * PAGE_SIZE - 1, 2), -1);
	assert_int_equal(guest_write(&m, 10 * PAGE_SIZE, "x", 1), 0);
	assert_null(guest_page(&m, 2 * PAGE_SIZE));
	assert_non_null(guest_page(&m, 30 * PAGE_SIZE));
	assert_int_equal(pin(30, 1), -1);
	forgotten = 0;
	assert_int_equal(pages_unpin(p, 4 * PAGE_SIZE), 0);
	assert_int_equal(forgotten, 0);
	assert_int_equal(guest_write(&m, PAGE_SIZE, "x", 1), 0);
	assert_int_equal(forgotten, 1);
}

/* Between two uses of a frame all processors forget. */
static void test_forgets(void **state)
{
	u64 old;

	(void)state;
	make_tree();
	forgotten = 0;
	assert_int_equal(update(1, 0, pa(10) | RO), 0);		/* writable no more */
	assert_int_equal(pin(10, 1), 0);
	assert_int_equal(forgotten, 1);
	assert_int_equal(pages_unpin(p, 10 * PAGE_SIZE), 0);
	assert_int_equal(update(1, 0, pa(10) | RW), 0);
	assert_int_equal(forgotten, 2);
	assert_int_equal(pages_update(p, PAGE_SIZE, PTE_WRITE, WRITE_CLEAR, &old), 0);
	assert_int_equal(pin(10, 2), 0);
	assert_int_equal(forgotten, 3);
}

static void test_bounded(void **state)
{
	(void)state;
	for (u64 i = 0; i < 512; i++)
		table(600)[i] = pa(i) | RW;			/* 512 tables below one */
	p->budget = 512;
	assert_int_equal(pin(600, 2), -1);
	for (u32 i = 0; i < FRAMES; i++)
		assert_int_equal(record(i)->count, 0);
	p->budget = 513;
	assert_int_equal(pin(600, 2), 0);
	assert_int_equal(p->budget, 0);
}

static u64 random_entry(u32 *seed)
{
	u64 frame = host_random(seed) % 24, bits = host_random(seed) & 0x1ff;

	switch (host_random(seed) % 16) {
	case 0:
		return other.map[0] + frame * PAGE_SIZE + bits;
	case 1:
		return pa_of(p) + bits;
	case 2:
		return (u64)host_random(seed) << 32 | host_random(seed);
	}
	return pa(frame) | (bits & ~PTE_LARGE) | (u64)(host_random(seed) & 1) << 63;
}

/* Few frames, so that they meet: 24 of them, in the part of a table that is used. */
static void one_call(u32 *seed, u64 *root)
{
	u64 frame = 1 + host_random(seed) % 23, old, slot = host_random(seed) % 8 + (host_random(seed) % 16 ? 0 : HOST_SLOT - 4);

	p->budget = MOST_CHECKED;
	switch (host_random(seed) % 8) {
	case 0:
		pin(frame, host_random(seed) % 6);
		break;
	case 1:
		pages_unpin(p, frame * PAGE_SIZE);
		break;
	case 2:
		if (!pages_get_root(p, frame * PAGE_SIZE)) {
			if (*root)
				pages_put_root(p, *root * PAGE_SIZE);
			*root = frame;
		}
		break;
	case 3:				/* by a mapping, where it is none of a table */
		if (pages_is_plain(p, frame * PAGE_SIZE))
			table(frame)[slot] = random_entry(seed);
		break;
	default:
		pages_update(p, frame * PAGE_SIZE + slot * 8, random_entry(seed), host_random(seed) % WRITES, &old);
	}
}

static void test_any(void **state)
{
	u32 seed = 11, live = 0;
	u64 root = 0;

	(void)state;
	for (u32 i = 0; i < ROUNDS; i++) {
		one_call(&seed, &root);
		if (i % 64)
			continue;
		pages_must_add_up(p, root, NULL);
		for (u32 f = 0; f < 24; f++)
			live |= record(f)->count ? 1u << record(f)->use : 0;
	}
	assert_int_equal(live, 0x3e);	/* frames have had every use there is */
}

static void test_descriptors(void **state)
{
	static const u64 bad[] = {
		0x0000890000000067ul,		/* task segment */
		0x00008b0000000067ul,
		0x0000820000000fff, 0x00008c0000080000, 0x0000ec0000080000,	/* LDT, call gates */
		0x00008e0000080000, 0x0000ee0000080000, 0x0000ef0000080000, 0x0000850000080000,
		0x00effb000000ffff,		/* long and wide */
	};
	u64 d;

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		d = bad[i];
		assert_false(pv_descriptor(&d));
	}
	for (u64 bits = 0; bits < 1 << 16; bits++) {	/* all of type, level, presence, and flags */
		d = (bits & 0xff) << 40 | (bits >> 8 & 15) << 52 | (bits >> 12) << 16 | 0xffff;
		if (!pv_descriptor(&d) || !(d >> 47 & 1))
			continue;
		assert_true(d >> 44 & 1);		/* a segment */
		assert_int_equal(d >> 45 & 3, 3);	/* of ring 3 */
		assert_false((d >> 43 & 1) && (d >> 42 & 1));	/* not conforming */
	}
}

static int end(void **state)
{
	(void)state;
	pages_destroy(&m);
	guest_memory_destroy(&m);
	guest_memory_destroy(&other);
	assert_int_equal(frames_free_bytes(), frames_total_bytes());
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

static const struct CMUnitTest tests[] = {
	TEST(test_tree), TEST(test_bad_entries), TEST(test_bad_updates), TEST(test_vmihv_writes), TEST(test_forgets),
	TEST(test_bounded), TEST(test_any), TEST(test_descriptors),
};

TESTS_MAIN(tests)
