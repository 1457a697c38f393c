/* SPDX-License-Identifier: MIT */
/* The kinds of work of soak.c. */
#ifndef SOAK_H
#define SOAK_H

struct soak_kind {
	const char *name;
	/** Does it once; NULL, or what is wrong. */
	const char *(*once)(void);
};

/** Called at each small step of once(), from any thread: a kind that is slow is not one that stands still. */
void soak_step(void);

#define SOAK_KINDS	8

extern const struct soak_kind soak_kinds[SOAK_KINDS];

#endif
