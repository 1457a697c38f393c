/* SPDX-License-Identifier: MIT */
/*
 * Patchable places of a guest. A site holds the native instruction, padded, and
 * a record says where it is and which call it stands for. vmi_sites_patch()
 * writes what the ROM answers: nothing is ever decoded.
 *
 *	asm volatile(VMI_SITE("cli", 6) :: VMI_SITE_NR(IRQ_DISABLE) : "memory", "cc");
 *
 * The linker script gathers .vmi.sites. Only FAST and VALUE calls, and STD ones
 * whose clobbers the asm statement names, can stand in a site.
 */
#ifndef VMI_SITE_H
#define VMI_SITE_H

#include "types.h"
#include "call.h"

struct vmi_site {
	uint64_t address;		/*  0 */
	uint16_t nr;			/*  8 */
	uint8_t bytes;			/* 10 room, at least 5 */
	uint8_t native;			/* 11 of them the native instruction */
	uint32_t reserved;		/* 12 */
};

VMI_ASSERT_SIZE(struct vmi_site, 16);

#define VMI_SITE(insns, room)						\
	"771:\t" insns "\n772:\t.skip " #room " - (772b - 771b), 0x90\n"	\
	"\t.pushsection .vmi.sites, \"a\"\n"				\
	"\t.quad 771b\n\t.short %c[vmi_nr]\n\t.byte " #room ", 772b - 771b\n\t.long 0\n" \
	"\t.popsection\n"
#define VMI_SITE_NR(name)	[vmi_nr] "i" (VMI_CALL_##name)

struct vmi_rom_place;

/** INLINE answers are made CALL: the path of a guest that can place no bytes. */
#define VMI_SITES_CALL_ONLY	1

/**
 * After INIT, which PROBE is asked of: patches sites that can be written at their address. Returns the number of
 * sites changed, or -1: a call is out of reach, and nothing was written.
 */
int vmi_sites_patch(const struct vmi_site *sites, const struct vmi_site *end,
		    const struct vmi_rom_place *place, int flags);

#endif
