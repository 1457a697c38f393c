// SPDX-License-Identifier: MIT
/* Numbers that assembly needs, made into offsets.inc by the build. */
#include "pv.h"

#define OFFSET(name, value)	__asm__ volatile("->" #name " %0" :: "i" (value))

void offsets(void);

void offsets(void)
{
	OFFSET(CPU_CR3, offsetof(struct pv_cpu, cr3));
	OFFSET(CPU_ASYNC, offsetof(struct pv_cpu, async));
	OFFSET(KERNEL_CS, VMIHV_KERNEL_CS);
	OFFSET(KERNEL_SS, VMIHV_KERNEL_SS);
}
