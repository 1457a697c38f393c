/* SPDX-License-Identifier: MIT */
/*
 * vmihv's hypercall ABI, version 2: nothing of it is version 1's. Number in ECX,
 * arguments in RDX, R8, R9; status in RAX (0: done, else an error), a result in
 * RDX. No other register changes. Memory is named by frame number.
 */
#ifndef VMIHV_V2_H
#define VMIHV_V2_H

#define VMIHV_V2_BASE		0x5600
#define VMIHV_V2_EVENTS		0x5610	/* (frame, vector, vCPU): its event page */
#define VMIHV_V2_CLOCK		0x5611	/* (frame, vCPU): its clock page */
#define VMIHV_V2_UNSHARE	0x5612	/* (vCPU): neither any more */
#define VMIHV_V2_WALL		0x5613	/* (): seconds of Unix time at the clock's zero */
#define VMIHV_V2_ALARM		0x5620	/* (ns, 1) arms the timer, (0, 0) disarms it */
#define VMIHV_V2_CONSOLE_OUT	0x5630	/* (frame, offset, bytes): RDX tells how many were taken */
#define VMIHV_V2_CONSOLE_IN	0x5631	/* (frame, offset, bytes) */
#define VMIHV_V2_END		0x5640	/* (why): VMIHV_V2_END_* */
#define VMIHV_V2_SAVE		0x5641	/* (), vCPU 0, others down, no frames of anybody's: when it goes on RDX is 0, 1 as another domain */
#define VMIHV_V2_YIELD		0x5650
#define VMIHV_V2_UP		0x5660	/* (vCPU, frame, offset of struct vmihv_v2_up): one that is down, and has an event page */
#define VMIHV_V2_DOWN		0x5661	/* (): this vCPU is down; does not return */
#define VMIHV_V2_IS_UP		0x5662	/* (vCPU): RDX tells, 0 or 1 */
#define VMIHV_V2_POST		0x5663	/* (VMIHV_V2_EVENT_WAKE, _ASK, _LATER or VMIHV_V2_NMI, set of vCPUs) */
#define VMIHV_V2_SLEEP		0x5664	/* (): until roused or interrupted; what roused it before counts */
#define VMIHV_V2_ROUSE		0x5665	/* (set of vCPUs) */
#define VMIHV_V2_FLUSH		0x5666	/* (set of vCPUs, VMIHV_V2_FLUSH_*): RDX is the set of those that are not flushed */
#define VMIHV_V2_POPULATE	0x5670	/* (frame, offset, count) of a list of frames, 8 bytes each, up to 64, in a frame: have memory for them again, cleared; RDX: how many, from the first */
#define VMIHV_V2_BALLOON	0x5671	/* (frame, offset, count): the same, but give it back; such frames read as zeros */
#define VMIHV_V2_LEND		0x5672	/* (frame, domain): RDX is its ticket: domain << 8 | a number. Such a frame cannot be given back */
#define VMIHV_V2_RECALL		0x5673	/* (ticket): VMIHV_V2_NOT_ALLOWED while it is borrowed */
#define VMIHV_V2_BORROW		0x5674	/* (frame, ticket): in place of one that has been given back */
#define VMIHV_V2_HAND_BACK	0x5675	/* (frame): as if given back again. When the other domain ends it becomes this one's own */
#define VMIHV_V2_CALL		0x5676	/* (domain): rouses vCPU 0 of one that has a frame in common with this one */

#define VMIHV_V2_FLUSH_ALL	0
#define VMIHV_V2_FLUSH_ABSENT	1	/* those that do not run now, before they do */
#define VMIHV_V2_LIST_MAX	64

/* Of guests in ring 3 (start.h): SYSCALL, with the number in R10D. */
#define VMIHV_V2_WAYS		0x5680	/* (frame, offset of struct vmihv_v2_ways) */
#define VMIHV_V2_STATE		0x5681	/* (frame, offset of struct vmihv_v2_state, a multiple of 64; vCPU) */
#define VMIHV_V2_RING		0x5682	/* (frame, offset, count) of struct vmihv_v2_op: RDX tells how many were done */
#define VMIHV_V2_SWAP		0x5683	/* (address of an entry, value, VMIHV_V2_SWAP_*): RDX is what it was */
#define VMIHV_V2_CPUID		0x5684	/* (leaf | subleaf << 32, frame, offset of 16 bytes) */
#define VMIHV_V2_READ_BASE	0x5685	/* (VMIHV_V2_BASE_*): RDX */
#define VMIHV_V2_READ_DEBUG	0x5686	/* (register): RDX */
#define VMIHV_V2_RETURN		0x5687	/* (): on the stack RAX, RCX, R10, R11, RIP, CS, RFLAGS, RSP, SS */
#define VMIHV_V2_IDLE		0x5688	/* (): interrupts on, until one comes */
#define VMIHV_V2_DO		0x5689	/* (what, a, b): one vmihv_v2_op by itself */

