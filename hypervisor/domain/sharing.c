// SPDX-License-Identifier: MIT
/*
 * Pages that two domains have in common. One offers a page of its own to another,
 * which takes it in place of a page that it has given back: so nobody has more than
 * it was made with. A page is offered once. When the one that has offered it ends,
 * the page stays with the other; no domain ends because another one does.
 */
#include "container/container.h"
#include "hypercall/calls.h"

static struct domain *domain_of_number(u64 number)
{
	return number && number <= MAX_DOMAINS && domains[number - 1].alive ? &domains[number - 1] : NULL;
}

bool sharing_has(const struct domain *d, u64 page)
{
	for (u32 i = 0; i < OFFERS; i++)
		if (d->offers[i].to && d->offers[i].page == page)
			return true;
	return false;
}

enum outcome call_offer(struct vcpu *v, u64 page, u64 to, u64 *ticket)
{
	struct domain *d = v->domain, *other = domain_of_number(to);

	if (!other || other == d)
		return BAD_ARGUMENT;
	if (!guest_page(&d->memory, page) || sharing_has(d, page))
		return BAD_ADDRESS;
	for (u32 i = 0; i < OFFERS; i++)
		if (!d->offers[i].to) {
			d->offers[i] = (struct offer){ .to = to, .page = page };
			*ticket = i;
			return DONE;
		}
	return REFUSED;
}

enum outcome call_withdraw(struct vcpu *v, u64 ticket)
{
	struct offer *o = ticket < OFFERS ? &v->domain->offers[ticket] : NULL;

	if (!o || !o->to)
		return BAD_ARGUMENT;
	if (o->taken)
		return REFUSED;
	o->to = 0;
	return DONE;
}

/* What the processor knows of the hole is forgotten. */
static void change(struct domain *d, u64 page)
{
	d->container->remap(d, page >> CHUNK_SHIFT);
}

enum outcome call_accept(struct vcpu *v, u64 from, u64 ticket, u64 page)
{
	struct domain *d = v->domain, *other = domain_of_number(from);
	struct offer *o = other && ticket < OFFERS ? &other->offers[ticket] : NULL;
	int error;

	if (!o || o->to != d->number || o->taken)
		return BAD_ARGUMENT;
	sched_quiesce(d, ALL_VCPUS);
	error = guest_borrow(&d->memory, page, holes_frame(&other->memory, o->page));
	if (error)
		return error < 0 ? BAD_ADDRESS : REFUSED;
	change(d, page);
	o->taken = true;
	o->taken_at = page;
	return DONE;
}

/** The offer that this page of the domain comes from, and whose it is. */
static struct offer *find_taken(const struct domain *d, u64 page, struct domain **owner)
{
	for (*owner = domains; *owner < domains + MAX_DOMAINS; ++*owner)
		for (u32 i = 0; i < OFFERS; i++) {
			struct offer *o = &(*owner)->offers[i];

			if (o->to == d->number && o->taken && o->taken_at == page)
				return o;
		}
	return NULL;
}

enum outcome call_return(struct vcpu *v, u64 page)
{
	struct domain *d = v->domain, *owner;
	struct offer *o = find_taken(d, page, &owner);

	if (!o)
		return BAD_ADDRESS;
	sched_quiesce(d, ALL_VCPUS);
	guest_return(&d->memory, page);
	change(d, page);
	o->taken = false;
	return DONE;
}

static bool has_page_of(const struct domain *d, const struct domain *other)
{
	for (u32 i = 0; i < OFFERS; i++)
		if (d->offers[i].to == other->number && d->offers[i].taken)
			return true;
	return false;
}

bool sharing_any(const struct domain *d)
{
	for (struct domain *other = domains; other < domains + MAX_DOMAINS; other++)
		for (u32 i = 0; i < OFFERS; i++)
			if (other->offers[i].to && (other == d || other->offers[i].to == d->number))
				return true;
	return false;
}

/* Only who has a page in common with it may wake another domain. */
enum outcome call_ring(struct vcpu *v, u64 number)
{
	struct domain *d = v->domain, *other = domain_of_number(number);

	if (!other || !(has_page_of(d, other) || has_page_of(other, d)))
		return BAD_ARGUMENT;
	call_kick(&other->vcpus[0], 1);
	return DONE;
}

static void leave_to_heir(struct domain *d, struct offer *o)
{
	struct domain *heir = &domains[o->to - 1];

	guest_inherit(&d->memory, o->page, &heir->memory, o->taken_at);
}

/* Of domains that are made anew under this number nobody has been told. */
void sharing_end(struct domain *d)
{
	for (u32 i = 0; i < OFFERS; i++)
		if (d->offers[i].to && d->offers[i].taken)
			leave_to_heir(d, &d->offers[i]);
	memset(d->offers, 0, sizeof(d->offers));
	for (struct domain *other = domains; other < domains + MAX_DOMAINS; other++)
		for (u32 i = 0; i < OFFERS; i++)
			if (other->offers[i].to == d->number)
				other->offers[i].to = 0;
}
