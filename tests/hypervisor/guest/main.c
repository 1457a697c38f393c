// SPDX-License-Identifier: MIT
/* One word of the command line says what this guest does. Read next: ../domains.t. */
#include "work.h"

#define TELLING		(sizeof(telling) / sizeof(telling[0]))
#define ROUNDS		10000
#define WORDS		1024

static uint64_t buffer[WORDS] __attribute__((aligned(4096)));
static uint64_t seed = 0x9e3779b97f4a7c15;
static volatile uint32_t timer_events;
static volatile uint64_t faults, nmis;

uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

static uint64_t random(void) { return random_next(&seed); }

void say_number(const char *what, uint64_t value)
{
	char text[24], *p = text + sizeof(text) - 1;

	*p = 0;
	do
		*--p = '0' + value % 10;
	while (value /= 10);
	print(what);
	print(p);
	print("\n");
}

uint64_t cmdline_number(const char *word, uint64_t otherwise)
{
	const char *p = cmdline_find(word);
	uint64_t n = 0;

	if (!p)
		return otherwise;
	while (*p >= '0' && *p <= '9')
		n = n * 10 + *p++ - '0';
	return n;
}

uint64_t now(void)
{
	const volatile struct {
		uint32_t version, pad;
		uint64_t tsc, ns;
		uint32_t mul;
		int8_t shift;
	} *c = CALL(TIME_AREA, void *, uint32_t)(0);
	uint64_t delta = __builtin_ia32_rdtsc() - c->tsc;

	delta = c->shift < 0 ? delta >> -c->shift : delta << c->shift;
	return c->ns + (uint64_t)((unsigned __int128)delta * c->mul >> 32);
}

/* Rounds of a checksum whose every result must be the first's. */
static uint64_t checksum(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < WORDS; i++)
		sum = (sum ^ buffer[i]) * 0x100000001b3;
	return sum;
}

static void work(uint64_t ns)
{
	uint64_t end = now() + ns, rounds = 0, first;

	for (int i = 0; i < WORDS; i++)
		buffer[i] = random();
	first = checksum();
	for (; now() < end; rounds++)
		if (checksum() != first)
			leave("memory or a register has changed under this guest");
	say_number("rounds ", rounds);
	say_number("stolen ms ", CALL(STOLEN_TIME, uint64_t, uint32_t)(0) / 1000000);
}

uint32_t timer_count(void) { return timer_events; }

/* Sleeps and wakes; a sleeper gets the processor soon though others want it all the time. */
static void sleep(void)
{
	for (uint32_t i = 0; i < 20; i++) {
		uint64_t deadline = now() + NS / 100;

		if (CALL(TIMER_SET, int, uint64_t)(deadline))
			leave("TIMER_SET fails");
		while (timer_events == i) {
			CALL(SAFE_HALT, void, void)();
			CALL(IRQ_DISABLE, void, void)();
		}
		if (now() < deadline)
			leave("the timer is early");
	}
	print("slept\n");
}

/* As frames and addresses none of them is this guest's own image: it is others that it is to harm. */
static const uint64_t telling[] = { 0, 1, 2, 3, 4, 6, 16, 32, 255, 0x600, 4096, 0x600000, 0x800000, 0x5610, 0x5611, 0x5612, 0x5613,
	0x5620, 0x5630, 0x5631, 0x5650, 0x5660, 0x5662, 0x5663, 0x5665, 7, 9, 10, 12, 1ul << 32, 1ul << 40, 1ul << 63, ~0ul, ~0ul - 4095 };

static uint64_t any(void)
{
	return random() % 4 ? telling[random() % TELLING] : random();
}

/* Any registers in a hypercall, but for the two that end the domain. */
static void wild_call(void)
{
	uint64_t a = any(), c = any(), d = any(), si = any(), di = any();
	register uint64_t r8 __asm__("r8") = any();
	register uint64_t r9 __asm__("r9") = any();

	if (a == 5 || (uint32_t)c == 0x5640)
		return;
	__asm__ volatile("vmmcall" : "+a" (a), "+c" (c), "+d" (d), "+S" (si), "+D" (di), "+r" (r8), "+r" (r9) :: "memory");
}

