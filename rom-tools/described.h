/* SPDX-License-Identifier: MIT */
/* A host as `vmi detect --json' or a person describes it: what a ROM is chosen by. */
#ifndef VMI_DESCRIBED_H
#define VMI_DESCRIBED_H

#include <jansson.h>

#include "probe.h"

struct described {
	char hypervisor[48], imitates[48];	/* "" for none */
	uint32_t known, on;			/* VMI_FEAT_*; what is not known may be there */
	struct probe probe;
};

/** From this machine (path NULL), a recording's folder, or a JSON file. */
int described_read(struct described *host, const char *path, struct why *why);
void described_free(struct described *host);
int described_parse(struct described *host, const json_t *o, struct why *why);

#endif
