// SPDX-License-Identifier: MIT
/*
 * mkbroken GOOD.rom FOLDER: writes copies of a good ROM, each with one thing
 * wrong and everything else, the sums too, as it should be. For each a line is
 * printed: name, who refuses it (`loader': every guest and tool; `verify': only
 * the tool, which reads code), and what has to be said.
 */
#include <stdlib.h>
#include <string.h>

#include <vmi/loader.h>

#include "image.h"

static struct vmi_rom_header *header(struct blob *rom)
{
	return (void *)vmi_rom_header(rom->data);
}

static struct vmi_rom_call *call(struct blob *rom, uint32_t nr)
{
	return (void *)vmi_rom_call(rom->data, nr);
}

static struct vmi_rom_fixup *fixups(struct blob *rom)
{
	return (void *)(rom->data + header(rom)->fixups_offset);
}

/* The last of a kind: no test depends on the first ones, which base calls have. */
static struct vmi_rom_fixup *fixup(struct blob *rom, unsigned int kind)
{
	for (uint32_t i = header(rom)->fixups_count; i--;)
		if (fixups(rom)[i].kind == kind)
			return &fixups(rom)[i];
	fprintf(stderr, "mkbroken: the good ROM has no fix-up %s\n", fixup_names[kind]);
	exit(1);
}

static struct vmi_rom_extable *extable(struct blob *rom)
{
	return (void *)(rom->data + header(rom)->extable_offset);
}

static struct vmi_rom_unwind *unwind(struct blob *rom)
{
	return (void *)(rom->data + header(rom)->unwind_offset);
}

static uint8_t *pcir(struct blob *rom)
{
	return rom->data + get16(rom->data + 0x18);
}

/* Takes the last return out of the table and puts other bytes where it stood. */
static void instead_of_return(struct blob *rom, const char *bytes, size_t size)
{
	struct vmi_rom_fixup *f = fixup(rom, VMI_FIXUP_RETURN);
	struct vmi_rom_fixup *end = fixups(rom) + header(rom)->fixups_count--;

	memcpy(rom->data + f->where, bytes, size);
	memmove(f, f + 1, (end - f - 1) * sizeof(*f));
}

#define BREAK(name)	static void name(struct blob *rom)

