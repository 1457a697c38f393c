// SPDX-License-Identifier: MIT
/* Reads what a kernel file declares. Nothing in the file is trusted. */
#include <stdlib.h>
#include <string.h>

#include <gelf.h>

#include "kernel.h"

#define NT_GNU_BUILD_ID_	3	/* name GNU */
#define XEN_PHYS32_ENTRY	18	/* name Xen */

static int read_segments(struct kernel *kernel, Elf *elf, struct why *why)
{
	GElf_Phdr p;

	if (elf_getphdrnum(elf, &kernel->segment_count))
		return refuse(why, "has no readable program headers");
	kernel->segments = xcalloc(kernel->segment_count, sizeof(*kernel->segments));
	for (size_t i = 0; i < kernel->segment_count; i++) {
		if (!gelf_getphdr(elf, i, &p))
			return refuse(why, "program header %zu cannot be read", i);
		if (!inside(p.p_offset, p.p_filesz, kernel->file->size))
			return refuse(why, "segment %zu reaches past the end of the file", i);
		kernel->segments[i] = (struct segment){ p.p_vaddr, p.p_offset, p.p_filesz, p.p_type, p.p_flags,
			p.p_align == 8 ? 8 : 4 };
	}
	return 0;
}

int kernel_notes(const struct kernel *kernel, note_visitor visit, void *data, struct why *why)
{
	struct note note;
	int n, stop;

	for (size_t i = 0; i < kernel->segment_count; i++) {
		const struct segment *s = &kernel->segments[i];
		size_t at = 0;

		if (s->type != PT_NOTE)
			continue;
		while ((n = note_next(kernel->file->data + s->offset, s->bytes, s->align, &at, &note))) {
			if (n < 0)
				return refuse(why, "its notes at file offset 0x%llx end in the middle of one",
					      (unsigned long long)(s->offset + at));
			stop = visit(data, &note, s->offset + note.at);
			if (stop)
				return stop;
		}
	}
	return 0;
}

struct taking {
	struct kernel *kernel;
	struct why *why;
};

static int take_contract(struct taking *t, const struct note *note)
{
	if (t->kernel->has_contract)
		return refuse(t->why, "has two notes VMI/1");
	if (note->desc_size < sizeof(t->kernel->contract))
		return refuse(t->why, "its note VMI/1 has %u bytes; at least %zu are expected", note->desc_size,
			      sizeof(t->kernel->contract));
	memcpy(&t->kernel->contract, note->desc, sizeof(t->kernel->contract));
	if (t->kernel->contract.size < sizeof(t->kernel->contract) ||
	    t->kernel->contract.size > note->desc_size)
		return refuse(t->why, "its note VMI/1 says that it has %u bytes, and has %u",
			      t->kernel->contract.size, note->desc_size);
	t->kernel->has_contract = true;
	return 0;
}

static int take_shelf(struct taking *t, const struct note *note)
{
	if (t->kernel->has_shelf)
		return refuse(t->why, "has two notes VMI/3");
	if (note->desc_size < sizeof(t->kernel->shelf))
		return refuse(t->why, "its note VMI/3 has %u bytes; at least %zu are expected", note->desc_size,
			      sizeof(t->kernel->shelf));
	memcpy(&t->kernel->shelf, note->desc, sizeof(t->kernel->shelf));
	t->kernel->has_shelf = true;
	return 0;
}

static int take_note(void *data, const struct note *note, size_t at)
{
	struct taking *t = data;

	if (note_is(note, VMI_NOTE_NAME, VMI_NOTE_CONTRACT))
		return take_contract(t, note);
	if (note_is(note, VMI_NOTE_NAME, VMI_NOTE_SHELF))
		return take_shelf(t, note);
	if (note_is(note, VMI_NOTE_NAME, VMI_NOTE_HOST_AREA)) {
		if (t->kernel->host_at)
			return refuse(t->why, "has two notes VMI/2");
		t->kernel->host_at = at;
		t->kernel->host_bytes = note->bytes;
	} else if (note_is(note, "GNU", NT_GNU_BUILD_ID_) && !t->kernel->build_id) {
		t->kernel->build_id = note->desc;
		t->kernel->build_id_size = note->desc_size;
	} else if (note_is(note, "Xen", XEN_PHYS32_ENTRY)) {
		t->kernel->has_pvh = true;
	}
	return 0;
}

