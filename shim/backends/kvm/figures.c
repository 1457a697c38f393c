// SPDX-License-Identifier: MIT
#include "figures.h"

static int is_empty(const struct ipi_set *set)
{
	return !(set->bits[0] | set->bits[1]);
}

/* The last one that is in it, as its distance from the first. */
static uint32_t span(const struct ipi_set *set)
{
	return set->bits[1] ? 127 - __builtin_clzll(set->bits[1]) : 63 - __builtin_clzll(set->bits[0]);
}

/* Makes room for n more in front. */
static void move_up(struct ipi_set *set, uint32_t n)
{
	unsigned __int128 all = (unsigned __int128)set->bits[1] << 64 | set->bits[0];

	all <<= n;
	set->bits[0] = (uint64_t)all;
	set->bits[1] = (uint64_t)(all >> 64);
	set->first -= n;
}

int ipi_add(struct ipi_set *set, uint32_t apic_id)
{
	uint32_t at;

	if (is_empty(set))
		set->first = apic_id;
	if (apic_id < set->first) {
		if (set->first - apic_id >= IPI_SPAN - span(set))
			return 0;
		move_up(set, set->first - apic_id);
	}
	at = apic_id - set->first;
	if (at >= IPI_SPAN)
		return 0;
	set->bits[at / 64] |= UINT64_C(1) << at % 64;
	return 1;
}

/* ns = (ticks << shift) * mul >> 32, with a shift of either sign. */
uint64_t clock_khz(uint32_t mul, int8_t shift)
{
	uint64_t khz = UINT64_C(1000000) << 32;

	if (!mul || shift < -31 || shift > 31)
		return 0;
	khz /= mul;
	return shift < 0 ? khz << -shift : khz >> shift;
}
