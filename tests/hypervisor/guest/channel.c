// SPDX-License-Identifier: MIT
/*
 * An example of two domains with a page in common: a channel. `channel first peer=N'
 * offers the page and sends; `channel second peer=N' takes it, receives, and answers
 * with a sum. Whoever has to wait sleeps until the other rings. Neither trusts the
 * other: what stands in the page is read once, and checked.
 */
#include "share.h"
#include "work.h"

#define BYTES		(1ul << 20)		/* in all */
#define RING		2048u			/* a power of two */
#define SPARE		0x400000ul		/* guest-physical: a page that nobody uses */

struct channel {
	uint32_t sent, received;		/* so far; each written by one side only */
	uint32_t answered, reserved;
	uint64_t sum;				/* the second's answer */
	uint8_t data[RING];
};

static uint8_t page[4096] __attribute__((aligned(4096)));
static uint64_t random = 0x1234567;

static uint32_t load(const uint32_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static void store(uint32_t *p, uint32_t value) { __atomic_store_n(p, value, __ATOMIC_RELEASE); }
static uint64_t add(uint64_t sum, uint8_t byte) { return (sum ^ byte) * 0x100000001b3; }

static void send(struct channel *c, uint32_t peer)
{
	uint64_t sum = 0;

	for (uint32_t sent = 0; sent < BYTES;) {
		uint32_t room = RING - (sent - load(&c->received));

		if (!room || room > RING) {
			share_wait();
			continue;
		}
		for (; room-- && sent < BYTES; sent++) {
			uint8_t byte = random_next(&random);

			c->data[sent % RING] = byte;
			sum = add(sum, byte);
		}
		store(&c->sent, sent);
		share_ring(peer);
	}
	while (!load(&c->answered))
		share_wait();
	if (c->sum != sum)
		leave("the other domain has received something else");
}

static void receive(struct channel *c, uint32_t peer)
{
	uint64_t sum = 0;

	for (uint32_t received = 0; received < BYTES;) {
		uint32_t sent = load(&c->sent);

		if (sent == received || sent - received > RING) {
			share_wait();
			continue;
		}
		for (; received != sent; received++)
			sum = add(sum, c->data[received % RING]);
		store(&c->received, received);
		share_ring(peer);
	}
	c->sum = sum;
	store(&c->answered, 1);
	share_ring(peer);
	say_number("received ", BYTES);
}

static void first(uint32_t peer)
{
	uint64_t ticket;

	while (share_offer(PA(page), peer, &ticket))
		;				/* it may not be there yet */
	if (ticket != share_first_ticket(share_own_number()))
		leave("the first ticket is another one");
	if (CALL(RELEASE_FRAMES, int32_t, const uint64_t *, uint32_t)(&(uint64_t){ PA(page) }, 1) > 0)
		leave("a page that is offered can be given back");
	if (cmdline_has("abandon")) {
		for (uint32_t i = 0; i < RING; i++)
			((struct channel *)page)->data[i] = i * 7;
		while (!load(&((struct channel *)page)->received))
			;
		return;				/* with the page out */
	}
	send((struct channel *)page, peer);
	say_number("sent ", BYTES);
	while (share_withdraw(ticket) > 0)
		;				/* and when the other has ended there is nothing to withdraw */
}

static void outlive(struct channel *c)
{
	store(&c->received, 1);
	for (uint64_t end = now() + NS / 2; now() < end;)
		;
	for (uint32_t i = 0; i < RING; i++)
		if (c->data[i] != (uint8_t)(i * 7))
			leave("the page has changed though its owner is gone");
	print("the page is still there\n");
	if (!share_return(SPARE))
		leave("a page that has become its own is returned");
}

static void second(uint32_t peer)
{
	struct channel *c = (struct channel *)(DIRECT_MAP + SPARE);

	if (CALL(RELEASE_FRAMES, int32_t, const uint64_t *, uint32_t)(&(uint64_t){ SPARE }, 1) != 1)
		leave("no page can be given back");
	while (share_accept(peer, share_first_ticket(peer), SPARE))
		;				/* it may not be offered yet */
	if (!share_accept(peer, share_first_ticket(peer), SPARE + 4096))
		leave("an offer is taken twice");
	if (cmdline_has("abandon")) {
		outlive(c);
		return;
	}
	receive(c, peer);
	if (share_return(SPARE) || !share_return(SPARE))
		leave("the page is not returned, or twice");
	if (*(volatile uint64_t *)c)
		leave("a page that is returned is still there");
}

void channel(void)
{
	uint32_t peer = cmdline_number("peer=", 0);

	if (cmdline_has("first"))
		first(peer);
	else
		second(peer);
}

/* A third one: the first offer of whoever it is, for as long as others work, and rings. */
void intrude(void)
{
	uint32_t peer = cmdline_number("peer=", 0);
	uint64_t end = now() + cmdline_number("seconds=", 1) * NS;

	if (CALL(RELEASE_FRAMES, int32_t, const uint64_t *, uint32_t)(&(uint64_t){ SPARE }, 1) != 1)
		leave("no page can be given back");
	while (now() < end) {
		if (!share_accept(peer, share_first_ticket(peer), SPARE))
			leave("it gets a page that was offered to another domain");
		if (!share_ring(peer) || !share_ring(share_own_number()))
			leave("it wakes a domain that it has nothing in common with");
		if (!share_withdraw(share_first_ticket(peer)))
			leave("it withdraws another one's offer");
	}
	print("got nothing\n");
}
