// SPDX-License-Identifier: MIT
/*
 * Descriptors. The processor never sees a guest's table: each vCPU has one of
 * vmihv's, into which what the guest names is copied entry by entry, as it may be.
 */
#include "pv/pv.h"
#include "memory/memory.h"

#define MSR_FS		0xc0000100
#define MSR_KERNEL_GS	0xc0000102
#define LDT_TYPE	0x82ul
#define TSS_AVAILABLE	0x89ul
#define FLAT_CODE32	0x00cffb000000fffful
#define FLAT_DATA	0x00cff3000000fffful
#define FLAT_CODE64	0x00affb000000fffful
#define OWN_LDT		0x0fc0ul		/* selector of the LDT, behind PV_CS */

_Static_assert((PV_CS32 & ~7u) / 8 >= GUEST_GDT_ENTRIES && OWN_LDT / 8 + 1 < GDT_ENTRIES, "they are vmihv's");

/* What may not be is left out, and told. */
static bool copy(u64 *to, const u64 *from, u32 entries)
{
	bool all = true;

	for (u32 i = 0; i < entries; i++) {
		u64 d = from[i];
		bool good = pv_descriptor(&d);

		to[i] = good ? d : 0;
		all &= good;
	}
	return all;
}

int pv_set_gdt(struct vcpu *v, u64 gpa, u64 entries)
{
	struct pv_vcpu *p = pv_of(v);
	static u64 table[GUEST_GDT_ENTRIES];

	if (gpa % PAGE_SIZE || entries > GUEST_GDT_ENTRIES || guest_read(&v->domain->memory, table, gpa, entries * 8))
		return -1;
	if (!copy(table, table, entries))
		return -1;
	memset(p->gdt, 0, GUEST_GDT_ENTRIES * 8);
	memcpy(p->gdt, table, entries * 8);
	p->gdt_pa = gpa;
	p->gdt_entries = entries;
	return 0;
}

static u64 physical(const struct vcpu *v, u64 va)
{
	const struct guest_memory *m = &v->domain->memory;
	u64 table = pv_of(v)->root, e;

	for (int shift = 39; shift >= 12; shift -= 9) {
		if (guest_read(m, &e, table + (va >> shift & 511) * 8, 8) || !(e & 1))
			return ~0ul;
		table = pages_frame_of(m->pages, e & 0x000ffffffffff000ul) * PAGE_SIZE;
	}
	return table;
}

/* LDTR's descriptor is the last before the end of the table. */
static void load_ldt(const struct pv_vcpu *p)
{
	u64 base = (u64)p->ldt, limit = p->ldt_entries * 8 - 1;

	p->gdt[OWN_LDT / 8] = (limit & 0xffff) | (base & 0xffffff) << 16 | LDT_TYPE << 40 | (base >> 24 & 0xff) << 56;
	p->gdt[OWN_LDT / 8 + 1] = base >> 32;
	__asm__ volatile("lldt %w0" :: "r" (p->ldt_entries ? (u32)OWN_LDT : 0) : "memory");
}

int pv_set_ldt(struct vcpu *v, u64 va, u64 entries)
{
	struct pv_vcpu *p = pv_of(v);

	if (entries > LDT_ENTRIES || va % PAGE_SIZE)
		return -1;
	p->ldt_entries = 0;
	for (u32 i = 0; i * 512 < entries; i++) {
		u32 now = entries - i * 512 < 512 ? entries - i * 512 : 512;
		u64 *to = p->ldt + i * 512;

		p->ldt_pa[i] = physical(v, va + i * PAGE_SIZE);
		if (pv_copy_from(to, va + i * PAGE_SIZE, now * 8))
			break;
		copy(to, to, now);
		p->ldt_entries += now;
	}
	load_ldt(p);
	return p->ldt_entries == entries ? 0 : -1;
}

static void write_copies(struct pv_vcpu *p, u64 gpa, u64 descriptor)
{
	u64 frame = gpa & -PAGE_SIZE;
	u32 slot = gpa % PAGE_SIZE / 8;

	if (frame == p->gdt_pa && slot < p->gdt_entries)
		p->gdt[slot] = descriptor;
	for (u32 i = 0; i * 512 < p->ldt_entries; i++)
		if (frame == p->ldt_pa[i] && i * 512 + slot < p->ldt_entries)
			p->ldt[i * 512 + slot] = descriptor;
}

