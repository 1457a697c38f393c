/* SPDX-License-Identifier: MIT */
/*
 * The loader that every kernel and every tool uses: find, check, place, fix up.
 * Freestanding: no library, no allocation, no global state; ROM bytes are never
 * trusted. Sources in abi/guest/.
 *
 * Every function that can fail returns VMI_ROM_OK or a reason; vmi_rom_reason()
 * has the sentence. Nothing is written before everything is known to work.
 */
#ifndef VMI_LOADER_H
#define VMI_LOADER_H

#include "call.h"
#include "guest.h"
#include "rom.h"

/** Why a ROM was refused. X(name, sentence); numbers are not part of the ABI. */
#define VMI_ROM_REASONS(X) \
	X(SIZE, "there are fewer bytes than the smallest ROM has") \
	X(ALIGNMENT, "it does not stand at a multiple of 8 in memory") \
	X(SIGNATURE, "it does not begin with the PCI expansion ROM signature 55 AA") \
	X(MAGIC32, "there is no VMI magic at offset 8: it is some other option ROM") \
	X(HEADER_PLACE, "the VMI header lies outside the image or is not aligned to 8") \
	X(MAGIC, "the VMI header does not begin with its magic") \
	X(HEADER_SIZE, "the VMI header is smaller than the ABI says, or is longer than the text") \
	X(MAJOR, "it has another major version of the ABI") \
	X(MINOR, "it has an older minor version of the ABI than this kernel can use") \
	X(DRAFT, "it has another draft of the ABI, and major 0 asks for the very same") \
	X(IMAGE_SIZE, "image_size is not a multiple of 512 of at most 64 KiB") \
	X(TRUNCATED, "image_size says more bytes than there are") \
	X(SIZE_BYTE, "the size in byte 2 is not image_size / 512") \
	X(PCIR, "the PCI data structure is missing or contradicts the image size") \
	X(TEXT_SIZE, "text_size is 0 or reaches into the data segment") \
	X(DATA_PLACE, "data_offset is not a multiple of 64, or data reaches past the image") \
	X(DATA_SIZE, "data and bss are larger than 32 KiB") \
	X(PERCPU_SIZE, "percpu_size is larger than a page") \
	X(RESERVED, "a reserved field is not 0") \
	X(FLAGS, "it has a flag that this loader does not know and may not ignore") \
	X(MODES, "its features contradict each other: paging is either assisted or announced") \
	X(NAME, "the backend's name is empty, not printable or not zero padded") \
	X(CHECKSUM, "the bytes do not sum to 0") \
	X(CRC, "the CRC-32 does not match") \
	X(CODE_PLACE, "the code range lies outside the text") \
	X(CALLS_PLACE, "the call table lies outside the text or is not aligned") \
	X(CALLS_COUNT, "the call table lacks the base group or has too many rows") \
	X(FIXUPS_PLACE, "the fix-up table lies outside the text or is not aligned") \
	X(NOTES_PLACE, "the notes lie outside the text or are not aligned") \
	X(EXTABLE_PLACE, "the exception table lies outside the text or is not aligned") \
	X(UNWIND_PLACE, "the unwind table lies outside the text or is not aligned") \
	X(OVERLAP, "two of header, code, notes and tables overlap") \
	X(DETECT, "detect_offset is not an entry: inside the code, with endbr64 first") \
	X(BOOT, "boot_offset is not an entry: inside the code, with endbr64 first") \
	X(BOOT_MISSING, "it says that only direct boot can start it, but has no boot_offset") \
	X(CALL_ANSWER, "a row of the call table has no valid answer") \
	X(CALL_RESERVED, "a reserved field in the call table is not 0") \
	X(CALL_MISSING, "an answer CALL or INLINE has no entry behind it") \
	X(CALL_ENTRY, "a call's entry is not one: inside the code, with endbr64 first") \
	X(CALL_EARLY, "a call's early entry is not one: inside the code, with endbr64 first") \
	X(CALL_INLINE, "a call's inline bytes are not 1 to 15 bytes inside the text") \
	X(CALL_BASE, "a call of the base group does not answer CALL") \
	X(FIXUP_KIND, "a fix-up has an unknown kind") \
	X(FIXUP_PLACE, "a fix-up lies outside text and data") \
	X(FIXUP_ORDER, "the fix-ups are not sorted, or two overlap") \
	X(FIXUP_TABLE, "a fix-up writes to the header or to a table") \
	X(FIXUP_INDEX, "a fix-up names a guest entry or constant that the ABI does not have") \
	X(FIXUP_ADDEND, "a fix-up's addend is out of range for its kind") \
	X(FIXUP_RETURN, "a return fix-up is not at the bytes c3 cc cc cc cc inside the code") \
	X(FIXUP_NOTE, "an address for the host is not inside the notes") \
	X(FIXUP_INLINE, "inline bytes hold a fix-up that cannot be copied with them") \
	X(NOTES_FORM, "the notes end in the middle of one") \
	X(EXTABLE_ROW, "a row of the exception table lies outside the code") \
	X(UNWIND_ROW, "a row of the unwind table lies outside the code, is unsorted or unknown") \
	X(TEXT_AREA, "the text does not fit in the kernel's area for it") \
	X(DATA_AREA, "the data does not fit in the kernel's area for it") \
	X(GUEST, "the guest's own description is not valid") \
	X(NO_ENTRY, "it jumps to a guest entry that this kernel does not have") \
	X(NO_CONST, "it uses a guest constant that this kernel does not give") \
	X(REACH, "something it has to reach is more than 2 GiB away") \
	X(ALREADY_PLACED, "it is marked as placed already, which only the copy in a kernel can be") \
	X(NOT_PLACED, "it is not marked as placed, so there is none in the area") \
	X(FEATURES, "its host has features that this kernel refuses, or lacks some it needs") \
	X(CALL_NEEDED, "it lacks a call that this kernel needs on a deprivileging host") \
	X(FIXUP_MARK, "a fix-up writes to the endbr64 of an entry")

