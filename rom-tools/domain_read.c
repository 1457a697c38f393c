// SPDX-License-Identifier: MIT
/* Reads a description of a domain. Every refusal names the field and what it should be. */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include <vmi/call.h>
#include <vmi/loader.h>

#include "choose.h"
#include "domain.h"
#include "kernel.h"

#define MEMORY_MOST	(16u << 20)	/* MiB */
#define VCPUS_MOST	512u

static const struct domain_kind kinds[] = {
	{ "Xen", "PV", .xl = "pv", .virt = "xen", .os = "linux", .machine = "xenpv" },
	{ "Xen", "PVH", .xl = "pvh", .virt = "xen", .os = "xenpvh", .machine = "xenpvh" },
	{ "Xen", "PVC", .xl = "pvh", .xl_more = "pvshim = 1\n" },
	{ "Xen", "FV", .xl = "hvm", .virt = "xen", .os = "hvm", .machine = "xenfv" },
	{ "KVM", "PVH", .qemu = "microvm,pit=off,pic=off,rtc=off", .accel = "kvm" },
	{ "KVM", "FV", .virt = "kvm", .os = "hvm", .machine = "q35", .qemu = "q35", .accel = "kvm" },
	{ "QEMU", "PVH", .qemu = "microvm,pit=off,pic=off,rtc=off", .accel = "tcg" },
	{ "QEMU", "FV", .virt = "qemu", .os = "hvm", .machine = "q35", .qemu = "q35", .accel = "tcg" },
};

#define KIND_COUNT	(sizeof(kinds) / sizeof(kinds[0]))

static const char *const fields[] = {
	"name", "hypervisor", "mode", "kernel", "initrd", "cmdline", "rom", "memory", "vcpus", "boot", "disks", "nets", "pci",
};

static int check_fields(const json_t *o, const char *const *known, size_t count, const char *where, struct why *why)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)o, key, value) {
		size_t i = 0;

		while (i < count && strcmp(key, known[i]))
			i++;
		if (i == count)
			return refuse(why, "field `%s%s': there is no such field", where, key);
	}
	return 0;
}

