// SPDX-License-Identifier: MIT
/* Frames, and what a guest can reach of them. */
#include "host.h"
#include "memory/guest.h"

#define OWNER	3
#define HELD	4000

static struct why why;

static void test_ranges(void **state)
{
	static const struct range ram[] = { { 0, 0x9f000 }, { 0x100000, 0x800000 } };
	static const struct range taken[] = { { 0, 0x100000 }, { 0x100000, 0x123456 }, { 0x700000, 0x700001 } };

	(void)state;
	host_start();
	assert_int_equal(frames_init(ram, 2, taken, 3, HOST_MEMORY), 0);
	/* 0x124 to 0x7ff without 0x700, and without the records' own */
	assert_int_equal(frames_free_bytes() / PAGE_SIZE, 0x800 - 0x124 - 1 - (0x800 * 12 + 4095) / 4096);
	for (u64 pa; (pa = frames_take(0, OWNER)) != NO_FRAME;) {
		assert_true(pa >= 0x124000 && pa < 0x800000 && pa != 0x700000);
		memset(at_pa(pa), 0, PAGE_SIZE);
	}
	assert_int_equal(frames_init(ram, 1, taken, 3, HOST_MEMORY), -1);
}

/* Whatever is taken and given in whatever order: no block twice, and in the end all is there in large pieces. */
static void test_churn(void **state)
{
	static struct { u64 pa; u32 order; } held[HELD];
	u64 before, big;
	u32 seed = 7, count = 0;

	(void)state;
	host_start();
	before = frames_free_bytes();
	for (int round = 0; round < 50000; round++) {
		u32 order = host_random(&seed) % 6, at = count ? host_random(&seed) % count : 0;

		if (count < HELD && host_random(&seed) % 2) {
			held[count].pa = frames_take(order, OWNER);
			held[count].order = order;
			if (held[count].pa == NO_FRAME)
				continue;
			assert_int_equal(held[count].pa % (PAGE_SIZE << order), 0);
			assert_int_not_equal(*(u8 *)at_pa(held[count].pa), 0xee);
			*(u8 *)at_pa(held[count++].pa) = 0xee;
		} else if (count) {
			*(u8 *)at_pa(held[at].pa) = 0;
			frames_give(held[at].pa, held[at].order, OWNER);
			held[at] = held[--count];
		}
	}
	while (count--)
		frames_give(held[count].pa, held[count].order, OWNER);
	assert_int_equal(frames_free_bytes(), before);
	big = frames_take(ORDERS - 1, OWNER);
	assert_int_not_equal(big, NO_FRAME);
	frames_give(big, ORDERS - 1, OWNER);
}

static void test_wrong_gift(void **state)
{
	u64 pa;

	(void)state;
	host_start();
	pa = frames_take(2, OWNER);
	expect_assert_failure(frames_give(pa, 2, OWNER + 1));
	expect_assert_failure(frames_give(pa, 1, OWNER));
	expect_assert_failure(frames_give(pa + PAGE_SIZE, 0, OWNER));
	frames_give(pa, 2, OWNER);
	expect_assert_failure(frames_give(pa, 2, OWNER));
	expect_assert_failure(frames_give(1ul << 50, 0, OWNER));
}

