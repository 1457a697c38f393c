// SPDX-License-Identifier: MIT
/* Understands the console lines of vmi/verdict.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <vmi/verdict.h>

#include "run.h"

/* Kernels put a time in brackets in front of what they log. */
static const char *skip_prefix(const char *line)
{
	const char *end;

	while (isspace((unsigned char)*line))
		line++;
	end = *line == '[' ? strchr(line, ']') : NULL;
	if (!end)
		return line;
	for (end++; *end == ' '; end++)
		;
	return end;
}

static const char *after(const char *line, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(line, prefix, n) ? NULL : line + n;
}

/* Up to the first space, if all of it is hexadecimal and fits. */
static void take_hex(char *out, size_t size, const char *text)
{
	size_t n = strspn(text, "0123456789abcdefABCDEF");

	if (n >= size || (text[n] && !isspace((unsigned char)text[n])))
		return;
	for (size_t i = 0; i < n; i++)
		out[i] = tolower((unsigned char)text[i]);
	out[n] = 0;
}

static void take_rom(struct verdict *v, const char *text)
{
	size_t n = strcspn(text, " ");

	snprintf(v->rom_name, sizeof(v->rom_name), "%.*s", (int)n, text);
	v->rom_sha256[0] = 0;
	if (text[n])
		take_hex(v->rom_sha256, sizeof(v->rom_sha256), text + n + 1);
}

static void take_verdict(struct verdict *v, const char *text)
{
	const char *reason = after(text, VMI_VERDICT_FAIL);

	if (!strcmp(text, VMI_VERDICT_PASS)) {
		v->verdict = VERDICT_PASS;
	} else if (reason && (!*reason || *reason == ' ')) {
		v->verdict = VERDICT_FAIL;
		reason += strspn(reason, " :");
		snprintf(v->reason, sizeof(v->reason), "the guest says: %s", *reason ? reason : "fail");
	} else {
		v->verdict = VERDICT_FAIL;
		snprintf(v->reason, sizeof(v->reason), "the verdict `%.200s' is neither pass nor fail", text);
	}
}

void verdict_line(struct verdict *v, const char *line, const char *death)
{
	static const char *const panics[] = { "Kernel panic - not syncing", "VMI-PANIC" };
	const char *start = skip_prefix(line), *rest;

	rest = after(start, VMI_VERDICT_BUILD_ID);
	if (rest)
		return take_hex(v->build_id, sizeof(v->build_id), rest);
	rest = after(start, VMI_VERDICT_ROM);
	if (rest)
		return take_rom(v, rest);
	rest = after(start, VMI_VERDICT_SECONDS);
	if (rest) {
		v->seconds = strtod(rest, NULL);
		return;
	}
	rest = after(start, VMI_VERDICT_LINE);
	if (rest)
		return take_verdict(v, rest);
	for (size_t i = 0; i < 2 && !v->death[0]; i++)
		if (after(start, panics[i]))
			snprintf(v->death, sizeof(v->death), "%s", start);
	if (death && !v->death[0] && strstr(line, death))
		snprintf(v->death, sizeof(v->death), "%s", start);
}
