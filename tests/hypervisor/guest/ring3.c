// SPDX-License-Identifier: MIT
/*
 * What a kernel in ring 3 may think of to get out of it: page tables, descriptor
 * tables, hypercalls with anything in their registers. Each thing that must not be
 * is tried, and looked at. Read next: ../ring3.t.
 */
#include "work.h"
#include <vmihv/start.h>
#include <vmihv/v1.h>
#include <vmihv/v2.h>

#define P	0x1ul
#define RW	0x2ul
#define US	0x4ul
#define LARGE	0x80ul
#define FRAME	0xffffffffff000ul
#define CHUNKS	4096u			/* of the machine, that are tried: 8 GiB */

typedef uint64_t page[512] __attribute__((aligned(4096)));

uint64_t resume, resume_rsp;		/* where a fault that is expected goes on; guest_trap() */
static page plain, victim, table, ldt;
static uint64_t refused, tries, seed;
static int version;

/** Result in *result; 0: done. */
static int call(uint32_t v1, uint32_t v2, uint64_t a, uint64_t b, uint64_t c, uint64_t *result)
{
	register uint64_t r10 __asm__("r10") = v2;
	register uint64_t r8 __asm__("r8") = b;
	register uint64_t r9 __asm__("r9") = c;
	uint64_t rax = v1, rdi = a, rsi = b, rdx = version == 1 ? c : a;

	__asm__ volatile("syscall" : "+a" (rax), "+d" (rdx), "+D" (rdi), "+S" (rsi), "+r" (r8), "+r" (r9), "+r" (r10)
			 :: "rcx", "r11", "memory");
	if (result)
		*result = version == 1 ? rax : rdx;
	return version == 1 ? rax > (uint64_t)-16 : !!rax;
}

static int set(uint64_t pa, uint64_t value)
{
	return version == 1 ? call(VMIHV_V1_ENTRY, 0, pa, value, VMIHV_V1_ENTRY_SET, NULL) :
		call(0, VMIHV_V2_DO, VMIHV_V2_OP_SET, pa, value, NULL);
}

static int pin(uint64_t pa, uint64_t level)
{
	if (version == 1)
		return call(VMIHV_V1_TABLE, 0, pa, level, 0, NULL);
	return call(0, VMIHV_V2_DO, level ? VMIHV_V2_OP_TABLE : VMIHV_V2_OP_PLAIN, pa >> 12, level, NULL);
}

static int roots(uint64_t pa, uint64_t user)
{
	return version == 1 ? call(VMIHV_V1_ROOTS, 0, pa, user, 0, NULL) :
		call(0, VMIHV_V2_DO, VMIHV_V2_OP_ROOTS, pa >> 12, user >> 12, NULL);
}

static int describe(uint64_t pa, uint64_t value)
{
	return version == 1 ? call(VMIHV_V1_DESCRIPTOR, 0, pa, value, 0, NULL) :
		call(0, VMIHV_V2_DO, VMIHV_V2_OP_DESCRIPTOR, pa, value, NULL);
}

static void must_refuse(int was_refused, const char *what)
{
	tries++;
	refused += was_refused;
	if (!was_refused)
		leave(what);
}

static uint64_t frame(const void *p) { return call_value(VMI_CALL_MAKE_PTE, PA(p) | P) & FRAME; }

/** Guest-physical address of the entry of this level that maps va. */
static uint64_t entry_of(uint64_t va, int level)
{
	uint64_t at = PA(root);

	for (int l = 4; ; l--) {
		at += (va >> (3 + 9 * l) & 511) * 8;
		if (l == level)
			return at;
		at = call_value(VMI_CALL_PTE_VAL, *(uint64_t *)(DIRECT_MAP + at)) & FRAME;
	}
}

static int is_own(uint64_t chunk)
{
	uint64_t end = boot->ranges[boot->range_count - 1].pa + boot->ranges[boot->range_count - 1].bytes;

	for (uint64_t pa = 0; pa < end; pa += 1ul << VMIHV_CHUNK_SHIFT)
		if ((call_value(VMI_CALL_MAKE_PTE, pa | P) & FRAME) >> VMIHV_CHUNK_SHIFT == chunk)
			return 1;
	return 0;
}

/* All memory of the machine that is not ours: vmihv's, its records, its tables, other domains'. */
static void try_others(uint64_t pa)
{
	static const uint64_t offsets[] = { 0, 0x1000, 0xff000, 0x1ff000 }, flags[] = { P, P | US, P | RW | US };

	for (uint64_t chunk = 0; chunk < CHUNKS; chunk++)
		for (int i = 0; i < 12 && !is_own(chunk); i++)
			must_refuse(set(pa, chunk << VMIHV_CHUNK_SHIFT | offsets[i / 3] | flags[i % 3]),
				    "a frame that is not its own is mapped");
}

static void try_bits(uint64_t pa)
{
	for (int bit = 36; bit < 52; bit++)
		must_refuse(set(pa, frame(plain) | 1ul << bit | P | RW | US), "a frame beyond all memory is mapped");
	must_refuse(set(pa, frame(plain) | LARGE | P | RW | US), "a large page is mapped");
	must_refuse(set(pa, FRAME | P), "the last frame of all is mapped");
}

