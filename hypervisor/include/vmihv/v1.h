/* SPDX-License-Identifier: MIT */
/*
 * vmihv's hypercall ABI, version 1. Number in RAX, arguments in RDI, RSI, RDX;
 * the result in RAX: 0 or more is success, negative an error. No other register
 * changes. Addresses are guest-physical.
 */
#ifndef VMIHV_V1_H
#define VMIHV_V1_H

#define VMIHV_V1_PAGE		1	/* (address, vector): this vCPU's page, page aligned; events arrive at this vector; 0: no page */
#define VMIHV_V1_WRITE		2	/* (8 bytes, 8 bytes, count): to the console, up to 16 bytes in the registers themselves */
#define VMIHV_V1_READ		3	/* (): one byte that was typed, or VMIHV_V1_EMPTY */
#define VMIHV_V1_TIMER		4	/* (ns): one timer event when the clock gets there; 0: none */
#define VMIHV_V1_SHUTDOWN	5	/* (reason): off 0, reboot 1, crash 2 */
#define VMIHV_V1_YIELD		6	/* (): let others run */

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
};
#endif

#endif
