/* SPDX-License-Identifier: MIT */
/* From the instruction to the call. Read next: hypercall.c, abi.h. */
#ifndef HV_HYPERCALL_H
#define HV_HYPERCALL_H

#include "domain/domain.h"

/** Does the call that stands in the vCPU's registers. */
void hypercall(struct vcpu *v);

#endif
