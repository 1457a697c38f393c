// SPDX-License-Identifier: MIT
/* One run of a vCPU: short visits to vmihv do not end it. Read next: bounce.c. */
#include "pv/pv.h"
#include "cpu/apic.h"
#include "cpu/lock.h"
#include "cpu/smp.h"
#include "memory/frames.h"
#include "memory/memory.h"
#include "memory/paging.h"

#define MSR_STAR	0xc0000081
#define MSR_LSTAR	0xc0000082
#define MSR_CSTAR	0xc0000083
#define MSR_FMASK	0xc0000084
#define MSR_SYSENTER_CS	0x174
#define MSR_KERNEL_GS	0xc0000102
#define EFER_SCE	1ul
#define FLAGS_CLEARED	0x47700u	/* TF IF DF IOPL NT AC: what SYSCALL takes away */
#define CR0_KEPT	0x40022ul	/* AM, NE, MP */
#define CR0_TS		8ul
#define CR4_DE		8ul
#define DEBUG_OFF	0x400ul
#define DEBUG_ENABLED	0xfful
#define NO_ROOT		(~0ul)

extern const u8 pv_syscall[], pv_syscall32[];
extern const struct { u64 at, next; } pv_fixups[], pv_fixups_end[];

u64 pv_fixup(u64 rip)
{
	for (const __typeof__(pv_fixups[0]) *f = pv_fixups; f < pv_fixups_end; f++)
		if (f->at == rip)
			return f->next;
	return 0;
}

void pv_cpu_init(struct cpu *cpu)
{
	u64 cr0, cr4;

	(void)cpu;
	pv_control(&cr0, &cr4);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_STAR, (u64)HV_CS << 32 | (u64)PV_CS32 << 48);
	wrmsr(MSR_LSTAR, (u64)pv_syscall);
	wrmsr(MSR_CSTAR, (u64)pv_syscall32);
	wrmsr(MSR_FMASK, FLAGS_CLEARED);
	wrmsr(MSR_SYSENTER_CS, 0);		/* and so there is none */
	__asm__ volatile("mov %0, %%cr0; mov %1, %%cr4" :: "r" (cr0 | CR0_KEPT), "r" (cr4 | CR4_DE));
}

static void write_cr3(u64 pa) { __asm__ volatile("mov %0, %%cr3" :: "r" (pa) : "memory"); }

static void reload_cr3(void)
{
	u64 pa;

	__asm__ volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r" (pa) :: "memory");
}

/* A root that is held is in the domain's memory. */
void pv_load_root(const struct vcpu *v)
{
	const struct pv_vcpu *p = pv_of(v);

	write_cr3(p->in_kernel ? p->root_pa : p->user_root_pa);
}

/* The guest may have loaded a selector since, which changes the base. */
static void keep_gs_base(struct pv_vcpu *p)
{
	*(p->in_kernel ? &p->gs_kernel : &p->gs_user) = rdmsr(MSR_KERNEL_GS);
}

void pv_switch(struct vcpu *v, bool to_kernel)
{
	struct pv_vcpu *p = pv_of(v);

	keep_gs_base(p);
	p->in_kernel = to_kernel;
	wrmsr(MSR_KERNEL_GS, to_kernel ? p->gs_kernel : p->gs_user);
	pv_load_root(v);
}

/* vmihv's own entries of a root are nobody's to read by this door. */
static bool is_guests(u64 va, u64 bytes)
{
	return pv_is_canonical(va) && pv_is_canonical(va + bytes) && va + bytes >= va &&
	       (va >> 39 & 511) - HOST_SLOT >= HOST_SLOTS && ((va + bytes) >> 39 & 511) - HOST_SLOT >= HOST_SLOTS;
}

int pv_copy_from(void *to, u64 va, u64 bytes)
{
	return bytes <= PAGE_SIZE && is_guests(va, bytes) ? pv_copy(to, (const void *)va, bytes) : -1;
}

int pv_copy_to(u64 va, const void *from, u64 bytes)
{
	return bytes <= PAGE_SIZE && is_guests(va, bytes) ? pv_copy((void *)va, from, bytes) : -1;
}

/* One that is not in the guest forgets before it goes there again; one that is, is called out of it. */
static void forget_elsewhere(struct cpu *cpu)
{
	__atomic_store_n(&cpu->forget, true, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&cpu->in_guest, __ATOMIC_SEQ_CST))
		return;
	apic_kick(cpu);
	while (__atomic_load_n(&cpu->in_guest, __ATOMIC_ACQUIRE) && __atomic_load_n(&cpu->forget, __ATOMIC_ACQUIRE))
		pause();
}

void pv_forget(struct domain *d, u64 set)
{
	for (u32 i = 0; i < cpu_count; i++) {
		const struct vcpu *v = cpus[i].current;

		if (!v || v->domain != d || !(set >> v->number & 1))
			continue;
		if (&cpus[i] == this_cpu())
			reload_cr3();
		else
			forget_elsewhere(&cpus[i]);
	}
}

