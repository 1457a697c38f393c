// SPDX-License-Identifier: MIT
/* Who answers CPUID, and what each hypervisor's leaves say. */
#include <stdlib.h>
#include <string.h>

#include <vmi/call.h>

#include "host.h"

#define XEN_VERSION	1	/* distances from the base */
#define XEN_PAGES	2	/* ECX bit 0: a PV domain's */
#define XEN_CONTAINER	4	/* 0 for a PV domain */
#define XEN_PV_BIT	(1u << 0)

#define KVM_FEATURES	1
#define KVM_CLOCKSOURCE	(1u << 0)
#define KVM_CLOCKSOURCE2 (1u << 3)
#define KVM_PV_EOI	(1u << 6)
#define KVM_PV_IPI	(1u << 11)

#define HV_VERSION	2
#define HV_FEATURES	3
#define HV_SYNIC	(1u << 2)
#define HV_TIMERS	(1u << 3)

#define RING0_CS	0x10
#define RING3_CS	0x33	/* of a PV kernel whose host is not known to have another */

#define HCALLS	(VMI_FEAT_HCALL64 | VMI_FEAT_HCALL32)

const struct cpuid_row *host_leaf(const struct facts_host *host, unsigned int distance)
{
	return cpuid_find(host->facts, host->hypervisor.leaf + distance, host->forced);
}

static char *xen_version(const struct facts_host *host)
{
	const struct cpuid_row *row = host_leaf(host, XEN_VERSION);
	char *extra = fact_text(host->facts, "/sys/hypervisor/version/extra"), *text = NULL;

	if (row)
		text = xprintf("%u.%u%s", row->eax >> 16, row->eax & 0xffff, extra ? extra : "");
	free(extra);
	return text;
}

static const char *xen_pv(const struct facts_host *host)
{
	const struct cpuid_row *pages = host_leaf(host, XEN_PAGES), *container = host_leaf(host, XEN_CONTAINER);
	char *type = fact_text(host->facts, "/sys/hypervisor/guest_type");
	const char *because = NULL;

	if (pages && pages->ecx & XEN_PV_BIT)
		because = host->forced ? "CPUID 0x40000002 by Xen's prefix has the bit of a PV domain" :
					 "CPUID 0x40000002 has the bit of a PV domain";
	else if (host->forced && container && !container->eax)
		because = "CPUID 0x40000004 by Xen's prefix is empty, as for a PV domain";
	else if (type && !strcmp(type, "PV"))
		because = "/sys/hypervisor/guest_type";
	free(type);
	return because;
}

static const char *kvm_irq_timer(const struct facts_host *host)
{
	const struct cpuid_row *row = host_leaf(host, KVM_FEATURES);

	if (!row || !(row->eax & (KVM_CLOCKSOURCE | KVM_CLOCKSOURCE2)))
		return NULL;
	if (row->eax & (KVM_PV_EOI | KVM_PV_IPI))
		return "KVM's feature leaf has its clock and its interrupt calls";
	return "KVM's feature leaf has its clock";
}

static char *hyperv_version(const struct facts_host *host)
{
	const struct cpuid_row *row = host_leaf(host, HV_VERSION);

	return row && row->ebx ? xprintf("%u.%u.%u", row->ebx >> 16, row->ebx & 0xffff, row->eax) : NULL;
}

static const char *hyperv_irq_timer(const struct facts_host *host)
{
	const struct cpuid_row *row = host_leaf(host, HV_FEATURES);

	return row && (row->eax & HV_SYNIC) && (row->eax & HV_TIMERS) ?
	       "Hyper-V's feature leaf has its interrupt controller and timers" : NULL;
}

static char *vmihv_version(const struct facts_host *host)
{
	const struct cpuid_row *row = host_leaf(host, 1);

	return row ? xprintf("%u.%u, ABI %u", row->ebx >> 16, row->ebx & 0xffff, row->eax) : NULL;
}

static const char *vmihv_pv(const struct facts_host *host)
{
	return host->forced ? "CPUID tells of vmihv by Xen's prefix only" : NULL;
}