enum vmi_rom_result {
	VMI_ROM_OK = 0,
#define VMI_ROM_REASON(name, text) VMI_ROM_BAD_##name,
	VMI_ROM_REASONS(VMI_ROM_REASON)
#undef VMI_ROM_REASON
	VMI_ROM_RESULTS
};

/** One sentence without a full stop; "" for VMI_ROM_OK. */
const char *vmi_rom_reason(int result);

/**
 * The next VMI image in [area, area + bytes) whose offset is at least *from, and
 * *from moved behind it; or NULL. Steps over other option ROMs by their size.
 * Only finds: check it.
 */
const void *vmi_rom_find(const void *area, uint32_t bytes, uint32_t *from);

/**
 * Checks everything in an image of which size bytes may be read; image is
 * aligned to 8. On VMI_ROM_OK the functions below may be given it.
 */
int vmi_rom_check(const void *image, uint32_t size);
/** The same for text that stands placed in an area of size bytes: no sums, no data. */
int vmi_rom_check_placed(const void *text, uint32_t size);

/** The header of an image that passed a check. */
const struct vmi_rom_header *vmi_rom_header(const void *image);
/** The row of a call, or NULL: the ROM does not know it, so NATIVE. */
const struct vmi_rom_call *vmi_rom_call(const void *image, uint32_t nr);

struct vmi_note;
/** Whether this ROM can serve the kernel that declares this note (note.h). */
int vmi_rom_suits(const void *image, const struct vmi_note *note);

/** Where a ROM goes: where it can be written now, and where it will run. */
struct vmi_rom_place {
	void *text;			/* text_size bytes, aligned to 8 */
	void *data;			/* data_size bytes */
	uint64_t text_va;
	uint64_t data_va;
	uint32_t text_size;		/* of the areas, not of the ROM */
	uint32_t data_size;
};

/** Copies text and data, zeroes the rest of both areas, sets VMI_ROM_PLACED. */
int vmi_rom_place(const void *image, const struct vmi_rom_place *place);
/** Zeroes both areas: as if there had never been one. */
void vmi_rom_unplace(const struct vmi_rom_place *place);

/**
 * Applies the fix-ups to a placed ROM, as often as one likes, each time from the
 * table alone. Returns stay plain. With partial, what the guest leaves 0 is
 * skipped, the per-CPU displacement too: for `vmi bundle`, which knows only
 * what the note says. Without, it is a reason to refuse.
 */
int vmi_rom_fixup(const struct vmi_rom_place *place, const struct vmi_guest *guest, int partial);
/** Turns every return into a jump to guest->return_thunk; 0: back to plain ones. */
int vmi_rom_fixup_returns(const struct vmi_rom_place *place, const struct vmi_guest *guest);

/**
 * For a ROM that is placed and fixed up: its bid for this host, 0 where this is
 * not its host. Before any other call.
 */
uint32_t vmi_rom_detect(const struct vmi_rom_place *place);
/** enum vmi_answer, of the table; a call that the ROM does not know is NATIVE. */
uint32_t vmi_rom_answer(const struct vmi_rom_place *place, uint32_t nr);
/** The same after INIT, of this very host: NATIVE also for what it lacks. */
uint32_t vmi_rom_answer_here(const struct vmi_rom_place *place, uint32_t nr);
/** Linear address of a call's CALL form, or 0; early: as it is before PERCPU_READY. */
uint64_t vmi_rom_entry(const struct vmi_rom_place *place, uint32_t nr, int early);
/**
 * The usual order in one call: find in the window, check, compare with the
 * kernel's own note, place, fix up, ask detect(); of several ROMs the highest
 * bid stays. One that its host has placed already goes first; with window NULL
 * it is the only one. Returns NULL, or why there is no ROM: then both
 * areas are empty, except a bundle's.
 */
const char *vmi_rom_load(const struct vmi_rom_place *place, const struct vmi_guest *guest,
			 const struct vmi_note *note, const void *window, uint32_t bytes);

/** The bytes of an INLINE answer, fixed up, or NULL. */
const void *vmi_rom_inline(const struct vmi_rom_place *place, uint32_t nr, uint32_t *bytes);
/** Where to go on when the instruction at ip has faulted, or 0. */
uint64_t vmi_rom_extable(const struct vmi_rom_place *place, uint64_t ip);
/** How to find the caller's frame from ip, or NULL. */
const struct vmi_rom_unwind *vmi_rom_unwind(const struct vmi_rom_place *place, uint64_t ip);

/** The four lines, for a guest that has a way to print (abi/guest/verdict.c). */
struct vmi_verdict {
	const void *build_id;		/* the NT_GNU_BUILD_ID note, its header first */
	const void *rom;		/* text of the placed ROM, or NULL */
	uint64_t microseconds;
	const char *failure;		/* one sentence, or NULL: pass */
};

/** For microseconds: the time stamp counter's rate where nobody says it, by a PC's timer chip. */
uint64_t vmi_verdict_khz(void);
/** All but the last line, for a guest that ends with the exit port. */
void vmi_verdict_facts(const struct vmi_verdict *v, void (*print)(const char *text, uint32_t bytes));
void vmi_verdict_print(const struct vmi_verdict *v, void (*print)(const char *text, uint32_t bytes));

#endif
