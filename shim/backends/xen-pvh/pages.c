// SPDX-License-Identifier: MIT
/*
 * Pages that Xen shares. Its own takes the place of one of ours, and ours is had
 * again when that ends. The rings of console and store lie outside the guest's
 * memory: the guest maps them, HOST_PAGE, and nothing there is used before.
 */
#include "xen.h"
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

SHIM_COLD

u64 vmi_call_HOST_PAGE(u32 n, void *va);
s32 vmi_call_MEMORY_MAP(struct vmi_range *ranges, u32 count);

#define MAP_MAX		128		/* of the host's map */
#define E820_RAM	1

union xen_shared_page xen_shared_page __attribute__((aligned(4096)));

/* What there is of it, without a gap. */
static struct host_page {
	u64 pa;
	u8 store;			/* 0: it is the console's */
} host_page[2];
static u32 host_pages;
static struct xencons_interface *console_ring;
static struct xenstore_domain_interface *ring_of_store;

static xen_pfn_t shared_pfn(void)
{
	return ((u64)&xen_shared_page - vmi_const64(IMAGE_OFFSET)) / PAGE_SIZE;
}

/** Xen gives up the page of ours that was there. Again after a restore. */
long pages_map_shared(void)
{
	struct xen_add_to_physmap map = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info, .gpfn = shared_pfn() };

	return HYPERCALL(memory_op, XENMEM_add_to_physmap, &map);
}

long pages_unmap_shared(void)
{
	xen_pfn_t pfn = shared_pfn();
	struct xen_remove_from_physmap remove = { .domid = DOMID_SELF, .gpfn = pfn };
	struct xen_memory_reservation have = { .nr_extents = 1, .domid = DOMID_SELF };

	set_xen_guest_handle(have.extent_start, &pfn);
	return HYPERCALL(memory_op, XENMEM_remove_from_physmap, &remove) ||
		HYPERCALL(memory_op, XENMEM_populate_physmap, &have) != 1;
}

/** 0 where there is no such thing. */
u64 param_get(u32 index)
{
	struct xen_hvm_param param = { .domid = DOMID_SELF, .index = index };

	return HYPERCALL(hvm_op, HVMOP_get_param, &param) ? 0 : param.value;
}

/** 0: events are not delivered any more. */
long set_vector(u32 vector)
{
	struct xen_hvm_param param = {
		.domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ,
		.value = vector ? (u64)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | vector : 0,
	};

	return HYPERCALL(hvm_op, HVMOP_set_param, &param);
}

static void add_page(u64 pfn, u8 store)
{
	if (pfn)
		host_page[host_pages++] = (struct host_page){ pfn * PAGE_SIZE, store };
}

/** What a toolstack has set up. Who has neither console nor store was made by Xen itself. */
void pages_find(void)
{
	u64 console = param_get(HVM_PARAM_CONSOLE_PFN), store = param_get(HVM_PARAM_STORE_PFN);

	xen.dom0 = !console && !store;
	add_page(console, 0);
	add_page(store, 1);
}

u32 store_port(void) { return param_get(HVM_PARAM_STORE_EVTCHN); }

struct xenstore_domain_interface *store_ring(void) { return ring_of_store; }

static void connect(struct xen_cpu *pc, int store)
{
	if (store) {
		control_init(pc);
		return;
	}
	console_set(console_ring, param_get(HVM_PARAM_CONSOLE_EVTCHN));
	console_init(pc);
}

/** After a restore: the pages are where they were, the ports are others. */
void pages_connect(struct xen_cpu *pc)
{
	if (console_ring)
		connect(pc, 0);
	if (ring_of_store)
		connect(pc, 1);
}

static u64 take_page(const struct host_page *page, void *va)
{
	if ((u64)va & ~PAGE_MASK || xen.stage != STAGE_RUNNING || xen_armed)
		return 0;
	if (page->store)
		ring_of_store = va;
	else
		console_ring = va;
	connect(&xen_boot_cpu, page->store);
	return page->pa;
}

u64 vmi_call_HOST_PAGE(u32 n, void *va)
{
	if (n >= host_pages)
		return 0;
	return va ? take_page(&host_page[n], va) : host_page[n].pa;
}

/*
 * The map of the guest's memory
 */

static struct e820_entry {
	u64 pa, bytes;
	u32 type;
} __attribute__((packed)) host_map[MAP_MAX];
static u32 map_size;			/* 0: not asked for yet, or there is none */

/* A toolstack writes it in no order. */
static void sort_map(void)
{
	for (u32 i = 1; i < map_size; i++)
		for (u32 k = i; k && host_map[k].pa < host_map[k - 1].pa; k--) {
			struct e820_entry e = host_map[k];

			host_map[k] = host_map[k - 1];
			host_map[k - 1] = e;
		}
}

static void read_map(void)
{
	struct xen_memory_map map = { .nr_entries = MAP_MAX };

	set_xen_guest_handle(map.buffer, (void *)host_map);
	if (!map_size && !HYPERCALL(memory_op, XENMEM_memory_map, &map)) {
		map_size = map.nr_entries;
		sort_map();
	}
}

/** Of an address: whether the map has RAM there. */
int pages_is_ram(u64 pa)
{
	read_map();
	for (u32 i = 0; i < map_size; i++)
		if (pa - host_map[i].pa < host_map[i].bytes)
			return host_map[i].type == E820_RAM;
	return 0;
}

s32 vmi_call_MEMORY_MAP(struct vmi_range *ranges, u32 count)
{
	read_map();
	for (u32 i = 0; i < map_size && i < count; i++)
		ranges[i] = (struct vmi_range){ host_map[i].pa, host_map[i].bytes,
			host_map[i].type == E820_RAM ? VMI_MEM_RAM : VMI_MEM_RESERVED, 0 };
	return map_size ? (s32)map_size : VMI_E_NOSYS;
}
