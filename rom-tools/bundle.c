// SPDX-License-Identifier: MIT
/*
 * A bundle is a kernel file with a ROM in its ROM areas and the ROM's ELF notes
 * over the note VMI/2, which shrinks to what is left. Nothing else changes, and
 * all of it can be undone: the notes stand right before what is left of VMI/2,
 * and the placed ROM says how many they are. A fat bundle has further ROMs on
 * the kernel's shelf (note VMI/3), as they are in their files.
 */
#include <argp.h>
#include <string.h>
#include <sys/stat.h>

#include "bundle.h"
#include "chain.h"
#include "kernel.h"

#define CLOSING_NOTE	16u	/* header and "VMI" of an empty VMI/2 */

static bool is_zero(const uint8_t *p, size_t bytes)
{
	while (bytes--)
		if (*p++)
			return false;
	return true;
}

/* A note VMI/2 that fills [at, at + bytes). */
static void write_host_area(uint8_t *p, size_t bytes)
{
	memset(p, 0, bytes);
	put32(p, sizeof(VMI_NOTE_NAME));
	put32(p + 4, bytes - CLOSING_NOTE);
	put32(p + 8, VMI_NOTE_HOST_AREA);
	memcpy(p + 12, VMI_NOTE_NAME, sizeof(VMI_NOTE_NAME));
}

static int check_notes(const uint8_t *notes, uint32_t bytes, struct why *why)
{
	struct note note;
	size_t at = 0;
	int n;

	while ((n = note_next(notes, bytes, 4, &at, &note)) > 0)
		;
	if (n || bytes % 4)
		return refuse(why, "the ROM's notes end in the middle of one");
	return 0;
}

static int write_notes(struct kernel *kernel, const uint8_t *notes, uint32_t bytes, struct why *why)
{
	uint8_t *p = kernel->file->data + kernel->host_at;

	if (!bytes)
		return 0;
	if (!kernel->host_at)
		return refuse(why, "has no note VMI/2, and the ROM wants 0x%x bytes for its host's notes", bytes);
	if (check_notes(notes, bytes, why))
		return -1;
	if (kernel->host_bytes % 4 || kernel->host_bytes < CLOSING_NOTE ||
	    bytes > kernel->host_bytes - CLOSING_NOTE)
		return refuse(why, "its note VMI/2 has 0x%zx bytes; the ROM's notes need 0x%x", kernel->host_bytes,
			      bytes + CLOSING_NOTE);
	memcpy(p, notes, bytes);
	write_host_area(p + bytes, kernel->host_bytes - bytes);
	return 0;
}

/* Back to the kernel as it was linked. */
static int undo(struct kernel *kernel, const struct vmi_rom_place *place, struct why *why)
{
	const struct vmi_rom_header *h;
	int bad = vmi_rom_check_placed(place->text, place->text_size);

	if (bad)
		return refuse(why, "the ROM in it is damaged: %s", vmi_rom_reason(bad));
	h = vmi_rom_header(place->text);
	if (h->notes_size) {
		const uint8_t *notes = (uint8_t *)place->text + h->notes_offset;

		if (kernel->host_at < h->notes_size ||
		    memcmp(kernel->file->data + kernel->host_at - h->notes_size, notes, h->notes_size))
			return refuse(why, "the ROM's notes are not right before its note VMI/2");
		kernel->host_at -= h->notes_size;
		kernel->host_bytes += h->notes_size;
		write_host_area(kernel->file->data + kernel->host_at, kernel->host_bytes);
	}
	vmi_rom_unplace(place);
	return 0;
}

static int place_rom(const struct kernel *kernel, const struct blob *rom, const struct vmi_rom_place *place,
		     struct why *why)
{
	struct vmi_guest guest = {
		.magic = VMI_MAGIC_GUEST, .version = VMI_STRUCT_VERSION, .size = sizeof(guest),
		.consts = {
			[VMI_CONST_DIRECT_MAP] = kernel->contract.direct_map,
			[VMI_CONST_IMAGE_OFFSET] = kernel->contract.image_offset,
			[VMI_CONST_KERNEL_ENTRY] = kernel->contract.entry,
		},
	};
	int bad = vmi_rom_place(rom->data, place);

