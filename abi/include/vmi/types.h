/* SPDX-License-Identifier: MIT */
/* Fixed-width types for the VMI headers, in Linux, in freestanding C and on a host. Read next: call.h. */
#ifndef VMI_TYPES_H
#define VMI_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#ifndef UINT64_C
#define UINT64_C(c)	c ## ULL
#endif
#else
#include <stdint.h>
#endif

/** Layout guards for everything that two separately built parties share. */
#define VMI_ASSERT(expr)		_Static_assert(expr, #expr)
#define VMI_ASSERT_SIZE(type, bytes)	VMI_ASSERT(sizeof(type) == (bytes))
#define VMI_ASSERT_OFFSET(type, member, bytes) \
	VMI_ASSERT(__builtin_offsetof(type, member) == (bytes))

#endif
