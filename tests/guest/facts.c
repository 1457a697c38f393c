// SPDX-License-Identifier: MIT
/* Which kernel runs, on which ROM, and how long it took: read in the running guest, never passed in from outside. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guest.h"
#include "vmi/verdict.h"

#define VMI_SYSFS	"/sys/kernel/vmi/"

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* The GNU build ID among the running kernel's notes; its length, or 0. */
static size_t find_build_id(const char *notes, size_t size, const char **id)
{
	Elf64_Nhdr note;
	size_t at = 0;

	while (at + sizeof(note) <= size) {
		memcpy(&note, notes + at, sizeof(note));
		*id = notes + at + sizeof(note) + align4(note.n_namesz);
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    !memcmp(notes + at + sizeof(note), "GNU", 4))
			return note.n_descsz;
		at += sizeof(note) + align4(note.n_namesz) +
		      align4(note.n_descsz);
	}
	return 0;
}

static void print_build_id(void)
{
	static char notes[16384];
	const char *id = NULL;
	int size = guest_read("/sys/kernel/notes", notes, sizeof(notes));
	size_t len = size < 0 ? 0 : find_build_id(notes, size, &id);

	printf(VMI_VERDICT_BUILD_ID);
	for (size_t i = 0; i < len; i++)
		printf("%02x", (unsigned char)id[i]);
	printf("%s\n", len ? "" : "none");
}

/* A one-line file of the kernel's VMI folder, or what stands for absent. */
static const char *vmi_fact(const char *path, char *buf, size_t size,
			    const char *absent)
{
	int len = guest_read(path, buf, size);

	if (len <= 0)
		return absent;
	buf[strcspn(buf, "\n")] = 0;
	return buf;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

/* TSC ticks per second, measured over a twentieth of one. */
static double tsc_rate(void)
{
	uint64_t ns = now_ns(CLOCK_MONOTONIC), tsc = guest_tsc();
	uint64_t end = ns;

	while (end - ns < 50000000)
		end = now_ns(CLOCK_MONOTONIC);
	return (guest_tsc() - tsc) * 1e9 / (end - ns);
}

uint64_t facts_boot_ticks(uint64_t start)
{
	char buf[32];
	const char *entry = vmi_fact(VMI_SYSFS "entry_tsc", buf, sizeof(buf),
				     "0");
	uint64_t tsc = strtoull(entry, NULL, 0);

	return tsc && tsc < start ? start - tsc : 0;
}

/* Without the kernel's own mark, its clock is the next best: it starts a little later than the kernel does. */
static double seconds_to_user(uint64_t start)
{
	uint64_t ns = now_ns(CLOCK_BOOTTIME), ticks = facts_boot_ticks(start);

	return ticks ? ticks / tsc_rate() : ns / 1e9;
}

void facts_print(uint64_t start)
{
	double seconds = seconds_to_user(start);
	char rom[64], sha[80];
	const char *name = vmi_fact(VMI_SYSFS "rom", rom, sizeof(rom), "none");

	vmi_fact(VMI_SYSFS "sha256", sha, sizeof(sha), "");
	/* Firmware may have left the console in the middle of a line. */
	putchar('\n');
	print_build_id();
	printf(VMI_VERDICT_ROM "%s %s\n", name,
	       strcmp(name, "none") ? sha : "-");
	printf(VMI_VERDICT_SECONDS "%.3f\n", seconds);
}
