// SPDX-License-Identifier: MIT
/* From vmihv's entry to the kernel's: describes memory and goes on. Read next: init.c. */
#include "pv.h"
#include "vmihv/found.h"

SHIM_COLD

struct pv_state pv;
u8 pv_armed;
const u32 *pv_chunks;
u64 pv_chunk_count;
const u16 *pv_owners;
u64 pv_owner_count;
struct pv_cpu pv_boot_cpu __attribute__((aligned(64)));

#define MOST_CMDLINE	1024

static struct vmi_boot boot;
static char cmdline[MOST_CMDLINE];	/* what is behind the image is not mapped for long */

struct vmi_boot *pv_boot(const struct vmihv_start *start);

#define BID	100

static void cpuid(u32 leaf, u32 r[4])
{
	__asm__ volatile("ud2; .ascii \"xen\"; cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3])
		: "a" (leaf), "c" (0));
}

/* No other host has a kernel run with this selector. */
u32 vmi_rom_detect(void)
{
	u32 r[4];
	u16 cs;

	__asm__("mov %%cs, %0" : "=r" (cs));
	if (cs != VMIHV_KERNEL_CS)
		return 0;
	cpuid(VMIHV_LEAF, r);
	if (r[1] != VMIHV_NAME_EBX || r[2] != VMIHV_NAME_ECX || r[3] != VMIHV_NAME_EDX)
		return 0;
	cpuid(VMIHV_LEAF_FACTS, r);
	return r[0] == BACKEND_ABI ? BID : 0;
}

static void copy_cmdline(const char *from)
{
	for (u32 i = 0; i < MOST_CMDLINE - 1 && from[i]; i++)
		cmdline[i] = from[i];
}

static void append(u64 from, u64 to, u32 kind)
{
	if (to > from)
		boot.ranges[boot.range_count++] = (struct vmi_range){ from, to - from, kind, 0 };
}

struct vmi_boot *pv_boot(const struct vmihv_start *start)
{
	boot.entry_tsc = __builtin_ia32_rdtsc();
	if (start->magic != VMIHV_START_MAGIC || start->abi != BACKEND_ABI)
		__builtin_trap();	/* no call of this version would be understood */
	pv.start = start;
	pv.image_offset = vmi_const64(IMAGE_OFFSET);
	pv.pages = start->memory / PAGE_SIZE;
	pv_chunks = (const u32 *)start->chunks;
	pv_chunk_count = start->memory >> VMIHV_CHUNK_SHIFT;
	pv_owners = (const u16 *)start->owners;
	pv_owner_count = start->owner_count;
	pv_boot_cpu.self = &pv_boot_cpu;
	pv_boot_cpu.cr3 = start->root;
	pv_boot_cpu.line[BACKEND_FLAG] = BACKEND_FLAG_OFF;
	pv.cpu[0] = &pv_boot_cpu;
	boot.magic = VMI_MAGIC_BOOT;
	boot.version = VMI_STRUCT_VERSION;
	boot.size = sizeof(boot);
	copy_cmdline((const char *)start->cmdline);
	boot.cmdline = (u64)cmdline;
	boot.initrd_pa = start->initrd;
	boot.initrd_bytes = start->initrd_bytes;
	append(0, start->area, VMI_MEM_RAM);
	append(start->area, start->boot_end, VMI_MEM_RESERVED);
	append(start->boot_end, start->memory, VMI_MEM_RAM);
	return &boot;
}
