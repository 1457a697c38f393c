// SPDX-License-Identifier: MIT
/* Which ROM `vmi select' picks, and what it says of the others; descriptions that it refuses. */
#include "unit.h"

#include "choose.h"
#include "image.h"
#include "kernel.h"

#define HOSTS	"tests/unit/hosts/"

#define PVH_FEATURES	(VMI_FEAT_HW_CONTAINER | VMI_FEAT_HCALL64 | VMI_FEAT_PAGING_ASSIST | VMI_FEAT_HVM_CPUID | \
			 VMI_FEAT_PV_IRQ_TIMER | VMI_FEAT_MCE_MSR | VMI_FEAT_PV_DEVICES)
#define FVI_FEATURES	(PVH_FEATURES | VMI_FEAT_HCALL32 | VMI_FEAT_IOREQ | VMI_FEAT_EMU_IRQCHIP | \
			 VMI_FEAT_EMU_TIMER | VMI_FEAT_EMU_PCI | VMI_FEAT_FIRMWARE)

enum { NATIVE, XEN_PV, PVH, FVI, COUNT };

/* Two ROMs of the tree, and two that differ from one of them in name and features only: every ring 0 is theirs. */
static void load(struct candidate *roms)
{
	static const struct {
		const char *from, *name;
		uint32_t features;
	} made[COUNT] = {
		{ "native", NULL, 0 }, { "xen-pv", NULL, 0 }, { "native", "some-pvh", PVH_FEATURES }, { "native", "some-fvi", FVI_FEATURES },
	};

	memset(roms, 0, COUNT * sizeof(*roms));
	for (int i = 0; i < COUNT; i++) {
		char *path = xprintf(BUILD "/%s.rom", made[i].from);

		roms[i].image = unit_read(path);
		free(path);
		if (!made[i].name)
			continue;
		struct vmi_rom_header *h = image_header(&roms[i].image);

		memset(h->backend_name, 0, sizeof(h->backend_name));
		strcpy(h->backend_name, made[i].name);
		h->features = made[i].features;
		image_seal(&roms[i].image);
	}
}

static struct candidate *pick(struct candidate *roms, const struct described *host, const struct vmi_note *kernel)
{
	load(roms);
	for (int i = 0; i < COUNT; i++)
		candidate_judge(&roms[i], host, kernel);
	return candidate_best(roms, COUNT);
}

static void unload(struct candidate *roms)
{
	for (int i = 0; i < COUNT; i++)
		blob_free(&roms[i].image);
}

static struct described describe(const char *json)
{
	json_t *o = json_loads(json, 0, NULL);
	struct described host;
	struct why why = { "" };

	if (described_parse(&host, o, &why))
		fail_msg("%s: %s", json, why.text);
	json_decref(o);
	return host;
}

static void expect(const struct described *host, const char *name)
{
	struct candidate roms[COUNT], *best = pick(roms, host, NULL);

	if (!best || strcmp(best->name, name))
		fail_msg("picked %s, expected %s", best ? best->name : "none", name);
	for (int i = 0; i < COUNT; i++)
		assert_true(*roms[i].why.text);
	unload(roms);
}

