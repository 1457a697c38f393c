// SPDX-License-Identifier: MIT
/* When a run counts as passed, and that nothing else does. */
#include "unit.h"

#include "run.h"

#define BUILD_ID	"0123456789abcdef0123456789abcdef01234567"
#define ROM		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct situation {
	struct request request;
	struct run run;
	struct result result;
	struct console console;
};

/* A pass in every respect; each test spoils one. */
static void set_up(struct situation *s)
{
	*s = (struct situation){ .console = { .end = CONSOLE_VERDICT }, .request = { .timeout = 7 } };
	s->run.request = &s->request;
	s->run.rom = "some.rom";
	strcpy(s->result.build_id, BUILD_ID);
	strcpy(s->result.rom_image_sha256, ROM);
	strcpy(s->result.verdict.build_id, BUILD_ID);
	strcpy(s->result.verdict.rom_name, "native");
	strcpy(s->result.verdict.rom_sha256, ROM);
	s->result.verdict.verdict = VERDICT_PASS;
}

static void passes(struct situation *s)
{
	judge(&s->run, &s->result, &s->console);
	assert_int_equal(s->result.verdict.verdict, VERDICT_PASS);
}

static void fails(struct situation *s, const char *reason)
{
	judge(&s->run, &s->result, &s->console);
	assert_int_equal(s->result.verdict.verdict, VERDICT_FAIL);
	assert_non_null(strstr(s->result.verdict.reason, reason));
}

static void the_asked_for_passes(void **state)
{
	struct situation s;

	(void)state;
	set_up(&s);
	passes(&s);
}

static void build_id_counts(void **state)
{
	struct situation s;

	(void)state;
	set_up(&s);
	s.result.verdict.build_id[3] = 'f';
	fails(&s, "build ID of the running kernel is not the file's");
	set_up(&s);
	s.result.verdict.build_id[0] = 0;
	fails(&s, "did not print its build ID");
	set_up(&s);
	s.result.build_id[0] = 0;
	fails(&s, "is not the file's");
	set_up(&s);
	s.result.verdict.build_id[0] = 0;
	s.request.any_build = true;
	passes(&s);
}

static void rom_counts(void **state)
{
	struct situation s;

	(void)state;
	set_up(&s);
	s.result.verdict.rom_sha256[3] = 'f';
	fails(&s, "is not the one it was given");
	set_up(&s);
	strcpy(s.result.verdict.rom_name, "none");
	s.result.verdict.rom_sha256[0] = 0;
	fails(&s, "is not the one it was given");
	s.result.rom_image_sha256[0] = 0;	/* a file without a header has no hash either */
	s.result.verdict.verdict = VERDICT_PASS;
	fails(&s, "is not the one it was given");
	set_up(&s);
	s.result.verdict.rom_name[0] = 0;
	fails(&s, "did not say which ROM");
	set_up(&s);
	s.run.rom = NULL;
	s.request.no_rom = true;
	fails(&s, "was given none");
	strcpy(s.result.verdict.rom_name, "none");
	s.result.verdict.verdict = VERDICT_PASS;
	passes(&s);
}

static void a_failure_keeps_its_reason(void **state)
{
	struct situation s;

	(void)state;
	set_up(&s);
	s.result.verdict.verdict = VERDICT_FAIL;
	strcpy(s.result.verdict.reason, "no timer");
	s.result.verdict.build_id[0] = 0;
	fails(&s, "no timer");
}

static void no_verdict_fails(void **state)
{
	struct situation s;

	(void)state;
	set_up(&s);
	s.result.verdict.verdict = VERDICT_NONE;
	s.console.end = CONSOLE_TIMEOUT;
	fails(&s, "no verdict within 7 seconds");
	set_up(&s);
	s.result.verdict.verdict = VERDICT_NONE;
	s.console.end = CONSOLE_EXIT;
	fails(&s, "ended without a verdict");
	set_up(&s);
	s.result.verdict.verdict = VERDICT_NONE;
	s.console.end = CONSOLE_DEATH;
	strcpy(s.result.verdict.death, "Kernel panic");
	fails(&s, "the guest died: Kernel panic");
}

static void the_exit_port_counts(void **state)
{
	static const struct {
		int status;
		int verdict;
	} cases[] = {
		{ 33 << 8, VERDICT_PASS }, { 35 << 8, VERDICT_FAIL }, { 0, VERDICT_FAIL }, { 1 << 8, VERDICT_FAIL },
		{ 11, VERDICT_FAIL }, { 33, VERDICT_FAIL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct situation s;

		set_up(&s);
		s.result.verdict.verdict = VERDICT_NONE;
		s.console.end = CONSOLE_EXIT;
		s.console.status = cases[i].status;
		judge(&s.run, &s.result, &s.console);
		assert_int_equal(s.result.verdict.verdict, cases[i].verdict);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_asked_for_passes),
	cmocka_unit_test(build_id_counts),
	cmocka_unit_test(rom_counts),
	cmocka_unit_test(a_failure_keeps_its_reason),
	cmocka_unit_test(no_verdict_fails),
	cmocka_unit_test(the_exit_port_counts),
};

TESTS_MAIN(tests)
