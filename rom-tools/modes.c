// SPDX-License-Identifier: MIT
/* The modes of SPEC.md, section 11, as data. */
#include <limits.h>
#include <string.h>

#include <vmi/call.h>

#include "modes.h"

#define F(name)		VMI_FEAT_##name
#define CONTAINER	(F(HW_CONTAINER) | F(HCALL64))
#define EMULATED	(F(IOREQ) | F(EMU_IRQCHIP) | F(EMU_TIMER) | F(EMU_PCI) | F(FIRMWARE))
#define FULL		(CONTAINER | EMULATED | F(HCALL32) | F(PAGING_ASSIST) | F(HVM_CPUID) | F(MCE_MSR))
#define CLASSIC		(F(HCALL64) | F(PV_MMU) | F(PV_IRQ_TIMER) | F(PV_DEVICES))

const struct mode modes[] = {
	{ "FV", "fully virtualized, nothing is paravirtual", FULL, NULL },
	{ "FVD", "fully virtualized, with PV disk and network", FULL | F(PV_DEVICES), NULL },
	{ "FVI", "fully virtualized, with PV devices, interrupts and timers",
	  FULL | F(PV_DEVICES) | F(PV_IRQ_TIMER), "fv" },
	{ "PVH", "PV entry and interrupts in a hardware container, page tables by hardware (PV-HAP)",
	  CONTAINER | F(PAGING_ASSIST) | F(HVM_CPUID) | F(PV_IRQ_TIMER) | F(MCE_MSR) | F(PV_DEVICES), "pvh" },
	{ "PVC", "PV in a hardware container, with PV page tables", CLASSIC | F(HW_CONTAINER), NULL },
	{ "PV", "classic PV: a deprivileged kernel, no hardware virtualization", CLASSIC, "pv" },
};

const size_t mode_count = sizeof(modes) / sizeof(modes[0]);

const struct constraint constraints[] = {
	{ F(PV_MMU), 0, F(PAGING_ASSIST), "page tables are either announced or walked as the guest wrote them" },
	{ F(PV_MMU), F(HCALL64), 0, "announcing page tables takes hypercalls" },
	{ F(PAGING_ASSIST), F(HW_CONTAINER), 0, "nested paging is part of a hardware container" },
	{ F(HVM_CPUID), F(HW_CONTAINER), 0, "only a hardware container intercepts CPUID" },
	{ F(IOREQ), F(HW_CONTAINER), 0, "a device model answers what a hardware container intercepts" },
	{ F(EMU_PCI) | F(HVM_CPUID), F(IOREQ), 0, "an emulated PCI bus needs a device model" },
	{ F(EMU_IRQCHIP) | F(HVM_CPUID), F(IOREQ), 0, "emulated interrupt controllers need a device model" },
	{ F(EMU_TIMER) | F(HVM_CPUID), F(IOREQ), 0, "emulated timers need a device model" },
	{ F(FIRMWARE), F(HW_CONTAINER), F(PV_MMU), "firmware starts a processor, not a PV kernel" },
};

const size_t constraint_count = sizeof(constraints) / sizeof(constraints[0]);

#define TEXT(name, text)	[__builtin_ctz(VMI_FEAT_##name)] = text

const char *const feature_texts[FEATURE_COUNT] = {
	TEXT(HW_CONTAINER, "hardware container"),
	TEXT(HCALL64, "64-bit hypercalls"),
	TEXT(HCALL32, "32-bit hypercalls"),
	TEXT(PAGING_ASSIST, "paging assistance"),
	TEXT(PV_MMU, "PV page tables"),
	TEXT(IOREQ, "device model"),
	TEXT(HVM_CPUID, "CPUID intercepted"),
	TEXT(EMU_IRQCHIP, "emulated interrupt controllers"),
	TEXT(EMU_TIMER, "emulated timers"),
	TEXT(PV_IRQ_TIMER, "PV interrupts and timers"),
	TEXT(MCE_MSR, "machine-check registers"),
	TEXT(EMU_PCI, "emulated PCI"),
	TEXT(PV_DEVICES, "PV disk and network"),
	TEXT(FIRMWARE, "firmware and network boot"),
};

const struct mode *mode_closest(uint32_t known, uint32_t on, uint32_t *differs)
{
	const struct mode *best = NULL;
	int least = INT_MAX;

	for (size_t i = 0; i < mode_count; i++) {
		uint32_t wrong = (modes[i].features ^ on) & known;
		/* what nobody has seen decides only between equals */
		int cost = 32 * __builtin_popcount(wrong) + __builtin_popcount(modes[i].features & ~known);

		if (cost > least)
			continue;
		least = cost;
		best = &modes[i];
		*differs = wrong;
	}
	return best;
}

const struct mode *mode_named(const char *name)
{
	for (size_t i = 0; i < mode_count; i++)
		if (!strcasecmp(modes[i].name, name))
			return &modes[i];
	return NULL;
}

const struct constraint *constraint_broken(uint32_t known, uint32_t on)
{
	for (size_t i = 0; i < constraint_count; i++) {
		const struct constraint *c = &constraints[i];

		if ((on & c->on) != c->on)
			continue;
		if ((c->needs & known & ~on) || (c->excludes & on))
			return c;
	}
	return NULL;
}
