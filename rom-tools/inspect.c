// SPDX-License-Identifier: MIT
/*
 * vmi inspect: what a ROM, a kernel or a bundle says of itself. The JSON is made
 * first; the tables are the same JSON, printed. Read next: table.c.
 */
#include <argp.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>

#include "bundle.h"
#include "chain.h"
#include "image.h"
#include "kernel.h"
#include "table.h"

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

static json_t *text(const char *format, ...)
{
	char buffer[512];
	va_list args;

	va_start(args, format);
	vsnprintf(buffer, sizeof(buffer), format, args);
	va_end(args);
	for (char *p = buffer; *p; p++)
		if (!isprint((unsigned char)*p))
			*p = '?';
	return json_string(buffer);
}

static json_t *number(uint64_t value)
{
	return json_integer(value);
}

static json_t *address(uint64_t value)
{
	return text("0x%llx", (unsigned long long)value);
}

static json_t *digest(const uint8_t *bytes, size_t size)
{
	char out[65];

	hex(out, bytes, size < 32 ? size : 32);
	return json_string(out);
}

/* Bits without a name appear by number: they are of a newer ABI. */
static json_t *features(uint32_t bits)
{
	json_t *list = json_array();

	for (int i = 0; i < 32; i++)
		if (bits >> i & 1)
			json_array_append_new(list, feature_names[i] ? json_string(feature_names[i]) : text("bit%d", i));
	return list;
}

static json_t *flags(uint32_t bits)
{
	json_t *list = json_array();

	if (bits & VMI_ROM_PLACED)
		json_array_append_new(list, json_string("PLACED"));
	if (bits & VMI_ROM_NEEDS_BUNDLE)
		json_array_append_new(list, json_string("NEEDS_BUNDLE"));
	return list;
}

static json_t *call(const uint8_t *image, uint32_t nr)
{
	const struct vmi_rom_call *c = vmi_rom_call(image, nr);
	json_t *row = json_object();
	char bytes[2 * 15 + 1];

	set(row, "nr", number(nr));
	set(row, "call", nr < VMI_NR_CALLS ? json_string(call_info[nr].name) : text("call%u", nr));
	set(row, "answer", json_string(answer_names[c->answer]));
	set(row, "entry", c->entry ? address(c->entry) : json_null());
	set(row, "early", c->early ? address(c->early) : json_null());
	hex(bytes, image + c->inline_offset, c->inline_size);
	set(row, "inline", c->inline_size ? json_string(bytes) : json_null());
	return row;
}

static json_t *calls(const uint8_t *image, const struct vmi_rom_header *h)
{
	json_t *list = json_array();

	for (uint32_t nr = 0; nr < h->calls_count; nr++)
		json_array_append_new(list, call(image, nr));
	return list;
}

static json_t *answers(const uint8_t *image, const struct vmi_rom_header *h)
{
	unsigned int counts[4] = { 0 };
	json_t *object = json_object();

	for (uint32_t nr = 0; nr < h->calls_count; nr++)
		counts[vmi_rom_call(image, nr)->answer]++;
	for (int i = 0; i < 4; i++)
		set(object, answer_names[i], number(counts[i]));
	return object;
}

static json_t *fixups(const uint8_t *image, const struct vmi_rom_header *h)
{
	const struct vmi_rom_fixup *f = (const void *)(image + h->fixups_offset);
	unsigned int counts[VMI_FIXUP_TEXT64 + 1] = { 0 };
	json_t *object = json_object();

	for (uint32_t i = 0; i < h->fixups_count; i++)
		counts[f[i].kind]++;
	for (int i = VMI_FIXUP_RETURN; i <= VMI_FIXUP_TEXT64; i++)
		set(object, fixup_names[i], number(counts[i]));
	return object;
}

static json_t *note(const struct note *n, size_t at)
{
	json_t *row = json_object();

	set(row, "offset", address(at));
	set(row, "name", text("%s", n->name));
	set(row, "type", number(n->type));
	set(row, "bytes", number(n->desc_size));
	return row;
}

static json_t *rom_notes(const uint8_t *image, const struct vmi_rom_header *h)
{
	json_t *list = json_array();
	struct note n;
	size_t at = 0;

	while (note_next(image + h->notes_offset, h->notes_size, 4, &at, &n) > 0)
		json_array_append_new(list, note(&n, h->notes_offset + n.at));
	return list;
}

