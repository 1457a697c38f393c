// SPDX-License-Identifier: MIT
/*
 * vmi verify: the loader's own check first, then what a loader has no time for:
 * the SHA-256, PCI and PnP headers, notes, and the code (code.c).
 */
#include <argp.h>
#include <string.h>

#include <elf.h>

#include "bundle.h"
#include "chain.h"
#include "code.h"
#include "image.h"
#include "kernel.h"
#include "link.h"
#include "verify.h"

#define PCIR_PTR	0x18
#define PNP_PTR		0x1a
#define PNP_SIZE	0x20

static int check_pcir(const struct blob *rom, struct why *why)
{
	const uint8_t *pcir = rom->data + get16(rom->data + PCIR_PTR);

	if (get16(pcir + 0x0a) < 0x18)
		return refuse(why, "PCIR says that it has %u bytes; at least 24 are expected", get16(pcir + 0x0a));
	if (pcir[0x14])
		return refuse(why, "PCIR's code type is %u; 0, for a PC, is expected", pcir[0x14]);
	return 0;
}

static int check_pnp(const struct blob *rom, const struct vmi_rom_header *h, struct why *why)
{
	uint16_t at = get16(rom->data + PNP_PTR);
	const uint8_t *pnp = rom->data + at;
	uint8_t sum = 0;

	if (!at)
		return 0;
	if (!inside(at, PNP_SIZE, h->text_size) || memcmp(pnp, "$PnP", 4))
		return refuse(why, "there is no PnP header at 0x%x, where offset 0x1a says", at);
	if (!inside(at, pnp[5] * 16u, h->text_size))
		return refuse(why, "the PnP header reaches outside the text");
	for (unsigned int i = 0; i < pnp[5] * 16u; i++)
		sum += pnp[i];
	return sum ? refuse(why, "the PnP header's bytes sum to 0x%02x; 0 is expected", sum) : 0;
}

/* "jmp rel16" at 3, to 16-bit code between the headers and the 64-bit code. */
static int check_init(const struct blob *rom, const struct vmi_rom_header *h, struct why *why)
{
	uint32_t to = (6 + get16(rom->data + 4)) & 0xffff;

	if (rom->data[3] != 0xe9)
		return refuse(why, "the byte at 3 is 0x%02x; the jump of the 16-bit entry is expected", rom->data[3]);
	if (to < 0x1c || to >= h->code_offset)
		return refuse(why, "the 16-bit entry jumps to 0x%x, outside the head of the image", to);
	return 0;
}

static int check_sha256(const struct blob *rom, const struct vmi_rom_header *h, struct why *why)
{
	uint8_t digest[32];

	image_sha256(rom, digest);
	if (memcmp(digest, h->sha256, sizeof(digest)))
		return refuse(why, "the SHA-256 does not match");
	return 0;
}

static int check_notes(const uint8_t *image, const struct vmi_rom_header *h, struct why *why)
{
	struct note note;
	size_t at = 0;

	while (note_next(image + h->notes_offset, h->notes_size, 4, &at, &note) > 0)
		if (!strcmp(note.name, VMI_NOTE_NAME))
			return refuse(why, "its notes for the host contain one named VMI, which is the kernel's");
	return 0;
}

static int check_modes(const struct vmi_rom_header *h, struct why *why)
{
	/* a newer minor may have features that this tool does not know */
	if (h->features >> 14 && h->abi_minor <= VMI_ABI_MINOR)
		return refuse(why, "features has bits that the ABI does not define: 0x%x", h->features >> 14 << 14);
	if (!(h->features & VMI_FEAT_HW_CONTAINER) && !h->boot_offset)
		return refuse(why, "without HW_CONTAINER a ROM is entered first, but boot_offset is 0");
	return 0;
}

static int verify_rom(const struct blob *rom, struct why *why)
{
	int bad = vmi_rom_check(rom->data, rom->size);
	const struct vmi_rom_header *h;

	if (bad)
		return refuse(why, "%s", vmi_rom_reason(bad));
	h = vmi_rom_header(rom->data);
	if (h->image_size != rom->size)
		return refuse(why, "the file has %zu bytes; image_size says %u", rom->size, h->image_size);
	if (check_sha256(rom, h, why) || check_pcir(rom, why) || check_pnp(rom, h, why) ||
	    check_init(rom, h, why) || check_modes(h, why) || check_notes(rom->data, h, why))
		return -1;
	return code_check(rom->data, h, why);
}

static int verify_placed(const struct kernel *kernel, const struct vmi_rom_place *place, struct why *why)
{
	int bad = vmi_rom_check_placed(place->text, place->text_size);
	const struct vmi_rom_header *h;

	if (!bad)
		bad = vmi_rom_suits(place->text, &kernel->contract);
	if (bad)
		return refuse(why, "the ROM in it: %s", vmi_rom_reason(bad));
	h = vmi_rom_header(place->text);
	if (h->boot_offset && h->notes_size && !kernel->host_at)
		return refuse(why, "has no note VMI/2 behind the notes of its ROM");
	return check_modes(h, why) || check_notes(place->text, h, why) ||
	       code_check(place->text, h, why) ? -1 : 0;
}

static int verify_shelf(const struct kernel *kernel, const struct blob *shelf, enum file_kind *kind, struct why *why)
{
	struct blob roms, rom;
	size_t at = 0;
	int bad;

	if (bundle_shelf(shelf, &roms, why))
		return -1;
	while (roms_next(&roms, &at, &rom, why) > 0) {
		*kind = FILE_BUNDLE;
		bad = vmi_rom_suits(rom.data, &kernel->contract);
		if (bad)
			return refuse(why, "a ROM on its shelf: %s", vmi_rom_reason(bad));
		if (verify_rom(&rom, why))
			return -1;
	}
	return 0;
}

