// SPDX-License-Identifier: MIT
/* The configuration: what is taken, and the sentence for everything else. And features, which it names. */
#include "host.h"
#include "config/config.h"
#include "domain/features.h"

#define GOOD	"abi v2\n# a comment\n\ndomain one\n\tmode pvh\n\tmemory 64\n\tkernel tiny\n\trom r.rom\n"

static struct config config;
static struct why why;

static int parse(const char *text)
{
	/* exactly as long as it is, so that a byte too many is seen */
	size_t bytes = strlen(text);
	char *copy = malloc(bytes ? bytes : 1);
	int err;

	memcpy(copy, text, bytes);
	err = config_parse(&config, copy, bytes, &why);
	free(copy);
	return err;
}

static void test_good(void **state)
{
	(void)state;
	assert_int_equal(parse(GOOD "\tcmdline a b  c \r\n\tvcpus 2\ndomain two\nmode pvh\nmemory 4\nkernel k\nrom r"), 0);
	assert_int_equal(config.abi, 2);
	assert_int_equal(config.domain_count, 2);
	assert_string_equal(config.domains[0].name, "one");
	assert_string_equal(config.domains[0].cmdline, "a b  c");
	assert_int_equal(config.domains[0].vcpus, 2);
	assert_int_equal(config.domains[1].memory, 4);
	assert_int_equal(config.domains[1].vcpus, 1);
	assert_true(config.domains[1].features & VMI_FEAT_HW_CONTAINER);
}

static void test_bad(void **state)
{
	static const struct { const char *text, *sentence; } cases[] = {
		{ "", "configuration: there is no line `abi'" },
		{ "abi v1\n", "configuration: there is no domain in it" },
		{ "abi v3\n", "configuration, line 1: `abi' is v1 or v2" },
		{ "\n\nabbi v1\n", "configuration, line 3: `abbi' is not a word of this language" },
		{ "abi v1\nmemory 4\n", "configuration, line 2: `memory' is said of a domain, and there is none yet" },
		{ GOOD "memory 3", "configuration, line 9: `memory' wants a number from 4 to 16384" },
		{ GOOD "memory 0x40", "configuration, line 9: `memory' wants a number from 4 to 16384" },
		{ GOOD "memory 99999999999999999999", "configuration, line 9: `memory' wants a number from 4 to 16384" },
		{ GOOD "vcpus 9", "configuration, line 9: `vcpus' wants a number from 1 to 8" },
		{ GOOD "vcpus", "configuration, line 9: `vcpus' wants a number from 1 to 8" },
		{ GOOD "mode pvhh", "configuration, line 9: there is no mode `pvhh'" },
		{ GOOD "kernel a b", "configuration, line 9: `kernel' wants a name without spaces" },
		{ GOOD "rom 0123456789012345678901234567890123456789",
		  "configuration, line 9: `rom' wants 1 to 31 bytes" },
		{ GOOD "domain one", "configuration, line 9: there is a domain `one' already" },
		{ GOOD "domain two", "configuration, domain `two': it lacks its kernel" },
		{ GOOD "domain two\nkernel k\nrom r\nmemory 8", "configuration, domain `two': it lacks its mode" },
		{ "console plain\n" GOOD "domain two\nkernel k\nrom r\nmemory 8\nmode pvh",
		  "configuration: a plain console is for one domain" },
		{ GOOD "console fancy", "configuration, line 9: `console' is plain or marked" },
		{ "domain 1\ndomain 2\ndomain 3\ndomain 4\ndomain 5\ndomain 6\ndomain 7\ndomain 8\ndomain 9",
		  "configuration, line 9: more than 8 domains" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse(cases[i].text), -1);
		assert_string_equal(why.text, cases[i].sentence);
	}
	assert_int_equal(config_parse(&config, "abi v1\0\n", 8, &why), -1);
	assert_string_equal(why.text, "configuration, line 1: a byte that is no text");
}

static void test_noise(void **state)
{
	u32 seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[] = GOOD;

		for (u32 n = 1 + host_random(&seed) % 4; n; n--)
			text[host_random(&seed) % (sizeof(text) - 1)] = host_random(&seed);
		why.text[0] = 0;
		if (config_parse(&config, text, sizeof(text) - 1, &why))
			assert_int_not_equal(why.text[0], 0);
		else
			assert_in_range(config.domain_count, 1, MAX_DOMAINS);
	}
}

static void test_features(void **state)
{
	static const struct { const char *mode; bool built; } modes[] = {
		{ "fv", false }, { "fvd", false }, { "fvi", false }, { "pvh", true }, { "pvc", false }, { "pv", true },
	};
	u32 accepted = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		why.text[0] = 0;
		assert_int_equal(features_check(feature_set_named(modes[i].mode)->features, &why), modes[i].built ? 0 : -1);
		assert_true(modes[i].built || strstr(why.text, "not built"));
	}
	for (u32 features = 0; features < 1u << 14; features++)
		accepted += !features_check(features, &why);
	assert_int_equal(accepted, 2);		/* as many as are built */
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_good), cmocka_unit_test(test_bad), cmocka_unit_test(test_noise),
	cmocka_unit_test(test_features),
};

TESTS_MAIN(tests)
