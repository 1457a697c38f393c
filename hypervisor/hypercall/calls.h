/* SPDX-License-Identifier: MIT */
/* What hypercalls do, whatever they are called in an ABI. Addresses are guest-physical. */
#ifndef HV_CALLS_H
#define HV_CALLS_H

#include "hypercall/abi.h"

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

#endif
