// SPDX-License-Identifier: MIT
/*
 * AMD's SVM with nested paging. The processor need save no next RIP, decode
 * nothing and flush by no address space: what an instruction is long is known
 * from which it is. Read next: svm_exit.c.
 */
#include "container/svm.h"
#include "cpu/cpu.h"
#include "cpu/lock.h"
#include "memory/frames.h"
#include "memory/memory.h"

#define LEAF_SVM	0x8000000au
#define SVM_NESTED	1u
#define MSR_VM_CR	0xc0010114
#define VM_CR_DISABLED	(1u << 4)
#define MSR_HOST_SAVE	0xc0010117
#define MSR_MAP_ORDER	1
#define PORT_MAP_ORDER	2
#define VECTOR_DB	1
#define VECTOR_NMI	2
#define VECTOR_AC	17

static u64 msr_map, port_map;
static u32 asid_count;

static bool present(void)
{
	u32 r[4];

	cpuid(0x80000001, 0, r);
	if (!(r[2] & 1u << 2) || rdmsr(MSR_VM_CR) & VM_CR_DISABLED)
		return false;
	cpuid(LEAF_SVM, 0, r);
	asid_count = r[1];
	return r[3] & SVM_NESTED && asid_count > 1;
}

/* Two bits for each register: intercept reads and writes. */
static void allow_msr(u32 msr)
{
	u32 base = msr >= 0xc0000000 ? 0x800 * 4 : 0, bit = (base + (msr & 0x1fff)) * 2;
	u8 *map = at_pa(msr_map);

	map[bit / 8] &= ~(3u << bit % 8);
}

/* These are switched by VMLOAD and VMSAVE. */
static int make_maps(struct why *why)
{
	static const u32 own[] = { 0x174, 0x175, 0x176, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084,
		0xc0000100, 0xc0000101, 0xc0000102 };

	msr_map = frames_take(MSR_MAP_ORDER, OWNER_HV);
	port_map = frames_take(PORT_MAP_ORDER, OWNER_HV);
	if (msr_map == NO_FRAME || port_map == NO_FRAME)
		return refuse(why, "there is no memory for SVM's maps");
	memset(at_pa(msr_map), 0xff, PAGE_SIZE << MSR_MAP_ORDER);
	memset(at_pa(port_map), 0xff, PAGE_SIZE << PORT_MAP_ORDER);
	for (u32 i = 0; i < ARRAY_SIZE(own); i++)
		allow_msr(own[i]);
	return nested_init(why);
}

static int cpu_init(struct cpu *cpu, struct why *why)
{
	u64 save = frames_take_table(OWNER_HV);

	cpu->host_state = frames_take_table(OWNER_HV);
	if (save == NO_FRAME || cpu->host_state == NO_FRAME)
		return refuse(why, "there is no memory for SVM's own state");
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_HOST_SAVE, save);
	__asm__ volatile("vmsave %0" :: "a" (cpu->host_state) : "memory");
	cpu->asid_generation = 1;
	cpu->asid_next = 1;
	return msr_map ? 0 : make_maps(why);
}

static void set_intercepts(struct vmcb *b)
{
	b->intercept1 = INTERCEPT1_INTR | INTERCEPT1_NMI | INTERCEPT1_SMI | INTERCEPT1_INIT | INTERCEPT1_RDPMC |
		INTERCEPT1_CPUID | INTERCEPT1_INVD | INTERCEPT1_HLT | INTERCEPT1_INVLPGA | INTERCEPT1_PORT |
		INTERCEPT1_MSR | INTERCEPT1_TASK | INTERCEPT1_SHUTDOWN;
	b->intercept2 = INTERCEPT2_ALL_SVM | INTERCEPT2_WBINVD | INTERCEPT2_MONITOR | INTERCEPT2_MWAIT |
		INTERCEPT2_XSETBV;
	/* a guest could make these two follow each other for ever, and nobody else would run */
	b->intercept_exceptions = 1u << VECTOR_DB | 1u << VECTOR_AC;
	b->port_map = port_map;
	b->msr_map = msr_map;
	b->interrupt_control = INTERRUPT_HOST_FLAG;
}

