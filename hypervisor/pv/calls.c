// SPDX-License-Identifier: MIT
/* The work. Every argument is the guest's and may be anything. */
#include "pv/calls.h"
#include "hypercall/abi.h"
#include "memory/memory.h"

#define FLAGS_ALIGN	64u
#define MOST_PORTS	65536u
#define DEBUG_CONTROL_FIXED 0x400ul
#define DEBUG_CONTROL	0xffff03fful	/* breakpoints, LE, GE; no GD: vmihv uses these registers too */
#define DEBUG_IO	0x2ul		/* a breakpoint's kind: ports, of which there are none */

static struct pages *pages_of(const struct vcpu *v)
{
	struct pages *p = pv_domain_of(v)->pages;

	p->budget = MOST_CHECKED;
	return p;
}

enum outcome pv_call_entries(struct vcpu *v, const struct pv_entries *e)
{
	for (u32 i = 0; i < PV_ENTRIES; i++)
		if (!pv_is_canonical(e->at[i]))
			return BAD_ARGUMENT;
	pv_domain_of(v)->entries = *e;
	return DONE;
}

enum outcome pv_call_flags(struct vcpu *v, u64 address, u64 number)
{
	struct vcpu *other = call_sibling(v, number);
	u8 *page;

	if (address % FLAGS_ALIGN || !other)
		return BAD_ARGUMENT;
	page = guest_page(&v->domain->memory, address & -PAGE_SIZE);
	if (!page)
		return BAD_ADDRESS;
	other->flags = page + address % PAGE_SIZE;
	return DONE;
}

enum outcome pv_call_table(struct vcpu *v, u64 table, u64 level)
{
	struct pages *p = pages_of(v);

	if (level > ROOT_LEVEL)
		return BAD_ARGUMENT;
	return (level ? pages_pin(p, table, level) : pages_unpin(p, table)) ? REFUSED : DONE;
}

enum outcome pv_call_entry(struct vcpu *v, u64 entry, u64 value, u64 how, u64 *old)
{
	if (how >= WRITES)
		return BAD_ARGUMENT;
	return pages_update(pages_of(v), entry, value, how, old) ? REFUSED : DONE;
}

enum outcome pv_call_roots(struct vcpu *v, u64 root, u64 user_root)
{
	pages_of(v);
	return user_root == ~0ul || pv_set_roots(v, root, user_root) ? REFUSED : DONE;
}

enum outcome pv_call_flush(struct vcpu *v, u64 va, u64 set)
{
	if (va != ~0ul && set == 1ul << v->number)
		pv_forget_one(va);
	else
		pv_forget(v->domain, set);
	return DONE;
}

enum outcome pv_call_stack(struct vcpu *v, u64 sp0)
{
	pv_of(v)->sp0 = sp0;
	return DONE;
}

enum outcome pv_call_set_base(struct vcpu *v, u64 which, u64 value)
{
	return which >= BASES || pv_set_base(v, which, value) ? BAD_ARGUMENT : DONE;
}

enum outcome pv_call_get_base(struct vcpu *v, u64 which, u64 *value)
{
	if (which >= BASE_USER_GS_SELECTOR)
		return BAD_ARGUMENT;
	*value = pv_get_base(v, which);
	return DONE;
}

enum outcome pv_call_gdt(struct vcpu *v, u64 frame, u64 entries)
{
	return pv_set_gdt(v, frame, entries) ? REFUSED : DONE;
}

enum outcome pv_call_ldt(struct vcpu *v, u64 linear, u64 entries)
{
	return pv_set_ldt(v, linear, entries) ? REFUSED : DONE;
}

enum outcome pv_call_descriptor(struct vcpu *v, u64 address, u64 descriptor)
{
	return pv_write_descriptor(v, address, descriptor) ? REFUSED : DONE;
}

enum outcome pv_call_ts(struct vcpu *v, u64 on)
{
	pv_of(v)->ts = on;
	pv_load_ts(v);
	return DONE;
}

/* A kind of 2 is reserved without CR4.DE and would be ports with it. */
static bool has_ports(u64 control)
{
	for (u32 i = 0; i < 4; i++)
		if ((control >> (16 + 4 * i) & 3) == DEBUG_IO)
			return true;
	return false;
}

static bool is_hosts(u64 va) { return !pv_is_canonical(va) || (va >> 39 & 511) - HOST_SLOT < HOST_SLOTS; }

enum outcome pv_call_set_debug(struct vcpu *v, u64 nr, u64 value)
{
	struct pv_vcpu *p = pv_of(v);

	if (nr < 4 && !is_hosts(value)) {
		v->debug[nr] = value;
	} else if (nr == 6) {
		p->debug_status = (value & 0xe00f) | 0xffff0ff0;
	} else if (nr == 7 && !has_ports(value)) {
		p->debug_control = (value & DEBUG_CONTROL) | DEBUG_CONTROL_FIXED;
	} else {
		return BAD_ARGUMENT;
	}
	pv_load_debug(v);
	return DONE;
}

enum outcome pv_call_get_debug(struct vcpu *v, u64 nr, u64 *value)
{
	const struct pv_vcpu *p = pv_of(v);

	if (nr > 7 || nr == 4 || nr == 5)
		return BAD_ARGUMENT;
	*value = nr < 4 ? v->debug[nr] : nr == 6 ? p->debug_status : p->debug_control;
	return DONE;
}

enum outcome pv_call_ports(struct vcpu *v, u64 linear, u64 ports)
{
	if (ports > MOST_PORTS)
		return BAD_ARGUMENT;
	pv_of(v)->ports = linear;
	pv_of(v)->port_count = ports;
	return DONE;
}

enum outcome pv_call_iopl(struct vcpu *v, u64 level)
{
	if (level && level != 3)
		return BAD_ARGUMENT;
	pv_of(v)->iopl = level;
	return DONE;
}

/* The registers are others then. */
enum outcome pv_call_iret(struct vcpu *v)
{
	return pv_iret(v) ? REFUSED : OTHER_REGISTERS;
}

enum outcome pv_call_halt(struct vcpu *v)
{
	if (!v->flags)
		return REFUSED;
	pv_set_off(v, false);
	v->in_wait = false;
	if (!v->nmi && !pv_is_due(v))
		v->state = VCPU_WAITING;
	return DONE;
}

enum outcome pv_call_cpuid(struct vcpu *v, u64 leaf, u64 subleaf, u64 address)
{
	struct registers kept = v->regs;
	u32 out[4];

	v->regs.rax = leaf;
	v->regs.rcx = subleaf;
	guest_cpuid(v);
	out[0] = v->regs.rax;
	out[1] = v->regs.rbx;
	out[2] = v->regs.rcx;
	out[3] = v->regs.rdx;
	v->regs = kept;
	return guest_write(&v->domain->memory, address, out, sizeof(out)) ? BAD_ADDRESS : DONE;
}
