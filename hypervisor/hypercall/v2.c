// SPDX-License-Identifier: MIT
/* Version 2 of vmihv's ABI; include/vmihv/v2.h is what guests see of it. */
#include "vmihv/v2.h"
#include "hypercall/calls.h"
#include "hypercall/clockpage.h"
#include "pv/v2.h"

#define NO_ADDRESS	(~0ul)

/* A frame number that is too large names nothing. */
static u64 address(u64 frame, u64 offset)
{
	return frame >> 40 || offset >= PAGE_SIZE ? NO_ADDRESS : frame << PAGE_SHIFT | offset;
}

static enum outcome events(struct call *c)
{
	struct vcpu *v = call_sibling(c->vcpu, c->args[2]);

	return v ? call_share_events(v, address(c->args[0], 0), c->args[1]) : BAD_ARGUMENT;
}

static enum outcome clock(struct call *c)
{
	struct vcpu *v = call_sibling(c->vcpu, c->args[1]);

	return v ? call_share_clock(v, address(c->args[0], 0)) : BAD_ARGUMENT;
}

static enum outcome unshare(struct call *c)
{
	struct vcpu *v = call_sibling(c->vcpu, c->args[0]);

	return v ? call_unshare(v) : BAD_ARGUMENT;
}

static enum outcome wall(struct call *c)
{
	c->result = clock_wall_start();
	return DONE;
}

static enum outcome alarm(struct call *c)
{
	if (c->args[1] > 1 || (!c->args[1] && c->args[0]))
		return BAD_ARGUMENT;
	return call_timer(c->vcpu, c->args[1] && !c->args[0] ? 1 : c->args[0]);
}

static enum outcome console_out(struct call *c)
{
	return call_console_out(c->vcpu, address(c->args[0], c->args[1]), c->args[2], &c->result);
}

static enum outcome console_in(struct call *c)
{
	return call_console_in(c->vcpu, address(c->args[0], c->args[1]), c->args[2], &c->result);
}

static enum outcome end(struct call *c)
{
	switch (c->args[0]) {
	case VMIHV_V2_END_OFF:
		return call_end(c->vcpu, ENDING_OFF);
	case VMIHV_V2_END_AGAIN:
		return call_end(c->vcpu, ENDING_REBOOT);
	case VMIHV_V2_END_BROKEN:
		return call_end(c->vcpu, ENDING_CRASH);
	}
	return BAD_ARGUMENT;
}

static enum outcome yield(struct call *c) { return call_yield(c->vcpu); }

static enum outcome up(struct call *c)
{
	struct vmihv_v2_up s;

	if (guest_read(&c->vcpu->domain->memory, &s, address(c->args[1], c->args[2]), sizeof(s)))
		return BAD_ADDRESS;
	return call_start(c->vcpu, c->args[0], &(struct start_state){
		s.rip, s.rsp, s.rdi, s.gs_base, s.cr0, s.cr3, s.cr4, s.efer, s.gdt, s.idt,
		s.gdt_limit, s.idt_limit, s.code, s.stack });
}

static enum outcome down(struct call *c) { return call_stop(c->vcpu); }
static enum outcome is_up(struct call *c) { return call_is_up(c->vcpu, c->args[0], &c->result); }

static enum outcome post(struct call *c)
{
	switch (c->args[0]) {
	case VMIHV_V2_EVENT_WAKE:
		return call_send(c->vcpu, c->args[1], EVENT_RESCHEDULE);
	case VMIHV_V2_EVENT_ASK:
		return call_send(c->vcpu, c->args[1], EVENT_CALL);
	case VMIHV_V2_EVENT_LATER:
		return call_send(c->vcpu, c->args[1], EVENT_WORK);
	case VMIHV_V2_NMI:
		return call_nmi(c->vcpu, c->args[1]);
	}
	return BAD_ARGUMENT;
}

static enum outcome sleep(struct call *c) { return call_wait(c->vcpu); }
static enum outcome rouse(struct call *c) { return call_kick(c->vcpu, c->args[0]); }

static enum outcome flush(struct call *c)
{
	if (c->args[1] > VMIHV_V2_FLUSH_ABSENT)
		return BAD_ARGUMENT;
	return call_flush(c->vcpu, c->args[0], c->args[1] == VMIHV_V2_FLUSH_ABSENT, &c->result);
}

