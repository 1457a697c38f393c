// SPDX-License-Identifier: MIT
/*
 * Each feature of a host, seen or concluded. What only shows on some kernels is
 * unknown on the others: absence counts only where presence would show.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <vmi/call.h>

#include "host.h"

#define CPU_APIC	(1u << 9)	/* EDX of leaf 1 */
#define CPU_MCE		(1u << 7)
#define CPU_MCA		(1u << 14)
#define FADT_PM_TIMER	76		/* offset in ACPI's table: the port, 0: none */
#define CLOCKSOURCES	"/sys/devices/system/clocksource/clocksource0/available_clocksource"

struct seen seen(int is, const char *format, ...)
{
	struct seen s = { .is = is };
	va_list args;

	va_start(args, format);
	if (vasprintf(&s.because, format, args) < 0)
		abort();
	va_end(args);
	return s;
}

/* VMI_FEAT_* of the shim in force, 0 without one. */
static uint32_t shim_features(const struct facts_host *host)
{
	char *text = fact_text(host->facts, "/sys/kernel/vmi/features");
	uint32_t bits = text ? strtoul(text, NULL, 16) : 0;

	free(text);
	return bits;
}

bool host_is_bare(const struct facts_host *host)
{
	return !host->hypervisor.leaf && !host->monitor && !(shim_features(host) & VMI_FEAT_HCALL64);
}

static const char *name(const struct facts_host *host)
{
	return host->hypervisor.by ? host->hypervisor.by->name : "the hypervisor";
}

static uint32_t cpu_bits(const struct facts_host *host)
{
	const struct cpuid_row *one = cpuid_find(host->facts, 1, false);

	return one ? one->edx : 0;
}

static char *pci_id(const struct facts *facts, const struct fact *vendor)
{
	char *path = xprintf("%.*s/device", (int)(strrchr(vendor->path, '/') - vendor->path), vendor->path);
	char *v = fact_text(facts, vendor->path), *d = fact_text(facts, path);
	char *id = xprintf("%s:%s", v ? v : "?", d ? d : "?");

	free(path);
	free(v);
	free(d);
	return id;
}

/* The first PCI device whose id begins so; *count gets how many there are in all. */
static bool pci_find(const struct facts *facts, const char *begin, unsigned int *count)
{
	const struct fact *f = NULL;
	bool found = false;

	*count = 0;
	while ((f = fact_next(facts, f, "/sys/bus/pci/devices/*/vendor"))) {
		char *id = pci_id(facts, f);

		++*count;
		found = found || !strncmp(id, begin, strlen(begin));
		free(id);
	}
	return found;
}

static struct seen see_model(const struct facts_host *host)
{
	const struct hypervisor *by = host->hypervisor.by;
	char *product, *type;
	struct seen s;
	unsigned int count;

	if (host->pv)
		return seen(NO, "a PV domain has none");
	if (host_is_bare(host))
		return seen(NO, "bare hardware");
	if (!by)
		return seen(UNKNOWN, "nothing is known of this hypervisor");
	if (by->always_model)
		return seen(YES, "%s makes no machine without one", by->name);
	product = fact_text(host->facts, "/sys/class/dmi/id/product_name");
	type = fact_text(host->facts, "/sys/hypervisor/guest_type");
	if (by->model_pci && pci_find(host->facts, by->model_pci, &count))
		s = seen(YES, "PCI has its device %s", by->model_pci);
	else if (by->model_dmi && product && !strcmp(product, by->model_dmi))
		s = seen(YES, "DMI's product is \"%s\"", product);
	else if (type && !strcmp(type, "HVM"))
		s = seen(YES, "/sys/hypervisor/guest_type");
	else
		s = seen(NO, "neither its PCI device nor its DMI name is there");
	free(product);
	free(type);
	return s;
}

static struct seen see_container(const struct facts_host *host)
{
	/* of a hypervisor that is not known, its shim knows what it makes */
	if (host->pv && !host->hypervisor.by)
		return seen(!!(shim_features(host) & VMI_FEAT_HW_CONTAINER), "%s", host->pv);
	if (host->pv && !host->below.leaf)
		return seen(NO, "%s", host->pv);
	if (host->pv && host->below.by == host->hypervisor.by)
		return seen(YES, "plain CPUID is answered by the %s below, for a container", name(host));
	if (host->pv)
		return seen(NO, "%s", host->pv);
	if (host_is_bare(host))
		return seen(YES, "bare hardware: ring 0 is the kernel's");
	return seen(YES, "%s has it in no other way", name(host));
}

