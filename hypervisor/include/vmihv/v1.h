/* SPDX-License-Identifier: MIT */
/*
 * vmihv's hypercall ABI, version 1. Number in RAX, arguments in RDI, RSI, RDX;
 * the result in RAX: 0 or more is success, negative an error. No other register
 * changes. Addresses are guest-physical.
 */
#ifndef VMIHV_V1_H
#define VMIHV_V1_H

#define VMIHV_V1_PAGE		1	/* (address, vector, vCPU): its page, page aligned; events arrive at this vector; vector 0: no page */
#define VMIHV_V1_WRITE		2	/* (8 bytes, 8 bytes, count): to the console, up to 16 bytes in the registers themselves */
#define VMIHV_V1_READ		3	/* (): one byte that was typed, or VMIHV_V1_EMPTY */
#define VMIHV_V1_TIMER		4	/* (ns): one timer event when the clock gets there; 0: none */
#define VMIHV_V1_SHUTDOWN	5	/* (reason): off 0, reboot 1, crash 2 */
#define VMIHV_V1_YIELD		6	/* (): let others run */
#define VMIHV_V1_START		7	/* (vCPU, address of struct vmihv_v1_start): one that is down, and has a page */
#define VMIHV_V1_STOP		8	/* (): this vCPU is down; does not return */
#define VMIHV_V1_STATE		9	/* (vCPU): 0 down, 1 up */
#define VMIHV_V1_SEND		10	/* (set of vCPUs, VMIHV_V1_EVENT_RESCHEDULE, _CALL, _WORK or VMIHV_V1_NMI) */
#define VMIHV_V1_WAIT		11	/* (): until a kick or an interrupt; a kick that came before counts */
#define VMIHV_V1_KICK		12	/* (set of vCPUs) */
#define VMIHV_V1_RELEASE	13	/* (address, pages up to 64): give memory back; how many, from the first. They read as zeros */
#define VMIHV_V1_TAKE		14	/* (address, pages up to 64): have it again, cleared; how many, from the first */
#define VMIHV_V1_WISH		15	/* (): what the administrator wants: VMIHV_V1_WISH_* | value << 8, or 0 */

/*
 * Of guests in ring 3 (start.h); the instruction is SYSCALL there. A result that is
 * an address or an entry is what it is: only the four numbers of errors are errors.
 */
#define VMIHV_V1_ENTRIES	32	/* (address of struct vmihv_v1_entries) */
#define VMIHV_V1_FLAGS		33	/* (address of struct vmihv_v1_flags, a multiple of 64; vCPU) */
#define VMIHV_V1_TABLE		34	/* (table, level): a live table by itself; level 0: no longer */
#define VMIHV_V1_ENTRY		35	/* (address of the entry, value, VMIHV_V1_ENTRY_*): returns what it was */
#define VMIHV_V1_ROOTS		36	/* (the kernel's, its programs') */
#define VMIHV_V1_FLUSH		37	/* (linear address, VMIHV_V1_FLUSH_*) */
#define VMIHV_V1_STACK		38	/* (RSP): where programs enter the kernel */
#define VMIHV_V1_SET_BASE	39	/* (VMIHV_V1_BASE_*, value) */
#define VMIHV_V1_GET_BASE	40	/* (VMIHV_V1_BASE_*) */
#define VMIHV_V1_GDT		41	/* (frame, entries up to 496) */
#define VMIHV_V1_LDT		42	/* (linear address, entries) */
#define VMIHV_V1_DESCRIPTOR	43	/* (address, value): in memory and in tables in use */
#define VMIHV_V1_TS		44	/* (0 or 1) */
#define VMIHV_V1_SET_DEBUG	45	/* (register, value) */
#define VMIHV_V1_GET_DEBUG	46	/* (register) */
#define VMIHV_V1_PORTS		47	/* (linear address of a bitmap, how many ports it is for) */
#define VMIHV_V1_IOPL		48	/* (0 or 3) */
#define VMIHV_V1_IRET		49	/* (): on the stack RAX, RCX, R10, R11, RIP, CS, RFLAGS, RSP, SS */
#define VMIHV_V1_HALT		50	/* (): interrupts on, until one comes */
#define VMIHV_V1_CPUID		51	/* (leaf, subleaf, address of 16 bytes) */

