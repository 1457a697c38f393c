// SPDX-License-Identifier: MIT
/* Memory that goes and comes as the administrator wants, and translations that another vCPU has to forget. */
#include "work.h"

#define PAGE		4096ul
#define KEPT		(3ul << 20)		/* this guest itself lies below */
#define LIST		100u
#define SECOND		1
#define ROUNDS		300
#define SLOT		0x40000000ul		/* linear, in the lower half; nothing else is there */

static uint64_t frames[LIST];
static volatile uint32_t controls;

static uint64_t memory_of(void)
{
	uint32_t a = VMIHV_LEAF_MEMORY, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a" (a), "=b" (b), "+c" (c), "=d" (d));
	return a * PAGE;
}

uint32_t control_count(void) { return controls; }
void memory_event(uint32_t event) { controls += event == VMI_EVENT_CONTROL; }

static int32_t release(const uint64_t *list, uint32_t count)
{
	return CALL(RELEASE_FRAMES, int32_t, const uint64_t *, uint32_t)(list, count);
}

static int32_t take(const uint64_t *list, uint32_t count)
{
	return CALL(TAKE_FRAMES, int32_t, const uint64_t *, uint32_t)(list, count);
}

static volatile uint64_t *direct(uint64_t pa) { return (volatile uint64_t *)(DIRECT_MAP + pa); }

/* Downwards from `from', as long as the host takes all. */
static uint64_t shrink(uint64_t from, uint64_t to)
{
	while (from > to) {
		uint32_t n = 0;

		for (; n < LIST && from - (n + 1) * PAGE >= to; n++) {
			frames[n] = from - (n + 1) * PAGE;
			*direct(frames[n]) = frames[n];
		}
		if (release(frames, n) != (int32_t)n)
			leave("the host does not take memory");
		from -= n * PAGE;
	}
	return from;
}

/* What comes is clear. */
static uint64_t grow(uint64_t from, uint64_t to)
{
	for (; from < to; from += PAGE) {
		if (*direct(from))
			leave("a page that is not there has content");
		if (take(&from, 1) != 1)
			break;
		if (*direct(from))
			leave("a page that came is not clear");
	}
	return from;
}

static uint64_t change(uint64_t has, uint64_t wished)
{
	wished = wished < KEPT ? KEPT : wished;
	has = wished < has ? shrink(has, wished) : grow(has, wished);
	say_number("has KiB ", has / 1024);
	return has;
}

/* Until it is to shut down. Then it asks for more than it may have. */
void balloon(void)
{
	struct vmi_wish wish = { VMI_MAGIC_WISH, VMI_STRUCT_VERSION, sizeof(wish) };
	uint64_t has = memory_of(), top = has;
	uint32_t kind = VMI_WISH_NONE;

	print("listens\n");
	while (kind != VMI_WISH_SHUTDOWN) {
		uint32_t before = controls;

		while ((kind = CALL(CONTROL_NEXT, uint32_t, struct vmi_wish *)(&wish)) == VMI_WISH_MEMORY)
			has = change(has, wish.value);
		while (kind == VMI_WISH_NONE && controls == before) {
			CALL(SAFE_HALT, void, void)();
			CALL(IRQ_DISABLE, void, void)();
		}
	}
	say_number("shuts down for reason ", wish.value);
	say_number("ends with KiB ", grow(has, top) / 1024);
}

static uint64_t level1[512] __attribute__((aligned(4096))), level2_own[512] __attribute__((aligned(4096)));
static uint64_t pages[2][512] __attribute__((aligned(4096)));
static volatile uint64_t seen, rounds;

static void look(uint64_t unused)
{
	(void)unused;
	for (;; rounds++)
		seen = *(volatile uint64_t *)SLOT;
}

static void map_slot(void)
{
	uint64_t *level3 = (uint64_t *)direct(root[0] & ~0xffful);

	level1[0] = PA(pages[0]) | 3;
	level2_own[0] = PA(level1) | 3;
	level3[SLOT >> 30] = PA(level2_own) | 3;
	pages[0][0] = 1000;
	pages[1][0] = 1001;
}

/* A mark in each 2 MiB, beyond what the guest's own tables map; none is another one's place. */
void large(void)
{
	uint64_t *level3 = (uint64_t *)direct(root[0] & ~0xffful), marks = 0, wrong = 0;

	for (int pass = 0; pass < 2; pass++)
		for (uint64_t gib = 0; gib < memory_of(); gib += 1ul << 30) {
			for (uint64_t i = 0; i < 512; i++)
				level2_own[i] = gib + i * 0x200000 < memory_of() ? (gib + i * 0x200000) | 0x83 : 0;
			level3[SLOT >> 30] = PA(level2_own) | 3;
			CALL(FLUSH_KERNEL, void, void)();
			for (uint64_t i = 0; i < 512 && level2_own[i]; i++) {
				volatile uint64_t *mark = (uint64_t *)(SLOT + i * 0x200000 + 0x1ff000);

				if (pass)
					wrong += *mark != gib + i;
				else
					*mark = gib + i;
				marks += pass;
			}
		}
	say_number("marks ", marks);
	if (wrong)
		leave("two places are one");
}

/* The second vCPU reads without end what the first maps now here, now there. */
void flush(void)
{
	static const uint64_t set = 1ul << SECOND;
	int never = cmdline_has("never");
	uint64_t stale = 0;

	map_slot();
	if (second_start(look, 0))
		leave("there is no second vCPU");
	while (!rounds)
		__asm__ volatile("pause");
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		uint64_t before;

		*(volatile uint64_t *)level1 = PA(pages[i % 2]) | 3;
		if (!never && CALL(FLUSH_MULTI, int, const uint64_t *, uint32_t, uint64_t)(&set, 64, SLOT))
			leave("FLUSH_MULTI fails");
		before = rounds;
		while (rounds < before + 2)
			__asm__ volatile("pause");
		stale += seen != 1000 + i % 2;
	}
	say_number("stale ", stale);
}
