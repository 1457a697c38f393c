// SPDX-License-Identifier: MIT
/* Descriptions of domains: what is written for each form, and that every bad one is refused in a sentence. */
#include "unit.h"

#include "domain.h"

static char *write_as(const struct domain_writer *to, const char *mode, const char *json, struct why *why)
{
	json_t *o = json_loads(json, 0, NULL);
	struct domain domain;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!o)
		fail_msg("not JSON: %s", json);
	err = domain_read(&domain, o, to->hypervisor, mode, why) || to->write(&domain, out, why);
	fclose(out);
	json_decref(o);
	if (err) {
		free(text);
		text = NULL;
	}
	return text;
}

static void has(const struct domain_writer *to, const char *mode, const char *json, const char *part)
{
	struct why why = { "" };
	char *text = write_as(to, mode, json, &why);

	if (!text)
		fail_msg("%s: refused: %s", json, why.text);
	if (!strstr(text, part))
		fail_msg("%s\ndoes not have: %s", text, part);
	free(text);
}

static void refused(const struct domain_writer *to, const char *mode, const char *json, const char *sentence)
{
	struct why why = { "" };
	char *text = write_as(to, mode, json, &why);

	if (text)
		fail_msg("%s: taken", json);
	if (!strstr(why.text, sentence))
		fail_msg("%s: said: %s", json, why.text);
}

#define GUEST(more)	"{\"name\": \"g\", \"kernel\": \"/k\"" more "}"

