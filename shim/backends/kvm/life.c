// SPDX-License-Identifier: MIT
/* Detection, start and end; what KVM offers to this guest. Read next: time.c. */
#include "host.h"

s32 vmi_call_INIT(struct vmi_init *init);
s32 vmi_call_PERCPU_READY(u32 cpu, struct percpu *block);
s32 vmi_call_PERCPU_DONE(void);
s32 vmi_early_PERCPU_DONE(void);
s32 vmi_call_EXIT(void);

#define BID		100		/* more than whoever sees no more than a processor */
#define LEAVES		0x40000000u	/* where a hypervisor's begin, or 256 further on, and so on */
#define LEAVES_STEP	0x100u
#define LEAVES_END	0x40010000u
#define LEAF_TOPOLOGY	0xbu
#define CPUID_MWAIT	0x8u		/* leaf 1, ECX */
#define BIT(n)		(1u << (n))

static struct clock first_clock __attribute__((aligned(64)));
const struct clock *clock_of_0;

static enum { BEFORE, RUNNING, AFTER } state;
static u32 cpus, features;
static u8 is_amd;

struct percpu *blocks[BACKEND_CPUS];

/* Each is for calls that without it have nothing to offer. */
static const struct {
	u8 feature, call;
} needs[] = {
	{ KVM_FEATURE_CLOCKSOURCE2, VMI_CALL_TIME_AREA },
	{ KVM_FEATURE_CLOCKSOURCE2, VMI_CALL_WALLCLOCK },
	{ KVM_FEATURE_CLOCKSOURCE2, VMI_CALL_TIME_USER_PAGE },
	{ KVM_FEATURE_CLOCKSOURCE_STABLE_BIT, VMI_CALL_TIME_USER_PAGE },
	{ KVM_FEATURE_STEAL_TIME, VMI_CALL_STOLEN_TIME },
	{ KVM_FEATURE_STEAL_TIME, VMI_CALL_PREEMPTED },
	{ KVM_FEATURE_STEAL_TIME, VMI_CALL_FLUSH_ABSENT },
	{ KVM_FEATURE_PV_TLB_FLUSH, VMI_CALL_FLUSH_ABSENT },
	{ KVM_FEATURE_PV_UNHALT, VMI_CALL_LOCK_WAIT },
	{ KVM_FEATURE_PV_UNHALT, VMI_CALL_LOCK_KICK },
	{ KVM_FEATURE_PV_EOI, VMI_CALL_IRQ_EOI },
	{ KVM_FEATURE_PV_SEND_IPI, VMI_CALL_SEND_VECTOR },
	{ KVM_FEATURE_NOP_IO_DELAY, VMI_CALL_IO_DELAY },
};

/* What a virtual machine's ports are, they are at once. */
VMI_NOP(IO_DELAY);

