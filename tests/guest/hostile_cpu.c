// SPDX-License-Identifier: MIT
/* Hostile steps: segment registers, bases, odd addresses, instructions of the kernel, floating point. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "hostile.h"

static sigjmp_buf back;

static void on_fault(int nr)
{
	(void)nr;
	siglongjmp(back, 1);
}

static void catch_all(void)
{
	static char stack[65536];
	stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_NODEFER };

	sigaltstack(&alternative, NULL);
	for (int nr = 1; nr < 32; nr++)
		if (nr != SIGALRM)
			sigaction(nr, &action, NULL);
}

/* Each selector into each register, and a system call and a switch with what stuck. */
static void try_selectors(unsigned int which)
{
	catch_all();
	for (size_t i = 0; i < ODD_SELECTORS; i++) {
		uint16_t s = odd_selector[i];

		if (sigsetjmp(back, 1))
			continue;
		switch (which) {
		case 0: asm volatile("mov %0, %%ds" : : "r" (s)); break;
		case 1: asm volatile("mov %0, %%es" : : "r" (s)); break;
		case 2: asm volatile("mov %0, %%gs" : : "r" (s)); break;
		case 3: asm volatile("mov %0, %%ss" : : "r" (s)); break;
		case 4: asm volatile("lar %0, %%eax; lsl %0, %%ecx; verr %w0; verw %w0"
				     : : "r" ((uint32_t)s) : "eax", "ecx", "cc"); break;
		case 5: asm volatile("mov %%fs, %%ecx; mov %0, %%fs; mov %%ecx, %%fs"
				     : : "r" (s) : "ecx"); gone(0);
		}
		syscall(SYS_sched_yield);
	}
}

/* By IRETQ, far return and far call: any CS, any SS. */
static void try_far(unsigned int nr)
{
	uint16_t s = odd_selector[nr % ODD_SELECTORS];
	struct { uint32_t offset; uint16_t selector; } to = { 0, s };

	switch (nr / ODD_SELECTORS) {
	case 0:
		asm volatile("mov %%rsp, %%rax; push %1; push %%rax; pushf; push %0; lea 1f(%%rip), %%rax;"
			     "push %%rax; iretq; 1:" : : "r" ((uint64_t)s), "i" (0x2b) : "rax", "memory");
		break;
	case 1:
		asm volatile("mov %%rsp, %%rax; push %0; push %%rax; pushf; push %1; lea 1f(%%rip), %%rax;"
			     "push %%rax; iretq; 1:" : : "r" ((uint64_t)s), "i" (0x33) : "rax", "memory");
		break;
	case 2:
		asm volatile("push %0; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:"
			     : : "r" ((uint64_t)s) : "rax", "memory");
		break;
	case 3:
		asm volatile("lcall *%0" : : "m" (to) : "memory");
		break;
	}
	syscall(SYS_sched_yield);
}

/* Jump there, read there, write there, have the stack there. */
static void try_addresses(unsigned int nr)
{
	uint64_t at = odd_address[nr % ODD_ADDRESSES];

	switch (nr / ODD_ADDRESSES) {
	case 0: asm volatile("call *%0" : : "r" (at) : "memory"); break;
	case 1: asm volatile("mov (%0), %%eax" : : "r" (at) : "rax"); break;
	case 2: asm volatile("movb $0, (%0)" : : "r" (at) : "memory"); break;
	case 3: asm volatile("mov %0, %%rsp; push %%rax" : : "r" (at)); break;
	case 4: asm volatile("mov %0, %%rsp; syscall; ud2" : : "r" (at), "a" (SYS_getpid)); break;
	case 5: asm volatile("mov %0, %%rsp; int $0x80; ud2" : : "r" (at), "a" (20)); break;
	case 6: asm volatile("mov %0, %%rsp; int3; ud2" : : "r" (at)); break;
	case 7: asm volatile("mov %0, %%rsp; mov %0, %%rbp; sysenter" : : "r" (at)); break;
	case 8: asm volatile("lock incq (%0)" : : "r" (at) : "memory"); break;
	}
}

static void write_bases(uint64_t base)
{
	if (!(getauxval(AT_HWCAP2) & 2))
		return;
	asm volatile("wrgsbase %0; mov $24, %%eax; syscall; mov %%gs:0, %%rax"
		     : : "r" (base) : "rax", "rcx", "r11", "memory");
	asm volatile("mov $24, %%eax; wrfsbase %0; syscall; mov %%fs:0, %%rax"
		     : : "r" (base) : "rax", "rcx", "r11", "memory");
}

