// SPDX-License-Identifier: MIT
/* Sums and names. The names come from the ABI's own headers. Read next: link.c. */
#include <string.h>

#include <openssl/evp.h>

#include "image.h"

const struct call_info call_info[VMI_NR_CALLS] = {
#define VMI_CALL(nr, name, group, since, conv, proto, hook, text) \
	[nr] = { #name, #group, text, VMI_CONV_##conv },
#include <vmi/calls.def>
#undef VMI_CALL
};

#define ENTRY(name)	[VMI_ENTRY_##name] = #name
const char *const entry_names[VMI_NR_ENTRIES] = {
	ENTRY(DE), ENTRY(DB), ENTRY(NMI), ENTRY(BP), ENTRY(OF), ENTRY(BR), ENTRY(UD), ENTRY(NM),
	ENTRY(DF), ENTRY(OLD_MF), ENTRY(TS), ENTRY(NP), ENTRY(SS), ENTRY(GP), ENTRY(PF),
	ENTRY(SPURIOUS), ENTRY(MF), ENTRY(AC), ENTRY(MC), ENTRY(XF), ENTRY(EVENT),
	ENTRY(SYSCALL64), ENTRY(SYSCALL32), ENTRY(SYSENTER32), ENTRY(INT80),
};

#define CONST(name)	[VMI_CONST_##name] = #name
const char *const const_names[VMI_NR_CONSTS] = {
	CONST(KERNEL_CS), CONST(KERNEL_DS), CONST(USER_CS), CONST(USER_DS), CONST(USER32_CS),
	CONST(DIRECT_MAP), CONST(IMAGE_OFFSET), CONST(WINDOW), CONST(KERNEL_ENTRY),
};

#define FIXUP(name)	[VMI_FIXUP_##name] = #name
const char *const fixup_names[VMI_FIXUP_TEXT64 + 1] = {
	FIXUP(RETURN), FIXUP(DATA_PC32), FIXUP(PERCPU32), FIXUP(ENTRY_PC32), FIXUP(CONST32),
	FIXUP(CONST64), FIXUP(TEXT64),
};

const char *const answer_names[4] = {
	[VMI_ANSWER_NATIVE] = "NATIVE",
	[VMI_ANSWER_NOP] = "NOP",
	[VMI_ANSWER_CALL] = "CALL",
	[VMI_ANSWER_INLINE] = "INLINE",
};

#define FEATURE(name)	[__builtin_ctz(VMI_FEAT_##name)] = #name
const char *const feature_names[32] = {
	FEATURE(HW_CONTAINER), FEATURE(HCALL64), FEATURE(HCALL32), FEATURE(PAGING_ASSIST),
	FEATURE(PV_MMU), FEATURE(IOREQ), FEATURE(HVM_CPUID), FEATURE(EMU_IRQCHIP),
	FEATURE(EMU_TIMER), FEATURE(PV_IRQ_TIMER), FEATURE(MCE_MSR), FEATURE(EMU_PCI),
	FEATURE(PV_DEVICES), FEATURE(FIRMWARE),
};

unsigned int fixup_width(unsigned int kind)
{
	switch (kind) {
	case VMI_FIXUP_RETURN:
		return 5;
	case VMI_FIXUP_CONST64:
	case VMI_FIXUP_TEXT64:
		return 8;
	default:
		return 4;
	}
}

struct vmi_rom_header *image_header(const struct blob *rom)
{
	uint16_t at;

	if (rom->size < VMI_ROM_HEADER_PTR + 2)
		return NULL;
	at = get16(rom->data + VMI_ROM_HEADER_PTR);
	if (at % 8 || !inside(at, sizeof(struct vmi_rom_header), rom->size))
		return NULL;
	return (struct vmi_rom_header *)(rom->data + at);
}

/* PCIR's, where the sums take a bit of it as 1: before the VMI header; or NULL. */
static uint8_t *image_indicator(const struct blob *rom)
{
	uint32_t at = get16(rom->data + VMI_PCIR_PTR);

	if (at < 0x1c || at + VMI_PCIR_INDICATOR >= get16(rom->data + VMI_ROM_HEADER_PTR))
		return NULL;
	return rom->data + at + VMI_PCIR_INDICATOR;
}

/* A copy in which what the sums leave out is 0. */
static struct blob image_bare(const struct blob *rom)
{
	struct blob bare = blob_new(rom->size);
	struct vmi_rom_header *h;

	memcpy(bare.data, rom->data, rom->size);
	bare.data[6] = 0;
	if (image_indicator(&bare))
		*image_indicator(&bare) |= VMI_PCIR_LAST;
	h = image_header(&bare);
	h->crc32 = 0;
	memset(h->sha256, 0, sizeof(h->sha256));
	return bare;
}

static uint32_t crc32(const uint8_t *data, size_t size)
{
	uint32_t crc = ~0u;

	while (size--) {
		crc ^= *data++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

uint32_t image_crc32(const struct blob *rom)
{
	struct blob bare = image_bare(rom);
	uint32_t crc = crc32(bare.data, bare.size);

	blob_free(&bare);
	return crc;
}

void image_sha256(const struct blob *rom, uint8_t digest[32])
{
	struct blob bare = image_bare(rom);

	EVP_Digest(bare.data, bare.size, digest, NULL, EVP_sha256(), NULL);
	blob_free(&bare);
}

static void image_balance(struct blob *rom)
{
	uint8_t sum = 0;

	rom->data[6] = 0;
	for (size_t i = 0; i < rom->size; i++)
		sum += rom->data[i];
	rom->data[6] = -sum;
}

void image_seal(struct blob *rom)
{
	struct vmi_rom_header *h = image_header(rom);

	h->crc32 = image_crc32(rom);
	image_sha256(rom, h->sha256);
	image_balance(rom);
}

int image_set_last(struct blob *rom, bool last)
{
	uint8_t *indicator = image_indicator(rom);

	if (!indicator)
		return -1;
	*indicator = last ? *indicator | VMI_PCIR_LAST : *indicator & ~VMI_PCIR_LAST;
	image_balance(rom);
	return 0;
}
