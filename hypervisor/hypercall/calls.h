/* SPDX-License-Identifier: MIT */
/* What hypercalls do, whatever they are called in an ABI. Addresses are guest-physical. */
#ifndef HV_CALLS_H
#define HV_CALLS_H

#include "container/container.h"
#include "hypercall/abi.h"

/** The vCPU of this number in the same domain, or NULL. */
struct vcpu *call_sibling(struct vcpu *v, u64 number);
/** Pages that the guest shares with vmihv; they must be in its memory. Address ~0: no page any more. */
enum outcome call_share_events(struct vcpu *v, u64 address, u64 vector);
enum outcome call_share_clock(struct vcpu *v, u64 address);
enum outcome call_unshare(struct vcpu *v);
/** From and to guest memory; *taken is how many. */
enum outcome call_console_out(struct vcpu *v, u64 address, u64 bytes, u64 *taken);
enum outcome call_console_in(struct vcpu *v, u64 address, u64 bytes, u64 *taken);
enum outcome call_timer(struct vcpu *v, u64 deadline);
enum outcome call_end(struct vcpu *v, enum ending why);
enum outcome call_yield(struct vcpu *v);

/** Other vCPUs of the domain, by number. One that is started must be down, and has its pages. */
enum outcome call_start(struct vcpu *v, u64 number, const struct start_state *s);
enum outcome call_stop(struct vcpu *v);
enum outcome call_is_up(struct vcpu *v, u64 number, u64 *up);
/** Of a set, bit n for vCPU n, those that are up get it. */
enum outcome call_send(struct vcpu *v, u64 set, enum event event);
enum outcome call_nmi(struct vcpu *v, u64 set);
/** Until kicked or interrupted. A kick before it is remembered, one. */
enum outcome call_wait(struct vcpu *v);
enum outcome call_kick(struct vcpu *v, u64 set);

/* memory.c: pages go and come; *done of them, from the first. None where one of them cannot be. */
#define CALL_PAGES	64u	/* at a time */
enum outcome call_release(struct vcpu *v, const u64 *pages, u32 count, u64 *done);
enum outcome call_take(struct vcpu *v, const u64 *pages, u32 count, u64 *done);
/** These vCPUs have forgotten what they knew of their tables when it returns. Those that do not run now only: *left is who runs. */
enum outcome call_flush(struct vcpu *v, u64 set, bool absent_only, u64 *left);

/* domain/suspend.c */
/** The domain stands still, until it is resumed from outside. REFUSED: nobody wants that, or it is not ready. */
enum outcome call_suspend(struct vcpu *v);

/* domain/sharing.c. Domains by their numbers, pages by their addresses. */
enum outcome call_offer(struct vcpu *v, u64 page, u64 to, u64 *ticket);
/** REFUSED: it is taken. */
enum outcome call_withdraw(struct vcpu *v, u64 ticket);
/** REFUSED: there is no memory for the account of it. */
enum outcome call_accept(struct vcpu *v, u64 from, u64 ticket, u64 page);
enum outcome call_return(struct vcpu *v, u64 page);
/** As a kick, for the first vCPU of another domain. */
enum outcome call_ring(struct vcpu *v, u64 number);

#endif