static void each_mode_gets_its_own(void **state)
{
	static const struct {
		const char *json, *rom;
	} hosts[] = {
		{ "{\"mode\": \"FV\"}", "native" },
		{ "{\"hypervisor\": \"Xen\", \"mode\": \"PV\"}", "xen-pv" },
		{ "{\"hypervisor\": \"Xen\", \"mode\": \"PVC\"}", "xen-pv" },
		{ "{\"hypervisor\": \"Xen\", \"mode\": \"pvh\"}", "some-pvh" },
		{ "{\"hypervisor\": \"KVM\", \"mode\": \"FVI\"}", "some-fvi" },
		{ "{\"hypervisor\": \"KVM\", \"imitates\": \"Xen\", \"mode\": \"FVI\"}", "some-fvi" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct described host = describe(hosts[i].json);

		print_message("# %s\n", hosts[i].json);
		expect(&host, hosts[i].rom);
		described_free(&host);
	}
}

static void recordings_get_theirs(void **state)
{
	static const char *const hosts[][2] = {
		{ "debian-native-pvh", "native" }, { "vmi-native-pvh", "native" }, { "debian-xen-pv-dom0", "xen-pv" },
		{ "vmi-xen-pv-domu", "xen-pv" }, { "debian-xen-pvh-domu", "some-pvh" }, { "debian-xen-pvshim", "xen-pv" }, { "firecracker", "some-fvi" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		char *folder = xprintf(HOSTS "%s", hosts[i][0]);
		struct described host;
		struct why why = { "" };

		print_message("# %s\n", hosts[i][0]);
		assert_int_equal(described_read(&host, folder, &why), 0);
		expect(&host, hosts[i][1]);
		described_free(&host);
		free(folder);
	}
}

static void the_others_learn_why(void **state)
{
	struct described host = describe("{\"hypervisor\": \"Xen\", \"mode\": \"PV\"}");
	struct candidate roms[COUNT], *best = pick(roms, &host, NULL);

	(void)state;
	assert_ptr_equal(best, &roms[XEN_PV]);
	assert_non_null(strstr(roms[XEN_PV].why.text, "vmi bundle"));
	assert_non_null(strstr(roms[NATIVE].why.text, "works by what this host does not have: hardware container"));
	unload(roms);
	described_free(&host);

	host = describe("{\"hypervisor\": \"KVM\", \"mode\": \"PV\"}");
	assert_null(pick(roms, &host, NULL));
	assert_non_null(strstr(roms[XEN_PV].why.text, "its notes are for Xen, and this host is KVM"));
	unload(roms);
	described_free(&host);

	host = describe("{\"mode\": \"PVH\"}");
	host.on &= ~VMI_FEAT_PV_IRQ_TIMER;
	assert_null(pick(roms, &host, NULL));
	assert_non_null(strstr(roms[NATIVE].why.text, "no interrupt controllers"));
	unload(roms);

	host = describe("{\"mode\": \"FVI\"}");
	pick(roms, &host, NULL);
	assert_non_null(strstr(roms[NATIVE].why.text, "some-fvi is nearer to this host"));
	unload(roms);
}

static void the_bid_counts_first(void **state)
{
	struct candidate roms[2] = {
		{ .name = "a", .fits = true, .bid = 1, .score = 9 }, { .name = "b", .fits = true, .bid = 2, .score = 3 },
	};

	(void)state;
	assert_ptr_equal(candidate_best(roms, 2), &roms[1]);
	assert_non_null(strstr(roms[0].why.text, "it bids 1 for this host, and b bids 2"));
}

static void two_that_fit_alike_go_by_name(void **state)
{
	struct candidate roms[2] = {
		{ .name = "a", .fits = true, .score = 3 }, { .name = "b", .fits = true, .score = 3 },
	};

	(void)state;
	assert_ptr_equal(candidate_best(roms, 2), &roms[0]);
	assert_non_null(strstr(roms[1].why.text, "a fits as well"));
}

static void the_kernel_counts(void **state)
{
	struct blob file = unit_read(BUILD "/tiny");
	struct described host = describe("{\"mode\": \"FV\"}");
	struct candidate roms[COUNT];
	struct kernel kernel;
	struct why why = { "" };

	(void)state;
	assert_int_equal(kernel_open(&kernel, &file, &why), 0);
	assert_ptr_equal(pick(roms, &host, &kernel.contract), &roms[NATIVE]);
	unload(roms);
	kernel.contract.refused_features = VMI_FEAT_HW_CONTAINER;
	assert_null(pick(roms, &host, &kernel.contract));
	assert_non_null(strstr(roms[NATIVE].why.text, "features that this kernel refuses"));
	unload(roms);
	kernel_close(&kernel);
	blob_free(&file);
}

static void damaged_roms_are_not_picked(void **state)
{
	struct described host = describe("{\"mode\": \"FV\"}");
	struct blob good = unit_read(BUILD "/native.rom");
	uint32_t random = 7;

	(void)state;
	for (int i = 0; i < 500; i++) {
		struct candidate rom = { .image = unit_copy(&good, good.size) };

		unit_damage(&rom.image, &random);
		if (!memcmp(rom.image.data, good.data, good.size)) {
			blob_free(&rom.image);
			continue;
		}
		candidate_judge(&rom, &host, NULL);
		assert_false(rom.fits);
		blob_free(&rom.image);
	}
	blob_free(&good);
}

static void bad_descriptions_are_refused(void **state)
{
	static const struct {
		const char *json, *sentence;
	} bad[] = {
		{ "[]", "expected one JSON object" },
		{ "{}", "field `mode': expected FV" },
		{ "{\"mode\": 3}", "field `mode': expected FV" },
		{ "{\"hypervisor\": 3, \"mode\": \"PV\"}", "field `hypervisor': expected a text" },
		{ "{\"features\": {}}", "field `features': expected a list" },
		{ "{\"features\": [1]}", "row 1: expected the name of a feature" },
		{ "{\"features\": [{\"feature\": \"PV\"}]}", "row 1: expected the name of a feature" },
		{ "{\"features\": [{\"feature\": \"PV_MMU\", \"here\": \"maybe\"}]}", "PV_MMU: expected \"yes\", \"no\" or null" },
		{ "{\"mode\": \"PV\", \"cpuid\": 1}", "field `cpuid': expected a list of lines" },
		{ "{\"mode\": \"PV\", \"cpuid\": [1]}", "cpuid, line 1: expected" },
		{ "{\"hypervisor\": \"0123456789012345678901234567890123456789012345678\"}", "expected at most 47 bytes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *o = json_loads(bad[i].json, 0, NULL);
		struct described host;
		struct why why = { "" };

		assert_int_equal(described_parse(&host, o, &why), -1);
		if (!strstr(why.text, bad[i].sentence))
			fail_msg("%s: said: %s", bad[i].json, why.text);
		described_free(&host);
		json_decref(o);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(each_mode_gets_its_own),
	cmocka_unit_test(recordings_get_theirs),
	cmocka_unit_test(the_others_learn_why),
	cmocka_unit_test(the_bid_counts_first),
	cmocka_unit_test(two_that_fit_alike_go_by_name),
	cmocka_unit_test(the_kernel_counts),
	cmocka_unit_test(damaged_roms_are_not_picked),
	cmocka_unit_test(bad_descriptions_are_refused),
};

TESTS_MAIN(tests)
