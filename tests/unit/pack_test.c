// SPDX-License-Identifier: MIT
/* Option ROMs of several images and EFI drivers with ROMs: what goes in comes out, and no file makes the tool stumble. */
#include "unit.h"

#include <vmi/loader.h>

#include "bundle.h"
#include "chain.h"
#include "image.h"
#include "verify.h"

#define DRIVER	BUILD "/driver.efi"
#define NATIVE	BUILD "/native.rom"

/* A ROM, and an EFI driver with that and another in it. */
static struct blob make_chain(void)
{
	struct blob roms[2] = { unit_read(NATIVE), unit_read(GOOD_ROM) }, driver = unit_read(DRIVER);
	struct blob parts[2] = { roms[0] }, chain;
	struct why why = { "" };

	assert_int_equal(pe_add_roms(&driver, roms, 2, &parts[1], &why), 0);
	assert_int_equal(chain_make(parts, 2, &chain, &why), 0);
	blob_free(&parts[1]);
	blob_free(&roms[0]);
	blob_free(&roms[1]);
	blob_free(&driver);
	return chain;
}

/* Refused with a sentence, or sound. */
static void verify_any(struct blob *file)
{
	struct why why = { "" };
	enum file_kind kind;

	if (verify(file, &kind, &why))
		assert_true(why.text[0]);
}

static void is_sound(void **state)
{
	struct blob chain = make_chain();
	struct why why = { "" };
	enum file_kind kind;

	(void)state;
	assert_int_equal(verify(&chain, &kind, &why), 0);
	assert_int_equal(kind, FILE_CHAIN);
	blob_free(&chain);
}

/* The image that others follow has the sums that it had alone; any other bit of that byte counts. */
static void stays_the_same_rom(void **state)
{
	struct blob rom = unit_read(NATIVE), front = unit_copy(&rom, rom.size);
	uint8_t digests[2][32], *indicator = front.data + get16(front.data + VMI_PCIR_PTR) + VMI_PCIR_INDICATOR;

	(void)state;
	assert_int_equal(image_set_last(&front, false), 0);
	image_sha256(&rom, digests[0]);
	image_sha256(&front, digests[1]);
	assert_memory_equal(digests[0], digests[1], 32);
	assert_int_equal(vmi_rom_check(front.data, front.size), VMI_ROM_OK);
	*indicator ^= 1;
	front.data[6]--;
	assert_int_equal(vmi_rom_check(front.data, front.size), VMI_ROM_BAD_CRC);
	blob_free(&rom);
	blob_free(&front);
}

static void survives_truncation(void **state)
{
	struct blob chain = make_chain();

	(void)state;
	for (size_t size = 0; size < chain.size; size += size < 1024 ? 1 : 61) {
		struct blob cut = unit_copy(&chain, size);

		verify_any(&cut);
		blob_free(&cut);
	}
	blob_free(&chain);
}

/* Of the headers of the chain, of the driver in it, and of that alone. */
static void survives_damage(void **state)
{
	struct blob chain = make_chain();
	size_t at = get16(chain.data + 2) & 255;
	uint32_t seed = 0x5eed;

	(void)state;
	at *= 512;
	for (int round = 0; round < 4000; round++) {
		struct blob bad = unit_copy(&chain, chain.size);
		struct blob head = blob_part(&bad, round % 2 ? at : 0, 1024), alone;

		unit_damage(&head, &seed);
		verify_any(&bad);
		alone = unit_copy(&bad, bad.size - at - 512);
		memcpy(alone.data, bad.data + at + 512, alone.size);
		memcpy(alone.data, "MZ", 2);
		verify_any(&alone);
		blob_free(&alone);
		blob_free(&bad);
	}
	blob_free(&chain);
}

static void a_shelf_ends_in_zeros(void **state)
{
	struct blob rom = unit_read(NATIVE), shelf = blob_new(65536), used;
	struct why why = { "" };

	(void)state;
	memcpy(shelf.data, rom.data, rom.size);
	memcpy(shelf.data + rom.size, rom.data, rom.size);
	assert_int_equal(bundle_shelf(&shelf, &used, &why), 0);
	assert_int_equal(used.size, 2 * rom.size);
	shelf.data[65535] = 1;
	assert_int_equal(bundle_shelf(&shelf, &used, &why), -1);
	assert_true(why.text[0]);
	blob_free(&rom);
	blob_free(&shelf);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(is_sound),
	cmocka_unit_test(stays_the_same_rom),
	cmocka_unit_test(survives_truncation),
	cmocka_unit_test(survives_damage),
	cmocka_unit_test(a_shelf_ends_in_zeros),
};

TESTS_MAIN(tests)