static void cpuid(u32 leaf, u32 r[4])
{
	__asm__ volatile("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "a" (leaf), "c" (0));
}

/* KVM's first leaf, or 0. Other hypervisors' leaves, which it imitates, may stand in front. */
static u32 find_leaves(void)
{
	u32 r[4];

	cpuid(1, r);
	if (!(r[2] >> 31))
		return 0;
	for (u32 leaf = LEAVES; leaf < LEAVES_END; leaf += LEAVES_STEP) {
		cpuid(leaf, r);
		if (!memcmp(&r[1], KVM_SIGNATURE, 12))
			return leaf;
	}
	return 0;
}

u32 vmi_rom_detect(void)
{
	return find_leaves() ? BID : 0;
}

int has(u32 feature)
{
	return features >> feature & 1;
}

u64 to_pa(const void *p)
{
	u64 va = (u64)p;

	return va >= -(UINT64_C(2) << 30) ? va - vmi_const64(IMAGE_OFFSET) : va - vmi_const64(DIRECT_MAP);
}

s32 write_msr(u32 nr, u64 value)
{
	s32 err = VMI_E_PERM;

	__asm__ volatile("1:\twrmsr\n\txor %0, %0\n2:\n" VMI_EXTABLE(1b, 2b)
		: "+r" (err) : "c" (nr), "a" ((u32)value), "d" ((u32)(value >> 32)) : "memory", "cc");
	return err;
}

/* Each vendor's own instruction: KVM puts right the wrong one, but only where it may write. */
s64 hypercall(u32 nr, u64 a, u64 b, u64 c, u64 d)
{
	s64 result;

	if (is_amd)
		__asm__ volatile("vmmcall" : "=a" (result) : "a" (nr), "b" (a), "c" (b), "d" (c), "S" (d) : "memory");
	else
		__asm__ volatile("vmcall" : "=a" (result) : "a" (nr), "b" (a), "c" (b), "d" (c), "S" (d) : "memory");
	return result;
}

/* CPUs that are never taken away, or idle without a word to KVM, gain nothing by what is for others. */
static void find_features(void)
{
	u32 r[4], more[4];

	cpuid(0, r);
	is_amd = !memcmp(&r[1], "Auth", 4) || !memcmp(&r[1], "Hygo", 4);
	cpuid(find_leaves() + KVM_CPUID_FEATURES - KVM_CPUID_SIGNATURE, r);
	features = r[0];
	cpuid(1, more);
	if (r[3] >> KVM_HINTS_REALTIME & 1)
		features &= ~(BIT(KVM_FEATURE_PV_UNHALT) | BIT(KVM_FEATURE_PV_TLB_FLUSH));
	if (more[2] & CPUID_MWAIT)
		features &= ~BIT(KVM_FEATURE_PV_TLB_FLUSH);
	for (u32 i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (!has(needs[i].feature))
			vmi_not_here[needs[i].call / 64] |= UINT64_C(1) << needs[i].call % 64;
}

/* There is a clock before there are blocks. */
static u64 tsc_khz(void)
{
	if (!has(KVM_FEATURE_CLOCKSOURCE2) || clock_at(clock_of_0))
		return 0;
	barrier();
	return clock_khz(clock_of_0->mul, clock_of_0->shift);
}

static void host_facts(struct vmi_init *init)
{
	clock_of_0 = &first_clock;
	cpus = init->cpus < BACKEND_CPUS ? init->cpus : BACKEND_CPUS;
	init->features = BACKEND_FEATURES;
	init->host_version = 0;
	init->tsc_khz = tsc_khz();
	init->pte_forbidden = 0;
	init->extra_user_cs = 0;
	init->frame_table_bytes = 0;
	memset(init->host_name, 0, sizeof(init->host_name));
	memcpy(init->host_name, "KVM", sizeof("KVM"));
	memset(init->reason, 0, sizeof(init->reason));
}

s32 vmi_call_INIT(struct vmi_init *init)
{
	if (init->magic != VMI_MAGIC_INIT || init->version != VMI_STRUCT_VERSION ||
	    init->size < sizeof(*init) || init->reserved)
		return VMI_E_INVAL;
	if (state != BEFORE) {
		memcpy(init->reason, "INIT was called before", sizeof("INIT was called before"));
		return VMI_E_STATE;
	}
	find_features();
	host_facts(init);
	state = RUNNING;
	return VMI_OK;
}

/* The one it has now: it is read on the CPU itself. */
static u32 apic_id(void)
{
	u32 r[4];

	cpuid(0, r);
	if (r[0] >= LEAF_TOPOLOGY) {
		cpuid(LEAF_TOPOLOGY, r);
		if (r[1])
			return r[3];
	}
	cpuid(1, r);
	return r[1] >> 24;
}

static s32 share(const struct percpu *b)
{
	s32 err = VMI_OK;

	if (has(KVM_FEATURE_CLOCKSOURCE2))
		err = clock_at(b->cpu ? &b->clock : clock_of_0);
	if (!err && has(KVM_FEATURE_STEAL_TIME))
		err = write_msr(MSR_KVM_STEAL_TIME, to_pa(&b->steal) | KVM_MSR_ENABLED);
	if (!err && has(KVM_FEATURE_PV_EOI))
		err = write_msr(MSR_KVM_PV_EOI_EN, to_pa(&b->eoi) | KVM_MSR_ENABLED);
	return err;
}

static void unshare(void)
{
	if (has(KVM_FEATURE_PV_EOI))
		write_msr(MSR_KVM_PV_EOI_EN, 0);
	if (has(KVM_FEATURE_STEAL_TIME))
		write_msr(MSR_KVM_STEAL_TIME, 0);
	if (has(KVM_FEATURE_CLOCKSOURCE2))
		clock_at(NULL);
}

/* On the CPU itself. One that comes back, by INIT and SIPI, has forgotten nothing or everything: all is said again. */
s32 vmi_call_PERCPU_READY(u32 cpu, struct percpu *block)
{
	s32 err;

	if (cpu >= cpus || !block || (u64)block % 64)
		return VMI_E_INVAL;
	if (state != RUNNING || (blocks[cpu] && blocks[cpu] != block))
		return VMI_E_STATE;
	block->cpu = cpu;
	block->apic_id = apic_id();
	block->eoi = 0;
	block->steal.preempted = 0;
	err = share(block);
	if (err) {
		unshare();
		return err;
	}
	block->ready = 1;
	__atomic_store_n(&blocks[cpu], block, __ATOMIC_RELEASE);
	return VMI_OK;
}

s32 vmi_call_PERCPU_DONE(void)
{
	if (state != RUNNING || !percpu_get(struct percpu, ready))
		return VMI_E_STATE;
	percpu_set(struct percpu, ready, 0);
	unshare();
	percpu_set(struct percpu, steal.preempted, 0);
	return VMI_OK;
}

s32 vmi_early_PERCPU_DONE(void)
{
	return VMI_E_STATE;
}

/* The last CPU may have left already. */
s32 vmi_call_EXIT(void)
{
	if (state != RUNNING)
		return VMI_E_STATE;
	unshare();
	state = AFTER;
	return VMI_OK;
}
