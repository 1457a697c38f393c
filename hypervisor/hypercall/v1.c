// SPDX-License-Identifier: MIT
/* Version 1 of vmihv's ABI; include/vmihv/v1.h is what guests see of it. */
#include "vmihv/v1.h"
#include "hypercall/calls.h"
#include "hypercall/clockpage.h"

static enum outcome page(struct call *c)
{
	enum outcome o;

	if (!c->args[1])
		return call_unshare(c->vcpu);
	o = call_share_events(c->vcpu, c->args[0], c->args[1]);
	return o == DONE ? call_share_clock(c->vcpu, c->args[0]) : o;
}

static enum outcome write(struct call *c)
{
	if (c->args[2] > VMIHV_V1_WRITE_MAX)
		return BAD_ARGUMENT;
	console_write(c->vcpu->domain, (const char *)c->args, c->args[2]);
	c->result = c->args[2];
	return DONE;
}

static enum outcome read(struct call *c)
{
	char byte;

	c->result = console_read(c->vcpu->domain, &byte, 1) ? (u8)byte : VMIHV_V1_EMPTY;
	return DONE;
}

static enum outcome timer(struct call *c) { return call_timer(c->vcpu, c->args[0]); }

static enum outcome shutdown(struct call *c)
{
	return c->args[0] > ENDING_CRASH ? BAD_ARGUMENT : call_end(c->vcpu, c->args[0]);
}

static enum outcome yield(struct call *c) { return call_yield(c->vcpu); }

static const struct call_row rows[] = {
	{ VMIHV_V1_PAGE, page, VMI_FEAT_PV_IRQ_TIMER, "PAGE" },
	{ VMIHV_V1_WRITE, write, 0, "WRITE" },
	{ VMIHV_V1_READ, read, 0, "READ" },
	{ VMIHV_V1_TIMER, timer, VMI_FEAT_PV_IRQ_TIMER, "TIMER" },
	{ VMIHV_V1_SHUTDOWN, shutdown, 0, "SHUTDOWN" },
	{ VMIHV_V1_YIELD, yield, 0, "YIELD" },
};

static u32 get(const struct registers *regs, u64 args[MAX_ARGUMENTS])
{
	args[0] = regs->rdi;
	args[1] = regs->rsi;
	args[2] = regs->rdx;
	return regs->rax >> 32 ? 0 : regs->rax;
}

static void put(struct registers *regs, enum outcome outcome, u64 result)
{
	static const s64 errors[OUTCOMES] = {
		[NO_CALL] = VMIHV_V1_ENOCALL, [BAD_ARGUMENT] = VMIHV_V1_EARGUMENT,
		[BAD_ADDRESS] = VMIHV_V1_EADDRESS, [REFUSED] = VMIHV_V1_EREFUSED,
	};

	regs->rax = outcome == DONE ? result : (u64)errors[outcome];
}

static void set_event(void *at, enum event event)
{
	static const u8 bits[EVENTS] = {
		[EVENT_TIMER] = VMIHV_V1_EVENT_TIMER, [EVENT_CONSOLE] = VMIHV_V1_EVENT_CONSOLE,
		[EVENT_CONTROL] = VMIHV_V1_EVENT_CONTROL,
	};
	struct vmihv_v1_page *p = at;

	__atomic_fetch_or(&p->pending, 1u << bits[event], __ATOMIC_SEQ_CST);
}

static void set_clock(void *at, const struct clock_scale *scale, u64 wall_start)
{
	struct vmihv_v1_page *p = at;

	p->wall_seconds = wall_start;
	p->wall_nanoseconds = 0;
	FILL_PVCLOCK(&p->clock, scale);
}

static void set_stolen(void *at, u64 ns)
{
	__atomic_store_n(&((struct vmihv_v1_page *)at)->stolen, ns, __ATOMIC_RELAXED);
}

const struct abi abi_v1 = { 1, rows, ARRAY_SIZE(rows), get, put, set_event, set_clock, set_stolen };
