// SPDX-License-Identifier: MIT
/*
 * The other guest that this ROM is for: a PC with firmware and a device model,
 * whose events, clock and console are Xen's all the same. Xen says nowhere which
 * of the two a guest is, so the machine is asked.
 */
#include "xen.h"

SHIM_COLD

#define PIC_MASK	0x21		/* port of the first interrupt controller: which inputs it ignores */
#define ALL_BUT_CASCADE	0xfb

static void outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" :: "a" (value), "Nd" (port));
}

static u8 inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

/** A PC's: they keep what is written. Where there are none, all bits read as set. */
int pc_has_controllers(void)
{
	u8 before = inb(PIC_MASK), seen;

	outb(PIC_MASK, ALL_BUT_CASCADE);
	seen = inb(PIC_MASK);
	outb(PIC_MASK, before);
	return seen == ALL_BUT_CASCADE;
}
