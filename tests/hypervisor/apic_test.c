// SPDX-License-Identifier: MIT
/* The local APIC in both of its kinds. The emulator that boots are tested with has no x2APIC: here is a processor that has. */
#include "host.h"
#include "../../hypervisor/cpu/apic.c"

#define BASE		0xfee00900ul	/* on, the first processor's */
#define REGISTERS	64
#define TICKS		1000u

static u64 base, registers[REGISTERS];	/* of x2APIC */
static u32 page[1024];			/* the window */
static bool has_x2, mapped;
static u64 ns;
static u64 left_to_count;
static struct cpu cpu;

struct cpu *this_cpu(void) { return &cpu; }
void out8(u16 port, u8 value) { assert_true((port == 0x21 || port == 0xa1) && value == 0xff); }

void cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	assert_true(leaf == 1 && !subleaf);
	out[0] = out[1] = 0;
	out[2] = has_x2 ? 1u << 21 : 0;
	out[3] = 1u << 9;
}

u64 rdmsr(u32 msr)
{
	if (msr == MSR_APIC_BASE)
		return base;
	assert_true(base & APIC_X2 && msr >= 0x800 && msr < 0x800 + REGISTERS);
	if (msr == 0x839)			/* it counts downwards while time goes on */
		return 0xffffffff - left_to_count;
	return registers[msr - 0x800];
}

/* Reserved bits and wrong ways fault. */
void wrmsr(u32 msr, u64 value)
{
	if (msr == MSR_APIC_BASE) {
		assert_true(!(value & APIC_X2) || (base & APIC_ENABLED && has_x2));
		assert_false(base & APIC_X2 && !(value & APIC_X2) && value & APIC_ENABLED);
		base = value;
		return;
	}
	assert_true(base & APIC_X2 && msr >= 0x800 && msr < 0x800 + REGISTERS);
	assert_true(msr == 0x830 || !(value >> 32));
	assert_true(msr != 0x802 && msr != 0x831 && (msr != 0x80b || !value));
	registers[msr - 0x800] = value;
}

u64 clock_now(void)
{
	left_to_count += TICKS;
	page[0x390 / 4] -= TICKS;
	return ns += 1000000;
}

void *paging_device(u64 pa)
{
	assert_int_equal(pa, 0xfee00000);
	mapped = true;
	return page;
}

static void start(bool with_x2, u64 msr)
{
	memset(registers, 0, sizeof(registers));
	memset(page, 0, sizeof(page));
	has_x2 = with_x2;
	base = msr;
	mapped = false;
	ns = left_to_count = 0;
	window = NULL;
	page[0x20 / 4] = 5u << 24;
	page[0x390 / 4] = ~0u;
	registers[2] = 0x12345;
	memset(&cpu, 0, sizeof(cpu));
	apic_init();
}

static void test_window(void **state)
{
	(void)state;
	start(false, BASE);
	assert_true(mapped && !(base & APIC_X2) && cpu.apic_id == 5);
	assert_int_equal(page[0xf0 / 4], 0x1ff);
	assert_int_equal(page[0x320 / 4], VECTOR_TIMER);
	apic_send(3, 0x4600);
	assert_true(page[0x310 / 4] == 3u << 24 && page[0x300 / 4] == 0x4600);
	apic_stop_others();
	assert_int_equal(page[0x300 / 4], 0xc4400);
	page[0xb0 / 4] = 7;
	apic_interrupt(VECTOR_TIMER);
	assert_int_equal(page[0xb0 / 4], 0);
	assert_true(apic_reaches(254) && !apic_reaches(255) && !apic_reaches(0x12345));
}

/* One that has it, and one whose firmware has turned it on though it does not say so. */
static void test_x2apic(void **state)
{
	static const u64 bases[] = { BASE, BASE | APIC_X2, 0xfee00100 };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(bases); i++) {
		struct cpu other = { .apic_id = 0x10001 };

		start(true, bases[i]);
		assert_true(!mapped && base & APIC_X2 && base & APIC_ENABLED && cpu.apic_id == 0x12345);
		assert_int_equal(registers[0x0f], 0x1ff);
		assert_int_equal(registers[0x32], VECTOR_TIMER);
		assert_int_equal(registers[0x3e], 3);
		apic_kick(&other);
		assert_true(registers[0x30] == (0x10001ul << 32 | 0x4000 | VECTOR_KICK));
		apic_stop_others();
		assert_int_equal(registers[0x30], 0xc4400);
		registers[0x0b] = 7;
		apic_interrupt(VECTOR_TIMER);
		assert_int_equal(registers[0x0b], 0);
		registers[0x0b] = 7;
		apic_interrupt(VECTOR_SPURIOUS);
		assert_int_equal(registers[0x0b], 7);
		assert_true(apic_reaches(0x12345));
	}
}

/* Both count the same: a deadline becomes as many ticks. */
static void test_timer(void **state)
{
	u32 ticks;

	(void)state;
	start(false, BASE);
	assert_in_range(khz, TICKS, TICKS * 5 / 4);	/* in a millisecond, by that clock; the first reading counts too */
	apic_arm(ns + 11000000);
	ticks = page[0x380 / 4];
	assert_true(ticks >= 10 * TICKS && ticks <= 14 * TICKS);
	apic_arm(NEVER);
	assert_int_equal(page[0x380 / 4], 0);
	start(true, BASE);
	assert_in_range(khz, TICKS, TICKS * 5 / 4);
	apic_arm(ns + 11000000);
	assert_int_equal(registers[0x38], ticks);
	apic_arm(NEVER);
	assert_int_equal(registers[0x38], 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_window), cmocka_unit_test(test_x2apic), cmocka_unit_test(test_timer),
};

TESTS_MAIN(tests)
