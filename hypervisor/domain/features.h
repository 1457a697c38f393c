/* SPDX-License-Identifier: MIT */
/* What a domain is: a set of features (VMI_FEAT_*), one of those published. Code asks for a feature, never for a set. */
#ifndef HV_FEATURES_H
#define HV_FEATURES_H

#include "hv.h"
#include "vmi/call.h"

struct feature_set {
	const char *name;
	u32 features;
	const char *missing;	/* what vmihv lacks for it, or NULL: it is built */
};

/** NULL: there is none of that name. */
const struct feature_set *feature_set_named(const char *name);
/** Whether a domain may be created with exactly these; -1 and why not. */
int features_check(u32 features, struct why *why);

#endif