static void try_bases(unsigned int nr)
{
	uint64_t base = odd_address[nr % ODD_ADDRESSES];

	switch (nr / ODD_ADDRESSES) {
	case 0:
		syscall(SYS_arch_prctl, ARCH_SET_GS, base);
		syscall(SYS_sched_yield);
		asm volatile("mov %%gs:0, %%rax" : : : "rax");
		break;
	case 1:
		syscall(SYS_arch_prctl, ARCH_SET_FS, base);
		break;
	case 2:
		write_bases(base);
		break;
	}
}

#define CODE(name, bytes) { name, sizeof(bytes) - 1, bytes }

/* What only a kernel or a host may do, and what looks like it. */
static const struct { const char *name; size_t size; const char *code; } kernel_code[] = {
	CODE("hlt", "\xf4"), CODE("cli", "\xfa"), CODE("sti", "\xfb"),
	CODE("clts", "\x0f\x06"), CODE("invd", "\x0f\x08"), CODE("wbinvd", "\x0f\x09"),
	CODE("rdmsr", "\x0f\x32"), CODE("wrmsr", "\x0f\x30"), CODE("rdpmc", "\x0f\x33"),
	CODE("rdtsc", "\x0f\x31"), CODE("rdtscp", "\x0f\x01\xf9"), CODE("swapgs", "\x0f\x01\xf8"),
	CODE("sysret", "\x0f\x07"), CODE("sysretq", "\x48\x0f\x07"), CODE("sysexit", "\x0f\x35"),
	CODE("sysenter", "\x0f\x34"), CODE("iretq", "\x48\xcf"), CODE("iret", "\xcf"),
	CODE("mov cr0", "\x0f\x20\xc0"), CODE("mov to cr0", "\x0f\x22\xc0"),
	CODE("mov cr2", "\x0f\x20\xd0"), CODE("mov to cr3", "\x0f\x22\xd8"),
	CODE("mov cr4", "\x0f\x20\xe0"), CODE("mov to cr4", "\x0f\x22\xe0"),
	CODE("mov to cr8", "\x44\x0f\x22\xc0"), CODE("mov dr7", "\x0f\x21\xf8"),
	CODE("mov to dr7", "\x0f\x23\xf8"), CODE("lmsw", "\x0f\x01\xf0"), CODE("smsw", "\x0f\x01\xe0"),
	CODE("lgdt", "\x0f\x01\x14\x24"), CODE("lidt", "\x0f\x01\x1c\x24"),
	CODE("lldt", "\x0f\x00\xd0"), CODE("ltr", "\x0f\x00\xd8"),
	CODE("sldt", "\x0f\x00\xc0"), CODE("str", "\x0f\x00\xc8"),
	CODE("invlpg", "\x0f\x01\x3c\x24"), CODE("invpcid", "\x66\x0f\x38\x82\x04\x24"),
	CODE("xsetbv", "\x0f\x01\xd1"), CODE("monitor", "\x0f\x01\xc8"), CODE("mwait", "\x0f\x01\xc9"),
	CODE("vmcall", "\x0f\x01\xc1"), CODE("vmmcall", "\x0f\x01\xd9"), CODE("vmrun", "\x0f\x01\xd8"),
	CODE("stgi", "\x0f\x01\xdc"), CODE("clgi", "\x0f\x01\xdd"), CODE("vmxoff", "\x0f\x01\xc4"),
	CODE("stac", "\x0f\x01\xcb"), CODE("clac", "\x0f\x01\xca"), CODE("in", "\xec"), CODE("insb", "\x6c"),
	CODE("emulated cpuid", "\x0f\x0bxen\x0f\xa2"), CODE("emulated ud2", "\x0f\x0bxen\x0f\x0b"),
	CODE("emulated prefix twice", "\x0f\x0bxen\x0f\x0bxen\x0f\xa2"),
	CODE("emulated wrmsr", "\x0f\x0bxen\x0f\x30"), CODE("emulated cli", "\x0f\x0bxen\xfa"),
	CODE("ud1", "\x0f\xb9\xc0"), CODE("ud0", "\x0f\xff\xc0"), CODE("icebp", "\xf1"), CODE("into", "\xce"),
	CODE("int3", "\xcc"), CODE("rsm", "\x0f\xaa"), CODE("getsec", "\x0f\x37"),
	CODE("lock nop", "\xf0\x90"), CODE("lock ud2", "\xf0\x0f\x0b"),
	CODE("too long", "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90"),
	CODE("fxrstor", "\x0f\xae\x0c\x24"), CODE("xrstor", "\x0f\xae\x2c\x24"), CODE("xrstors", "\x0f\xc7\x1c\x24"),
	CODE("rdgsbase", "\xf3\x48\x0f\xae\xc8"), CODE("rdpkru", "\x0f\x01\xee"), CODE("wrpkru", "\x0f\x01\xef"),
};

