// SPDX-License-Identifier: MIT
/*
 * Processors. Where the host has a second one it is started for real, does what
 * `command' says, and is stopped at the end of each test. With one, what is left
 * are errors and what one can do to oneself.
 */
#include "conform.h"

#define SECOND		1
#define ARG		0x1122334455660000ul
#define SET(cpu)	(&(uint64_t){ 1ul << (cpu) })

enum command { SPIN, SPIN_IRQ_ON, LOCK, STOP };

typedef uint64_t page[512] __attribute__((aligned(4096)));

static page block, second_gdt, stacks[2];
static volatile enum command command;
static volatile uint64_t alive, rounds;		/* the argument it was started with */
static volatile uint8_t lock;
static const char *volatile complaint;

void second_entry(void);
void second(uint64_t arg, uint64_t rbp, uint64_t rsp);

__asm__(".text\nsecond_entry:\n\tmov %rbp, %rsi\n\tmov %rsp, %rdx\n\tcall second\n\tud2\n");

static int state(uint32_t cpu) { return CALL(CPU_STATE, int, uint32_t)(cpu); }
static int there_is_one(void) { return HAS(CPU_STATE) && state(SECOND) >= 0; }

static uint64_t stack_top(uint64_t arg) { return (uint64_t)&stacks[(arg & 1) + 1]; }

static const char *check_entry(uint64_t rbp, uint64_t rsp)
{
	uint16_t ds;

	__asm__ volatile("mov %%ds, %0" : "=r" (ds));
	EXPECT(rsp == stack_top(ARG) || rsp == stack_top(ARG + 1), "RSP is not the one it was given");
	EXPECT(!rbp && !ds, "RBP or DS is not null");
	EXPECT(!(CALL(IRQ_SAVE, uint64_t, void)() & VMI_IRQ_FLAG), "it begins with interrupts on");
	EXPECT(CALL(READ_CR3, uint64_t, void)() == PA(root), "READ_CR3 says another root");
	return NULL;
}

static void obey(void)
{
	switch (command) {
	case SPIN_IRQ_ON:
		irq_on();
		break;
	case LOCK:
		while (lock) {
			rounds++;
			CALL(LOCK_WAIT, void, const volatile uint8_t *, uint8_t)(&lock, 1);
		}
		break;
	case STOP:
		irq_off();
		CALL(CPU_STOP, void, void)();
		complaint = "CPU_STOP returns";
		break;
	case SPIN:
		break;
	}
	__asm__ volatile("pause");
}

void second(uint64_t arg, uint64_t rbp, uint64_t rsp)
{
	complaint = check_entry(rbp, rsp);
	alive = arg;
	for (;;)
		obey();
}

static struct vmi_start start_of(uint64_t arg)
{
	return (struct vmi_start){
		VMI_MAGIC_START, VMI_STRUCT_VERSION, sizeof(struct vmi_start), (uint64_t)second_entry,
		stack_top(arg), arg, (uint64_t)block, PA(root), PA(second_gdt), 16, 0
	};
}

static int start_second(const struct vmi_start *start)
{
	return CALL(CPU_START, int, uint32_t, const struct vmi_start *)(SECOND, start);
}

/* Whether it becomes so within seconds. */
#define SOON(condition) ({ \
	uint64_t until__ = clock_now() + 5000000000ul; \
	while (!(condition) && clock_now() < until__) \
		__asm__ volatile("pause"); \
	(condition); })

static void wait_ms(uint64_t ms)
{
	uint64_t until = clock_now() + ms * 1000000;

	while (clock_now() < until)
		__asm__ volatile("pause");
}

static const char *give_block(void)
{
	static int given;

	if (given++)
		return NULL;
	for (int i = 0; i < 5; i++)
		second_gdt[i] = gdt[i];
	EXPECT(!CALL(PERCPU_READY, int, uint32_t, void *)(SECOND, block), "PERCPU_READY fails");
	EXPECT(CALL(PERCPU_READY, int, uint32_t, void *)(SECOND, block) == VMI_E_STATE, "PERCPU_READY takes it twice");
	return NULL;
}

static const char *second_up(enum command what, uint64_t arg)
{
	struct vmi_start start = start_of(arg);
	const char *why = give_block();

	if (why)
		return why;
	command = what;
	alive = 0;
	EXPECT(state(SECOND) == VMI_CPU_DOWN, "it is not down at first");
	EXPECT(!start_second(&start), "CPU_START fails");
	EXPECT(SOON(alive), "it does not run");
	EXPECT(alive == arg, "RDI is not its argument");
	return complaint;
}

static const char *second_down(void)
{
	command = STOP;
	EXPECT(SOON(state(SECOND) == VMI_CPU_DOWN), "it does not stop");
	return complaint;
}

