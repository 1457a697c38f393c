/* SPDX-License-Identifier: MIT */
/* What the unit tests share. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vmi.h"

#define GOOD_OBJECT	BUILD "/tests/good.o"
#define GOOD_ROM	BUILD "/tests/good.rom"

#define TESTS_MAIN(tests) \
	int main(void) \
	{ \
		cmocka_set_message_output(CM_OUTPUT_TAP); \
		return cmocka_run_group_tests(tests, NULL, NULL); \
	}

static inline struct blob unit_read(const char *path)
{
	struct why why = { "" };
	struct blob blob = { 0 };

	if (file_read(path, &blob, &why))
		fail_msg("%s: %s", path, why.text);
	return blob;
}

static inline struct blob unit_copy(const struct blob *from, size_t size)
{
	struct blob copy = blob_new(size);

	memcpy(copy.data, from->data, size < from->size ? size : from->size);
	return copy;
}

/* Repeatable: a failure comes again. */
static inline uint32_t unit_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Flips up to eight bits, or sets bytes to telling values. */
static inline void unit_damage(struct blob *blob, uint32_t *state)
{
	static const uint8_t telling[] = { 0, 1, 0x7f, 0x80, 0xff, 0xfe };

	for (uint32_t n = 1 + unit_random(state) % 8; n && blob->size; n--) {
		uint8_t *p = blob->data + unit_random(state) % blob->size;

		if (unit_random(state) % 2)
			*p ^= 1u << unit_random(state) % 8;
		else
			*p = telling[unit_random(state) % sizeof(telling)];
	}
}

#endif
