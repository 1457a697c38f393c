/* SPDX-License-Identifier: MIT */
/* What version 1 of the ABI means for shim/vmihv-pv/ and shim/vmihv-v1/. Read next: host.c. */
#ifndef HOST_H
#define HOST_H

#include "backend.h"
#include "vmihv/v1.h"

#define MAX_CPUS	4
#define HOST_NAME	"vmihv, ABI v1"
#define host_flags	vmihv_v1_flags

/** Nothing is ever put off: this version has no call for many changes. */
struct host_queue {
	u32 refused;			/* since it was last looked at */
};

VMI_ASSERT(BACKEND_FLAG == offsetof(struct vmihv_v1_flags, masked));
VMI_ASSERT(BACKEND_PENDING == offsetof(struct vmihv_v1_flags, pending));
VMI_ASSERT(BACKEND_FAULT == offsetof(struct vmihv_v1_flags, fault));
VMI_ASSERT(BACKEND_NR_LOOK == VMIHV_V1_STATE && BACKEND_NR_IRET == VMIHV_V1_IRET);

/** Shared with vmihv: one page for each CPU. */
union shared_pages {
	struct vmihv_v1_page page;
	u8 bytes[4096];
};

extern union shared_pages shared[MAX_CPUS];

/** Whether PERCPU_READY has given this CPU a block. */
int is_ready(u32 cpu);
/** Of this CPU, who is about to look for events. */
struct vmihv_v1_page *event_page(void);

ALWAYS_INLINE s64 hypercall(u64 nr, u64 a, u64 b, u64 c)
{
	__asm__ volatile("syscall" : "+a" (nr) : "D" (a), "S" (b), "d" (c) : "memory", "rcx", "r11");
	return nr;
}

#endif
