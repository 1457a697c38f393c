// SPDX-License-Identifier: MIT
/* Memory that a guest gives back and gets again, and what its vCPUs remember of it. */
#include "hypercall/calls.h"

/* vmihv writes to these, or another domain has them too. */
static bool is_shared(const struct domain *d, u64 page)
{
	const void *at = guest_page(&d->memory, page);

	if (sharing_has(d, page))
		return true;
	for (u32 i = 0; at && i < d->config->vcpus; i++)
		if (d->vcpus[i].event_page == at || d->vcpus[i].clock_page == at)
			return true;
	return false;
}

static bool are_pages(const struct domain *d, const u64 *pages, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (pages[i] % PAGE_SIZE || pages[i] >= guest_memory_bytes(&d->memory) || is_shared(d, pages[i]))
			return false;
	return true;
}

static int take_one(struct domain *d, u64 page)
{
	return d->memory.frames < d->frames_limit ? guest_take(&d->memory, page) : -1;
}

static int release_one(struct domain *d, u64 page)
{
	return guest_release(&d->memory, page);
}

/* Nobody's processor uses the memory's old shape while it changes. */
static enum outcome each_page(struct vcpu *v, const u64 *pages, u32 count, u64 *done, int (*one)(struct domain *d, u64 page))
{
	struct domain *d = v->domain;

	if (count > CALL_PAGES)
		return BAD_ARGUMENT;
	if (!are_pages(d, pages, count))
		return BAD_ADDRESS;
	if (count)
		sched_quiesce(d, ALL_VCPUS);
	for (*done = 0; *done < count && !one(d, pages[*done]); ++*done)
		d->container->remap(d, pages[*done] >> CHUNK_SHIFT);
	return DONE;
}

enum outcome call_release(struct vcpu *v, const u64 *pages, u32 count, u64 *done)
{
	return each_page(v, pages, count, done, release_one);
}

enum outcome call_take(struct vcpu *v, const u64 *pages, u32 count, u64 *done)
{
	return each_page(v, pages, count, done, take_one);
}

enum outcome call_flush(struct vcpu *v, u64 set, bool absent_only, u64 *left)
{
	*left = absent_only ? set & ~sched_absent(v->domain, set) : 0;
	sched_quiesce(v->domain, set & ~*left);
	return DONE;
}
