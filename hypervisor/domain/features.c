// SPDX-License-Identifier: MIT
/* The published sets and what features ask of each other, as data. */
#include "domain/features.h"

#define EMULATED	(VMI_FEAT_HW_CONTAINER | VMI_FEAT_HCALL64 | VMI_FEAT_HCALL32 | VMI_FEAT_PAGING_ASSIST | \
			 VMI_FEAT_IOREQ | VMI_FEAT_HVM_CPUID | VMI_FEAT_EMU_IRQCHIP | VMI_FEAT_EMU_TIMER | \
			 VMI_FEAT_MCE_MSR | VMI_FEAT_EMU_PCI | VMI_FEAT_FIRMWARE)

static const struct feature_set sets[] = {
	{ "fv", EMULATED, "emulated devices and ioreq servers" },
	{ "fvd", EMULATED | VMI_FEAT_PV_DEVICES, "emulated devices and ioreq servers" },
	{ "fvi", EMULATED | VMI_FEAT_PV_DEVICES | VMI_FEAT_PV_IRQ_TIMER, "emulated devices and ioreq servers" },
	{ "pvh", VMI_FEAT_HW_CONTAINER | VMI_FEAT_HCALL64 | VMI_FEAT_PAGING_ASSIST | VMI_FEAT_HVM_CPUID |
		 VMI_FEAT_PV_IRQ_TIMER | VMI_FEAT_MCE_MSR | VMI_FEAT_PV_DEVICES, NULL },
	{ "pvc", VMI_FEAT_HW_CONTAINER | VMI_FEAT_HCALL64 | VMI_FEAT_PV_MMU | VMI_FEAT_PV_IRQ_TIMER |
		 VMI_FEAT_PV_DEVICES, "PV page tables in a container" },
	{ "pv", VMI_FEAT_HCALL64 | VMI_FEAT_PV_MMU | VMI_FEAT_PV_IRQ_TIMER | VMI_FEAT_PV_DEVICES, NULL },
};

/** Where one of `some' is wanted, so is all of `needs', and none of `excludes'. */
static const struct constraint {
	u32 some, needs, excludes;
	const char *sentence;
} constraints[] = {
	{ VMI_FEAT_PAGING_ASSIST, VMI_FEAT_HW_CONTAINER, VMI_FEAT_PV_MMU,
	  "paging assistance needs a hardware container and excludes PV page tables" },
	{ VMI_FEAT_EMU_PCI | VMI_FEAT_EMU_TIMER, VMI_FEAT_IOREQ | VMI_FEAT_EMU_IRQCHIP, 0,
	  "emulated devices need ioreq servers and an emulated interrupt controller" },
	{ VMI_FEAT_FIRMWARE, VMI_FEAT_EMU_PCI, 0, "firmware needs an emulated PCI controller" },
	{ VMI_FEAT_HVM_CPUID, VMI_FEAT_HW_CONTAINER, 0, "an intercepted CPUID needs a hardware container" },
};

const struct feature_set *feature_set_named(const char *name)
{
	for (const struct feature_set *s = sets; s < sets + ARRAY_SIZE(sets); s++)
		if (text_equal(s->name, name))
			return s;
	return NULL;
}

int features_check(u32 features, struct why *why)
{
	for (const struct constraint *c = constraints; c < constraints + ARRAY_SIZE(constraints); c++)
		if (features & c->some && ((features & c->needs) != c->needs || features & c->excludes))
			return refuse(why, "%s", c->sentence);
	for (const struct feature_set *s = sets; s < sets + ARRAY_SIZE(sets); s++) {
		if (s->features != features)
			continue;
		return s->missing ? refuse(why, "mode `%s' is not built: it needs %s", s->name, s->missing) : 0;
	}
	return refuse(why, "the features %x are not one of the published sets", features);
}
