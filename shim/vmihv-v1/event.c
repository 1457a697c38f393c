// SPDX-License-Identifier: MIT
/* Events: bits of the shared page, which vmihv sets and the guest takes. Read next: time.c. */
#include "host.h"

u32 vmi_call_EVENT_NEXT(void);

static const struct {
	u8 bit, event;
} known[] = {
	{ VMIHV_V1_EVENT_TIMER, VMI_EVENT_TIMER },
	{ VMIHV_V1_EVENT_CONSOLE, VMI_EVENT_CONSOLE },
	{ VMIHV_V1_EVENT_CONTROL, VMI_EVENT_CONTROL },
	{ VMIHV_V1_EVENT_RESCHEDULE, VMI_EVENT_RESCHEDULE },
	{ VMIHV_V1_EVENT_CALL, VMI_EVENT_CALL },
	{ VMIHV_V1_EVENT_WORK, VMI_EVENT_WORK },
};

static u8 take(u32 *pending, u32 bit)
{
	u8 was;

	__asm__ volatile("lock btr %2, %0; setc %1" : "+m" (*pending), "=q" (was) : "r" (bit) : "memory", "cc");
	return was;
}

u32 vmi_call_EVENT_NEXT(void)
{
	struct vmihv_v1_page *page = event_page();

	for (u32 i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (take(&page->pending, known[i].bit))
			return known[i].event;
	return VMI_EVENT_NONE;
}
