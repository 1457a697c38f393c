// SPDX-License-Identifier: MIT
/*
 * The local APIC, by its memory window or, where there is x2APIC, by registers of the
 * processor; the timer counts bus clocks, measured against the clock.
 */
#include "cpu/apic.h"
#include "cpu/clock.h"
#include "cpu/cpu.h"
#include "memory/paging.h"

#define APIC_ENABLED	(1ul << 11)
#define APIC_X2		(1ul << 10)
#define CPUID_APIC	(1u << 9)	/* EDX */
#define CPUID_X2APIC	(1u << 21)	/* ECX */
#define MSR_X2		0x800		/* + a register's place in the window / 16 */
#define MOST_IN_WINDOW	254u		/* 255 is everybody */
#define REG_ID		0x20
#define REG_EOI		0xb0
#define REG_SPURIOUS	0xf0
#define REG_SIGNAL	0x300
#define REG_RECEIVER	0x310
#define REG_TIMER	0x320
#define REG_INITIAL	0x380
#define REG_CURRENT	0x390
#define REG_DIVIDE	0x3e0
#define DIVIDE_BY_16	3
#define MASKED		0x10000u
#define SIGNAL_PENDING	(1u << 12)
#define SIGNAL_FIXED	0x4000u
#define NMI_TO_OTHERS	0xc4400u
#define CALIBRATE_NS	5000000ul

static volatile u8 *window;	/* NULL: not found yet, or x2APIC */
static bool x2;
static u64 khz;			/* of the timer's count */

static u32 get(u32 reg) { return x2 ? rdmsr(MSR_X2 + reg / 16) : *(volatile u32 *)(window + reg); }

static void set(u32 reg, u32 value)
{
	if (x2)
		wrmsr(MSR_X2 + reg / 16, value);
	else
		*(volatile u32 *)(window + reg) = value;
}

static void calibrate(void)
{
	u64 start = clock_now(), end;
	u32 left;

	set(REG_INITIAL, ~0u);
	while (clock_now() < start + CALIBRATE_NS)
		pause();
	end = clock_now();
	left = get(REG_CURRENT);
	khz = (~0u - left) * 1000000ul / (end - start);
	set(REG_INITIAL, 0);
	if (!khz)
		panic("the local APIC's timer does not count");
}

/* x2APIC once on stays on. */
static void find(void)
{
	u32 id[4];

	cpuid(1, 0, id);
	if (!(id[3] & CPUID_APIC))
		panic("this processor has no local APIC");
	x2 = id[2] & CPUID_X2APIC || rdmsr(MSR_APIC_BASE) & APIC_X2;
	if (!x2)
		window = paging_device(rdmsr(MSR_APIC_BASE) & 0xffffff000);
}

/* It goes from off to on to x2APIC; from off straight to that it does not. */
static void turn_on(void)
{
	u64 base = rdmsr(MSR_APIC_BASE) | APIC_ENABLED;

	wrmsr(MSR_APIC_BASE, base);
	if (x2)
		wrmsr(MSR_APIC_BASE, base | APIC_X2);
}

void apic_init(void)
{
	out8(0x21, 0xff);
	out8(0xa1, 0xff);
	find();
	turn_on();
	set(REG_DIVIDE, DIVIDE_BY_16);
	set(REG_TIMER, MASKED);
	calibrate();
	apic_init_timer();
	this_cpu()->apic_id = x2 ? get(REG_ID) : get(REG_ID) >> 24;
}

/* Until its timer is armed it does not count. */
void apic_init_timer(void)
{
	turn_on();
	set(REG_SPURIOUS, 0x100 | VECTOR_SPURIOUS);
	set(REG_DIVIDE, DIVIDE_BY_16);
	set(REG_TIMER, VECTOR_TIMER);
}

bool apic_reaches(u32 apic_id)
{
	return x2 || apic_id <= MOST_IN_WINDOW;
}

const char *apic_kind(void)
{
	return x2 ? "x2APIC" : "APIC";
}

/* In the window two halves, the lower one sends: interrupts are off, so nobody comes between. */
void apic_send(u32 apic_id, u32 signal)
{
	if (x2) {
		/* such a write passes others by: what the receiver is to find is there first */
		__asm__ volatile("mfence; lfence" ::: "memory");
		wrmsr(MSR_X2 + REG_SIGNAL / 16, (u64)apic_id << 32 | signal);
		return;
	}
	while (get(REG_SIGNAL) & SIGNAL_PENDING)
		pause();
	set(REG_RECEIVER, apic_id << 24);
	set(REG_SIGNAL, signal);
}

void apic_kick(const struct cpu *cpu)
{
	apic_send(cpu->apic_id, SIGNAL_FIXED | VECTOR_KICK);
}

void apic_stop_others(void)
{
	if (window || x2)
		set(REG_SIGNAL, NMI_TO_OTHERS);
}

void apic_arm(u64 when)
{
	u64 now = clock_now(), ns = when > now ? when - now : 1, ticks;
	struct cpu *cpu = this_cpu();

	if (cpu->armed == when)
		return;
	cpu->armed = when;
	if (when == NEVER) {
		set(REG_INITIAL, 0);
		return;
	}
	if (ns > 1000000000ul)
		ns = 1000000000ul;	/* whoever waits longer asks again */
	ticks = ns * khz / 1000000;
	set(REG_INITIAL, ticks ? ticks : 1);
}

void apic_interrupt(u64 vector)
{
	if (vector == VECTOR_SPURIOUS)
		return;
	if (vector == VECTOR_TIMER)
		this_cpu()->armed = 0;
	set(REG_EOI, 0);
}
