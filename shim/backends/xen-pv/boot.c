// SPDX-License-Identifier: MIT
/*
 * From Xen's entry to the kernel's: takes what start_info says, maps the shared
 * page, and describes memory. We run on Xen's bootstrap tables, where the boot
 * allocation (image, initrd, P2M list, start_info, tables, stack) lies at
 * image_offset. Read next: init.c, then adopt.c.
 */
#include "xen.h"
#include <xen/memory.h>

SHIM_COLD

struct xen_state xen;
u64 *xen_p2m;
u64 xen_nr_pages;
const u64 *xen_m2p;
u64 xen_m2p_max;
u64 xen_shared_mfn, xen_shared_pfn;
u8 xen_armed;
struct xen_cpu xen_boot_cpu __attribute__((aligned(64)));
union xen_shared_page xen_shared_page __attribute__((aligned(PAGE_SIZE)));

static struct vmi_boot boot;
static char cmdline[MAX_GUEST_CMDLINE];

/** Where the console's ring is; again after a restore. */
void console_boot(void)
{
	if (!xen.dom0)
		console_set(pa_to_va(xen_m2p[xen.si->console.domU.mfn] * PAGE_SIZE), xen.si->console.domU.evtchn);
}

u32 store_port(void) { return xen.si->store_evtchn; }

struct xenstore_domain_interface *store_ring(void)
{
	u64 mfn = xen.si->store_mfn;

	return mfn <= xen_m2p_max && xen_m2p[mfn] < xen_nr_pages ? pa_to_va(xen_m2p[mfn] * PAGE_SIZE) : NULL;
}

struct vmi_boot *xen_boot(struct start_info *si, u64 stack);

u32 vmi_rom_detect(void)
{
	u16 cs;

	__asm__("mov %%cs, %0" : "=r" (cs));
	return cs == FLAT_RING3_CS64 ? 10 : 0;
}

static u64 boot_pa(u64 va) { return va - xen.image_offset; }
static u64 pages(u64 bytes) { return (bytes + PAGE_SIZE - 1) / PAGE_SIZE; }

/** Again after a restore: another host's can be elsewhere. */
void boot_find_m2p(void)
{
	struct xen_machphys_mapping map;

	xen_m2p = (const u64 *)MACH2PHYS_VIRT_START;
	xen_m2p_max = MACH2PHYS_NR_ENTRIES - 1;
	if (HYPERCALL(memory_op, XENMEM_machphys_mapping, &map))
		return;
	xen_m2p = (const u64 *)map.v_start;
	xen_m2p_max = map.max_mfn;
}

/*
 * The shared page takes the place of a page of our own, in the map and in the
 * P2M: whoever translates an entry for it gets back what he had.
 */
static void map_shared_page(u64 ma)
{
	u64 va = (u64)&xen_shared_page;

	xen_shared_mfn = ma >> 12;
	xen_shared_pfn = boot_pa(va) >> 12;
	xen.hidden_mfn = xen_p2m[xen_shared_pfn];
	xen_p2m[xen_shared_pfn] = xen_shared_mfn;
	HYPERCALL(update_va_mapping, va, ma | PTE_P | PTE_RW | PTE_A | PTE_D, UVMF_INVLPG);
	xen_boot_cpu.vi = &xen_shared->vcpu_info[0];
}

/* Adds a reserved range where it belongs; ranges are sorted. */
static void reserve(u64 pa, u64 bytes)
{
	u32 i = boot.range_count++;

	if (i + 1 >= VMI_BOOT_RANGES / 2)
		return;
	for (; i && boot.ranges[i - 1].pa > pa; i--)
		boot.ranges[i] = boot.ranges[i - 1];
	boot.ranges[i] = (struct vmi_range){ pa, bytes, VMI_MEM_RESERVED, 0 };
}

static void append(u64 from, u64 to, u32 kind)
{
	if (to > from)
		boot.ranges[boot.range_count++] = (struct vmi_range){ from, to - from, kind, 0 };
}

/* Puts RAM between the reserved ranges. */
static void fill_ranges(u64 end)
{
	struct vmi_range reserved[VMI_BOOT_RANGES / 2];
	u32 n = boot.range_count;
	u64 at = 0;

	memcpy(reserved, boot.ranges, sizeof(reserved));
	boot.range_count = 0;
	for (u32 i = 0; i < n; i++) {
		append(at, reserved[i].pa, VMI_MEM_RAM);
		append(reserved[i].pa, reserved[i].pa + reserved[i].bytes, VMI_MEM_RESERVED);
		at = reserved[i].pa + reserved[i].bytes;
	}
	append(at, end, VMI_MEM_RAM);
}

