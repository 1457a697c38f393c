// SPDX-License-Identifier: MIT
/* Version 2's calls for what shim/vmihv-pv/ asks: operations, one by one or a queue of them. */
#include "pv.h"

s32 vmi_call_CONSOLE_WRITE(const char *data, u32 bytes);

static const u8 whats[PV_OPS] = {
	[PV_SET] = VMIHV_V2_OP_SET, [PV_KEEP] = VMIHV_V2_OP_KEEP, [PV_TABLE] = VMIHV_V2_OP_TABLE,
	[PV_PLAIN] = VMIHV_V2_OP_PLAIN, [PV_ROOTS] = VMIHV_V2_OP_ROOTS, [PV_FLUSH] = VMIHV_V2_OP_FLUSH,
	[PV_STACK] = VMIHV_V2_OP_STACK, [PV_BASE] = VMIHV_V2_OP_BASE, [PV_GS_INDEX] = VMIHV_V2_OP_BASE,
	[PV_GDT] = VMIHV_V2_OP_GDT, [PV_LDT] = VMIHV_V2_OP_LDT, [PV_DESCRIPTOR] = VMIHV_V2_OP_DESCRIPTOR,
	[PV_TS] = VMIHV_V2_OP_TS, [PV_DEBUG] = VMIHV_V2_OP_DEBUG, [PV_PORTS] = VMIHV_V2_OP_PORTS,
	[PV_IOPL] = VMIHV_V2_OP_IOPL,
};

static u64 base_of(u32 which)
{
	return which == VMI_BASE_FS ? VMIHV_V2_BASE_FS :
		which == VMI_BASE_GS_KERNEL ? VMIHV_V2_BASE_KERNEL : VMIHV_V2_BASE_USER;
}

/* Frames where it names frames, its own numbers for bases. */
static struct vmihv_v2_op make(enum pv_op op, u64 a, u64 b)
{
	switch (op) {
	case PV_ROOTS:
		return (struct vmihv_v2_op){ VMIHV_V2_OP_ROOTS, a >> 12, b >> 12 };
	case PV_TABLE:
	case PV_PLAIN:
	case PV_GDT:
		return (struct vmihv_v2_op){ whats[op], a >> 12, b };
	case PV_BASE:
		return (struct vmihv_v2_op){ VMIHV_V2_OP_BASE, base_of(a), b };
	case PV_GS_INDEX:
		return (struct vmihv_v2_op){ VMIHV_V2_OP_BASE, VMIHV_V2_BASE_INDEX, a };
	default:
		return (struct vmihv_v2_op){ whats[op], a, b };
	}
}

static void report(const struct vmihv_v2_op *op)
{
	static const char hex[] = "0123456789abcdef";
	char line[64] = "vmihv refuses entry 0000000000000000 value 0000000000000000\n";

	for (int i = 0; i < 16; i++) {
		line[20 + i] = hex[op->a >> (60 - 4 * i) & 15];
		line[43 + i] = hex[op->b >> (60 - 4 * i) & 15];
	}
	if (op->what == VMIHV_V2_OP_SET || op->what == VMIHV_V2_OP_KEEP)
		vmi_call_CONSOLE_WRITE(line, 60);
}

s32 host_do(enum pv_op op, u64 a, u64 b)
{
	struct vmihv_v2_op o = make(op, a, b);

	if (!hypercall(VMIHV_V2_DO, o.what, o.a, o.b, NULL))
		return 0;
	report(&o);
	return -1;
}

/* The first that is refused ends the call: go on behind it. */
static void send(struct pv_cpu *pc)
{
	struct host_queue *q = &pc->queue;
	u64 at = va_to_pa(q->ops), done;

	for (u32 i = 0; i < q->count; i += done) {
		u64 pa = at + i * sizeof(q->ops[0]);

		if (hypercall(VMIHV_V2_RING, pa >> 12, pa & 4095, q->count - i, &done))
			done = 0;
		if (i + done < q->count) {
			report(&q->ops[i + done]);
			q->refused++;
			done++;
		}
	}
	q->count = 0;
}

void host_queue(struct pv_cpu *pc, enum pv_op op, u64 a, u64 b)
{
	struct host_queue *q = &pc->queue;

	if (q->count == QUEUE_OPS)
		send(pc);
	if (!q->count) {
		q->low = ~0ull;
		q->high = 0;
	}
	q->ops[q->count++] = make(op, a, b);
	if (op == PV_SET || op == PV_KEEP) {
		q->low = a < q->low ? a : q->low;
		q->high = a > q->high ? a : q->high;
	}
}

u32 host_run(struct pv_cpu *pc)
{
	struct host_queue *q = &pc->queue;
	u32 refused;

	if (q->count == 1) {
		q->count = 0;
		if (hypercall(VMIHV_V2_DO, q->ops[0].what, q->ops[0].a, q->ops[0].b, NULL)) {
			report(&q->ops[0]);
			q->refused++;
		}
	} else if (q->count) {
		send(pc);
	}
	refused = q->refused;
	q->refused = 0;
	return refused;
}