BREAK(empty) { rom->size = 0; }
BREAK(a_few_bytes) { rom->size = 300; }
BREAK(no_signature) { rom->data[1] = 0xab; }
BREAK(other_option_rom) { put32(rom->data + VMI_ROM_MAGIC32_OFFSET, 0); }
BREAK(header_outside) { put16(rom->data + VMI_ROM_HEADER_PTR, 0xfff8); }
BREAK(header_unaligned) { put16(rom->data + VMI_ROM_HEADER_PTR, get16(rom->data + VMI_ROM_HEADER_PTR) + 4); }
BREAK(no_magic) { header(rom)->magic ^= 1; }
BREAK(header_too_short) { header(rom)->header_size = 128; }
BREAK(header_too_long) { header(rom)->header_size = 0xff00; }
BREAK(wrong_major) { header(rom)->abi_major++; }
BREAK(wrong_draft) { header(rom)->abi_draft++; }
BREAK(odd_image_size) { header(rom)->image_size++; }
BREAK(oversized) { header(rom)->image_size = 2 * VMI_ROM_MAX_SIZE; }
BREAK(truncated) { rom->size -= 512; }
BREAK(size_byte) { rom->data[2]++; }
BREAK(no_pcir) { pcir(rom)[0] = 'Q'; }
BREAK(pcir_length) { pcir(rom)[0x10]++; }
BREAK(no_text) { header(rom)->text_size = 0; }
BREAK(text_in_data) { header(rom)->text_size = header(rom)->data_offset + 4; }
BREAK(data_unaligned) { header(rom)->data_offset += 8; }
BREAK(data_behind_image) { header(rom)->data_size = 0x2000; }
BREAK(data_too_large) { header(rom)->bss_size = VMI_ROM_MAX_DATA; }
BREAK(data_wraps) { header(rom)->bss_size = -header(rom)->data_size; }
BREAK(percpu_too_large) { header(rom)->percpu_size = VMI_ROM_MAX_PERCPU + 1; }
BREAK(reserved_set) { header(rom)->reserved = 1; }
BREAK(padding_set) { header(rom)->pad[3] = 1; }
BREAK(unknown_flag) { header(rom)->flags |= 1u << 9; }
BREAK(no_paging) { header(rom)->features &= ~VMI_FEAT_PV_MMU; }
BREAK(both_pagings) { header(rom)->features |= VMI_FEAT_PV_MMU | VMI_FEAT_PAGING_ASSIST; }
BREAK(no_name) { header(rom)->backend_name[0] = 0; }
BREAK(endless_name) { memset(header(rom)->backend_name, 'x', 16); }
BREAK(placed_already) { header(rom)->flags |= VMI_ROM_PLACED; }
BREAK(bad_checksum) { rom->data[6]++; }
BREAK(no_code) { header(rom)->code_size = 0; }
BREAK(code_outside) { header(rom)->code_size = 0xff00; }
BREAK(calls_outside) { header(rom)->calls_offset = 0xfff8; }
BREAK(calls_unaligned) { header(rom)->calls_offset += 4; }
BREAK(no_base_group) { header(rom)->calls_count = 2; }
BREAK(too_many_calls) { header(rom)->calls_count = 0x10000001; }
BREAK(fixups_outside) { header(rom)->fixups_offset = 0xfff8; }
BREAK(too_many_fixups) { header(rom)->fixups_count = 0x10000001; }
BREAK(notes_outside) { header(rom)->notes_offset = 0xfffc; header(rom)->notes_size = 16; }
BREAK(cut_notes) { put32(rom->data + header(rom)->notes_offset + 4, 0xfffffff0); }
BREAK(extable_outside) { header(rom)->extable_offset = 0xfff8; }
BREAK(extable_half_row) { header(rom)->extable_size -= 4; }
BREAK(unwind_outside) { header(rom)->unwind_offset = 0xfff8; }
BREAK(unwind_half_row) { header(rom)->unwind_size -= 4; }
BREAK(overlap) { header(rom)->fixups_offset = header(rom)->calls_offset; }
BREAK(overlap_code) { header(rom)->calls_offset = (header(rom)->code_offset + 7) & ~7u; }
BREAK(detect_outside) { header(rom)->detect_offset = header(rom)->data_offset; }
BREAK(boot_without_endbr64) { header(rom)->boot_offset += 4; }
BREAK(no_boot) { header(rom)->flags |= VMI_ROM_NEEDS_BUNDLE; header(rom)->boot_offset = 0; }
BREAK(unknown_answer) { call(rom, VMI_CALL_HALT)->answer = 4; }
BREAK(call_reserved) { call(rom, VMI_CALL_HALT)->reserved = 1; }
BREAK(call_without_entry) { call(rom, VMI_CALL_HALT)->answer = VMI_ANSWER_CALL; }
BREAK(no_endbr64) { memset(rom->data + call(rom, VMI_CALL_EXIT)->entry, 0x90, 4); }
BREAK(entry_outside) { call(rom, VMI_CALL_EXIT)->entry = 0xffffffff; }
BREAK(early_outside) { call(rom, VMI_CALL_EXIT)->early = header(rom)->calls_offset; }
BREAK(early_alone) { call(rom, VMI_CALL_HALT)->early = call(rom, VMI_CALL_EXIT)->entry; }
BREAK(base_is_native) { *call(rom, VMI_CALL_VERSION) = (struct vmi_rom_call){ 0 }; }

BREAK(damaged)
{
	uint8_t *p = rom->data + header(rom)->code_offset + 4;

	/* the sum of all bytes stays */
	p[0]++;
	p[1]--;
}

BREAK(inline_too_long)
{
	struct vmi_rom_call *c = call(rom, VMI_CALL_EXIT);

	c->answer = VMI_ANSWER_INLINE;
	c->inline_offset = header(rom)->code_offset;
	c->inline_size = 16;
}

BREAK(inline_outside)
{
	struct vmi_rom_call *c = call(rom, VMI_CALL_EXIT);

	c->answer = VMI_ANSWER_INLINE;
	c->inline_offset = header(rom)->text_size - 1;
	c->inline_size = 2;
}

BREAK(inline_return)
{
	struct vmi_rom_call *c = call(rom, VMI_CALL_EXIT);

	c->answer = VMI_ANSWER_INLINE;
	c->inline_offset = fixup(rom, VMI_FIXUP_RETURN)->where;
	c->inline_size = 5;
}

BREAK(fixup_on_entry)
{
	uint32_t at = fixup(rom, VMI_FIXUP_ENTRY_PC32)->where;

	put32(rom->data + at, 0xfa1e0ff3);
	call(rom, VMI_CALL_EXIT)->entry = at;
}

