/* SPDX-License-Identifier: MIT */
/*
 * What a machine is to a guest on it, concluded from facts, each conclusion with
 * its evidence. Read next: hypervisors.c, then features.c.
 */
#ifndef VMI_HOST_H
#define VMI_HOST_H

#include <jansson.h>

#include "facts.h"
#include "modes.h"

struct facts_host;

/** A hypervisor as it shows itself by CPUID; a new one is a row. */
struct hypervisor {
	const char *signature, *name;
	unsigned int rank;		/* of several that answer, the highest is real; it imitates the others */
	uint32_t offers;		/* VMI_FEAT_* in a hardware container, whatever the machine looks like */
	bool always_model;		/* a container never comes without a device model */
	const char *model_pci;		/* else: what shows that there is one: "vendor:device" */
	const char *model_dmi;		/* or this product name */
	uint16_t pv_cs;			/* a PV kernel's code selector when it starts */
	/** The caller frees it; NULL: it does not say. */
	char *(*version)(const struct facts_host *host);
	/** Evidence that it has the caller as a PV domain, or NULL. */
	const char *(*pv)(const struct facts_host *host);
	/** Evidence for PV interrupts and timers where `offers` does not settle it, or NULL. */
	const char *(*irq_timer)(const struct facts_host *host);
};

/** Where a hypervisor answers. */
struct base {
	const struct hypervisor *by;	/* NULL: unknown */
	uint32_t leaf;			/* 0: nobody answers */
	char signature[13];
};

struct seen {
	enum { UNKNOWN = -1, NO, YES } is;
	char *because;
};

/** (Its name leaves `struct host` to the places where kernels are run.) */
struct facts_host {
	const struct facts *facts;
	struct base hypervisor, imitates, below;	/* below: what the hypervisor itself runs on */
	bool forced;			/* the hypervisor answers by Xen's prefix only */
	const char *pv;			/* evidence for a PV domain, or NULL */
	char *version, *monitor;	/* monitor: the program that makes the machine, where it shows */
	struct seen model;		/* device model */
	struct seen features[FEATURE_COUNT];
	const struct mode *mode;
	uint32_t known, on, differs;
};

/** Fills the structure from facts, which must stay. */
void host_conclude(struct facts_host *host, const struct facts *facts);
void host_free(struct facts_host *host);
/** Everything that was concluded, with evidence; `vmi detect --json' and what select reads. */
json_t *host_json(const struct facts_host *host);

/* hypervisors.c */
void host_find_hypervisor(struct facts_host *host);
/** The leaf of the hypervisor in use at this distance from its base, or NULL. */
const struct cpuid_row *host_leaf(const struct facts_host *host, unsigned int distance);

/** What CPUID says at least where the hypervisor of this name is; "" and unknown ones: none. */
void host_imagine_cpuid(struct facts *facts, const char *name);
/** The code selector that a kernel starts with, of a guest with these features. */
uint16_t host_kernel_cs(const char *name, uint32_t features);

/* features.c */
void host_see_features(struct facts_host *host);
bool host_is_bare(const struct facts_host *host);

/* firmware.c */
/** The program behind the machine by ACPI and DMI, with evidence; the caller frees name and evidence. */
char *firmware_monitor(const struct facts *facts, char **because);
struct seen firmware_kind(const struct facts *facts);
struct seen firmware_network_boot(const struct facts *facts);

/** A finding with a formatted reason. */
struct seen seen(int is, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
