// SPDX-License-Identifier: MIT
/* The local APIC by its memory window; the timer counts bus clocks, measured against the clock. */
#include "cpu/apic.h"
#include "cpu/clock.h"
#include "cpu/cpu.h"
#include "memory/paging.h"

#define APIC_ENABLED	(1ul << 11)
#define APIC_X2		(1ul << 10)
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

static volatile u8 *window;
static u64 khz;			/* of the timer's count */

static u32 get(u32 reg) { return *(volatile u32 *)(window + reg); }
static void set(u32 reg, u32 value) { *(volatile u32 *)(window + reg) = value; }

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

void apic_init(void)
{
	u32 id[4];

	cpuid(1, 0, id);
	if (!(id[3] & 1u << 9))
		panic("this processor has no local APIC");
	out8(0x21, 0xff);
	out8(0xa1, 0xff);
	if (rdmsr(MSR_APIC_BASE) & APIC_X2)
		panic("firmware has put the local APIC into x2APIC mode, which vmihv does not know");
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_ENABLED);
	window = paging_device(rdmsr(MSR_APIC_BASE) & 0xffffff000);
	set(REG_DIVIDE, DIVIDE_BY_16);
	set(REG_TIMER, MASKED);
	calibrate();
	apic_init_timer();
	this_cpu()->apic_id = get(REG_ID) >> 24;
}

/* Until its timer is armed it does not count. */
void apic_init_timer(void)
{
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_ENABLED);
	set(REG_SPURIOUS, 0x100 | VECTOR_SPURIOUS);
	set(REG_DIVIDE, DIVIDE_BY_16);
	set(REG_TIMER, VECTOR_TIMER);
}

/* Interrupts are off, so nobody comes between the two halves. */
void apic_send(u32 apic_id, u32 signal)
{
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
	if (window)
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
