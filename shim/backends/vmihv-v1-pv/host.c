// SPDX-License-Identifier: MIT
/* Version 1's calls for what shim/vmihv-pv/ asks. One call for each: what may be put off is done at once. */
#include "pv.h"

s32 vmi_call_CONSOLE_WRITE(const char *data, u32 bytes);

#define IS_ERROR(result)	((u64)(result) > (u64)-16)	/* entries and addresses are no errors */

static const struct {
	u8 nr, third;
} calls[PV_OPS] = {
	[PV_SET] = { VMIHV_V1_ENTRY, VMIHV_V1_ENTRY_SET }, [PV_KEEP] = { VMIHV_V1_ENTRY, VMIHV_V1_ENTRY_KEEP },
	[PV_TABLE] = { VMIHV_V1_TABLE, 0 }, [PV_PLAIN] = { VMIHV_V1_TABLE, 0 }, [PV_ROOTS] = { VMIHV_V1_ROOTS, 0 },
	[PV_FLUSH] = { VMIHV_V1_FLUSH, 0 }, [PV_STACK] = { VMIHV_V1_STACK, 0 }, [PV_BASE] = { VMIHV_V1_SET_BASE, 0 },
	[PV_GS_INDEX] = { VMIHV_V1_SET_BASE, 0 }, [PV_GDT] = { VMIHV_V1_GDT, 0 }, [PV_LDT] = { VMIHV_V1_LDT, 0 },
	[PV_DESCRIPTOR] = { VMIHV_V1_DESCRIPTOR, 0 }, [PV_TS] = { VMIHV_V1_TS, 0 },
	[PV_DEBUG] = { VMIHV_V1_SET_DEBUG, 0 }, [PV_PORTS] = { VMIHV_V1_PORTS, 0 }, [PV_IOPL] = { VMIHV_V1_IOPL, 0 },
};

VMI_ASSERT(VMIHV_V1_BASE_FS == VMI_BASE_FS && VMIHV_V1_BASE_GS_KERNEL == VMI_BASE_GS_KERNEL &&
	   VMIHV_V1_BASE_GS_USER == VMI_BASE_GS_USER);

static u64 image_pa(const void *p) { return (u64)p - vmi_const64(IMAGE_OFFSET); }

static void report(enum pv_op op, u64 a, u64 b)
{
	static const char hex[] = "0123456789abcdef";
	char line[64] = "vmihv refuses entry 0000000000000000 value 0000000000000000\n";

	for (int i = 0; i < 16; i++) {
		line[20 + i] = hex[a >> (60 - 4 * i) & 15];
		line[43 + i] = hex[b >> (60 - 4 * i) & 15];
	}
	if (op == PV_SET || op == PV_KEEP)
		vmi_call_CONSOLE_WRITE(line, 60);
}

/* This version has one CPU or all, and no level for a table that goes. */
s32 host_do(enum pv_op op, u64 a, u64 b)
{
	if (op == PV_FLUSH)
		b = b == 1ull << this_cpu()->id ? VMIHV_V1_FLUSH_MINE : VMIHV_V1_FLUSH_EVERYWHERE;
	if (op == PV_PLAIN)
		b = 0;
	if (op == PV_GS_INDEX) {
		b = a;
		a = VMIHV_V1_BASE_GS_INDEX;
	}
	if (!IS_ERROR(hypercall(calls[op].nr, a, b, calls[op].third)))
		return 0;
	report(op, a, b);
	return -1;
}

void host_queue(struct pv_cpu *pc, enum pv_op op, u64 a, u64 b)
{
	if (host_do(op, a, b))
		pc->queue.refused++;
}

u32 host_run(struct pv_cpu *pc)
{
	u32 refused = pc->queue.refused;

	pc->queue.refused = 0;
	return refused;
}

int host_has(const struct pv_cpu *pc, u64 entry)
{
	(void)pc, (void)entry;
	return 0;
}

u64 host_take(u64 entry)
{
	u64 old = hypercall(VMIHV_V1_ENTRY, entry, 0, VMIHV_V1_ENTRY_TAKE);

	return IS_ERROR(old) ? 0 : old;
}

u64 host_clear(u64 entry, u64 bits)
{
	u64 old = hypercall(VMIHV_V1_ENTRY, entry, bits, VMIHV_V1_ENTRY_CLEAR);

	return IS_ERROR(old) ? 0 : old;
}

u64 host_get_base(u32 which) { return hypercall(VMIHV_V1_GET_BASE, which, 0, 0); }
u64 host_get_debug(u32 nr) { return hypercall(VMIHV_V1_GET_DEBUG, nr, 0, 0); }

void host_cpuid(struct pv_cpu *pc, u32 leaf, u32 subleaf)
{
	hypercall(VMIHV_V1_CPUID, leaf, subleaf, va_to_pa(pc->cpuid));
}

void host_halt(void) { hypercall(VMIHV_V1_HALT, 0, 0, 0); }
void host_look(void) { hypercall(VMIHV_V1_STATE, 0, 0, 0); }

s32 host_share(u32 cpu, struct pv_cpu *block)
{
	return hypercall(VMIHV_V1_FLAGS, va_to_pa(block), cpu, 0) ||
		hypercall(VMIHV_V1_PAGE, image_pa(&shared[cpu]), VMI_ENTRY_EVENT, cpu) ? VMI_E_PERM : VMI_OK;
}

void host_unshare(u32 cpu)
{
	hypercall(VMIHV_V1_PAGE, 0, 0, cpu);
}

s32 host_set_entries(const u64 at[VMIHV_ENTRIES])
{
	static struct vmihv_v1_entries e;

	memcpy(e.at, at, sizeof(e.at));
	e.kernel_cs = vmi_const32(KERNEL_CS);
	e.kernel_ss = vmi_const32(KERNEL_DS);
	e.user_cs = vmi_const32(USER_CS);
	e.user_ss = vmi_const32(USER_DS);
	e.user32_cs = vmi_const32(USER32_CS);
	return hypercall(VMIHV_V1_ENTRIES, image_pa(&e), 0, 0) ? VMI_E_PERM : VMI_OK;
}

s32 host_start_cpu(u32 cpu, const struct vmi_start *start)
{
	static struct vmihv_v1_start starts[MAX_CPUS];

	starts[cpu] = (struct vmihv_v1_start){
		.rip = start->entry, .rsp = start->stack, .rdi = start->arg, .gs_base = start->gs_base,
		.cr3 = start->root_pa, .gdt = start->gdt_pa, .gdt_limit = start->gdt_entries * 8 - 1,
	};
	shared[cpu].page.pending = 0;
	return hypercall(VMIHV_V1_START, cpu, image_pa(&starts[cpu]), 0) ? VMI_E_PERM : VMI_OK;
}

void host_stop_cpu(void) { hypercall(VMIHV_V1_STOP, 0, 0, 0); }

/* The reasons have the same numbers on both sides. Other wishes are not for a domain in ring 3. */
s32 host_end_wished(void)
{
	s64 wish = hypercall(VMIHV_V1_WISH, 0, 0, 0);

	while (wish > 0 && (wish & 0xff) != VMIHV_V1_WISH_END)
		wish = hypercall(VMIHV_V1_WISH, 0, 0, 0);
	return wish > 0 ? wish >> 8 : -1;
}

/* What happens from now on is pending again. */
struct vmihv_v1_page *event_page(void)
{
	struct pv_cpu *pc = this_cpu();

	__atomic_store_n(&pc->flags.pending, 0, __ATOMIC_SEQ_CST);
	return &shared[pc->id].page;
}