static struct seen offered(const struct facts_host *host, uint32_t feature)
{
	const struct hypervisor *by = host->hypervisor.by;

	if (host_is_bare(host))
		return seen(NO, "bare hardware");
	if (!by)
		return seen(UNKNOWN, "nothing is known of this hypervisor");
	return seen(!!(by->offers & feature), "%s %s", by->name, by->offers & feature ? "offers it always" : "has none");
}

static struct seen see_hcall64(const struct facts_host *host)
{
	return host->pv ? seen(YES, "a PV domain lives by them") : offered(host, VMI_FEAT_HCALL64);
}

static struct seen see_hcall32(const struct facts_host *host)
{
	struct seen s;

	if (host->pv)
		return seen(NO, "this PV domain is a 64-bit one");
	s = offered(host, VMI_FEAT_HCALL32);
	/* where containers come with and without a device model, only the former take them */
	if (s.is == NO && host->model.is == YES && host->hypervisor.by->offers & VMI_FEAT_HCALL64) {
		free(s.because);
		s = seen(YES, "%s takes them from a machine with a device model", name(host));
	}
	return s;
}

static struct seen see_paging(const struct facts_host *host)
{
	return host->pv ? seen(NO, "a PV domain's tables are checked by its host") :
			  seen(YES, "the kernel's tables are its own affair");
}

static struct seen see_pv_mmu(const struct facts_host *host)
{
	return host->pv ? seen(YES, "%s", host->pv) : seen(NO, "not a PV domain");
}

static struct seen see_ioreq(const struct facts_host *host)
{
	return seen(host->model.is, "%s", host->model.because);
}

static struct seen see_hvm_cpuid(const struct facts_host *host)
{
	if (host->pv)
		return seen(NO, "a PV domain asks its host for CPUID");
	return host_is_bare(host) ? seen(NO, "bare hardware") : seen(YES, "%s answers the instruction", name(host));
}

/* What can only be emulated by a device model, or be real. */
static bool not_here(const struct facts_host *host, struct seen *s)
{
	if (host_is_bare(host) || host->model.is != NO)
		return false;
	*s = seen(NO, "there is no device model to emulate any");
	return true;
}

static struct seen see_irqchip(const struct facts_host *host)
{
	struct seen s;

	if (not_here(host, &s))
		return s;
	if (fact_has(host->facts, "/proc/interrupts", "IO-APIC"))
		return seen(YES, "/proc/interrupts has IO-APIC lines");
	if (fact_has(host->facts, "/proc/interrupts", "XT-PIC"))
		return seen(YES, "/proc/interrupts has XT-PIC lines");
	if (fact_has(host->facts, "/proc/iomem", "IOAPIC"))
		return seen(YES, "/proc/iomem has an IOAPIC");
	return cpu_bits(host) & CPU_APIC ? seen(YES, "CPUID has a local APIC") : seen(UNKNOWN, "CPUID has no local APIC");
}

static struct seen see_timers(const struct facts_host *host)
{
	const struct fact *fadt = fact_next(host->facts, NULL, "/sys/firmware/acpi/tables/FACP");
	struct seen s;

	if (not_here(host, &s))
		return s;
	if (fact_has(host->facts, CLOCKSOURCES, "hpet"))
		return seen(YES, "HPET is a clock source");
	if (fact_has(host->facts, CLOCKSOURCES, "acpi_pm"))
		return seen(YES, "the PM timer is a clock source");
	if (fact_next(host->facts, NULL, "/sys/firmware/acpi/tables/HPET"))
		return seen(YES, "ACPI has an HPET");
	if (fact_has(host->facts, "/proc/interrupts", "timer\n"))
		return seen(YES, "/proc/interrupts has the PIT's line");
	if (fact_next(host->facts, NULL, "/sys/class/rtc/*/name"))
		return seen(YES, "there is an RTC");
	if (fadt && fadt->bytes.size >= FADT_PM_TIMER + 4)
		return seen(get32(fadt->bytes.data + FADT_PM_TIMER) != 0, "ACPI's table says whether there is a PM timer");
	return seen(UNKNOWN, "this kernel shows none");
}

