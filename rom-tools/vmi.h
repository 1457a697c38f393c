/* SPDX-License-Identifier: MIT */
/* What the parts of the host program `vmi` share. Read next: main.c, then link.c. */
#ifndef VMI_TOOL_H
#define VMI_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** One sentence that says why something was refused; the first one stays. */
struct why {
	char text[512];
};

/** Sets the sentence, unless there is one already; always -1. */
int refuse(struct why *why, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Bytes that are owned: blob_free() releases them. */
struct blob {
	uint8_t *data;
	size_t size;
};

#define FILE_LIMIT	(1u << 30)	/* no kernel or ROM is larger */

void blob_free(struct blob *blob);
/** Allocates size zero bytes; does not return without memory. */
struct blob blob_new(size_t size);
int file_read(const char *path, struct blob *blob, struct why *why);
/** Writes a temporary file beside path and renames it: all or nothing. */
int file_write(const char *path, const void *data, size_t size, unsigned int mode, struct why *why);
void *xcalloc(size_t count, size_t size);
char *xprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Hexadecimal digits of bytes, zero-terminated, into text[2 * size + 1]. */
void hex(char *text, const uint8_t *bytes, size_t size);
void sha256_hex(char text[65], const void *data, size_t size);
/** Replaces every byte that is no printable ASCII by a question mark; returns the text. */
char *printable(char *text);
/** Prints "vmi COMMAND: FILE: sentence"; always 1, the exit status. */
int complain(const char *command, const char *file, const struct why *why);

/** True if [offset, offset + bytes) lies inside [0, size). */
static inline bool inside(uint64_t offset, uint64_t bytes, uint64_t size)
{
	return bytes <= size && offset <= size - bytes;
}

static inline uint32_t get32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint16_t get16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

static inline void put16(uint8_t *p, uint16_t value)
{
	p[0] = value;
	p[1] = value >> 8;
}

static inline void put32(uint8_t *p, uint32_t value)
{
	put16(p, value);
	put16(p + 2, value >> 16);
}

static inline void put64(uint8_t *p, uint64_t value)
{
	put32(p, value);
	put32(p + 4, value >> 32);
}

/* Subcommands; argv[0] is "vmi COMMAND". The result is the exit status. */
int command_build(int argc, char **argv);
int command_bundle(int argc, char **argv);
int command_detect(int argc, char **argv);
int command_domain(int argc, char **argv);
int command_inspect(int argc, char **argv);
int command_pack(int argc, char **argv);
int command_report(int argc, char **argv);
int command_run(int argc, char **argv);
int command_select(int argc, char **argv);
int command_verify(int argc, char **argv);

#endif
