// SPDX-License-Identifier: MIT
/* Finds the row of a call in the domain's ABI, looks whether the domain may, and lets it run. */
#include "hypercall/hypercall.h"
#include "hypercall/abi.h"

#define REFUSALS_SHOWN	10	/* of one domain: a log is not for a guest to fill */

#define LOW		256u	/* numbers of an ABI differ in their lowest byte */

static u8 row_of[3][LOW];	/* by version */

static const struct call_row *find_row(const struct abi *abi, u32 number)
{
	const struct call_row *r = &abi->rows[row_of[abi->version][number % LOW]];

	return r->number == number ? r : NULL;
}

static void index_rows(const struct abi *abi)
{
	for (u32 i = 0; i < abi->row_count; i++)
		row_of[abi->version][abi->rows[i].number % LOW] = i;
	for (u32 i = 0; i < abi->row_count; i++)
		if (find_row(abi, abi->rows[i].number) != &abi->rows[i])
			panic("two calls of ABI v%u have a byte in common", abi->version);
}

const struct abi *abi_of_version(u32 version)
{
	const struct abi *abi = version == 2 ? &abi_v2 : &abi_v1;

	index_rows(abi);
	return abi;
}

static void tell(struct domain *d, const char *what, u32 number, const char *why)
{
	if (d->refused_calls++ < REFUSALS_SHOWN)
		print("vmihv: domain %u (%s): hypercall %s (%x) is refused: %s\n", d->number, d->config->name, what,
		      number, why);
}

static enum outcome run(struct call *call, u32 number)
{
	struct domain *d = call->vcpu->domain;
	const struct call_row *row = find_row(d->abi, number);

	if (!row) {
		tell(d, "?", number, "there is no such call");
		return NO_CALL;
	}
	if ((d->features & row->needs) != row->needs) {
		tell(d, row->name, number, "the domain lacks the feature it needs");
		return REFUSED;
	}
	return row->run(call);
}

void hypercall(struct vcpu *v)
{
	const struct abi *abi = v->domain->abi;
	struct call call = { .vcpu = v };
	u32 number = abi->get(&v->regs, call.args);
	enum outcome outcome = run(&call, number);

	if (outcome != OTHER_REGISTERS)
		abi->put(&v->regs, outcome, call.result);
}
