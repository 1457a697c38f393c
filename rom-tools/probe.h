/* SPDX-License-Identifier: MIT */
/* Asks a ROM whether a host is its own, without being on that host. */
#ifndef VMI_PROBE_H
#define VMI_PROBE_H

#include "facts.h"

/** What a ROM's detect() may look at. */
struct probe {
	struct facts cpuid;		/* its rows only */
	uint16_t kernel_cs;		/* of a kernel on that host, when it starts */
};

/**
 * Runs detect() of a checked ROM one instruction at a time, with the host's
 * answers to CPUID and its code selector. *bid is 0 where it is not its host.
 */
int probe_bid(const struct probe *probe, const struct blob *rom, uint32_t *bid, struct why *why);

#endif
