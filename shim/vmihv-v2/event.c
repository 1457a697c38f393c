// SPDX-License-Identifier: MIT
/* Events: bytes of the event page, which vmihv sets and the guest takes. Read next: time.c. */
#include "host.h"

u32 vmi_call_EVENT_NEXT(void);

static const struct {
	u8 index, event;
} known[] = {
	{ VMIHV_V2_EVENT_ALARM, VMI_EVENT_TIMER },
	{ VMIHV_V2_EVENT_CONSOLE, VMI_EVENT_CONSOLE },
	{ VMIHV_V2_EVENT_CONTROL, VMI_EVENT_CONTROL },
	{ VMIHV_V2_EVENT_WAKE, VMI_EVENT_RESCHEDULE },
	{ VMIHV_V2_EVENT_ASK, VMI_EVENT_CALL },
	{ VMIHV_V2_EVENT_LATER, VMI_EVENT_WORK },
};

u32 vmi_call_EVENT_NEXT(void)
{
	struct vmihv_v2_events *events = event_page();

	for (u32 i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (__atomic_exchange_n(&events->happened[known[i].index], 0, __ATOMIC_SEQ_CST))
			return known[i].event;
	return VMI_EVENT_NONE;
}