/* Starts the second CPU, if there is one, for what a test is about. */
static const char *with_second(enum command what, const char *(*test)(void))
{
	const char *why, *end;

	if (!there_is_one())
		return NULL;
	why = second_up(what, ARG);
	if (why)
		return why;
	why = test();
	end = second_down();
	return why ? why : end;
}

static const char *bad_starts(uint32_t cpu)
{
	struct vmi_start start = start_of(ARG), bad;
	int (*call)(uint32_t, const struct vmi_start *) = vmi_ptr[VMI_CALL_CPU_START];

	EXPECT(call(0, &start) == VMI_E_STATE, "a CPU that runs is started");
	EXPECT(call(9999, &start) == VMI_E_INVAL, "CPU 9999 is no error");
	bad = start, bad.magic = 0;
	EXPECT(call(cpu, &bad) == VMI_E_INVAL, "another magic is no error");
	bad = start, bad.size = 8;
	EXPECT(call(cpu, &bad) == VMI_E_INVAL, "a small size is no error");
	bad = start, bad.stack += 8;
	EXPECT(call(cpu, &bad) == VMI_E_INVAL, "a crooked stack is no error");
	bad = start, bad.entry = 1ul << 63;
	EXPECT(call(cpu, &bad) == VMI_E_INVAL, "an entry at no address is no error");
	bad = start, bad.root_pa++;
	EXPECT(call(cpu, &bad) == VMI_E_INVAL, "a crooked root is no error");
	bad = start, bad.gdt_entries = 513;
	EXPECT(call(cpu, &bad) == VMI_E_INVAL, "a GDT of two pages is no error");
	bad = start, bad.reserved = 1;
	EXPECT(call(cpu, &bad) == VMI_E_INVAL, "a reserved field is ignored");
	return NULL;
}

static const char *is_started(void)
{
	struct vmi_start start = start_of(ARG);

	EXPECT(start_second(&start) == VMI_E_STATE, "it is started twice");
	return NULL;
}

const char *test_CPU_START(void)
{
	struct vmi_start start = start_of(ARG);
	const char *why = bad_starts(0);

	if (why || !there_is_one())
		return why;
	EXPECT(start_second(&start) == VMI_E_STATE, "a CPU without a block is started");
	why = give_block();
	if (!why)
		why = bad_starts(SECOND);
	return why ? why : with_second(SPIN, is_started);
}

/* Up and down again, with another stack and argument each time; what came while it was down is gone. */
const char *test_CPU_STOP(void)
{
	uint32_t before = ipi_events[VMI_EVENT_RESCHEDULE];
	const char *why = NULL;

	for (uint64_t i = 0; i < 20 && !why && there_is_one(); i++) {
		why = second_up(SPIN_IRQ_ON, ARG + i);
		if (!why)
			why = second_down();
		CALL(SEND_EVENT, int, const uint64_t *, uint32_t, uint32_t)(SET(SECOND), 2, VMI_EVENT_RESCHEDULE);
	}
	EXPECT(why || ipi_events[VMI_EVENT_RESCHEDULE] == before, "an event outlives the stop");
	return why;
}

static const char *is_up(void)
{
	EXPECT(state(SECOND) == VMI_CPU_UP, "a CPU that runs is down");
	return NULL;
}

const char *test_CPU_STATE(void)
{
	uint32_t cpu;

	EXPECT(state(0) == VMI_CPU_UP, "this CPU is down");
	for (cpu = 0; state(cpu) >= 0; cpu++)
		EXPECT(cpu < 4096, "the list of CPUs does not end");
	EXPECT(state(cpu) == VMI_E_INVAL && state(cpu + 1) == VMI_E_INVAL, "numbers are not dense");
	EXPECT(state(~0u) == VMI_E_INVAL, "the last number is a CPU");
	return with_second(SPIN, is_up);
}

static int send(uint64_t *set, uint32_t event)
{
	return CALL(SEND_EVENT, int, const uint64_t *, uint32_t, uint32_t)(set, 64, event);
}

static const char *send_to_self(uint32_t event)
{
	uint32_t got;

	EXPECT(!send(SET(0), event), "it fails");
	got = CALL(EVENT_NEXT, uint32_t, void)();
	while (got != event && got != VMI_EVENT_NONE)
		got = CALL(EVENT_NEXT, uint32_t, void)();
	EXPECT(got == event, "what one sends oneself is not there");
	return NULL;
}

static const char *send_to_second(void)
{
	static const uint32_t events[] = { VMI_EVENT_RESCHEDULE, VMI_EVENT_CALL, VMI_EVENT_WORK, VMI_EVENT_NMI };

	for (int i = 0; i < 4; i++) {
		uint32_t event = events[i], before = ipi_events[event];

		EXPECT(!send(SET(SECOND), event), "it fails");
		EXPECT(SOON(ipi_events[event] != before), "the other CPU never gets it");
		EXPECT(ipi_events[event] == before + 1, "it comes twice");
	}
	return NULL;
}

