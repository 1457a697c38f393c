/* SPDX-License-Identifier: MIT */
/* What the conformance tests share. Each test returns NULL, or what is wrong. Read next: main.c. */
#ifndef CONFORM_H
#define CONFORM_H

#include "guest.h"

/** One test for each call of calls.def; a missing one fails the link. */
#define VMI_CALL(nr, name, group, since, conv, proto, hook, text) const char *test_##name(void);
#include <vmi/calls.def>
#undef VMI_CALL

#define EXPECT(condition, what)	do { if (!(condition)) return what; } while (0)
#define HAS(name)	(!!vmi_rom_entry(&rom, VMI_CALL_##name, 0))
#define PA(symbol)	((uint64_t)(symbol) - IMAGE_OFFSET)
#define PAGE		4096ul

#define PTE_P		0x1ul
#define PTE_RW		0x2ul
#define PTE_US		0x4ul
#define PTE_A		0x20ul
#define PTE_D		0x40ul
#define PTE_FRAME	0xffffffffff000ul
#define PTE_KERNEL	(PTE_P | PTE_RW | PTE_A | PTE_D)
#define PTE_TABLE	(PTE_P | PTE_RW | PTE_US | PTE_A)

/* main.c */
extern int deprivileged;			/* PV page tables, no ring 0 */
extern volatile uint32_t timer_events;		/* so far */
extern volatile uint32_t ipi_events[VMI_EVENT_NMI + 1];
extern volatile uint64_t exceptions, fault_address;
extern uint32_t unwinding, unwound;		/* frames of the ROM so far */
extern uint64_t resume;				/* where a fault that is expected goes on */

/* regs.S */
/** Calls fn with every register known; *changed gets a bit for each that comes back different. */
uint64_t call_regs(const void *fn, uint64_t rdi, uint64_t rsi, uint64_t rax, uint64_t *changed);
/** Reads a byte; 0 if that faulted. */
int can_read(uint64_t va);
/** An UD2 with every register known: 0 if all came back. */
uint64_t ud2_registers(void);
/** A call that faults inside the ROM; guest_trap() unwinds it, and it seems to return. */
void call_unwound(const void *fn, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
/** IRET to user mode; returns when user_trap() sends it to user_return. */
void user_enter(uint64_t rip, uint64_t rflags, uint64_t rsp);
extern char user_return[];
extern uint64_t user_kernel_rsp;
/** Selector in GS now. */
uint32_t gs_selector(void);
/** Whether LAR accepts a selector from ring 3's view. */
int selector_is_good(uint32_t selector);

/* irq.c: one timer event after about so many microseconds, by the ABI or by the PC's chips. */
void arm_timer(uint64_t us);
int wait_timer(uint32_t before);		/* with interrupts on; 0: it never came */
uint64_t clock_now(void);			/* ns of the time page */
void irq_on(void);
void irq_off(void);

/** On bare hardware, what an interrupt's handler does; NULL: it is the timer chip's. */
extern void (*on_vector)(void);

/* mmu.c */
/** The entry of this level that maps va, as it stands in its table; NULL: a larger page or none. */
uint64_t *entry_at(uint64_t va, int level);
/** By the ABI, to a guest-physical value. */
void set_entry(uint32_t nr, uint64_t *entry, uint64_t value);

const char *user_map(const void *code, uint32_t bytes);
const char *user_unmap(void);

/* cpu.c */
int load_gdt(void);				/* once; the GDT of the tests */
void write_gdt(uint32_t slot, uint64_t descriptor);

/* user.c: user mode at USER_CODE, with a stack page behind it. */
#define USER_CODE	(5ul << 39)

/** Runs code until it enters the kernel; the frame of that entry. why is set where it cannot be. */
const struct frame *user_run(const void *code, uint32_t bytes, const char **why);
void user_trap(struct frame *f);
/** IRET to user mode with flags of every kind, and back by exception and system call. */
const char *user_round_trip(void);
/** NULL if the entry from `ud2' is as it must be, on this stack. */
const char *user_enters_on(uint64_t sp0);

#endif
