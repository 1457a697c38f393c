/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls of a 64-bit guest in a container: the processor's own instruction,
 * number in RAX, arguments in RDI, RSI, RDX, R10. Xen would write a page with
 * that instruction for us; with it here, no code of the host's is run in the
 * guest's kernel. A debug build of Xen overwrites the argument registers.
 */
#ifndef HYPERCALL_H
#define HYPERCALL_H

/** Not AMD's instruction but Intel's; life.c. */
extern u8 xen_by_vmcall;

ALWAYS_INLINE long hypercall(u64 nr, u64 a, u64 b, u64 c, u64 d)
{
	register u64 r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("cmpb $0, %[intel]\n\tjne 1f\n\tvmmcall\n\tjmp 2f\n1:\tvmcall\n2:"
			 : "=a" (result), "+D" (a), "+S" (b), "+d" (c), "+r" (r10)
			 : "0" (nr), [intel] "m" (xen_by_vmcall) : "memory", "cc");
	return result;
}

#define HYPERCALL(name, ...)	HYPERCALL_(__HYPERVISOR_##name, ##__VA_ARGS__, 0, 0, 0, 0)
#define HYPERCALL_(nr, a, b, c, d, ...) \
	hypercall(nr, (u64)(a), (u64)(b), (u64)(c), (u64)(d))

#endif
