/* SPDX-License-Identifier: MIT */
/* What stands in for the machine: memory, and the ends of things. */
#ifndef HOST_H
#define HOST_H

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "hv.h"
#include <cmocka.h>

#include "memory/frames.h"
#include "memory/memory.h"

#define HOST_MEMORY	(64 * MIB)

#define TESTS_MAIN(tests) \
	int main(void) \
	{ \
		cmocka_set_message_output(CM_OUTPUT_TAP); \
		return cmocka_run_group_tests(tests, NULL, NULL); \
	}

/** Memory of HOST_MEMORY, all of it RAM, nothing taken; each call begins anew. */
void host_start(void);
/** A file from the build folder; the caller frees it. */
void *host_file(const char *path, u64 *bytes);
/** Repeatable: a failure comes again. */
u32 host_random(u32 *state);

/** What the code under test did. */
extern char host_output[1 << 16];
extern u32 host_output_bytes, host_wakes, host_ends;

#endif
