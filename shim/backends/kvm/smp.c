// SPDX-License-Identifier: MIT
/* Several processors: interrupts by hypercall, locks, flushes of those that do not run. Read next: smp.asm. */
#include "host.h"

void vmi_call_LOCK_WAIT(const u8 *byte, u8 value);
void vmi_call_LOCK_KICK(u32 cpu);
s32 vmi_call_SEND_VECTOR(const u64 *cpus, u32 bits, u32 vector);
void vmi_call_FLUSH_ABSENT(u64 *cpus, u32 bits);

#define FIRST_VECTOR	16u
#define LAST_VECTOR	255u
#define ICR_NMI		0x400u		/* of the interrupt command register */

/* Without KVM's promise to end the wait, nobody would. */
void vmi_call_LOCK_WAIT(const u8 *byte, u8 value)
{
	if (has(KVM_FEATURE_PV_UNHALT))
		wait_for_kick(byte, value);
}

void vmi_call_LOCK_KICK(u32 cpu)
{
	struct percpu *b = block_of(cpu);

	if (b && has(KVM_FEATURE_PV_UNHALT))
		hypercall(KVM_HC_KICK_CPU, 0, b->apic_id, 0, 0);
}

/* The next CPU of a set, from this one on; bits: there is none. */
static u32 next_cpu(const u64 *cpus, u32 bits, u32 cpu)
{
	while (cpu < bits) {
		u64 left = cpus[cpu / 64] >> cpu % 64;

		if (left) {
			cpu += __builtin_ctzll(left);
			return cpu < bits ? cpu : bits;
		}
		cpu = (cpu | 63) + 1;
	}
	return bits;
}

static int all_ready(const u64 *cpus, u32 bits)
{
	for (u32 cpu = next_cpu(cpus, bits, 0); cpu < bits; cpu = next_cpu(cpus, bits, cpu + 1))
		if (!block_of(cpu))
			return 0;
	return 1;
}

static s32 send(struct ipi_set *set, u32 icr)
{
	s64 result = set->bits[0] | set->bits[1] ?
		hypercall(KVM_HC_SEND_IPI, set->bits[0], set->bits[1], set->first, icr) : 0;

	*set = (struct ipi_set){ 0 };
	return result < 0 ? VMI_E_PERM : VMI_OK;
}

s32 vmi_call_SEND_VECTOR(const u64 *cpus, u32 bits, u32 vector)
{
	u32 icr = vector == VMI_ENTRY_NMI ? ICR_NMI : vector;
	struct ipi_set set = { 0 };
	s32 err = VMI_OK;

	if (vector != VMI_ENTRY_NMI && (vector < FIRST_VECTOR || vector > LAST_VECTOR))
		return VMI_E_INVAL;
	if (!has(KVM_FEATURE_PV_SEND_IPI))
		return VMI_E_NOSYS;
	if (!all_ready(cpus, bits))
		return VMI_E_STATE;
	for (u32 cpu = next_cpu(cpus, bits, 0); !err && cpu < bits; cpu = next_cpu(cpus, bits, cpu + 1)) {
		if (ipi_add(&set, blocks[cpu]->apic_id))
			continue;
		err = send(&set, icr);
		ipi_add(&set, blocks[cpu]->apic_id);
	}
	return err ? err : send(&set, icr);
}

/* Whether KVM takes it over: only while it does not run, and then at once or not at all. */
static int will_flush(struct percpu *b)
{
	u8 was = __atomic_load_n(&b->steal.preempted, __ATOMIC_RELAXED);

	return was & KVM_VCPU_PREEMPTED &&
		__atomic_compare_exchange_n(&b->steal.preempted, &was, was | KVM_VCPU_FLUSH_TLB, 0,
					    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

void vmi_call_FLUSH_ABSENT(u64 *cpus, u32 bits)
{
	if (!has(KVM_FEATURE_PV_TLB_FLUSH) || !has(KVM_FEATURE_STEAL_TIME))
		return;
	for (u32 cpu = next_cpu(cpus, bits, 0); cpu < bits; cpu = next_cpu(cpus, bits, cpu + 1)) {
		struct percpu *b = block_of(cpu);

		if (b && will_flush(b))
			cpus[cpu / 64] &= ~(UINT64_C(1) << cpu % 64);
	}
}