BREAK(stray_inline) { call(rom, VMI_CALL_EXIT)->inline_size = 3; }
BREAK(unknown_fixup) { fixup(rom, VMI_FIXUP_RETURN)->kind = 8; }
BREAK(fixup_zero) { fixup(rom, VMI_FIXUP_RETURN)->kind = 0; }
BREAK(fixup_outside) { fixups(rom)[header(rom)->fixups_count - 1].where = 0xfffffffc; }
BREAK(fixup_between) { fixups(rom)[header(rom)->fixups_count - 1].where = header(rom)->text_size - 1; }

BREAK(fixups_unsorted)
{
	struct vmi_rom_fixup *f = fixups(rom), first = f[0];

	f[0] = f[1];
	f[1] = first;
}

BREAK(fixups_twice) { fixups(rom)[1] = fixups(rom)[0]; }

BREAK(fixup_in_header)
{
	fixups(rom)[0] = (struct vmi_rom_fixup){ get16(rom->data + VMI_ROM_HEADER_PTR) + 8, VMI_FIXUP_DATA_PC32, 0, 0 };
}

BREAK(fixup_in_table)
{
	struct vmi_rom_fixup *f = &fixups(rom)[header(rom)->fixups_count - 1];

	*f = (struct vmi_rom_fixup){ (uint8_t *)f - rom->data, VMI_FIXUP_DATA_PC32, 0, 0 };
}

BREAK(unknown_entry) { fixup(rom, VMI_FIXUP_ENTRY_PC32)->index = VMI_NR_ENTRIES; }
BREAK(unknown_const) { fixup(rom, VMI_FIXUP_CONST64)->index = VMI_NR_CONSTS; }
BREAK(stray_index) { fixup(rom, VMI_FIXUP_DATA_PC32)->index = 1; }
BREAK(far_addend) { fixup(rom, VMI_FIXUP_CONST64)->addend = INT64_MIN; }
BREAK(percpu_outside) { fixup(rom, VMI_FIXUP_PERCPU32)->addend = header(rom)->percpu_size; }
BREAK(return_elsewhere) { rom->data[fixup(rom, VMI_FIXUP_RETURN)->where + 2] = 0x90; }

BREAK(address_in_code)
{
	struct vmi_rom_fixup *f = fixup(rom, VMI_FIXUP_CONST64);

	f->kind = VMI_FIXUP_TEXT64;
	f->index = 0;
}

BREAK(extable_row) { extable(rom)->fixup = 4; }
BREAK(unwind_row) { unwind(rom)->offset = 0xfffffff0; }
BREAK(unwind_kind) { unwind(rom)->kind = 3; }

BREAK(bad_sha256) { header(rom)->sha256[7]++; header(rom)->sha256[8]--; }
BREAK(bytes_behind) { rom->size += 512; }
BREAK(code_type) { pcir(rom)[0x14] = 3; }
BREAK(pnp_sum) { rom->data[get16(rom->data + 0x1a) + 8]++; }
BREAK(init_elsewhere) { put16(rom->data + 4, header(rom)->code_offset); }
BREAK(unknown_feature) { header(rom)->features |= 1u << 31; }
BREAK(bare_return) { instead_of_return(rom, "\xc3", 1); }
BREAK(return_and_pop) { instead_of_return(rom, "\xc2\x08\x00", 3); }
BREAK(far_return) { instead_of_return(rom, "\xcb", 1); }
BREAK(indirect_jump) { instead_of_return(rom, "\xff\xe0", 2); }
BREAK(indirect_call) { instead_of_return(rom, "\xff\x10", 2); }
BREAK(far_jump) { instead_of_return(rom, "\xff\x28", 2); }
BREAK(vector_register) { instead_of_return(rom, "\x0f\x57\xc0", 3); }
BREAK(floating_point) { instead_of_return(rom, "\xd9\xe8", 2); }
BREAK(no_instruction) { instead_of_return(rom, "\x06", 1); }
BREAK(jump_into_middle) { instead_of_return(rom, "\xeb\xff", 2); }
BREAK(jump_out) { instead_of_return(rom, "\xe9\x00\x00\x01\x00", 5); }
BREAK(moved_fixup) { fixup(rom, VMI_FIXUP_ENTRY_PC32)->where -= 1; }
BREAK(extable_middle) { extable(rom)->insn++; }

BREAK(deprivileged_without_boot)
{
	header(rom)->flags &= ~VMI_ROM_NEEDS_BUNDLE;
	header(rom)->features &= ~VMI_FEAT_HW_CONTAINER;
	header(rom)->boot_offset = 0;
}

