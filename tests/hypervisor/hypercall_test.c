// SPDX-License-Identifier: MIT
/* Hypercalls of both ABIs: what they do, and any registers at all, 100,000 times each. */
#include "host.h"
#include "domain/features.h"
#include "hypercall/calls.h"
#include "hypercall/hypercall.h"
#include "vmihv/v1.h"
#include "vmihv/v2.h"

#define CALLS	100000		/* environment CALLS: as many; SEED: from there */
#define OWNER	2

static struct domain *d = &domains[0];
static struct vcpu *v = &domains[0].vcpus[0];
static struct vcpu *second = &domains[0].vcpus[1];
static struct domain_config config = { .name = "guest", .vcpus = 2 };
static struct start_state started;

static int start_long(struct vcpu *which, const struct start_state *s)
{
	assert_true(which > domains[0].vcpus - 1 && which < domains[0].vcpus + config.vcpus);
	started = *s;
	return s->efer >> 63 ? -1 : 0;
}

static struct domain *neighbour = &domains[1];
static u32 forgotten, remapped;

static void forget(struct vcpu *which)
{
	assert_true(which == v || which == second || which->domain == neighbour);
	forgotten++;
}

static void remap(struct domain *which, u32 chunk)
{
	assert_true(which == d || which == neighbour);
	assert_true(chunk < which->memory.chunks);
	remapped++;
}

static u32 created, saved, restored;

static int vcpu_create(struct vcpu *which, struct why *none)
{
	(void)which, (void)none;
	created++;
	return 0;
}

static void vcpu_destroy(struct vcpu *which)
{
	(void)which;
	created--;
}

static void save(const struct vcpu *which, struct saved_vcpu *s)
{
	s->regs = which->regs;
	saved++;
}

static void restore(struct vcpu *which, const struct saved_vcpu *s)
{
	which->regs = s->regs;
	restored++;
}

static const struct container box = { .name = "a box", .start_long = start_long, .forget = forget, .remap = remap,
	.vcpu_create = vcpu_create, .vcpu_destroy = vcpu_destroy, .save = save, .restore = restore };
static struct why why;

static void start(u32 abi)
{
	host_start();
	memset(domains, 0, sizeof(domains));
	config.features = feature_set_named("pvh")->features;
	*d = (struct domain){ .alive = true, .number = 1, .features = config.features, .config = &config,
		.abi = abi_of_version(abi), .container = &box };
	v->domain = second->domain = d;
	second->number = 1;
	forgotten = remapped = 0;
	v->state = VCPU_READY;
	assert_int_equal(guest_memory_create(&d->memory, CHUNK_BYTES, OWNER, &why), 0);
	d->frames_limit = d->memory.frames;
}

static s64 v1(u64 nr, u64 a, u64 b, u64 c)
{
	v->regs.rax = nr;
	v->regs.rdi = a;
	v->regs.rsi = b;
	v->regs.rdx = c;
	hypercall(v);
	return v->regs.rax;
}

static u64 v2(u64 nr, u64 a, u64 b, u64 c)
{
	v->regs.rcx = nr;
	v->regs.rdx = a;
	v->regs.r8 = b;
	v->regs.r9 = c;
	hypercall(v);
	return v->regs.rax;
}

static void test_v1(void **state)
{
	struct vmihv_v1_page page;

	(void)state;
	start(1);
	assert_int_equal(v1(77, 0, 0, 0), VMIHV_V1_ENOCALL);
	assert_int_equal(v1(VMIHV_V1_PAGE, CHUNK_BYTES, 32, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_PAGE, 64, 32, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_PAGE, 4096, 31, 0), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1(VMIHV_V1_PAGE, 4096, 32, 0), 0);
	event_send(v, EVENT_TIMER);
	guest_read(&d->memory, &page, 4096, sizeof(page));
	assert_int_equal(page.pending, 1 << VMIHV_V1_EVENT_TIMER);
	assert_int_equal(page.clock.mul, clock_scale.mul);
	assert_int_equal(page.clock.version % 2, 0);
	assert_true(v->raised && host_wakes == 1);
	assert_int_equal(v1(VMIHV_V1_WRITE, 0x0a6968, 0, 3), 3);
	assert_non_null(strstr(host_output, "[guest] hi\n"));
	assert_int_equal(v1(VMIHV_V1_WRITE, 0, 0, 17), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1(VMIHV_V1_READ, 0, 0, 0), VMIHV_V1_EMPTY);
	assert_int_equal(v1(VMIHV_V1_SHUTDOWN, 3, 0, 0), VMIHV_V1_EARGUMENT);
	d->features = 0;
	assert_int_equal(v1(VMIHV_V1_TIMER, 1, 0, 0), VMIHV_V1_EREFUSED);
}

