// SPDX-License-Identifier: MIT
/* Numbers that assembly needs, made into offsets.inc by the build. */
#include "host.h"

#define OFFSET(name, value)	__asm__ volatile("->" #name " %0" :: "i" (value))

void offsets(void);

void offsets(void)
{
	OFFSET(CPU_EOI, offsetof(struct percpu, eoi));
	OFFSET(CPU_PREEMPTED, offsetof(struct percpu, steal.preempted));
	OFFSET(PREEMPTED_BIT, KVM_VCPU_PREEMPTED);
}
