/* SPDX-License-Identifier: MIT */
/*
 * The configuration: a text whose lines are a word and a value. `#` begins a
 * comment. `domain NAME` begins a domain, and what follows is said of it.
 *
 *   abi v1|v2              the hypercall ABI of all domains
 *   console marked|plain   whether lines carry their domain's name; plain: one domain only
 *   domain NAME
 *     mode pvh|pv|...      a published feature set, see domain/features.c
 *     memory MIB
 *     vcpus N
 *     kernel MODULE        by the last part of its path
 *     rom MODULE
 *     initrd MODULE
 *     cmdline TEXT         up to the end of the line
 */
#ifndef HV_CONFIG_H
#define HV_CONFIG_H

#include "hv.h"

#define MAX_DOMAINS		8
#define MAX_VCPUS		8	/* of one domain */
#define CONFIG_NAME		32
#define CONFIG_CMDLINE		1024
#define CONFIG_MIN_MEMORY	4	/* MiB */
#define CONFIG_MAX_MEMORY	16384

struct domain_config {
	char name[CONFIG_NAME], kernel[CONFIG_NAME], rom[CONFIG_NAME], initrd[CONFIG_NAME];
	char cmdline[CONFIG_CMDLINE];
	u32 features;		/* VMI_FEAT_* */
	u32 memory;		/* MiB */
	u32 vcpus;
};

struct config {
	u32 abi;		/* 1 or 2 */
	bool plain_console;
	u32 domain_count;
	struct domain_config domains[MAX_DOMAINS];
};

/** -1 and a sentence that names the line. *config is then not to be used. */
int config_parse(struct config *config, const char *text, size_t bytes, struct why *why);

#endif
