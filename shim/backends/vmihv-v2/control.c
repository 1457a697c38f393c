// SPDX-License-Identifier: MIT
/* What the administrator wants stands in the first CPU's event page; memory goes and comes by lists of frames. */
#include "host.h"

SHIM_COLD

u32 vmi_call_CONTROL_NEXT(struct vmi_wish *wish);
s32 vmi_call_RELEASE_FRAMES(const u64 *frames, u32 count);
s32 vmi_call_TAKE_FRAMES(const u64 *frames, u32 count);

#define PAGE_SIZE	4096ul

static u64 list[VMIHV_V2_LIST_MAX] __attribute__((aligned(512)));	/* never across two frames */
static u8 taken;

static u32 next_wish(struct vmihv_v2_events *e, struct vmi_wish *wish)
{
	u8 end = __atomic_exchange_n(&e->wish_end, 0, __ATOMIC_SEQ_CST);

	if (end) {
		wish->value = end == VMIHV_V2_END_AGAIN ? VMI_SHUTDOWN_REBOOT : VMI_SHUTDOWN_POWEROFF;
		return VMI_WISH_SHUTDOWN;
	}
	wish->value = __atomic_exchange_n(&e->wish_frames, 0, __ATOMIC_SEQ_CST) * PAGE_SIZE;
	if (wish->value)
		return VMI_WISH_MEMORY;
	if (!__atomic_exchange_n(&e->wish_save, 0, __ATOMIC_SEQ_CST))
		return VMI_WISH_NONE;
	suspend_wished = 1;
	return VMI_WISH_SUSPEND;
}

u32 vmi_call_CONTROL_NEXT(struct vmi_wish *wish)
{
	struct vmi_wish next = *wish;
	u32 kind;

	if (wish->magic != VMI_MAGIC_WISH || wish->version != VMI_STRUCT_VERSION || wish->size < sizeof(*wish))
		return VMI_WISH_NONE;
	next.cpu = next.reserved = 0;
	kind = next_wish(&shared[0].events, &next);
	if (kind != VMI_WISH_NONE)
		*wish = next;
	return kind;
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

static u64 one_list(u32 nr, const u64 *frames, u32 count, u64 *got)
{
	for (u32 i = 0; i < count; i++)
		list[i] = frames[i] / PAGE_SIZE;
	return hypercall(nr, frame_of(list), (u64)list & (PAGE_SIZE - 1), count, got);
}

static s32 by_lists(u32 nr, const u64 *frames, u32 count)
{
	u32 done = 0, n;
	u64 got = 0;

	for (; done < count; done += got) {
		n = count - done < VMIHV_V2_LIST_MAX ? count - done : VMIHV_V2_LIST_MAX;
		if (one_list(nr, frames + done, n, &got))
			return done ? (s32)done : VMI_E_INVAL;
		if (got < n)
			return done + got;
	}
	return done;
}

static s32 with_list(u32 nr, const u64 *frames, u32 count)
{
	s32 done;

	if (!is_ready(0) || __atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE))
		return VMI_E_STATE;
	done = frames_are_bad(frames, count) ? VMI_E_INVAL : by_lists(nr, frames, count);
	__atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
	return done;
}

s32 vmi_call_RELEASE_FRAMES(const u64 *frames, u32 count)
{
	return with_list(VMIHV_V2_BALLOON, frames, count);
}

s32 vmi_call_TAKE_FRAMES(const u64 *frames, u32 count)
{
	return with_list(VMIHV_V2_POPULATE, frames, count);
}
