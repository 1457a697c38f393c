/* SPDX-License-Identifier: MIT */
/* What the files of this guest share. Read next: main.c. */
#ifndef WORK_H
#define WORK_H

#include "guest.h"

#define NS		1000000000ul
#define PA(symbol)	((uint64_t)(symbol) - IMAGE_OFFSET)

/** Repeatable: each caller has its own state, which is not 0. */
uint64_t random_next(uint64_t *state);
void say_number(const char *what, uint64_t value);
/** The number behind this word of the command line, or this one. */
uint64_t cmdline_number(const char *word, uint64_t otherwise);
uint64_t now(void);

/* fuzz.c */
void fuzz(void);
void start_garbage(void);

#endif
