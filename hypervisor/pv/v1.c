// SPDX-License-Identifier: MIT
/* Version 1's words for calls.c. */
#include "pv/v1.h"
#include "pv/calls.h"

enum outcome pv_v1_entries(struct call *c)
{
	struct vmihv_v1_entries s;
	struct pv_entries e;

	if (guest_read(&c->vcpu->domain->memory, &s, c->args[0], sizeof(s)))
		return BAD_ADDRESS;
	memcpy(e.at, s.at, sizeof(e.at));
	e.kernel_cs = s.kernel_cs;
	e.kernel_ss = s.kernel_ss;
	e.user_cs = s.user_cs;
	e.user_ss = s.user_ss;
	e.user32_cs = s.user32_cs;
	return pv_call_entries(c->vcpu, &e);
}

enum outcome pv_v1_flags(struct call *c) { return pv_call_flags(c->vcpu, c->args[0], c->args[1]); }
enum outcome pv_v1_table(struct call *c) { return pv_call_table(c->vcpu, c->args[0], c->args[1]); }

enum outcome pv_v1_entry(struct call *c)
{
	static const u8 how[] = {
		[VMIHV_V1_ENTRY_SET] = WRITE_VALUE, [VMIHV_V1_ENTRY_KEEP] = WRITE_KEEP,
		[VMIHV_V1_ENTRY_TAKE] = WRITE_TAKE, [VMIHV_V1_ENTRY_CLEAR] = WRITE_CLEAR,
	};

	if (c->args[2] >= ARRAY_SIZE(how))
		return BAD_ARGUMENT;
	return pv_call_entry(c->vcpu, c->args[0], c->args[1], how[c->args[2]], &c->result);
}

enum outcome pv_v1_roots(struct call *c) { return pv_call_roots(c->vcpu, c->args[0], c->args[1]); }

enum outcome pv_v1_flush(struct call *c)
{
	if (c->args[1] == VMIHV_V1_FLUSH_MINE)
		return pv_call_flush(c->vcpu, c->args[0], 1ul << c->vcpu->number);
	return c->args[1] == VMIHV_V1_FLUSH_EVERYWHERE ? pv_call_flush(c->vcpu, ~0ul, ~0ul) : BAD_ARGUMENT;
}

enum outcome pv_v1_stack(struct call *c) { return pv_call_stack(c->vcpu, c->args[0]); }

static const u8 bases[] = {
	[VMIHV_V1_BASE_FS] = BASE_FS, [VMIHV_V1_BASE_GS_KERNEL] = BASE_KERNEL_GS,
	[VMIHV_V1_BASE_GS_USER] = BASE_USER_GS, [VMIHV_V1_BASE_GS_INDEX] = BASE_USER_GS_SELECTOR,
};

enum outcome pv_v1_set_base(struct call *c)
{
	return c->args[0] < ARRAY_SIZE(bases) ? pv_call_set_base(c->vcpu, bases[c->args[0]], c->args[1]) : BAD_ARGUMENT;
}

enum outcome pv_v1_get_base(struct call *c)
{
	return c->args[0] < ARRAY_SIZE(bases) ? pv_call_get_base(c->vcpu, bases[c->args[0]], &c->result) : BAD_ARGUMENT;
}

enum outcome pv_v1_gdt(struct call *c) { return pv_call_gdt(c->vcpu, c->args[0], c->args[1]); }
enum outcome pv_v1_ldt(struct call *c) { return pv_call_ldt(c->vcpu, c->args[0], c->args[1]); }
enum outcome pv_v1_descriptor(struct call *c) { return pv_call_descriptor(c->vcpu, c->args[0], c->args[1]); }
enum outcome pv_v1_ts(struct call *c) { return pv_call_ts(c->vcpu, c->args[0]); }
enum outcome pv_v1_set_debug(struct call *c) { return pv_call_set_debug(c->vcpu, c->args[0], c->args[1]); }
enum outcome pv_v1_get_debug(struct call *c) { return pv_call_get_debug(c->vcpu, c->args[0], &c->result); }
enum outcome pv_v1_ports(struct call *c) { return pv_call_ports(c->vcpu, c->args[0], c->args[1]); }
enum outcome pv_v1_iopl(struct call *c) { return pv_call_iopl(c->vcpu, c->args[0]); }
enum outcome pv_v1_iret(struct call *c) { return pv_call_iret(c->vcpu); }
enum outcome pv_v1_halt(struct call *c) { return pv_call_halt(c->vcpu); }
enum outcome pv_v1_cpuid(struct call *c) { return pv_call_cpuid(c->vcpu, c->args[0], c->args[1], c->args[2]); }
