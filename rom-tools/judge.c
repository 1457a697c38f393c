// SPDX-License-Identifier: MIT
/* From what a guest said, and how its console ended, to a verdict and its JSON. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <jansson.h>

#include <vmi/verdict.h>

#include "run.h"

/* The exit port's value v ends QEMU with 2 v + 1. */
static void judge_exit(struct verdict *v, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2 * 0x10 + 1) {
		v->verdict = VERDICT_PASS;
		return;
	}
	v->verdict = VERDICT_FAIL;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2 * 0x11 + 1)
		snprintf(v->reason, sizeof(v->reason), "the guest says fail at the exit port");
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		snprintf(v->reason, sizeof(v->reason), "the guest ended without a verdict");
	else
		snprintf(v->reason, sizeof(v->reason), "QEMU ended with status 0x%x", status);
}

static void judge_end(const struct run *run, struct verdict *v, const struct console *console)
{
	switch (console->end) {
	case CONSOLE_VERDICT:
		return;
	case CONSOLE_EXIT:
		return judge_exit(v, console->status);
	case CONSOLE_TIMEOUT:
		snprintf(v->reason, sizeof(v->reason), "no verdict within %u seconds", run->request->timeout);
		break;
	case CONSOLE_DEATH:
		snprintf(v->reason, sizeof(v->reason), "the guest died: %.200s", v->death);
		break;
	case CONSOLE_SIGNAL:
		snprintf(v->reason, sizeof(v->reason), "interrupted");
		break;
	}
	v->verdict = VERDICT_FAIL;
}

static void overrule(struct verdict *v, const char *reason)
{
	if (v->verdict != VERDICT_PASS)
		return;
	v->verdict = VERDICT_FAIL;
	snprintf(v->reason, sizeof(v->reason), "%s", reason);
}

/* A pass counts only for the kernel and the ROM that were asked for. */
static void judge_identity(const struct run *run, struct result *r)
{
	struct verdict *v = &r->verdict;
	const struct request *q = run->request;

	if (!q->any_build && r->build_id[0] && !v->build_id[0])
		overrule(v, "the guest did not print its build ID");
	else if (!q->any_build && strcmp(r->build_id, v->build_id))
		overrule(v, "the build ID of the running kernel is not the file's");
	if (q->any_rom)
		return;
	if (run->rom && !v->rom_name[0])
		overrule(v, "the guest did not say which ROM it uses");
	else if (run->rom && (!v->rom_sha256[0] || strcmp(r->rom_image_sha256, v->rom_sha256)))
		overrule(v, "the ROM that the guest uses is not the one it was given");
	else if (q->no_rom && v->rom_name[0] && strcmp(v->rom_name, "none"))
		overrule(v, "the guest uses a ROM, and was given none");
}

static json_t *text_or_null(const char *text)
{
	return *text ? json_string_nocheck(text) : json_null();
}

static json_t *result_json(const struct run *run, const struct result *r)
{
	const char *name = strrchr(run->request->kernel, '/');
	const struct verdict *v = &r->verdict;

	name = run->request->guest ? run->request->guest : name ? name + 1 : run->request->kernel;
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}",
			 "host", run->request->host,
			 "guest", name,
			 "kernel_sha256", text_or_null(r->kernel_sha256),
			 "build_id", text_or_null(v->build_id),
			 "rom", text_or_null(r->rom_name),
			 "rom_sha256", text_or_null(r->rom_sha256),
			 "rom_image_sha256", text_or_null(v->rom_sha256),
			 "bundle_sha256", text_or_null(run->bundle_sha256),
			 "seconds_to_userspace", v->seconds < 0 ? json_null() : json_real(v->seconds),
			 "verdict", v->verdict == VERDICT_PASS ? VMI_VERDICT_PASS : VMI_VERDICT_FAIL,
			 "reason", json_pack("s", v->reason));
}

int result_write(const struct run *run, const struct result *result, struct why *why)
{
	json_t *json = result_json(run, result);
	char *text = json ? json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) : NULL, *line;
	int err;

	json_decref(json);
	if (!text)
		return refuse(why, "the result is not valid UTF-8");
	line = xprintf("%s\n", text);
	err = file_write(run->request->json, line, strlen(line), 0644, why);
	free(line);
	free(text);
	return err;
}

void result_print(const struct run *run, const struct result *result, const struct console *console)
{
	const struct verdict *v = &result->verdict;

	fflush(stdout);
	if (v->verdict == VERDICT_PASS) {
		fprintf(stderr, "vmi run: %s: pass", run->request->host);
		if (v->seconds >= 0)
			fprintf(stderr, ", %.3f s to user space", v->seconds);
		fputc('\n', stderr);
		return;
	}
	fprintf(stderr, "vmi run: %s: fail: %s\n", run->request->host, v->reason);
	if (console->end == CONSOLE_VERDICT)
		return;
	fprintf(stderr, "vmi run: the last lines of the console:\n");
	console_print_tail(console, stderr);
}

/* Non-ASCII would not be valid JSON, and comes from wild guests only. */
static void tidy(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

void judge(const struct run *run, struct result *result, const struct console *console)
{
	judge_end(run, &result->verdict, console);
	judge_identity(run, result);
	tidy(result->verdict.reason);
	tidy(result->verdict.rom_name);
}
