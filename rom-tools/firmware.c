// SPDX-License-Identifier: MIT
/* What firmware left behind: ACPI's and DMI's names, UEFI's boot options. */
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define ACPI_OEM		10	/* offset in every table, 6 bytes */
#define EFI_DESCRIPTION		6	/* in a load option: behind attributes and length of the device path */
#define EFI_MESSAGING		3	/* type of a device path's node */
#define EFI_END			0x7f

static const struct maker {
	const char *oem;	/* of ACPI tables, or NULL */
	const char *vendor;	/* of DMI, or NULL */
	const char *name;
} makers[] = {
	{ "FIRECK", NULL, "Firecracker" },
	{ "CLOUDH", NULL, "Cloud Hypervisor" },
	{ "CROSVM", NULL, "crosvm" },
	{ "BOCHS ", "QEMU", "QEMU" },
	{ "BXPC", NULL, "QEMU" },
	{ "VBOX  ", "innotek GmbH", "VirtualBox" },
	{ "VRTUAL", "Microsoft Corporation", "Hyper-V" },
	{ "BHYVE ", "BHYVE", "bhyve" },
	{ "Xen", "Xen", "Xen's domain builder" },
	{ "PRLS  ", "Parallels Software International Inc.", "Parallels" },
	{ NULL, "VMware, Inc.", "VMware" },
	{ NULL, "Amazon EC2", "Amazon EC2" },
	{ NULL, "Google", "Google Compute Engine" },
};

static const struct fact *acpi(const struct facts *facts, const char *name)
{
	char *path = xprintf("/sys/firmware/acpi/tables/%s", name);
	const struct fact *fact = fact_next(facts, NULL, path);

	free(path);
	return fact && fact->bytes.data && !fact->error ? fact : NULL;
}

static char *by_acpi(const struct facts *facts, char **because)
{
	const struct fact *table = acpi(facts, "FACP");

	if (!table || table->bytes.size < ACPI_OEM + 6)
		return NULL;
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		const struct maker *m = &makers[i];

		if (!m->oem || memcmp(table->bytes.data + ACPI_OEM, m->oem, strlen(m->oem)))
			continue;
		*because = xprintf("ACPI's tables have OEM \"%s\"", m->oem);
		return xprintf("%s", m->name);
	}
	return NULL;
}

static char *by_dmi(const struct facts *facts, char **because)
{
	char *vendor = fact_text(facts, "/sys/class/dmi/id/sys_vendor"), *name = NULL;
	char *version = fact_text(facts, "/sys/class/dmi/id/product_version");

	for (size_t i = 0; vendor && i < sizeof(makers) / sizeof(makers[0]); i++) {
		if (!makers[i].vendor || strcmp(vendor, makers[i].vendor))
			continue;
		name = xprintf("%s%s%s", makers[i].name, version && *version ? ", " : "", version ? version : "");
		*because = xprintf("DMI's vendor is \"%s\"", vendor);
		break;
	}
	free(vendor);
	free(version);
	return name;
}

char *firmware_monitor(const struct facts *facts, char **because)
{
	char *name = by_dmi(facts, because);

	return name ? name : by_acpi(facts, because);
}

struct seen firmware_kind(const struct facts *facts)
{
	char *vendor = fact_text(facts, "/sys/class/dmi/id/bios_vendor");
	struct seen s;

	if (fact_next(facts, NULL, "/sys/firmware/efi"))
		s = seen(YES, "UEFI: /sys/firmware/efi");
	else if (vendor)
		s = seen(YES, "BIOS: DMI's BIOS vendor is \"%s\"", vendor);
	else if (fact_next(facts, NULL, "/sys/class/dmi"))
		s = seen(NO, "/sys/class/dmi is empty");
	else
		s = seen(UNKNOWN, "this kernel shows neither UEFI nor DMI");
	free(vendor);
	return s;
}

/* A device path that goes through a network card: MAC address, IPv4, IPv6 or URI. */
static bool path_is_network(const uint8_t *path, size_t size)
{
	for (size_t at = 0; at + 4 <= size;) {
		unsigned int type = path[at], kind = path[at + 1], length = get16(path + at + 2);

		if (type == EFI_END || length < 4)
			return false;
		if (type == EFI_MESSAGING && ((kind >= 11 && kind <= 13) || kind == 24))
			return true;
		at += length;
	}
	return false;
}

/* A variable's file: 4 bytes of attributes, then the load option with its UTF-16 description. */
static bool option_is_network(const struct blob *file)
{
	size_t at = 4 + EFI_DESCRIPTION;

	while (at + 2 <= file->size && get16(file->data + at))
		at += 2;
	at += 2;
	return at < file->size && path_is_network(file->data + at, file->size - at);
}

static struct seen uefi_network_boot(const struct facts *facts)
{
	const struct fact *f = NULL;
	unsigned int options = 0;

	while ((f = fact_next(facts, f, "/sys/firmware/efi/efivars/Boot[0-9A-F][0-9A-F][0-9A-F][0-9A-F]-*"))) {
		if (f->error || !f->bytes.data)
			continue;
		options++;
		if (option_is_network(&f->bytes))
			return seen(YES, "UEFI's boot option %.8s goes through a network card", strrchr(f->path, '/') + 1);
	}
	return options ? seen(NO, "none of UEFI's %u boot options goes through a network card", options) :
			 seen(UNKNOWN, "UEFI's boot options cannot be seen");
}

struct seen firmware_network_boot(const struct facts *facts)
{
	static const char *const words[] = { "BOOTIF=", "nfsroot=", "root=/dev/nfs", "root=nfs", "root=http" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (fact_has(facts, "/proc/cmdline", words[i]))
			return seen(YES, "the command line has %s", words[i]);
	if (fact_next(facts, NULL, "/sys/firmware/efi"))
		return uefi_network_boot(facts);
	return seen(UNKNOWN, "a BIOS does not say afterwards");
}
