// SPDX-License-Identifier: MIT
/* The start, in order: console, processor, memory, time, container, domains. It does not come back. */
#include "boot/boot.h"
#include "config/config.h"
#include "container/container.h"
#include "cpu/apic.h"
#include "cpu/clock.h"
#include "cpu/cpu.h"
#include "cpu/lock.h"
#include "cpu/serial.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "memory/frames.h"
#include "memory/memory.h"
#include "memory/paging.h"

#define MULTIBOOT_MAGIC	0x2badb002
#define LOW_MEMORY	0x100000ul	/* the PC's own, and a loader's */

extern const u8 image[], image_end[];
void boot_main(u32 magic, u32 pa);

static struct boot_info boot;
static struct config config;

static void read_loader(u32 magic, u32 pa)
{
	struct why why = { "" };

	if (magic == MULTIBOOT_MAGIC ? multiboot_read(&boot, pa, &why) : pvh_read(&boot, pa, &why))
		panic("%s", why.text);
	acpi_read(&boot);
}

static void init_memory(void)
{
	struct range taken[MAX_MODULES + 2] = {
		{ 0, LOW_MEMORY },
		{ (u64)image - IMAGE_OFFSET, (u64)image_end - IMAGE_OFFSET },
	};
	u32 n = 2;

	for (u32 i = 0; i < boot.module_count; i++) {
		u64 start = pa_of(boot.modules[i].data);

		taken[n++] = (struct range){ start, start + boot.modules[i].bytes };
	}
	if (frames_init(boot.ram, boot.ram_count, taken, n, EARLY_LIMIT))
		panic("there is too little memory");
	paging_init(boot.ram, boot.ram_count);
	print("vmihv: %lu MiB of memory, %lu KiB of them for its bookkeeping; image %lu KiB\n",
	      frames_total_bytes() / MIB, frames_record_bytes() / KIB, (u64)(image_end - image) / KIB);
}

/* The first module, whatever it is called. */
static void read_config(void)
{
	struct why why = { "" };

	if (!boot.module_count)
		panic("there is no configuration: it is the first module");
	if (config_parse(&config, boot.modules[0].data, boot.modules[0].bytes, &why))
		panic("%s", why.text);
	console_init(config.plain_console);
}

static void create_domains(void)
{
	domains_init(&config, &boot);
	print("vmihv: %lu KiB are free for domains\n", frames_free_bytes() / KIB);
	for (u32 i = 0; i < config.domain_count; i++)
		domain_create(i);
}

void boot_main(u32 magic, u32 pa)
{
	serial_init();
	traps_init();
	processor_init(&cpus[0]);
	hv_lock();
	read_loader(magic, pa);
	print("vmihv: booted by %s with %u modules\n", boot.loader, boot.module_count);
	init_memory();
	clock_init();
	apic_init();
	container_init();
	print("vmihv: counter at %lu kHz; container: %s\n", clock_scale.khz, container ? container->name : "none");
	smp_start(&boot);
	read_config();
	create_domains();
	sched_run();
	print("vmihv! no domain is left; %lu KiB are free\n", frames_free_bytes() / KIB);
	machine_stop();
}
