// SPDX-License-Identifier: MIT
/* What `vmi detect' concludes: from recordings of real hosts (hosts/), and from made-up ones. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include <vmi/call.h>

#include "host.h"

#define HOSTS	"tests/unit/hosts/"

static json_t *conclude(const struct facts *facts)
{
	struct facts_host host;
	json_t *o;

	host_conclude(&host, facts);
	o = host_json(&host);
	host_free(&host);
	return o;
}

static json_t *conclude_recording(const char *folder)
{
	struct facts facts = { 0 };
	struct why why = { "" };
	json_t *o;

	if (facts_read(&facts, folder, &why))
		fail_msg("%s: %s", folder, why.text);
	o = conclude(&facts);
	facts_free(&facts);
	return o;
}

static void expect(const json_t *o, const char *key, const char *value)
{
	const char *is = json_string_value(json_object_get(o, key));

	if (!value ? is != NULL : !is || strcmp(is, value))
		fail_msg("%s is %s, expected %s", key, is ? is : "null", value ? value : "null");
}

static const char *here(const json_t *o, const char *feature)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(o, "features"), i, row)
		if (!strcmp(json_string_value(json_object_get(row, "feature")), feature))
			return json_string_value(json_object_get(row, "here"));
	fail_msg("no feature %s", feature);
	return NULL;
}

static void recordings(void **state)
{
	static const struct {
		const char *name, *hypervisor, *version, *below, *mode, *shim;
	} hosts[] = {
		{ "debian-native-pvh", "QEMU's emulator (TCG)", NULL, NULL, "FV", "none" },
		{ "vmi-native-pvh", "QEMU's emulator (TCG)", NULL, NULL, "FV", "native" },
		{ "debian-xen-pv-dom0", "Xen", "4.17.7", "QEMU's emulator (TCG)", "PV", "none" },
		{ "vmi-xen-pv-dom0", "Xen", "4.17", "QEMU's emulator (TCG)", "PV", "xen-pv" },
		{ "debian-xen-pv-domu", "Xen", "4.17.7", "QEMU's emulator (TCG)", "PV", "none" },
		{ "vmi-xen-pv-domu", "Xen", "4.17", "QEMU's emulator (TCG)", "PV", "xen-pv" },
		{ "debian-xen-pvh-domu", "Xen", "4.17.7", NULL, "PVH", "none" },
		{ "debian-xen-pvshim", "Xen", "4.17.7", "Xen", "PVC", "none" },
		{ "vmi-xen-pvshim", "Xen", "4.17", "Xen", "PVC", "xen-pv" },
		{ "debian-xen-4.14", "Xen", "4.14.6", "QEMU's emulator (TCG)", "PV", "none" },
		{ "debian-xen-4.20", "Xen", "4.20.5-pre", "QEMU's emulator (TCG)", "PV", "none" },
		{ "debian-virtio", "QEMU's emulator (TCG)", NULL, NULL, "FVD", "none" },
		{ "firecracker", "KVM", NULL, NULL, "FVI", "none" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		char *folder = xprintf(HOSTS "%s", hosts[i].name);
		json_t *o = conclude_recording(folder);

		print_message("# %s\n", hosts[i].name);
		expect(o, "hypervisor", hosts[i].hypervisor);
		expect(o, "version", hosts[i].version);
		expect(o, "below", hosts[i].below);
		expect(o, "mode", hosts[i].mode);
		expect(o, "shim", hosts[i].shim);
		expect(o, "contradiction", NULL);
		json_decref(o);
		free(folder);
	}
}

static void every_finding_has_evidence(void **state)
{
	json_t *o = conclude_recording(HOSTS "debian-xen-pvh-domu"), *row;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(o, "features"), i, row)
		assert_true(json_string_length(json_object_get(row, "evidence")) > 0);
	json_array_foreach(json_object_get(o, "evidence"), i, row)
		assert_true(json_string_length(json_object_get(row, "evidence")) > 0);
	assert_int_equal(json_array_size(json_object_get(o, "features")), FEATURE_COUNT);
	json_decref(o);
}

/* The CPUID lines of hosts that no recording is of. */
#define CPU	"cpu 1 0: 0 0 80000000 1f8bfbff\n"
#define BARE	"cpu 1 0: 0 0 0 1f8bfbff\n"
#define XEN(how, base, ecx2, eax4) \
	how " " base "00 0: " base "05 566e6558 65584d4d 4d4d566e\n" how " " base "01 0: 00040014 0 0 0\n" \
	how " " base "02 0: 1 40000000 " ecx2 " 0\n" how " " base "04 0: " eax4 " 0 0 0\n"