	if (!bad)
		bad = vmi_rom_fixup(place, &guest, 1);
	return bad ? refuse(why, "the ROM cannot be placed: %s", vmi_rom_reason(bad)) : 0;
}

static bool has_magic(const struct blob *shelf)
{
	return shelf->size && get16(shelf->data);
}

static int check_states(const struct vmi_rom_place *place, const struct blob *shelf, bool replace, struct why *why)
{
	bool is_bundle = kernel_is_bundle(place) || has_magic(shelf);

	if (replace && !is_bundle)
		return refuse(why, "has no ROM in it; --replace is for a bundle");
	if (!replace && is_bundle)
		return refuse(why, "has a ROM in it already; use --replace");
	if (!replace && (!is_zero(place->text, place->text_size) || !is_zero(place->data, place->data_size)))
		return refuse(why, "its ROM areas are not zero filled");
	if (!replace && !is_zero(shelf->data, shelf->size))
		return refuse(why, "its shelf is not zero filled");
	return 0;
}

/** What goes where. */
struct loading {
	const struct blob *placed;	/* NULL: none */
	const struct blob *roms;
	size_t count;
};

static int choose_placed(struct loading *l, struct why *why)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->count > 1 && !vmi_rom_header(l->roms[i].data)->boot_offset)
			continue;
		if (l->placed)
			return refuse(why, "two of the ROMs want to be entered first; a bundle has one of them at most");
		l->placed = &l->roms[i];
	}
	return 0;
}

static int check_suits(const struct kernel *kernel, const struct loading *l, struct why *why)
{
	for (size_t i = 0; i < l->count; i++) {
		int bad = vmi_rom_suits(l->roms[i].data, &kernel->contract);

		if (bad)
			return refuse(why, "the ROM does not suit this kernel: %s", vmi_rom_reason(bad));
	}
	if (l->placed && vmi_rom_header(l->placed->data)->boot_offset && !kernel->contract.entry)
		return refuse(why, "its note VMI/1 gives no entry, and the ROM is for direct boot");
	return 0;
}

static int fill_shelf(const struct kernel *kernel, const struct loading *l, const struct blob *shelf, struct why *why)
{
	size_t at = 0;

	for (size_t i = 0; i < l->count; i++) {
		const struct blob *rom = &l->roms[i];

		if (rom == l->placed)
			continue;
		if (!kernel->has_shelf)
			return refuse(why, "has no note VMI/3: it takes one ROM");
		if (!inside(at, rom->size, shelf->size))
			return refuse(why, "its shelf has 0x%zx bytes; the ROMs need more", shelf->size);
		memcpy(shelf->data + at, rom->data, rom->size);
		at += rom->size;
	}
	return 0;
}

static int fill(struct kernel *kernel, const struct loading *l, const struct vmi_rom_place *place, struct why *why)
{
	const struct vmi_rom_header *h;

	if (!l->placed)
		return 0;
	h = vmi_rom_header(l->placed->data);
	if (place_rom(kernel, l->placed, place, why))
		return -1;
	return write_notes(kernel, (uint8_t *)place->text + h->notes_offset, h->notes_size, why);
}

static int bundle_kernel(struct kernel *kernel, const struct loading *l, bool replace, struct why *why)
{
	struct vmi_rom_place place;
	struct blob shelf;

	if (kernel_areas(kernel, &place, why) || kernel_shelf(kernel, &shelf, why) ||
	    check_states(&place, &shelf, replace, why) || check_suits(kernel, l, why))
		return -1;
	if (replace && kernel_is_bundle(&place) && undo(kernel, &place, why))
		return -1;
	if (shelf.size)
		memset(shelf.data, 0, shelf.size);
	return fill_shelf(kernel, l, &shelf, why) || fill(kernel, l, &place, why) ? -1 : 0;
}

