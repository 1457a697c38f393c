// SPDX-License-Identifier: MIT
/* What a guest may give a vCPU to begin with. */
#include "container/container.h"

#define CR0_NEEDED	0x80000001ul		/* PG PE */
#define CR0_KNOWN	0x8005003ful		/* and AM WP NE ET TS EM MP; caches stay on */
#define CR4_NEEDED	0x20ul			/* PAE */
#define CR4_KNOWN	0x770ffful		/* up to UMIP but 57-bit addresses; FSGSBASE PCIDE OSXSAVE, SMEP SMAP PKE */
#define EFER_NEEDED	0x500ul			/* LMA LME */
#define EFER_KNOWN	0xd01ul			/* and NXE SCE */
#define CR3_KNOWN	0x000ffffffffffffful

static bool has(u64 value, u64 needed, u64 known)
{
	return (value & needed) == needed && !(value & ~known);
}

bool start_is_long(const struct start_state *s)
{
	return has(s->cr0, CR0_NEEDED, CR0_KNOWN) && has(s->cr4, CR4_NEEDED, CR4_KNOWN) &&
	       has(s->efer, EFER_NEEDED, EFER_KNOWN) && has(s->cr3, 0, CR3_KNOWN);
}
