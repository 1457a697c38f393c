/* SPDX-License-Identifier: MIT */
/*
 * Where a domain without a container begins, in every version of vmihv's ABI: in
 * the ROM's boot entry, 64-bit code of ring 3, with RSI the linear address of
 * struct vmihv_start and RSP a stack of one page. Everything up to boot_end is
 * mapped at the image's offset in 4 KiB pages, writable but for the tables. There
 * are no entry points yet: an exception ends the domain.
 *
 * CPUID itself tells of the machine. Behind the bytes 0f 0b "xen" (which are Xen's
 * prefix for the same) it tells of the domain, kernel and programs alike; found.h has vmihv's leaves.
 *
 * The instruction of a hypercall is SYSCALL. It takes RCX and R11 for itself:
 * what an ABI wants in RCX goes into R10.
 */
#ifndef VMIHV_START_H
#define VMIHV_START_H

#define VMIHV_START_MAGIC	0x7648696d76766d69u
#define VMIHV_KERNEL_CS		0xfb3u		/* selectors of kernel mode, in every descriptor table */
#define VMIHV_KERNEL_SS		0xfabu
#define VMIHV_CHUNK_SHIFT	21		/* memory is in pieces of 2 MiB */
#define VMIHV_NO_CHUNK		0xffffu
#define VMIHV_ENTRIES		40		/* entry points, as the VMI ABI numbers them */

#ifndef __ASSEMBLER__
#include <stdint.h>

/** Guest-physical addresses, but for those that are said to be linear. */
struct vmihv_start {
	uint64_t magic;			/*   0 */
	uint32_t abi, version;		/*   8 version: as CPUID has it for others */
	uint32_t vcpus, reserved;	/*  16 */
	uint64_t tsc_khz;		/*  24 */
	uint64_t memory;		/*  32 bytes */
	uint64_t cmdline;		/*  40 linear */
	uint64_t initrd, initrd_bytes;	/*  48 */
	uint64_t area, boot_end;	/*  64 what vmihv has put behind the image, up to the pool's end */
	uint64_t root;			/*  80 the tables that are loaded: */
	uint64_t tables;		/*  88 so many frames from root on; read-only */
	uint64_t level1;		/*  96 those of level 1, one behind the other, entry n is page n */
	uint64_t pool, pool_frames;	/* 104 frames for more tables */
	uint64_t chunks;		/* 120 linear, u32: the machine's chunk of each chunk of memory */
	uint64_t owners;		/* 128 linear, u16: the reverse, VMIHV_NO_CHUNK: not ours */
	uint64_t owner_count;		/* 136 of the machine's chunks that are told of */
};
#endif

#endif
