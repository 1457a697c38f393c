/* SPDX-License-Identifier: MIT */
/* What the programs of the test initramfs share. They run on any Linux; read next: init.c. */
#ifndef GUEST_H
#define GUEST_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t guest_tsc(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/** Reads a small file into buf, zero-terminated; its length, or -1. */
int guest_read(const char *path, char *buf, size_t size);

/** Runs fn in a child process for at most this long; 0, or how it ended (waitpid). */
int guest_child(int (*fn)(void), unsigned int seconds);

/** Prints build ID, ROM and seconds to user space; start is the TSC then. */
void facts_print(uint64_t start);

/** TSC ticks since the kernel's first instruction, or 0 where it does not say. */
uint64_t facts_boot_ticks(uint64_t start);

/** Starts processes that work and check themselves, and says how many have got on since it was last asked. */
void work_start(void);
void work_report(void);

/** Runs every smoke test; the name of the first that failed, or NULL. */
const char *smoke_run(void);

#endif
