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

/** Where a vCPU starts: 64-bit kernel mode, interrupts off, other registers 0. Addresses are linear. */
struct vmihv_v1_start {
	uint64_t rip, rsp, rdi, gs_base;	/*  0 */
	uint64_t cr0, cr3, cr4, efer;		/* 32 */
	uint64_t gdt, idt;			/* 64 */
	uint16_t gdt_limit, idt_limit, cs, ss;	/* 80 */
};
#endif

#endif
