// SPDX-License-Identifier: MIT
/* SUSPEND without anybody to save us: refused, and all is as before. Real ones: tests/life. */
#include "conform.h"

static struct vmi_suspend state = { VMI_MAGIC_SUSPEND, VMI_STRUCT_VERSION, sizeof(state) };

static int32_t suspend(void)
{
	return CALL(SUSPEND, int32_t, struct vmi_suspend *)(&state);
}

static const char *refuses_bad_state(void)
{
	state.magic++;
	EXPECT(suspend() == VMI_E_INVAL, "a wrong magic is accepted");
	state.magic--;
	state.version++;
	EXPECT(suspend() == VMI_E_INVAL, "a wrong version is accepted");
	state.version--;
	state.size--;
	EXPECT(suspend() == VMI_E_INVAL, "a short structure is accepted");
	state.size++;
	return NULL;
}

/* The timer that was armed before still comes, on a clock that has not been changed. */
const char *test_SUSPEND(void)
{
	const char *why = refuses_bad_state();
	uint64_t start = clock_now();
	uint32_t before = timer_events;
	int32_t error;

	if (why)
		return why;
	irq_off();
	arm_timer(20000);
	error = suspend();
	EXPECT(error == VMI_E_NOSYS || error == VMI_E_STATE, "it is not refused");
	EXPECT(!state.moved && !state.stopped && !state.tsc_khz, "it is refused and says something all the same");
	EXPECT(!(CALL(IRQ_SAVE, uint64_t, void)() & VMI_IRQ_FLAG), "interrupts are on");
	irq_on();
	error = suspend();
	EXPECT(error == VMI_E_NOSYS || error == VMI_E_STATE, "with interrupts on it is not refused");
	EXPECT(wait_timer(before), "the timer is gone");
	irq_off();
	EXPECT(clock_now() - start < 10000000000, "the clock has jumped");
	return NULL;
}
