// SPDX-License-Identifier: MIT
/* Uses of frames: taken and given back entry by entry. At most four levels call each other. Read next: pv.c. */
#include "pv/pages.h"
#include "memory/frames.h"
#include "memory/memory.h"
#include "memory/paging.h"

#define ENTRIES		512u
#define PAGES_ORDER	1
#define PTE_AD		0x60ul
/* What a guest may say of caches and of all address spaces is not for it to say. */
#define DROPPED		(PTE_UNCACHED | PTE_GLOBAL)

_Static_assert(sizeof(struct pages) <= PAGE_SIZE << PAGES_ORDER, "they fit");

static int take(struct pages *p, u64 frame, u32 use);
static void give(struct pages *p, u64 frame, u32 use);

static struct page_record *record_of(const struct pages *p, u64 frame)
{
	return &p->records[frame / ENTRIES][frame % ENTRIES];
}

static u64 *table_at(const struct pages *p, u64 frame)
{
	return at_pa(p->memory->map[frame / ENTRIES] + frame % ENTRIES * PAGE_SIZE);
}

static bool is_inside(const struct pages *p, u64 gpa) { return gpa < guest_memory_bytes(p->memory); }
static bool is_table(u32 use) { return use >= 1 && use <= ROOT_LEVEL; }
static bool is_hosts(u32 level, u32 i) { return level == ROOT_LEVEL && i - HOST_SLOT < HOST_SLOTS; }

u64 pages_frame_of(const struct pages *p, u64 pa)
{
	u32 chunk;

	if (!frames_tagged(pa, ORDER_2M, p->memory->owner, &chunk))
		return ~0ul;
	return (u64)chunk * ENTRIES + (pa >> PAGE_SHIFT) % ENTRIES;
}

/* An entry that is present: what it refers to gets one more reference. *e becomes what may stand there. */
static int take_entry(struct pages *p, u64 *e, u32 level)
{
	u64 frame;

	if (!(*e & PTE_PRESENT))
		return 0;
	frame = pages_frame_of(p, *e & PTE_FRAME);
	if (frame == ~0ul || *e & PTE_LARGE)
		return -1;
	*e = (*e & ~DROPPED) | PTE_USER;
	if (level > 1)
		return take(p, frame, level - 1);
	return *e & PTE_WRITE ? take(p, frame, USE_WRITABLE) : 0;
}

static void give_entry(struct pages *p, u64 e, u32 level)
{
	if (!(e & PTE_PRESENT))
		return;
	if (level > 1)
		give(p, pages_frame_of(p, e & PTE_FRAME), level - 1);
	else if (e & PTE_WRITE)
		give(p, pages_frame_of(p, e & PTE_FRAME), USE_WRITABLE);
}

static void give_entries(struct pages *p, const u64 *table, u32 level, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (!is_hosts(level, i))
			give_entry(p, table[i], level);
}

static void set_host_entries(u64 *root, const u64 *from)
{
	for (u32 i = HOST_SLOT; i < HOST_SLOT + HOST_SLOTS; i++)
		root[i] = from ? from[i] : 0;
}

static int check_table(struct pages *p, u64 *table, u32 level)
{
	if (!p->budget)
		return -1;
	p->budget--;
	for (u32 i = 0; i < ENTRIES; i++) {
		u64 e = table[i];

		if (is_hosts(level, i))
			continue;
		if (take_entry(p, &e, level)) {
			give_entries(p, table, level, i);
			return -1;
		}
		if (e != table[i])
			table[i] = e;
	}
	if (level == ROOT_LEVEL)
		set_host_entries(table, p->host_root);
	return 0;
}

static void forget(struct pages *p)
{
	if (p->stale)
		p->forget(p);
	p->stale = false;
}

/* A new use begins when no processor remembers the old one; only then do entries stand still. */
static int take(struct pages *p, u64 frame, u32 use)
{
	struct page_record *r = record_of(p, frame);

	if (r->count && (r->use != use || r->count == MOST_USES))
		return -1;
	if (r->count++)
		return 0;
	if (r->use != use)
		forget(p);
	r->use = use;
	if (!is_table(use) || !check_table(p, table_at(p, frame), use))
		return 0;
	r->count = 0;
	return -1;
}

static void give(struct pages *p, u64 frame, u32 use)
{
	struct page_record *r = record_of(p, frame);
	u64 *table = table_at(p, frame);

	if (!r->count || r->use != use)
		panic("frame %lx of owner %u is given back as %u, and is %u, %u times", frame, p->memory->owner, use,
		      r->use, r->count);
	if (--r->count)
		return;
	p->stale = true;		/* of those that were there before too */
	if (!is_table(use))
		return;
	give_entries(p, table, use, ENTRIES);
	if (use == ROOT_LEVEL)
		set_host_entries(table, NULL);
}

int pages_pin(struct pages *p, u64 gpa, u32 level)
{
	if (gpa % PAGE_SIZE || !is_inside(p, gpa) || level < 1 || level > ROOT_LEVEL ||
	    record_of(p, gpa >> PAGE_SHIFT)->pinned || take(p, gpa >> PAGE_SHIFT, level))
		return -1;
	record_of(p, gpa >> PAGE_SHIFT)->pinned = true;
	return 0;
}

