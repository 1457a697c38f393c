// SPDX-License-Identifier: MIT
/* Suspends itself when the administrator wishes it, and looks whether all is as before. */
#include "work.h"

#define MSR_LSTAR	0xc0000082
#define MSR_KERNEL_GS	0xc0000102
#define XMM		0x1122334455667788ul
#define MXCSR		0x9fc0u
#define ADDRESS		0xffff888000200000ul

static struct vmi_suspend state = { VMI_MAGIC_SUSPEND, VMI_STRUCT_VERSION, sizeof(state) };

static void wrmsr(uint32_t msr, uint64_t v) { __asm__ volatile("wrmsr" :: "c" (msr), "a" ((uint32_t)v), "d" ((uint32_t)(v >> 32))); }

static uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (msr));
	return (uint64_t)high << 32 | low;
}

/* CR4.OSFXSR, so that there are such registers. */
static void set_fpu(void)
{
	uint64_t cr4 = CALL(READ_CR4, uint64_t, void)(), xmm = XMM;
	uint32_t mxcsr = MXCSR;

	CALL(WRITE_CR4, void, uint64_t)(cr4 | 0x200);
	__asm__ volatile("movq %0, %%xmm7; ldmxcsr %1" :: "m" (xmm), "m" (mxcsr));
}

static int fpu_is_kept(void)
{
	uint64_t xmm;
	uint32_t mxcsr;

	__asm__ volatile("movq %%xmm7, %0; stmxcsr %1" : "=m" (xmm), "=m" (mxcsr));
	return xmm == XMM && mxcsr == MXCSR;
}

static void set_registers(void)
{
	for (int i = 0; i < 4; i++)
		CALL(SET_DEBUGREG, void, int, uint64_t)(i, ADDRESS + 64 * i);
	wrmsr(MSR_LSTAR, ADDRESS);
	wrmsr(MSR_KERNEL_GS, ADDRESS + 8);
	set_fpu();
}

static int registers_are_kept(void)
{
	int kept = fpu_is_kept() && rdmsr(MSR_LSTAR) == ADDRESS && rdmsr(MSR_KERNEL_GS) == ADDRESS + 8;

	for (int i = 0; i < 4; i++)
		kept &= CALL(GET_DEBUGREG, uint64_t, int)(i) == ADDRESS + 64 * i;
	return kept;
}

static void once(void)
{
	uint64_t before = now(), cr4 = CALL(READ_CR4, uint64_t, void)() | 0x200, ticks = timer_count();

	set_registers();
	if (CALL(SUSPEND, int32_t, struct vmi_suspend *)(&state))
		leave("SUSPEND fails");
	if (!registers_are_kept() || CALL(READ_CR4, uint64_t, void)() != cr4)
		leave("a register is lost");
	if (now() < before || state.moved || !state.tsc_khz)
		leave("time goes backwards, or it is said to have moved");
	CALL(TIMER_SET, int, uint64_t)(now() + NS / 100);
	while (timer_count() == ticks) {
		CALL(SAFE_HALT, void, void)();
		CALL(IRQ_DISABLE, void, void)();
	}
	if (CALL(SUSPEND, int32_t, struct vmi_suspend *)(&state) != VMI_E_STATE)
		leave("SUSPEND goes though nobody wishes it");
	say_number("resumed after ms ", state.stopped / 1000000);
}

static void stop(uint64_t unused)
{
	(void)unused;
	CALL(CPU_STOP, void, void)();
}

/* It was up once: its pages are shared too. */
static void use_second(void)
{
	if (second_start(stop, 0))
		return;
	while (CALL(CPU_STATE, int, uint32_t)(1) == VMI_CPU_UP)
		__asm__ volatile("pause");
}

void suspend(void)
{
	struct vmi_wish wish = { VMI_MAGIC_WISH, VMI_STRUCT_VERSION, sizeof(wish) };
	uint32_t kind = VMI_WISH_NONE;

	use_second();
	print("listens\n");
	while (kind != VMI_WISH_SHUTDOWN) {
		uint32_t before = control_count();

		while ((kind = CALL(CONTROL_NEXT, uint32_t, struct vmi_wish *)(&wish)) == VMI_WISH_SUSPEND)
			once();
		while (kind == VMI_WISH_NONE && control_count() == before) {
			CALL(SAFE_HALT, void, void)();
			CALL(IRQ_DISABLE, void, void)();
		}
	}
	use_second();
}