static void test_v2(void **state)
{
	struct vmihv_v2_events events;

	(void)state;
	start(2);
	assert_int_equal(v2(VMIHV_V1_WRITE, 0, 0, 0), VMIHV_V2_UNKNOWN);
	assert_int_equal(v2(VMIHV_V2_EVENTS, 512, 32, 0), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_EVENTS, ~0ul, 32, 0), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_EVENTS, 1ul << 52 | 1, 32, 0), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_EVENTS, 1, 256, 0), VMIHV_V2_BAD_VALUE);
	assert_int_equal(v2(VMIHV_V2_EVENTS, 1, 32, 0), 0);
	event_send(v, EVENT_TIMER);
	guest_read(&d->memory, &events, 4096, sizeof(events));
	assert_int_equal(events.happened[VMIHV_V2_EVENT_ALARM], 1);
	guest_write(&d->memory, 8192, "line\n", 5);
	assert_int_equal(v2(VMIHV_V2_CONSOLE_OUT, 2, 0, 5), 0);
	assert_int_equal(v->regs.rdx, 5);
	assert_int_equal(v2(VMIHV_V2_CONSOLE_OUT, 511, 4095, 2), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_CONSOLE_IN, 600, 0, 8), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_ALARM, 5, 0, 0), VMIHV_V2_BAD_VALUE);
	assert_int_equal(v2(VMIHV_V2_END, 0, 0, 0), VMIHV_V2_BAD_VALUE);
}

/* The second vCPU, through its life. */
static void test_v1_second(void **state)
{
	struct vmihv_v1_start s = { .rip = 1, .rsp = 2, .rdi = 3, .gs_base = 4, .cr0 = 5, .cr3 = 6, .cr4 = 7, .efer = 8,
		.gdt = 9, .idt = 10, .gdt_limit = 11, .idt_limit = 12, .cs = 13, .ss = 14 };
	struct vmihv_v1_page page;

	(void)state;
	start(1);
	guest_write(&d->memory, 8192, &s, sizeof(s));
	assert_int_equal(v1(VMIHV_V1_STATE, 1, 0, 0), 0);
	assert_int_equal(v1(VMIHV_V1_STATE, 2, 0, 0), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1(VMIHV_V1_START, 1, 8192, 0), VMIHV_V1_EARGUMENT);	/* without a page */
	assert_int_equal(v1(VMIHV_V1_PAGE, 4096, 32, 2), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1(VMIHV_V1_PAGE, 4096, 32, 1), 0);
	assert_int_equal(v1(VMIHV_V1_START, 1, CHUNK_BYTES - 8, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_START, 0, 8192, 0), VMIHV_V1_EARGUMENT);	/* it runs */
	assert_int_equal(v1(VMIHV_V1_SEND, 2, VMIHV_V1_EVENT_CALL, 0), 0);	/* nobody there yet */
	assert_int_equal(v1(VMIHV_V1_START, 1, 8192, 0), 0);
	assert_true(started.rip == 1 && started.rsp == 2 && started.rdi == 3 && started.gs_base == 4 && started.cr0 == 5);
	assert_true(started.cr3 == 6 && started.cr4 == 7 && started.efer == 8 && started.gdt == 9 && started.idt == 10);
	assert_true(started.gdt_limit == 11 && started.idt_limit == 12 && started.cs == 13 && started.ss == 14);
	assert_int_equal(v1(VMIHV_V1_STATE, 1, 0, 0), 1);
	assert_int_equal(v1(VMIHV_V1_START, 1, 8192, 0), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1(VMIHV_V1_SEND, ~1ul, VMIHV_V1_EVENT_WORK, 0), 0);
	assert_int_equal(v1(VMIHV_V1_SEND, 2, VMIHV_V1_EVENT_TIMER, 0), VMIHV_V1_EARGUMENT);
	guest_read(&d->memory, &page, 4096, sizeof(page));
	assert_int_equal(page.pending, 1 << VMIHV_V1_EVENT_WORK);
	assert_true(second->raised && !v->raised);
	assert_int_equal(v1(VMIHV_V1_SEND, 2, VMIHV_V1_NMI, 0), 0);
	assert_true(second->nmi && !v->nmi);
}

