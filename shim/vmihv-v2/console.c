// SPDX-License-Identifier: MIT
/*
 * The console, and the way out. Bytes travel in a buffer that vmihv can reach; who
 * finds it taken, an NMI perhaps, has no room now.
 */
#include "host.h"

s32 vmi_call_CONSOLE_WRITE(const char *data, u32 bytes);
s32 vmi_call_CONSOLE_READ(char *data, u32 bytes);
void vmi_call_SHUTDOWN(u32 reason);

#define BUFFER	256

static char buffer[BUFFER] __attribute__((aligned(BUFFER)));	/* never across two frames */
static u8 taken;

static u64 offset_of(const void *p) { return (u64)p & 4095; }

s32 vmi_call_CONSOLE_WRITE(const char *data, u32 bytes)
{
	u64 done = 0, bad;

	if (__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE))
		return 0;
	bytes = bytes < BUFFER ? bytes : BUFFER;
	memcpy(buffer, data, bytes);
	bad = hypercall(VMIHV_V2_CONSOLE_OUT, frame_of(buffer), offset_of(buffer), bytes, &done);
	__atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
	return bad ? VMI_E_PERM : (s32)done;
}

s32 vmi_call_CONSOLE_READ(char *data, u32 bytes)
{
	u64 done = 0, bad;

	if (__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE))
		return 0;
	bytes = bytes < BUFFER ? bytes : BUFFER;
	bad = hypercall(VMIHV_V2_CONSOLE_IN, frame_of(buffer), offset_of(buffer), bytes, &done);
	if (!bad)
		memcpy(data, buffer, done);
	__atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
	return bad ? VMI_E_PERM : (s32)done;
}

void vmi_call_SHUTDOWN(u32 reason)
{
	u64 why = reason == VMI_SHUTDOWN_POWEROFF ? VMIHV_V2_END_OFF :
		  reason == VMI_SHUTDOWN_REBOOT ? VMIHV_V2_END_AGAIN : VMIHV_V2_END_BROKEN;

	hypercall(VMIHV_V2_END, why, 0, 0, NULL);
}

/* Nothing here has ports. */
VMI_NOP(IO_DELAY);
