/* SPDX-License-Identifier: MIT */
/*
 * Call numbers, answers and the small enumerations that calls take. The calls
 * themselves are in calls.def; SPEC.md says what each does. Read next: rom.h.
 */
#ifndef VMI_CALL_H
#define VMI_CALL_H

#include "types.h"

/* While the major is 0 the draft must match exactly; see SPEC.md, "Versions". */
#define VMI_ABI_MAJOR	0
#define VMI_ABI_MINOR	3
#define VMI_ABI_DRAFT	1

/** Call numbers: VMI_CALL_IRQ_DISABLE and so on. */
enum vmi_call {
#define VMI_CALL(nr, name, group, since, conv, proto, hook, text) VMI_CALL_##name = nr,
#include "vmi/calls.def"
#undef VMI_CALL
	VMI_NR_CALLS
};

/** How a call is made; see the head of calls.def. */
enum vmi_convention {
	VMI_CONV_STD = 0,
	VMI_CONV_FAST = 1,
	VMI_CONV_VALUE = 2,
	VMI_CONV_ENTRY = 3,
};

/** What a ROM says of a call. Closed: there will be no fifth answer. */
enum vmi_answer {
	VMI_ANSWER_NATIVE = 0,	/* keep the native instruction */
	VMI_ANSWER_NOP = 1,	/* do nothing; a result, if any, is the argument or 0 */
	VMI_ANSWER_CALL = 2,	/* call the entry */
	VMI_ANSWER_INLINE = 3,	/* these bytes where they fit, else call the entry */
};

/** Result of calls that can fail: 0 or more is success. */
enum vmi_error {
	VMI_OK = 0,
	VMI_E_INVAL = -1,	/* an argument is out of range or contradicts another */
	VMI_E_NOSYS = -2,	/* this host has no such thing */
	VMI_E_PERM = -3,	/* the host refused */
	VMI_E_NOMEM = -4,	/* no room left in the ROM or at the host */
	VMI_E_STATE = -5,	/* not now: called twice, too early or too late */
};

/** What EVENT_NEXT returns. */
enum vmi_event {
	VMI_EVENT_NONE = 0,
	VMI_EVENT_TIMER = 1,		/* the deadline of TIMER_SET has passed */
	VMI_EVENT_CONSOLE = 2,		/* CONSOLE_READ has something, or CONSOLE_WRITE has room again */
	VMI_EVENT_CONTROL = 3,		/* ask CONTROL_NEXT until none is left */
	VMI_EVENT_RESCHEDULE = 4,	/* inter-processor: reschedule */
	VMI_EVENT_CALL = 5,		/* inter-processor: call function */
	VMI_EVENT_DEBUG = 6,		/* somebody asks for a state dump */
	VMI_EVENT_WORK = 7,		/* inter-processor: deferred work */
	VMI_EVENT_NMI = 8,		/* SEND_EVENT only: arrives at VMI_ENTRY_NMI */
};

/** What CPU_STATE returns. */
enum vmi_cpu_state {
	VMI_CPU_DOWN = 0,
	VMI_CPU_UP = 1,
};

/** Flags of TAKE_PTE and CLEAR_PTE_BITS. */
enum vmi_rmw {
	VMI_RMW_PRIVATE = 1,		/* no other CPU uses this address space: may be deferred by LAZY_MODE */
};

/** What CONTROL_NEXT returns. */
enum vmi_wish_kind {
	VMI_WISH_NONE = 0,
	VMI_WISH_SHUTDOWN = 1,		/* vmi_wish.value: enum vmi_shutdown */
	VMI_WISH_MEMORY = 2,		/* vmi_wish.value: bytes that the guest should keep */
	VMI_WISH_CPU = 3,		/* vmi_wish.cpu: should be up (value 1) or down (0) */
	VMI_WISH_SUSPEND = 4,		/* get ready and call SUSPEND */
	VMI_WISH_KEY = 5,		/* vmi_wish.value: an attention key (SysRq), ASCII */
};

/** What NMI_REASON returns, bits. */
enum vmi_nmi {
	VMI_NMI_IOCK = 0x40,		/* an I/O device's error */
	VMI_NMI_SERR = 0x80,		/* a memory or bus error */
};

/** Bases for SET_BASE and GET_BASE. */
enum vmi_base {
	VMI_BASE_FS = 0,		/* FS of user mode */
	VMI_BASE_GS_KERNEL = 1,		/* GS while in the kernel */
	VMI_BASE_GS_USER = 2,		/* GS of user mode, while in the kernel */
};

/** Operations of LAZY_MODE. Modes do not nest. */
enum vmi_lazy {
	VMI_LAZY_LEAVE = 0,		/* end deferral, do what is queued */
	VMI_LAZY_ENTER_MMU = 1,		/* SET_*, PROT_COMMIT, TAKE_PTE, CLEAR_PTE_BITS may be queued */
	VMI_LAZY_ENTER_CPU = 2,		/* WRITE_CR3, LOAD_SP0, LOAD_TLS, SET_BASE may be queued */
	VMI_LAZY_FLUSH = 3,		/* do what is queued, stay in the mode */
};

/** Reasons for SHUTDOWN. */
enum vmi_shutdown {
	VMI_SHUTDOWN_POWEROFF = 0,
	VMI_SHUTDOWN_REBOOT = 1,
	VMI_SHUTDOWN_CRASH = 2,
};

/** FLUSH_MULTI: not one address but all of the user's. */
#define VMI_FLUSH_ALL	(~UINT64_C(0))

/** The interrupt flag in IRQ_SAVE's result, as in RFLAGS. */
#define VMI_IRQ_FLAG	0x200u

/**
 * Features of a guest on its host: design words in SPEC.md, "Modes". A mode is
 * a set of these, never a type.
 */
#define VMI_FEAT_HW_CONTAINER	(1u << 0)	/* the processor's own guest mode, ring 0 */
#define VMI_FEAT_HCALL64	(1u << 1)	/* 64-bit hypercalls */
#define VMI_FEAT_HCALL32	(1u << 2)	/* 32-bit hypercalls */
#define VMI_FEAT_PAGING_ASSIST	(1u << 3)	/* nested or shadow paging */
#define VMI_FEAT_PV_MMU		(1u << 4)	/* page-table updates must be announced */
#define VMI_FEAT_IOREQ		(1u << 5)	/* a device model answers I/O */
#define VMI_FEAT_HVM_CPUID	(1u << 6)	/* CPUID is intercepted */
#define VMI_FEAT_EMU_IRQCHIP	(1u << 7)	/* local APIC, I/O APIC, PIC */
#define VMI_FEAT_EMU_TIMER	(1u << 8)	/* RTC, HPET, PIT, PM timer */
#define VMI_FEAT_PV_IRQ_TIMER	(1u << 9)	/* EVENT_NEXT, TIMER_SET, TIME_AREA */
#define VMI_FEAT_MCE_MSR	(1u << 10)	/* machine-check registers without a trap */
#define VMI_FEAT_EMU_PCI	(1u << 11)	/* PCI as on a PC */
#define VMI_FEAT_PV_DEVICES	(1u << 12)	/* PV disk and network */
#define VMI_FEAT_FIRMWARE	(1u << 13)	/* BIOS or UEFI, network boot */

#endif