BREAK(kernel_note)
{
	memcpy(rom->data + header(rom)->notes_offset + 12, "VMI", 4);
}

enum sums { SEAL, AS_IS };

static const struct broken {
	const char *name;
	void (*make)(struct blob *rom);
	int reason;			/* the loader's, or 0 */
	const char *said;		/* else a part of what `vmi verify' says */
	enum sums sums;
} list[] = {
#define BAD(name, reason)	{ #name, name, VMI_ROM_BAD_##reason, NULL, SEAL }
#define RAW(name, reason)	{ #name, name, VMI_ROM_BAD_##reason, NULL, AS_IS }
#define TOLD(name, said)	{ #name, name, 0, said, SEAL }
	RAW(empty, SIZE),
	RAW(a_few_bytes, SIZE),
	RAW(truncated, TRUNCATED),
	RAW(bad_checksum, CHECKSUM),
	RAW(damaged, CRC),
	RAW(header_outside, HEADER_PLACE),
	RAW(header_unaligned, HEADER_PLACE),
	BAD(no_signature, SIGNATURE),
	BAD(other_option_rom, MAGIC32),
	BAD(no_magic, MAGIC),
	BAD(header_too_short, HEADER_SIZE),
	BAD(header_too_long, HEADER_SIZE),
	BAD(wrong_major, MAJOR),
	BAD(wrong_draft, DRAFT),
	BAD(odd_image_size, IMAGE_SIZE),
	BAD(oversized, IMAGE_SIZE),
	BAD(size_byte, SIZE_BYTE),
	BAD(no_pcir, PCIR),
	BAD(pcir_length, PCIR),
	BAD(no_text, TEXT_SIZE),
	BAD(text_in_data, TEXT_SIZE),
	BAD(data_unaligned, DATA_PLACE),
	BAD(data_behind_image, DATA_PLACE),
	BAD(data_too_large, DATA_SIZE),
	BAD(data_wraps, DATA_SIZE),
	BAD(percpu_too_large, PERCPU_SIZE),
	BAD(reserved_set, RESERVED),
	BAD(padding_set, RESERVED),
	BAD(unknown_flag, FLAGS),
	BAD(no_paging, MODES),
	BAD(both_pagings, MODES),
	BAD(no_name, NAME),
	BAD(endless_name, NAME),
	BAD(placed_already, ALREADY_PLACED),
	BAD(no_code, CODE_PLACE),
	BAD(code_outside, CODE_PLACE),
	BAD(calls_outside, CALLS_PLACE),
	BAD(calls_unaligned, CALLS_PLACE),
	BAD(no_base_group, CALLS_COUNT),
	BAD(too_many_calls, CALLS_COUNT),
	BAD(fixups_outside, FIXUPS_PLACE),
	BAD(too_many_fixups, FIXUPS_PLACE),
	BAD(notes_outside, NOTES_PLACE),
	BAD(cut_notes, NOTES_FORM),
	BAD(extable_outside, EXTABLE_PLACE),
	BAD(extable_half_row, EXTABLE_PLACE),
	BAD(unwind_outside, UNWIND_PLACE),
	BAD(unwind_half_row, UNWIND_PLACE),
	BAD(overlap, OVERLAP),
	BAD(overlap_code, OVERLAP),
	BAD(detect_outside, DETECT),
	BAD(boot_without_endbr64, BOOT),
	BAD(no_boot, BOOT_MISSING),
	BAD(unknown_answer, CALL_ANSWER),
	BAD(call_reserved, CALL_RESERVED),
	BAD(call_without_entry, CALL_MISSING),
	BAD(no_endbr64, CALL_ENTRY),
	BAD(entry_outside, CALL_ENTRY),
	BAD(early_outside, CALL_EARLY),
	BAD(early_alone, CALL_EARLY),
	BAD(base_is_native, CALL_BASE),
	BAD(inline_too_long, CALL_INLINE),
	BAD(inline_outside, CALL_INLINE),
	BAD(stray_inline, CALL_INLINE),
	BAD(inline_return, FIXUP_INLINE),
	BAD(fixup_on_entry, FIXUP_MARK),
	BAD(unknown_fixup, FIXUP_KIND),
	BAD(fixup_zero, FIXUP_KIND),
	BAD(fixup_outside, FIXUP_PLACE),
	BAD(fixup_between, FIXUP_PLACE),
	BAD(fixups_unsorted, FIXUP_ORDER),
	BAD(fixups_twice, FIXUP_ORDER),
	BAD(fixup_in_header, FIXUP_TABLE),
	BAD(fixup_in_table, FIXUP_TABLE),
	BAD(unknown_entry, FIXUP_INDEX),
	BAD(unknown_const, FIXUP_INDEX),
	BAD(stray_index, FIXUP_INDEX),
	BAD(far_addend, FIXUP_ADDEND),
	BAD(percpu_outside, FIXUP_ADDEND),
	BAD(return_elsewhere, FIXUP_RETURN),
	BAD(address_in_code, FIXUP_NOTE),
	BAD(extable_row, EXTABLE_ROW),
	BAD(unwind_row, UNWIND_ROW),
	BAD(unwind_kind, UNWIND_ROW),
	{ "bad_sha256", bad_sha256, 0, "the SHA-256 does not match", AS_IS },
	{ "bytes_behind", bytes_behind, 0, "image_size says", AS_IS },
	TOLD(code_type, "PCIR's code type is 3"),
	TOLD(pnp_sum, "the PnP header's bytes sum to"),
	TOLD(init_elsewhere, "the 16-bit entry jumps to"),
	TOLD(unknown_feature, "features has bits that the ABI does not define"),
	TOLD(deprivileged_without_boot, "without HW_CONTAINER a ROM is entered first"),
	TOLD(kernel_note, "contain one named VMI"),
	TOLD(bare_return, "is a bare return"),
	TOLD(return_and_pop, "is a return that no thunk can replace"),
	TOLD(far_return, "is a far return"),
	TOLD(indirect_jump, "is an indirect branch"),
	TOLD(indirect_call, "`call qword ptr [rax]' is an indirect branch"),
	TOLD(far_jump, "is a far branch"),
	TOLD(vector_register, "uses floating point or vector registers"),
	TOLD(floating_point, "`fld1' uses floating point"),
	TOLD(no_instruction, "the bytes are no instruction"),
	TOLD(jump_into_middle, "arrives inside an instruction"),
	TOLD(jump_out, "leaves the code"),
	TOLD(moved_fixup, "is not a field of"),
	TOLD(extable_middle, "an instruction of the exception table"),
};