int host_has(const struct pv_cpu *pc, u64 entry)
{
	const struct host_queue *q = &pc->queue;

	if (!q->count || entry < q->low || entry > q->high)
		return 0;
	for (u32 i = 0; i < q->count; i++)
		if (q->ops[i].what <= VMIHV_V2_OP_KEEP && q->ops[i].a == entry)
			return 1;
	return 0;
}

static u64 swap(u64 entry, u64 value, u64 how)
{
	u64 old;

	return hypercall(VMIHV_V2_SWAP, entry, value, how, &old) ? 0 : old;
}

u64 host_take(u64 entry) { return swap(entry, 0, VMIHV_V2_SWAP_TAKE); }
u64 host_clear(u64 entry, u64 bits) { return swap(entry, bits, VMIHV_V2_SWAP_CLEAR); }

u64 host_get_base(u32 which)
{
	u64 base;

	return hypercall(VMIHV_V2_READ_BASE, base_of(which), 0, 0, &base) ? 0 : base;
}

u64 host_get_debug(u32 nr)
{
	u64 value;

	return hypercall(VMIHV_V2_READ_DEBUG, nr, 0, 0, &value) ? 0 : value;
}

void host_cpuid(struct pv_cpu *pc, u32 leaf, u32 subleaf)
{
	u64 pa = va_to_pa(pc->cpuid);

	hypercall(VMIHV_V2_CPUID, leaf | (u64)subleaf << 32, pa >> 12, pa & 4095, NULL);
}

void host_halt(void) { hypercall(VMIHV_V2_IDLE, 0, 0, 0, NULL); }
void host_look(void) { hypercall(VMIHV_V2_IS_UP, 0, 0, 0, NULL); }

s32 host_share(u32 cpu, struct pv_cpu *block)
{
	u64 pa = va_to_pa(block);

	return hypercall(VMIHV_V2_STATE, pa >> 12, pa & 4095, cpu, NULL) ||
		hypercall(VMIHV_V2_EVENTS, frame_of(&shared[cpu].events), VMI_ENTRY_EVENT, cpu, NULL) ||
		hypercall(VMIHV_V2_CLOCK, frame_of(&shared[cpu].clock), cpu, 0, NULL) ? VMI_E_PERM : VMI_OK;
}

void host_unshare(u32 cpu)
{
	hypercall(VMIHV_V2_UNSHARE, cpu, 0, 0, NULL);
}

s32 host_set_entries(const u64 at[VMIHV_ENTRIES])
{
	static struct vmihv_v2_ways w;

	memcpy(w.to, at, sizeof(w.to));
	w.kernel_cs = vmi_const32(KERNEL_CS);
	w.kernel_ss = vmi_const32(KERNEL_DS);
	w.program_cs = vmi_const32(USER_CS);
	w.program_ss = vmi_const32(USER_DS);
	w.program32_cs = vmi_const32(USER32_CS);
	return hypercall(VMIHV_V2_WAYS, frame_of(&w), (u64)&w & 4095, 0, NULL) ? VMI_E_PERM : VMI_OK;
}

s32 host_start_cpu(u32 cpu, const struct vmi_start *start)
{
	static struct vmihv_v2_up starts[MAX_CPUS];
	struct vmihv_v2_up *s = &starts[cpu];

	*s = (struct vmihv_v2_up){
		.gdt = start->gdt_pa, .gdt_limit = start->gdt_entries * 8 - 1, .cr3 = start->root_pa,
		.gs_base = start->gs_base, .rdi = start->arg, .rsp = start->stack, .rip = start->entry,
	};
	memset(shared[cpu].events.happened, 0, sizeof(shared[cpu].events.happened));
	return hypercall(VMIHV_V2_UP, cpu, frame_of(s), (u64)s & 4095, NULL) ? VMI_E_PERM : VMI_OK;
}

void host_stop_cpu(void) { hypercall(VMIHV_V2_DOWN, 0, 0, 0, NULL); }

/* Other wishes are not for a domain in ring 3. */
s32 host_end_wished(void)
{
	u8 end = __atomic_exchange_n(&shared[0].events.wish_end, 0, __ATOMIC_SEQ_CST);

	return !end ? -1 : end == VMIHV_V2_END_AGAIN ? VMI_SHUTDOWN_REBOOT : VMI_SHUTDOWN_POWEROFF;
}

/* What happens from now on is pending again. */
struct vmihv_v2_events *event_page(void)
{
	struct pv_cpu *pc = this_cpu();

	__atomic_store_n(&pc->flags.happened, 0, __ATOMIC_SEQ_CST);
	return &shared[pc->id].events;
}
