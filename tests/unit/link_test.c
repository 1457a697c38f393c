// SPDX-License-Identifier: MIT
/* The linker: what it makes of a good object, and that no object makes it stumble. */
#include "unit.h"

#include <vmi/loader.h>

#include "link.h"

static struct blob link_good(const struct blob *object)
{
	struct why why = { "" };
	struct blob rom = { 0 };

	if (link_rom(object, &rom, NULL, &why))
		fail_msg("%s", why.text);
	return rom;
}

static void is_deterministic(void **state)
{
	struct blob object = unit_read(GOOD_OBJECT), copy = unit_copy(&object, object.size);
	struct blob a = link_good(&object), b = link_good(&copy);

	(void)state;
	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.data, b.data, a.size);
	blob_free(&a);
	blob_free(&b);
	blob_free(&copy);
	blob_free(&object);
}

static unsigned int count_fixups(const struct blob *rom, unsigned int kind)
{
	const struct vmi_rom_header *h = vmi_rom_header(rom->data);
	const struct vmi_rom_fixup *f = (const void *)(rom->data + h->fixups_offset);
	unsigned int n = 0;

	for (uint32_t i = 0; i < h->fixups_count; i++)
		n += f[i].kind == kind;
	return n;
}

/* As good.asm has them. */
static void makes_each_fixup(void **state)
{
	struct blob object = unit_read(GOOD_OBJECT), rom = link_good(&object);

	(void)state;
	assert_int_equal(count_fixups(&rom, VMI_FIXUP_RETURN), 9);
	assert_int_equal(count_fixups(&rom, VMI_FIXUP_DATA_PC32), 4);
	assert_int_equal(count_fixups(&rom, VMI_FIXUP_PERCPU32), 2);
	assert_int_equal(count_fixups(&rom, VMI_FIXUP_ENTRY_PC32), 1);
	assert_int_equal(count_fixups(&rom, VMI_FIXUP_CONST32), 1);
	assert_int_equal(count_fixups(&rom, VMI_FIXUP_CONST64), 2);
	assert_int_equal(count_fixups(&rom, VMI_FIXUP_TEXT64), 1);
	blob_free(&rom);
	blob_free(&object);
}

static void answers_by_names(void **state)
{
	struct blob object = unit_read(GOOD_OBJECT), rom = link_good(&object);

	(void)state;
	assert_int_equal(vmi_rom_call(rom.data, VMI_CALL_VERSION)->answer, VMI_ANSWER_CALL);
	assert_int_equal(vmi_rom_call(rom.data, VMI_CALL_WBINVD)->answer, VMI_ANSWER_NOP);
	assert_int_equal(vmi_rom_call(rom.data, VMI_CALL_HALT)->answer, VMI_ANSWER_NATIVE);
	assert_int_equal(vmi_rom_call(rom.data, VMI_CALL_IRQ_DISABLE)->answer, VMI_ANSWER_INLINE);
	assert_int_equal(vmi_rom_call(rom.data, VMI_CALL_IRQ_DISABLE)->inline_size, 9);
	assert_int_not_equal(vmi_rom_call(rom.data, VMI_CALL_IRQ_DISABLE)->early, 0);
	blob_free(&rom);
	blob_free(&object);
}

/* Where text reaches data in the image, the number in the code says so. */
static void resolves_inside_the_image(void **state)
{
	struct blob object = unit_read(GOOD_OBJECT), rom = link_good(&object);
	const struct vmi_rom_header *h = vmi_rom_header(rom.data);
	const struct vmi_rom_fixup *f = (const void *)(rom.data + h->fixups_offset);

	(void)state;
	for (uint32_t i = 0; i < h->fixups_count; i++) {
		if (f[i].kind != VMI_FIXUP_DATA_PC32 || f[i].where >= h->text_size)
			continue;
		int64_t to = f[i].where + 4 + (int32_t)get32(rom.data + f[i].where);

		assert_int_equal((int32_t)get32(rom.data + f[i].where), f[i].addend);
		/* the instruction may go on for a byte behind the field */
		assert_in_range(to, h->data_offset - 1, h->data_offset + h->data_size + h->bss_size);
	}
	blob_free(&rom);
	blob_free(&object);
}

/* Whatever the object: a refusal with a sentence, or a ROM that a loader takes. */
static void link_any(const struct blob *object)
{
	struct why why = { "" };
	struct blob rom = { 0 };

	if (link_rom(object, &rom, NULL, &why)) {
		assert_true(why.text[0]);
		assert_null(rom.data);
		return;
	}
	assert_int_equal(vmi_rom_check(rom.data, rom.size), VMI_ROM_OK);
	blob_free(&rom);
}

static void survives_truncation(void **state)
{
	struct blob object = unit_read(GOOD_OBJECT);

	(void)state;
	for (size_t size = 0; size < object.size; size += size < 512 ? 1 : 37) {
		struct blob cut = unit_copy(&object, size);

		link_any(&cut);
		blob_free(&cut);
	}
	blob_free(&object);
}

static void survives_damage(void **state)
{
	struct blob object = unit_read(GOOD_OBJECT);
	uint32_t seed = 0x12345678;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		struct blob bad = unit_copy(&object, object.size);

		unit_damage(&bad, &seed);
		link_any(&bad);
		blob_free(&bad);
	}
	blob_free(&object);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(is_deterministic),
	cmocka_unit_test(makes_each_fixup),
	cmocka_unit_test(answers_by_names),
	cmocka_unit_test(resolves_inside_the_image),
	cmocka_unit_test(survives_truncation),
	cmocka_unit_test(survives_damage),
};

TESTS_MAIN(tests)