/* From frames to addresses, in place. */
static enum outcome read_list(struct call *c, u64 list[VMIHV_V2_LIST_MAX])
{
	if (c->args[2] > VMIHV_V2_LIST_MAX || c->args[1] % sizeof(u64))
		return BAD_ARGUMENT;
	if (guest_read(&c->vcpu->domain->memory, list, address(c->args[0], c->args[1]), c->args[2] * sizeof(u64)))
		return BAD_ADDRESS;
	for (u32 i = 0; i < c->args[2]; i++)
		list[i] = address(list[i], 0);
	return DONE;
}

static enum outcome populate(struct call *c)
{
	u64 list[VMIHV_V2_LIST_MAX];
	enum outcome o = read_list(c, list);

	return o == DONE ? call_take(c->vcpu, list, c->args[2], &c->result) : o;
}

static enum outcome balloon(struct call *c)
{
	u64 list[VMIHV_V2_LIST_MAX];
	enum outcome o = read_list(c, list);

	return o == DONE ? call_release(c->vcpu, list, c->args[2], &c->result) : o;
}

/* A ticket has its domain in it. */
static enum outcome lend(struct call *c)
{
	enum outcome o = call_offer(c->vcpu, address(c->args[0], 0), c->args[1], &c->result);

	c->result |= (u64)c->vcpu->domain->number << 8;
	return o;
}

static enum outcome recall(struct call *c)
{
	return c->args[0] >> 8 == c->vcpu->domain->number ? call_withdraw(c->vcpu, (u8)c->args[0]) : BAD_ARGUMENT;
}

static enum outcome borrow(struct call *c)
{
	return call_accept(c->vcpu, c->args[1] >> 8, (u8)c->args[1], address(c->args[0], 0));
}

static enum outcome hand_back(struct call *c) { return call_return(c->vcpu, address(c->args[0], 0)); }
static enum outcome call_other(struct call *c) { return call_ring(c->vcpu, c->args[0]); }

static enum outcome save(struct call *c) { return call_suspend(c->vcpu); }

static const struct call_row rows[] = {
	{ VMIHV_V2_EVENTS, events, VMI_FEAT_PV_IRQ_TIMER, "EVENTS" },
	{ VMIHV_V2_CLOCK, clock, VMI_FEAT_PV_IRQ_TIMER, "CLOCK" },
	{ VMIHV_V2_UNSHARE, unshare, VMI_FEAT_PV_IRQ_TIMER, "UNSHARE" },
	{ VMIHV_V2_WALL, wall, 0, "WALL" },
	{ VMIHV_V2_ALARM, alarm, VMI_FEAT_PV_IRQ_TIMER, "ALARM" },
	{ VMIHV_V2_CONSOLE_OUT, console_out, 0, "CONSOLE_OUT" },
	{ VMIHV_V2_CONSOLE_IN, console_in, 0, "CONSOLE_IN" },
	{ VMIHV_V2_END, end, 0, "END" },
	{ VMIHV_V2_YIELD, yield, 0, "YIELD" },
	{ VMIHV_V2_UP, up, VMI_FEAT_PV_IRQ_TIMER, "UP" },
	{ VMIHV_V2_DOWN, down, VMI_FEAT_PV_IRQ_TIMER, "DOWN" },
	{ VMIHV_V2_IS_UP, is_up, VMI_FEAT_PV_IRQ_TIMER, "IS_UP" },
	{ VMIHV_V2_POST, post, VMI_FEAT_PV_IRQ_TIMER, "POST" },
	{ VMIHV_V2_SLEEP, sleep, VMI_FEAT_PV_IRQ_TIMER, "SLEEP" },
	{ VMIHV_V2_ROUSE, rouse, VMI_FEAT_PV_IRQ_TIMER, "ROUSE" },
	{ VMIHV_V2_FLUSH, flush, VMI_FEAT_PAGING_ASSIST, "FLUSH" },
	{ VMIHV_V2_POPULATE, populate, VMI_FEAT_PAGING_ASSIST, "POPULATE" },
	{ VMIHV_V2_BALLOON, balloon, VMI_FEAT_PAGING_ASSIST, "BALLOON" },
	{ VMIHV_V2_LEND, lend, VMI_FEAT_PAGING_ASSIST, "LEND" },
	{ VMIHV_V2_RECALL, recall, VMI_FEAT_PAGING_ASSIST, "RECALL" },
	{ VMIHV_V2_BORROW, borrow, VMI_FEAT_PAGING_ASSIST, "BORROW" },
	{ VMIHV_V2_HAND_BACK, hand_back, VMI_FEAT_PAGING_ASSIST, "HAND_BACK" },
	{ VMIHV_V2_CALL, call_other, VMI_FEAT_PAGING_ASSIST, "CALL" },
	{ VMIHV_V2_SAVE, save, VMI_FEAT_PAGING_ASSIST, "SAVE" },
	PV_V2_ROWS
};

