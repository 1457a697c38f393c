// SPDX-License-Identifier: MIT
/* Detection, start and end; all else is the processor's: shim/container/. */
#include "backend.h"

s32 vmi_call_INIT(struct vmi_init *init);
s32 vmi_call_PERCPU_READY(u32 cpu, void *block);
s32 vmi_call_EXIT(void);

static enum { BEFORE, RUNNING, AFTER } state;
static u32 cpus;

/* Whoever runs in ring 0 can do all of this; any backend that knows more bids higher. */
u32 vmi_rom_detect(void)
{
	u16 cs;

	__asm__("mov %%cs, %0" : "=r" (cs));
	return cs & 3 ? 0 : 1;
}

s32 vmi_call_INIT(struct vmi_init *init)
{
	if (init->magic != VMI_MAGIC_INIT || init->version != VMI_STRUCT_VERSION ||
	    init->size < sizeof(*init) || init->reserved)
		return VMI_E_INVAL;
	if (state != BEFORE) {
		memcpy(init->reason, "INIT was called before", sizeof("INIT was called before"));
		return VMI_E_STATE;
	}
	cpus = init->cpus;
	init->features = vmi_rom_header.features;
	init->host_version = 0;
	init->tsc_khz = 0;
	init->pte_forbidden = 0;
	init->extra_user_cs = 0;
	init->frame_table_bytes = 0;
	memset(init->host_name, 0, sizeof(init->host_name));
	memcpy(init->host_name, "bare hardware", sizeof("bare hardware"));
	state = RUNNING;
	return VMI_OK;
}

s32 vmi_call_PERCPU_READY(u32 cpu, void *block)
{
	(void)block;
	if (state != RUNNING)
		return VMI_E_STATE;
	return cpu < cpus ? VMI_OK : VMI_E_INVAL;
}

s32 vmi_call_EXIT(void)
{
	if (state != RUNNING)
		return VMI_E_STATE;
	state = AFTER;
	return VMI_OK;
}