static void test_v2_second(void **state)
{
	struct vmihv_v2_up s = { .rip = 1, .efer = 1ul << 63 };
	struct vmihv_v2_events events;

	(void)state;
	start(2);
	guest_write(&d->memory, 8192 + 16, &s, sizeof(s));
	assert_int_equal(v2(VMIHV_V2_EVENTS, 1, 32, 2), VMIHV_V2_BAD_VALUE);
	assert_int_equal(v2(VMIHV_V2_CLOCK, 1, 2, 0), VMIHV_V2_BAD_VALUE);
	assert_int_equal(v2(VMIHV_V2_UNSHARE, 2, 0, 0), VMIHV_V2_BAD_VALUE);
	assert_int_equal(v2(VMIHV_V2_EVENTS, 1, 32, 1), 0);
	assert_int_equal(v2(VMIHV_V2_UP, 1, 2, 16), VMIHV_V2_BAD_VALUE);	/* such an EFER */
	s.efer = 0;
	guest_write(&d->memory, 8192 + 16, &s, sizeof(s));
	assert_int_equal(v2(VMIHV_V2_UP, 1, 2, 4096), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_UP, 1, 2, 16), 0);
	assert_int_equal(started.rip, 1);
	assert_int_equal(v2(VMIHV_V2_IS_UP, 1, 0, 0), 0);
	assert_int_equal(v->regs.rdx, 1);
	assert_int_equal(v2(VMIHV_V2_POST, VMIHV_V2_EVENT_ASK, 2, 0), 0);
	guest_read(&d->memory, &events, 4096, sizeof(events));
	assert_int_equal(events.happened[VMIHV_V2_EVENT_ASK], 1);
	assert_int_equal(v2(VMIHV_V2_POST, VMIHV_V2_EVENT_ALARM, 2, 0), VMIHV_V2_BAD_VALUE);
}

