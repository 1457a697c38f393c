/* SPDX-License-Identifier: MIT */
/* What every file of vmihv may use: types, printing, the end. Read next: boot/boot.c, which starts everything. */
#ifndef HV_H
#define HV_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define PAGE_SHIFT	12
#define PAGE_SIZE	4096ul
#define KIB		1024ul
#define MIB		(KIB * KIB)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* lib/string.c */
void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t text_length(const char *text);
bool text_equal(const char *a, const char *b);
/** Copies what fits in size bytes, a zero at the end included. */
void text_copy(char *to, const char *from, size_t size);

/* lib/print.c; a line of what went wrong begins with "vmihv! ". Formats: %s %.*s %c %d %u %x %lu %lx %p %%, widths and leading zeros for numbers */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** The same into size bytes, always ended by a zero. */
void text_print(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
void text_vprint(char *to, size_t size, const char *format, va_list args);

/* cpu/panic.c */
void panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/** One sentence that says why something was refused. */
struct why {
	char text[160];
};

/** Sets the sentence; -1, so that callers can return it. */
int refuse(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
