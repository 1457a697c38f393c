/* SPDX-License-Identifier: MIT */
/*
 * What guest and ROM hand each other while running. Every structure begins with
 * magic, version (= 1) and its own size, grows only at its end, and a zero
 * address means "not there". Read next: note.h, for what a kernel file declares.
 *
 * Pointers here are linear addresses in the kernel's half, valid in every
 * address space of the guest; "pa" is a guest-physical address.
 */
#ifndef VMI_GUEST_H
#define VMI_GUEST_H

#include "types.h"

#define VMI_MAGIC_GUEST	0x54534755u	/* "UGST" */
#define VMI_MAGIC_INIT	0x54494e49u	/* "INIT" */
#define VMI_MAGIC_BOOT	0x544f4f42u	/* "BOOT" */
#define VMI_MAGIC_ADOPT	0x54504441u	/* "ADPT" */
#define VMI_MAGIC_START	0x54525453u	/* "STRT" */
#define VMI_MAGIC_WISH	0x48534957u	/* "WISH" */
#define VMI_MAGIC_SUSPEND	0x50535553u	/* "SUSP" */
#define VMI_STRUCT_VERSION 1

/**
 * Guest entry points that a ROM jumps to. The frame on the stack is the
 * hardware's: RIP, CS, RFLAGS, RSP, SS, and below it, where marked "error
 * code", one more word. GS base is the kernel's, the interrupt flag is clear,
 * the direction flag too, all other registers are those of the interrupted code.
 */
enum vmi_entry {
	/* 0-31: exceptions by vector; error code for 8, 10-14, 17, 21, 29, 30 */
	VMI_ENTRY_DE = 0,
	VMI_ENTRY_DB = 1,
	VMI_ENTRY_NMI = 2,
	VMI_ENTRY_BP = 3,
	VMI_ENTRY_OF = 4,
	VMI_ENTRY_BR = 5,
	VMI_ENTRY_UD = 6,
	VMI_ENTRY_NM = 7,
	VMI_ENTRY_DF = 8,
	VMI_ENTRY_OLD_MF = 9,
	VMI_ENTRY_TS = 10,
	VMI_ENTRY_NP = 11,
	VMI_ENTRY_SS = 12,
	VMI_ENTRY_GP = 13,
	VMI_ENTRY_PF = 14,
	VMI_ENTRY_SPURIOUS = 15,
	VMI_ENTRY_MF = 16,
	VMI_ENTRY_AC = 17,
	VMI_ENTRY_MC = 18,
	VMI_ENTRY_XF = 19,
	VMI_ENTRY_EVENT = 32,		/* ask EVENT_NEXT until none is left */
	VMI_ENTRY_SYSCALL64 = 33,	/* also RCX = RIP, R11 = RFLAGS; CS and SS are the guest's USER_CS, USER_DS */
	VMI_ENTRY_SYSCALL32 = 34,	/* the compatibility-mode SYSCALL instruction */
	VMI_ENTRY_SYSENTER32 = 35,
	VMI_ENTRY_INT80 = 36,
	VMI_NR_ENTRIES = 40,
};

/** Guest constants that a ROM may need in its code. */
enum vmi_const {
	VMI_CONST_KERNEL_CS = 0,	/* selectors, RPL as the guest uses them */
	VMI_CONST_KERNEL_DS = 1,
	VMI_CONST_USER_CS = 2,
	VMI_CONST_USER_DS = 3,
	VMI_CONST_USER32_CS = 4,
	VMI_CONST_DIRECT_MAP = 5,	/* linear address of guest-physical 0, upper half */
	VMI_CONST_IMAGE_OFFSET = 6,	/* linear minus guest-physical address of the kernel image */
	VMI_CONST_WINDOW = 7,		/* the ROM window, or 0 */
	VMI_CONST_KERNEL_ENTRY = 8,	/* linear address of vmi_entry (from the note) */
	VMI_NR_CONSTS = 12,
};