/* vmihv_v2_op.what */
#define VMIHV_V2_OP_SET		0x01	/* address of an entry, value */
#define VMIHV_V2_OP_KEEP	0x02	/* the same, but accessed and dirty stay set */
#define VMIHV_V2_OP_TABLE	0x03	/* frame, level */
#define VMIHV_V2_OP_PLAIN	0x04	/* frame */
#define VMIHV_V2_OP_ROOTS	0x05	/* frame of the kernel's, frame of its programs' */
#define VMIHV_V2_OP_FLUSH	0x06	/* linear address or VMIHV_V2_WHOLE, set of vCPUs */
#define VMIHV_V2_OP_STACK	0x07	/* RSP */
#define VMIHV_V2_OP_BASE	0x08	/* VMIHV_V2_BASE_*, value */
#define VMIHV_V2_OP_GDT		0x09	/* frame, entries up to 496 */
#define VMIHV_V2_OP_LDT		0x0a	/* linear address, entries */
#define VMIHV_V2_OP_DESCRIPTOR	0x0b	/* address, value */
#define VMIHV_V2_OP_TS		0x0c	/* 0 or 1 */
#define VMIHV_V2_OP_DEBUG	0x0d	/* register, value */
#define VMIHV_V2_OP_PORTS	0x0e	/* linear address of a bitmap, how many ports */
#define VMIHV_V2_OP_IOPL	0x0f	/* 0 or 3 */
#define VMIHV_V2_OPS_MAX	128

#define VMIHV_V2_SWAP_TAKE	0x10	/* it becomes 0 */
#define VMIHV_V2_SWAP_CLEAR	0x11	/* these bits of level 1 */
#define VMIHV_V2_WHOLE		(~UINT64_C(0))
#define VMIHV_V2_BASE_KERNEL	4
#define VMIHV_V2_BASE_USER	5
#define VMIHV_V2_BASE_FS	6
#define VMIHV_V2_BASE_INDEX	7	/* a selector for GS */

#define VMIHV_V2_END_OFF	0x6f
#define VMIHV_V2_END_AGAIN	0x61
#define VMIHV_V2_END_BROKEN	0x62

#define VMIHV_V2_UNKNOWN	0x8001
#define VMIHV_V2_NOT_ALLOWED	0x8002
#define VMIHV_V2_BAD_FRAME	0x8003
#define VMIHV_V2_BAD_VALUE	0x8004

/* Indices of vmihv_v2_events.happened. */
#define VMIHV_V2_EVENT_CONTROL	3
#define VMIHV_V2_EVENT_CONSOLE	9
#define VMIHV_V2_EVENT_ALARM	17
#define VMIHV_V2_EVENT_WAKE	20
#define VMIHV_V2_EVENT_ASK	21
#define VMIHV_V2_EVENT_LATER	22
#define VMIHV_V2_NMI		0x4e4d49u	/* to be posted only: exception 2 */
#define VMIHV_V2_EVENTS_MAX	32

#ifndef __ASSEMBLER__
#include <stdint.h>

/** A byte for each event, 1 when it has happened; taken by an exchange. */
struct vmihv_v2_events {
	uint8_t reserved[128];
	uint8_t happened[VMIHV_V2_EVENTS_MAX];	/* 128 */
	/* vCPU 0's: what the administrator wants, with VMIHV_V2_EVENT_CONTROL; 0: nothing. Taken by an exchange */
	uint64_t wish_frames;			/* 160 to keep */
	uint8_t wish_end;			/* 168 VMIHV_V2_END_* */
	uint8_t wish_save;			/* 169 1: get ready for VMIHV_V2_SAVE */
	uint8_t reserved2[6];
};

struct vmihv_v2_clock {
	uint32_t version, pad;
	uint64_t tsc, ns;
	uint32_t mul;
	int8_t shift;
	uint8_t flags, pad2[2];
	uint8_t reserved[96];
	uint64_t waited;		/* 128 ns in which this vCPU could have run and did not */
	uint8_t waits;			/* 136 1: it could run and does not */
};

struct vmihv_v2_op {
	uint64_t what, a, b;
};

/** Where a guest of ring 3 keeps its interrupt flag; vmihv clears it at each entry. */
struct vmihv_v2_state {
	uint64_t address;		/*  0 of the last page fault */
	uint32_t reserved;
	uint8_t happened;		/* 12 vmihv sets it, the guest clears it before it looks */
	uint8_t open;			/* 13 1: interrupts are on */
};

struct vmihv_v2_ways {
	uint16_t program_cs, program_ss, program32_cs, kernel_cs, kernel_ss, reserved[3];	/* in frames */
	uint64_t to[40];		/* 16 linear addresses, by the numbers of the VMI ABI */
};

/** Where a vCPU starts (in ring 3: cr0, cr4, efer and idt are ignored, gdt is a frame's address, cr3 and the frame behind it are roots): 64-bit kernel mode, interrupts off, other registers 0. Addresses are linear. */
struct vmihv_v2_up {
	uint16_t code, stack, gdt_limit, idt_limit;	/*  0 selectors first */
	uint64_t gdt, idt;				/*  8 */
	uint64_t efer, cr4, cr3, cr0;			/* 24 */
	uint64_t gs_base, rdi, rsp, rip;		/* 56 */
};
#endif

#endif
