/* SPDX-License-Identifier: MIT */
/* State of this backend, and what its files share. Read next: life.c. */
#ifndef XEN_H
#define XEN_H

#include "services.h"
#include "backend.h"
#include "hypercall.h"

/** What LGDT and LIDT read. */
struct table_register {
	u16 limit;
	u64 base;
} __attribute__((packed));

/** One CPU's block. Until PERCPU_READY the boot CPU uses xen_boot_cpu instead. */
struct xen_cpu {
	struct xen_cpu *self;
	struct vcpu_info *vi;		/* in the shared page: one that was registered could never be taken back */
	u32 id;
	u32 up;				/* started, and not stopped since */
	u32 begun;			/* Xen has its first registers from us: it goes on where it went down */
	u32 port[NR_EVENTS];		/* 0: none */
	u32 lock_port;			/* never unmasked: LOCK_WAIT polls it */
	u32 lock_waits;			/* LOCK_WAITs that run, one inside the other */
	struct vcpu_runstate_info runstate;	/* registered with Xen */
	u64 stolen_before;		/* ns, in domains that this one was restored from */
	struct vmi_start start;		/* where CPU_START lets it run, and with which tables */
	struct table_register gdt, idt;
};

VMI_ASSERT(sizeof(struct xen_cpu) <= BACKEND_PERCPU);

#define MAX_CPUS	XEN_LEGACY_MAX_VCPUS	/* so many have a vcpu_info in the shared page */

/** Life of the ROM, in order. */
enum xen_stage { STAGE_BOOT, STAGE_RUNNING, STAGE_EXIT };

/** What there is once. */
struct xen_state {
	u8 stage;
	u8 dom0;			/* no toolstack has given us console and store */
	u8 save_wished;			/* VMI_WISH_SUSPEND was given, SUSPEND may follow */
	u8 is_pc;			/* with interrupt controllers: the guest starts its CPUs by itself */
	u32 vector;			/* of events */
	u32 boot_id;			/* of the CPU that has called INIT, as Xen counts */
	struct xen_cpu *cpu[MAX_CPUS];
};

extern struct xen_state xen;
extern struct xen_cpu xen_boot_cpu;
extern u8 xen_armed;			/* PERCPU_READY was called */
extern union xen_shared_page { struct shared_info info; u8 page[PAGE_SIZE]; } xen_shared_page;
#define xen_shared	(&xen_shared_page.info)

ALWAYS_INLINE struct xen_cpu *this_cpu(void)
{
	return xen_armed ? percpu_get(struct xen_cpu, self) : &xen_boot_cpu;
}

/** The guest's number 0 is the CPU it began on: after a panic that can be any. Of CPUs that we start. */
ALWAYS_INLINE u32 xen_id(u32 cpu)
{
	return !cpu ? xen.boot_id : cpu == xen.boot_id ? 0 : cpu;
}

ALWAYS_INLINE u8 irq_save(void)
{
	u64 flags;

	__asm__ volatile("pushf; pop %0; cli" : "=r" (flags) :: "memory");
	return !!(flags & VMI_IRQ_FLAG);
}

ALWAYS_INLINE void irq_restore(u8 on)
{
	if (on)
		__asm__ volatile("sti" ::: "memory");
	barrier();
}

/** pages.c: what Xen keeps in or beside the guest's memory. Not 0: Xen refused. */
long pages_map_shared(void);
long pages_unmap_shared(void);
void pages_find(void);
void pages_connect(struct xen_cpu *pc);
int pages_is_ram(u64 pa);
u64 param_get(u32 index);
long set_vector(u32 vector);

/** smp.c: all but this one are as Xen has made them. */
void smp_reset_others(u32 me);

/** pc.c */
int pc_has_controllers(void);

/* smp.asm */
extern const char xen_cpu_stub[];

#endif