/* What a configuration cannot hold in one line is not taken. */
static bool is_line(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

static int read_text(const json_t *o, const char *key, bool needed, const char **text, struct why *why)
{
	const json_t *value = json_object_get(o, key);

	*text = json_string_value(value);
	if (!value && !needed)
		return 0;
	if (!*text || !**text || !is_line(*text))
		return refuse(why, "field `%s': expected a text of one line", key);
	return 0;
}

static int read_path(const json_t *o, const char *key, bool needed, const char **path, struct why *why)
{
	if (read_text(o, key, needed, path, why))
		return -1;
	if (*path && **path != '/')
		return refuse(why, "field `%s': expected a path from /, as the host sees it", key);
	return 0;
}

static int read_number(const json_t *o, const char *key, unsigned int most, unsigned int *number, struct why *why)
{
	const json_t *value = json_object_get(o, key);
	json_int_t n = json_integer_value(value);

	if (value && (!json_is_integer(value) || n < 1 || n > most))
		return refuse(why, "field `%s': expected a number from 1 to %u", key, most);
	if (value)
		*number = n;
	return 0;
}

static int read_name(const json_t *o, struct domain *domain, struct why *why)
{
	if (read_text(o, "name", true, &domain->name, why))
		return -1;
	for (const char *p = domain->name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._+-", *p))
			return refuse(why, "field `name': expected letters, digits and . _ + - only");
	return 0;
}

static int read_kind(const json_t *o, struct domain *domain, const char *hypervisor, const char *mode, struct why *why)
{
	const char *said = NULL;

	if (read_text(o, "hypervisor", false, &said, why) || read_text(o, "mode", !mode, mode ? &said : &mode, why))
		return -1;
	if (json_object_get(o, "hypervisor"))
		hypervisor = json_string_value(json_object_get(o, "hypervisor"));
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (strcasecmp(kinds[i].hypervisor, hypervisor) || strcasecmp(kinds[i].mode, mode))
			continue;
		domain->kind = &kinds[i];
		domain->mode = mode_named(mode);
		return 0;
	}
	return refuse(why, "fields `hypervisor' and `mode': %s %s cannot be made; expected Xen with PV, PVH, PVC or FV, "
		      "or KVM or QEMU with PVH or FV", hypervisor, mode);
}

static int read_disk(const json_t *o, struct domain *domain, struct why *why)
{
	static const char *const known[] = { "file", "readonly" };
	const json_t *readonly = json_object_get(o, "readonly");
	struct domain_disk *disk = &domain->disks[domain->disk_count++];

	if (readonly && !json_is_boolean(readonly))
		return refuse(why, "field `disks', `readonly': expected true or false");
	disk->readonly = json_is_true(readonly);
	return check_fields(o, known, 2, "disks.", why) || read_path(o, "file", true, &disk->file, why) ? -1 : 0;
}

static bool is_mac(const char *text)
{
	for (int i = 0; i < 17; i++)
		if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			return false;
	return !text[17];
}

static int read_net(const json_t *o, struct domain *domain, struct why *why)
{
	static const char *const known[] = { "bridge", "mac" };
	struct domain_net *net = &domain->nets[domain->net_count++];

	if (check_fields(o, known, 2, "nets.", why) || read_text(o, "bridge", true, &net->bridge, why) ||
	    read_text(o, "mac", false, &net->mac, why))
		return -1;
	if (strpbrk(net->bridge, ",'\" "))
		return refuse(why, "field `bridge': expected the name of a network interface");
	if (net->mac && !is_mac(net->mac))
		return refuse(why, "field `mac': expected six bytes as 52:54:00:12:34:56");
	return 0;
}

static int read_pci(const json_t *o, struct domain *domain, struct why *why)
{
	const char *text = json_string_value(o);
	unsigned int segment, bus, slot, function;
	char end;

	if (!text || strlen(text) != 12 || sscanf(text, "%4x:%2x:%2x.%1x%c", &segment, &bus, &slot, &function, &end) != 4)
		return refuse(why, "field `pci': expected addresses as 0000:01:00.0");
	domain->pci[domain->pci_count++] = text;
	return 0;
}

/* Devices need what makes them: that is asked of the mode's features, not of its name. */
static int read_devices(const json_t *o, struct domain *domain, const char *key, uint32_t needs,
			int (*read)(const json_t *o, struct domain *domain, struct why *why), struct why *why)
{
	const json_t *list = json_object_get(o, key);
	size_t i;
	json_t *value;

	if (!list)
		return 0;
	if (!json_is_array(list) || json_array_size(list) > DOMAIN_DEVICES)
		return refuse(why, "field `%s': expected a list of at most %u", key, DOMAIN_DEVICES);
	if (json_array_size(list) && !(domain->mode->features & needs))
		return refuse(why, "field `%s': a %s domain has no %s, and the shims have no PV disk and network yet", key,
			      domain->mode->name, feature_texts[__builtin_ctz(needs)]);
	json_array_foreach((json_t *)list, i, value)
		if (read(value, domain, why))
			return -1;
	return 0;
}

static int read_boot(const json_t *o, struct domain *domain, struct why *why)
{
	const char *boot;

	if (read_text(o, "boot", false, &boot, why))
		return -1;
	domain->network_boot = boot && !strcmp(boot, "network");
	if (boot && strcmp(boot, "kernel") && !domain->network_boot)
		return refuse(why, "field `boot': expected \"kernel\" or \"network\"");
	if (domain->network_boot && !(domain->mode->features & VMI_FEAT_FIRMWARE))
		return refuse(why, "field `boot': a %s domain has no firmware, so it has no network boot", domain->mode->name);
	if (domain->network_boot && json_object_get(o, "kernel"))
		return refuse(why, "field `kernel': expected none where `boot' is \"network\"");
	return 0;
}

static int read_rom(const json_t *o, struct domain *domain, struct why *why)
{
	if (read_path(o, "rom", false, &domain->rom, why))
		return -1;
	if (domain->rom && !(domain->mode->features & VMI_FEAT_FIRMWARE))
		return refuse(why, "field `rom': a %s domain has no firmware to load it; place it in the kernel with `vmi bundle'",
			      domain->mode->name);
	return 0;
}

int domain_read(struct domain *domain, const json_t *o, const char *hypervisor, const char *mode, struct why *why)
{
	*domain = (struct domain){ .memory = 512, .vcpus = 1 };
	if (!json_is_object(o))
		return refuse(why, "expected one JSON object");
	if (check_fields(o, fields, sizeof(fields) / sizeof(fields[0]), "", why) || read_name(o, domain, why) ||
	    read_kind(o, domain, hypervisor, mode, why) || read_boot(o, domain, why) ||
	    read_path(o, "kernel", !domain->network_boot, &domain->kernel, why) ||
	    read_path(o, "initrd", false, &domain->initrd, why) || read_text(o, "cmdline", false, &domain->cmdline, why) ||
	    read_rom(o, domain, why) || read_number(o, "memory", MEMORY_MOST, &domain->memory, why) ||
	    read_number(o, "vcpus", VCPUS_MOST, &domain->vcpus, why))
		return -1;
	return read_devices(o, domain, "disks", VMI_FEAT_IOREQ, read_disk, why) ||
	       read_devices(o, domain, "nets", VMI_FEAT_IOREQ, read_net, why) ||
	       read_devices(o, domain, "pci", VMI_FEAT_EMU_PCI, read_pci, why) ? -1 : 0;
}

int domain_refuse(const struct domain *domain, const char *writer, struct why *why)
{
	return refuse(why, "fields `hypervisor' and `mode': %s has no form for a %s domain of %s", writer,
		      domain->mode->name, domain->kind->hypervisor);
}

static int check_bundle(const struct domain *domain, const struct kernel *kernel, struct why *why)
{
	struct vmi_rom_place place;
	const struct vmi_rom_header *h;
	uint32_t lacking;

	if (!kernel->has_contract || domain->mode->features & VMI_FEAT_FIRMWARE)
		return 0;
	if (kernel_areas(kernel, &place, why))
		return -1;
	if (!kernel_is_bundle(&place))
		return refuse(why, "field `kernel': expected a bundle: there is no ROM in it, and a %s domain has no firmware "
			      "to bring one", domain->mode->name);
	if (vmi_rom_check_placed(place.text, place.text_size))
		return refuse(why, "field `kernel': expected a bundle, and the ROM in it is damaged");
	h = vmi_rom_header(place.text);
	lacking = rom_works_by(h->features) & ~domain->mode->features;
	if (lacking)
		return refuse(why, "field `kernel': expected a bundle for a %s domain, and its ROM %.16s works by %s; "
			      "`vmi bundle --replace' places another", domain->mode->name, h->backend_name,
			      feature_texts[__builtin_ctz(lacking)]);
	return 0;
}

int domain_check_kernel(const struct domain *domain, struct why *why)
{
	struct blob file = { 0 };
	struct kernel kernel;
	int err;

	if (!domain->kernel || access(domain->kernel, R_OK) || file_read(domain->kernel, &file, why))
		return why->text[0] ? -1 : 0;
	if (file.size < 4 || memcmp(file.data, "\177ELF", 4)) {	/* a bzImage: nothing to see from outside */
		blob_free(&file);
		return 0;
	}
	err = kernel_open(&kernel, &file, why);
	if (!err) {
		err = check_bundle(domain, &kernel, why);
		kernel_close(&kernel);
	}
	blob_free(&file);
	return err;
}
