/* SPDX-License-Identifier: MIT */
/* A kernel file: what it declares, and where its bytes stand. Read next: bundle.c. */
#ifndef VMI_KERNEL_H
#define VMI_KERNEL_H

#include <vmi/loader.h>
#include <vmi/note.h>

#include "note.h"
#include "vmi.h"

struct segment {
	uint64_t va, offset, bytes;	/* file bytes only */
	uint32_t type, flags;
	uint64_t align;
};

struct kernel {
	struct blob *file;		/* not owned */
	struct segment *segments;
	size_t segment_count;
	bool is_64;
	bool has_contract;		/* contract is the note VMI/1 */
	struct vmi_note contract;
	bool has_shelf;			/* shelf is the note VMI/3 */
	struct vmi_note_shelf shelf;
	size_t host_at, host_bytes;	/* the note VMI/2 with its header, in the file; 0: none */
	const uint8_t *build_id;	/* NULL: none */
	uint32_t build_id_size;
	bool has_pvh;			/* Xen's PHYS32_ENTRY */
};

/** Reads program headers and notes; the file may be any x86 ELF executable. */
int kernel_open(struct kernel *kernel, struct blob *file, struct why *why);
void kernel_close(struct kernel *kernel);
/** The file's bytes of [va, va + bytes), or NULL if they are not all in the file. */
uint8_t *kernel_at(const struct kernel *kernel, uint64_t va, uint64_t bytes);

typedef int (*note_visitor)(void *data, const struct note *note, size_t file_offset);
/** Calls visit for every note until it returns other than 0, and returns that. */
int kernel_notes(const struct kernel *kernel, note_visitor visit, void *data, struct why *why);

/** The kernel's two areas as the loader wants them; refuses a kernel without a contract. */
int kernel_areas(const struct kernel *kernel, struct vmi_rom_place *place, struct why *why);
/** The file's bytes of the shelf, or none where the kernel has no shelf. */
int kernel_shelf(const struct kernel *kernel, struct blob *shelf, struct why *why);
/** Whether a ROM stands in the text area. */
bool kernel_is_bundle(const struct vmi_rom_place *place);

#endif
