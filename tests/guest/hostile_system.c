// SPDX-License-Identifier: MIT
/* Hostile steps: what the kernel offers to root: LDTs, devices of the machine, memory for page tables. */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"
#include "hostile.h"

static long modify_ldt(int func, void *data, size_t size)
{
	return syscall(SYS_modify_ldt, func, data, size);
}

static const uint32_t odd_limit[] = { 0, 1, 0xfff, 0xfffff };
static const uint32_t odd_base[] = { 0, 0xffffffff, 0x80000000 };

/* Loads what was made into every register, and calls through it. */
static void use_segment(uint16_t selector)
{
	struct { uint32_t offset; uint16_t selector; } to = { 0, selector };

	for (int which = 0; which < 6; which++) {
		pid_t pid = fork();

		if (pid) {
			waitpid(pid, NULL, 0);
			continue;
		}
		switch (which) {
		case 0: asm volatile("mov %0, %%ds" : : "r" (selector)); break;
		case 1: asm volatile("mov %0, %%es" : : "r" (selector)); break;
		case 2: asm volatile("mov %0, %%fs" : : "r" (selector)); break;
		case 3: asm volatile("mov %0, %%gs" : : "r" (selector)); break;
		case 4: asm volatile("mov %0, %%ss" : : "r" (selector)); break;
		case 5: asm volatile("lcall *%0" : : "m" (to) : "memory"); break;
		}
		asm volatile("syscall" : : "a" (SYS_sched_yield) : "rcx", "r11", "memory");
		asm volatile("syscall" : : "a" (SYS_exit), "D" (0) : "rcx", "r11", "memory");
	}
}

/* Every shape of entry that modify_ldt() can say, one of the limits and bases with each. */
static void try_ldt(unsigned int nr)
{
	struct user_desc d = {
		.entry_number = nr & 1 ? 0 : LDT_ENTRIES - 1,
		.base_addr = odd_base[nr % COUNT(odd_base)],
		.limit = odd_limit[nr % COUNT(odd_limit)],
		.seg_32bit = nr, .contents = nr >> 1, .read_exec_only = nr >> 3,
		.limit_in_pages = nr >> 4, .seg_not_present = nr >> 5, .useable = nr >> 6,
	};
	struct user_desc gone_again = { .entry_number = d.entry_number };

	if (modify_ldt(nr & 2 ? 1 : 0x11, &d, sizeof(d)))
		return;
	use_segment(d.entry_number << 3 | 7);
	/* Away with it, while it is loaded. */
	asm volatile("mov %0, %%gs" : : "r" (d.entry_number << 3 | 7));
	modify_ldt(1, &gone_again, sizeof(gone_again));
	syscall(SYS_sched_yield);
}

/* Entries that are no entries, lengths that are no lengths. */
static void try_ldt_arguments(unsigned int nr)
{
	static char buf[70000];
	struct user_desc d = { .entry_number = nr * 4096 + 8191, .limit = 1, .useable = 1 };
	static const int funcs[] = { 0, 1, 2, 0x11, 3, -1 };

	for (size_t i = 0; i < COUNT(funcs); i++) {
		modify_ldt(funcs[i], buf, nr * 7919);
		modify_ldt(funcs[i], &d, sizeof(d));
		modify_ldt(funcs[i], (void *)odd_address[nr % ODD_ADDRESSES], sizeof(d));
		syscall(SYS_set_thread_area, odd_address[nr % ODD_ADDRESSES]);
	}
}

