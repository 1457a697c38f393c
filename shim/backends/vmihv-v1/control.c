// SPDX-License-Identifier: MIT
/* What the administrator wants is asked for by a hypercall; memory goes and comes by runs of pages. */
#include "host.h"

SHIM_COLD

u32 vmi_call_CONTROL_NEXT(struct vmi_wish *wish);
s32 vmi_call_RELEASE_FRAMES(const u64 *frames, u32 count);
s32 vmi_call_TAKE_FRAMES(const u64 *frames, u32 count);

#define PAGE_SIZE	4096ul
#define RUN_MAX		64u

/* The reasons have the same numbers on both sides. */
u32 vmi_call_CONTROL_NEXT(struct vmi_wish *wish)
{
	s64 answer;

	if (wish->magic != VMI_MAGIC_WISH || wish->version != VMI_STRUCT_VERSION || wish->size < sizeof(*wish))
		return VMI_WISH_NONE;
	answer = hypercall(VMIHV_V1_WISH, 0, 0, 0);
	if (answer <= 0)
		return VMI_WISH_NONE;
	wish->cpu = wish->reserved = 0;
	wish->value = answer >> 8;
	switch (answer & 0xff) {
	case VMIHV_V1_WISH_MEMORY:
		wish->value *= PAGE_SIZE;
		return VMI_WISH_MEMORY;
	case VMIHV_V1_WISH_SUSPEND:
		suspend_wished = 1;
		return VMI_WISH_SUSPEND;
	case VMIHV_V1_WISH_END:
		return VMI_WISH_SHUTDOWN;
	}
	return VMI_WISH_NONE;
}

/* None of them is taken then. */
static int frames_are_bad(const u64 *frames, u32 count)
{
	u32 pages = VMIHV_LEAF_MEMORY, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a" (pages), "=b" (b), "+c" (c), "=d" (d));
	for (u32 i = 0; i < count; i++)
		if (frames[i] % PAGE_SIZE || frames[i] / PAGE_SIZE >= pages)
			return 1;
	return 0;
}

/* How many of these follow each other. */
static u32 run_length(const u64 *frames, u32 count)
{
	u32 n = 1;

	while (n < count && n < RUN_MAX && frames[n] == frames[0] + n * PAGE_SIZE)
		n++;
	return n;
}

static s32 by_runs(u32 nr, const u64 *frames, u32 count)
{
	u32 done = 0, n;
	s64 got;

	if (!is_ready(0))
		return VMI_E_STATE;
	if (frames_are_bad(frames, count))
		return VMI_E_INVAL;
	for (; done < count; done += got) {
		n = run_length(frames + done, count - done);
		got = hypercall(nr, frames[done], n, 0);
		if (got < 0)
			return done ? (s32)done : VMI_E_INVAL;
		if (got < n)
			return done + got;
	}
	return done;
}

s32 vmi_call_RELEASE_FRAMES(const u64 *frames, u32 count)
{
	return by_runs(VMIHV_V1_RELEASE, frames, count);
}

s32 vmi_call_TAKE_FRAMES(const u64 *frames, u32 count)
{
	return by_runs(VMIHV_V1_TAKE, frames, count);
}
