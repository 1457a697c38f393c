// SPDX-License-Identifier: MIT
/* The loader on a host: placing, every fix-up, doing it again, and hostile bytes. */
#include "unit.h"

#include <vmi/loader.h>
#include <vmi/note.h>

#include "image.h"
#include "verify.h"

#define TEXT_VA		UINT64_C(0xffffffff81200000)
#define DATA_VA		UINT64_C(0xffffffff82400000)
#define THUNK		UINT64_C(0xffffffff81000040)
#define DIRECT_MAP	UINT64_C(0xffff888000000000)
#define PERCPU		0x2a000

/* Areas of exactly the ROM's size, on the heap: a byte too far is seen. */
struct loaded {
	struct blob rom, text, data;
	struct vmi_rom_place place;
	struct vmi_guest guest;
};

static struct vmi_guest a_guest(void)
{
	struct vmi_guest g = {
		.magic = VMI_MAGIC_GUEST, .version = 1, .size = sizeof(g),
		.return_thunk = THUNK, .percpu = PERCPU,
	};

	for (int i = 0; i < VMI_NR_ENTRIES; i++)
		g.entries[i] = UINT64_C(0xffffffff81001000) + 16 * i;
	for (unsigned int i = 0; i < VMI_NR_CONSTS; i++)
		g.consts[i] = i <= VMI_CONST_USER32_CS ? 0x10 + 8 * i : DIRECT_MAP + i;
	return g;
}

static int load(struct loaded *l, const struct blob *rom)
{
	const struct vmi_rom_header *h;

	*l = (struct loaded){ .rom = unit_copy(rom, rom->size), .guest = a_guest() };
	if (vmi_rom_check(l->rom.data, l->rom.size))
		return -1;
	h = vmi_rom_header(l->rom.data);
	l->text = blob_new(h->text_size);
	l->data = blob_new(h->data_size + h->bss_size);
	l->place = (struct vmi_rom_place){
		l->text.data, l->data.data, TEXT_VA, DATA_VA, l->text.size, l->data.size,
	};
	return vmi_rom_place(l->rom.data, &l->place);
}

static void unload(struct loaded *l)
{
	blob_free(&l->rom);
	blob_free(&l->text);
	blob_free(&l->data);
}

static void load_good(struct loaded *l)
{
	struct blob rom = unit_read(GOOD_ROM);

	assert_int_equal(load(l, &rom), VMI_ROM_OK);
	blob_free(&rom);
}

static const struct vmi_rom_fixup *find(const struct loaded *l, unsigned int kind)
{
	const struct vmi_rom_header *h = vmi_rom_header(l->place.text);
	const struct vmi_rom_fixup *f = (const void *)(l->text.data + h->fixups_offset);

	for (uint32_t i = 0; i < h->fixups_count; i++)
		if (f[i].kind == kind)
			return &f[i];
	fail();
	return NULL;
}

static uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static void places_and_marks(void **state)
{
	struct loaded l;

	(void)state;
	load_good(&l);
	assert_int_equal(vmi_rom_check_placed(l.place.text, l.place.text_size), VMI_ROM_OK);
	assert_int_equal(vmi_rom_check(l.text.data, l.text.size), VMI_ROM_BAD_TRUNCATED);
	vmi_rom_unplace(&l.place);
	for (size_t i = 0; i < l.text.size; i++)
		assert_int_equal(l.text.data[i], 0);
	unload(&l);
}

static void writes_each_kind(void **state)
{
	struct loaded l;
	const struct vmi_rom_fixup *f;

	(void)state;
	load_good(&l);
	assert_int_equal(vmi_rom_fixup(&l.place, &l.guest, 0), VMI_ROM_OK);
	f = find(&l, VMI_FIXUP_PERCPU32);
	assert_int_equal(get32(l.text.data + f->where), PERCPU + f->addend);
	f = find(&l, VMI_FIXUP_CONST32);
	assert_int_equal(get32(l.text.data + f->where), 0x10);
	f = find(&l, VMI_FIXUP_CONST64);
	assert_true(get64(l.text.data + f->where) == l.guest.consts[f->index]);
	f = find(&l, VMI_FIXUP_TEXT64);
	assert_true(get64(l.text.data + f->where) == TEXT_VA + vmi_rom_header(l.text.data)->boot_offset);
	f = find(&l, VMI_FIXUP_ENTRY_PC32);
	assert_true(TEXT_VA + f->where + 4 + (int32_t)get32(l.text.data + f->where) ==
		    l.guest.entries[VMI_ENTRY_PF]);
	f = find(&l, VMI_FIXUP_DATA_PC32);
	assert_true(TEXT_VA + f->where + 4 + (int32_t)get32(l.text.data + f->where) == DATA_VA);
	unload(&l);
}

