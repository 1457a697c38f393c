/* SPDX-License-Identifier: MIT */
/*
 * Domains without a container: kernel and programs both in ring 3, on page
 * tables that pages.c has checked, below vmihv's own entries. What the processor
 * tells of them comes to enter.asm; a run of a vCPU is from pv_enter() to its
 * return. Read next: run.c, then bounce.c.
 */
#ifndef HV_PV_H
#define HV_PV_H

#include "container/container.h"
#include "cpu/cpu.h"
#include "hypercall/abi.h"
#include "pv/pages.h"
#include "vmi/note.h"

/* Selectors of ring 3 that every such guest has, behind vmihv's own: the kernel's. SYSRET wants this order. */
#define PV_CS32		0xfa3
#define PV_DS		0xfab
#define PV_CS		0xfb3

#define LDT_ENTRIES	8192u
#define LDT_ORDER	4
#define LDT_FRAMES	16u
#define PV_ENTRIES	40		/* as the VMI ABI numbers them, hypercall/v1.c and v2.c too */
#define PV_ENTRY_NMI	2
#define PV_ENTRY_GP	13
#define PV_ENTRY_PF	14
#define PV_ENTRY_EVENT	32
#define PV_ENTRY_SYSCALL64 33
#define PV_ENTRY_SYSCALL32 34
#define PV_ENTRY_INT80	36

/* What pv_enter() returns beside vectors; enter.asm knows them. */
#define PV_SYSCALL	256
#define PV_SYSCALL32	257
#define PV_BAD_FRAME	258		/* the processor did not take what was to be loaded */
#define PV_STUCK	260		/* the kernel cannot take a system call; neither does it */
#define PV_DUE		259		/* something is to be delivered; enter.asm never says so */

/** Segments whose base a guest sets. */
enum pv_base { BASE_FS, BASE_KERNEL_GS, BASE_USER_GS, BASE_USER_GS_SELECTOR, BASES };

/** Where a kernel is entered, and with which selectors in the frame. */
struct pv_entries {
	u64 at[PV_ENTRIES];
	u16 kernel_cs, kernel_ss, user_cs, user_ss, user32_cs;
};

/** A domain's, in a frame of its own. */
struct pv_domain {
	struct pages *pages;
	struct pv_entries entries;
};

/** A vCPU's, in a frame of its own. */
struct pv_vcpu {
	bool in_kernel;			/* which of the two roots and GS bases is loaded */
	bool in_nmi;			/* until the next IRET by hypercall */
	bool ts;			/* CR0.TS */
	u8 iopl;			/* of programs: 0 or 3 */
	u64 root, user_root;		/* guest-physical; ~0: none. Each is held */
	u64 root_pa, user_root_pa;	/* the same, physical */
	u64 sp0;
	u64 fs_base, gs_kernel, gs_user;
	u16 ds, es, fs, gs;		/* selectors, while it is on no processor */
	u64 debug_control, debug_status;
	u64 fault;			/* CR2 of the last one */
	u64 ports;			/* linear address of the I/O bitmap */
	u32 port_count;
	u32 gdt_entries, ldt_entries;
	u64 gdt_pa;			/* guest-physical frame that the GDT was read from; ~0: none */
	u64 ldt_pa[LDT_FRAMES];
	u64 *gdt;			/* what the processor uses: a frame; vmihv's are in it */
	u64 *ldt;			/* LDT_FRAMES frames */
};

_Static_assert(sizeof(struct pv_vcpu) <= PAGE_SIZE && sizeof(struct pv_domain) <= PAGE_SIZE, "a frame for each");

/* Of a vCPU that has flags. */
static inline bool pv_is_off(const struct vcpu *v)
{
	return *(volatile u8 *)&v->flags[v->domain->abi->pv.flag] == v->domain->abi->pv.off;
}

static inline void pv_set_off(struct vcpu *v, bool off)
{
	*(volatile u8 *)&v->flags[v->domain->abi->pv.flag] = off == v->domain->abi->pv.off;
}

static inline bool pv_is_due(const struct vcpu *v)
{
	return *(volatile u8 *)&v->flags[v->domain->abi->pv.pending] && !pv_is_off(v);
}