static void wild_msr(void)
{
	uint32_t msr = random() % 2 ? random() % 0x2000 : 0xc0000000 + random() % 0x20000, low, high;

	/* what this guest itself stands on */
	if (msr >= 0xc0000080 && msr <= 0xc0000102)
		return;
	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (msr));
	__asm__ volatile("wrmsr" :: "c" (msr), "a" ((uint32_t)any()), "d" ((uint32_t)any()));
}

static void wild_port(void)
{
	uint32_t value = any();

	__asm__ volatile("outl %0, %1" :: "a" (value), "d" ((uint16_t)random()));
	__asm__ volatile("inb %1, %b0" : "+a" (value) : "d" ((uint16_t)random()));
}

/* Most of them fault; guest_trap() goes on behind. */
static void wild_instruction(void)
{
	switch (random() % 8) {
	case 0: __asm__ volatile("mov %%cr8, %%rax" ::: "rax"); break;
	case 1: __asm__ volatile("vmrun" :: "a" (any())); break;
	case 2: __asm__ volatile("vmload" :: "a" (any())); break;
	case 3: __asm__ volatile("clgi"); break;
	case 4: __asm__ volatile("wbinvd"); break;
	case 5: __asm__ volatile("invd"); break;
	case 6: __asm__ volatile("stgi"); break;
	case 7: __asm__ volatile("rdpmc" :: "c" (0) : "rax", "rdx"); break;
	}
}

static void misbehave(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		wild_call();
		wild_msr();
		wild_port();
		wild_instruction();
	}
	say_number("faults ", faults);
	print("still here\n");
	*(volatile uint64_t *)(DIRECT_MAP + 0x3f000000);	/* guest-physical memory that it does not have */
	leave("it reads memory that it does not have");
}

/* Timers that have gone by already and interrupts to itself, as many as there can be, for longer than others work. */
static void storm(void)
{
	static const uint64_t self = 1;

	for (uint64_t end = now() + 2 * NS; now() < end;) {
		CALL(TIMER_SET, int, uint64_t)(1);
		CALL(SEND_EVENT, int, const uint64_t *, uint32_t, uint32_t)(&self, 1, VMI_EVENT_RESCHEDULE);
		CALL(IRQ_ENABLE, void, void)();
		CALL(IRQ_DISABLE, void, void)();
	}
	if (!timer_events)
		leave("no timer has come");
}

static void triple_fault(void)
{
	static const struct { uint16_t limit; uint64_t base; } __attribute__((packed)) none = { 0, 0 };

	__asm__ volatile("lidt %0; ud2" :: "m" (none));
}

/* Interrupts off, never a hypercall; for longer than the others work. */
static void spin(void)
{
	print("spins\n");
	for (uint64_t end = now() + 4 * NS; now() < end;)
		;
	say_number("NMIs ", nmis);
}

void guest_main(void)
{
	if (no_rom)
		leave(no_rom);
	if (cmdline_has("spin"))
		spin();
	else if (cmdline_has("work"))
		work(cmdline_number("seconds=", 1) * NS);
	else if (cmdline_has("sleep"))
		sleep();
	else if (cmdline_has("hostile"))
		misbehave();
	else if (cmdline_has("storm"))
		storm();
	else if (cmdline_has("ring3"))
		ring3();
	else if (cmdline_has("fuzz"))
		fuzz();
	else if (cmdline_has("balloon"))
		balloon();
	else if (cmdline_has("large"))
		large();
	else if (cmdline_has("channel"))
		channel();
	else if (cmdline_has("intrude"))
		intrude();
	else if (cmdline_has("suspend"))
		suspend();
	else if (cmdline_has("flush"))
		flush();
	else if (cmdline_has("garbage"))
		start_garbage();
	else if (cmdline_has("triple"))
		triple_fault();
	leave(NULL);
}

int guest_trap(struct frame *f)
{
	const uint8_t *code = (const uint8_t *)f->rip;

	if (f->nr == VMI_ENTRY_NMI) {
		nmis++;
		return 1;
	}
	faults++;
	if (resume) {
		f->rip = resume;
		f->rsp = resume_rsp;
		return 1;
	}
	f->rip += code[1] == 0x01 ? 3 : 2;	/* SVM's instructions are 0f 01 xx, the others here 0f xx */
	return f->nr == VMI_ENTRY_UD || f->nr == 13;
}

void guest_event(uint32_t event)
{
	timer_events += event == VMI_EVENT_TIMER;
	memory_event(event);
}