/** What a guest tells its loader, and the loader the fix-ups. */
struct vmi_guest {
	uint32_t magic;			/*   0 VMI_MAGIC_GUEST */
	uint16_t version;		/*   4 */
	uint16_t size;			/*   6 */
	uint64_t return_thunk;		/*   8 0: plain returns stay */
	int64_t percpu;			/*  16 block minus GS base, fits 32 bits signed */
	uint64_t entries[VMI_NR_ENTRIES];	/* 24 0: the guest has none */
	uint64_t consts[VMI_NR_CONSTS];	/* 344 */
};

VMI_ASSERT_OFFSET(struct vmi_guest, entries, 24);
VMI_ASSERT_OFFSET(struct vmi_guest, consts, 344);
VMI_ASSERT_SIZE(struct vmi_guest, 440);

/** INIT: in above the line, out below it. */
struct vmi_init {
	uint32_t magic;			/*   0 VMI_MAGIC_INIT */
	uint16_t version;		/*   4 */
	uint16_t size;			/*   6 */
	char guest_name[16];		/*   8 for the host's log, zero padded */
	uint32_t cpus;			/*  24 most CPUs the guest can use */
	uint32_t reserved;		/*  28 must be 0 */
	/* ---- */
	uint32_t features;		/*  32 VMI_FEAT_* of this guest on this host */
	uint32_t host_version;		/*  36 the host's own, major << 16 | minor */
	uint64_t tsc_khz;		/*  40 0: measure it */
	uint64_t pte_forbidden;		/*  48 page-table bits the host refuses (large page: bit 7, global: bit 8) */
	uint32_t extra_user_cs;		/*  56 a 64-bit user code selector beside the guest's own, or 0 */
	uint32_t frame_table_bytes;	/*  60 of guest memory kept by the ROM as a frame table */
	char host_name[32];		/*  64 for the guest's log, zero padded */
	char reason[96];		/*  96 when INIT fails: one sentence */
};

VMI_ASSERT_OFFSET(struct vmi_init, features, 32);
VMI_ASSERT_OFFSET(struct vmi_init, host_name, 64);
VMI_ASSERT_SIZE(struct vmi_init, 192);

/** Kinds of a memory range; what is not listed does not exist. */
enum vmi_mem {
	VMI_MEM_RAM = 1,
	VMI_MEM_RESERVED = 2,		/* there, but not the guest's: ROM, frame table, host's tables */
	VMI_MEM_LATER = 3,		/* not there yet: TAKE_FRAMES may get it */
};

struct vmi_range {
	uint64_t pa;			/*  0 */
	uint64_t bytes;			/*  8 */
	uint32_t kind;			/* 16 enum vmi_mem */
	uint32_t reserved;		/* 20 */
};

VMI_ASSERT_SIZE(struct vmi_range, 24);

#define VMI_BOOT_RANGES	32

/**
 * What the kernel's vmi_entry gets in RDI at direct boot. Ranges are sorted and
 * do not overlap. RSP is a stack of at least 4 KiB, the interrupt flag is clear.
 */
struct vmi_boot {
	uint32_t magic;			/*   0 VMI_MAGIC_BOOT */
	uint16_t version;		/*   4 */
	uint16_t size;			/*   6 */
	uint64_t cmdline;		/*   8 linear address of a zero-terminated string */
	uint64_t initrd_pa;		/*  16 */
	uint64_t initrd_bytes;		/*  24 0: none */
	uint64_t entry_tsc;		/*  32 time stamp counter when the host entered */
	uint32_t range_count;		/*  40 */
	uint32_t reserved;		/*  44 */
	struct vmi_range ranges[VMI_BOOT_RANGES];	/* 48 */
};

VMI_ASSERT_OFFSET(struct vmi_boot, ranges, 48);
VMI_ASSERT_SIZE(struct vmi_boot, 48 + 24 * VMI_BOOT_RANGES);

