// SPDX-License-Identifier: MIT
/* The administrator's wishes, and memory that goes and comes. */
#include "conform.h"

#define FRAMES	3

static uint64_t lent[FRAMES][512] __attribute__((aligned(4096)));

const char *test_CONTROL_NEXT(void)
{
	struct vmi_wish wish = { .magic = VMI_MAGIC_WISH, .version = VMI_STRUCT_VERSION, .size = sizeof(wish) };
	struct vmi_wish none = { .version = VMI_STRUCT_VERSION, .size = sizeof(wish), .value = 7 };
	uint32_t kind, n = 0;

	EXPECT(CALL(CONTROL_NEXT, uint32_t, struct vmi_wish *)(&none) == VMI_WISH_NONE && none.value == 7,
	       "a structure without magic is taken");
	while ((kind = CALL(CONTROL_NEXT, uint32_t, struct vmi_wish *)(&wish)) != VMI_WISH_NONE) {
		EXPECT(kind <= VMI_WISH_KEY, "a kind of wish that is none");
		EXPECT(wish.magic == VMI_MAGIC_WISH && wish.size == sizeof(wish), "the caller's fields are changed");
		EXPECT(++n < 100, "it does not end");
	}
	return NULL;
}

static int32_t release(const uint64_t *frames, uint32_t count)
{
	return CALL(RELEASE_FRAMES, int32_t, const uint64_t *, uint32_t)(frames, count);
}

static int32_t take(const uint64_t *frames, uint32_t count)
{
	return CALL(TAKE_FRAMES, int32_t, const uint64_t *, uint32_t)(frames, count);
}

static const uint64_t pa[FRAMES] = { PA(lent[0]), PA(lent[1]), PA(lent[2]) };

static volatile uint64_t *direct(uint32_t i) { return (volatile uint64_t *)(DIRECT_MAP + pa[i]); }

/* Nothing has happened when one of several cannot be. */
static const char *refuses(int32_t (*call)(const uint64_t *, uint32_t), uint64_t good)
{
	const uint64_t bad[][2] = { { good, good + 8 }, { good, 1ul << 51 }, { good, ~0ul } };

	for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT(call(bad[i], 2) == VMI_E_INVAL, "a frame that cannot be is taken");
	EXPECT(call(&good, 0) == 0, "nothing is not nothing");
	return NULL;
}

#define CONTENT		0x5ee5a77a00ul

/* In a container the mappings stay, and reach nothing of what was there. */
static const char *contents_gone(void)
{
	for (uint32_t i = 0; i < FRAMES; i++)
		EXPECT(*direct(i) != CONTENT + i && *(volatile uint64_t *)lent[i] != CONTENT + i, "a released frame is still there");
	EXPECT(release(pa, 1) <= 0, "a frame is released twice");
	return NULL;
}

static const char *gone(void)
{
	if (!deprivileged)
		return contents_gone();
	for (uint32_t i = 0; i < FRAMES; i++) {
		EXPECT(!can_read((uint64_t)direct(i)), "a released frame is in the direct map");
		EXPECT(!can_read((uint64_t)lent[i]), "a released frame is in the image");
		EXPECT(!(call_value(VMI_CALL_MAKE_PTE, pa[i] | PTE_KERNEL) & PTE_P), "an entry for it is present");
	}
	EXPECT(release(pa, 1) == VMI_E_INVAL, "a frame is released twice");
	return NULL;
}

static const char *contents_back(void)
{
	for (uint32_t i = 0; i < FRAMES; i++)
		*direct(i) = CONTENT + i;
	for (uint32_t i = 0; i < FRAMES; i++)
		EXPECT(*(volatile uint64_t *)lent[i] == CONTENT + i, "two frames are one, or none");
	return NULL;
}

static const char *back(void)
{
	if (!deprivileged)
		return contents_back();
	for (uint32_t i = 0; i < FRAMES; i++) {
		uint64_t entry = call_value(VMI_CALL_MAKE_PTE, pa[i] | PTE_KERNEL);

		EXPECT(can_read((uint64_t)direct(i)), "a frame that is back is not in the direct map");
		*direct(i) = i;
		EXPECT(call_value(VMI_CALL_PTE_VAL, entry) == (pa[i] | PTE_KERNEL), "there and back is another entry");
		set_entry(VMI_CALL_SET_PTE, entry_at((uint64_t)lent[i], 1), pa[i] | PTE_KERNEL);
		CALL(FLUSH_ONE, void, uint64_t)((uint64_t)lent[i]);
		EXPECT(*(volatile uint64_t *)lent[i] == i, "two frames are one");
	}
	EXPECT(take(pa, 1) == VMI_E_INVAL, "a frame is taken twice");
	return NULL;
}

const char *test_RELEASE_FRAMES(void)
{
	const char *why = refuses(release, pa[0]);

	if (why)
		return why;
	for (uint32_t i = 0; i < FRAMES; i++)
		*direct(i) = CONTENT + i;
	EXPECT(can_read((uint64_t)lent[0]) && *(volatile uint64_t *)lent[0] == CONTENT, "a refused release takes a frame");
	EXPECT(release(pa, FRAMES) == FRAMES, "the host does not take the frames");
	return gone();
}

/* Memory that boot did not give: this host may, or may not now. */
static const char *later(uint64_t frame)
{
	volatile uint64_t *at = (volatile uint64_t *)(DIRECT_MAP + frame);

	EXPECT(!can_read((uint64_t)at), "memory of later is there already");
	EXPECT(!(call_value(VMI_CALL_MAKE_PTE, frame | PTE_KERNEL) & PTE_P), "an entry for it is present");
	if (take(&frame, 1) != 1)
		return NULL;
	*at = 0x3333;
	EXPECT(*at == 0x3333, "memory that came later does not hold what is written");
	EXPECT(release(&frame, 1) == 1 && !can_read((uint64_t)at), "it cannot go again");
	return NULL;
}

static const char *all_later(void)
{
	const char *why = NULL;

	for (uint32_t i = 0; boot && !why && i < boot->range_count; i++) {
		const struct vmi_range *r = &boot->ranges[i];

		if (r->kind != VMI_MEM_LATER)
			continue;
		why = later(r->pa);
		why = why ? why : later(r->pa + r->bytes - PAGE);
	}
	return why;
}

/* After RELEASE_FRAMES, which comes before it. */
const char *test_TAKE_FRAMES(void)
{
	const char *why = refuses(take, pa[0]);

	if (why)
		return why;
	EXPECT(deprivileged ? !can_read((uint64_t)direct(0)) : *direct(0) != CONTENT, "a refused call brings a frame");
	EXPECT(take(pa, FRAMES) == FRAMES, "the host gives no frames");
	why = back();
	return why ? why : all_later();
}
