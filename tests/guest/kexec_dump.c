// SPDX-License-Identifier: MIT
/*
 * What tells a kernel after a panic where the first one's memory is: an ELF
 * header with a note of each CPU's and the kernel's own, and a segment for each
 * range of memory. Read next: kexec_load.c.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"
#include "kexec.h"

#define MIB	(1ul << 20)

static Elf64_Phdr *add(struct kexec_dump *dump, unsigned int type, unsigned long pa, unsigned long bytes)
{
	Elf64_Phdr *p = &dump->segments[dump->head.e_phnum++];

	*p = (Elf64_Phdr){ .p_type = type, .p_offset = pa, .p_paddr = pa, .p_filesz = bytes, .p_memsz = bytes };
	return p;
}

static int room(const struct kexec_dump *dump)
{
	return dump->head.e_phnum < sizeof(dump->segments) / sizeof(dump->segments[0]);
}

static void add_cpus(struct kexec_dump *dump)
{
	char path[80], text[32];
	unsigned long pa, bytes;

	for (int cpu = 0; room(dump); cpu++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/crash_notes", cpu);
		if (guest_read(path, text, sizeof(text)) <= 0 || sscanf(text, "%lx", &pa) != 1)
			return;
		strcat(path, "_size");
		if (guest_read(path, text, sizeof(text)) > 0 && sscanf(text, "%lu", &bytes) == 1)
			add(dump, PT_NOTE, pa, bytes);
	}
}

static void add_kernel(struct kexec_dump *dump)
{
	unsigned long pa, bytes;
	char text[64];

	if (room(dump) && guest_read("/sys/kernel/vmcoreinfo", text, sizeof(text)) > 0 &&
	    sscanf(text, "%lx %lx", &pa, &bytes) == 2)
		add(dump, PT_NOTE, pa, bytes);
}

static void add_memory(struct kexec_dump *dump)
{
	unsigned long from, end;
	char line[128], what[64];
	FILE *in = fopen("/proc/iomem", "r");

	while (in && room(dump) && fgets(line, sizeof(line), in))
		if (line[0] != ' ' && sscanf(line, "%lx-%lx : %63[^\n]", &from, &end, what) == 3 &&
		    !strcmp(what, "System RAM"))
			add(dump, PT_LOAD, from, end + 1 - from)->p_flags = PF_R | PF_W | PF_X;
	if (in)
		fclose(in);
}

void kexec_describe(struct kexec_dump *dump)
{
	Elf64_Ehdr *e = &dump->head;

	memset(dump, 0, sizeof(*dump));
	memcpy(e->e_ident, ELFMAG, SELFMAG);
	e->e_ident[EI_CLASS] = ELFCLASS64;
	e->e_ident[EI_DATA] = ELFDATA2LSB;
	e->e_ident[EI_VERSION] = EV_CURRENT;
	e->e_type = ET_CORE;
	e->e_machine = EM_X86_64;
	e->e_version = EV_CURRENT;
	e->e_phoff = sizeof(*e);
	e->e_ehsize = sizeof(*e);
	e->e_phentsize = sizeof(Elf64_Phdr);
	add_cpus(dump);
	add_kernel(dump);
	add_memory(dump);
}
