/* SPDX-License-Identifier: MIT */
/* What the files of this backend share. Read next: life.c. */
#ifndef HOST_H
#define HOST_H

#include <asm/kvm_para.h>
#include <linux/kvm_para.h>

#include "backend.h"
#include "figures.h"

/** KVM's form of a time page. */
struct clock {
	u32 version, pad;
	u64 tsc, ns;
	u32 mul;
	s8 shift;
	u8 flags, pad2[2];
};

#define CLOCK_STABLE	1u		/* in flags: the same on every CPU */

VMI_ASSERT_SIZE(struct clock, 32);

/** One CPU's block. KVM writes the first three. */
struct percpu {
	struct kvm_steal_time steal;	/* at a multiple of 64 */
	struct clock clock;
	u32 eoi;			/* bit 0: the end of the interrupt in service needs no word to the APIC */
	u32 apic_id;
	u32 cpu;
	u32 ready;
	u8 pad[16];
};

VMI_ASSERT_SIZE(struct kvm_steal_time, 64);
VMI_ASSERT_SIZE(struct percpu, BACKEND_PERCPU);

/** By number, from PERCPU_READY on; NULL: there was none. */
extern struct percpu *blocks[BACKEND_CPUS];
/** Where CPU 0's clock is, from INIT on: in the ROM's data, or where TIME_USER_PAGE has moved it. */
extern const struct clock *clock_of_0;

ALWAYS_INLINE struct percpu *block_of(u32 cpu)
{
	struct percpu *b = cpu < BACKEND_CPUS ? blocks[cpu] : NULL;

	return b && b->ready ? b : NULL;
}

/** Whether KVM has this KVM_FEATURE_*; CPUID said so at INIT. */
int has(u32 feature);
/** Not 0: KVM refused. */
s32 write_msr(u32 nr, u64 value);
/** Guest-physical address of something in the direct map or image. */
u64 to_pa(const void *p);
/** The address that KVM is to write to from now on; 0: to none. */
s32 clock_at(const struct clock *at);

/** What KVM returns: negative is an errno. */
s64 hypercall(u32 nr, u64 a, u64 b, u64 c, u64 d);
/** HLT as long as the byte has this value, in the state of the interrupt flag that the caller is in: smp.asm. */
void wait_for_kick(const u8 *byte, u8 value);

#endif
