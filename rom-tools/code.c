// SPDX-License-Identifier: MIT
/*
 * Decodes every instruction of a ROM. What is refused: a return that the guest
 * cannot turn into its thunk, an indirect branch, floating point, a branch or
 * table entry that does not arrive at an instruction, a write to text, and a
 * fix-up that is not the field of an instruction its kind is for.
 *
 * Only this tool decodes; neither guests nor ROMs do.
 */
#include <stdlib.h>
#include <string.h>

#include <capstone/capstone.h>

#include "code.h"
#include "image.h"

/** A run of instructions: all of the code, or one call's inline bytes. */
struct code {
	const uint8_t *image;
	const struct vmi_rom_header *h;
	uint32_t start, end;
	bool is_inline;
	uint8_t *is_start;		/* by image offset */
	uint32_t *targets;		/* of branches: from, to */
	size_t target_count;
	const struct vmi_rom_fixup *fixup, *fixups_end;	/* the next one */
	struct why *why;
};

static int refuse_at(const struct code *code, const cs_insn *insn, const char *what)
{
	return refuse(code->why, "code at 0x%llx: `%s%s%s' %s", (unsigned long long)insn->address, insn->mnemonic,
		      *insn->op_str ? " " : "", insn->op_str, what);
}

static bool is_in(const cs_insn *insn, unsigned int group)
{
	for (unsigned int i = 0; i < insn->detail->groups_count; i++)
		if (insn->detail->groups[i] == group)
			return true;
	return false;
}

static bool is_return_fixup(const struct code *code, uint64_t at)
{
	return code->fixup < code->fixups_end && code->fixup->where == at &&
	       code->fixup->kind == VMI_FIXUP_RETURN;
}

static int check_return(const struct code *code, const cs_insn *insn)
{
	switch (insn->id) {
	case X86_INS_RET:
		if (insn->size != 1)
			return refuse_at(code, insn, "is a return that no thunk can replace");
		if (!is_return_fixup(code, insn->address))
			return refuse_at(code, insn, "is a bare return; each must be a fix-up");
		return 0;
	case X86_INS_RETF:
	case X86_INS_RETFQ:
		return refuse_at(code, insn, "is a far return");
	}
	return 0;
}

static int check_indirect(const struct code *code, const cs_insn *insn)
{
	const cs_x86 *x = &insn->detail->x86;

	if (insn->id == X86_INS_LCALL || insn->id == X86_INS_LJMP)
		return refuse_at(code, insn, "is a far branch");
	if (!is_in(insn, CS_GRP_JUMP) && !is_in(insn, CS_GRP_CALL))
		return 0;
	if (x->op_count == 1 && x->operands[0].type != X86_OP_IMM)
		return refuse_at(code, insn, "is an indirect branch; a ROM has none");
	return 0;
}

static bool is_float_register(unsigned int r)
{
	return (r >= X86_REG_FP0 && r <= X86_REG_FP7) || (r >= X86_REG_K0 && r <= X86_REG_K7) ||
	       (r >= X86_REG_MM0 && r <= X86_REG_MM7) || (r >= X86_REG_ST0 && r <= X86_REG_ST7) ||
	       (r >= X86_REG_XMM0 && r <= X86_REG_ZMM31);
}

/* Instructions without such an operand: x87's eight opcodes, state saving, mode control. */
static bool is_float_opcode(const cs_insn *insn)
{
	const uint8_t *op = insn->detail->x86.opcode;
	unsigned int reg = insn->detail->x86.modrm >> 3 & 7;

	if (op[0] >= 0xd8 && op[0] <= 0xdf)
		return true;
	if (op[0] == 0x9b || (op[0] == 0x0f && (op[1] == 0x77 || op[1] == 0x0e)))
		return true;
	/* 0f ae with memory: fxsave, fxrstor, ldmxcsr, stmxcsr, xsave, xrstor, xsaveopt; not clflush */
	return op[0] == 0x0f && (op[1] == 0xae || op[1] == 0xc7) && insn->detail->x86.modrm < 0xc0 &&
	       (op[1] == 0xae ? reg <= 6 && reg != 7 : reg >= 3 && reg <= 5);
}

static int check_float(const struct code *code, const cs_insn *insn)
{
	const cs_x86 *x = &insn->detail->x86;
	bool found = is_float_opcode(insn);

	for (int i = 0; i < x->op_count; i++)
		if (x->operands[i].type == X86_OP_REG && is_float_register(x->operands[i].reg))
			found = true;
	return found ? refuse_at(code, insn, "uses floating point or vector registers") : 0;
}