static void forget_if_told(struct cpu *cpu)
{
	if (__atomic_exchange_n(&cpu->forget, false, __ATOMIC_SEQ_CST))
		reload_cr3();
}

/* Its breakpoints are the guest's alone. */
static void debug_on(const struct vcpu *v)
{
	if (pv_of(v)->debug_control & DEBUG_ENABLED)
		__asm__ volatile("mov %0, %%db7" :: "r" (pv_of(v)->debug_control));
}

static void debug_off(const struct vcpu *v)
{
	if (pv_of(v)->debug_control & DEBUG_ENABLED)
		__asm__ volatile("mov %0, %%db7" :: "r" (DEBUG_OFF));
}

/* CR2 before anything else can fault; the lock is not needed until then. */
static u64 enter(struct vcpu *v)
{
	struct cpu *cpu = this_cpu();
	u64 why;

	hv_unlock();
	__atomic_store_n(&cpu->in_guest, true, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&cpu->forget, __ATOMIC_SEQ_CST))
		forget_if_told(cpu);
	debug_on(v);
	do
		why = pv_enter(&v->regs);
	while (pv_quick(v, &why));
	debug_off(v);
	if (why == PV_ENTRY_PF)
		__asm__ volatile("mov %%cr2, %0" : "=r" (pv_of(v)->fault));
	__atomic_store_n(&cpu->in_guest, false, __ATOMIC_RELEASE);
	hv_lock();
	forget_if_told(cpu);
	return why;
}

static void run(struct vcpu *v, struct vcpu_exit *exit)
{
	const struct domain *d = v->domain;
	const struct cpu *cpu = this_cpu();

	exit->kind = EXIT_NOTHING;
	do
		pv_deliver(v);
	while (d->alive && pv_handle(v, enter(v)) && d->alive && !d->paused && v->state == VCPU_READY &&
	       cpu->slice_end);
}

void pv_forget_one(u64 va) { __asm__ volatile("invlpg (%0)" :: "r" (va) : "memory"); }

void pv_control(u64 *cr0, u64 *cr4)
{
	__asm__ volatile("mov %%cr0, %0; mov %%cr4, %1" : "=r" (*cr0), "=r" (*cr4));
}

void pv_load_ts(const struct vcpu *v)
{
	u64 cr0, cr4;

	pv_control(&cr0, &cr4);
	__asm__ volatile("mov %0, %%cr0" :: "r" (pv_of(v)->ts ? cr0 | CR0_TS : cr0 & ~CR0_TS));
}

void pv_load_debug(const struct vcpu *v)
{
	__asm__ volatile("mov %0, %%db0; mov %1, %%db1; mov %2, %%db2; mov %3, %%db3; mov %4, %%db6"
			 :: "r" (v->debug[0]), "r" (v->debug[1]), "r" (v->debug[2]), "r" (v->debug[3]),
			    "r" (pv_of(v)->debug_status));
}

static void load(struct vcpu *v)
{
	__asm__ volatile("clts; fxrstor64 %0" :: "m" (v->fpu));
	pv_load_debug(v);
	pv_load_ts(v);
	pv_load_segments(v);
	pv_load_root(v);
}

static void unload(struct vcpu *v)
{
	struct pv_vcpu *p = pv_of(v);

	write_cr3(paging_root());
	__asm__ volatile("clts; fxsave64 %0" : "=m" (v->fpu));
	__asm__ volatile("mov %%db6, %0" : "=r" (p->debug_status));
	keep_gs_base(p);
	pv_save_segments(v);
}

static bool present(void) { return true; }

static int cpu_init(struct cpu *cpu, struct why *why)
{
	(void)cpu, (void)why;
	return 0;
}

static void forget(struct pages *pages)
{
	pv_forget(&domains[pages->memory->owner - FIRST_OWNER], ~0ul);
}

static int domain_init(struct domain *d, struct why *why)
{
	u64 pa = frames_take_table(d->memory.owner);

	if (pa == NO_FRAME)
		return refuse(why, "there is no memory for its entries");
	d->pv = at_pa(pa);
	if (pages_create(&d->memory, at_pa(paging_root()), why))
		return -1;
	d->pv->pages = d->memory.pages;
	d->pv->pages->forget = forget;
	return 0;
}

static void domain_fini(struct domain *d)
{
	if (d->memory.map)
		pages_destroy(&d->memory);
	if (d->pv)
		frames_give(pa_of(d->pv), 0, d->memory.owner);
	d->pv = NULL;
}

static void vcpu_fini(struct vcpu *v)
{
	struct pv_vcpu *p = pv_of(v);

	if (p->gdt)
		frames_give(pa_of(p->gdt), 0, v->domain->memory.owner);
	if (p->ldt)
		frames_give(pa_of(p->ldt), LDT_ORDER, v->domain->memory.owner);
	frames_give(pa_of(p), 0, v->domain->memory.owner);
	v->control = NULL;
}