static int check_contract(const struct vmi_note *n, struct why *why)
{
	if (n->abi_major != VMI_ABI_MAJOR)
		return refuse(why, "its note VMI/1 has major %u; this tool knows %u", n->abi_major, VMI_ABI_MAJOR);
	if (!VMI_ABI_MAJOR && n->abi_draft != VMI_ABI_DRAFT)
		return refuse(why, "its note VMI/1 has draft %u; this tool knows %u", n->abi_draft, VMI_ABI_DRAFT);
	if (n->required_features & n->refused_features)
		return refuse(why, "its note VMI/1 requires and refuses the same features: 0x%x",
			      n->required_features & n->refused_features);
	return 0;
}

static int verify_kernel(struct blob *file, enum file_kind *kind, struct why *why)
{
	struct vmi_rom_place place;
	struct kernel kernel;
	struct blob shelf;
	int err;

	if (kernel_open(&kernel, file, why))
		return -1;
	*kind = FILE_KERNEL;
	err = kernel_areas(&kernel, &place, why) || check_contract(&kernel.contract, why) ||
	      kernel_shelf(&kernel, &shelf, why) || verify_shelf(&kernel, &shelf, kind, why);
	if (!err && kernel_is_bundle(&place)) {
		*kind = FILE_BUNDLE;
		err = verify_placed(&kernel, &place, why);
	}
	kernel_close(&kernel);
	return err ? -1 : 0;
}

static int verify_object(const struct blob *file, struct why *why)
{
	struct blob rom;
	int err;

	if (link_rom(file, &rom, NULL, why))
		return -1;
	err = verify_rom(&rom, why);
	blob_free(&rom);
	return err;
}

/* An EFI driver, alone or as an image: the ROMs in it. */
static int verify_efi(const struct blob *file, struct why *why)
{
	struct blob roms, rom;
	struct pe pe;
	size_t at = 0;
	int more;

	if (pe_open(file, &pe, why))
		return -1;
	if (!pe.roms_bytes)
		return refuse(why, "has no ROM in it: no section .vmi");
	roms = blob_part(file, pe.roms_at, pe.roms_bytes);
	while ((more = roms_next(&roms, &at, &rom, why)) > 0)
		if (verify_rom(&rom, why))
			return -1;
	return more;
}

static int verify_image(const struct blob *file, const struct chain_image *image, struct why *why)
{
	struct blob part = blob_part(file, image->at, image->bytes);

	if (image->type == CODE_TYPE_PC)
		return verify_rom(&part, why);
	if (image->type != CODE_TYPE_EFI)
		return refuse(why, "the image at 0x%zx has code type %u; 0 and 3 are expected", image->at, image->type);
	part = blob_part(file, image->efi_at, image->at + image->bytes - image->efi_at);
	return verify_efi(&part, why);
}

static int verify_chain(const struct blob *file, struct why *why)
{
	struct chain_image image;
	size_t at = 0;
	int more;

	while ((more = chain_next(file, &at, &image, why)) > 0)
		if (verify_image(file, &image, why))
			return -1;
	return more;
}

int verify(struct blob *file, enum file_kind *kind, struct why *why)
{
	if (chain_is(file)) {
		*kind = FILE_CHAIN;
		return verify_chain(file, why);
	}
	if (pe_is(file)) {
		*kind = FILE_EFI;
		return verify_efi(file, why);
	}
	if (file->size < EI_NIDENT + 2 || memcmp(file->data, ELFMAG, SELFMAG)) {
		*kind = FILE_ROM;
		return verify_rom(file, why);
	}
	if (get16(file->data + EI_NIDENT) == ET_REL) {
		*kind = FILE_OBJECT;
		return verify_object(file, why);
	}
	return verify_kernel(file, kind, why);
}

static const char *const kind_names[] = {
	[FILE_ROM] = "a sound ROM",
	[FILE_KERNEL] = "a kernel with room for a ROM",
	[FILE_BUNDLE] = "a kernel with a sound ROM",
	[FILE_CHAIN] = "an option ROM of sound images",
	[FILE_EFI] = "an EFI driver with sound ROMs",
	[FILE_OBJECT] = "an object that links to a sound ROM",
};

struct options {
	char **files;
	int count;
	bool quiet;
};

static const struct argp_option table[] = {
	{ "quiet", 'q', NULL, 0, "say nothing of sound files", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	(void)arg;
	switch (key) {
	case 'q':
		o->quiet = true;
		return 0;
	case ARGP_KEY_ARGS:
		o->files = state->argv + state->next;
		o->count = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a file is needed");
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	table, parse, "FILE...",
	"Check ROMs, bundles, kernels or ROM objects: format, sums, and the mitigation contract of the code.",
	NULL, NULL, NULL
};

static int verify_file(const char *command, const char *path, bool quiet)
{
	struct why why = { "" };
	struct blob file = { 0 };
	enum file_kind kind;
	int status = 0;

	if (file_read(path, &file, &why) || verify(&file, &kind, &why))
		status = complain(command, path, &why);
	else if (!quiet)
		printf("%s: %s\n", path, kind_names[kind]);
	blob_free(&file);
	return status;
}

int command_verify(int argc, char **argv)
{
	struct options o = { 0 };
	int status = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	for (int i = 0; i < o.count; i++)
		status |= verify_file(argv[0], o.files[i], o.quiet);
	return status;
}
