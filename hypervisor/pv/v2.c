// SPDX-License-Identifier: MIT
/* Version 2's words for calls.c: what gives nothing back is an operation, and many of those are one call. */
#include "pv/v2.h"
#include "pv/calls.h"

#define NO_ADDRESS	(~0ul)

static u64 address(u64 frame, u64 offset)
{
	return frame >> 40 || offset >= PAGE_SIZE ? NO_ADDRESS : frame << PAGE_SHIFT | offset;
}

enum outcome pv_v2_ways(struct call *c)
{
	struct vmihv_v2_ways s;
	struct pv_entries e;

	if (guest_read(&c->vcpu->domain->memory, &s, address(c->args[0], c->args[1]), sizeof(s)))
		return BAD_ADDRESS;
	memcpy(e.at, s.to, sizeof(e.at));
	e.kernel_cs = s.kernel_cs;
	e.kernel_ss = s.kernel_ss;
	e.user_cs = s.program_cs;
	e.user_ss = s.program_ss;
	e.user32_cs = s.program32_cs;
	return pv_call_entries(c->vcpu, &e);
}

enum outcome pv_v2_state(struct call *c)
{
	return pv_call_flags(c->vcpu, address(c->args[0], c->args[1]), c->args[2]);
}

static enum pv_base base_of(u64 which)
{
	switch (which) {
	case VMIHV_V2_BASE_KERNEL:
		return BASE_KERNEL_GS;
	case VMIHV_V2_BASE_USER:
		return BASE_USER_GS;
	case VMIHV_V2_BASE_FS:
		return BASE_FS;
	case VMIHV_V2_BASE_INDEX:
		return BASE_USER_GS_SELECTOR;
	}
	return BASES;
}

static enum outcome do_op(struct vcpu *v, u64 what, u64 a, u64 b)
{
	u64 old;

	switch (what) {
	case VMIHV_V2_OP_SET:
		return pv_call_entry(v, a, b, WRITE_VALUE, &old);
	case VMIHV_V2_OP_KEEP:
		return pv_call_entry(v, a, b, WRITE_KEEP, &old);
	case VMIHV_V2_OP_TABLE:
		return b ? pv_call_table(v, address(a, 0), b) : BAD_ARGUMENT;
	case VMIHV_V2_OP_PLAIN:
		return pv_call_table(v, address(a, 0), 0);
	case VMIHV_V2_OP_ROOTS:
		return pv_call_roots(v, address(a, 0), address(b, 0));
	case VMIHV_V2_OP_FLUSH:
		return pv_call_flush(v, a, b);
	case VMIHV_V2_OP_STACK:
		return pv_call_stack(v, a);
	case VMIHV_V2_OP_BASE:
		return pv_call_set_base(v, base_of(a), b);
	case VMIHV_V2_OP_GDT:
		return pv_call_gdt(v, address(a, 0), b);
	case VMIHV_V2_OP_LDT:
		return pv_call_ldt(v, a, b);
	case VMIHV_V2_OP_DESCRIPTOR:
		return pv_call_descriptor(v, a, b);
	case VMIHV_V2_OP_TS:
		return pv_call_ts(v, a);
	case VMIHV_V2_OP_DEBUG:
		return pv_call_set_debug(v, a, b);
	case VMIHV_V2_OP_PORTS:
		return pv_call_ports(v, a, b);
	case VMIHV_V2_OP_IOPL:
		return pv_call_iopl(v, a);
	}
	return BAD_ARGUMENT;
}

enum outcome pv_v2_do(struct call *c) { return do_op(c->vcpu, c->args[0], c->args[1], c->args[2]); }

/* The first that is refused ends it. One may have changed what the next one's frame is used for: each is read anew. */
enum outcome pv_v2_ring(struct call *c)
{
	u64 at = address(c->args[0], c->args[1]);
	struct vmihv_v2_op op;

	if (c->args[2] > VMIHV_V2_OPS_MAX)
		return BAD_ARGUMENT;
	for (; c->result < c->args[2]; c->result++, at += sizeof(op)) {
		if (guest_read(&c->vcpu->domain->memory, &op, at, sizeof(op)))
			return BAD_ADDRESS;
		if (do_op(c->vcpu, op.what, op.a, op.b) != DONE)
			break;
	}
	return DONE;
}

enum outcome pv_v2_swap(struct call *c)
{
	if (c->args[2] != VMIHV_V2_SWAP_TAKE && c->args[2] != VMIHV_V2_SWAP_CLEAR)
		return BAD_ARGUMENT;
	return pv_call_entry(c->vcpu, c->args[0], c->args[1],
			     c->args[2] == VMIHV_V2_SWAP_TAKE ? WRITE_TAKE : WRITE_CLEAR, &c->result);
}

enum outcome pv_v2_cpuid(struct call *c)
{
	return pv_call_cpuid(c->vcpu, (u32)c->args[0], c->args[0] >> 32, address(c->args[1], c->args[2]));
}

enum outcome pv_v2_read_base(struct call *c) { return pv_call_get_base(c->vcpu, base_of(c->args[0]), &c->result); }
enum outcome pv_v2_read_debug(struct call *c) { return pv_call_get_debug(c->vcpu, c->args[0], &c->result); }
enum outcome pv_v2_return(struct call *c) { return pv_call_iret(c->vcpu); }
enum outcome pv_v2_idle(struct call *c) { return pv_call_halt(c->vcpu); }
