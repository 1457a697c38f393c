// SPDX-License-Identifier: MIT
/* Kernel files: read as they are meant, bundled and undone, and no ELF file makes the tool stumble. */
#include "unit.h"

#include "bundle.h"
#include "image.h"
#include "kernel.h"
#include "verify.h"

#define TINY	BUILD "/tiny"
#define NATIVE	BUILD "/native.rom"

static void reads_the_contract(void **state)
{
	struct blob file = unit_read(TINY);
	struct vmi_rom_place place;
	struct why why = { "" };
	struct kernel kernel;

	(void)state;
	assert_int_equal(kernel_open(&kernel, &file, &why), 0);
	assert_true(kernel.has_contract);
	assert_int_equal(kernel.build_id_size, 20);
	assert_true(kernel.host_at);
	assert_int_equal(kernel_areas(&kernel, &place, &why), 0);
	assert_false(kernel_is_bundle(&place));
	assert_null(kernel_at(&kernel, kernel.contract.text_area, file.size));
	assert_null(kernel_at(&kernel, UINT64_MAX, 2));
	kernel_close(&kernel);
	blob_free(&file);
}

static void replaces_without_a_trace(void **state)
{
	struct blob file = unit_read(TINY), once = unit_copy(&file, file.size);
	struct blob native = unit_read(NATIVE), good = unit_read(GOOD_ROM);
	struct why why = { "" };

	(void)state;
	assert_int_equal(bundle(&once, &native, false, &why), 0);
	assert_int_equal(bundle(&file, &good, false, &why), 0);
	assert_memory_not_equal(once.data, file.data, file.size);
	assert_int_equal(bundle(&file, &native, true, &why), 0);
	assert_memory_equal(once.data, file.data, file.size);
	assert_int_equal(bundle(&file, &native, false, &why), -1);
	blob_free(&file);
	blob_free(&once);
	blob_free(&native);
	blob_free(&good);
}

/* Refused with a sentence, or a file that verify reads again without harm. */
static void bundle_any(struct blob *file, const struct blob *rom, bool replace)
{
	struct why why = { "" };
	enum file_kind kind;

	if (bundle(file, rom, replace, &why))
		assert_true(why.text[0]);
	why.text[0] = 0;
	if (verify(file, &kind, &why))
		assert_true(why.text[0]);
}

static void survives_truncation(void **state)
{
	struct blob file = unit_read(TINY), rom = unit_read(NATIVE);

	(void)state;
	for (size_t size = 0; size < file.size; size += size < 1024 ? 1 : 997) {
		struct blob cut = unit_copy(&file, size);

		bundle_any(&cut, &rom, false);
		blob_free(&cut);
	}
	blob_free(&file);
	blob_free(&rom);
}

/* Only where headers and notes are: elsewhere damage is not looked at. */
static void damage_parts(struct blob *file, uint32_t *seed)
{
	struct blob head = { file->data, 512 }, notes = { file->data + 0x1000, 0x400 };

	unit_damage(unit_random(seed) % 2 && file->size > 0x1400 ? &notes : &head, seed);
}

static void survives_damage(void **state)
{
	struct blob file = unit_read(TINY), rom = unit_read(GOOD_ROM);
	uint32_t seed = 0xcafebabe;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct blob bad = unit_copy(&file, file.size);

		damage_parts(&bad, &seed);
		bundle_any(&bad, &rom, false);
		/* and a bundle that somebody damaged */
		unit_damage(&bad, &seed);
		bundle_any(&bad, &rom, true);
		blob_free(&bad);
	}
	blob_free(&file);
	blob_free(&rom);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(reads_the_contract),
	cmocka_unit_test(replaces_without_a_trace),
	cmocka_unit_test(survives_truncation),
	cmocka_unit_test(survives_damage),
};

TESTS_MAIN(tests)