static const struct hypervisor hypervisors[] = {
	{
		.signature = "XenVMMXenVMM", .name = "Xen", .rank = 2,
		.offers = VMI_FEAT_HCALL64 | VMI_FEAT_PV_IRQ_TIMER | VMI_FEAT_PV_DEVICES,
		.model_pci = "0x5853:0x0001", .model_dmi = "HVM domU", .pv_cs = 0xe033,
		.version = xen_version, .pv = xen_pv,
	}, {
		.signature = "KVMKVMKVM", .name = "KVM", .rank = 3, .offers = HCALLS, .always_model = true,
		.irq_timer = kvm_irq_timer,
	}, {
		.signature = "Linux KVM Hv", .name = "KVM", .rank = 1, .offers = HCALLS, .always_model = true,
	}, {
		.signature = "Microsoft Hv", .name = "Hyper-V", .rank = 1, .offers = HCALLS | VMI_FEAT_PV_DEVICES,
		.model_pci = "0x8086:0x7192", .version = hyperv_version, .irq_timer = hyperv_irq_timer,
	},
	{
		.signature = "vmihv-type-1", .name = "vmihv", .rank = 1,
		.offers = VMI_FEAT_HCALL64 | VMI_FEAT_PV_IRQ_TIMER, .pv_cs = 0xfb3,
		.version = vmihv_version, .pv = vmihv_pv,
	},
	{ .signature = "VMwareVMware", .name = "VMware", .rank = 1, .offers = HCALLS, .always_model = true },
	{ .signature = "TCGTCGTCGTCG", .name = "QEMU's emulator (TCG)", .rank = 1, .always_model = true },
	{ .signature = "bhyve bhyve ", .name = "bhyve", .rank = 1, .always_model = true },
	{ .signature = "VBoxVBoxVBox", .name = "VirtualBox", .rank = 1, .always_model = true },
	{ .signature = " lrpepyh  vr", .name = "Parallels", .rank = 1, .always_model = true },
	{ .signature = "prl hyperv  ", .name = "Parallels", .rank = 1, .always_model = true },
	{ .signature = "ACRNACRNACRN", .name = "ACRN", .rank = 1, .offers = VMI_FEAT_HCALL64, .always_model = true },
	{ .signature = "QNXQVMBSQG", .name = "QNX Hypervisor", .rank = 1, .always_model = true },
	{ .signature = "Jailhouse", .name = "Jailhouse", .rank = 1, .offers = HCALLS },
	{ .signature = "OpenBSDVMM58", .name = "OpenBSD's vmm", .rank = 1, .always_model = true },
	{ .signature = "HAXMHAXMHAXM", .name = "HAXM", .rank = 1, .always_model = true },
	{ .signature = "___ NVMM ___", .name = "NVMM", .rank = 1, .always_model = true },
};

static const struct hypervisor *by_signature(const char *signature)
{
	for (size_t i = 0; i < sizeof(hypervisors) / sizeof(hypervisors[0]); i++)
		if (!strcmp(hypervisors[i].signature, signature))
			return &hypervisors[i];
	return NULL;
}

static unsigned int rank(const struct base *base)
{
	return base->by ? base->by->rank : 0;
}

static void take(struct base *best, struct base *other, const struct cpuid_row *row)
{
	struct base found = { .leaf = row->leaf };

	cpuid_signature(row, found.signature);
	found.by = by_signature(found.signature);
	if (!best->leaf || rank(&found) > rank(best)) {
		*other = *best;
		*best = found;
	} else if (!other->leaf && found.by) {
		*other = found;
	}
}

/* Of all who answer in one way, the real one and one that it imitates. */
static void find(const struct facts *facts, bool forced, struct base *best, struct base *other)
{
	for (uint32_t leaf = CPUID_HYPERVISOR; leaf < CPUID_LAST; leaf += CPUID_STEP) {
		const struct cpuid_row *row = cpuid_find(facts, leaf, forced);

		if (row)
			take(best, other, row);
	}
}

void host_find_hypervisor(struct facts_host *host)
{
	struct base plain = { 0 }, imitated = { 0 }, none = { 0 };
	const struct hypervisor *by;

	find(host->facts, false, &plain, &imitated);
	find(host->facts, true, &host->hypervisor, &host->imitates);
	host->forced = host->hypervisor.leaf != 0;
	if (!host->forced) {
		host->hypervisor = plain;
		host->imitates = imitated;
	}
	by = host->hypervisor.by;
	host->pv = by && by->pv ? by->pv(host) : NULL;
	/* A container's own Xen may answer by prefix too, if it was started so: then both are the same one. */
	if (host->forced && host->pv)
		host->below = plain;
	if (host->below.by == by) {
		const struct cpuid_row *container = cpuid_find(host->facts, plain.leaf + XEN_CONTAINER, false);

		if (!container || !container->eax)
			host->below = none;
	}
	host->version = by && by->version ? by->version(host) : NULL;
}

static const struct hypervisor *by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(hypervisors) / sizeof(hypervisors[0]); i++)
		if (!strcmp(hypervisors[i].name, name))
			return &hypervisors[i];
	return NULL;
}

void host_imagine_cpuid(struct facts *facts, const char *name)
{
	const struct hypervisor *by = by_name(name);
	uint32_t words[3] = { 0 };
	struct why why = { "" };
	char *text;

	if (!by)
		return;
	memcpy(words, by->signature, strlen(by->signature));
	text = xprintf("cpu 1 0: 0 0 80000000 0\ncpu %x 0: %x %x %x %x\n", CPUID_HYPERVISOR, CPUID_HYPERVISOR,
		       words[0], words[1], words[2]);
	cpuid_parse(facts, text, &why);
	free(text);
}

uint16_t host_kernel_cs(const char *name, uint32_t features)
{
	const struct hypervisor *by = by_name(name);

	if (!(features & VMI_FEAT_PV_MMU))
		return RING0_CS;
	return by && by->pv_cs ? by->pv_cs : RING3_CS;
}
