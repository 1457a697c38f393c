// SPDX-License-Identifier: MIT
/* A ROM is asked whether a described host is its own, and whatever its detect() does, it can do nothing. */
#include <unistd.h>

#include <vmi/loader.h>

#include "unit.h"

#include "image.h"
#include "probe.h"

static struct probe probe_of(const char *cpuid, uint16_t cs)
{
	struct probe probe = { .kernel_cs = cs };
	char *text = xprintf("%s", cpuid);
	struct why why = { "" };

	assert_int_equal(cpuid_parse(&probe.cpuid, text, &why), 0);
	free(text);
	return probe;
}

static uint32_t bid_of(const char *name, const char *cpuid, uint16_t cs)
{
	char *path = xprintf(BUILD "/%s.rom", name);
	struct blob rom = unit_read(path);
	struct probe probe = probe_of(cpuid, cs);
	struct why why = { "" };
	uint32_t bid;

	if (probe_bid(&probe, &rom, &bid, &why))
		fail_msg("%s: %s", name, why.text);
	facts_free(&probe.cpuid);
	blob_free(&rom);
	free(path);
	return bid;
}

#define VMIHV(abi)	"cpu 1 0: 0 0 80000000 0\ncpu 40000000 0: 40000001 68696d76 79742d76 312d6570\n" \
			"cpu 40000001 0: " abi " 1 1 f4240\n"

#define VMIHV_PV(abi)	"cpu 1 0: 0 0 0 0\nxen 1 0: 0 0 80000000 0\nxen 40000000 0: 40000001 68696d76 79742d76 312d6570\n" \
			"xen 40000001 0: " abi " 1 1 f4240\n"

static void roms_of_the_tree_know_their_hosts(void **state)
{
	(void)state;
	assert_true(bid_of("native", "", 0x10));
	assert_false(bid_of("native", "", 0xe033));
	assert_true(bid_of("xen-pv", "", 0xe033));
	assert_false(bid_of("xen-pv", "", 0x10));
	assert_true(bid_of("vmihv-v1", VMIHV("1"), 0x10));
	assert_false(bid_of("vmihv-v1", VMIHV("2"), 0x10));
	assert_true(bid_of("vmihv-v2", VMIHV("2"), 0x10));
	assert_false(bid_of("vmihv-v2", "cpu 1 0: 0 0 80000000 0\n", 0x10));
	assert_true(bid_of("vmihv-v1-pv", VMIHV_PV("1"), 0xfb3));
	assert_false(bid_of("vmihv-v1-pv", VMIHV_PV("2"), 0xfb3));
	assert_false(bid_of("vmihv-v1-pv", VMIHV_PV("1"), 0xe033));
	assert_false(bid_of("vmihv-v1-pv", VMIHV("1"), 0x10));
	assert_true(bid_of("vmihv-v2-pv", VMIHV_PV("2"), 0xfb3));
	assert_false(bid_of("template", VMIHV("1"), 0x10));
}

/* The native ROM with this code, behind the endbr64, for its detect(). */
static int ask(const uint8_t *code, size_t size, const char *cpuid, uint32_t *bid, struct why *why)
{
	struct blob rom = unit_read(BUILD "/native.rom");
	struct probe probe = probe_of(cpuid, 0x7755);
	const struct vmi_rom_header *h = image_header(&rom);
	int err;

	memcpy(rom.data + h->detect_offset + 4, code, size);
	image_seal(&rom);
	err = probe_bid(&probe, &rom, bid, why);
	facts_free(&probe.cpuid);
	blob_free(&rom);
	return err;
}

#define CODE(...)	(const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

static void it_sees_what_it_is_told(void **state)
{
	struct why why = { "" };
	uint32_t bid;

	(void)state;
	/* mov eax, 5; cpuid; ret */
	assert_int_equal(ask(CODE(0xb8, 5, 0, 0, 0, 0x0f, 0xa2, 0xc3), "cpu 5 0: 1234 0 0 0\n", &bid, &why), 0);
	assert_int_equal(bid, 0x1234);
	/* the same by Xen's prefix */
	assert_int_equal(ask(CODE(0xb8, 5, 0, 0, 0, 0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2, 0xc3),
			     "cpu 5 0: 1234 0 0 0\nxen 1 0: 0 0 0 0\nxen 5 0: 4321 0 0 0\n", &bid, &why), 0);
	assert_int_equal(bid, 0x4321);
	/* mov r9d, cs; mov eax, r9d; ret, and mov ax, cs with the rest of EAX kept */
	assert_int_equal(ask(CODE(0x41, 0x8c, 0xc9, 0x44, 0x89, 0xc8, 0xc3), "", &bid, &why), 0);
	assert_int_equal(bid, 0x7755);
	assert_int_equal(ask(CODE(0xb8, 1, 2, 3, 4, 0x66, 0x8c, 0xc8, 0xc3), "", &bid, &why), 0);
	assert_int_equal(bid, 0x04037755);
}

static void it_can_do_nothing_else(void **state)
{
	uint8_t kill_parent[] = { 0xb8, 62, 0, 0, 0, 0xbf, 0, 0, 0, 0, 0xbe, 9, 0, 0, 0, 0x0f, 0x05, 0xc3 };
	const struct {
		const char *sentence;
		const uint8_t *code;
		size_t size;
	} cases[] = {
		{ "makes a system call", kill_parent, sizeof(kill_parent) },
		{ "makes a system call", CODE(0x66, 0x0f, 0x05, 0xc3) },
		{ "does not end", CODE(0xeb, 0xfe) },
		{ "signal 4", CODE(0x0f, 0x0b) },
		{ "signal 4", CODE(0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2, 0xc3) },
		{ "signal 11", CODE(0xf4) },
		{ "signal 11", CODE(0x8b, 0x04, 0x25, 8, 0, 0, 0, 0xc3) },
		{ "signal 11", CODE(0x89, 0x05, 0, 0, 0, 0, 0xc3) },	/* it writes to text */
		{ "leaves its own code", CODE(0xe9, 0, 0, 0x10, 0) },
		{ "leaves its own code", CODE(0x54, 0xc3) },
	};
	uint32_t pid = getpid(), bid;

	(void)state;
	memcpy(kill_parent + 6, &pid, 4);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct why why = { "" };
		int err = ask(cases[i].code, cases[i].size, "", &bid, &why);

		if (!err || !strstr(why.text, cases[i].sentence))
			fail_msg("case %zu: said: %s", i, why.text);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(roms_of_the_tree_know_their_hosts),
	cmocka_unit_test(it_sees_what_it_is_told),
	cmocka_unit_test(it_can_do_nothing_else),
};

TESTS_MAIN(tests)
