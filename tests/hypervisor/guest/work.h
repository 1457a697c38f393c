/* SPDX-License-Identifier: MIT */
/* What the files of this guest share. Read next: main.c. */
#ifndef WORK_H
#define WORK_H

#include "guest.h"
#include <vmihv/found.h>

#define NS		1000000000ul
#define PA(symbol)	((uint64_t)(symbol) - IMAGE_OFFSET)

/** Repeatable: each caller has its own state, which is not 0. */
uint64_t random_next(uint64_t *state);
void say_number(const char *what, uint64_t value);
/** The number behind this word of the command line, or this one. */
uint64_t cmdline_number(const char *word, uint64_t otherwise);
uint64_t now(void);

/** The second vCPU runs this, on a stack of its own. Not 0: there is none, or it runs already. */
int second_start(void (*run)(uint64_t argument), uint64_t argument);
/** Before that: its block and its table. */
int second_init(void);
/** What START takes for it. */
struct vmi_start second_state(uint64_t argument);

/** Events so far. */
uint32_t control_count(void);
uint32_t timer_count(void);

/* suspend.c */
void suspend(void);

/* channel.c */
void channel(void);
void intrude(void);

/* memory.c */
void balloon(void);
void flush(void);
void large(void);
void memory_event(uint32_t event);

/* ring3.c */
void ring3(void);
/** Where a fault goes on, and on which stack; 0: behind the instruction. */
extern uint64_t resume, resume_rsp;

/* fuzz.c */
void fuzz(void);
void start_garbage(void);

#endif