/* In the guest's own table and in the copies that are in use. */
int pv_write_descriptor(struct vcpu *v, u64 gpa, u64 descriptor)
{
	struct domain *d = v->domain;

	if (gpa % 8 || !pv_descriptor(&descriptor) || guest_write(&d->memory, gpa, &descriptor, 8))
		return -1;
	for (u32 i = 0; i < d->config->vcpus; i++)
		write_copies(pv_of(&d->vcpus[i]), gpa, descriptor);
	return 0;
}

/* vmihv's own descriptors are this processor's. */
void pv_load_segments(struct vcpu *v)
{
	struct cpu *cpu = this_cpu();
	struct pv_vcpu *p = pv_of(v);
	struct { u16 limit; u64 base; } __attribute__((packed)) r = { PAGE_SIZE - 1, (u64)p->gdt };

	memcpy(p->gdt + HV_CS / 8, cpu->gdt + HV_CS / 8, 4 * 8);
	p->gdt[PV_CS32 / 8] = FLAT_CODE32;
	p->gdt[PV_DS / 8] = FLAT_DATA;
	p->gdt[PV_CS / 8] = FLAT_CODE64;
	__asm__ volatile("lgdt %0" :: "m" (r) : "memory");
	load_ldt(p);
	pv_load_ds(p->ds);
	pv_load_es(p->es);
	pv_load_fs(p->fs);
	pv_load_gs(p->gs);
	wrmsr(MSR_GS_BASE, (u64)cpu);
	wrmsr(MSR_FS, p->fs_base);
	wrmsr(MSR_KERNEL_GS, p->in_kernel ? p->gs_kernel : p->gs_user);
}

#define SELECTOR(name)	({ u16 s__; __asm__ volatile("mov %%" #name ", %0" : "=r" (s__)); s__; })

/* None is left loaded whose table goes. */
void pv_save_segments(struct vcpu *v)
{
	struct cpu *cpu = this_cpu();
	struct pv_vcpu *p = pv_of(v);
	struct { u16 limit; u64 base; } __attribute__((packed)) r = { sizeof(cpu->gdt) - 1, (u64)cpu->gdt };

	p->ds = SELECTOR(ds);
	p->es = SELECTOR(es);
	p->fs = SELECTOR(fs);
	p->gs = SELECTOR(gs);
	p->fs_base = rdmsr(MSR_FS);
	pv_load_ds(0);
	pv_load_es(0);
	pv_load_fs(0);
	pv_load_gs(0);
	wrmsr(MSR_GS_BASE, (u64)cpu);
	__asm__ volatile("lldt %w0; lgdt %1" :: "r" (0), "m" (r) : "memory");
}

/* The kernel asks: its own GS base is the one that is loaded. */
u64 pv_get_base(struct vcpu *v, enum pv_base which)
{
	switch (which) {
	case BASE_FS:
		return rdmsr(MSR_FS);
	case BASE_KERNEL_GS:
		return rdmsr(MSR_KERNEL_GS);
	default:
		return pv_of(v)->gs_user;
	}
}

/* A selector brings its segment's base, which is the user's. */
static void load_user_gs(struct pv_vcpu *p, struct cpu *cpu, u16 selector)
{
	pv_load_gs(selector);
	p->gs_user = rdmsr(MSR_GS_BASE);
	wrmsr(MSR_GS_BASE, (u64)cpu);
}

int pv_set_base(struct vcpu *v, enum pv_base which, u64 value)
{
	struct cpu *cpu = this_cpu();

	if (which != BASE_USER_GS_SELECTOR && !pv_is_canonical(value))
		return -1;
	switch (which) {
	case BASE_FS:
		wrmsr(MSR_FS, value);
		return 0;
	case BASE_KERNEL_GS:
		wrmsr(MSR_KERNEL_GS, value);
		return 0;
	case BASE_USER_GS:
		pv_of(v)->gs_user = value;
		return 0;
	case BASE_USER_GS_SELECTOR:
		load_user_gs(pv_of(v), cpu, value);
		return 0;
	default:
		return -1;
	}
}