static int check_branch(struct code *code, const cs_insn *insn, bool fixed)
{
	uint64_t to = insn->detail->x86.operands[0].imm;

	if ((!is_in(insn, CS_GRP_JUMP) && !is_in(insn, CS_GRP_CALL)) || fixed)
		return 0;
	if (code->is_inline)
		return refuse_at(code, insn, "is a branch in inline bytes");
	if (to < code->start || to >= code->end)
		return refuse_at(code, insn, "leaves the code");
	code->targets[code->target_count++] = insn->address;
	code->targets[code->target_count++] = to;
	return 0;
}

/* A RIP-relative reference: to text unless a fix-up says that it is to data. */
static int check_reference(const struct code *code, const cs_insn *insn, bool fixed)
{
	const cs_x86 *x = &insn->detail->x86;
	const struct vmi_rom_header *h = code->h;

	for (int i = 0; i < x->op_count; i++) {
		uint64_t to = insn->address + insn->size + x->disp;

		if (x->operands[i].type != X86_OP_MEM || x->operands[i].mem.base != X86_REG_RIP)
			continue;
		if (code->is_inline)
			return refuse_at(code, insn, "depends in inline bytes on where it stands");
		/* a placed reference to data leads elsewhere; the table says where it was */
		if (fixed && h->flags & VMI_ROM_PLACED)
			continue;
		if (fixed && (to < h->data_offset || to > h->data_offset + h->data_size + h->bss_size))
			return refuse_at(code, insn, "reaches outside the data segment");
		if (!fixed && to >= h->text_size)
			return refuse_at(code, insn, "reaches outside the text without a fix-up");
		if (!fixed && x->operands[i].access & CS_AC_WRITE)
			return refuse_at(code, insn, "writes to text");
	}
	return 0;
}

static bool uses_gs(const cs_insn *insn)
{
	const cs_x86 *x = &insn->detail->x86;

	for (int i = 0; i < x->op_count; i++)
		if (x->operands[i].type == X86_OP_MEM && x->operands[i].mem.segment == X86_REG_GS &&
		    x->operands[i].mem.base != X86_REG_RIP)
			return true;
	return false;
}

static bool uses_rip(const cs_insn *insn)
{
	const cs_x86 *x = &insn->detail->x86;

	for (int i = 0; i < x->op_count; i++)
		if (x->operands[i].type == X86_OP_MEM && x->operands[i].mem.base == X86_REG_RIP)
			return true;
	return false;
}

/* Whether a fix-up at this byte of the instruction is in a field of its kind. */
static bool fits(const cs_insn *insn, const struct vmi_rom_fixup *f)
{
	const cs_x86_encoding *e = &insn->detail->x86.encoding;
	unsigned int at = f->where - insn->address;
	bool branch = is_in(insn, CS_GRP_JUMP) || is_in(insn, CS_GRP_CALL);

	switch (f->kind) {
	case VMI_FIXUP_RETURN:
		return insn->id == X86_INS_RET || (insn->size == 5 && at == 0);
	case VMI_FIXUP_DATA_PC32:
		/* always 4 bytes, though the decoder has it shorter behind an operand-size prefix */
		return !branch && uses_rip(insn) && at == e->disp_offset;
	case VMI_FIXUP_PERCPU32:
		return uses_gs(insn) && (at == e->disp_offset || at == e->imm_offset);
	case VMI_FIXUP_ENTRY_PC32:
		return branch && insn->size == at + 4;
	case VMI_FIXUP_CONST32:
		return !branch && ((e->imm_size == 4 && at == e->imm_offset) ||
				   (e->disp_size == 4 && at == e->disp_offset));
	case VMI_FIXUP_CONST64:
		return e->imm_size == 8 && at == e->imm_offset;
	}
	return false;
}

/* Steps over the fix-ups of one instruction; *field: one of them is PC-relative or per-CPU. */
static int check_fixups(struct code *code, const cs_insn *insn, bool *fixed)
{
	*fixed = false;
	for (; code->fixup < code->fixups_end && code->fixup->where < insn->address + insn->size; code->fixup++) {
		const struct vmi_rom_fixup *f = code->fixup;

		if (f->where < insn->address || !fits(insn, f))
			return refuse(code->why, "the fix-up %s at 0x%x is not a field of `%s %s', where it stands",
				      fixup_names[f->kind], f->where, insn->mnemonic, insn->op_str);
		if (f->kind == VMI_FIXUP_DATA_PC32 || f->kind == VMI_FIXUP_ENTRY_PC32)
			*fixed = true;
	}
	return 0;
}

static int check_insn(struct code *code, const cs_insn *insn)
{
	bool placed_jump = code->h->flags & VMI_ROM_PLACED && insn->size == 5 &&
			   is_return_fixup(code, insn->address);
	bool fixed;

	code->is_start[insn->address] = 1;
	if (check_return(code, insn) || check_indirect(code, insn) || check_float(code, insn) ||
	    check_fixups(code, insn, &fixed))
		return -1;
	if (placed_jump)
		return 0;
	return check_branch(code, insn, fixed) || check_reference(code, insn, fixed) ? -1 : 0;
}

