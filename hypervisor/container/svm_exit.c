// SPDX-License-Identifier: MIT
/* From SVM's exit codes to vmihv's, and the registers that are the block's. */
#include "container/svm.h"
#include "cpu/cpu.h"

#define VECTOR_DB	1
#define VECTOR_AC	17
#define PORT_IN		1u
#define PORT_SIZE	0x70u
#define CR0_PG		0x80000000ul

/* Those without a length of their own say where they end. */
static const struct row {
	u16 code;
	u8 kind, length;
} rows[] = {
	{ CODE_INTR, EXIT_NOTHING, 0 }, { CODE_NMI, EXIT_NOTHING, 0 }, { CODE_SMI, EXIT_NOTHING, 0 },
	{ CODE_RDPMC, EXIT_FORBIDDEN, 2 }, { CODE_CPUID, EXIT_CPUID, 2 }, { CODE_INVD, EXIT_SKIP, 2 },
	{ CODE_HLT, EXIT_HALT, 1 }, { CODE_INVLPGA, EXIT_FORBIDDEN, 3 }, { CODE_PORT, EXIT_PORT, 0 },
	{ CODE_MSR, EXIT_MSR_READ, 2 }, { CODE_SHUTDOWN, EXIT_TRIPLE_FAULT, 0 }, { CODE_VMRUN, EXIT_FORBIDDEN, 3 },
	{ CODE_VMMCALL, EXIT_HYPERCALL, 3 }, { CODE_VMRUN + 2, EXIT_FORBIDDEN, 3 },
	{ CODE_VMRUN + 3, EXIT_FORBIDDEN, 3 }, { CODE_VMRUN + 4, EXIT_FORBIDDEN, 3 },
	{ CODE_VMRUN + 5, EXIT_FORBIDDEN, 3 }, { CODE_SKINIT, EXIT_FORBIDDEN, 3 }, { CODE_WBINVD, EXIT_SKIP, 2 },
	{ CODE_MONITOR, EXIT_FORBIDDEN, 3 }, { CODE_MWAIT, EXIT_FORBIDDEN, 3 },
	{ CODE_MWAIT + 1, EXIT_FORBIDDEN, 3 }, { CODE_XSETBV, EXIT_FORBIDDEN, 3 },
	{ CODE_NESTED_FAULT, EXIT_MEMORY, 0 },
};

static void details(const struct vmcb *b, struct vcpu_exit *exit)
{
	if (exit->kind == EXIT_PORT) {
		exit->in = b->info1 & PORT_IN;
		exit->bytes = (b->info1 & PORT_SIZE) >> 4;
		exit->next = b->info2;
	} else if (exit->kind == EXIT_MEMORY) {
		exit->address = b->info2;
	} else if (exit->kind == EXIT_MSR_READ && b->info1) {
		exit->kind = EXIT_MSR_WRITE;
	}
}

/* An exit in the middle of a delivery: the same is delivered again. A software interrupt runs again by itself. */
static void deliver_again(struct vmcb *b)
{
	b->inject = 0;
	if (b->interrupted & INJECT_VALID && (b->interrupted & INJECT_TYPE) != INJECT_SOFTWARE)
		b->inject = b->interrupted;
}

void svm_exit(struct vcpu *v, struct vcpu_exit *exit)
{
	struct vmcb *b = v->control;

	deliver_again(b);
	*exit = (struct vcpu_exit){ .kind = EXIT_BROKEN, .address = b->code };
	if (b->code == CODE_EXCEPTION + VECTOR_DB || b->code == CODE_EXCEPTION + VECTOR_AC) {
		svm_inject(v, b->code - CODE_EXCEPTION);
		exit->kind = EXIT_NOTHING;
		return;
	}
	if (b->code == CODE_IRET) {
		b->intercept1 &= ~INTERCEPT1_IRET;
		v->in_nmi_until = v->regs.rip;
		exit->kind = EXIT_NOTHING;
		return;
	}
	for (const struct row *r = rows; r < rows + ARRAY_SIZE(rows); r++)
		if (r->code == b->code) {
			exit->kind = r->kind;
			exit->next = v->regs.rip + r->length;
			details(b, exit);
		}
}

void svm_skip(struct vcpu *v, u64 next)
{
	v->regs.rip = next;
	svm_block(v)->shadow = 0;
}

void svm_inject(struct vcpu *v, u8 vector)
{
	bool has_code = vector == VECTOR_GP || vector == VECTOR_AC;

	svm_block(v)->inject = INJECT_VALID | INJECT_EXCEPTION | (has_code ? INJECT_CODE : 0) | vector;
}

bool svm_in_kernel(const struct vcpu *v)
{
	return !svm_block(v)->cpl;
}

int svm_msr_read(struct vcpu *v, u32 msr, u64 *value)
{
	struct vmcb *b = v->control;

	if (msr == MSR_EFER)
		*value = b->efer & ~EFER_SVME;
	else if (msr == MSR_PAT)
		*value = b->pat;
	else
		return -1;
	return 0;
}

/* LMA follows LME and paging, as in hardware; LME does not change under paging. */
static int write_efer(struct vmcb *b, u64 value)
{
	if (value & ~EFER_WRITABLE || (b->cr0 & CR0_PG && (value ^ b->efer) & 0x100))
		return -1;
	b->efer = (value & ~EFER_LMA) | (b->efer & EFER_LMA) | EFER_SVME;
	return 0;
}

static int write_pat(struct vmcb *b, u64 value)
{
	for (int shift = 0; shift < 64; shift += 8) {
		u8 type = value >> shift;

		if (type > 7 || type == 2 || type == 3)
			return -1;
	}
	b->pat = value;
	return 0;
}

int svm_msr_write(struct vcpu *v, u32 msr, u64 value)
{
	if (msr == MSR_EFER)
		return write_efer(v->control, value);
	return msr == MSR_PAT ? write_pat(v->control, value) : -1;
}

void svm_dump(const struct vcpu *v)
{
	const struct registers *r = &v->regs;
	const struct vmcb *b = v->control;

	print("vCPU %u  cs:rip %x:%016lx  ss:rsp %x:%016lx  rflags %lx  cpl %u\n", v->number, b->cs.selector, r->rip,
	      b->ss.selector, r->rsp, r->rflags, b->cpl);
	print("rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx\n", r->rax, r->rbx, r->rcx, r->rdx);
	print("rsi %016lx  rdi %016lx  rbp %016lx  r8  %016lx\n", r->rsi, r->rdi, r->rbp, r->r8);
	print("r9  %016lx  r10 %016lx  r11 %016lx  r12 %016lx\n", r->r9, r->r10, r->r11, r->r12);
	print("r13 %016lx  r14 %016lx  r15 %016lx\n", r->r13, r->r14, r->r15);
	print("cr0 %lx  cr2 %lx  cr3 %lx  cr4 %lx  efer %lx\n", b->cr0, b->cr2, b->cr3, b->cr4, b->efer);
	print("exit code %lx  info %lx %lx  %lu exits\n", b->code, b->info1, b->info2, v->exits);
}
