// SPDX-License-Identifier: MIT
/*
 * A boot loader that hands a ROM to a kernel by the boot protocol, as none of
 * this machine's does: QEMU -kernel handover -initrd "KERNEL,INITRD,ROM".
 * An ELF file is entered by PVH, with INITRD and ROM as modules; a bzImage by
 * Linux's 32-bit boot protocol, with ROM as setup_data. Where a file is not
 * what it should be, it says so on the serial port and stops.
 */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/elfnote.h>

#include <vmi/rom.h>

#define COM1		0x3f8
#define SETUP_HEADER	0x1f1u		/* Linux, Documentation/arch/x86/boot.rst */
#define CODE32		0x100000u
#define MAX_RANGES	32u

/* Multiboot specification 0.6.96, section 3.3: what of it is used. */
struct multiboot {
	uint32_t flags, unused[3], cmdline, mods_count, mods_addr, symbols[4], mmap_length, mmap_addr;
};

struct multiboot_module {
	uint32_t start, end, string, reserved;
};

struct multiboot_range {
	uint32_t size;
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

/* The first page of a Linux boot: only what is filled in by its place. */
static uint8_t zero_page[4096] __attribute__((aligned(4096)));

struct setup_data {
	uint64_t next;
	uint32_t type, len;
	uint8_t data[VMI_ROM_MAX_SIZE];
};

static struct setup_data setup_data __attribute__((aligned(8)));
static struct hvm_start_info start_info;
static struct hvm_modlist_entry modules[2];
static struct hvm_memmap_table_entry memmap[MAX_RANGES];

void handover(const struct multiboot *mb);
void leave(uint32_t entry, uint32_t ebx, uint32_t esi);

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

void *memcpy(void *to, const void *from, size_t bytes)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D" (at), "+S" (from), "+c" (bytes) : : "memory");
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D" (at), "+c" (bytes) : "a" (value) : "memory");
	return to;
}

static void say(const char *text)
{
	while (*text)
		__asm__ volatile("outb %0, %w1" : : "a" (*text++), "Nd" (COM1));
}

static int refuse(const char *why)
{
	say("handover: ");
	say(why);
	say("\r\n");
	return -1;
}

static const void *at(uint32_t pa)
{
	return (const void *)pa;
}

static uint32_t bytes_of(const struct multiboot_module *m)
{
	return m->end - m->start;
}

/*
 * PVH
 */

static int load_segments(const struct multiboot_module *kernel)
{
	const Elf64_Ehdr *elf = at(kernel->start);
	const Elf64_Phdr *ph = at(kernel->start + elf->e_phoff);

	if (elf->e_phoff + elf->e_phnum * sizeof(*ph) > bytes_of(kernel))
		return refuse("the kernel's program headers lie outside its file");
	for (const Elf64_Phdr *end = ph + elf->e_phnum; ph < end; ph++) {
		if (ph->p_type != PT_LOAD)
			continue;
		if (ph->p_offset + ph->p_filesz > bytes_of(kernel))
			return refuse("a segment of the kernel lies outside its file");
		memcpy((void *)(uint32_t)ph->p_paddr, at(kernel->start + ph->p_offset), ph->p_filesz);
		memset((void *)(uint32_t)(ph->p_paddr + ph->p_filesz), 0, ph->p_memsz - ph->p_filesz);
	}
	return 0;
}

static uint32_t aligned(uint32_t size)
{
	return (size + 3) & ~3u;
}

static uint32_t entry_in(const uint8_t *note, uint32_t bytes)
{
	for (uint32_t pos = 0; pos + sizeof(Elf64_Nhdr) <= bytes;) {
		const Elf64_Nhdr *n = (const void *)(note + pos);
		uint32_t name = pos + sizeof(*n), desc = name + aligned(n->n_namesz);

		if (n->n_type == XEN_ELFNOTE_PHYS32_ENTRY && n->n_namesz == 4 && note[name] == 'X')
			return *(const uint32_t *)(note + desc);
		pos = desc + aligned(n->n_descsz);
	}
	return 0;
}