/**
 * ADOPT: the kernel's own tables as linked, entries in guest-physical form. The
 * upper half of the root is kept where it maps the image; a large page there is
 * split and what lies outside [image_va, image_end) is unmapped. The lower half
 * is emptied. The direct map of all memory is built at direct_map, 4 KiB pages.
 * Tables become read-only everywhere. The ROM takes the frames it needs from
 * the ranges it reported as VMI_MEM_RESERVED.
 */
struct vmi_adopt {
	uint32_t magic;			/*  0 VMI_MAGIC_ADOPT */
	uint16_t version;		/*  4 */
	uint16_t size;			/*  6 */
	uint64_t root_pa;		/*  8 the companion is the next frame */
	uint64_t image_va;		/* 16 */
	uint64_t image_end;		/* 24 */
	uint64_t direct_map;		/* 32 512 GiB aligned, upper half */
};

VMI_ASSERT_SIZE(struct vmi_adopt, 40);

/** Flags of a table. */
#define VMI_TABLE_APART	(1u << 0)	/* level 1: live by itself, whether a live root leads to it or not */

/** One table of ADD_TABLES and REMOVE_TABLES. */
struct vmi_table {
	uint64_t pa;			/* 0 of the 4 KiB frame */
	uint32_t level;			/* 8 1 (leaf) to 4 (root) */
	uint32_t flags;			/* 12 VMI_TABLE_* */
};

VMI_ASSERT_SIZE(struct vmi_table, 16);

/**
 * CPU_START: in kernel mode, interrupts off, direction flag clear, data
 * segments null, no LDT; RDI is arg, RBP is 0, other registers are undefined.
 */
struct vmi_start {
	uint32_t magic;			/*  0 VMI_MAGIC_START */
	uint16_t version;		/*  4 */
	uint16_t size;			/*  6 */
	uint64_t entry;			/*  8 linear address */
	uint64_t stack;			/* 16 RSP at entry, a multiple of 16; also what LOAD_SP0 sets */
	uint64_t arg;			/* 24 */
	uint64_t gs_base;		/* 32 kernel GS base */
	uint64_t root_pa;		/* 40 live root table */
	uint64_t gdt_pa;		/* 48 its GDT's only frame, as for LOAD_GDT */
	uint32_t gdt_entries;		/* 56 1 to 512 */
	uint32_t reserved;		/* 60 must be 0 */
};

VMI_ASSERT_OFFSET(struct vmi_start, gdt_pa, 48);
VMI_ASSERT_SIZE(struct vmi_start, 64);

/** CONTROL_NEXT's result; which fields count depends on enum vmi_wish_kind. */
struct vmi_wish {
	uint32_t magic;			/*  0 VMI_MAGIC_WISH */
	uint16_t version;		/*  4 */
	uint16_t size;			/*  6 */
	/* ---- */
	uint32_t cpu;			/*  8 */
	uint32_t reserved;		/* 12 */
	uint64_t value;			/* 16 */
};

VMI_ASSERT_SIZE(struct vmi_wish, 24);

/** SUSPEND: in above the line, out below it. */
struct vmi_suspend {
	uint32_t magic;			/*  0 VMI_MAGIC_SUSPEND */
	uint16_t version;		/*  4 */
	uint16_t size;			/*  6 */
	/* ---- */
	uint32_t moved;			/*  8 0: the host went on with this very guest; 1: it is a restored one */
	uint32_t host_version;		/* 12 as in vmi_init */
	uint64_t tsc_khz;		/* 16 as in vmi_init */
	uint64_t stopped;		/* 24 nanoseconds of wall-clock time that passed meanwhile, 0: not known */
};

VMI_ASSERT_SIZE(struct vmi_suspend, 32);

/** WALLCLOCK's result: Unix time when the time page's clock was zero. */
struct vmi_wallclock {
	uint64_t seconds;		/*  0 */
	uint32_t nanoseconds;		/*  8 below 1,000,000,000 */
	uint32_t reserved;		/* 12 */
};

VMI_ASSERT_SIZE(struct vmi_wallclock, 16);

#endif