static void each_mode_in_each_form(void **state)
{
	static const struct {
		const struct domain_writer *to;
		const char *hypervisor, *mode, *part;
	} forms[] = {
		{ &domain_xl, NULL, "PV", "type = \"pv\"\nvcpus = 1\n" },
		{ &domain_xl, NULL, "PVH", "type = \"pvh\"\nvcpus = 1\n" },
		{ &domain_xl, NULL, "PVC", "type = \"pvh\"\npvshim = 1\n" },
		{ &domain_xl, NULL, "FV", "type = \"hvm\"\n" },
		{ &domain_libvirt, NULL, "PV", "machine='xenpv'>linux<" },
		{ &domain_libvirt, NULL, "PVH", "machine='xenpvh'>xenpvh<" },
		{ &domain_libvirt, NULL, "FV", "machine='xenfv'>hvm<" },
		{ &domain_libvirt, "KVM", "FV", "<domain type='kvm'>" },
		{ &domain_libvirt, "QEMU", "FV", "<domain type='qemu'>" },
		{ &domain_qemu, NULL, "FV", "-machine q35 \\\n\t-accel kvm" },
		{ &domain_qemu, NULL, "pvh", "-machine microvm,pit=off,pic=off,rtc=off" },
		{ &domain_qemu, "QEMU", "FV", "-accel tcg" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char *json = xprintf("{\"name\": \"g\", \"kernel\": \"/k\", \"mode\": \"%s\"%s%s%s}", forms[i].mode,
				     forms[i].hypervisor ? ", \"hypervisor\": \"" : "",
				     forms[i].hypervisor ? forms[i].hypervisor : "", forms[i].hypervisor ? "\"" : "");

		has(forms[i].to, NULL, json, forms[i].part);
		has(forms[i].to, forms[i].mode, json, "/k");
		free(json);
	}
	refused(&domain_qemu, NULL, GUEST(", \"mode\": \"PV\", \"hypervisor\": \"Xen\""), "qemu has no form for a PV domain of Xen");
	refused(&domain_libvirt, NULL, GUEST(", \"mode\": \"PVC\""), "libvirt has no form for a PVC domain of Xen");
	refused(&domain_xl, NULL, GUEST(", \"mode\": \"FV\", \"hypervisor\": \"KVM\""), "xl has no form for a FV domain of KVM");
}

static void one_guest_changes_its_mode(void **state)
{
	(void)state;
	has(&domain_xl, "PVH", GUEST(", \"mode\": \"PV\", \"memory\": 77"), "type = \"pvh\"\nvcpus = 1\nmemory = 77\n");
	has(&domain_xl, "PV", GUEST(""), "type = \"pv\"");
	refused(&domain_xl, "PV", GUEST(", \"mode\": \"FV\", \"disks\": [{\"file\": \"/d\"}]"),
		"field `disks': a PV domain has no device model");
}

static void texts_arrive_as_they_are(void **state)
{
	(void)state;
	has(&domain_xl, "PV", GUEST(", \"cmdline\": \"a \\\"b\\\" \\\\c 'd'\""), "cmdline = \"a \\\"b\\\" \\\\c 'd'\"\n");
	has(&domain_libvirt, "PV", GUEST(", \"cmdline\": \"<a> & \\\"b\\\" 'c'\""),
	    "<cmdline>&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos;</cmdline>");
	has(&domain_qemu, "FV", GUEST(", \"cmdline\": \"a 'b' $c\""), "-append 'a '\\''b'\\'' $c'");
	has(&domain_qemu, "FV", GUEST(", \"disks\": [{\"file\": \"/a,b\"}]"), "file=/a,,b");
	has(&domain_qemu, "FV", GUEST(", \"cmdline\": \"\\u00e4\""), "-append '\u00e4'");
}

static void fully_virtualized_ones_have_devices(void **state)
{
	static const char json[] = GUEST(", \"disks\": [{\"file\": \"/a\", \"readonly\": true}, {\"file\": \"/b\"}], "
		"\"nets\": [{\"bridge\": \"br0\", \"mac\": \"52:54:00:12:34:56\"}], \"pci\": [\"0000:01:00.0\"]");
	static const char *const xl[] = {
		"\"format=raw,vdev=hda,access=ro,target=/a\"", "\"format=raw,vdev=hdb,access=rw,target=/b\"",
		"\"type=ioemu,model=e1000,mac=52:54:00:12:34:56,bridge=br0\"", "pci = [\n  \"0000:01:00.0\",\n]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(xl) / sizeof(xl[0]); i++)
		has(&domain_xl, "FV", json, xl[i]);
	has(&domain_libvirt, "FV", json, "<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>");
	has(&domain_libvirt, "FV", json, "      <readonly/>\n");
	has(&domain_qemu, "FV", json, "-device vfio-pci,host=0000:01:00.0");
	has(&domain_xl, "FV", "{\"name\": \"g\", \"boot\": \"network\"}", "boot = \"n\"");
	has(&domain_libvirt, "FV", "{\"name\": \"g\", \"boot\": \"network\"}", "<boot dev='network'/>");
	has(&domain_xl, "FV", GUEST(", \"rom\": \"/r\""), "\"-option-rom\",\n  \"/r\",\n");
	has(&domain_libvirt, "FV", GUEST(", \"hypervisor\": \"KVM\", \"rom\": \"/r&\""), "<qemu:arg value='/r&amp;'/>");
	refused(&domain_libvirt, "FV", GUEST(", \"rom\": \"/r\""), "no way to give Xen's domains an option ROM");
}

static void bad_ones_are_refused(void **state)
{
	static const struct {
		const char *json, *sentence;
	} bad[] = {
		{ "[]", "expected one JSON object" },
		{ "{\"kernel\": \"/k\"}", "field `name': expected a text" },
		{ "{\"name\": \"\", \"kernel\": \"/k\"}", "field `name': expected a text" },
		{ "{\"name\": \"a b\", \"kernel\": \"/k\"}", "field `name': expected letters" },
		{ "{\"name\": \"g\"}", "field `kernel': expected a text" },
		{ "{\"name\": \"g\", \"kernel\": \"k\"}", "field `kernel': expected a path from /" },
		{ GUEST(", \"kernal\": 1"), "field `kernal': there is no such field" },
		{ GUEST(", \"cmdline\": \"a\\nb\""), "field `cmdline': expected a text of one line" },
		{ GUEST(", \"initrd\": 5"), "field `initrd': expected a text" },
		{ GUEST(", \"memory\": 0"), "field `memory': expected a number from 1" },
		{ GUEST(", \"memory\": \"1G\""), "field `memory': expected a number from 1" },
		{ GUEST(", \"vcpus\": 513"), "field `vcpus': expected a number from 1 to 512" },
		{ GUEST(", \"vcpus\": 1.5"), "field `vcpus': expected a number" },
		{ GUEST(", \"hypervisor\": \"Bochs\""), "Bochs FV cannot be made" },
		{ GUEST(", \"boot\": \"disk\""), "field `boot': expected \"kernel\" or \"network\"" },
		{ GUEST(", \"boot\": \"network\""), "field `kernel': expected none" },
		{ GUEST(", \"disks\": {}"), "field `disks': expected a list" },
		{ GUEST(", \"disks\": [{}]"), "field `file': expected a text" },
		{ GUEST(", \"disks\": [7]"), "field `file': expected a text" },
		{ GUEST(", \"disks\": [{\"file\": \"/d\", \"size\": 1}]"), "field `disks.size': there is no such field" },
		{ GUEST(", \"disks\": [{\"file\": \"/d\", \"readonly\": 1}]"), "`readonly': expected true or false" },
		{ GUEST(", \"nets\": [{\"bridge\": \"a,b\"}]"), "field `bridge': expected the name" },
		{ GUEST(", \"nets\": [{\"bridge\": \"b\", \"mac\": \"52:54:00:12:34\"}]"), "field `mac': expected six bytes" },
		{ GUEST(", \"nets\": [{\"bridge\": \"b\", \"mac\": \"52:54:00:12:34:5g\"}]"), "field `mac': expected six bytes" },
		{ GUEST(", \"pci\": [\"01:00.0\"]"), "field `pci': expected addresses" },
		{ GUEST(", \"pci\": [\"0000:01:00.x\"]"), "field `pci': expected addresses" },
		{ GUEST(", \"disks\": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]"), "expected a list of at most 16" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(&domain_xl, "FV", bad[i].json, bad[i].sentence);
	refused(&domain_xl, NULL, GUEST(""), "field `mode': expected a text");
	refused(&domain_xl, "FVX", GUEST(""), "Xen FVX cannot be made");
	refused(&domain_xl, "PVH", "{\"name\": \"g\", \"boot\": \"network\"}", "a PVH domain has no firmware");
	refused(&domain_xl, "PV", GUEST(", \"rom\": \"/r\""), "place it in the kernel with `vmi bundle'");
	refused(&domain_xl, "PVH", GUEST(", \"pci\": [\"0000:01:00.0\"]"), "a PVH domain has no emulated PCI");
}

static int check(const char *kernel, const char *mode, struct why *why)
{
	json_t *o = json_pack("{ss ss}", "name", "g", "kernel", kernel);
	struct domain domain;
	int err = domain_read(&domain, o, "Xen", mode, why) || domain_check_kernel(&domain, why);

	json_decref(o);
	return err;
}

static void the_kernel_must_carry_the_right_rom(void **state)
{
	char *tiny = realpath(BUILD "/tiny", NULL), *rom = realpath(BUILD "/tests/unit/domain_test", NULL);
	struct why why = { "" };

	(void)state;
	assert_int_equal(check(tiny, "FV", &why), 0);
	assert_int_equal(check("/not/here", "PV", &why), 0);
	assert_int_equal(check(rom, "PV", &why), 0);	/* an ELF file that says nothing of VMI */
	assert_int_not_equal(check(tiny, "PV", &why), 0);
	assert_non_null(strstr(why.text, "field `kernel': expected a bundle: there is no ROM in it"));
	free(tiny);
	free(rom);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(each_mode_in_each_form),
	cmocka_unit_test(one_guest_changes_its_mode),
	cmocka_unit_test(texts_arrive_as_they_are),
	cmocka_unit_test(fully_virtualized_ones_have_devices),
	cmocka_unit_test(bad_ones_are_refused),
	cmocka_unit_test(the_kernel_must_carry_the_right_rom),
};

TESTS_MAIN(tests)