static void returns_go_and_come_back(void **state)
{
	struct loaded l;
	const struct vmi_rom_fixup *f;

	(void)state;
	load_good(&l);
	f = find(&l, VMI_FIXUP_RETURN);
	assert_int_equal(vmi_rom_fixup_returns(&l.place, &l.guest), VMI_ROM_OK);
	assert_int_equal(l.text.data[f->where], 0xe9);
	assert_true(TEXT_VA + f->where + 5 + (int32_t)get32(l.text.data + f->where + 1) == THUNK);
	assert_int_equal(vmi_rom_check_placed(l.place.text, l.place.text_size), VMI_ROM_OK);
	l.guest.return_thunk = 0;
	assert_int_equal(vmi_rom_fixup_returns(&l.place, &l.guest), VMI_ROM_OK);
	assert_int_equal(l.text.data[f->where], 0xc3);
	unload(&l);
}

static void partial_then_full_is_full(void **state)
{
	struct loaded a, b;

	(void)state;
	load_good(&a);
	load_good(&b);
	assert_int_equal(vmi_rom_fixup(&a.place, &a.guest, 0), VMI_ROM_OK);
	memset(b.guest.entries, 0, sizeof(b.guest.entries));
	b.guest.consts[VMI_CONST_KERNEL_CS] = 0;
	assert_int_equal(vmi_rom_fixup(&b.place, &b.guest, 1), VMI_ROM_OK);
	assert_memory_not_equal(a.text.data, b.text.data, a.text.size);
	assert_int_equal(vmi_rom_fixup(&b.place, &a.guest, 0), VMI_ROM_OK);
	assert_int_equal(vmi_rom_fixup(&b.place, &a.guest, 0), VMI_ROM_OK);
	assert_memory_equal(a.text.data, b.text.data, a.text.size);
	assert_memory_equal(a.data.data, b.data.data, a.data.size);
	unload(&a);
	unload(&b);
}

/* A refused fix-up has written nothing. */
static void refuses_and_leaves(struct loaded *l, int reason)
{
	struct blob before = unit_copy(&l->text, l->text.size);

	assert_int_equal(vmi_rom_fixup(&l->place, &l->guest, 0), reason);
	assert_memory_equal(before.data, l->text.data, before.size);
	blob_free(&before);
}

static void says_what_the_guest_lacks(void **state)
{
	struct loaded l;

	(void)state;
	load_good(&l);
	l.guest.entries[VMI_ENTRY_PF] = 0;
	refuses_and_leaves(&l, VMI_ROM_BAD_NO_ENTRY);
	l.guest = a_guest();
	l.guest.consts[VMI_CONST_DIRECT_MAP] = 0;
	refuses_and_leaves(&l, VMI_ROM_BAD_NO_CONST);
	l.guest = a_guest();
	l.guest.entries[VMI_ENTRY_PF] = UINT64_C(0xffff888000000000);
	refuses_and_leaves(&l, VMI_ROM_BAD_REACH);
	l.guest = a_guest();
	l.guest.percpu = INT64_C(1) << 31;
	refuses_and_leaves(&l, VMI_ROM_BAD_REACH);
	l.guest = a_guest();
	l.guest.consts[VMI_CONST_KERNEL_CS] = UINT64_C(1) << 31;
	refuses_and_leaves(&l, VMI_ROM_BAD_REACH);
	l.guest = a_guest();
	l.guest.magic++;
	refuses_and_leaves(&l, VMI_ROM_BAD_GUEST);
	l.guest = a_guest();
	l.guest.return_thunk = DIRECT_MAP;
	assert_int_equal(vmi_rom_fixup_returns(&l.place, &l.guest), VMI_ROM_BAD_REACH);
	unload(&l);
}

static void refuses_small_areas(void **state)
{
	struct loaded l;

	(void)state;
	load_good(&l);
	l.place.text_size--;
	assert_int_equal(vmi_rom_place(l.rom.data, &l.place), VMI_ROM_BAD_TEXT_AREA);
	l.place.text_size++;
	l.place.data_size--;
	assert_int_equal(vmi_rom_place(l.rom.data, &l.place), VMI_ROM_BAD_DATA_AREA);
	unload(&l);
}

