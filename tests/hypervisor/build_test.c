// SPDX-License-Identifier: MIT
/* Kernels and ROMs on their way into a domain: the real ones, and damaged ones. */
#include "host.h"
#include "domain/elf.h"
#include "domain/features.h"
#include "domain/rom.h"
#include "domain/start.h"
#include "vmi/loader.h"

#define OWNER	2
#define MEMORY	(8 * MIB)

static struct guest_memory memory;
static struct why why;

static u8 *kernel, *rom;
static u64 kernel_bytes, rom_bytes;

static int set_up(void **state)
{
	(void)state;
	host_start();
	kernel = host_file(BUILD "/tiny", &kernel_bytes);
	rom = host_file(BUILD "/vmihv-v1.rom", &rom_bytes);
	return guest_memory_create(&memory, MEMORY, OWNER, &why);
}

static int tear_down(void **state)
{
	(void)state;
	guest_memory_destroy(&memory);
	free(kernel);
	free(rom);
	return 0;
}

static u32 pvh(void) { return feature_set_named("pvh")->features; }

static void test_good(void **state)
{
	struct elf_image image;
	u8 *text = malloc(VMI_ROM_MAX_SIZE);

	(void)state;
	assert_int_equal(elf_read(&image, kernel, kernel_bytes, &why), 0);
	assert_true(image.has_contract && image.phys32_entry >= 0x100000 && image.phys32_entry < image.end);
	assert_int_equal(elf_place(kernel, &memory, &why), 0);
	assert_int_equal(rom_place(&image, &memory, rom, rom_bytes, pvh(), &why), 0);
	guest_read(&memory, text, image.contract.text_area - image.contract.image_offset, VMI_ROM_MAX_SIZE);
	assert_int_equal(vmi_rom_check_placed(text, VMI_ROM_MAX_SIZE), VMI_ROM_OK);
	free(text);
}

static void test_refusals(void **state)
{
	struct elf_image image;
	struct guest_memory small;

	(void)state;
	assert_int_equal(elf_read(&image, rom, rom_bytes, &why), -1);
	assert_string_equal(why.text, "the kernel is not an ELF file of 64 bits");
	assert_int_equal(elf_read(&image, kernel, 63, &why), -1);
	assert_int_equal(elf_read(&image, kernel, kernel_bytes, &why), 0);
	assert_int_equal(rom_place(&image, &memory, kernel, kernel_bytes, pvh(), &why), -1);
	assert_non_null(strstr(why.text, "the ROM is refused"));
	assert_int_equal(rom_place(&image, &memory, rom, rom_bytes, 0, &why), -1);
	assert_non_null(strstr(why.text, "features that the domain does not have"));
	image.contract.text_area = image.contract.image_offset + MEMORY - PAGE_SIZE;
	assert_int_equal(rom_place(&image, &memory, rom, rom_bytes, pvh(), &why), -1);
	image.has_contract = false;
	assert_int_equal(rom_place(&image, &memory, rom, rom_bytes, pvh(), &why), -1);
	assert_int_equal(guest_memory_create(&small, 1, OWNER, &why), 0);
	small.chunks = 0;
	assert_int_equal(elf_place(kernel, &small, &why), -1);
	assert_string_equal(why.text, "the kernel does not fit in the domain's memory");
	small.chunks = 1;
	guest_memory_destroy(&small);
}

/* Headers, notes and contract with wrong bytes: refused or harmless, and never out of bounds. */
static void test_damage(void **state)
{
	u32 seed = 3;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		u64 bytes = host_random(&seed) % 4 ? kernel_bytes : host_random(&seed) % kernel_bytes;
		u8 *copy = malloc(bytes ? bytes : 1);
		struct elf_image image;

		memcpy(copy, kernel, bytes);
		for (u32 n = 1 + host_random(&seed) % 6; n && bytes; n--)
			copy[host_random(&seed) % (host_random(&seed) % 2 && bytes > 4600 ? 4600 : bytes > 200 ? 200 : bytes)] =
				host_random(&seed) % 2 ? host_random(&seed) : 0xff;
		if (!elf_read(&image, copy, bytes, &why) && !elf_place(copy, &memory, &why))
			rom_place(&image, &memory, rom, rom_bytes, pvh(), &why);
		free(copy);
	}
}

static void test_start(void **state)
{
	struct start start = { .image_end = 0x200000 };
	struct module initrd = { kernel, kernel_bytes, "initrd" };
	u64 field;

	(void)state;
	assert_int_equal(start_write(&start, &memory, &initrd, "a line", &why), 0);
	guest_read(&memory, &field, start.info + 16, 8);
	guest_read(&memory, &field, field, 8);
	assert_true(field >= start.image_end && field + kernel_bytes <= MEMORY && !(field % PAGE_SIZE));
	start.image_end = MEMORY - PAGE_SIZE;
	assert_int_equal(start_write(&start, &memory, &initrd, "", &why), -1);
	assert_string_equal(why.text, "the initrd does not fit beside the kernel");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(test_good, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_start, set_up, tear_down),
};

TESTS_MAIN(tests)
