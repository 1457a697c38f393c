// SPDX-License-Identifier: MIT
/*
 * Starts one processor after the other: INIT, and a page to begin at in real mode.
 * Until it is born, it and the one that starts it are the only two that do anything.
 */
#include "cpu/smp.h"
#include "container/container.h"
#include "cpu/apic.h"
#include "cpu/clock.h"
#include "cpu/lock.h"
#include "domain/domain.h"
#include "memory/frames.h"
#include "memory/memory.h"
#include "memory/paging.h"

#define LOW_END		0xa0000ul	/* of what real mode can begin in, and firmware does not own */
#define STACK_ORDER	2
#define INIT_NS		10000000ul
#define AGAIN_NS	200000ul
#define PATIENCE_NS	10000000000ul

enum life { UNBORN, BORN, RUNS, LEFT_OUT };

/* boot/start.asm: what is copied, and what the processor then finds. */
extern const u8 ap_trampoline[], ap_trampoline_end[];
extern struct {
	u64 root, stack;
	struct cpu *cpu;
} ap_start;

void ap_main(struct cpu *cpu);

u32 cpu_count = 1;
struct lock the_lock;

static bool is_ram(const struct boot_info *boot, u64 pa)
{
	for (u32 i = 0; i < boot->ram_count; i++)
		if (pa >= boot->ram[i].start && pa + PAGE_SIZE <= boot->ram[i].end)
			return true;
	return false;
}

static bool is_module(const struct boot_info *boot, u64 pa)
{
	for (u32 i = 0; i < boot->module_count; i++) {
		u64 start = pa_of(boot->modules[i].data);

		if (start < pa + PAGE_SIZE && start + boot->modules[i].bytes > pa)
			return true;
	}
	return false;
}

/* Low memory is nobody's but the loader's, whose own structures have been read. */
static u64 find_page(const struct boot_info *boot)
{
	for (u64 pa = PAGE_SIZE; pa < LOW_END; pa += PAGE_SIZE)
		if (is_ram(boot, pa) && !is_module(boot, pa))
			return pa;
	return NO_FRAME;
}

static enum life life_of(const struct cpu *cpu) { return __atomic_load_n(&cpu->life, __ATOMIC_ACQUIRE); }

static bool becomes(struct cpu *cpu, u32 from, u32 to)
{
	return __atomic_compare_exchange_n(&cpu->life, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static void wait_born(const struct cpu *cpu, u64 ns)
{
	u64 end = clock_now() + ns;

	while (life_of(cpu) == UNBORN && clock_now() < end)
		pause();
}

/* The first signal may be lost on old machines; a second one does nothing to who has heard the first. */
static void call(const struct cpu *cpu, u64 page)
{
	apic_send(cpu->apic_id, APIC_INIT);
	wait_born(cpu, INIT_NS);
	apic_send(cpu->apic_id, APIC_STARTUP | page >> PAGE_SHIFT);
	wait_born(cpu, AGAIN_NS);
	if (life_of(cpu) == UNBORN)
		apic_send(cpu->apic_id, APIC_STARTUP | page >> PAGE_SHIFT);
	wait_born(cpu, PATIENCE_NS);
}

/* Guests are told that the counter is the same on every processor. */
static int start(struct cpu *cpu, u64 page, struct why *why)
{
	u64 stack = frames_take(STACK_ORDER, OWNER_HV), before = clock_now();

	if (stack == NO_FRAME)
		return refuse(why, "there is no memory for its stack");
	ap_start.root = paging_root();
	ap_start.stack = (u64)at_pa(stack) + (PAGE_SIZE << STACK_ORDER);
	ap_start.cpu = cpu;
	call(cpu, page);
	if (becomes(cpu, UNBORN, LEFT_OUT))
		return refuse(why, "it does not come");
	if (cpu->born < before || cpu->born > clock_now()) {
		becomes(cpu, BORN, LEFT_OUT);
		return refuse(why, "its time stamp counter is not the others'");
	}
	becomes(cpu, BORN, RUNS);
	return 0;
}

static void start_all(const struct boot_info *boot, u64 page)
{
	struct why why = { "" };

	for (u32 i = 0; i < boot->processor_count && cpu_count < MAX_CPUS; i++) {
		struct cpu *cpu = &cpus[cpu_count];

		if (boot->processors[i] == cpus[0].apic_id)
			continue;
		if (!apic_reaches(boot->processors[i])) {
			print("vmihv! processor with APIC ID %u is left out: it is not reached without x2APIC\n",
			      boot->processors[i]);
			continue;
		}
		cpu->number = cpu_count;
		cpu->apic_id = boot->processors[i];
		if (start(cpu, page, &why)) {
			print("vmihv! processor with APIC ID %u is left out: %s\n", cpu->apic_id, why.text);
			break;			/* it may still come, and finds itself in ap_start */
		}
		cpu->idle = true;
		cpu_count++;
	}
}

void smp_start(const struct boot_info *boot)
{
	u64 page = find_page(boot);

	if (page != NO_FRAME) {
		memcpy(at_pa(page), ap_trampoline, ap_trampoline_end - ap_trampoline);
		start_all(boot, page);
	}
	print("vmihv: %u of %u processors, %s\n", cpu_count,
	      boot->processor_count ? boot->processor_count : 1, apic_kind());
}

/* Where a processor comes to from boot/start.asm. */
void ap_main(struct cpu *cpu)
{
	struct why why = { "" };

	processor_init(cpu);
	apic_init_timer();
	if (container && container->cpu_init(cpu, &why))
		machine_stop();			/* never born, and said so by whoever waits */
	cpu->born = clock_now();
	becomes(cpu, UNBORN, BORN);
	while (life_of(cpu) == BORN)
		pause();
	if (life_of(cpu) != RUNS)
		machine_stop();
	idle();
	hv_lock();
	sched_run();
	panic("processor %u has nothing to do", cpu->number);
}
