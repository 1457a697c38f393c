/* SPDX-License-Identifier: MIT */
/*
 * An ABI of vmihv: how a hypercall looks, and what shared pages look like. What
 * calls do is in calls.c, once. v1.c and v2.c are the two there are.
 */
#ifndef HV_ABI_H
#define HV_ABI_H

#include "cpu/clock.h"
#include "domain/domain.h"

#define MAX_ARGUMENTS	3

/** What a call did, in vmihv's own words; each ABI has its own numbers for them. */
enum outcome {
	DONE, NO_CALL, BAD_ARGUMENT, BAD_ADDRESS, REFUSED, OUTCOMES,
	OTHER_REGISTERS,	/* done, and the registers are not the caller's any more */
};

/** One call under way. */
struct call {
	struct vcpu *vcpu;
	u64 args[MAX_ARGUMENTS];
	u64 result;		/* where the outcome is DONE */
};

/** A row of an ABI's only table. */
struct call_row {
	u32 number;
	enum outcome (*run)(struct call *call);
	u32 needs;		/* VMI_FEAT_*: a domain without one of these is refused */
	const char *name;
};

struct abi {
	u32 version;
	const struct call_row *rows;
	u32 row_count;
	/** From the registers of the guest, and back into them. */
	u32 (*get)(const struct registers *regs, u64 args[MAX_ARGUMENTS]);
	void (*put)(struct registers *regs, enum outcome outcome, u64 result);
	/** In the guest's shared pages. */
	void (*set_event)(void *page, enum event event);
	void (*set_clock)(void *page, const struct clock_scale *scale, u64 wall_start);
	void (*set_stolen)(void *clock_page, u64 ns);
	void (*set_preempted)(void *clock_page, bool preempted);
	/* Of a guest without a container. */
	struct pv_layout {
		u32 iret;		/* the call that is made most */
		u8 flag, off;		/* byte of vcpu.flags: the interrupt flag; its value when interrupts are off, else 0 or 1 */
		u8 pending;		/* byte */
		u8 fault;		/* u64: address of the last page fault */
	} pv;
	/* NULL: the guest asks, by a call. */
	void (*set_wishes)(void *page, const struct wishes *wishes);
};

extern const struct abi abi_v1, abi_v2;

const struct abi *abi_of_version(u32 version);

#endif
