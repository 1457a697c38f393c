// SPDX-License-Identifier: MIT
/*
 * Every hypercall of the ABI that this domain has, with arguments that are right,
 * nearly right, or anything: as many as `calls=N' says, the same ones for the same
 * `seed=N'. The second vCPU, where there is one, does likewise. What a call answers
 * must be one of the ABI's answers, and no other register may change. Interrupts
 * stay off, so that events are pending and never taken. Read next: ../fuzz.t.
 */
#include "work.h"
#include <vmihv/found.h>
#include <vmihv/v1.h>
#include <vmihv/v2.h>

#define PLACES		8		/* pages that vmihv may write to; one more is behind them */
#define ARGUMENTS	3
#define SECOND		1
#define SET(cpu)	(1ul << (cpu))
#define GOOD_VECTOR	40

/** What an argument is, when it is nearly right. */
enum kind { ANY, PLACE, OFFSET, STATE, VECTOR, CPU, EVENT, FLAG, NO_END, ONE, LIST, INDEX, DOMAIN, TICKET };

static const struct row {
	uint32_t number;
	uint8_t kinds[ARGUMENTS];
} rows_v1[] = {
	{ VMIHV_V1_PAGE, { PLACE, VECTOR, CPU } }, { VMIHV_V1_WRITE, { ANY, ANY, OFFSET } }, { VMIHV_V1_READ },
	{ VMIHV_V1_TIMER }, { VMIHV_V1_SHUTDOWN, { NO_END } }, { VMIHV_V1_YIELD },
	{ VMIHV_V1_START, { CPU, STATE } }, { VMIHV_V1_STOP }, { VMIHV_V1_STATE, { CPU } },
	{ VMIHV_V1_SEND, { ANY, EVENT } }, { VMIHV_V1_WAIT }, { VMIHV_V1_KICK },
	{ VMIHV_V1_RELEASE, { PLACE, ONE } }, { VMIHV_V1_TAKE, { PLACE, ONE } }, { VMIHV_V1_WISH },
	{ VMIHV_V1_OFFER, { PLACE, DOMAIN } }, { VMIHV_V1_WITHDRAW, { CPU } }, { VMIHV_V1_ACCEPT, { DOMAIN, CPU, PLACE } },
	{ VMIHV_V1_SUSPEND }, { VMIHV_V1_RETURN, { PLACE } }, { VMIHV_V1_RING, { DOMAIN } },
}, rows_v2[] = {
	{ VMIHV_V2_EVENTS, { PLACE, VECTOR, CPU } }, { VMIHV_V2_CLOCK, { PLACE, CPU } }, { VMIHV_V2_UNSHARE, { CPU } },
	{ VMIHV_V2_WALL }, { VMIHV_V2_ALARM, { ANY, FLAG } }, { VMIHV_V2_CONSOLE_OUT, { PLACE, OFFSET, OFFSET } },
	{ VMIHV_V2_CONSOLE_IN, { PLACE, OFFSET, OFFSET } }, { VMIHV_V2_END, { NO_END } }, { VMIHV_V2_YIELD },
	{ VMIHV_V2_UP, { CPU, STATE, OFFSET } }, { VMIHV_V2_DOWN }, { VMIHV_V2_IS_UP, { CPU } },
	{ VMIHV_V2_POST, { EVENT } }, { VMIHV_V2_SLEEP }, { VMIHV_V2_ROUSE },
	{ VMIHV_V2_FLUSH, { ANY, FLAG } }, { VMIHV_V2_POPULATE, { LIST, INDEX, INDEX } }, { VMIHV_V2_BALLOON, { LIST, INDEX, INDEX } },
	{ VMIHV_V2_LEND, { PLACE, DOMAIN } }, { VMIHV_V2_RECALL, { TICKET } }, { VMIHV_V2_BORROW, { PLACE, TICKET } },
	{ VMIHV_V2_SAVE }, { VMIHV_V2_HAND_BACK, { PLACE } }, { VMIHV_V2_CALL, { DOMAIN } },
};

