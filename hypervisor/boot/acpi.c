// SPDX-License-Identifier: MIT
/* Which processors there are, by firmware's tables. They lie below 4 GiB; what does not add up is not believed. */
#include "boot/boot.h"
#include "memory/memory.h"

#define EBDA_SEGMENT	0x40eul
#define EBDA_BYTES	1024ul
#define BIOS_START	0xe0000ul
#define BIOS_END	0x100000ul
#define RSDP_STEP	16
#define RSDP_BYTES	20
#define MAX_TABLE	MIB
#define LOCAL_APIC	0
#define LOCAL_X2APIC	9
#define ENABLED		1u

struct rsdp {
	char signature[8];
	u8 sum, oem[6], revision;
	u32 rsdt, bytes;
	u64 xsdt;
} __attribute__((packed));

struct table {
	char signature[4];
	u32 bytes;
	u8 revision, sum, who[26];
};

_Static_assert(sizeof(struct table) == 36, "the head of every table");

/** An entry of the MADT. */
struct entry {
	u8 kind, bytes;
	union {
		struct { u8 number, id; u32 flags; } __attribute__((packed)) apic;
		struct { u16 reserved; u32 id, flags; } __attribute__((packed)) x2apic;
	};
} __attribute__((packed));

static bool adds_up(const void *data, u64 bytes)
{
	const u8 *p = data;
	u8 sum = 0;

	while (bytes--)
		sum += *p++;
	return !sum;
}

static const struct rsdp *search(u64 start, u64 end)
{
	for (u64 pa = start; pa + sizeof(struct rsdp) <= end; pa += RSDP_STEP)
		if (!memcmp(at_pa(pa), "RSD PTR ", 8) && adds_up(at_pa(pa), RSDP_BYTES))
			return at_pa(pa);
	return NULL;
}

static const struct rsdp *find_rsdp(u64 told)
{
	const struct rsdp *r = told && told < EARLY_LIMIT - PAGE_SIZE ? search(told, told + sizeof(*r)) : NULL;
	u16 segment;

	memcpy(&segment, at_pa(EBDA_SEGMENT), sizeof(segment));
	if (!r && segment)
		r = search(segment * 16ul, segment * 16ul + EBDA_BYTES);
	return r ? r : search(BIOS_START, BIOS_END);
}

static const struct table *table_at(u64 pa, const char *signature)
{
	const struct table *t = at_pa(pa);

	if (!pa || pa > EARLY_LIMIT - MAX_TABLE || memcmp(t->signature, signature, 4))
		return NULL;
	return t->bytes >= sizeof(*t) && t->bytes <= MAX_TABLE && adds_up(t, t->bytes) ? t : NULL;
}

/* The root table's entries are 4 bytes each, or 8 in the newer one. */
static const struct table *find_table(const struct rsdp *r, const char *signature)
{
	const struct table *root = r->revision >= 2 ? table_at(r->xsdt, "XSDT") : NULL, *found = NULL;
	u32 size = root ? 8 : 4;

	if (!root)
		root = table_at(r->rsdt, "RSDT");
	for (u32 at = sizeof(*root); root && !found && at + size <= root->bytes; at += size) {
		u64 pa = 0;

		memcpy(&pa, (const u8 *)root + at, size);
		found = table_at(pa, signature);
	}
	return found;
}

static void add(struct boot_info *info, u32 id, u32 flags)
{
	if (flags & ENABLED && info->processor_count < MAX_PROCESSORS)
		info->processors[info->processor_count++] = id;
}

void acpi_read(struct boot_info *info)
{
	const struct rsdp *r = find_rsdp(info->rsdp);
	const struct table *madt = r ? find_table(r, "APIC") : NULL;

	for (u32 at = sizeof(*madt) + 8; madt && at + 2 <= madt->bytes;) {
		const struct entry *e = (const void *)((const u8 *)madt + at);

		if (e->bytes < 2 || at + e->bytes > madt->bytes)
			break;
		if (e->kind == LOCAL_APIC && e->bytes >= 8)
			add(info, e->apic.id, e->apic.flags);
		else if (e->kind == LOCAL_X2APIC && e->bytes >= 16)
			add(info, e->x2apic.id, e->x2apic.flags);
		at += e->bytes;
	}
}
