// SPDX-License-Identifier: MIT
/* Interrupt flag, halt, events, time. Read next: cpu.c. */
#include "conform.h"

/** The time page: what KVM and Xen call pvclock. */
struct pvclock {
	uint32_t version, pad;
	uint64_t tsc, ns;
	uint32_t mul;
	int8_t shift;
	uint8_t flags, pad2[2];
};

static void site_irq_on(void)
{
	__asm__ volatile(VMI_SITE("sti", 6) :: VMI_SITE_NR(IRQ_ENABLE) : "memory", "cc");
}

static void site_irq_off(void)
{
	__asm__ volatile(VMI_SITE("cli", 6) :: VMI_SITE_NR(IRQ_DISABLE) : "memory", "cc");
}

static uint64_t site_irq_save(void)
{
	uint64_t flags;

	__asm__ volatile(VMI_SITE("pushf; pop %%rax", 16) : "=a" (flags) : VMI_SITE_NR(IRQ_SAVE) : "memory", "cc");
	return flags & VMI_IRQ_FLAG;
}

static uint64_t irq_flag(void)
{
	return CALL(IRQ_SAVE, uint64_t, void)() & VMI_IRQ_FLAG;
}

void irq_on(void) { CALL(IRQ_ENABLE, void, void)(); }
void irq_off(void) { CALL(IRQ_DISABLE, void, void)(); }

const char *test_IRQ_SAVE(void)
{
	site_irq_off();
	EXPECT(!irq_flag() && !site_irq_save(), "says on after off");
	site_irq_on();
	EXPECT(irq_flag() && site_irq_save(), "says off after on");
	site_irq_off();
	return NULL;
}

const char *test_IRQ_DISABLE(void)
{
	uint32_t before = timer_events;

	irq_on();
	irq_off();
	EXPECT(!irq_flag(), "the call leaves it on");
	site_irq_on();
	site_irq_off();
	EXPECT(!irq_flag(), "the site leaves it on");
	arm_timer(1);
	for (int i = 0; i < 3000000; i++)
		__asm__ volatile("pause");
	EXPECT(timer_events == before, "an event comes in spite of it");
	irq_on();
	EXPECT(wait_timer(before), "the event is lost");
	irq_off();
	return NULL;
}

/* What is pending is delivered before it returns. */
const char *test_IRQ_ENABLE(void)
{
	uint32_t before = timer_events;

	irq_on();
	EXPECT(irq_flag(), "the call leaves it off");
	irq_off();
	site_irq_on();
	EXPECT(irq_flag(), "the site leaves it off");
	irq_off();
	arm_timer(1);
	for (int i = 0; i < 3000000; i++)
		__asm__ volatile("pause");
	irq_on();
	EXPECT(timer_events == before + 1, "what was pending is not there when it returns");
	irq_off();
	return NULL;
}

const char *test_SAFE_HALT(void)
{
	uint32_t before = timer_events;

	for (int i = 0; i < 3; i++) {
		arm_timer(2000);
		while (timer_events == before + i) {
			irq_off();
			CALL(SAFE_HALT, void, void)();
			EXPECT(irq_flag(), "interrupts are off behind it");
		}
	}
	irq_off();
	return NULL;
}

/* Far enough ahead that the event does not come before the halt. */
const char *test_HALT(void)
{
	uint32_t before = timer_events;

	arm_timer(50000);
	irq_on();
	while (timer_events == before)
		CALL(HALT, void, void)();
	irq_off();
	return NULL;
}

const char *test_EVENT_NEXT(void)
{
	uint32_t event = VMI_EVENT_NONE;

	irq_off();
	arm_timer(1);
	for (int i = 0; i < 30000000 && event != VMI_EVENT_TIMER; i++)
		event = CALL(EVENT_NEXT, uint32_t, void)();
	EXPECT(event == VMI_EVENT_TIMER, "the timer's event is not found");
	EXPECT(CALL(EVENT_NEXT, uint32_t, void)() != VMI_EVENT_TIMER, "the event is there twice");
	return NULL;
}

#define OTHER_VECTOR	(VMI_NR_ENTRIES - 1)

static int set_vector(uint32_t vector)
{
	int error = CALL(EVENT_VECTOR, int, uint32_t)(vector);

	if (!error)
		event_vector = vector;
	return error;
}

/* One that comes by another is an exception that nobody counts as an event. */
const char *test_EVENT_VECTOR(void)
{
	static const uint32_t none[] = { 0, 14, 31, 256, ~0u };
	uint64_t elsewhere = exceptions;

	for (int i = 0; i < 5; i++)
		EXPECT(set_vector(none[i]) == VMI_E_INVAL, "what is no vector of an interrupt is taken");
	for (int i = 0; i < 4; i++) {
		uint32_t before = timer_events;

		EXPECT(!set_vector(i & 1 ? VMI_ENTRY_EVENT : OTHER_VECTOR), "it fails");
		arm_timer(100);
		irq_on();
		EXPECT(wait_timer(before), "no event comes");
		irq_off();
	}
	EXPECT(exceptions == elsewhere, "events come by another vector");
	return NULL;
}