/* A table of each level in each entry that does not lead to the next lower one. */
static void try_levels(void)
{
	for (int level = 1; level <= 4; level++)
		for (int to = 1; to <= 4; to++) {
			uint64_t child = to == 4 ? PA(root) : call_value(VMI_CALL_PTE_VAL, *(uint64_t *)(DIRECT_MAP +
				entry_of((uint64_t)victim, to + 1))) & FRAME;
			uint64_t value = (call_value(VMI_CALL_MAKE_PTE, child | P) & FRAME) | P | RW | US;

			if (to != level - 1)
				must_refuse(set(entry_of((uint64_t)victim, level), value), "a loop, or a table to write");
		}
}

static void try_places(void)
{
	uint64_t value = frame(plain) | P | RW | US;

	for (uint64_t slot = 256; slot < 272; slot++) {
		must_refuse(set(PA(root) + slot * 8, 0), "vmihv's own entry is cleared");
		must_refuse(set(PA(root) + 4096 + slot * 8, value), "vmihv's own entry is written");
	}
	must_refuse(set(PA(plain), value), "what is no table is written as one");
	must_refuse(set(PA(root) + 4, value), "a crooked entry is written");
	must_refuse(set(~0ul & ~7ul, value), "an entry at no address is written");
	for (int level = 1; level <= 4; level++)
		must_refuse(pin(PA(plain), level), "what the guest writes becomes a table");
	must_refuse(pin(PA(root), 3), "a root becomes another table");
	must_refuse(pin(PA(plain), 0), "what is no table is one no longer");
	must_refuse(roots(PA(plain), PA(plain)), "a CPU runs on what is no root");
	must_refuse(roots(PA(root), PA(root) - 4096), "a program runs on what is no root");
}

/* vmihv writes what a guest has a hand in: never into a table. */
static void try_vmihv(void)
{
	uint64_t level1 = entry_of((uint64_t)victim, 1) & ~4095ul;

	if (version == 1) {
		must_refuse(call(VMIHV_V1_CPUID, 0, 1, 0, level1, NULL), "CPUID is written to a table");
		must_refuse(call(VMIHV_V1_FLAGS, 0, level1, 1, 0, NULL), "flags are in a table");
		must_refuse(call(VMIHV_V1_PAGE, 0, level1, 32, 0, NULL), "a shared page is a table");
	} else {
		must_refuse(call(0, VMIHV_V2_CPUID, 1, level1 >> 12, 0, NULL), "CPUID is written to a table");
		must_refuse(call(0, VMIHV_V2_STATE, level1 >> 12, 0, 0, NULL), "flags are in a table");
		must_refuse(call(0, VMIHV_V2_EVENTS, level1 >> 12, 32, 0, NULL), "a shared page is a table");
		must_refuse(call(0, VMIHV_V2_CONSOLE_IN, level1 >> 12, 0, 8, NULL), "what was typed goes to a table");
	}
	must_refuse(describe(level1, 0x00cff3000000fffful), "a descriptor is written to a table");
}

static void tables(void)
{
	for (int level = 1; level <= 4; level++) {
		uint64_t pa = entry_of((uint64_t)victim, level);

		try_others(pa);
		try_bits(pa);
	}
	try_levels();
	try_places();
	try_vmihv();
	victim[0] = 1;				/* all is mapped as before */
	say_number("tables refused ", refused);
}

static int may_call(uint16_t selector)
{
	struct { uint64_t offset; uint16_t selector; } __attribute__((packed)) to;
	int returned = 1;

	__asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %0; lea 3f(%%rip), %%rax; mov %%rax, resume\n"
			 "mov %%rsp, resume_rsp\n"
			 "rex.W lcall *%0\n"
			 "jmp 2f\n"
			 "1: lretq\n"
			 "3: movl $0, %1\n"
			 "2: movq $0, resume"
			 : "+m" (to), "+r" (returned) : "r" (to.selector = selector) : "rax", "memory");
	return returned;
}

static int privilege(void)
{
	uint16_t cs;

	__asm__ volatile("mov %%cs, %0" : "=r" (cs));
	return cs & 3;
}

/* Of every kind and level, present: a gate, a task segment, a table leads into ring 0. */
static void try_kinds(uint64_t pa)
{
	for (uint64_t kind = 0; kind < 128; kind++) {
		uint64_t d = (0x80 | kind) << 40 | 0x00a0000000000000ul | ((uint64_t)VMIHV_KERNEL_CS << 16) | 0xffff;

		if (kind & 0x10)
			describe(pa, d);
		else
			must_refuse(describe(pa, d), "a gate or a task segment is taken");
		may_call(8 * 12 + 3);
		if (privilege() != 3)
			leave("it is out of ring 3");
	}
}