#define KVM(base, features) \
	"cpu " base "00 0: " base "01 4b4d564b 564b4d56 4d\ncpu " base "01 0: " features " 0 0 0\n"
#define HYPERV	"cpu 40000000 0: 40000005 7263694d 666f736f 76482074\ncpu 40000002 0: 4f7c a0000 0 0\n" \
	"cpu 40000003 0: ffff 0 0 0\n"

struct made_up {
	const char *title, *cpuid;
	struct { const char *path, *text; } files[4];
	const char *hypervisor, *imitates, *below, *mode;
};

static const struct made_up made_up[] = {
	{ "bare hardware", BARE, { { "/sys/class/dmi/id/bios_vendor", "Somebody" }, { "/sys/bus/pci/devices/a/vendor", "0x8086" } },
	  "none", NULL, NULL, "FV" },
	{ "a hypervisor that hides", BARE, { { "/sys/class/dmi/id/sys_vendor", "QEMU" }, { "/sys/class/dmi/id/bios_vendor", "SeaBIOS" } },
	  "hidden", NULL, NULL, "FV" },
	{ "KVM that imitates Xen", CPU XEN("cpu", "400000", "0", "8") KVM("400001", "7efb"),
	  { { "/sys/bus/virtio/devices/virtio0", "" }, { "/sys/class/dmi/id/bios_vendor", "SeaBIOS" } },
	  "KVM", "Xen", NULL, "FVI" },
	{ "KVM that imitates Hyper-V", CPU HYPERV KVM("400001", "7efb"), { { 0 } }, "KVM", "Hyper-V", NULL, "FVI" },
	{ "KVM with its features off", CPU KVM("400000", "0"), { { "/sys/bus/pci", "" }, { "/sys/class/dmi/id/bios_vendor", "SeaBIOS" } },
	  "KVM", NULL, NULL, "FV" },
	{ "the same with virtio", CPU KVM("400000", "0"), { { "/sys/bus/virtio/devices/virtio0", "" } },
	  "KVM", NULL, NULL, "FVD" },
	{ "Hyper-V", CPU HYPERV, { { "/sys/bus/pci/devices/a/vendor", "0x8086\n" }, { "/sys/bus/pci/devices/a/device", "0x7192\n" } },
	  "Hyper-V", NULL, NULL, "FVI" },
	{ "Hyper-V, second generation", CPU HYPERV, { { "/sys/firmware/efi", "" } }, "Hyper-V", NULL, NULL, "PVH" },
	{ "Xen HVM that imitates Hyper-V", CPU HYPERV XEN("cpu", "400001", "0", "8"),
	  { { "/sys/class/dmi/id/product_name", "HVM domU\n" }, { "/sys/class/dmi/id/bios_vendor", "Xen\n" } },
	  "Xen", "Hyper-V", NULL, "FVI" },
	{ "Xen PVH", CPU XEN("cpu", "400000", "0", "8"), { { 0 } }, "Xen", NULL, NULL, "PVH" },
	{ "Xen PV where CPUID traps", CPU XEN("cpu", "400000", "1", "0") XEN("xen", "400000", "1", "0"), { { 0 } },
	  "Xen", NULL, NULL, "PV" },
	{ "the same, and no prefix", CPU XEN("cpu", "400000", "1", "0"), { { 0 } }, "Xen", NULL, NULL, "PV" },
	{ "Xen PV in a container of Xen", CPU XEN("cpu", "400000", "0", "8") XEN("xen", "400000", "1", "0"), { { 0 } },
	  "Xen", NULL, "Xen", "PVC" },
	{ "Xen PV on KVM", CPU KVM("400000", "7efb") XEN("xen", "400000", "1", "0"), { { 0 } }, "Xen", NULL, "KVM", "PV" },
	{ "Xen PV on hardware", BARE XEN("xen", "400000", "1", "0"), { { 0 } }, "Xen", NULL, NULL, "PV" },
	{ "a container that may use the prefix", CPU XEN("cpu", "400000", "0", "8") XEN("xen", "400000", "0", "8"), { { 0 } },
	  "Xen", NULL, NULL, "PVH" },
	{ "vmihv", CPU "cpu 40000000 0: 40000001 68696d76 79742d76 312d6570\ncpu 40000001 0: 1 1 1 f4240\n", { { 0 } },
	  "vmihv", NULL, NULL, "PVH" },
	{ "an unknown hypervisor with a shim", CPU "cpu 40000000 0: 40000000 31313131 32323232 33333333\n",
	  { { "/sys/kernel/vmi/features", "0x1213\n" } }, "111122223333", NULL, NULL, "PVC" },
	{ "a PV domain of one that never answers", BARE, { { "/sys/kernel/vmi/features", "0x1212\n" } }, "hidden", NULL, NULL, "PV" },
};