const char *test_SEND_EVENT(void)
{
	static uint64_t none[2];
	uint32_t before = ipi_events[VMI_EVENT_NMI];
	const char *why;

	EXPECT(send(none, VMI_EVENT_TIMER) == VMI_E_INVAL, "a timer is sent");
	EXPECT(send(none, VMI_EVENT_NONE) == VMI_E_INVAL && send(none, 99) == VMI_E_INVAL, "what is no event is sent");
	EXPECT(CALL(SEND_EVENT, int, const uint64_t *, uint32_t, uint32_t)(none, ~0u, VMI_EVENT_CALL) == VMI_E_INVAL,
	       "so many CPUs are no error");
	EXPECT(!send(none, VMI_EVENT_CALL), "an empty set is an error");
	EXPECT(!send(&(uint64_t){ ~3ul }, VMI_EVENT_CALL), "CPUs that are down are an error");
	EXPECT(!send(SET(0), VMI_EVENT_NMI) && SOON(ipi_events[VMI_EVENT_NMI] == before + 1), "no NMI to oneself");
	why = send_to_self(VMI_EVENT_RESCHEDULE);
	why = why ? why : send_to_self(VMI_EVENT_CALL);
	why = why ? why : send_to_self(VMI_EVENT_WORK);
	return why ? why : with_second(SPIN_IRQ_ON, send_to_second);
}

/* It waits rather than to look all the time, and one kick ends it. */
static const char *second_waits(void)
{
	uint64_t seen;

	EXPECT(SOON(rounds), "it does not come to wait");
	wait_ms(20);
	EXPECT(rounds < 1000, "it returns all the time");
	seen = rounds;
	CALL(LOCK_KICK, void, uint32_t)(SECOND);
	EXPECT(SOON(rounds != seen), "a kick does not wake it");
	lock = 0;
	CALL(LOCK_KICK, void, uint32_t)(SECOND);
	return NULL;
}

const char *test_LOCK_WAIT(void)
{
	uint32_t before = timer_events;

	lock = 0;
	CALL(LOCK_WAIT, void, const volatile uint8_t *, uint8_t)(&lock, 1);
	/* an interrupt ends it where interrupts are on */
	lock = 1;
	irq_on();
	for (int i = 0; i < 3; i++) {
		arm_timer(2000);
		while (timer_events == before)
			CALL(LOCK_WAIT, void, const volatile uint8_t *, uint8_t)(&lock, 1);
		before = timer_events;
	}
	irq_off();
	rounds = 0;
	return with_second(LOCK, second_waits);
}

const char *test_LOCK_KICK(void)
{
	lock = 1;
	for (int i = 0; i < 100; i++) {
		CALL(LOCK_KICK, void, uint32_t)(0);
		CALL(LOCK_WAIT, void, const volatile uint8_t *, uint8_t)(&lock, 1);
	}
	lock = 0;
	CALL(LOCK_KICK, void, uint32_t)(SECOND);	/* that is down, or nowhere */
	CALL(LOCK_KICK, void, uint32_t)(9999);
	return NULL;
}

static const char *second_is_seen(void)
{
	for (int i = 0; i < 1000; i++)
		EXPECT(CALL(PREEMPTED, uint32_t, uint32_t)(SECOND) < 2, "neither yes nor no");
	return NULL;
}

const char *test_PREEMPTED(void)
{
	EXPECT(!CALL(PREEMPTED, uint32_t, uint32_t)(0), "who asks is preempted");
	EXPECT(!CALL(PREEMPTED, uint32_t, uint32_t)(63) && !CALL(PREEMPTED, uint32_t, uint32_t)(~0u),
	       "a CPU that is not there is preempted");
	return with_second(SPIN, second_is_seen);
}

static const char *stolen_goes_on(void)
{
	uint64_t last[2] = { 0 };

	for (int i = 0; i < 2000; i++) {
		uint64_t now = CALL(STOLEN_TIME, uint64_t, uint32_t)(i & 1);

		EXPECT(now >= last[i & 1], "it goes back");
		EXPECT(now < clock_now(), "more is stolen than there was");
		last[i & 1] = now;
	}
	return NULL;
}

const char *test_STOLEN_TIME(void)
{
	const char *why = stolen_goes_on();

	EXPECT(!CALL(STOLEN_TIME, uint64_t, uint32_t)(~0u), "time is stolen from a CPU that is not there");
	return why ? why : with_second(SPIN, stolen_goes_on);
}
