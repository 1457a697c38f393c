/* SPDX-License-Identifier: MIT */
/* What the files of /kexec share. */
#ifndef KEXEC_H
#define KEXEC_H

#include <elf.h>

/** An ELF header as it lies in memory. */
struct kexec_dump {
	Elf64_Ehdr head;
	Elf64_Phdr segments[64];
};

/** Loads /next and /next.cpio.gz, with a ROM beside them; -1: why not is on standard error. */
int kexec_load_with(const char *rom_path, const char *line, int crash);

/** The memory of the kernel that runs. */
void kexec_describe(struct kexec_dump *dump);

#endif