#define E820_RAM	1

/* Its tables come out of what there is at boot. */
#define MOST_GROWTH	16

/*
 * Where the memory ends that the toolstack may let a domain have. It says so by
 * a map of one range, from 0 on.
 */
static u64 find_all_pages(void)
{
	struct { u64 pa, bytes; u32 type; } __attribute__((packed)) range[2];
	struct xen_memory_map map = { .nr_entries = 2 };
	u64 n;

	set_xen_guest_handle(map.buffer, (void *)range);
	if (xen.dom0 || HYPERCALL(memory_op, XENMEM_memory_map, &map) || map.nr_entries != 1 ||
	    range[0].pa || range[0].type != E820_RAM)
		return xen_nr_pages;
	n = range[0].bytes / PAGE_SIZE;
	if (n > xen_nr_pages * MOST_GROWTH)
		n = xen_nr_pages * MOST_GROWTH;
	return n > xen_nr_pages ? n : xen_nr_pages;
}

/* Most frames ADOPT can need: the direct map's tables, and the image's as 4 KiB pages. */
static u64 table_frames(u64 image_pages)
{
	u64 l1 = (xen.all_pages + ENTRIES - 1) / ENTRIES;
	u64 l2 = (l1 + ENTRIES - 1) / ENTRIES;
	u64 l3 = (l2 + ENTRIES - 1) / ENTRIES;

	return l1 + l2 + l3 + image_pages / ENTRIES + 4;
}

static void describe_memory(const struct start_info *si, u64 stack)
{
	/* The stack is the last thing of the boot allocation. */
	u64 end = (boot_pa(stack) + PAGE_SIZE - 1) & PAGE_MASK;

	xen.boot_pages = end / PAGE_SIZE;
	xen.pool_pfn = xen.boot_pages;
	xen.all_pages = find_all_pages();
	xen.pool_pages = table_frames(xen.boot_pages);
	xen.p2m_pfn = xen.pool_pfn + xen.pool_pages;
	xen.p2m_pages = xen.all_pages > xen_nr_pages ? pages(xen.all_pages * sizeof(u64)) : 0;
	reserve(boot_pa(si->mfn_list), pages(xen_nr_pages * sizeof(u64)) * PAGE_SIZE);
	reserve(boot_pa((u64)si) & PAGE_MASK, PAGE_SIZE);
	reserve(xen.pool_pfn * PAGE_SIZE, (xen.pool_pages + xen.p2m_pages) * PAGE_SIZE);
	if (!xen.dom0) {
		reserve(xen_m2p[si->console.domU.mfn] * PAGE_SIZE, PAGE_SIZE);
		reserve(xen_m2p[si->store_mfn] * PAGE_SIZE, PAGE_SIZE);
	}
	fill_ranges(xen_nr_pages * PAGE_SIZE);
	append(xen_nr_pages * PAGE_SIZE, xen.all_pages * PAGE_SIZE, VMI_MEM_LATER);
}

static void describe_modules(const struct start_info *si)
{
	memcpy(cmdline, si->cmd_line, MAX_GUEST_CMDLINE - 1);
	boot.cmdline = (u64)cmdline;
	boot.initrd_bytes = si->mod_len;
	if (si->mod_len)
		boot.initrd_pa = si->flags & SIF_MOD_START_PFN ?
			si->mod_start * PAGE_SIZE : boot_pa(si->mod_start);
}

struct vmi_boot *xen_boot(struct start_info *si, u64 stack)
{
	boot.entry_tsc = rdtsc();
	xen.si = si;
	xen.image_offset = vmi_const64(IMAGE_OFFSET);
	xen.dom0 = !!(si->flags & SIF_INITDOMAIN);
	xen_nr_pages = si->nr_pages;
	xen_p2m = (u64 *)si->mfn_list;
	xen_boot_cpu.self = &xen_boot_cpu;
	xen_boot_cpu.cr3 = boot_pa(si->pt_base);
	xen.cpu[0] = &xen_boot_cpu;
	boot_find_m2p();
	map_shared_page(si->shared_info);
	console_boot();
	boot.magic = VMI_MAGIC_BOOT;
	boot.version = VMI_STRUCT_VERSION;
	boot.size = sizeof(boot);
	describe_memory(si, stack);
	describe_modules(si);
	return &boot;
}
