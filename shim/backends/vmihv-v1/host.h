/* SPDX-License-Identifier: MIT */
/* What the files of this backend share. Read next: life.c. */
#ifndef HOST_H
#define HOST_H

#include "backend.h"
#include "vmihv/found.h"
#include "vmihv/v1.h"

#define MAX_CPUS	4

/** One CPU's block. */
struct percpu {
	struct vmihv_v1_page *page;
};

VMI_ASSERT_SIZE(struct percpu, BACKEND_PERCPU);

/** Shared with vmihv: one page for each CPU. */
union shared_page {
	struct vmihv_v1_page page;
	u8 bytes[4096];
};

extern union shared_page shared[MAX_CPUS];

/** Of this CPU, who is about to look for events. */
ALWAYS_INLINE struct vmihv_v1_page *event_page(void) { return percpu_get(struct percpu, page); }

/** Whether PERCPU_READY has given this CPU a block. */
int is_ready(u32 cpu);
/** Tells vmihv of this CPU's pages; not 0: it refuses. */
s64 share(u32 cpu);
/** The guest has been told to suspend itself. */
extern u8 suspend_wished;

ALWAYS_INLINE s64 hypercall(u64 nr, u64 a, u64 b, u64 c)
{
	__asm__ volatile("vmmcall" : "+a" (nr) : "D" (a), "S" (b), "d" (c) : "memory");
	return nr;
}

/* What shim/vmihv-pvh/suspend.c asks for. */
ALWAYS_INLINE const volatile __typeof__(shared[0].page.clock) *first_clock(void) { return &shared[0].page.clock; }
ALWAYS_INLINE void unshare(u32 cpu) { hypercall(VMIHV_V1_PAGE, 0, 0, cpu); }
/** Until it goes on: 1 on another machine, 0 on this one; negative: refused. */
ALWAYS_INLINE s64 suspend(void) { return hypercall(VMIHV_V1_SUSPEND, 0, 0, 0); }

#endif
