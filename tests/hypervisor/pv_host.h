/* SPDX-License-Identifier: MIT */
/* What tests of domains in ring 3 share. */
#ifndef PV_HOST_H
#define PV_HOST_H

#include "pv/pv.h"

/** Counts all uses of frames again from the tables themselves; root: a frame that one CPU uses, or 0; kept: more of each frame's, or NULL. */
void pages_must_add_up(const struct pages *p, u64 root, const u32 *kept);

#endif
