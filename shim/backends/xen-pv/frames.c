// SPDX-License-Identifier: MIT
/*
 * Memory that goes back to Xen and comes again. A guest-physical frame without a
 * machine frame has NO_FRAME in the P2M list, from which MAKE_PTE makes entries
 * that are not present, and no entry in the direct map. Xen keeps the way back,
 * from machine frames, by itself.
 */
#include "xen.h"
#include <xen/memory.h>

SHIM_COLD

s32 vmi_call_RELEASE_FRAMES(const u64 *frames, u32 count);
s32 vmi_call_TAKE_FRAMES(const u64 *frames, u32 count);

#define CHUNK		48		/* frames at a time: so long interrupts are off */
#define COMING		(NO_FRAME - 1)	/* in the list while Xen is asked for it */

static u64 *direct_entry(u64 pfn) { return (u64 *)pa_to_va(xen.dm_l1_pfn * PAGE_SIZE) + pfn; }

static u64 image_va(u64 pfn)
{
	u64 va = pfn * PAGE_SIZE + xen.image_offset;

	return va >= xen.image_va && va < xen.image_end ? va : 0;
}

static void drop_entry(struct xen_cpu *pc, const u64 *entry, u64 mfn)
{
	if (entry && *entry & PTE_P && entry_to_mfn(*entry) == mfn)
		batch_update(pc, pa_to_ma(va_to_pa(entry)), 0);
}

static void map_direct(struct xen_cpu *pc, u64 pfn, u64 mfn)
{
	xen_p2m[pfn] = mfn;
	batch_update(pc, pa_to_ma(va_to_pa(direct_entry(pfn))), mfn << 12 | xen.dm_bits);
}

/* Takes both aliases away, on every CPU. A frame that comes twice ends it. */
static u32 unmap(const u64 *pa, u32 count, xen_pfn_t *mfn)
{
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();
	u32 n;

	for (n = 0; n < count && xen_p2m[pa[n] >> 12] < COMING; n++) {
		u64 pfn = pa[n] >> 12, va = image_va(pfn);

		mfn[n] = xen_p2m[pfn];
		drop_entry(pc, direct_entry(pfn), mfn[n]);
		if (va)
			drop_entry(pc, mmu_walk(va), mfn[n]);
		xen_p2m[pfn] = NO_FRAME;
	}
	batch_op(pc, MMUEXT_TLB_FLUSH_ALL, 0, 0);
	batch_run(pc);
	irq_restore(flags);
	return n;
}

static void map(const u64 *pa, u32 count, const xen_pfn_t *mfn)
{
	u8 flags = irq_save();
	struct xen_cpu *pc = this_cpu();

	for (u32 i = 0; i < count; i++)
		map_direct(pc, pa[i] >> 12, mfn[i]);
	batch_run(pc);
	irq_restore(flags);
}

static u32 reservation(u32 op, xen_pfn_t *extents, u32 count)
{
	struct xen_memory_reservation r = { .nr_extents = count, .domid = DOMID_SELF };
	long done;

	set_xen_guest_handle(r.extent_start, extents);
	done = count ? HYPERCALL(memory_op, op, &r) : 0;
	return done < 0 ? 0 : done;
}

static u32 release(const u64 *pa, u32 count)
{
	xen_pfn_t mfn[CHUNK];
	u32 n = unmap(pa, count, mfn);
	u32 done = reservation(XENMEM_decrease_reservation, mfn, n);

	map(pa + done, n - done, mfn + done);
	return done;
}

/* Xen is told guest frames and answers with machine frames, in place. */
static u32 take(const u64 *pa, u32 count)
{
	xen_pfn_t frame[CHUNK];
	u32 n, done;

	for (n = 0; n < count && xen_p2m[pa[n] >> 12] == NO_FRAME; n++) {
		frame[n] = pa[n] >> 12;
		xen_p2m[frame[n]] = COMING;
	}
	done = reservation(XENMEM_populate_physmap, frame, n);
	for (u32 i = done; i < n; i++)
		xen_p2m[pa[i] >> 12] = NO_FRAME;
	map(pa, done, frame);
	return done;
}

/* Frames of the ROM's and Xen's own are not the guest's to give. */
static int is_ours(u64 pfn)
{
	return pfn == xen_shared_pfn || pfn - xen.pool_pfn < xen.pool_pages + xen.p2m_pages;
}

static s32 check(const u64 *pa, u32 count, int absent)
{
	if (xen.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	for (u32 i = 0; i < count; i++) {
		u64 pfn = pa[i] >> 12;

		if (pa[i] & ~PAGE_MASK || pfn >= xen_nr_pages || is_ours(pfn) ||
		    (xen_p2m[pfn] >= COMING) != absent)
			return VMI_E_INVAL;
	}
	return VMI_OK;
}

/* Until one chunk is not done whole. */
static s32 by_chunks(const u64 *pa, u32 count, int absent)
{
	s32 error = check(pa, count, absent);
	u32 done = 0, n, part;

	if (error)
		return error;
	do {
		part = count - done < CHUNK ? count - done : CHUNK;
		n = absent ? take(pa + done, part) : release(pa + done, part);
		done += n;
	} while (n == part && done < count);
	return done;
}

s32 vmi_call_RELEASE_FRAMES(const u64 *frames, u32 count) { return by_chunks(frames, count, 0); }
s32 vmi_call_TAKE_FRAMES(const u64 *frames, u32 count) { return by_chunks(frames, count, 1); }
