// SPDX-License-Identifier: MIT
/*
 * One serial line for all. A domain's output is shown line by line, its name in
 * front; what is typed goes to the first domain that lives.
 */
#include "cpu/serial.h"
#include "domain/domain.h"

static bool plain;

void console_init(bool is_plain)
{
	plain = is_plain;
}

void console_flush(struct domain *d)
{
	if (!d->line_bytes)
		return;
	if (!plain)
		print("[%s] ", d->config->name);
	serial_write(d->line, d->line_bytes);
	if (d->line[d->line_bytes - 1] != '\n')
		serial_write("\n", 1);
	d->line_bytes = 0;
}

/* With a terminal's escapes one domain could write over another's lines. */
static bool is_shown(char c)
{
	return c == '\n' || c == '\t' || (c == '\033' && plain) || (u8)c >= ' ';
}

static void put(struct domain *d, char c)
{
	if (c == '\r')
		return;
	d->line[d->line_bytes++] = is_shown(c) ? c : '?';
	if (c == '\n' || d->line_bytes == LINE_BYTES)
		console_flush(d);
}

void console_write(struct domain *d, const char *text, u32 bytes)
{
	while (bytes--)
		put(d, *text++);
}

u32 console_read(struct domain *d, char *text, u32 bytes)
{
	u32 n = 0;

	for (; n < bytes && d->input_out != d->input_in; n++)
		text[n] = d->input[d->input_out++ % INPUT_BYTES];
	return n;
}

static struct domain *focus(void)
{
	for (struct domain *d = domains; d < domains + MAX_DOMAINS; d++)
		if (d->alive)
			return d;
	return NULL;
}

void console_poll(void)
{
	struct domain *d = focus();
	bool any = false;
	int c;

	while (d && d->input_in - d->input_out < INPUT_BYTES && (c = serial_read()) >= 0) {
		d->input[d->input_in++ % INPUT_BYTES] = c;
		any = true;
	}
	if (any)
		event_send(&d->vcpus[0], EVENT_CONSOLE);
}
