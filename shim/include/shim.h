/* SPDX-License-Identifier: MIT */
/*
 * What every C file of a shim gets in front (by -include): hidden visibility,
 * the ABI and the means to reach what only a fix-up can give. Read next:
 * shim.inc, the same for assembly; then backends/template/.
 *
 * A backend answers a call by the symbols it defines (`vmi build` reads them):
 *   vmi_call_X     the CALL form: CALL
 *   vmi_early_X    beside it: the form used before PERCPU_READY
 *   vmi_inline_X, vmi_inline_X_end   beside it: INLINE, these bytes
 *   vmi_native_X   beside it: NATIVE, though the CALL form exists
 *   vmi_nop_X      alone: NOP
 *   nothing        NATIVE
 * and it must define vmi_rom_detect; vmi_rom_boot where it has a direct boot.
 */
#ifndef SHIM_H
#define SHIM_H

#pragma GCC visibility push(hidden)

#include <stddef.h>
#include "vmi/types.h"
#include "vmi/call.h"
#include "vmi/rom.h"
#include "vmi/guest.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define ALWAYS_INLINE	static inline __attribute__((always_inline))
/* A FAST or VALUE call in C: keeps every register but RAX, takes any stack. */
#define FAST_CALL	__attribute__((no_caller_saved_registers, force_align_arg_pointer))

/** At file level, behind the headers: what follows is done once in a while, and shall be small rather than fast. */
#define SHIM_COLD	_Pragma("GCC optimize (\"Os\")")

/** Image offset 0, and the header as `vmi build` has filled it. */
extern const char vmi_rom_image[];
extern const struct vmi_rom_header vmi_rom_header;

/** Bit n: PROBE says NATIVE of call n, whatever the table says. For INIT, of a host that lacks what the call is for. */
extern u64 vmi_not_here[(VMI_NR_CALLS + 63) / 64];

/** u32 bid, 0: not this host. Called by the guest before INIT. */
u32 vmi_rom_detect(void);

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);

/** The answers NOP, and NATIVE in front of a CALL form; at file level. */
#define VMI_MARK(symbol) __asm__(".pushsection .text\n.globl " #symbol "\n.hidden " #symbol "\n" \
	#symbol ":\n.popsection\n")
#define VMI_NOP(name)	VMI_MARK(vmi_nop_##name)
#define VMI_NATIVE(name)	VMI_MARK(vmi_native_##name)

/** A guest constant (enum vmi_const) that a fix-up writes into the code. */
#define vmi_const64(name) ({ u64 c__; __asm__("movabs $vmi_const_" #name ", %0" : "=r" (c__)); c__; })
#define vmi_const32(name) ({ u64 c__; __asm__("mov $vmi_const_" #name ", %0" : "=r" (c__)); c__; })

/**
 * A field of this CPU's block, once PERCPU_READY has armed it: one
 * instruction, so that no interrupt or migration can come between.
 */
#define percpu_get(type, field) ({ \
	__typeof__(((type *)0)->field) v__; \
	__asm__ volatile("mov %%gs:vmi_percpu+%c1, %0" : "=r" (v__) : "i" (offsetof(type, field)) : "memory"); \
	v__; })
#define percpu_set(type, field, value) \
	__asm__ volatile("mov %0, %%gs:vmi_percpu+%c1" :: \
		"r" ((__typeof__(((type *)0)->field))(value)), "i" (offsetof(type, field)) : "memory")

/** Inside an asm statement: where to go on when the instruction faults. */
#define VMI_EXTABLE(insn, fixup) \
	".pushsection .vmi.extable,\"a\",@progbits\n.long " #insn ", " #fixup "\n.popsection\n"

ALWAYS_INLINE void cpu_relax(void) { __asm__ volatile("pause" ::: "memory"); }
#define barrier()	__asm__ volatile("" ::: "memory")

#endif
