// SPDX-License-Identifier: MIT
/*
 * The few instructions that fault in ring 3 and that kernels use all the same. IN
 * and OUT: nothing is behind any port, so what is done is what a container does,
 * and a program learns what its kernel has allowed. MOV from CR0 and CR4, and to CR4,
 * which changes nothing. CLI and STI, which do not either: POPF, which belongs to them,
 * cannot be seen, and the kernel's flag is elsewhere. And CPUID, which does not fault, where it stands
 * behind the prefix that Xen has for the same purpose: an undefined instruction and "xen".
 */
#include "pv/pv.h"

#define CR0_TS		8ul
#define CLI		0xfa
#define STI		0xfb
#define TWO_BYTES	0x0f
#define MOV_FROM_CR	0x20
#define MOV_TO_CR	0x22
#define REX_B		0x41		/* one of the upper eight registers */
#define PREFIX_16	0x66
#define IN_IMMEDIATE	0xe4		/* and the next, which is wider; OUT has two more set bits */
#define IN_DX		0xec
#define OPCODE_MASK	0xf4		/* of all eight */
#define OPCODE_DX	0x08
#define OPCODE_OUT	0x02
#define OPCODE_WIDE	0x01

struct access {
	u32 port;
	u32 bytes, length;		/* of the data, of the instruction */
	bool in;
};

static bool decode(const struct vcpu *v, struct access *a)
{
	u8 code[3] = { 0 };
	u32 i = 0;
	bool narrow;

	/* it may end a page */
	if (pv_copy_from(code, v->regs.rip, 3) && pv_copy_from(code, v->regs.rip, 2) && pv_copy_from(code, v->regs.rip, 1))
		return false;
	narrow = code[0] == PREFIX_16;
	i += narrow;
	if ((code[i] & OPCODE_MASK) != IN_IMMEDIATE)
		return false;
	a->in = !(code[i] & OPCODE_OUT);
	a->bytes = !(code[i] & OPCODE_WIDE) ? 1 : narrow ? 2 : 4;
	a->port = code[i] & OPCODE_DX ? (u16)v->regs.rdx : code[i + 1];
	a->length = i + (code[i] & OPCODE_DX ? 1 : 2);
	return true;
}

/* As the processor reads a task segment's bitmap: beyond its end a port is closed. */
static bool is_open(struct vcpu *v, const struct access *a)
{
	const struct pv_vcpu *p = pv_of(v);
	u8 byte;

	for (u32 port = a->port; port < a->port + a->bytes; port++)
		if (port >= p->port_count || pv_copy_from(&byte, p->ports + port / 8, 1) || byte >> port % 8 & 1)
			return false;
	return true;
}

/* The bitmap is the kernel's, and so is what a program cannot read. */
static bool may(struct vcpu *v, const struct access *a)
{
	bool open;

	if (pv_of(v)->in_kernel || pv_of(v)->iopl)
		return true;
	pv_switch(v, true);
	open = is_open(v, a);
	pv_switch(v, false);
	return open;
}

static bool port(struct vcpu *v)
{
	struct access a;

	if (!decode(v, &a) || !may(v, &a))
		return false;
	if (a.in && a.bytes == 4)
		v->regs.rax = 0xffffffff;
	else if (a.in)
		v->regs.rax |= (1ul << 8 * a.bytes) - 1;
	v->regs.rip += a.length;
	return true;
}

/* As instructions number them. */
static u64 *register_of(struct registers *r, u32 n)
{
	u64 *const low[] = { &r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi };

	return n < 8 ? low[n] : &r->r8 + (n - 8);
}

/* 0F 20 or 0F 22, and a byte 11 CCC RRR. */
static bool control(struct vcpu *v)
{
	u64 cr0, cr4, *reg;
	u8 code[4] = { 0 };
	u32 i, nr;

	if (!pv_of(v)->in_kernel || (pv_copy_from(code, v->regs.rip, 4) && pv_copy_from(code, v->regs.rip, 3)))
		return false;
	i = code[0] == REX_B;
	nr = code[i + 2] >> 3 & 7;
	if (code[i] != TWO_BYTES || code[i + 2] >> 6 != 3)
		return false;
	reg = register_of(&v->regs, (code[i + 2] & 7) + 8 * i);
	pv_control(&cr0, &cr4);
	if (code[i + 1] == MOV_FROM_CR && nr == 0)
		*reg = (cr0 & ~CR0_TS) | (pv_of(v)->ts ? CR0_TS : 0);
	else if (code[i + 1] == MOV_FROM_CR && nr == 4)
		*reg = cr4;
	else if (code[i + 1] != MOV_TO_CR || nr != 4)
		return false;
	v->regs.rip += i + 3;
	return true;
}

bool pv_cpuid(struct vcpu *v)
{
	static const u8 prefixed[] = { 0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2 };
	u8 code[sizeof(prefixed)];

	if (pv_copy_from(code, v->regs.rip, sizeof(code)) || memcmp(code, prefixed, sizeof(code)))
		return false;
	guest_cpuid(v);
	v->regs.rip += sizeof(code);
	return true;
}

static bool interrupt_flag(struct vcpu *v)
{
	u8 code = 0;

	if (!pv_of(v)->in_kernel || pv_copy_from(&code, v->regs.rip, 1) || (code != CLI && code != STI))
		return false;
	v->regs.rip++;
	return true;
}

bool pv_emulate(struct vcpu *v)
{
	return port(v) || control(v) || interrupt_flag(v);
}