#define SPARE	512	/* bytes_behind makes a file longer */

static void write_file(const char *folder, const struct broken *b, const struct blob *rom)
{
	char *path = xprintf("%s/%s.rom", folder, b->name);
	struct why why = { "" };

	if (file_write(path, rom->data, rom->size, 0644, &why))
		exit(complain("mkbroken", path, &why));
	free(path);
}

static void seal(struct blob *rom, const struct broken *b)
{
	uint32_t image_size = header(rom)->image_size;
	size_t bytes = rom->size;

	if (b->sums == AS_IS)
		return;
	/* where image_size is not believed, nobody gets as far as the sums */
	rom->size = image_size <= bytes ? image_size : bytes;
	image_seal(rom);
	rom->size = bytes;
}

/* A test file that is wrong in another way than it says would prove nothing. */
static void check(const struct blob *rom, const struct broken *b)
{
	int reason = vmi_rom_check(rom->data, rom->size);

	if (reason == b->reason)
		return;
	fprintf(stderr, "mkbroken: %s: the loader says \"%s\"; expected is \"%s\"\n", b->name,
		vmi_rom_reason(reason), vmi_rom_reason(b->reason));
	exit(1);
}

static void make(const struct blob *good, const char *folder, const struct broken *b)
{
	struct blob rom = blob_new(good->size + SPARE);

	memcpy(rom.data, good->data, good->size);
	rom.size = good->size;
	b->make(&rom);
	seal(&rom, b);
	check(&rom, b);
	write_file(folder, b, &rom);
	printf("%s\t%s\t%s\n", b->name, b->reason ? "loader" : "verify",
	       b->reason ? vmi_rom_reason(b->reason) : b->said);
	blob_free(&rom);
}

int main(int argc, char **argv)
{
	struct why why = { "" };
	struct blob good;

	if (argc != 3) {
		fputs("usage: mkbroken GOOD.rom FOLDER\n", stderr);
		return 2;
	}
	if (file_read(argv[1], &good, &why))
		return complain("mkbroken", argv[1], &why);
	if (vmi_rom_check(good.data, good.size)) {
		fprintf(stderr, "mkbroken: %s is not a good ROM\n", argv[1]);
		return 1;
	}
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		make(&good, argv[2], &list[i]);
	blob_free(&good);
	return 0;
}
