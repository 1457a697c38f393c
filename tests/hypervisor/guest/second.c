// SPDX-License-Identifier: MIT
/* The second vCPU. */
#include "work.h"

#define SECOND		1

static uint64_t block[512] __attribute__((aligned(4096))), table[512] __attribute__((aligned(4096)));
static uint64_t stack[1024] __attribute__((aligned(16)));
static void (*second_run)(uint64_t argument);

void second_entry(void);
void second_main(uint64_t argument);

__asm__(".text\nsecond_entry:\n\tcall second_main\n\tud2\n");

void second_main(uint64_t argument) { second_run(argument); }

int second_init(void)
{
	static int done;

	if (done++)
		return 0;
	for (int i = 0; i < 5; i++)
		table[i] = gdt[i];
	return CALL(CPU_STATE, int, uint32_t)(SECOND) < 0 ? -1 : CALL(PERCPU_READY, int, uint32_t, void *)(SECOND, block);
}

struct vmi_start second_state(uint64_t argument)
{
	return (struct vmi_start){ VMI_MAGIC_START, VMI_STRUCT_VERSION, sizeof(struct vmi_start), (uint64_t)second_entry,
		(uint64_t)&stack[1024], argument, (uint64_t)block, PA(root), PA(table), 16, 0 };
}

int second_start(void (*run)(uint64_t argument), uint64_t argument)
{
	struct vmi_start s = second_state(argument);

	if (second_init())
		return -1;
	second_run = run;
	return CALL(CPU_START, int, uint32_t, const struct vmi_start *)(SECOND, &s);
}
