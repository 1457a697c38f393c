// SPDX-License-Identifier: MIT
/*
 * Hypercalls of a domain in ring 3, in both ABIs: any registers at all, 100,000
 * times each. Whatever they did, the uses of frames add up, and no table was written but as one.
 */
#include "host.h"
#include "domain/features.h"
#include "hypercall/abi.h"
#include "hypercall/hypercall.h"
#include "memory/paging.h"
#include "pv_host.h"
#include "vmihv/v1.h"
#include "vmihv/v2.h"

#define CALLS		100000
#define OWNER		FIRST_OWNER
#define TABLES		16u		/* frames in which tables are tried; what is above is written to by vmihv */
#define LOOKS		500

static struct domain *d = &domains[0];
static struct vcpu *v = &domains[0].vcpus[0];
static struct domain_config config = { .name = "guest", .vcpus = 2 };
static struct why why;
static u64 host_root[512];

static void forget(struct pages *p) { (void)p; }

static void start(u32 abi)
{
	host_start();
	memset(d, 0, sizeof(*d));
	config.features = feature_set_named("pv")->features;
	*d = (struct domain){ .alive = true, .number = 1, .features = config.features, .config = &config,
		.abi = abi_of_version(abi), .container = &pv };
	assert_int_equal(guest_memory_create(&d->memory, CHUNK_BYTES, OWNER, &why), 0);
	assert_int_equal(pages_create(&d->memory, host_root, &why), 0);
	d->memory.pages->forget = forget;
	d->pv = at_pa(frames_take_table(OWNER));
	d->pv->pages = d->memory.pages;
	for (u32 i = 0; i < 2; i++) {
		d->vcpus[i].domain = d;
		d->vcpus[i].number = i;
		d->vcpus[i].state = i ? VCPU_DOWN : VCPU_READY;
		d->vcpus[i].control = at_pa(frames_take_table(OWNER));
		pv_of(&d->vcpus[i])->debug_status = 0xffff0ff0;
		pv_of(&d->vcpus[i])->debug_control = 0x400;
	}
}

/* Tables from the start, since what is shared once never becomes one; and again, where one has been given up. */
static void pin_some(void)
{
	static const u8 levels[] = { 1, 1, 1, 2, 2, 3, 4, 4 };

	for (u32 i = 0; i < ARRAY_SIZE(levels); i++) {
		d->memory.pages->budget = MOST_CHECKED;
		pages_pin(d->memory.pages, i * PAGE_SIZE, levels[i]);
	}
}

/* Small numbers, addresses in and around memory, entries for frames of it, and anything. */
static u64 any(u32 *seed)
{
	u64 number = host_random(seed), frame = number % TABLES;

	switch (host_random(seed) % 8) {
	case 0:
		return (u64)host_random(seed) << 32 | number;
	case 1:
		return number % 64;
	case 2:
		return guest_frame(&d->memory, frame * PAGE_SIZE) | (host_random(seed) & 0x67);
	case 3:
		return frame * PAGE_SIZE + number % 4096;
	case 4:
		return frame * PAGE_SIZE + number % 8 * 8;
	case 5:
		return number % 600;
	case 6:
		return ~0ul << number % 64;
	}
	return frame * PAGE_SIZE;
}

static void one_call(u32 abi, u32 *seed)
{
	struct registers *r = &v->regs;

	r->rdi = any(seed);
	r->rsi = any(seed);
	r->rdx = any(seed);
	r->r8 = any(seed);
	r->r9 = any(seed);
	r->rax = host_random(seed) % 2 ? VMIHV_V1_TABLE + host_random(seed) % 2 : host_random(seed) % 60;	/* tables most */
	r->rcx = host_random(seed) % 2 ? VMIHV_V2_DO : VMIHV_V2_BASE + host_random(seed) % 0xa0;
	if (abi == 2 && host_random(seed) % 4)
		r->rdx = host_random(seed) % 2 ? VMIHV_V2_OP_SET : host_random(seed) % 20;
	hypercall(v);
	v->state = VCPU_READY;
}

/* What it has written itself: a table that a guest has left takes no harm from that. */
static void look(u32 *counts)
{
	const struct pages *p = d->memory.pages;

	for (u32 f = 0; f < 512; f++) {
		const struct page_record *r = &p->records[0][f];

		/* shared pages stay plain for good, as often as they were named */
		counts[f] = 0;
		if (r->count && r->use == USE_WRITABLE)
			counts[f] = r->count;
	}
	for (u32 f = 0; f < 512; f++) {
		const u64 *table = at_pa(guest_frame(&d->memory, f * PAGE_SIZE));

		for (u32 i = 0; i < 512 && p->records[0][f].count && p->records[0][f].use == 1; i++)
			if ((table[i] & (PTE_PRESENT | PTE_WRITE)) == (PTE_PRESENT | PTE_WRITE)) {
				assert_true(counts[pages_frame_of(p, table[i] & PTE_FRAME)]);
				counts[pages_frame_of(p, table[i] & PTE_FRAME)]--;
			}
	}
	pages_must_add_up(p, 0, counts);
}

static void any_calls(u32 abi)
{
	static u32 counts[512];
	u32 seed = 3 + abi, links = 0;

	start(abi);
	pin_some();
	for (u32 i = 0; i < CALLS; i++) {
		one_call(abi, &seed);
		if (i % LOOKS)
			continue;
		look(counts);
		pin_some();
		for (u32 f = 0; f < TABLES; f++)
			links += d->memory.pages->records[0][f].count > 1 && d->memory.pages->records[0][f].use <= ROOT_LEVEL;
	}
	assert_true(links);		/* some tables have led to others */
	assert_true(d->refused_calls);
}

static void test_any_v1(void **state)
{
	(void)state;
	any_calls(1);
}

static void test_any_v2(void **state)
{
	(void)state;
	any_calls(2);
}

static const struct CMUnitTest tests[] = { cmocka_unit_test(test_any_v1), cmocka_unit_test(test_any_v2) };

TESTS_MAIN(tests)
