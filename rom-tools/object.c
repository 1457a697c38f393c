// SPDX-License-Identifier: MIT
/* Reads a relocatable object with libelf. Nothing in the file is trusted. Read next: link.c. */
#include <stdlib.h>
#include <string.h>

#include <gelf.h>

#include "object.h"

#define SECTION_LIMIT	(1u << 20)

static int check_header(Elf *elf, struct why *why)
{
	GElf_Ehdr header;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return refuse(why, "is not an ELF file");
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    header.e_machine != EM_X86_64)
		return refuse(why, "is not a little-endian x86-64 ELF file");
	if (header.e_type != ET_REL)
		return refuse(why, "has ELF type %u; a relocatable object (`ld -r') is expected", header.e_type);
	return 0;
}

static int read_section(Elf *elf, size_t strings, Elf_Scn *scn, struct object_section *section, struct why *why)
{
	GElf_Shdr header;
	Elf_Data *data;

	if (!gelf_getshdr(scn, &header))
		return refuse(why, "section %zu has no readable header", elf_ndxscn(scn));
	section->name = elf_strptr(elf, strings, header.sh_name);
	if (!section->name)
		return refuse(why, "section %zu has no readable name", elf_ndxscn(scn));
	section->flags = header.sh_flags;
	section->size = header.sh_size;
	section->align = header.sh_addralign ? header.sh_addralign : 1;
	if (!(header.sh_flags & SHF_ALLOC))
		return 0;
	if (section->size > SECTION_LIMIT)
		return refuse(why, "section %s has %llu bytes; no ROM is that large", section->name,
			      (unsigned long long)section->size);
	if (section->align & (section->align - 1))
		return refuse(why, "section %s has alignment %llu; a power of two is expected", section->name,
			      (unsigned long long)section->align);
	if (header.sh_type == SHT_NOBITS || !section->size)
		return 0;
	data = elf_rawdata(scn, NULL);
	if (!data || !data->d_buf || data->d_size != section->size)
		return refuse(why, "section %s reaches past the end of the file", section->name);
	section->data = data->d_buf;
	return 0;
}

static int read_symbol(struct object *object, const GElf_Sym *sym, const char *name, struct object_symbol *out,
		       struct why *why)
{
	*out = (struct object_symbol){
		.name = name,
		.value = sym->st_value,
		.section = sym->st_shndx,
		.global = GELF_ST_BIND(sym->st_info) != STB_LOCAL,
	};
	if (!name)
		return refuse(why, "a symbol has no readable name");
	if (sym->st_shndx == SHN_ABS)
		out->section = OBJECT_ABS;
	else if (sym->st_shndx == SHN_COMMON)
		return refuse(why, "symbol %s is common; build with -fno-common", name);
	else if (sym->st_shndx >= object->section_count)
		return refuse(why, "symbol %s is in section %u; there are %zu", name, sym->st_shndx,
			      object->section_count);
	return 0;
}

static int read_symbols(struct object *object, Elf_Scn *scn, const GElf_Shdr *header, struct why *why)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Sym sym;

	if (object->symbols)
		return refuse(why, "has two symbol tables");
	if (!data || header->sh_entsize != sizeof(Elf64_Sym))
		return refuse(why, "has an unreadable symbol table");
	object->symbol_count = data->d_size / sizeof(Elf64_Sym);
	object->symbols = xcalloc(object->symbol_count, sizeof(*object->symbols));
	for (size_t i = 0; i < object->symbol_count; i++) {
		if (!gelf_getsym(data, i, &sym))
			return refuse(why, "symbol %zu cannot be read", i);
		if (read_symbol(object, &sym, elf_strptr(object->elf, header->sh_link, sym.st_name),
				&object->symbols[i], why))
			return -1;
	}
	return 0;
}

static int read_relocs(struct object *object, Elf_Scn *scn, const GElf_Shdr *header, struct why *why)
{
	struct object_section *section;
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Rela rela;

	if (header->sh_info >= object->section_count || !data || header->sh_entsize != sizeof(Elf64_Rela))
		return refuse(why, "has an unreadable relocation section");
	section = &object->sections[header->sh_info];
	if (section->relocs)
		return refuse(why, "section %s has two relocation sections", section->name);
	section->reloc_count = data->d_size / sizeof(Elf64_Rela);
	section->relocs = xcalloc(section->reloc_count, sizeof(*section->relocs));
	for (size_t i = 0; i < section->reloc_count; i++) {
		if (!gelf_getrela(data, i, &rela))
			return refuse(why, "relocation %zu of %s cannot be read", i, section->name);
		section->relocs[i] = (struct object_reloc){ rela.r_offset, rela.r_addend,
			GELF_R_TYPE(rela.r_info), GELF_R_SYM(rela.r_info) };
		if (section->relocs[i].symbol >= object->symbol_count)
			return refuse(why, "relocation %zu of %s names symbol %u; there are %zu", i,
				      section->name, section->relocs[i].symbol, object->symbol_count);
	}
	return 0;
}

typedef int (*reader)(struct object *, Elf_Scn *, const GElf_Shdr *, struct why *);

static int for_type(struct object *object, unsigned int type, reader read, struct why *why)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while ((scn = elf_nextscn(object->elf, scn))) {
		if (!gelf_getshdr(scn, &header))
			return refuse(why, "section %zu has no readable header", elf_ndxscn(scn));
		if (header.sh_type == type && read(object, scn, &header, why))
			return -1;
	}
	return 0;
}

static int no_rel(struct object *object, Elf_Scn *scn, const GElf_Shdr *header, struct why *why)
{
	(void)object, (void)scn, (void)header;
	return refuse(why, "has relocations without addends, which x86-64 does not use");
}

static int read_all(struct object *object, struct why *why)
{
	Elf_Scn *scn = NULL;
	size_t strings;

	if (check_header(object->elf, why))
		return -1;
	if (elf_getshdrnum(object->elf, &object->section_count) ||
	    elf_getshdrstrndx(object->elf, &strings))
		return refuse(why, "has no readable section table");
	object->sections = xcalloc(object->section_count, sizeof(*object->sections));
	if (object->section_count)
		object->sections[0].name = "";
	while ((scn = elf_nextscn(object->elf, scn)))
		if (read_section(object->elf, strings, scn, &object->sections[elf_ndxscn(scn)], why))
			return -1;
	if (for_type(object, SHT_SYMTAB, read_symbols, why) || for_type(object, SHT_REL, no_rel, why))
		return -1;
	return for_type(object, SHT_RELA, read_relocs, why);
}

int object_open(struct object *object, const struct blob *bytes, struct why *why)
{
	*object = (struct object){ 0 };
	elf_version(EV_CURRENT);
	object->elf = elf_memory((char *)bytes->data, bytes->size);
	if (!read_all(object, why))
		return 0;
	object_close(object);
	return -1;
}

void object_close(struct object *object)
{
	for (size_t i = 0; object->sections && i < object->section_count; i++)
		free(object->sections[i].relocs);
	free(object->sections);
	free(object->symbols);
	elf_end(object->elf);
	*object = (struct object){ 0 };
}

const struct object_symbol *object_find(const struct object *object, const char *name)
{
	for (size_t i = 0; i < object->symbol_count; i++) {
		const struct object_symbol *s = &object->symbols[i];

		if (s->global && s->section && !strcmp(s->name, name))
			return s;
	}
	return NULL;
}