/* Pages go and come; what vmihv writes to stays. */
static void test_v1_memory(void **state)
{
	u64 before;

	(void)state;
	start(1);
	before = frames_free_bytes();
	v1(VMIHV_V1_PAGE, 4096, 32, 0);
	assert_int_equal(v1(VMIHV_V1_RELEASE, 4096, 1, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_RELEASE, 0, 2, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_RELEASE, 8192, 65, 0), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1(VMIHV_V1_RELEASE, CHUNK_BYTES - 4096, 2, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_RELEASE, 8193, 1, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_RELEASE, ~0ul - 4095, 2, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(remapped, 0);
	assert_int_equal(v1(VMIHV_V1_RELEASE, 8192, 3, 0), 3);
	assert_true(remapped == 3 && forgotten == 2);
	assert_int_equal(frames_free_bytes(), before + 2 * PAGE_SIZE);	/* the first keeps account of the others */
	assert_int_equal(v1(VMIHV_V1_RELEASE, 8192 - 4096 * 0, 1, 0), 0);
	assert_int_equal(v1(VMIHV_V1_PAGE, 8192, 32, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_TAKE, 12288, 64, 0), 2);
	wish_frames(d, CHUNK_FRAMES - 1);
	assert_int_equal(v1(VMIHV_V1_TAKE, 8192, 1, 0), 0);
	assert_int_equal(v1(VMIHV_V1_WISH, 0, 0, 0), VMIHV_V1_WISH_MEMORY | (CHUNK_FRAMES - 1) << 8);
	assert_int_equal(v1(VMIHV_V1_WISH, 0, 0, 0), VMIHV_V1_WISH_NONE);
	wish_frames(d, CHUNK_FRAMES);
	wish_end(d, ENDING_REBOOT);
	assert_int_equal(v1(VMIHV_V1_WISH, 0, 0, 0), VMIHV_V1_WISH_END | ENDING_REBOOT << 8);
	assert_int_equal(v1(VMIHV_V1_TAKE, 8192, 1, 0), 1);
}

static void test_v2_memory(void **state)
{
	static const u64 list[] = { 3, 7, 3, 511, 512, 1ul << 52 };
	struct vmihv_v2_events events;

	(void)state;
	start(2);
	wish_frames(d, 5);			/* before there is a page to tell it in */
	v2(VMIHV_V2_EVENTS, 1, 32, 0);
	guest_read(&d->memory, &events, 4096, sizeof(events));
	assert_true(events.wish_frames == 5 && !events.wish_end && events.happened[VMIHV_V2_EVENT_CONTROL] == 1);
	wish_end(d, ENDING_OFF);
	guest_read(&d->memory, &events, 4096, sizeof(events));
	assert_int_equal(events.wish_end, VMIHV_V2_END_OFF);
	guest_write(&d->memory, 8192, list, sizeof(list));
	assert_int_equal(v2(VMIHV_V2_BALLOON, 2, 0, 6), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_BALLOON, 2, 0, 5), VMIHV_V2_BAD_FRAME);
	assert_int_equal(v2(VMIHV_V2_BALLOON, 2, 4, 1), VMIHV_V2_BAD_VALUE);
	assert_int_equal(v2(VMIHV_V2_BALLOON, 2, 0, 65), VMIHV_V2_BAD_VALUE);
	assert_int_equal(d->memory.frames, CHUNK_FRAMES);
	assert_int_equal(v2(VMIHV_V2_BALLOON, 2, 0, 4), 0);
	assert_int_equal(v->regs.rdx, 2);	/* the third is the first again */
	assert_int_equal(v2(VMIHV_V2_POPULATE, 2, 8, 1), 0);
	assert_int_equal(v->regs.rdx, 0);	/* it was to keep 5 */
	d->frames_limit = CHUNK_FRAMES;
	assert_int_equal(v2(VMIHV_V2_POPULATE, 2, 0, 2), 0);
	assert_int_equal(v->regs.rdx, 2);
	forgotten = 0;
	assert_int_equal(v2(VMIHV_V2_FLUSH, 7, VMIHV_V2_FLUSH_ABSENT, 0), 0);
	assert_true(v->regs.rdx == 5 && forgotten == 1);
	assert_int_equal(v2(VMIHV_V2_FLUSH, ~0ul, VMIHV_V2_FLUSH_ALL, 0), 0);
	assert_true(v->regs.rdx == 0 && forgotten == 3);
	assert_int_equal(v2(VMIHV_V2_FLUSH, 3, 2, 0), VMIHV_V2_BAD_VALUE);
}

static void start_neighbour(u32 abi)
{
	*neighbour = (struct domain){ .alive = true, .number = 2, .features = config.features, .config = &config,
		.abi = abi_of_version(abi), .container = &box };
	for (int i = 0; i < 2; i++)
		neighbour->vcpus[i] = (struct vcpu){ .domain = neighbour, .number = i };
	assert_int_equal(guest_memory_create(&neighbour->memory, CHUNK_BYTES, OWNER + 1, &why), 0);
}

/* As the neighbour. */
static s64 v1_neighbour(u64 nr, u64 a, u64 b, u64 c)
{
	struct vcpu *mine = v;
	s64 result;

	v = &neighbour->vcpus[0];
	result = v1(nr, a, b, c);
	v = mine;
	return result;
}

/* One page in both memories; who may what with it. */
static void test_sharing(void **state)
{
	u64 word = 0x1111, before;

	(void)state;
	start(1);
	before = frames_free_bytes();
	start_neighbour(1);
	assert_int_equal(v1(VMIHV_V1_OFFER, 8192, 1, 0), VMIHV_V1_EARGUMENT);	/* to itself */
	assert_int_equal(v1(VMIHV_V1_OFFER, 8192, 3, 0), VMIHV_V1_EARGUMENT);	/* to nobody */
	assert_int_equal(v1(VMIHV_V1_OFFER, 8192, ~0ul, 0), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1(VMIHV_V1_OFFER, 8193, 2, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_OFFER, CHUNK_BYTES, 2, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_OFFER, 8192, 2, 0), 0);
	assert_int_equal(v1(VMIHV_V1_OFFER, 8192, 2, 0), VMIHV_V1_EADDRESS);	/* again */
	assert_int_equal(v1(VMIHV_V1_RELEASE, 8192, 1, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1(VMIHV_V1_RING, 2, 0, 0), VMIHV_V1_EARGUMENT);	/* not taken yet */
	guest_write(&d->memory, 8192, &word, 8);
	assert_int_equal(v1_neighbour(VMIHV_V1_ACCEPT, 1, 0, 12288), VMIHV_V1_EADDRESS);	/* it is no hole */
	assert_int_equal(v1_neighbour(VMIHV_V1_RELEASE, 12288, 2, 0), 2);
	assert_int_equal(v1_neighbour(VMIHV_V1_ACCEPT, 1, 1, 12288), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1_neighbour(VMIHV_V1_ACCEPT, 1, ~0ul, 12288), VMIHV_V1_EARGUMENT);
	assert_int_equal(v1(VMIHV_V1_ACCEPT, 1, 0, 12288), VMIHV_V1_EARGUMENT);	/* its own */
	assert_int_equal(v1_neighbour(VMIHV_V1_ACCEPT, 1, 0, 12288), 0);
	assert_int_equal(v1_neighbour(VMIHV_V1_ACCEPT, 1, 0, 16384), VMIHV_V1_EARGUMENT);	/* twice */
	word = 0;
	guest_read(&neighbour->memory, &word, 12288, 8);
	assert_int_equal(word, 0x1111);
	assert_int_equal(v1_neighbour(VMIHV_V1_PAGE, 12288, 32, 0), VMIHV_V1_EADDRESS);	/* vmihv writes to own pages only */
	assert_int_equal(v1_neighbour(VMIHV_V1_OFFER, 12288, 1, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1_neighbour(VMIHV_V1_RELEASE, 12288, 1, 0), 0);
	assert_int_equal(v1_neighbour(VMIHV_V1_TAKE, 12288, 1, 0), 0);
	assert_int_equal(v1(VMIHV_V1_WITHDRAW, 0, 0, 0), VMIHV_V1_EREFUSED);
	neighbour->vcpus[0].state = VCPU_READY;
	assert_int_equal(v1(VMIHV_V1_RING, 2, 0, 0), 0);
	assert_true(neighbour->vcpus[0].kicked);
	assert_int_equal(v1_neighbour(VMIHV_V1_RING, 1, 0, 0), 0);
	assert_int_equal(v1_neighbour(VMIHV_V1_RETURN, 16384, 0, 0), VMIHV_V1_EADDRESS);
	assert_int_equal(v1_neighbour(VMIHV_V1_RETURN, 12288, 0, 0), 0);
	assert_int_equal(guest_read(&neighbour->memory, &word, 12288, 8), -1);
	assert_int_equal(v1(VMIHV_V1_WITHDRAW, 0, 0, 0), 0);
	assert_int_equal(v1(VMIHV_V1_WITHDRAW, 0, 0, 0), VMIHV_V1_EARGUMENT);
	sharing_end(neighbour);
	guest_memory_destroy(&neighbour->memory);
	assert_int_equal(frames_free_bytes(), before);
}

/* Either side ends first, with the owner's chunk whole or split, and more than one page out. */
static void test_sharing_ends(void **state)
{
	(void)state;
	for (int variant = 0; variant < 4; variant++) {
		struct domain *first = variant & 1 ? d : neighbour, *last = variant & 1 ? neighbour : d;
		u64 before, word = 0x2222 + variant;

		start(1);
		before = frames_free_bytes() + frames_owned_bytes(OWNER);
		start_neighbour(1);
		if (variant & 2)
			assert_int_equal(v1(VMIHV_V1_RELEASE, 1 << 20, 1, 0), 1);
		for (u64 i = 0; i < 3; i++) {
			assert_int_equal(v1(VMIHV_V1_OFFER, 4096 * (7 + i), 2, 0), i);
			guest_write(&d->memory, 4096 * (7 + i), &word, 8);
		}
		v1_neighbour(VMIHV_V1_RELEASE, 0, 4, 0);
		assert_int_equal(v1_neighbour(VMIHV_V1_ACCEPT, 1, 0, 0), 0);
		assert_int_equal(v1_neighbour(VMIHV_V1_ACCEPT, 1, 2, 4096), 0);
		first->alive = false;
		sharing_end(first);
		guest_memory_destroy(&first->memory);
		if (first == d) {
			assert_int_equal(guest_read(&last->memory, &word, 4096, 8), 0);
			assert_int_equal(word, 0x2222 + variant);
			assert_int_equal(v1_neighbour(VMIHV_V1_RETURN, 4096, 0, 0), VMIHV_V1_EADDRESS);
			assert_int_equal(v1_neighbour(VMIHV_V1_RELEASE, 4096, 1, 0), 1);
		} else {
			assert_int_equal(v1(VMIHV_V1_RELEASE, 4096 * 7, 3, 0), 3);
		}
		last->alive = false;
		sharing_end(last);
		guest_memory_destroy(&last->memory);
		assert_int_equal(frames_free_bytes(), before);
	}
}

/* Only when it is wished, and nothing of vmihv's or of others is left; and what it answers comes when it goes on. */
static void test_suspend(void **state)
{
	u64 before;

	(void)state;
	start(2);
	before = frames_free_bytes();
	assert_int_equal(v2(VMIHV_V2_SAVE, 0, 0, 0), VMIHV_V2_NOT_ALLOWED);
	wish_save(d);
	v2(VMIHV_V2_CLOCK, 1, 1, 0);
	assert_int_equal(v2(VMIHV_V2_SAVE, 0, 0, 0), VMIHV_V2_NOT_ALLOWED);
	v2(VMIHV_V2_UNSHARE, 1, 0, 0);
	second->state = VCPU_WAITING;
	assert_int_equal(v2(VMIHV_V2_SAVE, 0, 0, 0), VMIHV_V2_NOT_ALLOWED);
	second->state = VCPU_DOWN;
	neighbour->number = 2;
	neighbour->offers[3] = (struct offer){ .to = 1 };
	assert_int_equal(v2(VMIHV_V2_SAVE, 0, 0, 0), VMIHV_V2_NOT_ALLOWED);
	neighbour->offers[3].to = 0;
	assert_int_equal(v2(VMIHV_V2_SAVE, 0, 0, 0), 0);
	assert_true(v->state == VCPU_DOWN && d->suspending && suspend_resume(d, &why) == -1);
	v->regs.r15 = 15;
	suspend_finish(d);
	assert_true(d->suspended && saved == 1 && frames_free_bytes() == before - PAGE_SIZE);
	v->regs = (struct registers){ .rdx = 1, .rax = 1 };
	assert_int_equal(suspend_resume(d, &why), 0);
	assert_true(!d->suspended && restored == 1 && v->state == VCPU_READY && frames_free_bytes() == before);
	assert_true(v->regs.r15 == 15 && !v->regs.rax && !v->regs.rdx);
	assert_int_equal(v2(VMIHV_V2_SAVE, 0, 0, 0), VMIHV_V2_NOT_ALLOWED);
}

/* What 64-bit kernel mode is. */
static void test_start_state(void **state)
{
	static const struct start_state good = { .cr0 = 0x80010033, .cr3 = 0x1000, .cr4 = 0xa0, .efer = 0x500 };
	struct start_state s = good;

	(void)state;
	assert_true(start_is_long(&s));
	for (int bit = 0; bit < 64; bit++) {
		s = good;
		s.cr0 ^= 1ul << bit;
		assert_int_equal(start_is_long(&s), bit != 0 && bit != 31 && (bit < 6 || bit == 16 || bit == 18));
		s = good;
		s.cr4 ^= 1ul << bit;
		assert_int_equal(start_is_long(&s), bit != 5 && (bit < 12 || (bit >= 16 && bit <= 22 && bit != 19)));
		s = good;
		s.efer ^= 1ul << bit;
		assert_int_equal(start_is_long(&s), bit == 0 || bit == 11);
		s = good;
		s.cr3 ^= 1ul << bit;
		assert_int_equal(start_is_long(&s), bit < 52);
	}
}

/* Kicks are remembered, one each; a halted vCPU is not woken by one, and loses none. */
static void test_kicks(void **state)
{
	(void)state;
	start(1);
	second->state = VCPU_READY;
	v1(VMIHV_V1_KICK, 1, 0, 0);
	v1(VMIHV_V1_KICK, 1, 0, 0);
	v1(VMIHV_V1_WAIT, 0, 0, 0);
	assert_int_equal(v->state, VCPU_READY);
	v1(VMIHV_V1_WAIT, 0, 0, 0);
	assert_int_equal(v->state, VCPU_WAITING);
	assert_int_equal(call_kick(second, 1), DONE);
	assert_int_equal(v->state, VCPU_READY);
	second->state = VCPU_WAITING;
	v1(VMIHV_V1_KICK, 2, 0, 0);
	assert_true(second->state == VCPU_WAITING && second->kicked);
	second->state = VCPU_DOWN;
	second->kicked = false;
	v1(VMIHV_V1_KICK, ~0ul, 0, 0);
	assert_false(second->kicked);
}

/* Numbers that mean something, and any. */
static u64 telling(u32 *seed)
{
	static const u64 some[] = { 0, 1, 2, 16, 31, 32, 255, 256, 4095, 4096, 511, 512,
		VMIHV_V2_END_OFF, VMIHV_V2_END_AGAIN, VMIHV_V2_END_BROKEN, CHUNK_BYTES - 1, CHUNK_BYTES,
		1ul << 32, 1ul << 40, 1ul << 63, ~0ul, ~0ul - 4095 };
	u32 kind = host_random(seed) % 4;

	if (kind == 0)
		return (u64)host_random(seed) << 32 | host_random(seed);
	if (kind == 1)
		return host_random(seed) % 1024;
	return some[host_random(seed) % ARRAY_SIZE(some)];
}

/* All that the domain does not have is somebody's. */
static u64 others[HOST_MEMORY / PAGE_SIZE];
static u32 other_count;

static void take_the_rest(void)
{
	u64 pa;

	for (other_count = 0; (pa = frames_take(0, OWNER + 1)) != NO_FRAME; other_count++)
		others[other_count] = pa;
}

static u64 sum_of_others(void)
{
	u64 sum = 0;

	for (u32 i = 0; i < other_count; i++)
		for (u64 at = 0; at < PAGE_SIZE; at += 8)
			sum = sum * 31 + *(u64 *)at_pa(others[i] + at);
	return sum;
}

/* A seed of 0 would stay 0. */
static u32 environment(const char *name, u32 otherwise)
{
	u32 n = getenv(name) ? strtoul(getenv(name), NULL, 0) : 0;

	return n ? n : otherwise;
}

/* Nothing but the domain's memory changes, whatever it asks for. */
static void fuzz(u32 abi)
{
	const struct abi *a = abi_of_version(abi);
	u32 seed = environment("SEED", 0x1234 + abi), calls = environment("CALLS", CALLS);
	u64 before, owned;

	print_message("# v%u: %u calls, SEED=%u\n", abi, calls, seed);
	start(abi);
	take_the_rest();
	owned = frames_owned_bytes(OWNER);
	before = sum_of_others();
	for (u32 i = 0; i < calls; i++) {
		u32 number = host_random(&seed) % 8 ? a->rows[host_random(&seed) % a->row_count].number : telling(&seed);

		if (abi == 1)
			v1(number, telling(&seed), telling(&seed), telling(&seed));
		else
			v2(number, telling(&seed), telling(&seed), telling(&seed));
		v->state = VCPU_READY;
		/* and one frame for the table of its chunk's frames */
		assert_true(i % 1000 || frames_owned_bytes(OWNER) <= owned + PAGE_SIZE);
		if (!(host_random(&seed) % 8))
			event_send(v, host_random(&seed) % EVENTS);
	}
	assert_int_equal(sum_of_others(), before);
	assert_true(host_ends > 0 && remapped > 0 && forgotten > 0);
	guest_memory_destroy(&d->memory);
	assert_int_equal(frames_free_bytes(), owned);
}

static void test_fuzz_v1(void **state)
{
	(void)state;
	fuzz(1);
}

static void test_fuzz_v2(void **state)
{
	(void)state;
	fuzz(2);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_v1), cmocka_unit_test(test_v2), cmocka_unit_test(test_v1_second),
	cmocka_unit_test(test_v2_second), cmocka_unit_test(test_kicks),
	cmocka_unit_test(test_start_state), cmocka_unit_test(test_v1_memory), cmocka_unit_test(test_v2_memory),
	cmocka_unit_test(test_sharing), cmocka_unit_test(test_sharing_ends), cmocka_unit_test(test_suspend),
	cmocka_unit_test(test_fuzz_v1), cmocka_unit_test(test_fuzz_v2),
};

TESTS_MAIN(tests)
