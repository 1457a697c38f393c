/* SPDX-License-Identifier: MIT */
/* AMD's virtual machine control block, as far as vmihv uses it. Read next: svm.c. */
#ifndef HV_VMCB_H
#define HV_VMCB_H

#include "hv.h"

#define INTERCEPT1_INTR		(1u << 0)
#define INTERCEPT1_NMI		(1u << 1)
#define INTERCEPT1_SMI		(1u << 2)
#define INTERCEPT1_INIT		(1u << 3)
#define INTERCEPT1_RDPMC	(1u << 15)
#define INTERCEPT1_CPUID	(1u << 18)
#define INTERCEPT1_IRET		(1u << 20)
#define INTERCEPT1_INVD		(1u << 22)
#define INTERCEPT1_HLT		(1u << 24)
#define INTERCEPT1_INVLPGA	(1u << 26)
#define INTERCEPT1_PORT		(1u << 27)
#define INTERCEPT1_MSR		(1u << 28)
#define INTERCEPT1_TASK		(1u << 29)
#define INTERCEPT1_SHUTDOWN	(1u << 31)
#define INTERCEPT2_ALL_SVM	0x7fu	/* VMRUN, VMMCALL, VMLOAD, VMSAVE, STGI, CLGI, SKINIT */
#define INTERCEPT2_WBINVD	(1u << 9)
#define INTERCEPT2_MONITOR	(1u << 10)
#define INTERCEPT2_MWAIT	(3u << 11)
#define INTERCEPT2_XSETBV	(1u << 13)

#define CODE_EXCEPTION		0x40
#define CODE_INTR		0x60
#define CODE_NMI		0x61
#define CODE_SMI		0x62
#define CODE_RDPMC		0x6f
#define CODE_CPUID		0x72
#define CODE_IRET		0x74
#define CODE_INVD		0x76
#define CODE_HLT		0x78
#define CODE_PORT		0x7b
#define CODE_MSR		0x7c
#define CODE_SHUTDOWN		0x7f
#define CODE_INVLPGA		0x7a
#define CODE_VMRUN		0x80
#define CODE_VMMCALL		0x81
#define CODE_SKINIT		0x86
#define CODE_WBINVD		0x89
#define CODE_MONITOR		0x8a
#define CODE_MWAIT		0x8b
#define CODE_XSETBV		0x8d
#define CODE_NESTED_FAULT	0x400

#define INTERRUPT_PENDING	(1u << 8)	/* interrupt_control */
#define INTERRUPT_PRIORITY	(15u << 16)
#define INTERRUPT_NO_TPR	(1u << 20)
#define INTERRUPT_HOST_FLAG	(1u << 24)	/* RFLAGS.IF of the host, not the guest's, masks the machine's interrupts */

#define INJECT_VALID		(1ul << 31)
#define INJECT_CODE		(1ul << 11)
#define INJECT_EXCEPTION	(3ul << 8)
#define INJECT_NMI		(2ul << 8)
#define INJECT_TYPE		(7ul << 8)
#define INJECT_SOFTWARE		(4ul << 8)
#define FLUSH_ALL		1

#define SEGMENT_LONG		0x200	/* attributes */
#define SEGMENT_WIDE		0x400

struct vmcb_segment {
	u16 selector, attributes;
	u32 limit;
	u64 base;
};

struct vmcb {
	u32 intercept_cr, intercept_dr, intercept_exceptions, intercept1, intercept2;	/* 000 */
	u8 pad0[0x40 - 0x14];
	u64 port_map, msr_map, tsc_offset;		/* 040 */
	u32 asid, flush;				/* 058 */
	u32 interrupt_control, interrupt_vector;	/* 060 */
	u64 shadow, code, info1, info2, interrupted;	/* 068 */
	u64 nested;					/* 090 */
	u8 pad1[0xa8 - 0x98];
	u64 inject, nested_root;			/* 0a8 */
	u8 pad2[0x400 - 0xb8];
	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;	/* 400 */
	u8 pad3[0x4cb - 0x4a0];
	u8 cpl;						/* 4cb */
	u32 pad4;
	u64 efer;					/* 4d0 */
	u8 pad5[0x548 - 0x4d8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;	/* 548 */
	u8 pad6[0x5d8 - 0x580];
	u64 rsp;					/* 5d8 */
	u8 pad7[0x5f8 - 0x5e0];
	u64 rax;					/* 5f8 */
	u64 star, lstar, cstar, sfmask, kernel_gs_base, sysenter_cs, sysenter_esp, sysenter_eip, cr2;	/* 600 */
	u8 pad8[0x668 - 0x648];
	u64 pat;					/* 668 */
	u8 pad9[0x1000 - 0x670];
} __attribute__((packed));

_Static_assert(offsetof(struct vmcb, inject) == 0xa8, "event injection");
_Static_assert(offsetof(struct vmcb, cpl) == 0x4cb, "privilege level");
_Static_assert(offsetof(struct vmcb, cr4) == 0x548, "CR4");
_Static_assert(offsetof(struct vmcb, rax) == 0x5f8, "RAX");
_Static_assert(offsetof(struct vmcb, pat) == 0x668, "PAT");
_Static_assert(sizeof(struct vmcb) == PAGE_SIZE, "one frame");

#endif