#define VMIHV_V1_ENTRY_SET	0
#define VMIHV_V1_ENTRY_KEEP	1	/* accessed and dirty stay set */
#define VMIHV_V1_ENTRY_TAKE	2	/* it becomes 0 */
#define VMIHV_V1_ENTRY_CLEAR	3	/* these bits of level 1 */
#define VMIHV_V1_FLUSH_MINE	0
#define VMIHV_V1_FLUSH_EVERYWHERE 1	/* on all vCPUs, all addresses */
#define VMIHV_V1_FLUSH_WHOLE	(~UINT64_C(0))	/* no one address */
#define VMIHV_V1_BASE_FS	0
#define VMIHV_V1_BASE_GS_KERNEL	1
#define VMIHV_V1_BASE_GS_USER	2
#define VMIHV_V1_BASE_GS_INDEX	3	/* a selector */
#define VMIHV_V1_OFFER		16	/* (address, domain): let it have this page too; its ticket, from 0 on. Such a page cannot be given back */
#define VMIHV_V1_WITHDRAW	17	/* (ticket): VMIHV_V1_EREFUSED while it is taken */
#define VMIHV_V1_ACCEPT		18	/* (domain, ticket, address): in place of a page that has been given back */
#define VMIHV_V1_RETURN		19	/* (address): it is as if given back again. When the other domain ends it becomes this one's own */
#define VMIHV_V1_RING		20	/* (domain): ends the WAIT of vCPU 0 of one that has a page in common with this one */
#define VMIHV_V1_SUSPEND	21	/* (), vCPU 0, others down, no pages of anybody's: 0 when it is resumed, 1 when it is another domain's now */

#define VMIHV_V1_WRITE_MAX	16
#define VMIHV_V1_EMPTY		256

#define VMIHV_V1_ENOCALL	(-1)
#define VMIHV_V1_EARGUMENT	(-2)
#define VMIHV_V1_EADDRESS	(-3)
#define VMIHV_V1_EREFUSED	(-4)

/* Bits of vmihv_v1_page.pending; taken by a locked instruction. */
#define VMIHV_V1_EVENT_TIMER	0
#define VMIHV_V1_EVENT_CONSOLE	1
#define VMIHV_V1_EVENT_CONTROL	2
#define VMIHV_V1_EVENT_RESCHEDULE 3
#define VMIHV_V1_EVENT_CALL	4
#define VMIHV_V1_EVENT_WORK	5
#define VMIHV_V1_NMI		255	/* to be sent only: exception 2 */

#define VMIHV_V1_WISH_NONE	0
#define VMIHV_V1_WISH_MEMORY	1	/* value: pages to keep */
#define VMIHV_V1_WISH_SUSPEND	3	/* to get ready for VMIHV_V1_SUSPEND */
#define VMIHV_V1_WISH_END	2	/* value: a reason for VMIHV_V1_SHUTDOWN */

#ifndef __ASSEMBLER__
#include <stdint.h>

/** Shared: vmihv writes the clock and sets bits, the guest takes bits. */
struct vmihv_v1_page {
	struct {
		uint32_t version, pad;
		uint64_t tsc, ns;
		uint32_t mul;
		int8_t shift;
		uint8_t flags, pad2[2];
	} clock;			/*  0 pvclock */
	uint64_t wall_seconds;		/* 32 Unix time of the clock's zero */
	uint32_t wall_nanoseconds;	/* 40 */
	uint32_t reserved;
	uint64_t stolen;		/* 48 ns in which this vCPU could have run and did not */
	uint64_t reserved2;
	uint32_t pending;		/* 64 */
	uint32_t preempted;		/* 68 1: it could run and does not */
};

/** Where a guest of ring 3 keeps its interrupt flag; vmihv masks at each entry. */
struct vmihv_v1_flags {
	uint8_t masked;			/*  0 */
	uint8_t pending;		/*  1 vmihv sets it, the guest clears it before it looks */
	uint8_t reserved[6];
	uint64_t fault;			/*  8 address of the last page fault */
};

struct vmihv_v1_entries {
	uint64_t at[40];		/*   0 linear addresses, by the numbers of the VMI ABI */
	uint16_t kernel_cs, kernel_ss;	/* 320 in frames: the kernel's words for its selectors */
	uint16_t user_cs, user_ss, user32_cs, reserved[3];
};

/** Where a vCPU starts (in ring 3: cr0, cr4, efer and idt are ignored, gdt is a frame, cr3 and the frame behind it are roots): 64-bit kernel mode, interrupts off, other registers 0. Addresses are linear. */
struct vmihv_v1_start {
	uint64_t rip, rsp, rdi, gs_base;	/*  0 */
	uint64_t cr0, cr3, cr4, efer;		/* 32 */
	uint64_t gdt, idt;			/* 64 */
	uint16_t gdt_limit, idt_limit, cs, ss;	/* 80 */
};
#endif

#endif
