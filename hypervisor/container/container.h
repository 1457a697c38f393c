/* SPDX-License-Identifier: MIT */
/*
 * Hardware containers: what AMD's SVM and Intel's VMX have in common, and what
 * vmihv asks of either. svm.c is one; vmx.c will stand beside it. Read next: exits.c.
 */
#ifndef HV_CONTAINER_H
#define HV_CONTAINER_H

#include "domain/domain.h"

struct cpu;

/** What a vCPU in 64-bit kernel mode begins with, interrupts off; other registers are as after a reset. */
struct start_state {
	u64 rip, rsp, rdi, gs_base, cr0, cr3, cr4, efer, gdt, idt;
	u16 gdt_limit, idt_limit, cs, ss;
};

enum exit_kind {
	EXIT_NOTHING,		/* an interrupt for vmihv, or something that is done already */
	EXIT_HYPERCALL,
	EXIT_HALT,
	EXIT_CPUID,
	EXIT_PORT,
	EXIT_MSR_READ,
	EXIT_MSR_WRITE,
	EXIT_SKIP,		/* an instruction that has no effect on a guest */
	EXIT_FORBIDDEN,		/* one that a guest does not have */
	EXIT_MEMORY,		/* guest-physical memory that is not there */
	EXIT_TRIPLE_FAULT,
	EXIT_BROKEN,		/* the processor refuses the guest's state, or a code nobody knows */
};

/** Why a vCPU came back. */
struct vcpu_exit {
	enum exit_kind kind;
	u64 next;		/* RIP behind the instruction */
	u64 address;		/* EXIT_MEMORY: guest-physical; EXIT_BROKEN: the processor's code */
	bool in;		/* EXIT_PORT: a read, of so many bytes */
	u8 bytes;
};

#define VECTOR_UD	6
#define VECTOR_GP	13

struct container {
	const char *name;
	/** Whether this processor has it. */
	bool (*present)(void);
	/** Turns it on, on this processor. */
	int (*cpu_init)(struct cpu *cpu, struct why *why);
	int (*domain_create)(struct domain *d, struct why *why);
	void (*domain_destroy)(struct domain *d);
	int (*vcpu_create)(struct vcpu *v, struct why *why);
	void (*vcpu_destroy)(struct vcpu *v);
	/** State at a PVH entry: 32 bits, flat, no paging. */
	void (*start_flat)(struct vcpu *v, u32 entry, u32 info);
	/** -1: this is not 64-bit kernel mode. What else the processor refuses kills the domain when it runs. */
	int (*start_long)(struct vcpu *v, const struct start_state *s);
	/** All there is of a vCPU that is on no processor, and into one that was just made. */
	void (*save)(const struct vcpu *v, struct saved_vcpu *s);
	void (*restore)(struct vcpu *v, const struct saved_vcpu *s);
	/** What the processor does not keep for each vCPU: on it and off it. */
	void (*load)(struct vcpu *v);
	void (*unload)(struct vcpu *v);
	/** One run, with v->regs in and out. Gives up the lock while the guest runs. */
	void (*run)(struct vcpu *v, struct vcpu_exit *exit);
	/** Goes on behind an instruction. */
	void (*skip)(struct vcpu *v, u64 next);
	/** An exception at the next run; with an error code of 0 where it has one. */
	void (*inject)(struct vcpu *v, u8 vector);
	/** Ring 0? */
	bool (*in_kernel)(const struct vcpu *v);
	/** -1: not one of its. */
	int (*msr_read)(struct vcpu *v, u32 msr, u64 *value);
	int (*msr_write)(struct vcpu *v, u32 msr, u64 value);
	/** What of a domain's memory this chunk's part of the map says now; its vCPUs are quiet (sched_quiesce). */
	void (*remap)(struct domain *d, u32 chunk);
	/** Whatever the processor remembers of this vCPU's memory is forgotten before it runs again. */
	void (*forget)(struct vcpu *v);
	void (*dump)(const struct vcpu *v);
};

/**
 * Whether these control registers are 64-bit mode's and have no bit that no processor has. Not every processor, or
 * emulator of one, looks by itself before it enters a guest.
 */
bool start_is_long(const struct start_state *s);

extern const struct container svm;

/** The hardware's that this processor has, or NULL. */
extern const struct container *container;
/** What runs a domain of these features; NULL: this processor does not. */
const struct container *container_of(u32 features);

/** Finds it and turns it on. */
void container_init(void);
/** Runs a vCPU once and does what it came back for. */
void container_step(struct vcpu *v);

/* cpuid.c */
void guest_cpuid(struct vcpu *v);

/* nested.c: tables from guest-physical to physical, in the ordinary format */
int nested_init(struct why *why);
int nested_create(struct domain *d, struct why *why);
void nested_destroy(struct domain *d);
void nested_update(struct domain *d, u32 chunk);

#endif