static struct seen see_irq_timer(const struct facts_host *host)
{
	const struct hypervisor *by = host->hypervisor.by;
	const char *because;

	if (host->pv)
		return seen(YES, "a PV domain has no others");
	if (!by || !by->irq_timer)
		return offered(host, VMI_FEAT_PV_IRQ_TIMER);
	because = by->irq_timer(host);
	return because ? seen(YES, "%s", because) : seen(NO, "%s's feature leaf has none", by->name);
}

static struct seen see_mce(const struct facts_host *host)
{
	bool has = (cpu_bits(host) & (CPU_MCE | CPU_MCA)) == (CPU_MCE | CPU_MCA);

	if (host->pv)
		return seen(NO, "a PV domain reaches them by trap only");
	return seen(has, "CPUID %s them", has ? "has" : "does not have");
}

static struct seen see_pci(const struct facts_host *host)
{
	unsigned int count;
	struct seen s;

	if (not_here(host, &s))
		return s;
	pci_find(host->facts, "", &count);
	if (count)
		return seen(YES, "%u PCI device%s", count, count == 1 ? "" : "s");
	if (fact_next(host->facts, NULL, "/sys/bus/pci"))
		return seen(NO, "/sys/bus/pci is there and empty");
	if (fact_next(host->facts, NULL, "/sys/firmware/acpi/tables/MCFG"))
		return seen(YES, "ACPI has an MCFG table");
	return seen(UNKNOWN, "this kernel has no PCI");
}

static struct seen see_pv_devices(const struct facts_host *host)
{
	static const char *const vendors[] = { "0x1af4:", "0x5853:", "0x15ad:0x07b0", "0x15ad:0x07c0" };
	unsigned int count;
	struct seen s;

	if (host->pv)
		return seen(YES, "a PV domain has no others");
	s = offered(host, VMI_FEAT_PV_DEVICES);
	if (s.is == YES)
		return s;
	free(s.because);
	if (fact_next(host->facts, NULL, "/sys/bus/virtio/devices/*"))
		return seen(YES, "/sys/bus/virtio has devices");
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (pci_find(host->facts, vendors[i], &count))
			return seen(YES, "PCI has a device of vendor %.6s", vendors[i]);
	if (host_is_bare(host))
		return seen(NO, "bare hardware");
	if (fact_next(host->facts, NULL, "/sys/bus/virtio") || fact_next(host->facts, NULL, "/sys/bus/pci"))
		return seen(NO, "neither PCI nor virtio has one");
	return seen(UNKNOWN, "this kernel has neither PCI nor virtio");
}

static struct seen see_firmware(const struct facts_host *host)
{
	struct seen s;

	return not_here(host, &s) ? s : firmware_kind(host->facts);
}

static struct seen (*const see[FEATURE_COUNT])(const struct facts_host *host) = {
	see_container, see_hcall64, see_hcall32, see_paging, see_pv_mmu, see_ioreq, see_hvm_cpuid,
	see_irqchip, see_timers, see_irq_timer, see_mce, see_pci, see_pv_devices, see_firmware,
};

/* A shim was told by its host what there is: it settles what is not seen. */
static void ask_shim(struct facts_host *host)
{
	uint32_t bits = shim_features(host);

	for (int i = 0; i < FEATURE_COUNT; i++)
		if (bits >> i & 1 && host->features[i].is == UNKNOWN) {
			free(host->features[i].because);
			host->features[i] = seen(YES, "the shim says so: /sys/kernel/vmi/features");
		}
}

void host_see_features(struct facts_host *host)
{
	if (!host->hypervisor.by && shim_features(host) & VMI_FEAT_PV_MMU)
		host->pv = "the shim says so: /sys/kernel/vmi/features";
	host->model = see_model(host);
	for (int i = 0; i < FEATURE_COUNT; i++)
		host->features[i] = see[i](host);
	ask_shim(host);
	for (int i = 0; i < FEATURE_COUNT; i++) {
		host->known |= (uint32_t)(host->features[i].is != UNKNOWN) << i;
		host->on |= (uint32_t)(host->features[i].is == YES) << i;
	}
}