static const volatile struct pvclock *clock_page(void)
{
	return HAS(TIME_AREA) ? CALL(TIME_AREA, void *, uint32_t)(0) : NULL;
}

static uint64_t clock_read(const volatile struct pvclock *c)
{
	uint64_t delta = __builtin_ia32_rdtsc() - c->tsc;

	delta = c->shift < 0 ? delta >> -c->shift : delta << c->shift;
	return c->ns + (uint64_t)((unsigned __int128)delta * c->mul >> 32);
}

uint64_t clock_now(void)
{
	const volatile struct pvclock *c = clock_page();
	uint32_t version;
	uint64_t ns;

	do {
		version = c->version;
		__asm__ volatile("" ::: "memory");
		ns = clock_read(c);
		__asm__ volatile("" ::: "memory");
	} while (version & 1 || version != c->version);
	return ns;
}

static void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" :: "a" (value), "Nd" (port)); }

/* The old interrupt controller at vector 32, the timer chip's channel 0, once. */
static void arm_chip(uint64_t us)
{
	uint32_t ticks = us * 1193 / 1000 + 10;
	static const uint8_t controller[] = { 0x11, 32, 4, 1, 0xfe };

	for (int i = 0; i < 5; i++)
		out8(i ? 0x21 : 0x20, controller[i]);
	out8(0x43, 0x30);
	out8(0x40, ticks);
	out8(0x40, ticks >> 8);
}

void arm_timer(uint64_t us)
{
	if (!HAS(TIMER_SET))
		arm_chip(us);
	else if (CALL(TIMER_SET, int, uint64_t)(clock_now() + us * 1000))
		leave("TIMER_SET fails");
}

int wait_timer(uint32_t before)
{
	for (int i = 0; i < 100000000 && timer_events == before; i++)
		__asm__ volatile("pause");
	return timer_events != before;
}

const char *test_TIME_AREA(void)
{
	const volatile struct pvclock *c = clock_page();
	uint64_t last = 0;

	EXPECT(c && c->mul, "there is no time page, or it does not run");
	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_now();

		EXPECT(now >= last, "time goes back");
		last = now;
	}
	return NULL;
}

static union { struct pvclock time; char bytes[PAGE]; } user_page __attribute__((aligned(4096)));

/* A host may keep none, but must know: what is there is good on every CPU. */
const char *test_TIME_USER_PAGE(void)
{
	int error = CALL(TIME_USER_PAGE, int, void *)(&user_page);
	uint64_t before, now;

	EXPECT(CALL(TIME_USER_PAGE, int, void *)(user_page.bytes + 8) < 0, "a page that is none is taken");
	EXPECT(!error || error == VMI_E_NOSYS, "it fails");
	if (error)
		return NULL;
	before = clock_now();
	now = clock_read(&user_page.time);
	EXPECT(user_page.time.flags & 1, "the page does not say that it is good on every CPU");
	EXPECT(now >= before && now <= clock_now(), "the page tells another time");
	return NULL;
}

const char *test_TIMER_SET(void)
{
	uint64_t deadline = clock_now() + 3000000;
	uint32_t before = timer_events;

	EXPECT(!CALL(TIMER_SET, int, uint64_t)(deadline), "it fails");
	irq_on();
	EXPECT(wait_timer(before), "no event");
	EXPECT(clock_now() >= deadline, "the event is early");
	before = timer_events;
	EXPECT(!CALL(TIMER_SET, int, uint64_t)(1), "a deadline in the past is refused");
	EXPECT(wait_timer(before), "a deadline in the past does not fire");
	irq_off();
	return NULL;
}

const char *test_TIMER_STOP(void)
{
	uint64_t deadline = clock_now() + 5000000;
	uint32_t before;

	irq_on();
	before = timer_events;
	EXPECT(!CALL(TIMER_SET, int, uint64_t)(deadline), "TIMER_SET fails");
	CALL(TIMER_STOP, void, void)();
	while (clock_now() < deadline + 5000000)
		__asm__ volatile("pause");
	irq_off();
	EXPECT(timer_events == before, "the event comes all the same");
	return NULL;
}

const char *test_WALLCLOCK(void)
{
	struct vmi_wallclock wc = { 0 };

	EXPECT(!CALL(WALLCLOCK, int, struct vmi_wallclock *)(&wc), "it fails");
	EXPECT(wc.nanoseconds < 1000000000, "more nanoseconds than a second has");
	EXPECT(wc.seconds > 1577836800 && wc.seconds < 4102444800, "not a time of this century since 2020");
	return NULL;
}