/* Of an image that has passed a check, so that every offset may be followed. */
static json_t *rom(const uint8_t *image)
{
	const struct vmi_rom_header *h = vmi_rom_header(image);
	json_t *o = json_object();

	set(o, "backend", text("%.16s", h->backend_name));
	set(o, "backend_id", number(h->backend_id));
	set(o, "backend_version", number(h->backend_version));
	set(o, "abi", text("%u.%u draft %u", h->abi_major, h->abi_minor, h->abi_draft));
	set(o, "flags", flags(h->flags));
	set(o, "features", features(h->features));
	set(o, "image_size", number(h->image_size));
	set(o, "text_size", number(h->text_size));
	set(o, "code_size", number(h->code_size));
	set(o, "data_size", number(h->data_size));
	set(o, "bss_size", number(h->bss_size));
	set(o, "percpu_size", number(h->percpu_size));
	set(o, "detect_offset", address(h->detect_offset));
	set(o, "boot_offset", h->boot_offset ? address(h->boot_offset) : json_null());
	set(o, "extable_rows", number(h->extable_size / sizeof(struct vmi_rom_extable)));
	set(o, "unwind_rows", number(h->unwind_size / sizeof(struct vmi_rom_unwind)));
	set(o, "build_id", digest(h->build_id, sizeof(h->build_id)));
	set(o, "sha256", digest(h->sha256, sizeof(h->sha256)));
	set(o, "answers", answers(image, h));
	set(o, "fixups", fixups(image, h));
	set(o, "calls", calls(image, h));
	set(o, "notes", rom_notes(image, h));
	return o;
}

static json_t *required_calls(const struct vmi_note *n)
{
	json_t *list = json_array();

	for (unsigned int nr = 0; nr < 128; nr++)
		if (n->required_calls[nr / 64] >> nr % 64 & 1)
			json_array_append_new(list, nr < VMI_NR_CALLS ? json_string(call_info[nr].name) :
					      text("call%u", nr));
	return list;
}

static json_t *contract(const struct kernel *kernel)
{
	const struct vmi_note *n = &kernel->contract;
	json_t *o = json_object();

	set(o, "abi", text("%u.%u draft %u", n->abi_major, n->abi_minor, n->abi_draft));
	set(o, "text_area", address(n->text_area));
	set(o, "text_area_size", number(n->text_area_size));
	set(o, "data_area", address(n->data_area));
	set(o, "data_area_size", number(n->data_area_size));
	set(o, "entry", n->entry ? address(n->entry) : json_null());
	set(o, "image_offset", address(n->image_offset));
	set(o, "image_end", address(n->image_end));
	set(o, "direct_map", address(n->direct_map));
	set(o, "required_features", features(n->required_features));
	set(o, "refused_features", features(n->refused_features));
	set(o, "required_calls", required_calls(n));
	set(o, "host_area_bytes", kernel->host_at ? number(kernel->host_bytes) : json_null());
	return o;
}

static int add_note(void *list, const struct note *n, size_t at)
{
	json_array_append_new(list, note(n, at));
	return 0;
}

static void inspect_shelf(const struct kernel *kernel, json_t *o, struct why *why)
{
	struct blob shelf, roms, image;
	json_t *list;
	size_t at = 0;

	if (!kernel->has_shelf || kernel_shelf(kernel, &shelf, why) || bundle_shelf(&shelf, &roms, why))
		return;
	list = json_array();
	while (roms_next(&roms, &at, &image, why) > 0)
		json_array_append_new(list, rom(image.data));
	if (json_array_size(list))
		set(o, "kind", json_string("bundle"));
	set(o, "shelf_area", address(kernel->shelf.area));
	set(o, "shelf_bytes", number(shelf.size));
	set(o, "shelf", list);
}

