// SPDX-License-Identifier: MIT
/* Console, verdict, and what bare hardware wants: IDT, serial port, a clock. */
#include "tiny.h"

extern const uint32_t build_id[];	/* the ELF note */
extern uint64_t entry_tsc;

static struct { uint64_t low, high; } idt[256];

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a" (low), "=d" (high));
	return (uint64_t)high << 32 | low;
}

/* Interrupt gates; the old interrupt controllers are silenced, since nobody here asks for them. */
void idt_load(const uint64_t *entries)
{
	struct { uint16_t limit; uint64_t base; } __attribute__((packed)) r = { sizeof(idt) - 1, (uint64_t)idt };

	for (int i = 0; i < 32; i++) {
		uint64_t e = entries[i];

		idt[i].low = (e & 0xffff) | 8 << 16 | 0x8e00ull << 32 | (e >> 16 & 0xffff) << 48;
		idt[i].high = e >> 32;
	}
	__asm__ volatile("lidt %0" :: "m" (r));
	out8(0x21, 0xff);
	out8(0xa1, 0xff);
}

/* 10 ms of the timer chip's channel 2 say how fast the time stamp counter is. */
uint64_t tsc_khz_measured(void)
{
	uint64_t start;

	out8(0x61, (in8(0x61) & ~2) | 1);
	out8(0x43, 0xb0);
	out8(0x42, 11932 & 0xff);
	out8(0x42, 11932 >> 8);
	start = rdtsc();
	while (!(in8(0x61) & 0x20))
		;
	return (rdtsc() - start) / 10;
}

int cmdline_has(const char *word)
{
	for (const char *p = cmdline; *p; p++) {
		int i = 0;

		while (word[i] && p[i] == word[i])
			i++;
		if (!word[i] && (!p[i] || p[i] == ' ') && (p == cmdline || p[-1] == ' '))
			return 1;
	}
	return 0;
}

static void serial(const char *text)
{
	for (; *text; text++) {
		while (!(in8(0x3fd) & 0x20))
			;
		out8(0x3f8, *text);
	}
}

void print(const char *text)
{
	uint32_t bytes = 0;
	int taken;

	if (!vmi_ptr[VMI_CALL_CONSOLE_WRITE]) {
		if (!boot)
			serial(text);
		return;
	}
	while (text[bytes])
		bytes++;
	while (bytes && (taken = CALL(CONSOLE_WRITE, int, const char *, uint32_t)(text, bytes)) >= 0) {
		text += taken;
		bytes -= taken;
	}
}

void print_number(uint64_t value, unsigned int base)
{
	char text[24], *p = text + sizeof(text) - 1;

	*p = 0;
	do
		*--p = "0123456789abcdef"[value % base];
	while (value /= base);
	print(p);
}

static void print_hex(const uint8_t *p, uint32_t bytes)
{
	for (; bytes--; p++) {
		print_number(*p >> 4, 16);
		print_number(*p & 15, 16);
	}
}

static void print_seconds(void)
{
	uint64_t khz = init.tsc_khz ? init.tsc_khz : boot ? 0 : tsc_khz_measured();
	uint64_t us = khz ? (rdtsc() - (boot ? boot->entry_tsc : entry_tsc)) * 1000 / khz : 0;

	print(VMI_VERDICT_SECONDS);
	print_number(us / 1000000, 10);
	print(".");
	for (uint64_t digit = 100000; digit; digit /= 10)
		print_number(us / digit % 10, 10);
	print("\n");
}

static void print_rom(void)
{
	print(VMI_VERDICT_ROM);
	if (rom.text) {
		print(vmi_rom_header(rom.text)->backend_name);
		print(" ");
		print_hex(vmi_rom_header(rom.text)->sha256, 32);
		print("\n");
	} else {
		print("none -\n");
	}
}

void leave(const char *reason)
{
	print(VMI_VERDICT_BUILD_ID);
	print_hex((const uint8_t *)&build_id[4], build_id[1]);
	print("\n");
	print_rom();
	print_seconds();
	print(VMI_VERDICT_LINE);
	print(reason ? VMI_VERDICT_FAIL ": " : VMI_VERDICT_PASS);
	print(reason ? reason : "");
	print("\n");
	if (vmi_ptr[VMI_CALL_SHUTDOWN])
		CALL(SHUTDOWN, void, uint32_t)(VMI_SHUTDOWN_POWEROFF);
	__asm__ volatile("outl %0, %1" :: "a" (reason ? 0x11 : 0x10), "Nd" ((uint16_t)VMI_VERDICT_PORT));
	__asm__ volatile("outw %0, %1" :: "a" ((uint16_t)0x2000), "d" ((uint16_t)0x604));	/* QEMU's PC: off */
	for (;;)
		__asm__ volatile("cli; hlt");
}