/** An ABI, as far as this file must know what its calls do. */
static const struct abi {
	const struct row *rows;
	uint32_t row_count, wait, stop, kick, start, timer, page;
	uint64_t timer_soon[ARGUMENTS];
} abis[] = {
	{ rows_v1, sizeof(rows_v1) / sizeof(rows_v1[0]), VMIHV_V1_WAIT, VMIHV_V1_STOP, VMIHV_V1_KICK, VMIHV_V1_START,
	  VMIHV_V1_TIMER, VMIHV_V1_PAGE, { 1 } },
	{ rows_v2, sizeof(rows_v2) / sizeof(rows_v2[0]), VMIHV_V2_SLEEP, VMIHV_V2_DOWN, VMIHV_V2_ROUSE, VMIHV_V2_UP,
	  VMIHV_V2_ALARM, VMIHV_V2_EVENTS, { 1, 1 } },
};

/** A vCPU's run. */
struct run {
	uint32_t cpu;
	uint64_t random, calls, refused, hash;
};

static uint8_t places[PLACES + 1][4096] __attribute__((aligned(4096)));
static uint8_t state_page[2 * 4096] __attribute__((aligned(4096)));	/* all ones: no state to start from */
static uint64_t list[2 * 512] __attribute__((aligned(4096)));	/* of frames that may go and come, and a few that are none */
static const struct abi *abi;
static uint32_t version;
static volatile int over;

static uint64_t any(struct run *r) { return random_next(&r->random); }
static uint64_t below(struct run *r, uint64_t n) { return any(r) % n; }

/* Not this guest's: it is others that it is to harm. Half of them as addresses, half as frames. */
static uint64_t outside(struct run *r)
{
	static const uint64_t far[] = { 0x800000, 0x801000, 0x40000000, 1ul << 32, 1ul << 40, 1ul << 51, 1ul << 52, 1ul << 63,
		~0ul, ~0ul - 4095, 0xffff800000000000, 0xffff878000100000, 0xfee00000 };
	uint64_t address = below(r, 4) ? far[below(r, sizeof(far) / sizeof(far[0]))] : any(r) | 1ul << 40;

	return version == 2 && below(r, 2) ? address >> 12 | 1ul << 30 : address;
}

static uint64_t frame_or_address(const void *p) { return version == 2 ? PA(p) >> 12 : PA(p); }

static uint64_t place(struct run *r)
{
	uint64_t at = frame_or_address(places[below(r, PLACES)]);

	return below(r, 4) ? at : version == 1 && below(r, 2) ? at + below(r, 4096) : outside(r);
}

/* The second vCPU must not begin anywhere: what is read as its state is refused, or its own. */
static uint64_t state(struct run *r)
{
	return below(r, 2) ? frame_or_address(state_page) : outside(r);
}

static uint64_t event(struct run *r)
{
	static const uint64_t some[] = { VMIHV_V1_EVENT_RESCHEDULE, VMIHV_V1_EVENT_CALL, VMIHV_V1_EVENT_WORK, VMIHV_V1_NMI,
		VMIHV_V2_EVENT_WAKE, VMIHV_V2_EVENT_ASK, VMIHV_V2_EVENT_LATER, VMIHV_V2_NMI };

	return below(r, 8) ? some[below(r, sizeof(some) / sizeof(some[0]))] : any(r);
}

static uint64_t number(struct run *r)
{
	static const uint64_t some[] = { 0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 63, 64, 255, 256, 4095, 4096, ~0ul, 1ul << 63 };

	return below(r, 2) ? some[below(r, sizeof(some) / sizeof(some[0]))] : any(r) >> below(r, 64);
}