static int inspect_kernel(struct blob *file, json_t *o, struct why *why)
{
	struct vmi_rom_place place;
	struct kernel kernel;
	json_t *notes = json_array();

	if (kernel_open(&kernel, file, why))
		return -1;
	set(o, "kind", json_string("kernel"));
	set(o, "build_id", kernel.build_id ? digest(kernel.build_id, kernel.build_id_size) : json_null());
	set(o, "contract", kernel.has_contract ? contract(&kernel) : json_null());
	kernel_notes(&kernel, add_note, notes, why);
	set(o, "notes", notes);
	if (kernel.has_contract && !kernel_areas(&kernel, &place, why) && kernel_is_bundle(&place)) {
		int bad = vmi_rom_check_placed(place.text, place.text_size);

		if (bad)
			refuse(why, "the ROM in it: %s", vmi_rom_reason(bad));
		set(o, "kind", json_string("bundle"));
		set(o, "rom", bad ? json_null() : rom(place.text));
	}
	if (kernel.has_contract)
		inspect_shelf(&kernel, o, why);
	kernel_close(&kernel);
	return why->text[0] ? -1 : 0;
}

static int inspect_rom(const struct blob *file, json_t *o, struct why *why)
{
	int bad = vmi_rom_check(file->data, file->size);

	if (bad)
		return refuse(why, "%s", vmi_rom_reason(bad));
	set(o, "kind", json_string("rom"));
	set(o, "rom", rom(file->data));
	return 0;
}

static int inspect_efi(const struct blob *file, json_t *o, struct why *why)
{
	json_t *list = json_array();
	struct blob roms, image;
	struct pe pe;
	size_t at = 0;
	int more = 0;

	set(o, "kind", json_string("EFI driver"));
	set(o, "roms", list);
	if (pe_open(file, &pe, why))
		return -1;
	set(o, "signed", json_boolean(pe.is_signed));
	roms = blob_part(file, pe.roms_at, pe.roms_bytes);
	while ((more = roms_next(&roms, &at, &image, why)) > 0)
		json_array_append_new(list, rom(image.data));
	return more;
}

static int inspect_image(const struct blob *file, const struct chain_image *image, json_t *o, struct why *why)
{
	struct blob part = blob_part(file, image->at, image->bytes);

	set(o, "offset", address(image->at));
	set(o, "bytes", number(image->bytes));
	set(o, "code_type", number(image->type));
	if (image->type == CODE_TYPE_EFI) {
		part = blob_part(file, image->efi_at, image->at + image->bytes - image->efi_at);
		return inspect_efi(&part, o, why);
	}
	return image->type == CODE_TYPE_PC ? inspect_rom(&part, o, why) : 0;
}

static int inspect_chain(const struct blob *file, json_t *o, struct why *why)
{
	json_t *list = json_array();
	struct chain_image image;
	size_t at = 0;
	int more;

	set(o, "kind", json_string("chain"));
	set(o, "images", list);
	while ((more = chain_next(file, &at, &image, why)) > 0) {
		json_t *row = json_object();

		json_array_append_new(list, row);
		if (inspect_image(file, &image, row, why))
			return -1;
	}
	return more;
}

static int inspect(struct blob *file, json_t *o, struct why *why)
{
	char sha[65];

	sha256_hex(sha, file->data, file->size);
	set(o, "bytes", number(file->size));
	set(o, "file_sha256", json_string(sha));
	if (file->size >= SELFMAG && !memcmp(file->data, ELFMAG, SELFMAG))
		return inspect_kernel(file, o, why);
	if (chain_is(file))
		return inspect_chain(file, o, why);
	return pe_is(file) ? inspect_efi(file, o, why) : inspect_rom(file, o, why);
}

struct options {
	const char *file;
	bool json;
};

static const struct argp_option table[] = {
	{ "json", 'j', NULL, 0, "write JSON instead of tables", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'j':
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->file)
			argp_error(state, "one file is expected");
		o->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->file)
			argp_error(state, "a file is needed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	table, parse, "FILE",
	"Show what a ROM, a kernel or a bundle says of itself.",
	NULL, NULL, NULL
};

int command_inspect(int argc, char **argv)
{
	struct options o = { 0 };
	struct why why = { "" };
	struct blob file = { 0 };
	json_t *object = json_object();
	int status = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	set(object, "file", json_string_nocheck(o.file));
	if (file_read(o.file, &file, &why) || inspect(&file, object, &why)) {
		status = complain(argv[0], o.file, &why);
	} else if (o.json) {
		json_dumpf(object, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		table_print_object(NULL, object);
	}
	json_decref(object);
	blob_free(&file);
	return status;
}
