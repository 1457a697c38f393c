/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls of a 64-bit Xen PV guest: the SYSCALL instruction, number in RAX,
 * arguments in RDI, RSI, RDX, R10. RCX and R11 are the instruction's; a debug
 * build of Xen overwrites the argument registers too. Read next: xen.h.
 */
#ifndef HYPERCALL_H
#define HYPERCALL_H

ALWAYS_INLINE long hypercall(u64 nr, u64 a, u64 b, u64 c, u64 d)
{
	register u64 r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a" (result), "+D" (a), "+S" (b), "+d" (c), "+r" (r10)
			 : "0" (nr) : "rcx", "r11", "memory");
	return result;
}

#define HYPERCALL(name, ...)	HYPERCALL_(__HYPERVISOR_##name, ##__VA_ARGS__, 0, 0, 0, 0)
#define HYPERCALL_(nr, a, b, c, d, ...) \
	hypercall(nr, (u64)(a), (u64)(b), (u64)(c), (u64)(d))

#endif