static u32 get(const struct registers *regs, u64 args[MAX_ARGUMENTS])
{
	args[0] = regs->rdx;
	args[1] = regs->r8;
	args[2] = regs->r9;
	return regs->rcx;
}

static void put(struct registers *regs, enum outcome outcome, u64 result)
{
	static const u64 statuses[OUTCOMES] = {
		[NO_CALL] = VMIHV_V2_UNKNOWN, [BAD_ARGUMENT] = VMIHV_V2_BAD_VALUE,
		[BAD_ADDRESS] = VMIHV_V2_BAD_FRAME, [REFUSED] = VMIHV_V2_NOT_ALLOWED,
	};

	regs->rax = statuses[outcome];
	if (outcome == DONE)
		regs->rdx = result;
}

static void set_event(void *at, enum event event)
{
	static const u8 index[EVENTS] = {
		[EVENT_TIMER] = VMIHV_V2_EVENT_ALARM, [EVENT_CONSOLE] = VMIHV_V2_EVENT_CONSOLE,
		[EVENT_CONTROL] = VMIHV_V2_EVENT_CONTROL, [EVENT_RESCHEDULE] = VMIHV_V2_EVENT_WAKE,
		[EVENT_CALL] = VMIHV_V2_EVENT_ASK, [EVENT_WORK] = VMIHV_V2_EVENT_LATER,
	};
	struct vmihv_v2_events *p = at;

	__atomic_store_n(&p->happened[index[event]], 1, __ATOMIC_SEQ_CST);
}

static void set_clock(void *at, const struct clock_scale *scale, u64 wall_start)
{
	struct vmihv_v2_clock *p = at;

	(void)wall_start;
	FILL_PVCLOCK(p, scale);
}

static void set_stolen(void *at, u64 ns)
{
	__atomic_store_n(&((struct vmihv_v2_clock *)at)->waited, ns, __ATOMIC_RELAXED);
}

static void set_preempted(void *at, bool preempted)
{
	__atomic_store_n(&((struct vmihv_v2_clock *)at)->waits, preempted, __ATOMIC_RELAXED);
}

static void set_wishes(void *at, const struct wishes *w)
{
	static const u8 ends[] = { [ENDING_OFF] = VMIHV_V2_END_OFF, [ENDING_REBOOT] = VMIHV_V2_END_AGAIN,
		[ENDING_CRASH] = VMIHV_V2_END_BROKEN };
	struct vmihv_v2_events *p = at;

	if (w->frames)
		__atomic_store_n(&p->wish_frames, w->frames, __ATOMIC_SEQ_CST);
	if (w->save)
		__atomic_store_n(&p->wish_save, 1, __ATOMIC_SEQ_CST);
	if (w->end)
		__atomic_store_n(&p->wish_end, ends[w->end - 1], __ATOMIC_SEQ_CST);
}

_Static_assert(VMIHV_V2_LIST_MAX <= CALL_PAGES, "a list is one call's work");

const struct abi abi_v2 = {
	2, rows, ARRAY_SIZE(rows), get, put, set_event, set_clock, set_stolen, set_preempted,
	{ .iret = VMIHV_V2_RETURN, .flag = offsetof(struct vmihv_v2_state, open), .off = 0,
	  .pending = offsetof(struct vmihv_v2_state, happened), .fault = offsetof(struct vmihv_v2_state, address) },
	set_wishes,
};