/* In 64 bits, then in 32: the registers hold what a host's call would want. */
static void try_instructions(unsigned int nr)
{
	unsigned int i = nr % COUNT(kernel_code);

	if (nr >= COUNT(kernel_code))
		run_32(kernel_code[i].code, kernel_code[i].size);
	asm volatile("call *%0" : : "r" (low_code(kernel_code[i].code, kernel_code[i].size)),
		     "a" (0x12345678), "c" (0xc0000101), "d" (0), "D" (0), "S" (0) : "memory");
}

/* Every vector; the ones that work go to the kernel. */
static void try_int(unsigned int nr)
{
	unsigned char code[] = { 0xcd, nr & 255, 0x0f, 0x0b };

	if (nr >= 256)
		run_32(code, sizeof(code));
	asm volatile("call *%0" : : "r" (low_code(code, sizeof(code))), "a" (20) : "memory");
}

/* Exceptions of the floating point units, thousands, each taken and returned from. */
static void try_float(unsigned int nr)
{
	volatile double zero = 0;
	volatile float result;
	unsigned int mxcsr = 0;

	catch_all();
	for (int i = 0; i < 300; i++) {
		if (sigsetjmp(back, 1))
			continue;
		feenableexcept(FE_ALL_EXCEPT);
		switch (nr) {
		case 0: result = 1.0 / zero; break;
		case 1: asm volatile("fld1; fldz; fdivrp; fwait" : : : "memory"); break;
		case 2: asm volatile("fldz; fldz; fdivp; syscall; fwait" : : "a" (SYS_getpid) : "rcx", "r11"); break;
		case 3: mxcsr = 0xffffffff; asm volatile("ldmxcsr %0" : : "m" (mxcsr)); break;
		case 4: result = zero / zero; break;
		}
	}
	(void)result;
}

/* Ports, and the interrupt flag as far as privilege level 3 gives it away. */
static void try_ports(unsigned int nr)
{
	static const unsigned short quiet[] = { 0x21, 0x61, 0x70, 0x71, 0x80, 0xa1, 0xed, 0x2fd, 0x3fd, 0xcfc, 0xffff };

	catch_all();
	if (nr & 1 ? iopl(3) : ioperm(0, 65536, 1))
		return;
	if (sigsetjmp(back, 1))
		return;
	switch (nr / 2) {
	case 0:
		for (size_t i = 0; i < COUNT(quiet); i++)
			inb(quiet[i]);
		outb(0, 0x80);
		break;
	case 1: asm volatile("cli; pushf; pop %%rax; sti" : : : "rax", "cc", "memory"); break;
	case 2: asm volatile("cli"); syscall(SYS_getpid); syscall(SYS_sched_yield); asm volatile("sti"); break;
	case 3: asm volatile("cli"); for (volatile int i = 0; i < 1000000; i++) ; asm volatile("sti"); break;
	case 4: asm volatile("pushf; andl $~0x200, (%%rsp); popf; mov $24, %%eax; syscall" : : : "rax", "rcx", "r11", "cc", "memory"); break;
	case 5: asm volatile("cli; hlt"); break;
	}
	if (nr & 1)
		iopl(0);
}

const struct step cpu_steps[] = {
	{ "selectors", try_selectors, 6 },
	{ "far", try_far, 4 * ODD_SELECTORS },
	{ "addresses", try_addresses, 9 * ODD_ADDRESSES },
	{ "bases", try_bases, 3 * ODD_ADDRESSES },
	{ "instructions", try_instructions, 2 * COUNT(kernel_code) },
	{ "int", try_int, 512 },
	{ "float", try_float, 5 },
	{ "ports", try_ports, 12 },
};
const size_t cpu_step_count = COUNT(cpu_steps);
