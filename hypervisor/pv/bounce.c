// SPDX-License-Identifier: MIT
/*
 * What comes out of a guest of ring 3 mostly goes back into it, to its kernel:
 * exceptions, system calls, events. All by one frame, the hardware's, with the
 * kernel's own selectors in it. Read next: calls.c.
 */
#include "pv/pv.h"
#include "cpu/apic.h"
#include "cpu/cpu.h"
#include "hypercall/abi.h"
#include "hypercall/hypercall.h"

#define FIRST_INTERRUPT	32
#define LAST_VECTOR	255
#define VECTOR_DB	1
#define VECTOR_UD	6
#define VECTOR_MC	18
#define VECTOR_INT80	0x80
#define HAS_CODE	0x60227d00u	/* exceptions with an error code */
#define FLAGS_USER	0x254dd5ul	/* ID AC NT OF DF TF SF ZF AF PF CF; RF */
#define FLAGS_ALWAYS	0x2ul
#define FAULT_USER	4ul
#define CS_PRIVILEGE	3ul
#define FRAME_WORDS	5

/** What IRET by hypercall finds at RSP. */
struct iret_frame {
	u64 rax, rcx, r10, r11;
	u64 rip, cs, rflags, rsp, ss;
};

static bool is_off(const struct vcpu *v) { return !v->flags || pv_is_off(v); }
static bool is_due(const struct vcpu *v) { return v->flags && pv_is_due(v); }

static void set_off(struct vcpu *v, bool off)
{
	if (v->flags)
		pv_set_off(v, off);
}

/* Without the lock. false: the kernel cannot take it, and is the one that is loaded now. */
static bool push_frame(struct vcpu *v, u32 entry, bool has_code, u64 code)
{
	const struct pv_entries *e = &pv_domain_of(v)->entries;
	struct pv_vcpu *p = pv_of(v);
	struct registers *r = &v->regs;
	u64 frame[1 + FRAME_WORDS] = { code, r->rip, r->cs, (r->rflags & ~RFLAGS_IF) | (is_off(v) ? 0 : RFLAGS_IF),
		r->rsp, r->ss };
	u32 skip = has_code ? 0 : 1, bytes = (1 + FRAME_WORDS - skip) * 8;
	u64 sp = (p->in_kernel ? r->rsp : p->sp0) & ~15ul;

	if (p->in_kernel) {
		frame[2] = e->kernel_cs;
		frame[5] = e->kernel_ss;
	} else {
		pv_switch(v, true);
	}
	if (!e->at[entry] || pv_copy_to(sp - bytes, frame + skip, bytes))
		return false;
	r->rip = e->at[entry];
	r->cs = PV_CS;
	r->ss = PV_DS;
	r->rsp = sp - bytes;
	r->rflags = FLAGS_ALWAYS;
	set_off(v, true);
	return true;
}

static void give_up(struct vcpu *v, u32 entry)
{
	if (!pv_domain_of(v)->entries.at[entry])
		domain_crash(v, "its kernel has no entry for %u, from %lx", entry, v->regs.rip);
	else
		domain_crash(v, "its kernel's stack takes no frame for entry %u", entry);
}

void pv_bounce(struct vcpu *v, u32 entry, bool has_code, u64 code)
{
	if (!push_frame(v, entry, has_code, code))
		give_up(v, entry);
}

void pv_deliver(struct vcpu *v)
{
	struct pv_vcpu *p = pv_of(v);

	if (v->nmi && !p->in_nmi) {
		v->nmi = false;
		p->in_nmi = true;
		pv_bounce(v, PV_ENTRY_NMI, false, 0);
	} else if (is_due(v)) {
		v->raised = false;
		pv_bounce(v, PV_ENTRY_EVENT, false, 0);
	}
}

/* The processor has taken the selectors of its own SYSCALL; programs see those of the kernel's choice. */
static bool system_call(struct vcpu *v, u32 entry, u16 cs)
{
	v->regs.cs = cs;
	v->regs.ss = pv_domain_of(v)->entries.user_ss;
	return push_frame(v, entry, false, 0);
}

/* RCX and R11 are the instruction's; what an ABI wants in RCX is in R10. */
static bool call(struct vcpu *v)
{
	u64 timer = v->timer;

	v->regs.rcx = v->regs.r10;
	v->regs.rflags = (v->regs.rflags & ~RFLAGS_IF) | (is_off(v) ? 0 : RFLAGS_IF);
	v->raised = is_due(v);
	hypercall(v);
	return v->timer == timer;
}

