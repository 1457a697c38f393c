// SPDX-License-Identifier: MIT
/* The processor, as far as hypercalls of a guest in ring 3 reach it. */
#include "host.h"
#include "pv/pv.h"

const struct container pv = { .name = "ring 3" };

void guest_cpuid(struct vcpu *v)
{
	v->regs.rax = v->regs.rbx = v->regs.rcx = v->regs.rdx = 7;
}

int pv_set_roots(struct vcpu *v, u64 root, u64 user_root)
{
	(void)v, (void)root, (void)user_root;
	return -1;
}

void pv_forget(struct domain *d, u64 set) { (void)d, (void)set; }
void pv_forget_one(u64 va) { (void)va; }
void pv_load_ts(const struct vcpu *v) { (void)v; }

/* What would fault, or break into vmihv. */
void pv_load_debug(const struct vcpu *v)
{
	for (int i = 0; i < 4; i++)
		assert_true(pv_is_canonical(v->debug[i]) && (v->debug[i] >> 39 & 511) - HOST_SLOT >= HOST_SLOTS);
	assert_false(pv_of(v)->debug_status >> 32);
	assert_false(pv_of(v)->debug_control >> 32 || pv_of(v)->debug_control & 1u << 13);
}

u64 pv_get_base(struct vcpu *v, enum pv_base which)
{
	(void)v;
	assert_true(which < BASE_USER_GS_SELECTOR);
	return 0;
}

int pv_set_base(struct vcpu *v, enum pv_base which, u64 value)
{
	(void)v, (void)value;
	assert_true(which < BASES);
	return 0;
}

int pv_set_gdt(struct vcpu *v, u64 gpa, u64 entries)
{
	(void)v, (void)gpa, (void)entries;
	return 0;
}

int pv_set_ldt(struct vcpu *v, u64 va, u64 entries)
{
	(void)v, (void)va, (void)entries;
	return 0;
}

int pv_write_descriptor(struct vcpu *v, u64 gpa, u64 descriptor)
{
	(void)v, (void)gpa, (void)descriptor;
	return 0;
}

int pv_iret(struct vcpu *v)
{
	(void)v;
	return -1;
}