static inline struct pv_vcpu *pv_of(const struct vcpu *v) { return v->control; }
static inline struct pv_domain *pv_domain_of(const struct vcpu *v) { return v->domain->pv; }

static inline bool pv_is_canonical(u64 va) { return (s64)va >> 47 == 0 || (s64)va >> 47 == -1; }

extern const struct container pv;

/** Once on each processor: where guests enter vmihv. */
void pv_cpu_init(struct cpu *cpu);

/* enter.asm */
/** Into a guest, in the state of *regs, and back: why. */
u64 pv_enter(struct registers *regs);
/** -1: not all of it is mapped for this. Linear addresses of the root that is loaded, checked by pv_copy_*. */
int pv_copy(void *to, const void *from, u64 bytes);
/** A selector into DS, ES, FS or GS; a bad one loads 0. */
void pv_load_ds(u16 selector);
void pv_load_es(u16 selector);
void pv_load_fs(u16 selector);
void pv_load_gs(u16 selector);
/** Where an exception in vmihv goes on, of those that are a guest's doing; 0: nowhere. */
u64 pv_fixup(u64 rip);

/* run.c */
void pv_load_root(const struct vcpu *v);
/** The other privilege: its root, its GS base. */
void pv_switch(struct vcpu *v, bool to_kernel);
/** On all processors of a set of a domain's vCPUs: no translation that was there before outlives it. */
void pv_forget(struct domain *d, u64 set);
/** Of one linear address, on this processor. */
void pv_forget_one(u64 va);
/** What the current vCPU has of these, into the processor. */
void pv_load_ts(const struct vcpu *v);
void pv_load_debug(const struct vcpu *v);
/** This processor's control registers. */
void pv_control(u64 *cr0, u64 *cr4);
/** From and to linear memory, by the root that is loaded; -1: not all of it is the guest's to read or write. */
int pv_copy_from(void *to, u64 va, u64 bytes);
int pv_copy_to(u64 va, const void *from, u64 bytes);
/** What a CPU runs on in either privilege; user_root may be ~0. -1: one is no root. */
int pv_set_roots(struct vcpu *v, u64 root, u64 user_root);
/** The first vCPU, before it has a second root. */
int pv_begin(struct vcpu *v, const struct start_state *s, u64 root);

/* bounce.c */
/** What is this vCPU's affair alone, and needs no lock: system calls and the way back. *why is what is left to do when it is not. */
bool pv_quick(struct vcpu *v, u64 *why);
/** What came out of pv_enter() goes where it belongs. false: the scheduler is to be asked. */
bool pv_handle(struct vcpu *v, u64 why);
/** An NMI or event, when one is due. */
void pv_deliver(struct vcpu *v);
/** Enters the kernel, as an interrupt does; what cannot be pushed kills the domain. */
void pv_bounce(struct vcpu *v, u32 entry, bool has_code, u64 code);
/** The hypercall that returns through a frame on the kernel's stack. */
int pv_iret(struct vcpu *v);

/* emulate.c */
/** Does what stands at RIP, where it is one of a few instructions and the guest may; false: it is not. */
bool pv_emulate(struct vcpu *v);
/** The same of an undefined instruction, kernel's or program's. */
bool pv_cpuid(struct vcpu *v);

/* segments.c */
/** A descriptor as a guest may have it; false: it may not. */
bool pv_descriptor(u64 *d);
int pv_set_gdt(struct vcpu *v, u64 gpa, u64 entries);
int pv_set_ldt(struct vcpu *v, u64 va, u64 entries);
int pv_write_descriptor(struct vcpu *v, u64 gpa, u64 descriptor);
void pv_load_segments(struct vcpu *v);
void pv_save_segments(struct vcpu *v);
u64 pv_get_base(struct vcpu *v, enum pv_base which);
int pv_set_base(struct vcpu *v, enum pv_base which, u64 value);

/* start.c */
/** Fills the memory of a domain whose kernel and ROM are placed, and makes its first vCPU begin there. */
int pv_start(struct domain *d, const struct vmi_note *note, const void *rom, const struct module *initrd,
	     struct why *why);

#endif
