// SPDX-License-Identifier: MIT
/* Makes a domain from its description, and takes it away. Read next: elf.c, rom.c, start.c. */
#include "container/container.h"
#include "domain/domain.h"
#include "domain/features.h"
#include "domain/rom.h"
#include "domain/start.h"
#include "hypercall/abi.h"
#include "memory/frames.h"
#include "memory/memory.h"
#include "pv/pv.h"

struct domain domains[MAX_DOMAINS];
static const struct config *config;
static const struct boot_info *boot;

/** The files of a domain. */
struct files {
	const struct module *kernel, *rom, *initrd;
};

static int find_file(const struct module **file, const char *name, struct why *why)
{
	*file = name[0] ? boot_module(boot, name) : NULL;
	return *file || !name[0] ? 0 : refuse(why, "there is no module `%s'", name);
}

static int find_files(struct files *f, const struct domain_config *c, struct why *why)
{
	return find_file(&f->kernel, c->kernel, why) || find_file(&f->rom, c->rom, why) ||
	       find_file(&f->initrd, c->initrd, why) ? -1 : 0;
}

static int load(struct domain *d, const struct files *f, struct elf_image *image, struct why *why)
{
	return elf_read(image, f->kernel->data, f->kernel->bytes, why) ||
	       elf_place(f->kernel->data, &d->memory, why) ||
	       rom_place(image, &d->memory, f->rom->data, f->rom->bytes, d->features, why) ? -1 : 0;
}

/* In a container a kernel begins as a boot loader would have it begin, without one in its ROM. */
static int start_first(struct domain *d, const struct files *f, const struct elf_image *image, struct why *why)
{
	struct start start = { .entry = image->phys32_entry, .image_end = image->end };

	if (!(d->features & VMI_FEAT_HW_CONTAINER))
		return pv_start(d, &image->contract, f->rom->data, f->initrd, why);
	if (!start.entry)
		return refuse(why, "the kernel has no PVH entry (ELF note Xen/18)");
	if (start_write(&start, &d->memory, f->initrd, d->config->cmdline, why))
		return -1;
	d->container->start_flat(&d->vcpus[0], start.entry, start.info);
	return 0;
}

/* On failure the vCPUs made so far are domain_destroy's. */
static int make_vcpus(struct domain *d, struct why *why)
{
	for (u32 i = 0; i < d->config->vcpus; i++) {
		struct vcpu *v = &d->vcpus[i];

		*v = (struct vcpu){ .domain = d, .number = i };
		if (d->container->vcpu_create(v, why))
			return -1;
	}
	return 0;
}

static int build(struct domain *d, struct why *why)
{
	struct elf_image image;
	struct files files;

	if (features_check(d->features, why))
		return -1;
	d->container = container_of(d->features);
	if (!d->container)
		return refuse(why, "this processor has no container: neither AMD's SVM nor another that is known");
	if (find_files(&files, d->config, why) ||
	    guest_memory_create(&d->memory, d->config->memory * MIB, d->number - 1 + FIRST_OWNER, why) ||
	    d->container->domain_create(d, why) || load(d, &files, &image, why) || make_vcpus(d, why) ||
	    start_first(d, &files, &image, why))
		return -1;
	return 0;
}

void domains_init(const struct config *c, const struct boot_info *b)
{
	config = c;
	boot = b;
}

int domain_create(u32 index)
{
	const struct domain_config *c = &config->domains[index];
	struct domain *d = &domains[index];
	struct why why = { "" };

	memset(d, 0, sizeof(*d));
	d->number = index + 1;
	d->config = c;
	d->features = c->features;
	d->abi = abi_of_version(config->abi);
	d->frames_limit = (u64)c->memory * MIB / PAGE_SIZE;
	if (build(d, &why)) {
		domain_destroy(d);
		print("vmihv! domain %u (%s) is not created: %s\n", d->number, c->name, why.text);
		return -1;
	}
	d->alive = true;
	print("vmihv: domain %u (%s): %u MiB, ABI v%u, features %x\n", d->number, c->name, c->memory, config->abi,
	      d->features);
	sched_start(&d->vcpus[0]);
	return 0;
}

void domain_destroy(struct domain *d)
{
	for (u32 i = 0; i < MAX_VCPUS; i++)
		if (d->vcpus[i].control)
			d->container->vcpu_destroy(&d->vcpus[i]);
	if (d->saved)
		frames_give(pa_of(d->saved), 0, d->memory.owner);
	sharing_end(d);
	if (d->container)
		d->container->domain_destroy(d);
	if (d->memory.map)
		guest_memory_destroy(&d->memory);
	d->alive = false;
}

void domain_end(struct domain *d, enum ending why)
{
	static const char *const texts[] = { "power off", "reboot", "crash", "destroyed" };
	u64 used = 0;

	if (!d->alive)
		return;
	d->alive = false;
	d->ending = why;
	console_flush(d);
	for (u32 i = 0; i < d->config->vcpus; i++) {
		d->vcpus[i].state = VCPU_DOWN;
		used += d->vcpus[i].used;
	}
	sched_recall(d);
	d->again |= why == ENDING_REBOOT;
	print("vmihv: domain %u (%s) has ended: %s, after %lu us of processor time\n", d->number, d->config->name,
	      texts[why], used / 1000);
}

void domain_bury(struct domain *d)
{
	bool again = d->again;

	domain_destroy(d);
	print("vmihv: %lu KiB are free\n", frames_free_bytes() / KIB);
	if (again)
		domain_create(d->number - 1);
}

void domain_crash(struct vcpu *v, const char *format, ...)
{
	char line[160];
	va_list args;

	va_start(args, format);
	text_vprint(line, sizeof(line), format, args);
	va_end(args);
	console_flush(v->domain);
	print("vmihv! domain %u (%s) is killed: %s\n", v->domain->number, v->domain->config->name, line);
	v->domain->container->dump(v);
	domain_end(v->domain, ENDING_CRASH);
}
