/* SPDX-License-Identifier: MIT */
/* The processor: instructions, and what vmihv keeps for each one. Read next: traps.c. */
#ifndef HV_CPU_H
#define HV_CPU_H

#include "hv.h"

#define MAX_CPUS	8	/* of the host */

/* Descriptors below GUEST_GDT_ENTRIES are a guest's, where it is one without ring 0; vmihv's own are in every table. */
#define GDT_ENTRIES	512
#define GUEST_GDT_ENTRIES 496
#define HV_CS		0xf80		/* in this order: SYSCALL takes both */
#define HV_DS		0xf88
#define HV_TSS		0xf90

#define RFLAGS_IF	0x200ul
#define CR0_PE		0x1ul
#define CR0_WP		0x10000ul
#define CR4_PGE		0x80ul
#define EFER_SVME	0x1000ul

#define MSR_APIC_BASE	0x1b
#define MSR_PAT		0x277
#define MSR_EFER	0xc0000080
#define MSR_GS_BASE	0xc0000101

/** A task segment: no more than stacks. */
struct tss {
	u32 reserved0;
	u64 sp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3, io_bitmap;
} __attribute__((packed));

struct vcpu;

/** One processor of the host; GS base points to its own. */
struct cpu {
	struct cpu *self;		/* first: `mov gs:0` */
	u32 number;
	u32 apic_id;
	u64 pv_stack, pv_scratch;	/* pv/enter.asm: where a guest was entered */
	struct tss tss;			/* at 32, for it too */
	u32 life;			/* smp.c */
	u64 born;			/* ns */
	bool idle;			/* halts, and nobody has called it */
	bool in_guest;			/* it has given up the lock for a guest */
	u64 slice_end;			/* ns, of who runs here */
	struct vcpu *current;		/* whose registers are loaded, or NULL */
	u64 armed;			/* when the timer will fire, in ns; 0: not armed */
	u64 asid_generation;		/* container: see svm.c */
	u32 asid_next;
	u64 host_state;			/* physical address of what VMRUN does not save */
	bool forget;			/* pv/run.c */
	u64 gdt[GDT_ENTRIES];
};

_Static_assert(offsetof(struct cpu, pv_stack) == 16 && offsetof(struct cpu, tss.sp) == 36, "pv/enter.asm has them");

extern struct cpu cpus[MAX_CPUS];

#ifdef HV_UNIT_TEST
struct cpu *this_cpu(void);
#else
static inline struct cpu *this_cpu(void)
{
	struct cpu *cpu;

	__asm__("mov %%gs:0, %0" : "=r" (cpu));
	return cpu;
}
#endif

/** What a trap finds on the stack; traps.asm makes it. */
struct trap_frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	u64 vector, code, rip, cs, rflags, rsp, ss;
};

/* segments.c, traps.c */
/** Makes this processor the one that *cpu stands for: segments, traps, and FXSAVE. */
void processor_init(struct cpu *cpu);
void traps_init(void);
void traps_load(void);
/** Lets the interrupts in that are waiting. */
void interrupt_window(void);
/** Until the next interrupt. */
void idle(void);

/* panic.c */
void panic_trap(const struct trap_frame *f) __attribute__((noreturn));
/** Another processor has panicked, and this one has been told by an NMI. */
bool panic_elsewhere(void);
/** The end of this processor. */
void machine_stop(void) __attribute__((noreturn));

#ifdef HV_UNIT_TEST
void out8(u16 port, u8 value);
u8 in8(u16 port);
u64 rdmsr(u32 msr);
void wrmsr(u32 msr, u64 value);
void cpuid(u32 leaf, u32 subleaf, u32 out[4]);
#else
static inline void out8(u16 port, u8 value) { __asm__ volatile("outb %0, %1" :: "a" (value), "Nd" (port)); }

static inline u8 in8(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (msr));
	return (u64)high << 32 | low;
}

static inline void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" :: "c" (msr), "a" ((u32)value), "d" ((u32)(value >> 32)) : "memory");
}

/** CPUID's four results in the order EAX, EBX, ECX, EDX. */
static inline void cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	__asm__ volatile("cpuid" : "=a" (out[0]), "=b" (out[1]), "=c" (out[2]), "=d" (out[3])
		: "a" (leaf), "c" (subleaf));
}
#endif

static inline u64 rdtsc(void) { return __builtin_ia32_rdtsc(); }
static inline void pause(void) { __asm__ volatile("pause" ::: "memory"); }

#endif