static int read_all(struct kernel *kernel, Elf *elf, struct why *why)
{
	struct taking taking = { kernel, why };
	GElf_Ehdr header;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return refuse(why, "is not an ELF file");
	if (header.e_ident[EI_DATA] != ELFDATA2LSB || (header.e_machine != EM_X86_64 && header.e_machine != EM_386))
		return refuse(why, "is not an x86 ELF file");
	if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
		return refuse(why, "has ELF type %u; an executable is expected", header.e_type);
	kernel->is_64 = header.e_ident[EI_CLASS] == ELFCLASS64;
	if (read_segments(kernel, elf, why))
		return -1;
	return kernel_notes(kernel, take_note, &taking, why);
}

int kernel_open(struct kernel *kernel, struct blob *file, struct why *why)
{
	Elf *elf;
	int err;

	*kernel = (struct kernel){ .file = file };
	elf_version(EV_CURRENT);
	elf = elf_memory((char *)file->data, file->size);
	err = read_all(kernel, elf, why);
	elf_end(elf);
	if (err)
		kernel_close(kernel);
	return err;
}

void kernel_close(struct kernel *kernel)
{
	free(kernel->segments);
	*kernel = (struct kernel){ 0 };
}

uint8_t *kernel_at(const struct kernel *kernel, uint64_t va, uint64_t bytes)
{
	for (size_t i = 0; i < kernel->segment_count; i++) {
		const struct segment *s = &kernel->segments[i];

		if (s->type == PT_LOAD && va >= s->va && inside(va - s->va, bytes, s->bytes))
			return kernel->file->data + s->offset + (va - s->va);
	}
	return NULL;
}

static int area(const struct kernel *kernel, unsigned int type, const char *name, uint64_t va, uint64_t bytes, void **out,
		struct why *why)
{
	uint8_t *p = kernel_at(kernel, va, bytes);

	if (va % VMI_ROM_ALIGN)
		return refuse(why, "its note VMI/%u gives %s 0x%llx; it must be page aligned", type, name,
			      (unsigned long long)va);
	if (!bytes || !p)
		return refuse(why, "its note VMI/%u gives %s 0x%llx with 0x%llx bytes, which are not in the file",
			      type, name, (unsigned long long)va, (unsigned long long)bytes);
	if ((uintptr_t)p % 8)
		return refuse(why, "its %s is not aligned to 8 in the file", name);
	*out = p;
	return 0;
}

int kernel_areas(const struct kernel *kernel, struct vmi_rom_place *place, struct why *why)
{
	const struct vmi_note *n = &kernel->contract;

	if (!kernel->has_contract)
		return refuse(why, "has no note VMI/1: it is not a kernel that uses VMI");
	*place = (struct vmi_rom_place){
		.text_va = n->text_area, .text_size = n->text_area_size,
		.data_va = n->data_area, .data_size = n->data_area_size,
	};
	if (area(kernel, VMI_NOTE_CONTRACT, "text_area", n->text_area, n->text_area_size, &place->text, why) ||
	    area(kernel, VMI_NOTE_CONTRACT, "data_area", n->data_area, n->data_area_size, &place->data, why))
		return -1;
	if ((uint8_t *)place->text < (uint8_t *)place->data + place->data_size &&
	    (uint8_t *)place->data < (uint8_t *)place->text + place->text_size)
		return refuse(why, "its text_area and data_area overlap");
	return 0;
}

static bool apart(const struct blob *shelf, const void *at, size_t bytes)
{
	return shelf->data + shelf->size <= (const uint8_t *)at || (const uint8_t *)at + bytes <= shelf->data;
}

int kernel_shelf(const struct kernel *kernel, struct blob *shelf, struct why *why)
{
	struct vmi_rom_place place;
	void *at;

	*shelf = (struct blob){ 0 };
	if (!kernel->has_shelf)
		return 0;
	if (kernel_areas(kernel, &place, why) ||
	    area(kernel, VMI_NOTE_SHELF, "area", kernel->shelf.area, kernel->shelf.area_size, &at, why))
		return -1;
	*shelf = (struct blob){ at, kernel->shelf.area_size };
	if (!apart(shelf, place.text, place.text_size) || !apart(shelf, place.data, place.data_size))
		return refuse(why, "its shelf overlaps its text_area or data_area");
	return 0;
}

bool kernel_is_bundle(const struct vmi_rom_place *place)
{
	return place->text_size >= 512 &&
	       get32((uint8_t *)place->text + VMI_ROM_MAGIC32_OFFSET) == VMI_ROM_MAGIC32;
}