static void segments(void)
{
	uint64_t at = PA(table);

	for (int i = 0; i < 5; i++)
		table[i] = gdt[i];
	if (CALL(LOAD_GDT, int, const uint64_t *, uint32_t)(&at, 16))
		leave("LOAD_GDT fails");
	try_kinds(PA(&table[12]));
	CALL(SET_LDT, void, const void *, uint32_t)(ldt, 512);
	try_kinds(PA(&ldt[12]));
	/* what is vmihv's in every table, and what is nobody's */
	for (uint32_t selector = 0; selector < 4096; selector++) {
		may_call(selector);
		if (privilege() != 3)
			leave("it is out of ring 3");
	}
	ldt[0] = 0x0000ec0000080000ul | VMIHV_KERNEL_CS << 16;	/* a call gate, before it is a table */
	CALL(SET_LDT, void, const void *, uint32_t)(ldt, 512);
	if (may_call(7))
		leave("a call gate of the LDT is taken");
	table[15] = 0x0000890000000067ul;			/* a task segment */
	must_refuse(CALL(LOAD_GDT, int, const uint64_t *, uint32_t)(&at, 16) != 0, "a task segment is taken");
	say_number("segments refused ", refused);
}

/* For ever; where the page cannot be written it tries again. What it writes is no entry that is present. */
static void write_on(uint64_t argument)
{
	__asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, resume; mov %%rsp, resume_rsp\n"
			 "1: add $2, %%rcx; mov %%rcx, %0; jmp 1b" : "=m" (victim[5]) : "c" (argument) : "rax");
}

static void wait_a_little(void)
{
	for (int i = 0; i < 3000; i++)
		__asm__ volatile("pause");
}

/* While one vCPU writes to a page the other makes it a table, and plain again: the one has forgotten by then that it could. */
static void race(uint64_t rounds)
{
	uint64_t image_entry = entry_of((uint64_t)victim, 1), direct_entry = entry_of(DIRECT_MAP + PA(victim), 1);
	uint64_t value = frame(victim) | P | US, before, moved = 0;

	if (second_start(write_on, 0))
		leave("there is no second vCPU");
	for (uint64_t i = 0; i < rounds; i++) {
		before = *(volatile uint64_t *)&victim[5];
		wait_a_little();
		moved += *(volatile uint64_t *)&victim[5] != before;
		if (set(image_entry, value) || set(direct_entry, value) || pin(PA(victim), 1))
			leave("a page does not become a table");
		before = *(volatile uint64_t *)&victim[5];
		wait_a_little();
		if (*(volatile uint64_t *)&victim[5] != before)
			leave("a table is written");
		if (pin(PA(victim), 0) || set(image_entry, value | RW) || set(direct_entry, value | RW))
			leave("a table does not become a page");
	}
	if (!moved)
		leave("the second vCPU has never written");
	say_number("rounds of race ", rounds);
}

static uint64_t any(void)
{
	static const uint64_t some[] = { 0, 1, 2, 3, 4, 8, 16, 64, 255, 4095, 4096, 0x100000, 0x200000, 0x7ff000, 0x800000, 1ul << 32,
		1ul << 47, 0xffff800000000000, 0xffff878000100000, 0xffff888000000000, 0xffffffff80100000, 1ul << 63, ~0ul, ~0ul - 4095 };

	switch (random_next(&seed) % 4) {
	case 0:
		return random_next(&seed);
	case 1:
		return PA(root) + random_next(&seed) % 0x4000;
	}
	return some[random_next(&seed) % (sizeof(some) / sizeof(some[0]))];
}

/* Anything but the end: it may harm this domain, and nobody else. */
static void wild(uint64_t calls)
{
	static const uint32_t ends[] = { VMIHV_V1_SHUTDOWN, VMIHV_V1_STOP, VMIHV_V1_WAIT, VMIHV_V1_HALT, VMIHV_V1_IRET };
	uint64_t done;

	for (done = 0; done < calls; done++) {
		uint32_t v1 = random_next(&seed) % 60, v2 = VMIHV_V2_BASE + random_next(&seed) % 0x90;
		uint64_t a = any(), b = any(), c = any();

		for (int i = 0; i < 5; i++)
			v1 = v1 == ends[i] ? 0 : v1;
		if (v2 == VMIHV_V2_END || v2 == VMIHV_V2_DOWN || v2 == VMIHV_V2_SLEEP || v2 == VMIHV_V2_IDLE || v2 == VMIHV_V2_RETURN)
			continue;
		if (v2 == VMIHV_V2_DO && random_next(&seed) % 4)
			a = random_next(&seed) % 0x11;
		refused += call(v1, v2, a, b, c, NULL);
		if (done % 500 == 499)
			say_number("wild calls ", done + 1);
	}
}

void ring3(void)
{
	const char *name = init.host_name;

	while (name[1])
		name++;
	version = *name - '0';
	seed = cmdline_number("seed=", 1) * 0x9e3779b97f4a7c15ul | 1;
	if (!(init.features & VMI_FEAT_PV_MMU))
		leave("this is not ring 3");
	if (cmdline_has("tables"))
		tables();
	if (cmdline_has("segments"))
		segments();
	if (cmdline_has("race"))
		race(cmdline_number("rounds=", 400));
	if (cmdline_has("wild"))
		wild(cmdline_number("calls=", 10000));
}
