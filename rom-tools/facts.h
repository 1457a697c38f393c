/* SPDX-License-Identifier: MIT */
/*
 * What a machine shows of itself: files and CPUID. They are read once, from this
 * machine or from a recording, and everything else looks at the copy, so that a
 * recording gives the same answers. Read next: facts.c, then host.h.
 */
#ifndef VMI_FACTS_H
#define VMI_FACTS_H

#include "vmi.h"

struct fact {
	char *path;			/* as on the machine, from "/" */
	struct blob bytes;		/* with a zero behind them */
	char *error;			/* why it could not be read, or NULL */
};

struct cpuid_row {
	uint32_t leaf, subleaf, eax, ebx, ecx, edx;
	bool forced;			/* by Xen's prefix for PV domains, not by the processor */
};

struct facts {
	struct fact *list;
	size_t count;
	struct cpuid_row *cpuid;
	size_t cpuid_count;
};

/** From this machine (folder NULL) or from a recording. */
int facts_read(struct facts *facts, const char *folder, struct why *why);
/** Makes a folder and writes the facts to it as facts_read takes them. */
int facts_write(const struct facts *facts, const char *folder, struct why *why);
void facts_free(struct facts *facts);

/** The next fact whose path matches the pattern, behind `last` (NULL: from the first), or NULL. */
const struct fact *fact_next(const struct facts *facts, const struct fact *last, const char *pattern);
/** The text of a fact without white space at its end, or NULL; the caller frees it. */
char *fact_text(const struct facts *facts, const char *path);
/** Whether a fact's bytes contain this text. */
bool fact_has(const struct facts *facts, const char *path, const char *text);
/** NULL: that leaf was not seen. */
const struct cpuid_row *cpuid_find(const struct facts *facts, uint32_t leaf, bool forced);

/* cpuid.c */

#define CPUID_HYPERVISOR	0x40000000u	/* first leaf of the hypervisor's */
#define CPUID_STEP		0x100u		/* the next may stand this much higher */
#define CPUID_LAST		0x40010000u

/** Adds what this processor answers, and what Xen's prefix gives if it exists here. */
void cpuid_read(struct facts *facts);
/** A line of a recording. */
int cpuid_parse(struct facts *facts, char *text, struct why *why);
char *cpuid_print(const struct facts *facts);
/** The 12 bytes of a signature leaf as text, into text[13]. */
void cpuid_signature(const struct cpuid_row *row, char *text);

#endif
