// SPDX-License-Identifier: MIT
/*
 * The least that a ROM has: detection, start, end. Everything that is not
 * defined here answers NATIVE. Read next: fast.asm.
 */
#include "backend.h"

s32 vmi_call_INIT(struct vmi_init *init);
s32 vmi_call_PERCPU_READY(u32 cpu, void *block);
s32 vmi_call_EXIT(void);
void vmi_call_HALT(void);

/* How sure is this backend that its host is underneath? Nobody picks a 0. */
u32 vmi_rom_detect(void)
{
	return 0;
}

s32 vmi_call_INIT(struct vmi_init *init)
{
	if (init->magic != VMI_MAGIC_INIT || init->version != VMI_STRUCT_VERSION || init->size < sizeof(*init))
		return VMI_E_INVAL;
	init->features = vmi_rom_header.features;
	memcpy(init->host_name, "template", sizeof("template"));
	return VMI_OK;
}

s32 vmi_call_PERCPU_READY(u32 cpu, void *block)
{
	(void)cpu, (void)block;
	return VMI_OK;
}

s32 vmi_call_EXIT(void)
{
	return VMI_OK;
}

/* A call of the STD convention: plain C. The per-CPU block comes by %gs. */
void vmi_call_HALT(void)
{
	percpu_set(struct percpu, halts, percpu_get(struct percpu, halts) + 1);
	__asm__ volatile("hlt" ::: "memory");
}

/* Before PERCPU_READY there is no block: the early form does without. */
void vmi_early_HALT(void);
void vmi_early_HALT(void)
{
	__asm__ volatile("hlt" ::: "memory");
}

/* Does nothing here, and the guest need not call to find out. */
VMI_NOP(LAZY_MODE);