static int vcpu_init(struct vcpu *v, struct why *why)
{
	u64 pa = frames_take_table(v->domain->memory.owner), gdt, ldt;
	struct pv_vcpu *p = at_pa(pa);

	if (pa == NO_FRAME)
		return refuse(why, "there is no memory for a vCPU");
	v->control = p;
	p->root = p->user_root = p->gdt_pa = NO_ROOT;
	gdt = frames_take_table(v->domain->memory.owner);
	p->gdt = gdt == NO_FRAME ? NULL : at_pa(gdt);
	ldt = frames_take(LDT_ORDER, v->domain->memory.owner);
	p->ldt = ldt == NO_FRAME ? NULL : at_pa(ldt);
	return p->gdt && p->ldt ? 0 : refuse(why, "there is no memory for a vCPU's descriptors");
}

static void reset(struct vcpu *v)
{
	struct pv_vcpu *p = pv_of(v);

	memset(v->fpu, 0, sizeof(v->fpu));
	*(u16 *)v->fpu = 0x37f;
	*(u32 *)(v->fpu + 24) = 0x1f80;
	memset(v->debug, 0, sizeof(v->debug));
	p->debug_control = DEBUG_OFF;
	p->debug_status = 0xffff0ff0;
	p->in_kernel = true;
	p->in_nmi = p->ts = false;
	p->iopl = 0;
	p->port_count = p->ldt_entries = 0;
	p->fs_base = p->gs_user = p->gs_kernel = 0;
	p->ds = p->es = p->fs = p->gs = 0;
	v->regs = (struct registers){ .cs = PV_CS, .ss = PV_DS, .rflags = 2 };
}

static int begin(struct vcpu *v, const struct start_state *s, u64 root, u64 user_root)
{
	if (!pv_is_canonical(s->rip) || !pv_is_canonical(s->gs_base) || pv_set_roots(v, root, user_root))
		return -1;
	reset(v);
	pv_of(v)->gs_kernel = s->gs_base;
	pv_of(v)->sp0 = s->rsp;
	v->regs.rip = s->rip;
	v->regs.rsp = s->rsp;
	v->regs.rdi = s->rdi;
	return 0;
}

int pv_begin(struct vcpu *v, const struct start_state *s, u64 root)
{
	return begin(v, s, root, NO_ROOT);
}

/* One that is down. The GDT is named by its frame; a root's companion is the next frame. */
static int start_long(struct vcpu *v, const struct start_state *s)
{
	pv_domain_of(v)->pages->budget = MOST_CHECKED;
	if (s->gdt_limit && pv_set_gdt(v, s->gdt, (s->gdt_limit + 1u) / 8))
		return -1;
	return begin(v, s, s->cr3, s->cr3 + PAGE_SIZE);
}

int pv_set_roots(struct vcpu *v, u64 root, u64 user_root)
{
	struct pv_vcpu *p = pv_of(v);
	struct pages *pages = pv_domain_of(v)->pages;
	u64 old = p->root, old_user = p->user_root;

	if (pages_get_root(pages, root))
		return -1;
	if (user_root != NO_ROOT && pages_get_root(pages, user_root)) {
		pages_put_root(pages, root);
		return -1;
	}
	p->root = root;
	p->user_root = user_root;
	p->root_pa = guest_frame(&v->domain->memory, root);
	p->user_root_pa = user_root == NO_ROOT ? p->root_pa : guest_frame(&v->domain->memory, user_root);
	if (v->loaded && v->home == this_cpu())
		pv_load_root(v);
	if (old != NO_ROOT)
		pages_put_root(pages, old);
	if (old_user != NO_ROOT)
		pages_put_root(pages, old_user);
	return 0;
}

static bool in_kernel(const struct vcpu *v) { return pv_of(v)->in_kernel; }

static void dump(const struct vcpu *v)
{
	const struct registers *r = &v->regs;
	const struct pv_vcpu *p = pv_of(v);

	print("vCPU %u  cs:rip %lx:%016lx  ss:rsp %lx:%016lx  rflags %lx  %s\n", v->number, r->cs, r->rip, r->ss, r->rsp,
	      r->rflags, p->in_kernel ? "kernel" : "program");
	print("rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx\n", r->rax, r->rbx, r->rcx, r->rdx);
	print("rsi %016lx  rdi %016lx  rbp %016lx  r8  %016lx\n", r->rsi, r->rdi, r->rbp, r->r8);
	print("r9  %016lx  r10 %016lx  r11 %016lx  r12 %016lx\n", r->r9, r->r10, r->r11, r->r12);
	print("r13 %016lx  r14 %016lx  r15 %016lx\n", r->r13, r->r14, r->r15);
	print("roots %lx %lx  fault at %lx  sp0 %lx  gs %lx %lx  error code %lx  %lu exits\n", p->root, p->user_root,
	      p->fault, p->sp0, p->gs_kernel, p->gs_user, r->code, v->exits);
}

const struct container pv = {
	.name = "none, by page tables that are checked",
	.present = present, .cpu_init = cpu_init,
	.domain_create = domain_init, .domain_destroy = domain_fini,
	.vcpu_create = vcpu_init, .vcpu_destroy = vcpu_fini, .start_long = start_long,
	.load = load, .unload = unload, .run = run, .in_kernel = in_kernel, .dump = dump,
};