static void reset_fpu(struct vcpu *v)
{
	memset(v->fpu, 0, sizeof(v->fpu));
	*(u16 *)v->fpu = 0x37f;			/* FCW and MXCSR as after a reset of either */
	*(u32 *)(v->fpu + 24) = 0x1f80;
}

static int vcpu_create(struct vcpu *v, struct why *why)
{
	u64 pa = frames_take_table(v->domain->memory.owner);

	if (pa == NO_FRAME)
		return refuse(why, "there is no memory for a vCPU");
	v->control = at_pa(pa);
	reset_fpu(v);
	set_intercepts(v->control);
	svm_block(v)->nested = 1;
	svm_block(v)->nested_root = v->domain->nested_root;
	svm_block(v)->pat = 0x0007040600070406;
	return 0;
}

static void vcpu_destroy(struct vcpu *v)
{
	frames_give(pa_of(v->control), 0, v->domain->memory.owner);
	v->control = NULL;
}

static void start_flat(struct vcpu *v, u32 entry, u32 info)
{
	static const struct vmcb_segment data = { 0x10, 0xc93, ~0u, 0 };
	struct vmcb *b = v->control;

	b->es = b->ss = b->ds = b->fs = b->gs = data;
	b->cs = (struct vmcb_segment){ 0x08, 0xc9b, ~0u, 0 };
	b->tr = (struct vmcb_segment){ 0, 0x8b, 0x67, 0 };
	b->ldtr = (struct vmcb_segment){ 0, 0x82, 0, 0 };
	b->gdtr.limit = b->idtr.limit = 0;
	b->efer = EFER_SVME;
	b->cr0 = CR0_PE | 0x10;
	b->dr6 = 0xffff0ff0;
	b->dr7 = 0x400;
	v->regs = (struct registers){ .rip = entry, .rbx = info, .rflags = 2 };
}

static int start_long(struct vcpu *v, const struct start_state *s)
{
	static const struct vmcb_segment none = { 0, 0, 0, 0 };
	struct vmcb *b = v->control;

	if (!start_is_long(s))
		return -1;
	start_flat(v, 0, 0);
	b->es = b->ds = b->fs = b->gs = none;
	b->gs.base = s->gs_base;
	b->cs = (struct vmcb_segment){ s->cs, 0xa9b, ~0u, 0 };
	b->ss = (struct vmcb_segment){ s->ss, 0xc93, ~0u, 0 };
	b->gdtr = (struct vmcb_segment){ 0, 0, s->gdt_limit, s->gdt };
	b->idtr = (struct vmcb_segment){ 0, 0, s->idt_limit, s->idt };
	b->cr0 = s->cr0;
	b->cr3 = s->cr3;
	b->cr4 = s->cr4;
	b->efer = s->efer | EFER_SVME;
	b->shadow = b->inject = b->cr2 = b->cpl = 0;
	b->star = b->lstar = b->cstar = b->sfmask = b->kernel_gs_base = 0;
	b->sysenter_cs = b->sysenter_esp = b->sysenter_eip = 0;
	b->intercept1 &= ~INTERCEPT1_IRET;
	v->in_nmi = false;
	memset(v->debug, 0, sizeof(v->debug));
	reset_fpu(v);
	v->regs = (struct registers){ .rip = s->rip, .rsp = s->rsp, .rdi = s->rdi, .rflags = 2 };
	return 0;
}

static void load(struct vcpu *v)
{
	__asm__ volatile("fxrstor64 %0" :: "m" (v->fpu));
	__asm__ volatile("mov %0, %%db0; mov %1, %%db1; mov %2, %%db2; mov %3, %%db3"
			 :: "r" (v->debug[0]), "r" (v->debug[1]), "r" (v->debug[2]), "r" (v->debug[3]));
}

static void unload(struct vcpu *v)
{
	__asm__ volatile("fxsave64 %0" : "=m" (v->fpu));
	__asm__ volatile("mov %%db0, %0; mov %%db1, %1; mov %%db2, %2; mov %%db3, %3"
			 : "=r" (v->debug[0]), "=r" (v->debug[1]), "=r" (v->debug[2]), "=r" (v->debug[3]));
}

