// SPDX-License-Identifier: MIT
/* The counter's rate is measured with the PC's timer chip; the day comes from its clock chip. */
#include "cpu/clock.h"
#include "cpu/cpu.h"

#define PIT_HZ		1193182ul
#define PIT_TICKS	11932		/* 10 ms */
#define TRIES		10
#define PIT_CHANNEL2	0x42
#define PIT_COMMAND	0x43
#define PORT_B		0x61
#define PORT_B_GATE2	0x01
#define PORT_B_OUT2	0x20
#define CMOS_INDEX	0x70
#define CMOS_DATA	0x71
#define CMOS_UPDATING	0x80

struct clock_scale clock_scale;
static u64 wall_start;

/** Both clocks at one moment. */
struct moment {
	u64 tsc;
	u32 ticks;		/* of the timer chip, counting down */
};

static u32 read_ticks(void)
{
	u32 low;

	out8(PIT_COMMAND, 0x80);	/* latch channel 2 */
	low = in8(PIT_CHANNEL2);
	return low | (u32)in8(PIT_CHANNEL2) << 8;
}

/* Whoever interrupts us, be it a host below, makes a reading long: the shortest of some counts. */
static struct moment read_moment(void)
{
	struct moment best = { 0 };
	u64 shortest = ~0ul;

	for (int i = 0; i < TRIES; i++) {
		u64 before = rdtsc();
		u32 ticks = read_ticks();
		u64 took = rdtsc() - before;

		if (took < shortest) {
			shortest = took;
			best = (struct moment){ before + took / 2, ticks };
		}
	}
	return best;
}

/* 0: it took so long that the chip has come to its end. */
static u64 measure_khz(void)
{
	struct moment start, end;

	out8(PORT_B, (in8(PORT_B) & ~3) | PORT_B_GATE2);
	out8(PIT_COMMAND, 0xb0);	/* channel 2, count down once from 65535 */
	out8(PIT_CHANNEL2, 0xff);
	out8(PIT_CHANNEL2, 0xff);
	start = read_moment();
	while (!(in8(PORT_B) & PORT_B_OUT2) && start.ticks - read_ticks() < PIT_TICKS)
		pause();
	end = read_moment();
	if (in8(PORT_B) & PORT_B_OUT2 || start.ticks <= end.ticks)
		return 0;
	return (end.tsc - start.tsc) * PIT_HZ / (start.ticks - end.ticks) / 1000;
}

/* mul is in the upper half of 32 bits, so that it is as exact as can be. */
static void find_scale(u64 khz)
{
	u64 ns = 1000000ul << 32;
	int shift = 0;

	for (; ns / khz >> 32; shift++)
		khz <<= 1;
	for (; !(ns / khz >> 31); shift--)
		khz >>= 1;
	clock_scale.mul = ns / khz;
	clock_scale.shift = shift;
}

static u32 cmos(u8 index)
{
	out8(CMOS_INDEX, index);
	return in8(CMOS_DATA);
}

static u32 from_bcd(u32 value, bool binary)
{
	return binary ? value : value % 16 + value / 16 * 10;
}

/* Days since 1970 of a date of the Gregorian calendar; months from March on, so that leap days come last. */
static u64 days(u32 year, u32 month, u32 day)
{
	u32 y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return 365ul * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static u64 read_wall(void)
{
	static const u8 index[] = { 0, 2, 4, 7, 8, 9 };
	bool binary = cmos(11) & 4;
	u32 v[6];

	for (int i = 0; i < 1000000 && cmos(10) & CMOS_UPDATING; i++)
		pause();
	for (int i = 0; i < 6; i++)
		v[i] = from_bcd(cmos(index[i]), binary);
	return ((days(2000 + v[5], v[4], v[3]) * 24 + v[2]) * 60 + v[1]) * 60 + v[0];
}

void clock_init(void)
{
	for (int i = 0; i < TRIES && !clock_scale.khz; i++)
		clock_scale.khz = measure_khz();
	if (!clock_scale.khz)
		panic("the time stamp counter does not count");
	find_scale(clock_scale.khz);
	clock_scale.tsc = rdtsc();
	wall_start = read_wall();
}

u64 clock_now(void)
{
	u64 delta = rdtsc() - clock_scale.tsc;

	delta = clock_scale.shift < 0 ? delta >> -clock_scale.shift : delta << clock_scale.shift;
	return (unsigned __int128)delta * clock_scale.mul >> 32;
}

u64 clock_wall_start(void)
{
	return wall_start;
}
