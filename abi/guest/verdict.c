// SPDX-License-Identifier: MIT
/* Prints what `vmi run` waits for; see vmi/verdict.h for the lines. */
#include "rom.h"
#include "vmi/verdict.h"

typedef void (*printer)(const char *text, uint32_t bytes);

static void text(printer print, const char *s)
{
	uint32_t bytes = 0;

	while (s[bytes])
		bytes++;
	print(s, bytes);
}

static void hex(printer print, const uint8_t *p, uint32_t bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (; bytes--; p++) {
		print(&digits[*p >> 4], 1);
		print(&digits[*p & 15], 1);
	}
}

/* At least as many digits as `digit` has. */
static void decimal(printer print, uint64_t value, uint64_t digit)
{
	while (value / digit > 9)
		digit *= 10;
	for (; digit; digit /= 10)
		print(&"0123456789"[value / digit % 10], 1);
}

static void build_id(printer print, const uint32_t *note)
{
	text(print, VMI_VERDICT_BUILD_ID);
	hex(print, (const uint8_t *)&note[3] + ((note[0] + 3) & ~3u), note[1]);
}

static void rom(printer print, const void *image)
{
	text(print, VMI_VERDICT_ROM);
	if (!image) {
		text(print, "none -");
		return;
	}
	text(print, vmi_rom_header(image)->backend_name);
	text(print, " ");
	hex(print, vmi_rom_header(image)->sha256, 32);
}

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" :: "a" (value), "d" (port));
}

static uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a" (value) : "d" (port));
	return value;
}

static uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a" (low), "=d" (high));
	return (uint64_t)high << 32 | low;
}

/* 10 ms of the timer chip's channel 2. */
uint64_t vmi_verdict_khz(void)
{
	uint64_t begin;

	out8(0x61, (in8(0x61) & ~2) | 1);
	out8(0x43, 0xb0);
	out8(0x42, 11932 & 0xff);
	out8(0x42, 11932 >> 8);
	begin = ticks();
	while (!(in8(0x61) & 0x20))
		;
	return (ticks() - begin) / 10;
}

void vmi_verdict_facts(const struct vmi_verdict *v, printer print)
{
	build_id(print, v->build_id);
	text(print, "\n");
	rom(print, v->rom);
	text(print, "\n" VMI_VERDICT_SECONDS);
	decimal(print, v->microseconds / 1000000, 1);
	text(print, ".");
	decimal(print, v->microseconds % 1000000, 100000);
	text(print, "\n");
}

void vmi_verdict_print(const struct vmi_verdict *v, printer print)
{
	vmi_verdict_facts(v, print);
	text(print, VMI_VERDICT_LINE);
	text(print, v->failure ? VMI_VERDICT_FAIL " " : VMI_VERDICT_PASS);
	text(print, v->failure ? v->failure : "");
	text(print, "\n");
}
