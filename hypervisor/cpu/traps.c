// SPDX-License-Identifier: MIT
/*
 * Exceptions and interrupts of the processor while vmihv runs. vmihv runs with
 * interrupts off but for the window between two runs of a vCPU, so that a
 * handler meets nobody half way. An exception is a bug: it ends in panic.
 */
#include "cpu/apic.h"
#include "cpu/cpu.h"
#include "pv/pv.h"

#define VECTORS		256
#define GATE_INTERRUPT	0x8e
#define GATE_PROGRAMS	0xee		/* programs may use INT3, INTO and INT 80h */
#define VECTOR_DB	1
#define VECTOR_NMI	2
#define VECTOR_BP	3
#define VECTOR_OF	4
#define VECTOR_DF	8
#define VECTOR_MC	18
#define FIRST_INTERRUPT	32
#define VECTOR_INT80	0x80
#define DEBUG_OFF	0x400ul

struct gate {
	u16 offset0, selector;
	u8 ist, type;
	u16 offset1;
	u32 offset2, reserved;
};

extern const u8 trap_stubs[];
extern const u32 trap_stub_bytes;
void trap(struct trap_frame *f);

static struct gate idt[VECTORS] __attribute__((aligned(16)));

/* These may come while the stack is not to be trusted. */
static u8 stack_of(unsigned int vector)
{
	switch (vector) {
	case VECTOR_DB: return 4;
	case VECTOR_NMI: return 1;
	case VECTOR_DF: return 2;
	case VECTOR_MC: return 3;
	}
	return 0;
}

static u8 type_of(unsigned int vector)
{
	return vector == VECTOR_BP || vector == VECTOR_OF || vector == VECTOR_INT80 ? GATE_PROGRAMS : GATE_INTERRUPT;
}

void traps_init(void)
{
	for (unsigned int i = 0; i < VECTORS; i++) {
		u64 at = (u64)trap_stubs + (u64)i * trap_stub_bytes;

		idt[i] = (struct gate){ at, HV_CS, stack_of(i), type_of(i), at >> 16, at >> 32, 0 };
	}
}

void traps_load(void)
{
	struct { u16 limit; u64 base; } __attribute__((packed)) r = { sizeof(idt) - 1, (u64)idt };

	__asm__ volatile("lidt %0" :: "m" (r) : "memory");
}

/* What a guest has had vmihv do: reach for its memory, load its selectors, or step over the way in. */
static bool is_guests(struct trap_frame *f)
{
	u64 next = pv_fixup(f->rip);

	if (f->vector == VECTOR_DB) {
		__asm__ volatile("mov %0, %%db7" :: "r" (DEBUG_OFF));
		return true;
	}
	if (next)
		f->rip = next;
	return next;
}

void trap(struct trap_frame *f)
{
	if (f->vector == VECTOR_NMI && panic_elsewhere())
		machine_stop();
	if (f->vector < FIRST_INTERRUPT && is_guests(f))
		return;
	if (f->vector < FIRST_INTERRUPT)
		panic_trap(f);
	apic_interrupt(f->vector);
}

void interrupt_window(void)
{
	__asm__ volatile("sti; nop; cli" ::: "memory");
}

void idle(void)
{
	__asm__ volatile("sti; hlt; cli" ::: "memory");
}