static uint64_t argument(struct run *r, enum kind kind)
{
	switch (kind) {
	case ANY: return number(r);
	case PLACE: return place(r);
	case OFFSET: return below(r, 4) ? below(r, 300) : number(r);
	case STATE: return state(r);
	case VECTOR: return below(r, 4) ? 32 + below(r, 224) : number(r);
	case CPU: return below(r, 4) ? below(r, 2) : number(r);
	case EVENT: return event(r);
	case FLAG: return below(r, 3);
	case NO_END: return any(r) | 1ul << 40;
	case ONE: return below(r, 4) ? 1 : below(r, 2) ? 0 : any(r) | 64;	/* behind its place are others' */
	case DOMAIN: return below(r, 8) ? 1 + below(r, 4) : number(r);
	case TICKET: return below(r, 8) ? (1 + below(r, 4)) << 8 | below(r, 17) : number(r);
	case LIST: return below(r, 8) ? frame_or_address(list) : outside(r);
	case INDEX: return below(r, 16) ? below(r, 9) * 8 : number(r);
	}
	return 0;
}

/** Registers in the order in which the hypercall finds them. */
struct registers { uint64_t rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11; };

static void vmmcall(struct registers *g)
{
	register uint64_t r8 __asm__("r8") = g->r8;
	register uint64_t r9 __asm__("r9") = g->r9;
	register uint64_t r10 __asm__("r10") = g->r10;
	register uint64_t r11 __asm__("r11") = g->r11;

	__asm__ volatile("vmmcall" : "+a" (g->rax), "+c" (g->rcx), "+d" (g->rdx), "+S" (g->rsi), "+D" (g->rdi),
			 "+r" (r8), "+r" (r9), "+r" (r10), "+r" (r11) :: "memory");
	g->r8 = r8;
	g->r9 = r9;
	g->r10 = r10;
	g->r11 = r11;
}

/* 1: what it says is an error. */
static int check(const struct registers *before, const struct registers *after)
{
	uint64_t status = after->rax;
	int failed = version == 1 ? (int64_t)status < 0 : !!status;

	if (version == 1 && (int64_t)status < VMIHV_V1_EREFUSED)
		leave("an error that version 1 does not have");
	if (version == 2 && status && (status < VMIHV_V2_UNKNOWN || status > VMIHV_V2_BAD_VALUE))
		leave("a status that version 2 does not have");
	if (before->rcx != after->rcx || before->rsi != after->rsi || before->rdi != after->rdi || before->r8 != after->r8 ||
	    before->r9 != after->r9 || before->r10 != after->r10 || before->r11 != after->r11 ||
	    (before->rdx != after->rdx && (version == 1 || failed)))
		leave("a hypercall changes a register that is not its own");
	return failed;
}

static int make_call(struct run *r, uint32_t number, const uint64_t args[ARGUMENTS])
{
	struct registers g = { any(r), any(r), any(r), any(r), any(r), any(r), any(r), any(r), any(r) }, before;

	if (version == 1) {
		g.rax = number;
		g.rdi = args[0], g.rsi = args[1], g.rdx = args[2];
	} else {
		g.rcx = number | (any(r) & ~0xfffffffful);
		g.rdx = args[0], g.r8 = args[1], g.r9 = args[2];
	}
	before = g;
	vmmcall(&g);
	return check(&before, &g);
}

/*
 * Who is about to sleep is kicked before. The second may rely on a timer, which needs a page: when the first takes that
 * away again, it is woken by one of the first's kicks.
 */
static void arrange_wakeup(struct run *r)
{
	uint64_t page[ARGUMENTS] = { frame_or_address(places[r->cpu]), GOOD_VECTOR, r->cpu }, set[ARGUMENTS] = { SET(r->cpu) };

	if (r->cpu != SECOND || below(r, 2)) {
		make_call(r, abi->kick, set);
		return;
	}
	make_call(r, abi->page, page);
	make_call(r, abi->timer, abi->timer_soon);
}

/* Any number that is a call's is one that we know of. */
static int is_known(uint32_t number)
{
	for (uint32_t i = 0; i < abi->row_count; i++)
		if (abi->rows[i].number == number)
			return 1;
	return 0;
}

