/* SPDX-License-Identifier: MIT */
/*
 * A domain of vmihv that runs in ring 3, in whichever version of its ABI: state
 * of the ROM, and what a backend's host.h gives. Read next: boot.c, where a life
 * begins, then adopt.c and mmu.c.
 *
 * "pfn" is a guest-physical frame number, "mfn" one of the machine's.
 */
#ifndef PV_H
#define PV_H

#include "backend.h"
#include "vmihv/start.h"

#define PAGE_SIZE	4096ull
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define ENTRIES		512u		/* of a page table */

#define PTE_P		(1ull << 0)
#define PTE_RW		(1ull << 1)
#define PTE_US		(1ull << 2)
#define PTE_A		(1ull << 5)
#define PTE_D		(1ull << 6)
#define PTE_PSE		(1ull << 7)
#define PTE_G		(1ull << 8)
#define PTE_NX		(1ull << 63)
#define PTE_FRAME	0x000ffffffffff000ull

/** What is asked of vmihv and gives nothing back; addresses are guest-physical. */
enum pv_op {
	PV_SET,				/* entry, value */
	PV_KEEP,			/* the same; accessed and dirty stay set */
	PV_TABLE,			/* table, level */
	PV_PLAIN,			/* table */
	PV_ROOTS,			/* root, its companion */
	PV_FLUSH,			/* linear address or PV_WHOLE, set of CPUs */
	PV_STACK,			/* RSP */
	PV_BASE,			/* enum vmi_base, value */
	PV_GS_INDEX,			/* selector */
	PV_GDT,				/* frame's address, entries */
	PV_LDT,				/* linear address, entries */
	PV_DESCRIPTOR,			/* address, value */
	PV_TS,				/* 0 or 1 */
	PV_DEBUG,			/* register, value */
	PV_PORTS,			/* linear address, ports */
	PV_IOPL,			/* 0 or 3 */
	PV_OPS
};

#define PV_WHOLE	(~0ull)
#define PV_EVERYWHERE	(~0ull)

struct pv_cpu;

/* host.h: the backend's own. */
#include "host.h"

/** One CPU's block. Until PERCPU_READY the boot CPU uses pv_boot_cpu instead. */
struct pv_cpu {
	union {
		struct host_flags flags;	/* shared with vmihv */
		u8 line[64];
	};
	u64 cr3;			/* guest-physical root in use */
	struct pv_cpu *self;
	u8 async;			/* an NMI or machine check waits for its IRET */
	u8 lazy;			/* enum vmi_lazy */
	u8 pad[2];
	u32 id;
	u64 cr0;
	u64 gdt_pa;
	u64 tls[3];
	u32 cpuid[4] __attribute__((aligned(16)));
	struct host_queue queue;
};

VMI_ASSERT(sizeof(struct pv_cpu) <= BACKEND_PERCPU);

enum pv_stage { STAGE_BOOT, STAGE_INIT, STAGE_ADOPTED, STAGE_EXIT };

struct pv_state {
	const struct vmihv_start *start;
	u64 image_offset;		/* linear minus guest-physical, kernel image */
	u64 image_va, image_end;	/* 0 before ADOPT */
	u64 dm, dm_end;			/* direct map; 0 before ADOPT */
	u64 dm_l1;			/* guest-physical: its level 1 tables, one after the other */
	u64 pages;			/* of memory */
	u8 stage;
	struct pv_cpu *cpu[MAX_CPUS];
};

extern struct pv_state pv;
extern struct pv_cpu pv_boot_cpu;

/* Read by assembly. */
extern u8 pv_armed;			/* PERCPU_READY was called */
extern const u32 *pv_chunks;		/* the machine's chunk of each of ours */
extern u64 pv_chunk_count;
extern const u16 *pv_owners;		/* and back */
extern u64 pv_owner_count;

/** An entry for one of our frames. */
ALWAYS_INLINE u64 pv_entry(u64 pfn, u64 bits)
{
	return ((u64)pv_chunks[pfn >> 9] << 9 | (pfn & 511)) << 12 | bits;
}

/** Guest-physical address of a pointer into the direct map or the image. */
ALWAYS_INLINE u64 va_to_pa(const void *p)
{
	u64 va = (u64)p;

	return va >= pv.dm && va < pv.dm_end ? va - pv.dm : va - pv.image_offset;
}

/** Where the ROM itself sees guest memory: only boot memory before ADOPT. */
ALWAYS_INLINE void *pa_to_va(u64 pa)
{
	return (void *)(pa + (pv.dm ? pv.dm : pv.image_offset));
}

ALWAYS_INLINE struct pv_cpu *this_cpu(void)
{
	return pv_armed ? percpu_get(struct pv_cpu, self) : &pv_boot_cpu;
}

/* The interrupt flag, from C. Single instructions: a preempting host or guest may move us. */
ALWAYS_INLINE u8 irq_save(void)
{
	u8 old;

	if (!pv_armed) {
		old = pv_boot_cpu.line[BACKEND_FLAG];
		pv_boot_cpu.line[BACKEND_FLAG] = BACKEND_FLAG_OFF;
	} else {
		old = percpu_get(struct pv_cpu, line[BACKEND_FLAG]);
		percpu_set(struct pv_cpu, line[BACKEND_FLAG], BACKEND_FLAG_OFF);
	}
	barrier();
	return old;
}
void irq_restore(u8 old);

/* host.c of each version. The queue: with interrupts off. */
/** At once; less than 0: refused, and said so on the console where it is a page-table entry. */
s32 host_do(enum pv_op op, u64 a, u64 b);
void host_queue(struct pv_cpu *pc, enum pv_op op, u64 a, u64 b);
/** All that is queued; how many were refused. */
u32 host_run(struct pv_cpu *pc);
/** Whether a change of this entry waits. */
int host_has(const struct pv_cpu *pc, u64 entry);
/** What the entry was. */
u64 host_take(u64 entry);
u64 host_clear(u64 entry, u64 bits);
u64 host_get_base(u32 which);
u64 host_get_debug(u32 nr);
void host_cpuid(struct pv_cpu *pc, u32 leaf, u32 subleaf);
void host_halt(void);
/** Any call will do: vmihv looks for events whenever it returns to the guest. */
void host_look(void);
s32 host_share(u32 cpu, struct pv_cpu *block);
void host_unshare(u32 cpu);
s32 host_set_entries(const u64 at[VMIHV_ENTRIES]);
s32 host_start_cpu(u32 cpu, const struct vmi_start *start);
void host_stop_cpu(void);
/** enum vmi_shutdown, or less than 0: nobody wishes it. */
s32 host_end_wished(void);

/* mmu.c */
void mmu_write(u64 *entry, u64 value, enum pv_op op);
void mmu_protect(struct pv_cpu *pc, u64 pa, int read_only);
u64 *mmu_walk(u64 va);
/** Does it now, or with others, where one may be put off in this mode. */
s32 pv_may_defer(u8 mode, enum pv_op op, u64 a, u64 b);

/** One row of the entry points: the stub is at the address of offset, plus offset. */
struct pv_trap_row { u32 nr; s32 offset; };
extern const struct pv_trap_row pv_trap_rows[], pv_trap_rows_end[];

#endif
