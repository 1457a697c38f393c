/* SPDX-License-Identifier: MIT */
/* What the steps of /hostile share. Read next: hostile.c. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stddef.h>
#include <stdint.h>

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/** One way to be hostile: called with 0, 1, ... in a process of its own each time. */
struct step {
	const char *name;
	void (*fn)(unsigned int nr);
	unsigned int count;
};

extern const struct step cpu_steps[], entry_steps[], system_steps[];
extern const size_t cpu_step_count, entry_step_count, system_step_count;

/** Addresses that are nobody's, the kernel's, the host's, or none at all. */
#define ODD_ADDRESSES	26
extern const uint64_t odd_address[ODD_ADDRESSES];
/** Selectors: null, the kernel's, the user's, Xen's, of the LDT, beyond the tables. */
#define ODD_SELECTORS	67
extern const uint16_t odd_selector[ODD_SELECTORS];

/** Low memory for code and stack of 32 bits, with code in front; its address. */
void *low_code(const void *code, size_t bytes);
/** Goes on in that code, in 32 bits, and does not come back. */
void run_32(const void *code, size_t bytes) __attribute__((noreturn));
/** Ends this process; FOUND: it saw what must not be. */
#define FOUND	99
void gone(int status) __attribute__((noreturn));

#endif
