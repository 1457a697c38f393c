// SPDX-License-Identifier: MIT
/* A domain as a command line of QEMU, for a shell. */
#include <stdlib.h>
#include <string.h>

#include <vmi/call.h>

#include "domain.h"

/* One word of a shell's. */
static void word(FILE *out, const char *text)
{
	if (!text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:=+-")]) {
		fprintf(out, " %s", text);
		return;
	}
	fputs(" '", out);
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	fputc('\'', out);
}

static void option(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(out, " \\\n\t%s", name);
	word(out, value);
}

static void number(FILE *out, const char *name, unsigned int value)
{
	char *text = xprintf("%u", value);

	option(out, name, text);
	free(text);
}

/* In QEMU's own lists a comma is doubled. */
static char *doubled(const char *text)
{
	char *all = xcalloc(2 * strlen(text) + 1, 1), *p = all;

	for (; *text; *p++ = *text++)
		if (*text == ',')
			*p++ = ',';
	return all;
}

static void disk(FILE *out, const struct domain_disk *disk)
{
	char *file = doubled(disk->file);
	char *text = xprintf("format=raw,media=disk%s,file=%s", disk->readonly ? ",readonly=on" : "", file);

	option(out, "-drive", text);
	free(text);
	free(file);
}

static void net(FILE *out, const struct domain_net *net, unsigned int i)
{
	char *back = xprintf("bridge,id=net%u,br=%s", i, net->bridge);
	char *front = xprintf("e1000,netdev=net%u%s%s", i, net->mac ? ",mac=" : "", net->mac ? net->mac : "");

	option(out, "-netdev", back);
	option(out, "-device", front);
	free(back);
	free(front);
}

static void devices(const struct domain *d, FILE *out)
{
	for (unsigned int i = 0; i < d->disk_count; i++)
		disk(out, &d->disks[i]);
	for (unsigned int i = 0; i < d->net_count; i++)
		net(out, &d->nets[i], i);
	for (unsigned int i = 0; i < d->pci_count; i++) {
		char *text = xprintf("vfio-pci,host=%s", d->pci[i]);

		option(out, "-device", text);
		free(text);
	}
}

static int qemu(const struct domain *d, FILE *out, struct why *why)
{
	if (!d->kind->qemu)
		return domain_refuse(d, "qemu", why);
	fputs("qemu-system-x86_64", out);
	option(out, "-name", d->name);
	option(out, "-machine", d->kind->qemu);
	option(out, "-accel", d->kind->accel);
	option(out, "-cpu", strcmp(d->kind->accel, "kvm") ? "max" : "host");
	number(out, "-m", d->memory);
	number(out, "-smp", d->vcpus);
	fputs(" \\\n\t-nodefaults -no-user-config -display none", out);
	option(out, "-serial", "stdio");
	option(out, "-kernel", d->kernel);
	option(out, "-initrd", d->initrd);
	option(out, "-append", d->cmdline);
	option(out, "-option-rom", d->rom);
	if (d->network_boot)
		option(out, "-boot", "n");
	devices(d, out);
	fputc('\n', out);
	return 0;
}

const struct domain_writer domain_qemu = { "qemu", "KVM", qemu };
