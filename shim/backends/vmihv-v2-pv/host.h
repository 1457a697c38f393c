/* SPDX-License-Identifier: MIT */
/* What version 2 of the ABI means for shim/vmihv-pv/ and shim/vmihv-v2/. Read next: host.c. */
#ifndef HOST_H
#define HOST_H

#include "backend.h"
#include "vmihv/v2.h"

#define MAX_CPUS	2
#define HOST_NAME	"vmihv, ABI v2"
#define host_flags	vmihv_v2_state

#define QUEUE_OPS	120		/* what fits into a CPU's block, at most VMIHV_V2_OPS_MAX */

/** Operations that wait: vmihv does all of them in one call. */
struct host_queue {
	u32 count, refused;		/* refused: since it was last looked at */
	u64 low, high;			/* entries that are changed by them lie between these */
	struct vmihv_v2_op ops[QUEUE_OPS];
};

VMI_ASSERT(QUEUE_OPS <= VMIHV_V2_OPS_MAX);
VMI_ASSERT(BACKEND_FLAG == offsetof(struct vmihv_v2_state, open));
VMI_ASSERT(BACKEND_PENDING == offsetof(struct vmihv_v2_state, happened));
VMI_ASSERT(BACKEND_FAULT == offsetof(struct vmihv_v2_state, address));
VMI_ASSERT(BACKEND_NR_LOOK == VMIHV_V2_IS_UP && BACKEND_NR_IRET == VMIHV_V2_RETURN);

/** Shared with vmihv: two pages for each CPU. */
union shared_pages {
	struct {
		union {
			struct vmihv_v2_events events;
			u8 event_page[4096];
		};
		union {
			struct vmihv_v2_clock clock;
			u8 clock_page[4096];
		};
	};
};

extern union shared_pages shared[MAX_CPUS];

/** Whether PERCPU_READY has given this CPU a block. */
int is_ready(u32 cpu);
/** Of this CPU, who is about to look for events. */
struct vmihv_v2_events *event_page(void);

/* The frame of something in the ROM's data. */
ALWAYS_INLINE u64 frame_of(const void *p)
{
	return ((u64)p - vmi_const64(IMAGE_OFFSET)) >> 12;
}

/** The status; *result where it is wanted. */
ALWAYS_INLINE u64 hypercall(u32 nr, u64 a, u64 b, u64 c, u64 *result)
{
	register u64 r8 __asm__("r8") = b;
	register u64 r9 __asm__("r9") = c;
	register u64 r10 __asm__("r10") = nr;
	u64 status;

	__asm__ volatile("syscall" : "=a" (status), "+d" (a) : "r" (r10), "r" (r8), "r" (r9) : "memory", "rcx", "r11");
	if (result)
		*result = a;
	return status;
}

#endif