static struct vmi_note a_note(void)
{
	return (struct vmi_note){
		.abi_major = VMI_ABI_MAJOR, .abi_minor = VMI_ABI_MINOR, .abi_draft = VMI_ABI_DRAFT,
		.size = sizeof(struct vmi_note), .text_area_size = 0x10000, .data_area_size = 0x8000,
	};
}

static void suits_or_says_why(void **state)
{
	struct blob rom = unit_read(GOOD_ROM);
	struct vmi_note note = a_note();

	(void)state;
	assert_int_equal(vmi_rom_suits(rom.data, &note), VMI_ROM_OK);
	note.abi_minor++;
	assert_int_equal(vmi_rom_suits(rom.data, &note), VMI_ROM_BAD_MINOR);
	note = a_note();
	note.required_features = VMI_FEAT_HW_CONTAINER;
	assert_int_equal(vmi_rom_suits(rom.data, &note), VMI_ROM_BAD_FEATURES);
	note = a_note();
	note.refused_features = VMI_FEAT_PV_MMU;
	assert_int_equal(vmi_rom_suits(rom.data, &note), VMI_ROM_BAD_FEATURES);
	note = a_note();
	note.required_calls[0] = UINT64_C(1) << VMI_CALL_IRQ_DISABLE;
	assert_int_equal(vmi_rom_suits(rom.data, &note), VMI_ROM_OK);
	note.required_calls[0] = UINT64_C(1) << VMI_CALL_HALT;
	assert_int_equal(vmi_rom_suits(rom.data, &note), VMI_ROM_BAD_CALL_NEEDED);
	note = a_note();
	note.required_calls[1] = UINT64_C(1) << 63;
	assert_int_equal(vmi_rom_suits(rom.data, &note), VMI_ROM_BAD_CALL_NEEDED);
	blob_free(&rom);
}

static void finds_behind_other_roms(void **state)
{
	struct blob rom = unit_read(GOOD_ROM), area = blob_new(16384);
	uint32_t from = 0;

	(void)state;
	/* another ROM of 4 KiB, with bytes in it that look like ours, then ours */
	memcpy(area.data, "\x55\xaa\x08", 3);
	memcpy(area.data + 2048, rom.data, 512);
	memcpy(area.data + 4096, rom.data, rom.size);
	assert_ptr_equal(vmi_rom_find(area.data, area.size, &from), area.data + 4096);
	assert_null(vmi_rom_find(area.data, area.size, &from));
	from = 0;
	assert_null(vmi_rom_find(area.data, 4096 + 511, &from));
	blob_free(&area);
	blob_free(&rom);
}

/* Whatever the bytes: refused, or placed and fixed up without a byte out of place. */
static void load_any(const struct blob *rom)
{
	struct loaded l;

	if (!load(&l, rom)) {
		vmi_rom_fixup(&l.place, &l.guest, 1);
		vmi_rom_fixup(&l.place, &l.guest, 0);
		vmi_rom_fixup_returns(&l.place, &l.guest);
		assert_int_equal(vmi_rom_check_placed(l.place.text, l.place.text_size), VMI_ROM_OK);
	}
	unload(&l);
}

static void survives_hostile_roms(void **state)
{
	struct blob good = unit_read(GOOD_ROM);
	uint32_t seed = 0xdeadbeef;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct blob bad = unit_copy(&good, good.size);
		struct why why = { "" };
		enum file_kind kind;

		unit_damage(&bad, &seed);
		/* with right sums, or hardly anything would get past them */
		if (image_header(&bad) && image_header(&bad)->image_size == bad.size)
			image_seal(&bad);
		load_any(&bad);
		if (round % 8 == 0)
			verify(&bad, &kind, &why);
		blob_free(&bad);
	}
	blob_free(&good);
}

static void survives_truncation(void **state)
{
	struct blob good = unit_read(GOOD_ROM);

	(void)state;
	for (size_t size = 0; size < good.size; size++) {
		struct blob cut = unit_copy(&good, size);

		assert_int_not_equal(vmi_rom_check(cut.data, cut.size), VMI_ROM_OK);
		blob_free(&cut);
	}
	blob_free(&good);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(places_and_marks),
	cmocka_unit_test(writes_each_kind),
	cmocka_unit_test(returns_go_and_come_back),
	cmocka_unit_test(partial_then_full_is_full),
	cmocka_unit_test(says_what_the_guest_lacks),
	cmocka_unit_test(refuses_small_areas),
	cmocka_unit_test(suits_or_says_why),
	cmocka_unit_test(finds_behind_other_roms),
	cmocka_unit_test(survives_truncation),
	cmocka_unit_test(survives_hostile_roms),
};

TESTS_MAIN(tests)
