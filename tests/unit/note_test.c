// SPDX-License-Identifier: MIT
/* Notes are read as they are meant, and never past their end. */
#include "unit.h"

#include "note.h"

static const uint8_t two[] = {
	4, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 'X', 'e', 'n', 0, 1, 2, 3, 4, 5, 6, 0, 0,
	4, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 'V', 'M', 'I', 0,
};

static void reads_two(void **state)
{
	struct note note;
	size_t at = 0;

	(void)state;
	assert_int_equal(note_next(two, sizeof(two), 4, &at, &note), 1);
	assert_true(note_is(&note, "Xen", 1));
	assert_false(note_is(&note, "Xen", 2));
	assert_int_equal(note.desc_size, 6);
	assert_int_equal(note.desc[5], 6);
	assert_int_equal(note.bytes, 24);
	assert_int_equal(note_next(two, sizeof(two), 4, &at, &note), 1);
	assert_true(note_is(&note, "VMI", 2));
	assert_int_equal(note.at, 24);
	assert_int_equal(note_next(two, sizeof(two), 4, &at, &note), 0);
}

static void last_padding_may_lack(void **state)
{
	struct note note;
	size_t at = 0;

	(void)state;
	assert_int_equal(note_next(two, 22, 4, &at, &note), 1);
	assert_int_equal(at, 22);
}

static void refuses_every_cut(void **state)
{
	(void)state;
	for (size_t size = 1; size < 22; size++) {
		/* on the heap, so that a read behind it is seen */
		struct blob cut = unit_copy(&(struct blob){ (uint8_t *)two, sizeof(two) }, size);
		struct note note;
		size_t at = 0;

		assert_int_equal(note_next(cut.data, cut.size, 4, &at, &note), -1);
		blob_free(&cut);
	}
}

static void refuses_huge_sizes(void **state)
{
	struct note note;
	size_t at;

	(void)state;
	for (int field = 0; field < 8; field += 4) {
		struct blob bad = unit_copy(&(struct blob){ (uint8_t *)two, sizeof(two) }, sizeof(two));

		for (uint64_t size = 0xfffffff0; size <= 0xffffffff; size++) {
			put32(bad.data + field, size);
			at = 0;
			assert_int_equal(note_next(bad.data, bad.size, 4, &at, &note), -1);
		}
		blob_free(&bad);
	}
}

static void refuses_endless_name(void **state)
{
	struct blob bad = unit_copy(&(struct blob){ (uint8_t *)two, sizeof(two) }, sizeof(two));
	struct note note;
	size_t at = 0;

	(void)state;
	bad.data[15] = '!';
	assert_int_equal(note_next(bad.data, bad.size, 4, &at, &note), -1);
	blob_free(&bad);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(reads_two),
	cmocka_unit_test(last_padding_may_lack),
	cmocka_unit_test(refuses_every_cut),
	cmocka_unit_test(refuses_huge_sizes),
	cmocka_unit_test(refuses_endless_name),
};

TESTS_MAIN(tests)