static void set_up(struct facts *facts, const struct made_up *m)
{
	char *text = xprintf("%s", m->cpuid);
	struct why why = { "" };

	*facts = (struct facts){ .list = xcalloc(4, sizeof(*facts->list)) };
	for (; facts->count < 4 && m->files[facts->count].path; facts->count++) {
		struct fact *f = &facts->list[facts->count];

		f->path = xprintf("%s", m->files[facts->count].path);
		f->bytes.data = (uint8_t *)xprintf("%s", m->files[facts->count].text);
		f->bytes.size = strlen((char *)f->bytes.data);
	}
	assert_int_equal(cpuid_parse(facts, text, &why), 0);
	free(text);
}

static void made_up_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(made_up) / sizeof(made_up[0]); i++) {
		struct facts facts;
		json_t *o;

		print_message("# %s\n", made_up[i].title);
		set_up(&facts, &made_up[i]);
		o = conclude(&facts);
		expect(o, "hypervisor", made_up[i].hypervisor);
		expect(o, "imitates", made_up[i].imitates);
		expect(o, "below", made_up[i].below);
		expect(o, "mode", made_up[i].mode);
		json_decref(o);
		facts_free(&facts);
	}
}

static void what_cannot_be_seen_is_unknown(void **state)
{
	struct facts facts = { 0 };
	json_t *o;

	(void)state;
	set_up(&facts, &(struct made_up){ .cpuid = CPU KVM("400000", "7efb") });
	o = conclude(&facts);
	assert_null(here(o, "EMU_PCI"));
	assert_null(here(o, "EMU_TIMER"));
	assert_null(here(o, "FIRMWARE"));
	assert_null(here(o, "PV_DEVICES"));
	assert_string_equal(here(o, "PV_IRQ_TIMER"), "yes");
	json_decref(o);
	facts_free(&facts);
}

