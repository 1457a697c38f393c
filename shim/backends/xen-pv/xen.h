/* SPDX-License-Identifier: MIT */
/*
 * State and services of the Xen PV backend. Read next: boot.c, where a life
 * begins, then adopt.c, mmu.c and batch.c.
 *
 * "pfn" is a guest-physical frame number, "mfn" a machine frame number.
 */
#ifndef XEN_H
#define XEN_H

#include "services.h"
#include "backend.h"
#include "hypercall.h"

#define ENTRIES		512u		/* of a page table */

#define PTE_P		(1ull << 0)
#define PTE_RW		(1ull << 1)
#define PTE_US		(1ull << 2)
#define PTE_A		(1ull << 5)
#define PTE_D		(1ull << 6)
#define PTE_PSE		(1ull << 7)	/* in level 1 the PAT bit */
#define PTE_G		(1ull << 8)
#define PTE_NX		(1ull << 63)
#define PTE_FRAME	0x000ffffffffff000ull

/* Hypercalls queued on one CPU; batch.c. */
#define BATCH_CALLS	16
#define BATCH_UPDATES	112
#define BATCH_OPS	24

struct batch {
	u32 calls;			/* of mc */
	u32 updates;			/* of mu */
	u32 ops;			/* of ext */
	u32 failed;			/* since it was last looked at */
	u64 low, high;			/* machine addresses of entries in mu are among these */
	struct multicall_entry mc[BATCH_CALLS];
	struct mmu_update mu[BATCH_UPDATES];
	struct mmuext_op ext[BATCH_OPS];
};

#define GDT_FRAMES	FIRST_RESERVED_GDT_PAGE

/** One CPU's block. Until PERCPU_READY the boot CPU uses xen_boot_cpu instead. */
struct xen_cpu {
	struct vcpu_info vcpu;		/* registered with Xen: first, in one page */
	u64 cr3;			/* guest-physical root in use */
	struct xen_cpu *self;
	struct vcpu_info *vi;
	u8 async;			/* an NMI or machine check waits for its IRET */
	u8 lazy;			/* enum vmi_lazy */
	u8 up;				/* started, and not stopped since */
	u8 pad;
	u32 id;
	u64 cr0;
	u64 tls[3];
	u32 port[NR_EVENTS];		/* 0: none */
	u32 lock_port;			/* never unmasked: LOCK_WAIT polls it */
	u32 lock_waits;			/* LOCK_WAITs that run, one inside the other */
	u32 gdt_pages;
	u64 gdt[GDT_FRAMES];		/* guest-physical */
	struct vcpu_runstate_info runstate;	/* registered with Xen */
	u64 stolen_before;		/* ns, in domains that this one was restored from */
	struct vmi_start start;		/* where CPU_START lets it run */
	struct batch batch;
};

VMI_ASSERT(sizeof(struct xen_cpu) <= BACKEND_PERCPU);
VMI_ASSERT(sizeof(struct vcpu_info) == 64);

#define MAX_CPUS	64

/** Life of the ROM, in order. */
enum xen_stage { STAGE_BOOT, STAGE_INIT, STAGE_ADOPTED, STAGE_EXIT };
#define STAGE_RUNNING	STAGE_ADOPTED

/** What there is once. xen_p2m and its neighbours are apart: assembly reads them. */
struct xen_state {
	struct start_info *si;
	u64 image_offset;		/* linear minus guest-physical, kernel image */
	u64 image_va, image_end;	/* 0 before ADOPT */
	u64 dm, dm_end;			/* direct map; 0 before ADOPT */
	u64 dm_l1_pfn;			/* its level 1 tables, one after the other */
	u64 dm_bits;			/* flags of its entries */
	u64 pool_pfn, pool_pages;	/* frames for tables */
	u64 all_pages;			/* what there may be one day; until ADOPT not in the P2M list */
	u64 p2m_pfn, p2m_pages;		/* a longer list's place, or none */
	u64 boot_pages;			/* Xen's own bootstrap map reaches up to here */
	u64 root_pfn;			/* of the root that ADOPT took: one that stays */
	u64 hidden_mfn;			/* frame of ours that the shared page has taken the place of */
	u8 stage;
	u8 dom0;
	u8 save_wished;			/* VMI_WISH_SUSPEND was given, SUSPEND may follow */
	struct xen_cpu *cpu[MAX_CPUS];
};