static void one_call(struct run *r)
{
	const struct row *row = &abi->rows[below(r, abi->row_count)], none = { any(r), { ANY, ANY, ANY } };
	uint64_t args[ARGUMENTS];

	if (!below(r, 16) && !is_known(none.number))
		row = &none;
	for (int i = 0; i < ARGUMENTS; i++)
		args[i] = argument(r, row->kinds[i]);
	r->hash = ((r->hash * 31 + row->number) * 31 + args[0]) * 31 + args[1];
	if (row->number == abi->wait)
		arrange_wakeup(r);
	if (row->number == abi->stop && r->cpu != SECOND)
		return;
	r->calls++;
	r->refused += make_call(r, row->number, args);
}

static void second_calls(uint64_t seed)
{
	static struct run run;

	run.cpu = SECOND;
	run.random ^= seed;			/* it goes on where it was stopped */
	while (!over)
		one_call(&run);
	for (;;)
		CALL(CPU_STOP, void, void)();
}

static void find_abi(void)
{
	uint32_t a = VMIHV_LEAF_FACTS, b, c, d;

	__asm__ volatile("cpuid" : "+a" (a), "=b" (b), "=c" (c), "=d" (d));
	version = a;
	abi = &abis[version - 1];
	for (uint32_t i = 0; i < sizeof(state_page); i++)
		state_page[i] = 0xff;
	for (uint32_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		list[i] = i % 32 == 31 ? ~0ul - i : frame_or_address(places[i * 5 % PLACES]);
}

void fuzz(void)
{
	uint64_t seed = cmdline_number("seed=", 1), calls = cmdline_number("calls=", 1000), restarts = 0;
	uint64_t second_seed = ~seed;
	struct run run = { .random = seed * 0x9e3779b97f4a7c15 | 1 };
	int second;

	find_abi();
	say_number("fuzz seed ", seed);
	second = !second_init();
	while (run.calls < calls) {
		if (second && CALL(CPU_STATE, int, uint32_t)(SECOND) == VMI_CPU_DOWN)
			restarts += !second_start(second_calls, second_seed += 2);
		one_call(&run);
	}
	over = 1;
	print("\n");				/* behind whatever the calls have printed */
	say_number("fuzz calls ", run.calls);
	say_number("fuzz refused ", run.refused);
	say_number("fuzz restarts ", restarts);
	say_number("fuzz hash ", run.hash);
}

/* With `mode' 64-bit mode, and perhaps tables; anything else is anything. */
static void make_garbage(struct run *r)
{
	struct vmihv_v1_start *one = (void *)state_page;
	struct vmihv_v2_up *two = (void *)state_page;
	uint64_t cr0 = 0x80010033, cr3 = below(r, 2) ? PA(root) : number(r) & ((1ul << 52) - 1), cr4 = 0xa0, efer = 0x500;

	for (uint32_t i = 0; i < 16; i++)
		((uint64_t *)state_page)[i] = number(r);
	if (!cmdline_has("mode"))
		return;
	if (version == 1)
		one->cr0 = cr0, one->cr3 = cr3, one->cr4 = cr4, one->efer = efer;
	else
		two->cr0 = cr0, two->cr3 = cr3, two->cr4 = cr4, two->efer = efer;
}

/* The second vCPU, in a state that is none or leads nowhere. */
void start_garbage(void)
{
	struct run run = { .random = cmdline_number("seed=", 1) * 0x9e3779b97f4a7c15 | 1 };
	uint64_t args[ARGUMENTS] = { SECOND };

	find_abi();
	if (second_init())
		leave("there is no second vCPU");
	make_garbage(&run);
	args[1] = frame_or_address(state_page);
	print(make_call(&run, abi->start, args) ? "garbage is refused\n" : "garbage runs\n");
	for (uint64_t end = now() + NS / 4; now() < end;)
		;
	print("and the first vCPU goes on\n");
}