static void what_a_host_says_is_made_printable(void **state)
{
	struct facts facts;
	json_t *o;
	char *text;

	(void)state;
	set_up(&facts, &(struct made_up){ .cpuid = CPU "cpu 40000000 0: 0 ffffff01 80 7f\n", .files = {
		{ "/sys/class/dmi/id/bios_vendor", "\377\1 \033[31m" }, { "/sys/kernel/vmi/rom", "a\nb\200" },
		{ "/sys/hypervisor/type", "\303\050" } } });
	o = conclude(&facts);
	expect(o, "shim", "a?b?");
	text = json_dumps(o, 0);
	assert_non_null(text);
	free(text);
	json_decref(o);
	facts_free(&facts);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void a_recording_says_the_same_again(void **state)
{
	char folder[] = "/tmp/vmi-record.XXXXXX";
	char *copy = mkdtemp(folder) ? xprintf("%s/copy", folder) : NULL;
	json_t *before = conclude_recording(HOSTS "debian-xen-pv-dom0"), *after;
	struct facts facts = { 0 };
	struct why why = { "" };

	(void)state;
	assert_int_equal(facts_read(&facts, HOSTS "debian-xen-pv-dom0", &why), 0);
	facts.list[0].error = xprintf("Permission denied");
	json_decref(before);
	before = conclude(&facts);
	assert_int_equal(facts_write(&facts, copy, &why), 0);
	assert_int_equal(facts_write(&facts, copy, &why), -1);	/* it is there already */
	after = conclude_recording(copy);
	assert_true(json_equal(before, after));
	assert_int_equal(json_array_size(json_object_get(after, "unread")), 1);
	json_decref(before);
	json_decref(after);
	facts_free(&facts);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(copy);
}

static void a_bad_recording_is_refused(void **state)
{
	static const char *const bad[] = {
		"cpu 1 0: 1 2 3\n", "vax 1 0: 1 2 3 4\n", "cpu 1 0: 1 2 3 4 5\n", "cpu 1 0 1 2 3 4\n", "nonsense",
	};
	struct facts facts = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *text = xprintf("%s", bad[i]);
		struct why why = { "" };

		assert_int_equal(cpuid_parse(&facts, text, &why), -1);
		assert_non_null(strstr(why.text, "cpuid, line 1: expected"));
		free(text);
	}
	assert_int_equal(facts_read(&facts, "/nowhere", &(struct why){ "" }), -1);
	facts_free(&facts);
}

/* Attributes, option attributes, length; "Net"; a device path through a network card, or a disk. */
#define OPTION(kind) "\7\0\0\0\1\0\0\0\0\0N\0e\0t\0\0\0\3" kind "\4\0\x7f\xff\4\0"

static void uefi_says_what_it_boots(void **state)
{
	char path[] = "/sys/firmware/efi/efivars/Boot0001-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	uint8_t option[] = OPTION("\x0b");
	struct fact list[2] = {
		{ .path = (char *)"/sys/firmware/efi" },
		{ .path = path, .bytes = { option, sizeof(option) - 1 } },
	};
	struct facts facts = { list, 2, NULL, 0 };
	struct seen s = firmware_network_boot(&facts);
	uint32_t random = 1;

	(void)state;
	assert_int_equal(s.is, YES);
	free(s.because);
	option[19] = 1;
	s = firmware_network_boot(&facts);
	assert_int_equal(s.is, NO);
	free(s.because);
	for (int i = 0; i < 2000; i++) {
		struct blob damaged = blob_new(sizeof(option) - 1);

		memcpy(damaged.data, option, damaged.size);
		unit_damage(&damaged, &random);
		damaged.size = unit_random(&random) % (damaged.size + 1);
		list[1].bytes = damaged;
		s = firmware_network_boot(&facts);
		free(s.because);
		blob_free(&damaged);
	}
}

static void modes_keep_their_own_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < mode_count; i++) {
		uint32_t differs = 1;

		assert_null(constraint_broken(~0u, modes[i].features));
		assert_ptr_equal(mode_closest(~0u, modes[i].features, &differs), &modes[i]);
		assert_int_equal(differs, 0);
		assert_ptr_equal(mode_named(modes[i].name), &modes[i]);
	}
	for (size_t i = 0; i < constraint_count; i++)
		assert_non_null(constraint_broken(~0u, constraints[i].on | constraints[i].excludes));
	assert_non_null(constraint_broken(~0u, mode_named("PVC")->features | VMI_FEAT_PAGING_ASSIST));
	assert_null(mode_named("PVX"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(recordings),
	cmocka_unit_test(every_finding_has_evidence),
	cmocka_unit_test(made_up_hosts),
	cmocka_unit_test(what_cannot_be_seen_is_unknown),
	cmocka_unit_test(what_a_host_says_is_made_printable),
	cmocka_unit_test(a_recording_says_the_same_again),
	cmocka_unit_test(a_bad_recording_is_refused),
	cmocka_unit_test(uefi_says_what_it_boots),
	cmocka_unit_test(modes_keep_their_own_rules),
};

TESTS_MAIN(tests)