static uint32_t pvh_entry(const struct multiboot_module *kernel)
{
	const Elf64_Ehdr *elf = at(kernel->start);
	const Elf64_Phdr *ph = at(kernel->start + elf->e_phoff);
	uint32_t entry = 0;

	for (unsigned int i = 0; i < elf->e_phnum && !entry; i++)
		if (ph[i].p_type == PT_NOTE && ph[i].p_offset + ph[i].p_filesz <= bytes_of(kernel))
			entry = entry_in(at(kernel->start + ph[i].p_offset), ph[i].p_filesz);
	return entry;
}

static unsigned int copy_memmap(const struct multiboot *mb)
{
	uint32_t pos = 0;
	unsigned int count = 0;

	while (pos < mb->mmap_length && count < MAX_RANGES) {
		const struct multiboot_range *r = at(mb->mmap_addr + pos);

		memmap[count++] = (struct hvm_memmap_table_entry){ .addr = r->base, .size = r->length, .type = r->type };
		pos += r->size + sizeof(r->size);
	}
	return count;
}

static int start_pvh(const struct multiboot *mb, const struct multiboot_module *m)
{
	uint32_t entry;

	if (load_segments(&m[0]))
		return -1;
	entry = pvh_entry(&m[0]);
	if (!entry)
		return refuse("the kernel has no PVH entry");
	for (unsigned int i = 0; i < 2; i++)
		modules[i] = (struct hvm_modlist_entry){ .paddr = m[i + 1].start, .size = bytes_of(&m[i + 1]) };
	start_info = (struct hvm_start_info){
		.magic = XEN_HVM_START_MAGIC_VALUE, .version = 1, .nr_modules = 2,
		.modlist_paddr = (uint32_t)modules, .cmdline_paddr = mb->cmdline,
		.memmap_paddr = (uint32_t)memmap, .memmap_entries = copy_memmap(mb),
	};
	leave(entry, (uint32_t)&start_info, 0);
	return -1;
}

/*
 * Linux's boot protocol
 */

static void put32(uint32_t offset, uint32_t value)
{
	memcpy(zero_page + offset, &value, sizeof(value));
}

static void put_e820(const struct multiboot *mb)
{
	unsigned int count = copy_memmap(mb);

	zero_page[0x1e8] = count;
	for (unsigned int i = 0; i < count; i++)
		memcpy(zero_page + 0x2d0 + 20 * i, &memmap[i], 20);
}

static int put_rom(const struct multiboot_module *rom)
{
	if (bytes_of(rom) > sizeof(setup_data.data))
		return refuse("the ROM is larger than a ROM can be");
	setup_data.type = VMI_ROM_MAGIC32;
	setup_data.len = bytes_of(rom);
	memcpy(setup_data.data, at(rom->start), bytes_of(rom));
	put32(0x250, (uint32_t)&setup_data);
	return 0;
}

static int start_linux(const struct multiboot *mb, const struct multiboot_module *m)
{
	const uint8_t *image = at(m[0].start);
	uint32_t setup = (image[SETUP_HEADER] + 1) * 512;

	if (setup > bytes_of(&m[0]))
		return refuse("the bzImage ends in its setup");
	memcpy(zero_page + SETUP_HEADER, image + SETUP_HEADER, 0x202 + image[0x201] - SETUP_HEADER);
	zero_page[0x210] = 0xff;		/* type_of_loader: none that has a number */
	put32(0x218, m[1].start);
	put32(0x21c, bytes_of(&m[1]));
	put32(0x228, mb->cmdline);
	put_e820(mb);
	if (put_rom(&m[2]))
		return -1;
	memcpy((void *)CODE32, image + setup, bytes_of(&m[0]) - setup);
	leave(CODE32, 0, (uint32_t)zero_page);
	return -1;
}

static int is_elf(const struct multiboot_module *m)
{
	return bytes_of(m) > sizeof(Elf64_Ehdr) && *(const uint32_t *)at(m->start) == 0x464c457f;
}

static int is_bzimage(const struct multiboot_module *m)
{
	return bytes_of(m) > 0x1000 && *(const uint32_t *)at(m->start + 0x202) == 0x53726448;
}

void handover(const struct multiboot *mb)
{
	const struct multiboot_module *m = at(mb->mods_addr);

	if (mb->mods_count != 3)
		refuse("three modules are expected: kernel, initial RAM disk, ROM");
	else if (is_elf(&m[0]))
		start_pvh(mb, m);
	else if (is_bzimage(&m[0]))
		start_linux(mb, m);
	else
		refuse("the first module is neither an ELF file nor a bzImage");
}
