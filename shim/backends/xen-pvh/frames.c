// SPDX-License-Identifier: MIT
/* Memory that goes back to Xen and comes again: Xen knows it by the guest's own numbers. */
#include "xen.h"
#include <xen/memory.h>

SHIM_COLD

s32 vmi_call_RELEASE_FRAMES(const u64 *frames, u32 count);
s32 vmi_call_TAKE_FRAMES(const u64 *frames, u32 count);

#define CHUNK		64		/* frames at a time */

static u32 reservation(u32 op, const u64 *pa, u32 count)
{
	xen_pfn_t pfn[CHUNK];
	struct xen_memory_reservation r = { .nr_extents = count, .domid = DOMID_SELF };
	long done;

	for (u32 i = 0; i < count; i++)
		pfn[i] = pa[i] / PAGE_SIZE;
	set_xen_guest_handle(r.extent_start, pfn);
	done = HYPERCALL(memory_op, op, &r);
	return done < 0 ? 0 : done;
}

static int is_ours(u64 pa)
{
	return pa == (u64)&xen_shared_page - vmi_const64(IMAGE_OFFSET);
}

/* Until one chunk is not done whole. */
static s32 by_chunks(u32 op, const u64 *pa, u32 count)
{
	u32 done = 0, n = 0, part = 0;

	if (xen.stage != STAGE_RUNNING)
		return VMI_E_STATE;
	for (u32 i = 0; i < count; i++)
		if (pa[i] & ~PAGE_MASK || is_ours(pa[i]) || !pages_is_ram(pa[i]))
			return VMI_E_INVAL;
	for (; n == part && done < count; done += n) {
		part = count - done < CHUNK ? count - done : CHUNK;
		n = reservation(op, pa + done, part);
	}
	return done;
}

s32 vmi_call_RELEASE_FRAMES(const u64 *frames, u32 count)
{
	return by_chunks(XENMEM_decrease_reservation, frames, count);
}

s32 vmi_call_TAKE_FRAMES(const u64 *frames, u32 count)
{
	return by_chunks(XENMEM_populate_physmap, frames, count);
}
