/* SPDX-License-Identifier: MIT */
/*
 * One short description of a domain, and the configuration that a host wants for
 * it. Read next: domain_read.c, then a writer: domain_xl.c.
 */
#ifndef VMI_DOMAIN_H
#define VMI_DOMAIN_H

#include <jansson.h>

#include "modes.h"

#define DOMAIN_DEVICES	16	/* of a kind */

struct domain_disk {
	const char *file;
	bool readonly;
};

struct domain_net {
	const char *bridge, *mac;	/* mac NULL: the host chooses */
};

/** What a hypervisor calls a mode; a text that is NULL: it has no such thing there. */
struct domain_kind {
	const char *hypervisor, *mode;
	const char *xl, *xl_more;	/* type; more lines */
	const char *virt, *os, *machine;	/* libvirt: domain type, os type, machine */
	const char *qemu, *accel;	/* -machine, -accel */
};

/** Texts belong to the JSON that it was read from. */
struct domain {
	const char *name, *kernel, *initrd, *cmdline, *rom;
	unsigned int memory, vcpus;	/* MiB */
	bool network_boot;
	const struct domain_kind *kind;
	const struct mode *mode;
	struct domain_disk disks[DOMAIN_DEVICES];
	struct domain_net nets[DOMAIN_DEVICES];
	const char *pci[DOMAIN_DEVICES];
	unsigned int disk_count, net_count, pci_count;
};

/** hypervisor NULL: the description's, or Xen; mode NULL: the description's. */
int domain_read(struct domain *domain, const json_t *o, const char *hypervisor, const char *mode, struct why *why);
/** Looks into the kernel, where this machine has it: its ROM must be one for the mode. */
int domain_check_kernel(const struct domain *domain, struct why *why);

/** A form of configuration; each checks first and writes nothing where it refuses. */
struct domain_writer {
	const char *name;
	const char *hypervisor;		/* where the description does not say */
	int (*write)(const struct domain *domain, FILE *out, struct why *why);
};

extern const struct domain_writer domain_xl, domain_libvirt, domain_qemu;

/** Refuses with what the mode cannot be written as. */
int domain_refuse(const struct domain *domain, const char *writer, struct why *why);

#endif
