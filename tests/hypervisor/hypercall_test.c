// SPDX-License-Identifier: MIT
/* Hypercalls of both ABIs: what they do, and any registers at all, 100,000 times each. */
#include "host.h"
#include "domain/features.h"
#include "hypercall/abi.h"
#include "hypercall/hypercall.h"
#include "vmihv/v1.h"
#include "vmihv/v2.h"

#define CALLS	100000
#define OWNER	2

static struct domain *d = &domains[0];
static struct vcpu *v = &domains[0].vcpus[0];
static struct domain_config config = { .name = "guest", .vcpus = 1 };
static struct why why;

static void start(u32 abi)
{
	host_start();
	memset(d, 0, sizeof(*d));
	config.features = feature_set_named("pvh")->features;
	*d = (struct domain){ .alive = true, .number = 1, .features = config.features, .config = &config,
		.abi = abi_of_version(abi) };
	v->domain = d;
	assert_int_equal(guest_memory_create(&d->memory, CHUNK_BYTES, OWNER, &why), 0);
}

static s64 v1(u64 nr, u64 a, u64 b, u64 c)
{
	v->regs.rax = nr;
	v->regs.rdi = a;
	v->regs.rsi = b;
	v->regs.rdx = c;
	hypercall(v);
	return v->regs.rax;
}

static u64 v2(u64 nr, u64 a, u64 b, u64 c)
{
	v->regs.rcx = nr;
	v->regs.rdx = a;
	v->regs.r8 = b;
	v->regs.r9 = c;
	hypercall(v);
	return v->regs.rax;
}

static void test_v1(void **state)
{
	struct vmihv_v1_page page;

	(void)state;
	start(1);
	assert_int_equal(v1(77, 0, 0, 0), VMIHV_V1_ENOCALL);
	assert_int_equal(v1(VMIHV_V1_PAGE, CHUNK_BYTES, 32, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_PAGE, 64, 32, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_PAGE, 4096, 31, 0), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1(VMIHV_V1_PAGE, 4096, 32, 0), 0);
	event_send(v, EVENT_TIMER);
	guest_read(&d->memory, &page, 4096, sizeof(page));
	assert_int_equal(page.pending, 1 << VMIHV_V1_EVENT_TIMER);
	assert_int_equal(page.clock.mul, clock_scale.mul);
	assert_int_equal(page.clock.version % 2, 0);
	assert_true(v->raised && host_wakes == 1);
	assert_int_equal(v1(VMIHV_V1_WRITE, 0x0a6968, 0, 3), 3);
	assert_non_null(strstr(host_output, "[guest] hi\n"));
	assert_int_equal(v1(VMIHV_V1_WRITE, 0, 0, 17), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1(VMIHV_V1_READ, 0, 0, 0), VMIHV_V1_EMPTY);
	assert_int_equal(v1(VMIHV_V1_SHUTDOWN, 3, 0, 0), VMIHV_V1_EARGUMENT);
	d->features = 0;
	assert_int_equal(v1(VMIHV_V1_TIMER, 1, 0, 0), VMIHV_V1_EREFUSED);
}

static void test_v2(void **state)
{
	struct vmihv_v2_events events;

	(void)state;
	start(2);
	assert_int_equal(v2(VMIHV_V1_WRITE, 0, 0, 0), VMIHV_V2_UNKNOWN);
	assert_int_equal(v2(VMIHV_V2_EVENTS, 512, 32, 0), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_EVENTS, ~0ul, 32, 0), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_EVENTS, 1ul << 52 | 1, 32, 0), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_EVENTS, 1, 256, 0), VMIHV_V2_BAD_VALUE);
	assert_int_equal(v2(VMIHV_V2_EVENTS, 1, 32, 0), 0);
	event_send(v, EVENT_TIMER);
	guest_read(&d->memory, &events, 4096, sizeof(events));
	assert_int_equal(events.happened[VMIHV_V2_EVENT_ALARM], 1);
	guest_write(&d->memory, 8192, "line\n", 5);
	assert_int_equal(v2(VMIHV_V2_CONSOLE_OUT, 2, 0, 5), 0);
	assert_int_equal(v->regs.rdx, 5);
	assert_int_equal(v2(VMIHV_V2_CONSOLE_OUT, 511, 4095, 2), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_CONSOLE_IN, 600, 0, 8), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_ALARM, 5, 0, 0), VMIHV_V2_BAD_VALUE);
	assert_int_equal(v2(VMIHV_V2_END, 0, 0, 0), VMIHV_V2_BAD_VALUE);
}

/* Numbers that mean something, and any. */
static u64 telling(u32 *seed)
{
	static const u64 some[] = { 0, 1, 2, 16, 31, 32, 255, 256, 4095, 4096, 511, 512, CHUNK_BYTES - 1, CHUNK_BYTES,
		1ul << 32, 1ul << 40, 1ul << 63, ~0ul, ~0ul - 4095 };
	u32 kind = host_random(seed) % 4;

	if (kind == 0)
		return (u64)host_random(seed) << 32 | host_random(seed);
	if (kind == 1)
		return host_random(seed) % 1024;
	return some[host_random(seed) % ARRAY_SIZE(some)];
}

static u64 sum_of_others(void)
{
	u64 chunk = d->memory.map[0], sum = 0;

	for (u64 pa = 0; pa < HOST_MEMORY; pa += 8)
		if (pa - chunk >= CHUNK_BYTES)
			sum = sum * 31 + *(u64 *)at_pa(pa);
	return sum;
}

/* Nothing but the domain's memory changes, whatever it asks for. */
static void fuzz(u32 abi)
{
	const struct abi *a = abi_of_version(abi);
	u32 seed = 0x1234 + abi;
	u64 before, free_before;

	start(abi);
	before = sum_of_others();
	free_before = frames_free_bytes();
	for (int i = 0; i < CALLS; i++) {
		u32 number = host_random(&seed) % 8 ? a->rows[host_random(&seed) % a->row_count].number : telling(&seed);

		if (abi == 1)
			v1(number, telling(&seed), telling(&seed), telling(&seed));
		else
			v2(number, telling(&seed), telling(&seed), telling(&seed));
		if (!(host_random(&seed) % 8))
			event_send(v, host_random(&seed) % EVENTS);
	}
	assert_int_equal(sum_of_others(), before);
	assert_int_equal(frames_free_bytes(), free_before);
	assert_true(host_ends > 0);
}

static void test_fuzz_v1(void **state)
{
	(void)state;
	fuzz(1);
}

static void test_fuzz_v2(void **state)
{
	(void)state;
	fuzz(2);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_v1), cmocka_unit_test(test_v2), cmocka_unit_test(test_fuzz_v1), cmocka_unit_test(test_fuzz_v2),
};

TESTS_MAIN(tests)