/* Each processor deals out its numbers; when they are used up it flushes and begins again. */
static void choose_asid(struct vcpu *v, struct cpu *cpu)
{
	struct vmcb *b = v->control;
	u64 stamp = cpu->asid_generation << 8 | cpu->number;

	b->flush = 0;
	if (v->asid_generation != stamp) {
		if (cpu->asid_next == asid_count) {
			cpu->asid_next = 1;
			stamp = ++cpu->asid_generation << 8 | cpu->number;
		}
		b->flush = cpu->asid_next == 1 ? FLUSH_ALL : 0;
		v->asid = cpu->asid_next++;
		v->asid_generation = stamp;
	}
	b->asid = v->asid;
}

static void forget(struct vcpu *v)
{
	v->asid_generation = 0;
}

/* One that is raised while the guest runs is another one: it brings the guest back, see sched_wake(). */
static void set_interrupt(struct vcpu *v)
{
	struct vmcb *b = v->control;

	b->interrupt_control = INTERRUPT_HOST_FLAG;
	if (v->raised && v->vector) {
		b->interrupt_control |= INTERRUPT_PENDING | INTERRUPT_PRIORITY | INTERRUPT_NO_TPR;
		b->interrupt_vector = v->vector;
		v->raised = false;
	}
}

/*
 * An NMI masks others until the handler's IRET is behind it. This processor
 * tells of an IRET before it runs, so it is over when the guest is anywhere else.
 */
static void set_nmi(struct vcpu *v)
{
	struct vmcb *b = v->control;

	if (v->in_nmi && v->in_nmi_until && v->in_nmi_until != v->regs.rip)
		v->in_nmi = false;
	if (!v->nmi || v->in_nmi || b->inject & INJECT_VALID || b->shadow)
		return;
	b->inject = INJECT_VALID | INJECT_NMI | VECTOR_NMI;
	b->intercept1 |= INTERCEPT1_IRET;
	v->nmi = false;
	v->in_nmi = true;
	v->in_nmi_until = 0;
}

/* SYSENTER of QEMU's emulator leaves a 64-bit code segment that is a 32-bit one too, which its VMRUN refuses. */
static void mend_code_segment(struct vmcb *b)
{
	if (b->cs.attributes & SEGMENT_LONG)
		b->cs.attributes &= ~SEGMENT_WIDE;
}

static void run(struct vcpu *v, struct vcpu_exit *exit)
{
	struct cpu *cpu = this_cpu();
	struct vmcb *b = v->control;

	choose_asid(v, cpu);
	set_interrupt(v);
	set_nmi(v);
	b->rax = v->regs.rax;
	b->rsp = v->regs.rsp;
	b->rip = v->regs.rip;
	b->rflags = v->regs.rflags;
	mend_code_segment(b);
	__atomic_store_n(&cpu->in_guest, true, __ATOMIC_SEQ_CST);
	hv_unlock();
	svm_enter(pa_of(b), &v->regs, cpu->host_state);
	__atomic_store_n(&cpu->in_guest, false, __ATOMIC_SEQ_CST);
	hv_lock();
	v->regs.rax = b->rax;
	v->regs.rsp = b->rsp;
	v->regs.rip = b->rip;
	v->regs.rflags = b->rflags;
	if (b->interrupt_control & INTERRUPT_PENDING && v->vector)
		v->raised = true;
	svm_exit(v, exit);
}

const struct container svm = {
	.name = "AMD SVM with nested paging",
	.present = present, .cpu_init = cpu_init,
	.domain_create = nested_create, .domain_destroy = nested_destroy,
	.vcpu_create = vcpu_create, .vcpu_destroy = vcpu_destroy, .start_flat = start_flat,
	.start_long = start_long,
	.save = svm_save, .restore = svm_restore, .remap = nested_update, .forget = forget,
	.load = load, .unload = unload, .run = run,
	.skip = svm_skip, .inject = svm_inject, .in_kernel = svm_in_kernel,
	.msr_read = svm_msr_read, .msr_write = svm_msr_write, .dump = svm_dump,
};
