/* SPDX-License-Identifier: MIT */
/* What the files of this backend share. Read next: life.c. */
#ifndef HOST_H
#define HOST_H

#include "backend.h"
#include "vmihv/found.h"
#include "vmihv/v2.h"

#define MAX_CPUS	2

/** One CPU's block. */
struct percpu {
	struct vmihv_v2_events *events;
};

VMI_ASSERT_SIZE(struct percpu, BACKEND_PERCPU);

/** Shared with vmihv: two pages for each CPU. */
struct shared_pages {
	union {
		struct vmihv_v2_events events;
		u8 event_page[4096];
	};
	union {
		struct vmihv_v2_clock clock;
		u8 clock_page[4096];
	};
};

extern struct shared_pages shared[MAX_CPUS];

/** Of this CPU, who is about to look for events. */
ALWAYS_INLINE struct vmihv_v2_events *event_page(void) { return percpu_get(struct percpu, events); }

/** Whether PERCPU_READY has given this CPU a block. */
int is_ready(u32 cpu);
/** Tells vmihv of this CPU's pages; not 0: it refuses. */
u64 share(u32 cpu);
/** The guest has been told to suspend itself. */
extern u8 suspend_wished;

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
	u64 status;

	__asm__ volatile("vmmcall" : "=a" (status), "+d" (a) : "c" (nr), "r" (r8), "r" (r9) : "memory");
	if (result)
		*result = a;
	return status;
}

/* What shim/vmihv-pvh/suspend.c asks for. */
ALWAYS_INLINE const volatile struct vmihv_v2_clock *first_clock(void) { return &shared[0].clock; }
ALWAYS_INLINE void unshare(u32 cpu) { hypercall(VMIHV_V2_UNSHARE, cpu, 0, 0, NULL); }
/** Until it goes on: 1 on another machine, 0 on this one; negative: refused. */
ALWAYS_INLINE s64 suspend(void)
{
	u64 moved = 0;

	return hypercall(VMIHV_V2_SAVE, 0, 0, 0, &moved) ? -1 : (s64)moved;
}

#endif