/*
 * The prefixes that ask a hypervisor to emulate the next instruction: ud2 and
 * the hypervisor's name. Never executed as instructions.
 */
static unsigned int emulation_prefix(const uint8_t *p, size_t left)
{
	return left >= 5 && (!memcmp(p, "\x0f\x0bxen", 5) || !memcmp(p, "\x0f\x0bkvm", 5)) ? 5 : 0;
}

static int decode(struct code *code, csh capstone, cs_insn *insn)
{
	const uint8_t *p = code->image + code->start;
	size_t left = code->end - code->start;
	uint64_t at = code->start;

	while (left) {
		unsigned int prefix = emulation_prefix(p, left);

		if (prefix) {
			code->is_start[at] = 1;
			p += prefix;
			at += prefix;
			left -= prefix;
		}
		if (!left || !cs_disasm_iter(capstone, &p, &left, &at, insn))
			return refuse(code->why, "code at 0x%llx: the bytes are no instruction",
				      (unsigned long long)at);
		if (check_insn(code, insn))
			return -1;
	}
	return 0;
}

static int check_run(struct code *code)
{
	csh capstone;
	cs_insn *insn;
	int err;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &capstone))
		return refuse(code->why, "the decoder cannot be started");
	cs_option(capstone, CS_OPT_DETAIL, CS_OPT_ON);
	insn = cs_malloc(capstone);
	code->fixup = (const void *)(code->image + code->h->fixups_offset);
	code->fixups_end = code->fixup + code->h->fixups_count;
	while (code->fixup < code->fixups_end && code->fixup->where < code->start)
		code->fixup++;
	err = decode(code, capstone, insn);
	cs_free(insn, 1);
	cs_close(&capstone);
	return err;
}

static int check_targets(const struct code *code)
{
	for (size_t i = 0; i < code->target_count; i += 2)
		if (!code->is_start[code->targets[i + 1]])
			return refuse(code->why, "code at 0x%x: the branch to 0x%x arrives inside an instruction",
				      code->targets[i], code->targets[i + 1]);
	return 0;
}

static int check_start(const struct code *code, uint32_t offset, const char *what)
{
	if (!offset || code->is_start[offset])
		return 0;
	return refuse(code->why, "%s at 0x%x is inside an instruction", what, offset);
}

static int check_tables(const struct code *code)
{
	const struct vmi_rom_header *h = code->h;
	const struct vmi_rom_call *c = (const void *)(code->image + h->calls_offset);
	const struct vmi_rom_extable *x = (const void *)(code->image + h->extable_offset);
	const struct vmi_rom_unwind *u = (const void *)(code->image + h->unwind_offset);
	int err = check_start(code, h->detect_offset, "detect") || check_start(code, h->boot_offset, "the boot entry");

	for (uint32_t i = 0; !err && i < h->calls_count; i++)
		err = check_start(code, c[i].entry, "a call's entry") ||
		      check_start(code, c[i].early, "a call's early entry");
	for (uint32_t i = 0; !err && i < h->extable_size / sizeof(*x); i++)
		err = check_start(code, x[i].insn, "an instruction of the exception table") ||
		      check_start(code, x[i].fixup, "a way out of the exception table");
	for (uint32_t i = 0; !err && i < h->unwind_size / sizeof(*u); i++)
		err = u[i].offset != code->end && check_start(code, u[i].offset, "a row of the unwind table");
	return err ? -1 : 0;
}

static int check_inline(struct code code)
{
	const struct vmi_rom_call *c = (const void *)(code.image + code.h->calls_offset);

	code.is_inline = true;
	for (uint32_t i = 0; i < code.h->calls_count; i++) {
		code.start = c[i].inline_offset;
		code.end = c[i].inline_offset + c[i].inline_size;
		if (c[i].inline_size && check_run(&code))
			return -1;
	}
	return 0;
}

int code_check(const uint8_t *image, const struct vmi_rom_header *h, struct why *why)
{
	struct code code = {
		.image = image, .h = h, .why = why,
		.start = h->code_offset, .end = h->code_offset + h->code_size,
		.is_start = xcalloc(VMI_ROM_MAX_SIZE, 1),
		.targets = xcalloc(2 * VMI_ROM_MAX_SIZE, sizeof(*code.targets)),
	};
	int err = check_run(&code) || check_targets(&code) || check_tables(&code) || check_inline(code) ? -1 : 0;

	free(code.is_start);
	free(code.targets);
	return err;
}
