// SPDX-License-Identifier: MIT
/* Other CPUs: start and stop. vmihv takes all of a CPU's first state at once. */
#include "pv.h"

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start);
void vmi_call_CPU_STOP(void);
s32 vmi_call_CPU_STATE(u32 cpu);
s32 vmi_call_TIME_USER_PAGE(void *page);
s32 vmi_call_SUSPEND(struct vmi_suspend *state);
u32 vmi_call_CONTROL_NEXT(struct vmi_wish *wish);

static int canonical(u64 va) { return (s64)va >> 47 == 0 || (s64)va >> 47 == -1; }

static int bad_start(const struct vmi_start *s)
{
	return s->magic != VMI_MAGIC_START || s->version != VMI_STRUCT_VERSION ||
		s->size < sizeof(*s) || s->reserved || s->stack & 15 ||
		!canonical(s->entry) || !canonical(s->stack) || !canonical(s->gs_base) ||
		s->root_pa & ~PAGE_MASK || (s->root_pa >> 12) + 1 >= pv.pages ||
		s->gdt_pa & ~PAGE_MASK || s->gdt_pa >> 12 >= pv.pages ||
		s->gdt_entries - 1 >= ENTRIES;
}

s32 vmi_call_CPU_START(u32 cpu, const struct vmi_start *start)
{
	struct pv_cpu *pc;
	s32 state;

	if (pv.stage != STAGE_ADOPTED)
		return VMI_E_STATE;
	state = vmi_call_CPU_STATE(cpu);
	if (state < 0 || bad_start(start))
		return VMI_E_INVAL;
	if (state == VMI_CPU_UP || !is_ready(cpu))
		return VMI_E_STATE;
	pc = pv.cpu[cpu];
	pc->cr3 = start->root_pa;
	pc->lazy = VMI_LAZY_LEAVE;
	pc->async = 0;
	pc->line[BACKEND_FLAG] = BACKEND_FLAG_OFF;
	pc->line[BACKEND_PENDING] = 0;
	/* No descriptor: what is loaded first is written. */
	memset(pc->tls, 0xff, sizeof(pc->tls));
	return host_start_cpu(cpu, start) ? VMI_E_PERM : VMI_OK;
}

void vmi_call_CPU_STOP(void)
{
	host_run(this_cpu());
	host_stop_cpu();
}

/* The clock is in pages of this ROM's, one for each CPU; user mode asks the kernel. */
s32 vmi_call_TIME_USER_PAGE(void *page)
{
	return (u64)page & ~PAGE_MASK ? VMI_E_INVAL : VMI_E_NOSYS;
}

s32 vmi_call_SUSPEND(struct vmi_suspend *state)
{
	if (state->magic != VMI_MAGIC_SUSPEND || state->version != VMI_STRUCT_VERSION || state->size < sizeof(*state))
		return VMI_E_INVAL;
	return VMI_E_NOSYS;
}

u32 vmi_call_CONTROL_NEXT(struct vmi_wish *wish)
{
	s32 reason;

	if (wish->magic != VMI_MAGIC_WISH || wish->version != VMI_STRUCT_VERSION || wish->size < sizeof(*wish))
		return VMI_WISH_NONE;
	reason = host_end_wished();
	if (reason < 0)
		return VMI_WISH_NONE;
	wish->cpu = wish->reserved = 0;
	wish->value = reason;
	return VMI_WISH_SHUTDOWN;
}

/* A domain in ring 3 keeps its memory. */
VMI_NOP(RELEASE_FRAMES);
VMI_NOP(TAKE_FRAMES);