int pages_unpin(struct pages *p, u64 gpa)
{
	struct page_record *r;

	if (gpa % PAGE_SIZE || !is_inside(p, gpa))
		return -1;
	r = record_of(p, gpa >> PAGE_SHIFT);
	if (!r->pinned)
		return -1;
	r->pinned = false;
	give(p, gpa >> PAGE_SHIFT, r->use);
	return 0;
}

int pages_get_root(struct pages *p, u64 gpa)
{
	return gpa % PAGE_SIZE || !is_inside(p, gpa) ? -1 : take(p, gpa >> PAGE_SHIFT, ROOT_LEVEL);
}

void pages_put_root(struct pages *p, u64 gpa)
{
	give(p, gpa >> PAGE_SHIFT, ROOT_LEVEL);
}

/* Other processors set accessed and dirty meanwhile, and nothing else. */
static u64 exchange(u64 *e, u64 value, enum page_write how)
{
	u64 old = *(volatile u64 *)e, new;

	do
		new = how == WRITE_KEEP ? value | (old & PTE_AD) : value;
	while (!__atomic_compare_exchange_n(e, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return old;
}

/* What it refers to stays the same, and how. */
static bool is_alike(u64 a, u64 b)
{
	return a & PTE_PRESENT && !((a ^ b) & (PTE_FRAME | PTE_PRESENT | PTE_WRITE)) && !(b & PTE_LARGE);
}

static int replace(struct pages *p, u64 *e, u64 value, u32 level, enum page_write how, u64 *old)
{
	if (is_alike(*e, value)) {
		*old = exchange(e, (value & ~DROPPED) | PTE_USER, how);
		return 0;
	}
	if (take_entry(p, &value, level))
		return -1;
	*old = exchange(e, value, how);
	give_entry(p, *old, level);
	return 0;
}

/* Less than was there needs no check, but a writable entry's reference is gone with either bit. */
static int clear_bits(struct pages *p, u64 *e, u64 bits, u32 level, u64 *old)
{
	if (bits & PTE_FRAME || level != 1)
		return -1;
	*old = __atomic_fetch_and(e, ~bits | PTE_USER, __ATOMIC_SEQ_CST);
	if (*old & PTE_PRESENT && bits & (PTE_PRESENT | PTE_WRITE))
		give_entry(p, *old, level);
	return 0;
}

int pages_update(struct pages *p, u64 entry, u64 value, enum page_write how, u64 *old)
{
	const struct page_record *r;
	u32 i = entry % PAGE_SIZE / 8;
	u64 *e;

	if (entry % 8 || !is_inside(p, entry))
		return -1;
	r = record_of(p, entry >> PAGE_SHIFT);
	if (!r->count || !is_table(r->use) || is_hosts(r->use, i))
		return -1;
	e = table_at(p, entry >> PAGE_SHIFT) + i;
	if (how == WRITE_CLEAR)
		return clear_bits(p, e, value, r->use, old);
	return replace(p, e, how == WRITE_TAKE ? 0 : value, r->use, how, old);
}

/* What was a table is still one to a processor that remembers it. */
bool pages_is_plain(struct pages *p, u64 gpa)
{
	const struct page_record *r = record_of(p, gpa >> PAGE_SHIFT);

	if (!is_table(r->use))
		return true;
	forget(p);
	return !r->count;
}

bool pages_keep_plain(struct pages *p, u64 gpa)
{
	return !take(p, gpa >> PAGE_SHIFT, USE_WRITABLE);
}

int pages_create(struct guest_memory *m, const u64 *host_root, struct why *why)
{
	u64 at = m->chunks <= PAGES_CHUNKS ? frames_take(PAGES_ORDER, m->owner) : NO_FRAME;
	struct pages *p;

	if (m->chunks > PAGES_CHUNKS)
		return refuse(why, "without a container it may have %lu MiB at most", PAGES_CHUNKS * CHUNK_BYTES / MIB);
	if (at == NO_FRAME)
		return refuse(why, "there is no memory for the records of its pages");
	p = at_pa(at);
	memset(p, 0, PAGE_SIZE << PAGES_ORDER);
	p->memory = m;
	p->host_root = host_root;
	m->pages = p;
	for (; p->frames < m->chunks; p->frames++) {
		u64 pa = frames_take_table(m->owner);

		if (pa == NO_FRAME)
			return refuse(why, "there is no memory for the records of its pages");
		p->records[p->frames] = at_pa(pa);
		frames_tag(m->map[p->frames], p->frames);
	}
	return 0;
}

void pages_destroy(struct guest_memory *m)
{
	struct pages *p = m->pages;

	if (!p)
		return;
	while (p->frames)
		frames_give(pa_of(p->records[--p->frames]), 0, m->owner);
	frames_give(pa_of(p), PAGES_ORDER, m->owner);
	m->pages = NULL;
}
