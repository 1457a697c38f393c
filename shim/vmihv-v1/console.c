// SPDX-License-Identifier: MIT
/* The console, and the way out. Bytes travel in registers: nothing is shared, so any context may write. */
#include "host.h"

s32 vmi_call_CONSOLE_WRITE(const char *data, u32 bytes);
s32 vmi_call_CONSOLE_READ(char *data, u32 bytes);
void vmi_call_SHUTDOWN(u32 reason);

s32 vmi_call_CONSOLE_WRITE(const char *data, u32 bytes)
{
	u64 words[2];
	u32 done, now;

	for (done = 0; done < bytes; done += now) {
		now = bytes - done < VMIHV_V1_WRITE_MAX ? bytes - done : VMIHV_V1_WRITE_MAX;
		words[0] = words[1] = 0;
		memcpy(words, data + done, now);
		if (hypercall(VMIHV_V1_WRITE, words[0], words[1], now) < 0)
			return done ? (s32)done : VMI_E_PERM;
	}
	return done;
}

s32 vmi_call_CONSOLE_READ(char *data, u32 bytes)
{
	u32 done = 0;
	s64 byte;

	for (; done < bytes; done++) {
		byte = hypercall(VMIHV_V1_READ, 0, 0, 0);
		if (byte < 0 || byte == VMIHV_V1_EMPTY)
			break;
		data[done] = byte;
	}
	return done;
}

/* The reasons have the same numbers on both sides. */
void vmi_call_SHUTDOWN(u32 reason)
{
	hypercall(VMIHV_V1_SHUTDOWN, reason, 0, 0);
}

/* Nothing here has ports. */
VMI_NOP(IO_DELAY);
