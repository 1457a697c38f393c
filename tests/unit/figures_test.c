// SPDX-License-Identifier: MIT
/* Sets of receivers for one hypercall of KVM, and the rate of its clock. */
#include "unit.h"

#include "../../shim/backends/kvm/figures.h"

static int has(const struct ipi_set *set, uint32_t id)
{
	uint32_t at = id - set->first;

	return at < IPI_SPAN && set->bits[at / 64] >> at % 64 & 1;
}

static uint32_t members(const struct ipi_set *set)
{
	return __builtin_popcountll(set->bits[0]) + __builtin_popcountll(set->bits[1]);
}

static void one_set(void **state)
{
	static const uint32_t ids[] = { 70, 3, 130, 3, 4, 127, 64 };
	struct ipi_set set = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_int_equal(ipi_add(&set, ids[i]), 1);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_true(has(&set, ids[i]));
	assert_int_equal(members(&set), 6);
	assert_int_equal(set.first, 3);
}

/* What has no room leaves the set as it was. */
static void too_far(void **state)
{
	struct ipi_set set = { 0 }, was;

	(void)state;
	assert_int_equal(ipi_add(&set, 200), 1);
	assert_int_equal(ipi_add(&set, 201), 1);
	was = set;
	assert_int_equal(ipi_add(&set, 328), 0);
	assert_int_equal(ipi_add(&set, 73), 0);
	assert_int_equal(ipi_add(&set, 0), 0);
	assert_int_equal(ipi_add(&set, UINT32_MAX), 0);
	assert_memory_equal(&set, &was, sizeof(set));
	assert_int_equal(ipi_add(&set, 74), 1);
	assert_true(has(&set, 74) && has(&set, 200) && has(&set, 201));
	assert_int_equal(ipi_add(&set, 202), 0);
	assert_int_equal(members(&set), 3);
}

static void all_pairs(void **state)
{
	(void)state;
	for (uint32_t a = 0; a < 300; a++) {
		for (uint32_t b = 0; b < 300; b++) {
			struct ipi_set set = { 0 };
			uint32_t distance = a < b ? b - a : a - b;

			assert_int_equal(ipi_add(&set, a), 1);
			assert_int_equal(ipi_add(&set, b), distance < IPI_SPAN);
			assert_true(has(&set, a));
			assert_int_equal(members(&set), 1 + (distance && distance < IPI_SPAN));
		}
	}
}

/* The highest APIC IDs: nothing wraps round. */
static void at_the_end(void **state)
{
	struct ipi_set set = { 0 };

	(void)state;
	assert_int_equal(ipi_add(&set, UINT32_MAX), 1);
	assert_int_equal(ipi_add(&set, 0), 0);
	assert_int_equal(ipi_add(&set, UINT32_MAX - 127), 1);
	assert_int_equal(ipi_add(&set, UINT32_MAX - 128), 0);
	assert_int_equal(members(&set), 2);
}

static void rates(void **state)
{
	(void)state;
	assert_int_equal(clock_khz(0, 0), 0);
	assert_int_equal(clock_khz(1, 32), 0);
	assert_int_equal(clock_khz(1, -32), 0);
	assert_int_equal(clock_khz(0x80000000, 1), 1000000);	/* 1 GHz: one tick, one nanosecond */
	assert_int_equal(clock_khz(0x80000000, 0), 2000000);
	assert_int_equal(clock_khz(0x80000000, -1), 4000000);
	assert_in_range(clock_khz(0xc5000000, -1), 2598000, 2599000);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(one_set),
	cmocka_unit_test(too_far),
	cmocka_unit_test(all_pairs),
	cmocka_unit_test(at_the_end),
	cmocka_unit_test(rates),
};

TESTS_MAIN(tests)