/* Forty processes, each with the largest LDT and two copies of it, at once. */
static void try_many_ldts(unsigned int nr)
{
	struct user_desc d = { .entry_number = LDT_ENTRIES - 1, .limit = 1, .seg_32bit = 1, .useable = 1 };
	pid_t pids[40];

	for (size_t i = 0; i < COUNT(pids); i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		modify_ldt(1, &d, sizeof(d));
		if (fork() >= 0 && nr)
			asm volatile("mov %0, %%es" : : "r" (0xffff));
		pause();
	}
	usleep(200000);
	for (size_t i = 0; i < COUNT(pids); i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

/* Registers of the machine by number: read all of these, write back what was read. */
static const uint32_t msrs[] = {
	0x0, 0x10, 0x1b, 0x3a, 0x48, 0x49, 0x79, 0x8b, 0xc1, 0xce, 0xe7, 0xfe, 0x10b, 0x122, 0x174, 0x175, 0x176,
	0x179, 0x17a, 0x17b, 0x186, 0x198, 0x19b, 0x1a0, 0x1d9, 0x1db, 0x200, 0x201, 0x250, 0x277, 0x2ff,
	0x345, 0x38d, 0x38f, 0x390, 0x400, 0x401, 0x480, 0x6a0, 0x6a2, 0x6e0, 0x802, 0x830, 0xda0,
	0x40000000, 0x40000001, 0x4b564d00, 0xc0000080, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084,
	0xc0000103, 0xc0010010, 0xc0010015, 0xc001001a, 0xc001001f, 0xc0010055, 0xc0010111, 0xc0010114,
	0xc0010117, 0xc0010140, 0xc0011029, 0xffffffff,
};

static void try_msr(unsigned int nr)
{
	int fd = open("/dev/cpu/0/msr", O_RDWR);
	uint64_t value = 0;

	if (fd < 0)
		return;
	if (pread(fd, &value, sizeof(value), msrs[nr]) == sizeof(value))
		pwrite(fd, &value, sizeof(value), msrs[nr]);
}

/* The machine's memory, as far as the kernel has a device for it. */
static void try_memory(unsigned int nr)
{
	static const uint64_t at[] = { 0, 0x1000, 0xa0000, 0xc0000, 0xf0000, 0x100000, 0xfec00000, 0xfed00000,
				       0xfee00000, 0x100000000, 0x10000000000, 0xffffffffff000, 0x7ffffffffffff000 };
	int fd = open(nr / COUNT(at) ? "/dev/port" : "/dev/mem", O_RDWR);
	uint64_t from = at[nr % COUNT(at)];
	char buf[64], *map;

	if (fd < 0)
		return;
	pread(fd, buf, sizeof(buf), nr / COUNT(at) ? 0x80 : from);
	map = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, from);
	if (map != MAP_FAILED)
		buf[0] = ((volatile char *)map)[0];
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, from);
	if (map != MAP_FAILED)
		((volatile char *)map)[0] = 1;
}

/* A page table for each page, of every level, and all of it twice. */
static void try_page_tables(unsigned int nr)
{
	static const uint64_t stride[] = { 1ul << 21, 1ul << 30, 1ul << 39, 3ul << 20 };
	uint64_t at = 0x10000000000;

	for (int i = 0; i < 1000 && at < 0x700000000000; i++, at += stride[nr]) {
		char *page = mmap((void *)at, 4096, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (page == (void *)at)
			*page = i;
	}
	if (!fork()) {
		mprotect((void *)0x10000000000, 4096, PROT_READ);
		munmap((void *)0x10000000000, 1ul << 40);
		gone(0);
	}
	wait(NULL);
}

/* What a host's call would be by number is the kernel's system call, and nothing else. */
static void try_hypercalls(unsigned int nr)
{
	long result = nr, expect = syscall(SYS_getpid);

	if (nr == SYS_getpid) {
		asm volatile("syscall" : "+a" (result) : : "rcx", "r11", "memory");
		gone(result == expect ? 0 : FOUND);
	}
	/* Numbers that are no system calls, with and without the bits that some ABIs put on top. */
	result = 0x3000 + nr;
	asm volatile("syscall" : "+a" (result) : "D" (0), "S" (0), "d" (0) : "rcx", "r11", "memory");
	if (result != -ENOSYS)
		gone(FOUND);
	result = (long)0xffffffff80000000 + nr;
	asm volatile("syscall" : "+a" (result) : "D" (0), "S" (0), "d" (0) : "rcx", "r11", "memory");
	if (result != -ENOSYS)
		gone(FOUND);
}

const struct step system_steps[] = {
	{ "ldt", try_ldt, 128 },
	{ "ldt-arguments", try_ldt_arguments, 16 },
	{ "many-ldts", try_many_ldts, 2 },
	{ "msr", try_msr, COUNT(msrs) },
	{ "memory", try_memory, 14 },
	{ "page-tables", try_page_tables, 4 },
	{ "hypercalls", try_hypercalls, 64 },
};
const size_t system_step_count = COUNT(system_steps);
