// SPDX-License-Identifier: MIT
#include "xen.h"

#define REPORTS	20

/* A refused update is a guest's mistake or ours: say so on the console, some times. */
void xen_report(const char *what, long error, u64 a, u64 b)
{
	static const char hex[] = "0123456789abcdef";
	static u32 reports;
	char line[96];
	u64 numbers[3] = { (u64)-error, a, b };
	u32 n = 0;

	if (reports++ >= REPORTS)
		return;
	for (const char *s = "vmi " BACKEND_NAME ": "; *s; s++)
		line[n++] = *s;
	for (; *what && n < 36; what++)
		line[n++] = *what;
	for (u32 i = 0; i < 3; i++) {
		line[n++] = ' ';
		for (int shift = i ? 60 : 4; shift >= 0; shift -= 4)
			line[n++] = hex[numbers[i] >> shift & 15];
	}
	line[n++] = '\n';
	vmi_call_CONSOLE_WRITE(line, n);
}
