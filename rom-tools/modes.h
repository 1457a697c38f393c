/* SPDX-License-Identifier: MIT */
/*
 * The guest modes as sets of features, and what binds features to each other.
 * Nothing asks for a mode to decide something: it asks for a feature.
 */
#ifndef VMI_MODES_H
#define VMI_MODES_H

#include "vmi.h"

struct mode {
	const char *name, *text;
	uint32_t features;		/* VMI_FEAT_* */
	const char *type;		/* what a description calls it: pv, pvh, fv; NULL: none makes it */
};

/** From least to most paravirtual. */
extern const struct mode modes[];
extern const size_t mode_count;

/** Where all of `on` are there, all of `needs` must be, and none of `excludes`. */
struct constraint {
	uint32_t on, needs, excludes;
	const char *text;
};

extern const struct constraint constraints[];
extern const size_t constraint_count;

#define FEATURE_COUNT	14

/** What each feature is called in a sentence, by bit. */
extern const char *const feature_texts[FEATURE_COUNT];

/**
 * The mode that differs in the fewest of the known features, then the one that
 * has the fewest unknown ones, then the more paravirtual one. *differs gets the
 * features in which it differs.
 */
const struct mode *mode_closest(uint32_t known, uint32_t on, uint32_t *differs);
/** NULL: there is none of that name; case does not matter. */
const struct mode *mode_named(const char *name);
/** The first constraint that these features break, or NULL. */
const struct constraint *constraint_broken(uint32_t known, uint32_t on);

#endif