extern struct xen_state xen;
extern struct xen_cpu xen_boot_cpu;
extern union xen_shared_page { struct shared_info info; u8 page[PAGE_SIZE]; } xen_shared_page;
#define xen_shared	(&xen_shared_page.info)

/* Read by assembly. */
extern u8 xen_armed;			/* PERCPU_READY was called */
extern u64 *xen_p2m;			/* mfn of each pfn */
extern u64 xen_nr_pages;		/* entries of it */
extern const u64 *xen_m2p;		/* pfn of each mfn, in Xen's memory */
extern u64 xen_m2p_max;			/* last entry of it */
extern u64 xen_shared_mfn, xen_shared_pfn;

/* In the P2M list, for the toolstack too: no memory there. */
#define NO_FRAME	(~0ull)

/** The guest counts CPUs as Xen does. */
ALWAYS_INLINE u32 xen_id(u32 cpu) { return cpu; }

/** A frame the host has not given us answers itself: device memory, in dom0. */
ALWAYS_INLINE u64 pfn_to_mfn(u64 pfn)
{
	return pfn < xen_nr_pages ? xen_p2m[pfn] : pfn;
}
ALWAYS_INLINE u64 pa_to_ma(u64 pa) { return pfn_to_mfn(pa >> 12) << 12 | (pa & 4095); }
ALWAYS_INLINE u64 entry_to_mfn(u64 e) { return (e & PTE_FRAME) >> 12; }

/** Guest-physical address of a pointer into the direct map or the image. */
ALWAYS_INLINE u64 va_to_pa(const void *p)
{
	u64 va = (u64)p;

	return va >= xen.dm && va < xen.dm_end ? va - xen.dm : va - xen.image_offset;
}

/** Where the ROM itself sees guest memory: only boot memory before ADOPT. */
ALWAYS_INLINE void *pa_to_va(u64 pa)
{
	return (void *)(pa + (xen.dm ? xen.dm : xen.image_offset));
}

ALWAYS_INLINE struct xen_cpu *this_cpu(void)
{
	return xen_armed ? percpu_get(struct xen_cpu, self) : &xen_boot_cpu;
}

/* The interrupt flag, from C. Single instructions: a preempting host or guest may move us. */
ALWAYS_INLINE u8 irq_save(void)
{
	u8 old;

	if (!xen_armed) {
		old = xen_boot_cpu.vi->evtchn_upcall_mask;
		xen_boot_cpu.vi->evtchn_upcall_mask = 1;
	} else {
		old = percpu_get(struct xen_cpu, vcpu.evtchn_upcall_mask);
		percpu_set(struct xen_cpu, vcpu.evtchn_upcall_mask, 1);
	}
	barrier();
	return old;
}
void irq_restore(u8 old);

/* batch.c: all with interrupts off. */
void batch_update(struct xen_cpu *pc, u64 ptr, u64 value);
int batch_has(const struct xen_cpu *pc, u64 entry);
void batch_op(struct xen_cpu *pc, u32 cmd, u64 arg1, u64 arg2);
void batch_call(struct xen_cpu *pc, u64 nr, u64 a, u64 b);
int batch_run(struct xen_cpu *pc);

/* boot.c, init.c, suspend.c */
void boot_find_m2p(void);
s32 register_block(u32 cpu, struct xen_cpu *block);
void suspend_show_p2m(void);

/* mmu.c */
void mmu_write(u64 *entry, u64 value, u32 kind);
void mmu_update_entry(u64 *entry, u64 value, u32 kind);
void mmu_protect(struct xen_cpu *pc, u64 pa, int read_only);
u64 *mmu_walk(u64 va);

/* boot.c, cpu.c, desc.c, smp.asm, traps.asm */
void console_boot(void);
int cpu_set_traps(void);
void cpu_init(struct xen_cpu *pc);
s32 desc_load_gdt(struct xen_cpu *pc, const u64 *frames, u32 pages, u32 entries);
void vmi_call_CPU_STOP(void);
/** One row of the trap table: the stub is at the address of offset, plus offset. */
struct xen_trap_row { u32 vector; s32 offset; };
extern const struct xen_trap_row xen_trap_rows[], xen_trap_rows_end[];
extern const char xen_cpu_stub[], xen_event_stub[], xen_failsafe_stub[], xen_syscall64_stub[];
extern const char xen_syscall32_stub[], xen_sysenter32_stub[];

#endif