int pv_iret(struct vcpu *v)
{
	struct pv_vcpu *p = pv_of(v);
	struct registers *r = &v->regs;
	struct iret_frame f;
	bool to_kernel;

	if (!p->in_kernel || pv_copy_from(&f, r->rsp, sizeof(f)))
		return -1;
	to_kernel = !(f.cs & CS_PRIVILEGE);
	if (!to_kernel && p->user_root == ~0ul)
		return -1;
	r->rax = f.rax;
	r->rcx = f.rcx;
	r->r10 = f.r10;
	r->r11 = f.r11;
	r->rip = f.rip;
	r->cs = to_kernel ? PV_CS : (u16)f.cs | CS_PRIVILEGE;
	r->ss = to_kernel ? PV_DS : (u16)f.ss | CS_PRIVILEGE;
	r->rflags = (f.rflags & FLAGS_USER) | FLAGS_ALWAYS;
	r->rsp = f.rsp;
	p->in_nmi = false;
	set_off(v, !(f.rflags & RFLAGS_IF));
	if (!to_kernel)
		pv_switch(v, false);
	return 0;
}

/* To the processor both are programs. */
static void page_fault(struct vcpu *v)
{
	u64 code = (v->regs.code & ~FAULT_USER) | (pv_of(v)->in_kernel ? 0 : FAULT_USER);

	if (v->flags)
		memcpy(v->flags + v->domain->abi->pv.fault, &pv_of(v)->fault, sizeof(u64));
	pv_bounce(v, PV_ENTRY_PF, true, code);
}

static void exception(struct vcpu *v, u32 vector)
{
	if ((vector == PV_ENTRY_GP && !v->regs.code && pv_emulate(v)) || (vector == VECTOR_UD && pv_cpuid(v)))
		return;
	if (vector == VECTOR_DB)
		__asm__ volatile("mov %%db6, %0" : "=r" (pv_of(v)->debug_status));
	if (vector == PV_ENTRY_PF)
		page_fault(v);
	else
		pv_bounce(v, vector, HAS_CODE >> vector & 1, v->regs.code);
}

/* Its number is in RAX in one version, in R10 in the other, and means nothing else in either. */
static bool is_iret(const struct vcpu *v)
{
	u32 number = v->domain->abi->pv.iret;

	return v->domain->abi->version == 1 ? v->regs.rax == number : (u32)v->regs.r10 == number;
}

bool pv_quick(struct vcpu *v, u64 *why)
{
	if (*why != PV_SYSCALL || pv_of(v)->debug_control & 0xff)
		return false;
	if (!pv_of(v)->in_kernel) {
		if (!system_call(v, PV_ENTRY_SYSCALL64, pv_domain_of(v)->entries.user_cs))
			*why = PV_STUCK;
	} else if (!is_iret(v) || pv_iret(v)) {
		return false;
	}
	if (*why == PV_STUCK)
		return false;
	if (v->nmi || is_due(v))
		*why = PV_DUE;
	return *why != PV_DUE;
}

static void from_program(struct vcpu *v, u64 why)
{
	const struct pv_entries *e = &pv_domain_of(v)->entries;
	u32 entry = why == PV_SYSCALL32 ? PV_ENTRY_SYSCALL32 : PV_ENTRY_SYSCALL64;

	if (!system_call(v, entry, why == PV_SYSCALL32 ? e->user32_cs : e->user_cs))
		give_up(v, entry);
}

/* The first ones are the machine's. A frame that cannot be loaded ends as the processor would have it: where it was meant to go. */
bool pv_handle(struct vcpu *v, u64 why)
{
	bool in_kernel = pv_of(v)->in_kernel;

	if (why == PV_ENTRY_NMI && panic_elsewhere())
		machine_stop();
	if (why == VECTOR_MC)
		panic("the machine reports an error");
	if (why == PV_ENTRY_NMI || why == PV_DUE)
		return true;
	if (why == PV_SYSCALL && in_kernel)
		return call(v);
	if (why == PV_STUCK)
		give_up(v, PV_ENTRY_SYSCALL64);
	else if ((why == PV_SYSCALL || why == PV_SYSCALL32) && !in_kernel)
		from_program(v, why);
	else if (why == PV_SYSCALL32 || why == PV_BAD_FRAME)
		pv_bounce(v, PV_ENTRY_GP, true, 0);
	else if (why == VECTOR_INT80)
		pv_bounce(v, PV_ENTRY_INT80, false, 0);
	else if (why < FIRST_INTERRUPT)
		exception(v, why);
	else
		apic_interrupt(why);
	return why < FIRST_INTERRUPT || why == VECTOR_INT80 || why > LAST_VECTOR;
}
