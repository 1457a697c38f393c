// SPDX-License-Identifier: MIT
/* vmihv's own lines on the serial console. Read next: domain/console.c, for the domains'. */
#include "hv.h"
#include "cpu/serial.h"

void print(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	text_vprint(line, sizeof(line), format, args);
	va_end(args);
	serial_write(line, text_length(line));
}