static int check_roms(const struct loading *l, struct why *why)
{
	for (size_t i = 0; i < l->count; i++) {
		int bad = vmi_rom_check(l->roms[i].data, l->roms[i].size);

		if (bad)
			return refuse(why, "the ROM is refused: %s", vmi_rom_reason(bad));
		if (l->count > 1 && vmi_rom_header(l->roms[i].data)->image_size != l->roms[i].size)
			return refuse(why, "a ROM's file is longer than the ROM");
	}
	return 0;
}

int bundle_fat(struct blob *file, const struct blob *roms, size_t count, bool replace, struct why *why)
{
	struct loading loading = { .roms = roms, .count = count };
	struct kernel kernel;
	int err;

	if (check_roms(&loading, why) || choose_placed(&loading, why) || kernel_open(&kernel, file, why))
		return -1;
	err = bundle_kernel(&kernel, &loading, replace, why);
	kernel_close(&kernel);
	return err;
}

int bundle(struct blob *file, const struct blob *rom, bool replace, struct why *why)
{
	return bundle_fat(file, rom, 1, replace, why);
}

int bundle_shelf(const struct blob *shelf, struct blob *roms, struct why *why)
{
	struct blob rom;
	size_t at = 0;

	while (at < shelf->size && get16(shelf->data + at))
		if (roms_next(shelf, &at, &rom, why) < 0)
			return -1;
	*roms = blob_part(shelf, 0, at);
	if (shelf->size && !is_zero(shelf->data + at, shelf->size - at))
		return refuse(why, "its shelf has bytes behind its last ROM");
	return 0;
}

#define MAX_ROMS	16

struct options {
	const char *roms[MAX_ROMS], *output, *kernel;
	size_t count;
	bool replace;
};

static const struct argp_option table[] = {
	{ "rom", 'r', "FILE", 0, "the ROM to place; repeat for several, on the kernel's shelf", 0 },
	{ "output", 'o', "FILE", 0, "the bundle to write", 0 },
	{ "replace", 'R', NULL, 0, "the kernel is a bundle; give it this ROM instead of its own", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'r':
		if (o->count == MAX_ROMS)
			argp_error(state, "at most %d ROMs are expected", MAX_ROMS);
		o->roms[o->count++] = arg;
		return 0;
	case 'o':
		o->output = arg;
		return 0;
	case 'R':
		o->replace = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->kernel)
			argp_error(state, "one kernel is expected");
		o->kernel = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->count || !o->output || !o->kernel)
			argp_error(state, "a kernel, --rom and -o are needed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	table, parse, "KERNEL",
	"Place a ROM in a kernel file, with the ELF notes that make its host enter the ROM first.",
	NULL, NULL, NULL
};

static int make(const char *command, const struct options *o, const struct blob *roms)
{
	struct why why = { "" };
	struct blob kernel = { 0 };
	struct stat st;
	int status;

	if (file_read(o->kernel, &kernel, &why) || stat(o->kernel, &st))
		return complain(command, o->kernel, &why);
	if (bundle_fat(&kernel, roms, o->count, o->replace, &why))
		status = complain(command, o->kernel, &why);
	else
		status = file_write(o->output, kernel.data, kernel.size, st.st_mode & 0777, &why) ?
			 complain(command, o->output, &why) : 0;
	blob_free(&kernel);
	return status;
}

int command_bundle(int argc, char **argv)
{
	struct blob roms[MAX_ROMS] = { { 0 } };
	struct options o = { 0 };
	struct why why = { "" };
	int status = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	for (size_t i = 0; !status && i < o.count; i++)
		if (file_read(o.roms[i], &roms[i], &why))
			status = complain(argv[0], o.roms[i], &why);
	if (!status)
		status = make(argv[0], &o, roms);
	for (size_t i = 0; i < o.count; i++)
		blob_free(&roms[i]);
	return status;
}
