// SPDX-License-Identifier: MIT
/*
 * One serial line for all. A domain's output is shown line by line, its name in
 * front; what is typed goes to the domain that has the focus, or to the monitor.
 */
#include "cpu/serial.h"
#include "domain/domain.h"

static bool plain;
struct domain *console_focus;

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

/* Whoever lives, where the one that was chosen does not. */
static struct domain *focus(void)
{
	for (struct domain *d = domains; d < domains + MAX_DOMAINS && !(console_focus && console_focus->alive); d++)
		if (d->alive)
			console_focus = d;
	return console_focus && console_focus->alive ? console_focus : NULL;
}

void console_poll(void)
{
	struct domain *d = NULL;
	bool any = false;
	int c;

	while ((c = serial_read()) >= 0) {
		if (monitor_key(c))
			continue;
		d = focus();
		if (d && d->input_in - d->input_out < INPUT_BYTES)
			d->input[d->input_in++ % INPUT_BYTES] = c;
		any = true;
	}
	if (any && d)
		event_send(&d->vcpus[0], EVENT_CONSOLE);
}
