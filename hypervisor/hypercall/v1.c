// SPDX-License-Identifier: MIT
/* Version 1 of vmihv's ABI; include/vmihv/v1.h is what guests see of it. */
#include "vmihv/v1.h"
#include "hypercall/calls.h"
#include "hypercall/clockpage.h"
#include "pv/v1.h"

static enum outcome page(struct call *c)
{
	struct vcpu *v = call_sibling(c->vcpu, c->args[2]);
	enum outcome o;

	if (!v)
		return BAD_ARGUMENT;
	if (!c->args[1])
		return call_unshare(v);
	o = call_share_events(v, c->args[0], c->args[1]);
	return o == DONE ? call_share_clock(v, c->args[0]) : o;
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

static enum outcome start(struct call *c)
{
	struct vmihv_v1_start s;

	if (guest_read(&c->vcpu->domain->memory, &s, c->args[1], sizeof(s)))
		return BAD_ADDRESS;
	return call_start(c->vcpu, c->args[0], &(struct start_state){
		s.rip, s.rsp, s.rdi, s.gs_base, s.cr0, s.cr3, s.cr4, s.efer, s.gdt, s.idt,
		s.gdt_limit, s.idt_limit, s.cs, s.ss });
}

static enum outcome stop(struct call *c) { return call_stop(c->vcpu); }
static enum outcome state(struct call *c) { return call_is_up(c->vcpu, c->args[0], &c->result); }

static enum outcome send(struct call *c)
{
	switch (c->args[1]) {
	case VMIHV_V1_EVENT_RESCHEDULE:
		return call_send(c->vcpu, c->args[0], EVENT_RESCHEDULE);
	case VMIHV_V1_EVENT_CALL:
		return call_send(c->vcpu, c->args[0], EVENT_CALL);
	case VMIHV_V1_EVENT_WORK:
		return call_send(c->vcpu, c->args[0], EVENT_WORK);
	case VMIHV_V1_NMI:
		return call_nmi(c->vcpu, c->args[0]);
	}
	return BAD_ARGUMENT;
}

static enum outcome wait(struct call *c) { return call_wait(c->vcpu); }
static enum outcome kick(struct call *c) { return call_kick(c->vcpu, c->args[0]); }

/* Pages one behind the other; what cannot be an address is none of the memory. */
static u32 list_pages(const struct call *c, u64 pages[CALL_PAGES])
{
	u32 count = c->args[1] <= CALL_PAGES ? c->args[1] : CALL_PAGES + 1;

	for (u32 i = 0; i < count && i < CALL_PAGES; i++)
		pages[i] = c->args[0] >> 52 ? ~0ul : c->args[0] + i * PAGE_SIZE;
	return count;
}

static enum outcome release(struct call *c)
{
	u64 pages[CALL_PAGES];
	u32 count = list_pages(c, pages);

	return call_release(c->vcpu, pages, count, &c->result);
}

static enum outcome take(struct call *c)
{
	u64 pages[CALL_PAGES];
	u32 count = list_pages(c, pages);

	return call_take(c->vcpu, pages, count, &c->result);
}

static enum outcome wish(struct call *c)
{
	struct wishes *w = &c->vcpu->domain->wishes;

	if (w->end) {
		c->result = VMIHV_V1_WISH_END | (w->end - 1ul) << 8;
		w->end = 0;
	} else if (w->frames) {
		c->result = VMIHV_V1_WISH_MEMORY | w->frames << 8;
		w->frames = 0;
	} else if (w->save) {
		c->result = VMIHV_V1_WISH_SUSPEND;
		w->save = false;
	}
	return DONE;
}

static enum outcome offer(struct call *c) { return call_offer(c->vcpu, c->args[0], c->args[1], &c->result); }
static enum outcome withdraw(struct call *c) { return call_withdraw(c->vcpu, c->args[0]); }
static enum outcome accept(struct call *c) { return call_accept(c->vcpu, c->args[0], c->args[1], c->args[2]); }
static enum outcome give_back(struct call *c) { return call_return(c->vcpu, c->args[0]); }
static enum outcome ring(struct call *c) { return call_ring(c->vcpu, c->args[0]); }

static enum outcome suspend(struct call *c) { return call_suspend(c->vcpu); }

static const struct call_row rows[] = {
	{ VMIHV_V1_PAGE, page, VMI_FEAT_PV_IRQ_TIMER, "PAGE" },
	{ VMIHV_V1_WRITE, write, 0, "WRITE" },
	{ VMIHV_V1_READ, read, 0, "READ" },
	{ VMIHV_V1_TIMER, timer, VMI_FEAT_PV_IRQ_TIMER, "TIMER" },
	{ VMIHV_V1_SHUTDOWN, shutdown, 0, "SHUTDOWN" },
	{ VMIHV_V1_YIELD, yield, 0, "YIELD" },
	{ VMIHV_V1_START, start, VMI_FEAT_PV_IRQ_TIMER, "START" },
	{ VMIHV_V1_STOP, stop, VMI_FEAT_PV_IRQ_TIMER, "STOP" },
	{ VMIHV_V1_STATE, state, VMI_FEAT_PV_IRQ_TIMER, "STATE" },
	{ VMIHV_V1_SEND, send, VMI_FEAT_PV_IRQ_TIMER, "SEND" },
	{ VMIHV_V1_WAIT, wait, VMI_FEAT_PV_IRQ_TIMER, "WAIT" },
	{ VMIHV_V1_KICK, kick, VMI_FEAT_PV_IRQ_TIMER, "KICK" },
	{ VMIHV_V1_RELEASE, release, VMI_FEAT_PAGING_ASSIST, "RELEASE" },
	{ VMIHV_V1_TAKE, take, VMI_FEAT_PAGING_ASSIST, "TAKE" },
	{ VMIHV_V1_WISH, wish, VMI_FEAT_PV_IRQ_TIMER, "WISH" },
	{ VMIHV_V1_OFFER, offer, VMI_FEAT_PAGING_ASSIST, "OFFER" },
	{ VMIHV_V1_WITHDRAW, withdraw, VMI_FEAT_PAGING_ASSIST, "WITHDRAW" },
	{ VMIHV_V1_ACCEPT, accept, VMI_FEAT_PAGING_ASSIST, "ACCEPT" },
	{ VMIHV_V1_RETURN, give_back, VMI_FEAT_PAGING_ASSIST, "RETURN" },
	{ VMIHV_V1_RING, ring, VMI_FEAT_PAGING_ASSIST, "RING" },
	{ VMIHV_V1_SUSPEND, suspend, VMI_FEAT_PAGING_ASSIST, "SUSPEND" },
	PV_V1_ROWS
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
		[EVENT_CONTROL] = VMIHV_V1_EVENT_CONTROL, [EVENT_RESCHEDULE] = VMIHV_V1_EVENT_RESCHEDULE,
		[EVENT_CALL] = VMIHV_V1_EVENT_CALL, [EVENT_WORK] = VMIHV_V1_EVENT_WORK,
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

static void set_preempted(void *at, bool preempted)
{
	__atomic_store_n(&((struct vmihv_v1_page *)at)->preempted, preempted, __ATOMIC_RELAXED);
}

const struct abi abi_v1 = {
	1, rows, ARRAY_SIZE(rows), get, put, set_event, set_clock, set_stolen, set_preempted,
	{ .iret = VMIHV_V1_IRET, .flag = offsetof(struct vmihv_v1_flags, masked), .off = 1,
	  .pending = offsetof(struct vmihv_v1_flags, pending), .fault = offsetof(struct vmihv_v1_flags, fault) },
	NULL,
};
