// SPDX-License-Identifier: MIT
/* A domain as libvirt's XML. */
#include <string.h>

#include <vmi/call.h>

#include "domain.h"

static void escaped(FILE *out, const char *text)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = { { '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" }, { '\'', "&apos;" }, { '"', "&quot;" } };

	for (; *text; text++) {
		size_t i = 0;

		while (i < 5 && entities[i].c != *text)
			i++;
		if (i < 5)
			fputs(entities[i].entity, out);
		else
			fputc(*text, out);
	}
}

static void element(FILE *out, const char *indent, const char *name, const char *text)
{
	if (!text)
		return;
	fprintf(out, "%s<%s>", indent, name);
	escaped(out, text);
	fprintf(out, "</%s>\n", name);
}

static void attribute(FILE *out, const char *before, const char *text, const char *after)
{
	fputs(before, out);
	escaped(out, text);
	fputs(after, out);
}

static bool is_xen(const struct domain *d)
{
	return !strcmp(d->kind->virt, "xen");
}

static void os(const struct domain *d, FILE *out)
{
	fprintf(out, "  <os>\n    <type arch='x86_64' machine='%s'>%s</type>\n", d->kind->machine, d->kind->os);
	element(out, "    ", "kernel", d->kernel);
	element(out, "    ", "initrd", d->initrd);
	element(out, "    ", "cmdline", d->cmdline);
	if (d->network_boot)
		fputs("    <boot dev='network'/>\n", out);
	fputs("  </os>\n", out);
}

static void disk(const struct domain *d, unsigned int i, FILE *out)
{
	fputs("    <disk type='file' device='disk'>\n      <driver name='qemu' type='raw'/>\n", out);
	attribute(out, "      <source file='", d->disks[i].file, "'/>\n");
	fprintf(out, "      <target dev='%s%c' bus='%s'/>\n%s    </disk>\n", is_xen(d) ? "hd" : "sd", 'a' + i,
		is_xen(d) ? "ide" : "sata", d->disks[i].readonly ? "      <readonly/>\n" : "");
}

static void net(const struct domain_net *n, FILE *out)
{
	fputs("    <interface type='bridge'>\n", out);
	if (n->mac)
		fprintf(out, "      <mac address='%s'/>\n", n->mac);
	attribute(out, "      <source bridge='", n->bridge, "'/>\n      <model type='e1000'/>\n    </interface>\n");
}

static void pci(const char *at, FILE *out)
{
	fprintf(out, "    <hostdev mode='subsystem' type='pci' managed='yes'>\n      <source>\n"
		"        <address domain='0x%.4s' bus='0x%.2s' slot='0x%.2s' function='0x%.1s'/>\n"
		"      </source>\n    </hostdev>\n", at, at + 5, at + 8, at + 11);
}

static void devices(const struct domain *d, FILE *out)
{
	fputs("  <devices>\n", out);
	for (unsigned int i = 0; i < d->disk_count; i++)
		disk(d, i, out);
	for (unsigned int i = 0; i < d->net_count; i++)
		net(&d->nets[i], out);
	for (unsigned int i = 0; i < d->pci_count; i++)
		pci(d->pci[i], out);
	fprintf(out, "    <console type='pty'>\n      <target type='%s'/>\n    </console>\n  </devices>\n",
		d->mode->features & VMI_FEAT_IOREQ ? "serial" : "xen");
}

/* libvirt has no word for an option ROM of no device: it goes to QEMU as it is. */
static void option_rom(const struct domain *d, FILE *out)
{
	fputs("  <qemu:commandline>\n    <qemu:arg value='-option-rom'/>\n", out);
	attribute(out, "    <qemu:arg value='", d->rom, "'/>\n  </qemu:commandline>\n");
}

static int check(const struct domain *d, struct why *why)
{
	if (!d->kind->virt)
		return domain_refuse(d, "libvirt", why);
	if (d->rom && is_xen(d))
		return refuse(why, "field `rom': expected none: libvirt has no way to give Xen's domains an option ROM");
	if (is_xen(d) && d->disk_count > 4)
		return refuse(why, "field `disks': expected at most 4, which is what emulated IDE disks have room for");
	return 0;
}

static int libvirt(const struct domain *d, FILE *out, struct why *why)
{
	if (check(d, why))
		return -1;
	fprintf(out, "<domain type='%s'%s>\n", d->kind->virt,
		d->rom ? " xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'" : "");
	element(out, "  ", "name", d->name);
	fprintf(out, "  <memory unit='MiB'>%u</memory>\n  <vcpu>%u</vcpu>\n", d->memory, d->vcpus);
	os(d, out);
	if (d->mode->features & VMI_FEAT_IOREQ)
		fputs("  <features>\n    <acpi/>\n    <apic/>\n  </features>\n", out);
	devices(d, out);
	if (d->rom)
		option_rom(d, out);
	fputs("</domain>\n", out);
	return 0;
}

const struct domain_writer domain_libvirt = { "libvirt", "Xen", libvirt };
