// SPDX-License-Identifier: MIT
/* Detection, start and end. Read next: event.c. */
#include "host.h"

s32 vmi_call_INIT(struct vmi_init *init);
s32 vmi_call_PERCPU_READY(u32 cpu, struct percpu *block);
s32 vmi_call_EVENT_VECTOR(u32 vector);
s32 vmi_call_EXIT(void);

#define BID		100		/* more than whoever sees no more than a processor */

static enum { BEFORE, RUNNING, AFTER } state;
static u32 cpus;
static u32 event_vector = VMI_ENTRY_EVENT;	/* of the guest's own IDT */
static u8 ready[MAX_CPUS];
union shared_page shared[MAX_CPUS] __attribute__((aligned(4096)));

static void cpuid(u32 leaf, u32 r[4])
{
	__asm__ volatile("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "a" (leaf), "c" (0));
}

u32 vmi_rom_detect(void)
{
	u32 r[4];

	cpuid(1, r);
	if (!(r[2] >> 31))
		return 0;
	cpuid(VMIHV_LEAF, r);
	if (r[1] != VMIHV_NAME_EBX || r[2] != VMIHV_NAME_ECX || r[3] != VMIHV_NAME_EDX)
		return 0;
	cpuid(VMIHV_LEAF_FACTS, r);
	return r[0] == 1 ? BID : 0;
}

static void host_facts(struct vmi_init *init)
{
	u32 r[4];

	cpuid(VMIHV_LEAF_FACTS, r);
	cpus = r[2] < MAX_CPUS ? r[2] : MAX_CPUS;
	init->features = BACKEND_FEATURES;
	init->host_version = r[1];
	init->tsc_khz = r[3];
	init->pte_forbidden = 0;
	init->extra_user_cs = 0;
	init->frame_table_bytes = 0;
	memset(init->host_name, 0, sizeof(init->host_name));
	memcpy(init->host_name, "vmihv, ABI v1", sizeof("vmihv, ABI v1"));
	memset(init->reason, 0, sizeof(init->reason));
}

int is_ready(u32 cpu)
{
	return cpu < cpus && ready[cpu];
}

s64 share(u32 cpu)
{
	return hypercall(VMIHV_V1_PAGE, (u64)&shared[cpu] - vmi_const64(IMAGE_OFFSET), event_vector, cpu);
}

s32 vmi_call_INIT(struct vmi_init *init)
{
	if (init->magic != VMI_MAGIC_INIT || init->version != VMI_STRUCT_VERSION ||
	    init->size < sizeof(*init) || init->reserved)
		return VMI_E_INVAL;
	if (state != BEFORE) {
		memcpy(init->reason, "INIT was called before", sizeof("INIT was called before"));
		return VMI_E_STATE;
	}
	host_facts(init);
	/* A kernel wants the time before it has blocks for its CPUs. */
	if (share(0))
		return VMI_E_PERM;
	state = RUNNING;
	return VMI_OK;
}

s32 vmi_call_PERCPU_READY(u32 cpu, struct percpu *block)
{
	if (state != RUNNING || is_ready(cpu))
		return VMI_E_STATE;
	if (cpu >= cpus || (u64)block % 64)
		return VMI_E_INVAL;
	block->page = &shared[cpu].page;
	if (share(cpu))
		return VMI_E_PERM;
	ready[cpu] = 1;
	return VMI_OK;
}

s32 vmi_call_EVENT_VECTOR(u32 vector)
{
	if (vector < VMI_ENTRY_EVENT || vector > 255)
		return VMI_E_INVAL;
	event_vector = vector;
	for (u32 cpu = 0; cpu < cpus; cpu++)
		if (ready[cpu] && share(cpu))
			return VMI_E_PERM;
	return VMI_OK;
}

s32 vmi_call_EXIT(void)
{
	if (state != RUNNING)
		return VMI_E_STATE;
	for (u32 cpu = 0; cpu < cpus; cpu++)
		hypercall(VMIHV_V1_PAGE, 0, 0, cpu);
	state = AFTER;
	return VMI_OK;
}
