// SPDX-License-Identifier: MIT
/* A domain in the language of Xen's xl. */
#include "domain.h"

static void quoted(FILE *out, const char *key, const char *text)
{
	if (!text)
		return;
	fprintf(out, "%s = \"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputs("\"\n", out);
}

/* One text in a list; a target comes last in it, since it may hold commas. */
static void item(FILE *out, const char *before, const char *text)
{
	fprintf(out, "  \"%s", before);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputs("\",\n", out);
}

static void disks(const struct domain *d, FILE *out)
{
	fputs("disk = [\n", out);
	for (unsigned int i = 0; i < d->disk_count; i++) {
		char before[64];

		snprintf(before, sizeof(before), "format=raw,vdev=hd%c,access=%s,target=", 'a' + i,
			 d->disks[i].readonly ? "ro" : "rw");
		item(out, before, d->disks[i].file);
	}
	fputs("]\n", out);
}

static void nets(const struct domain *d, FILE *out)
{
	fputs("vif = [\n", out);
	for (unsigned int i = 0; i < d->net_count; i++) {
		char before[64];

		snprintf(before, sizeof(before), "type=ioemu,model=e1000,%s%s%sbridge=", d->nets[i].mac ? "mac=" : "",
			 d->nets[i].mac ? d->nets[i].mac : "", d->nets[i].mac ? "," : "");
		item(out, before, d->nets[i].bridge);
	}
	fputs("]\n", out);
}

static void list(FILE *out, const char *key, const char *const *texts, unsigned int count)
{
	fprintf(out, "%s = [\n", key);
	for (unsigned int i = 0; i < count; i++)
		item(out, "", texts[i]);
	fputs("]\n", out);
}

static int xl(const struct domain *d, FILE *out, struct why *why)
{
	const char *rom[] = { "-option-rom", d->rom };

	if (!d->kind->xl)
		return domain_refuse(d, "xl", why);
	if (d->disk_count > 4)
		return refuse(why, "field `disks': expected at most 4, which is what xl's emulated disks have room for");
	fprintf(out, "# written by vmi domain: a %s domain\n", d->mode->name);
	quoted(out, "name", d->name);
	fprintf(out, "type = \"%s\"\n%svcpus = %u\nmemory = %u\n", d->kind->xl, d->kind->xl_more ? d->kind->xl_more : "",
		d->vcpus, d->memory);
	quoted(out, "kernel", d->kernel);
	quoted(out, "ramdisk", d->initrd);
	quoted(out, "cmdline", d->cmdline);
	if (d->network_boot)
		quoted(out, "boot", "n");
	if (d->rom)
		list(out, "device_model_args_hvm", rom, 2);
	if (d->disk_count)
		disks(d, out);
	if (d->net_count)
		nets(d, out);
	if (d->pci_count)
		list(out, "pci", d->pci, d->pci_count);
	return 0;
}

const struct domain_writer domain_xl = { "xl", "Xen", xl };