static void test_guest_bounds(void **state)
{
	static const u64 ends[] = { 0, 1, CHUNK_BYTES, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 1, 1ul << 40, ~0ul, ~0ul - 4095 };
	struct guest_memory m;
	u64 all = 3 * CHUNK_BYTES;
	u8 *buffer = malloc(all);

	(void)state;
	host_start();
	assert_int_equal(guest_memory_create(&m, all, OWNER, &why), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		for (size_t j = 0; j < ARRAY_SIZE(ends); j++) {
			bool good = ends[i] <= all && ends[j] <= all - ends[i];

			assert_int_equal(guest_read(&m, buffer, ends[i], good ? ends[j] : ends[j] | 1ul << 63), good ? 0 : -1);
			assert_int_equal(guest_clear(&m, ends[i], ends[j]), good ? 0 : -1);
		}
	assert_null(guest_page(&m, all));
	assert_null(guest_page(&m, 8));
	assert_null(guest_page(&m, -PAGE_SIZE));
	assert_ptr_equal(guest_page(&m, CHUNK_BYTES), at_pa(m.map[1]));
	guest_memory_destroy(&m);
	free(buffer);
}

/* Across chunks, which lie anywhere. */
static void test_guest_copies(void **state)
{
	static u8 out[70000], in[70000];
	struct guest_memory m;
	u64 before;

	(void)state;
	host_start();
	before = frames_free_bytes();
	assert_int_equal(guest_memory_create(&m, 2 * CHUNK_BYTES, OWNER, &why), 0);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7;
	assert_int_equal(guest_write(&m, CHUNK_BYTES - 35000, out, sizeof(out)), 0);
	assert_int_equal(guest_read(&m, in, CHUNK_BYTES - 35000, sizeof(in)), 0);
	assert_memory_equal(in, out, sizeof(in));
	guest_memory_destroy(&m);
	assert_int_equal(frames_free_bytes(), before);
	assert_int_equal(guest_memory_create(&m, 2 * HOST_MEMORY, OWNER, &why), -1);
	assert_int_equal(guest_memory_create(&m, (u64)(MAX_CHUNKS + 1) * CHUNK_BYTES, OWNER, &why), -1);
	assert_int_equal(frames_free_bytes(), before);
}

/* Any order of going and coming; what is there keeps its content, what comes is clear, and in the end nothing is lost. */
static void test_holes(void **state)
{
	struct guest_memory m;
	u32 there[2 * CHUNK_FRAMES], seed = 5, count = 2 * CHUNK_FRAMES;
	u64 before, owned, word;

	(void)state;
	host_start();
	before = frames_free_bytes();
	assert_int_equal(guest_memory_create(&m, 2 * CHUNK_BYTES, OWNER, &why), 0);
	owned = frames_owned_bytes(OWNER);
	memset(there, 0, sizeof(there));
	for (int round = 0; round < 40000; round++) {
		u32 page = host_random(&seed) % (round % 8000 < 4000 ? 2 * CHUNK_FRAMES : CHUNK_FRAMES);
		u64 gpa = page * PAGE_SIZE;
		bool go = round % 4000 < 2000 ? host_random(&seed) % 8 : !(host_random(&seed) % 8);

		if (there[page] != 0xffffffff) {
			assert_int_equal(guest_read(&m, &word, gpa + 8, 8), 0);
			assert_int_equal(word, there[page]);
			there[page] = round;
			word = round;
			assert_int_equal(guest_write(&m, gpa + 8, &word, 8), 0);
			assert_int_equal(guest_take(&m, gpa), -1);
			if (go) {
				assert_int_equal(guest_release(&m, gpa), 0);
				there[page] = 0xffffffff;
				count--;
			}
		} else {
			assert_int_equal(guest_read(&m, &word, gpa + 8, 8), -1);
			assert_int_equal(guest_clear(&m, gpa ? gpa - 4 : 0, 8), -1);
			assert_null(guest_page(&m, gpa));
			assert_int_equal(guest_release(&m, gpa), -1);
			if (!go) {
				assert_int_equal(guest_take(&m, gpa), 0);
				there[page] = 0;
				count++;
			}
		}
		assert_int_equal(m.frames, count);
		assert_true(round % 100 || frames_owned_bytes(OWNER) <= owned + 2 * PAGE_SIZE);
	}
	assert_int_equal(guest_take(&m, 2 * CHUNK_BYTES), -1);
	assert_int_equal(guest_release(&m, 2 * CHUNK_BYTES), -1);
	assert_int_equal(guest_release(&m, ~0ul - 4095), -1);
	guest_memory_destroy(&m);
	assert_int_equal(frames_free_bytes(), before);
}

/* The whole chunk goes, table and all, and comes again; and what is not free does not come. */
static void test_whole_chunk(void **state)
{
	struct guest_memory m;
	u64 before;

	(void)state;
	host_start();
	assert_int_equal(guest_memory_create(&m, 2 * CHUNK_BYTES, OWNER, &why), 0);
	before = frames_free_bytes();
	for (u64 gpa = 0; gpa < CHUNK_BYTES; gpa += PAGE_SIZE)
		assert_int_equal(guest_release(&m, gpa), 0);
	assert_int_equal(m.map[0], 0);
	assert_int_equal(frames_free_bytes(), before + CHUNK_BYTES);
	while (frames_free_bytes() > PAGE_SIZE)
		frames_take(0, OWNER + 1);
	assert_int_equal(guest_take(&m, 0), 1);		/* one frame is too little, with a table */
	assert_int_equal(frames_free_bytes(), PAGE_SIZE);
	assert_int_equal(guest_release(&m, CHUNK_BYTES), 0);
	assert_int_equal(guest_release(&m, CHUNK_BYTES + PAGE_SIZE), 0);
	assert_int_equal(guest_take(&m, 0), 0);
	assert_int_equal(guest_take(&m, PAGE_SIZE), 1);
	guest_memory_destroy(&m);
}

/* The map is as large as it has to be. */
static void test_large(void **state)
{
	struct guest_memory m;
	u64 before;

	(void)state;
	host_start();
	before = frames_free_bytes();
	assert_int_equal(guest_memory_create(&m, 2 * HOST_MEMORY, OWNER, &why), -1);
	assert_int_equal(guest_memory_create(&m, 4096 * MIB, OWNER, &why), -1);
	assert_int_equal(frames_free_bytes(), before);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_ranges), cmocka_unit_test(test_churn), cmocka_unit_test(test_wrong_gift),
	cmocka_unit_test(test_guest_bounds), cmocka_unit_test(test_guest_copies),
	cmocka_unit_test(test_holes), cmocka_unit_test(test_whole_chunk), cmocka_unit_test(test_large),
};

TESTS_MAIN(tests)
