// SPDX-License-Identifier: MIT
/* Console lines: which ones count, and that none does by accident. */
#include "unit.h"

#include "run.h"

static struct verdict none(void)
{
	return (struct verdict){ .seconds = -1 };
}

static void reads_a_whole_run(void **state)
{
	struct verdict v = none();

	(void)state;
	verdict_line(&v, "[    0.123456] VMI-BUILD-ID: 0123456789ABCDEF0123456789abcdef01234567", NULL);
	verdict_line(&v, "VMI-ROM: native 00ff", NULL);
	verdict_line(&v, "VMI-SECONDS: 1.250", NULL);
	assert_int_equal(v.verdict, VERDICT_NONE);
	verdict_line(&v, "VMI-VERDICT: pass", NULL);
	assert_string_equal(v.build_id, "0123456789abcdef0123456789abcdef01234567");
	assert_string_equal(v.rom_name, "native");
	assert_string_equal(v.rom_sha256, "00ff");
	assert_true(v.seconds == 1.25);
	assert_int_equal(v.verdict, VERDICT_PASS);
}

static void reads_no_rom(void **state)
{
	struct verdict v = none();

	(void)state;
	verdict_line(&v, "VMI-ROM: none -", NULL);
	assert_string_equal(v.rom_name, "none");
	assert_string_equal(v.rom_sha256, "");
}

static void only_pass_passes(void **state)
{
	static const char *const lines[] = {
		"VMI-VERDICT: fail", "VMI-VERDICT: fail no timer", "VMI-VERDICT: passed", "VMI-VERDICT: pass?",
		"VMI-VERDICT: ", "VMI-VERDICT: PASS", "VMI-VERDICT: pass fail", "VMI-VERDICT: failpass",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct verdict v = none();

		verdict_line(&v, lines[i], NULL);
		assert_int_equal(v.verdict, VERDICT_FAIL);
		assert_true(v.reason[0]);
	}
}

static void ignores_lookalikes(void **state)
{
	static const char *const lines[] = {
		"", "VMI-VERDICT", "Kernel command line: VMI-VERDICT: pass", "echo VMI-VERDICT: pass",
		"VMI-VERDICT:pass", "[VMI-VERDICT: pass", "x] VMI-VERDICT: pass",
	};
	struct verdict v = none();

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		verdict_line(&v, lines[i], NULL);
	assert_int_equal(v.verdict, VERDICT_NONE);
	assert_string_equal(v.death, "");
}

static void refuses_long_and_odd_hashes(void **state)
{
	struct verdict v = none();
	char line[512] = "VMI-BUILD-ID: ";

	(void)state;
	memset(line + 14, 'a', 300);
	verdict_line(&v, line, NULL);
	assert_string_equal(v.build_id, "");
	verdict_line(&v, "VMI-BUILD-ID: 12xy", NULL);
	assert_string_equal(v.build_id, "");
}

static void sees_death(void **state)
{
	struct verdict v = none();

	(void)state;
	verdict_line(&v, "[    1.0] Kernel panic - not syncing: no init", NULL);
	assert_string_equal(v.death, "Kernel panic - not syncing: no init");
	v = none();
	verdict_line(&v, "(XEN) Hardware Dom0 crashed: rebooting", "Hardware Dom0 ");
	assert_true(v.death[0]);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(reads_a_whole_run),
	cmocka_unit_test(reads_no_rom),
	cmocka_unit_test(only_pass_passes),
	cmocka_unit_test(ignores_lookalikes),
	cmocka_unit_test(refuses_long_and_odd_hashes),
	cmocka_unit_test(sees_death),
};

TESTS_MAIN(tests)
