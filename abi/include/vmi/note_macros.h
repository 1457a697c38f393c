/* SPDX-License-Identifier: MIT */
/*
 * For a kernel's assembly (preprocessed) or, by VMI_NOTE_C, its C: the two ELF
 * notes. They need a PT_NOTE segment; the host area must be the last note.
 */
#ifndef VMI_NOTE_MACROS_H
#define VMI_NOTE_MACROS_H

#ifdef __ASSEMBLER__
/** The contract: the descriptor is a struct vmi_note, which the caller lays down between the two. */
.macro VMI_NOTE_BEGIN type
	.pushsection .note.vmi, "a", @note
	.balign	4
	.long	4, 8102f - 8101f, \type
	.asciz	"VMI"
8101:
.endm
.macro VMI_NOTE_END
8102:
	.balign	4
	.popsection
.endm
/** Room for the notes that a host wants. */
.macro VMI_NOTE_HOST_ROOM bytes
	VMI_NOTE_BEGIN 2
	.skip	\bytes
	VMI_NOTE_END
.endm
#else

#include "note.h"

struct vmi_note_contract {
	uint32_t namesz, descsz, type;
	char name[4];
	struct vmi_note desc;
};

struct vmi_note_header {
	uint32_t namesz, descsz, type;
	char name[4];
};

/**
 * VMI_NOTE_C(symbol, { .text_area = (uint64_t)..., ... }); addresses of symbols
 * are fine. The version fields are filled in here.
 */
#define VMI_NOTE_C(symbol, ...)							\
	__attribute__((section(".note.vmi,\"a\",@note#"), used, aligned(4)))	\
	static const struct vmi_note_contract symbol = {			\
		4, sizeof(struct vmi_note), VMI_NOTE_CONTRACT, VMI_NOTE_NAME,	\
		__VA_ARGS__ }

/** Room for the notes that a host wants; place it behind the contract. */
#define VMI_NOTE_HOST_ROOM_C(symbol, room)					\
	__attribute__((section(".note.vmi.host,\"a\",@note#"), used, aligned(4))) \
	static const struct { struct vmi_note_header header; char desc[room]; } symbol = { \
		{ 4, room, VMI_NOTE_HOST_AREA, VMI_NOTE_NAME }, { 0 } }

#endif
#endif
