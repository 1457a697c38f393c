// SPDX-License-Identifier: MIT
/*
 * A second kernel with a ROM handed over, as setup_data of Linux's boot
 * protocol: what kexec_file_load has no room for. Needed where the first
 * kernel's ROM came in its own file, so that no machine has it for the next
 * one. Read next: kexec_dump.c.
 */
#include <asm/bootparam.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vmi/rom.h>

#include "guest.h"
#include "kexec.h"

#define MIB		(1ul << 20)
#define PAGE		4096ul
#define LOW_END		0xa0000ul	/* of a PC's low memory */
#define ENTRY64		0x200		/* of a bzImage's protected-mode part */
#define E820_RAM	1
#define DUMP_WORD	sizeof(" elfcorehdr=0x0123456789abcdef")
#define ROOM		16		/* MiB that the second kernel may have below its own place */

struct file {
	unsigned char *data;
	size_t size;
};

static struct file read_all(const char *path)
{
	struct file file = { 0 };
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) || !(file.data = malloc(st.st_size)))
		return file;
	while (file.size < (size_t)st.st_size) {
		ssize_t n = read(fd, file.data + file.size, st.st_size - file.size);

		if (n <= 0)
			break;
		file.size += n;
	}
	close(fd);
	return file;
}

/* What the second kernel begins with. */
struct start {
	unsigned char stub[PAGE];
	struct boot_params params;
	char line[PAGE];
	struct kexec_dump dump;
	/* struct setup_data, with room */
	struct {
		uint64_t next;
		uint32_t type, len;
		unsigned char rom[VMI_ROM_MAX_SIZE];
	} carrier;
};

static void add_range(struct boot_params *params, unsigned long from, unsigned long end)
{
	struct boot_e820_entry *e = &params->e820_table[params->e820_entries++];

	e->addr = from;
	e->size = end - from;
	e->type = E820_RAM;
}

/*
 * After a panic all is the first kernel's but what was set aside for the second
 * one: crashkernel=, and low memory, without which no kernel starts. A first
 * kernel that would use that itself has to be told to keep out of it (memmap=).
 */
static int is_memory(const char *what, unsigned long from, unsigned long *end, int crash)
{
	if (!strcmp(what, "Reserved") && from < LOW_END) {
		*end = *end < LOW_END ? *end : LOW_END - 1;
		return 1;
	}
	return !strcmp(what, crash ? "Crash kernel" : "System RAM");
}

static int add_memory(struct boot_params *params, int crash, unsigned long *base)
{
	unsigned long from, end;
	char line[128], what[64];
	FILE *in = fopen("/proc/iomem", "r");

	*base = 0;
	while (in && fgets(line, sizeof(line), in) && params->e820_entries < E820_MAX_ENTRIES_ZEROPAGE) {
		if (sscanf(line, " %lx-%lx : %63[^\n]", &from, &end, what) != 3)
			continue;
		if (!is_memory(what, from, &end, crash))
			continue;
		*base = from;
		add_range(params, from, end + 1);
	}
	if (in)
		fclose(in);
	if (!crash)
		*base = ROOM * MIB;
	return *base && params->e820_entries ? 0 : -1;
}

/* movabs $params, %rsi; movabs $entry, %rax; jmp *%rax */
static void write_stub(unsigned char *stub, unsigned long params, unsigned long entry)
{
	static const unsigned char form[] = {
		0x48, 0xbe, 0, 0, 0, 0, 0, 0, 0, 0, 0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0,
	};

	memcpy(stub, form, sizeof(form));
	memcpy(stub + 2, &params, 8);
	memcpy(stub + 12, &entry, 8);
}

/* dump: where it lies, 0: nobody is to look. */
static void write_line(struct start *s, const char *line, unsigned long dump)
{
	if (dump)
		snprintf(s->line, sizeof(s->line), "%s elfcorehdr=0x%lx", line, dump);
	else
		snprintf(s->line, sizeof(s->line), "%s", line);
}

static int is_kernel(const struct file *kernel)
{
	const struct setup_header *h = (const void *)(kernel->data + 0x1f1);

	return kernel->size > 4 * PAGE && !memcmp(&h->header, "HdrS", 4) && h->xloadflags & XLF_KERNEL_64;
}

/* Where things go: what it begins with, the kernel 16 MiB on, the RAM disk 48 MiB behind that. */
static void fill(struct start *s, const struct file *kernel, const struct file *initrd, const struct file *rom,
		 unsigned long base)
{
	struct setup_header *h = &s->params.hdr;

	memcpy(h, kernel->data + 0x1f1, sizeof(*h));
	h->type_of_loader = 0xff;
	h->cmd_line_ptr = base + offsetof(struct start, line);
	h->ramdisk_image = base + 4 * ROOM * MIB;
	h->ramdisk_size = initrd->size;
	h->setup_data = base + offsetof(struct start, carrier);
	s->carrier.type = VMI_ROM_MAGIC32;
	s->carrier.len = rom->size;
	memcpy(s->carrier.rom, rom->data, rom->size);
	write_stub(s->stub, base + offsetof(struct start, params), base + ROOM * MIB + ENTRY64);
}

static struct kexec_segment segment(const void *data, size_t size, unsigned long at)
{
	return (struct kexec_segment){ data, size, (void *)at, (size + PAGE - 1) & ~(PAGE - 1) };
}

static int load(struct start *s, const struct file *kernel, const struct file *initrd, unsigned long base, int crash)
{
	size_t setup = (s->params.hdr.setup_sects + 1) * 512ul;
	struct kexec_segment segments[] = {
		segment(s, sizeof(*s), base),
		segment(kernel->data + setup, kernel->size - setup, base + ROOM * MIB),
		segment(initrd->data, initrd->size, base + 4 * ROOM * MIB),
	};

	return syscall(SYS_kexec_load, base, 3, segments, KEXEC_ARCH_X86_64 | (crash ? KEXEC_ON_CRASH : 0));
}

int kexec_load_with(const char *rom_path, const char *line, int crash)
{
	struct file kernel = read_all("/next"), initrd = read_all("/next.cpio.gz"), rom = read_all(rom_path);
	struct start *s = calloc(1, sizeof(*s));
	unsigned long base;

	if (!s || !is_kernel(&kernel) || !initrd.size || !rom.size || rom.size > sizeof(s->carrier.rom) ||
	    strlen(line) + DUMP_WORD >= sizeof(s->line)) {
		fprintf(stderr, "kexec: no second kernel, RAM disk or ROM, or one that does not fit\n");
		return -1;
	}
	if (add_memory(&s->params, crash, &base)) {
		fprintf(stderr, "kexec: /proc/iomem has no memory for the second kernel\n");
		return -1;
	}
	kexec_describe(&s->dump);
	write_line(s, line, crash ? base + offsetof(struct start, dump) : 0);
	fill(s, &kernel, &initrd, &rom, base);
	if (load(s, &kernel, &initrd, base, crash)) {
		perror("kexec: kexec_load");
		return -1;
	}
	return 0;
}
