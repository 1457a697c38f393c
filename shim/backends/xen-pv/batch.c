// SPDX-License-Identifier: MIT
/*
 * Each CPU's queue of hypercalls. Consecutive page-table updates become one
 * mmu_update, consecutive operations one mmuext_op, and the whole queue one
 * multicall. Interrupts are off while anything here runs: an interrupt handler
 * may queue too, on the same CPU.
 */
#include "xen.h"


/* One by one: what was done before the refused one is harmless to do again. */
static u32 retry_updates(const struct mmu_update *u, u32 count)
{
	u32 failed = 0;

	for (u32 i = 0; i < count; i++) {
		long error = HYPERCALL(mmu_update, &u[i], 1, 0, DOMID_SELF);

		if (!error)
			continue;
		xen_report("page-table entry", error, u[i].ptr, u[i].val);
		failed++;
	}
	return failed;
}

static u32 settle(const struct multicall_entry *c)
{
	if ((long)c->result >= 0)
		return 0;
	if (c->op == __HYPERVISOR_mmu_update)
		return retry_updates((const struct mmu_update *)c->args[0], c->args[1]);
	xen_report("hypercall", c->result, c->op, c->args[0]);
	return 1;
}

/*
 * One entry and the flush of the page it maps, as copy-on-write leaves them:
 * Xen has one hypercall for both, when the address is known to be the entry's.
 */
static int run_mapping(struct xen_cpu *pc)
{
	struct batch *b = &pc->batch;
	u64 va = b->ext[0].arg1.linear_addr, *entry;

	if (b->calls != 2 || b->updates != 1 || b->ops != 1 || b->mu[0].ptr & 7 ||
	    b->mc[0].op != __HYPERVISOR_mmu_update || b->ext[0].cmd != MMUEXT_INVLPG_LOCAL)
		return 0;
	entry = mmu_walk(va);
	if (!entry || pa_to_ma(va_to_pa(entry)) != b->mu[0].ptr)
		return 0;
	return !HYPERCALL(update_va_mapping, va, b->mu[0].val, UVMF_INVLPG | UVMF_LOCAL);
}

/** Does what is queued, and returns how much of it since the last time was refused. */
int batch_run(struct xen_cpu *pc)
{
	struct batch *b = &pc->batch;
	u32 n = b->calls;
	u32 failed = b->failed;

	b->failed = 0;
	if (!n)
		return failed;
	if (run_mapping(pc))
		n = 0;
	else if (n == 1)
		b->mc[0].result = hypercall(b->mc[0].op, b->mc[0].args[0], b->mc[0].args[1],
					    b->mc[0].args[2], b->mc[0].args[3]);
	else if (HYPERCALL(multicall, b->mc, n))
		for (u32 i = 0; i < n; i++)
			b->mc[i].result = -1;
	for (u32 i = 0; i < n; i++)
		failed += settle(&b->mc[i]);
	b->calls = b->updates = b->ops = 0;
	return failed;
}

static struct multicall_entry *add_call(struct batch *b, u64 op, u64 a, u64 c, u64 d, u64 e)
{
	struct multicall_entry *mc = &b->mc[b->calls++];

	mc->op = op;
	mc->args[0] = a;
	mc->args[1] = c;
	mc->args[2] = d;
	mc->args[3] = e;
	return mc;
}

/* The call that items of this kind may be added to, or room for a new one. */
static struct multicall_entry *last_call(struct xen_cpu *pc, u64 op, int full)
{
	struct batch *b = &pc->batch;

	if (full || b->calls == BATCH_CALLS)
		b->failed = batch_run(pc);
	return b->calls && b->mc[b->calls - 1].op == op ? &b->mc[b->calls - 1] : NULL;
}

/*
 * Whether nothing but the flush of a page was queued since the last update, and
 * that was a plain one of the same entry: then what it wrote need never be seen.
 */
static int replaces_last(const struct batch *b, u64 ptr)
{
	const struct multicall_entry *mc = &b->mc[b->calls - 1];

	if (!b->updates || !b->calls || ptr & 7 || b->mu[b->updates - 1].ptr != ptr)
		return 0;
	if (mc->op == __HYPERVISOR_mmuext_op && mc->args[1] == 1 &&
	    b->ext[b->ops - 1].cmd == MMUEXT_INVLPG_LOCAL)
		mc--;
	return mc >= b->mc && mc->op == __HYPERVISOR_mmu_update;
}

void batch_update(struct xen_cpu *pc, u64 ptr, u64 value)
{
	struct batch *b = &pc->batch;
	struct multicall_entry *mc;

	if (replaces_last(b, ptr)) {
		b->mu[b->updates - 1].val = value;
		return;
	}
	mc = last_call(pc, __HYPERVISOR_mmu_update, b->updates == BATCH_UPDATES);

	if (!b->updates || ptr < b->low)
		b->low = ptr;
	if (!b->updates || ptr > b->high)
		b->high = ptr;
	b->mu[b->updates] = (struct mmu_update){ ptr, value };
	if (mc)
		mc->args[1]++;
	else
		add_call(b, __HYPERVISOR_mmu_update, (u64)&b->mu[b->updates], 1, 0, DOMID_SELF);
	b->updates++;
}

/** Whether an update of the entry at this machine address waits; asked of entries in rising order, mostly. */
int batch_has(const struct xen_cpu *pc, u64 entry)
{
	const struct batch *b = &pc->batch;

	if (!b->updates || entry > b->high || entry + 7 < b->low)
		return 0;
	for (u32 i = 0; i < b->updates; i++)
		if ((b->mu[i].ptr & ~7ull) == entry)
			return 1;
	return 0;
}

void batch_op(struct xen_cpu *pc, u32 cmd, u64 arg1, u64 arg2)
{
	struct batch *b = &pc->batch;
	struct multicall_entry *mc = last_call(pc, __HYPERVISOR_mmuext_op, b->ops == BATCH_OPS);
	struct mmuext_op *op = &b->ext[b->ops];

	op->cmd = cmd;
	op->arg1.linear_addr = arg1;
	op->arg2.src_mfn = arg2;
	if (mc)
		mc->args[1]++;
	else
		add_call(b, __HYPERVISOR_mmuext_op, (u64)op, 1, 0, DOMID_SELF);
	b->ops++;
}

void batch_call(struct xen_cpu *pc, u64 nr, u64 a, u64 c)
{
	last_call(pc, nr, 0);
	add_call(&pc->batch, nr, a, c, 0, 0);
}
