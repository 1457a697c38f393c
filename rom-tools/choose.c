// SPDX-License-Identifier: MIT
/*
 * Nothing here names a backend. A ROM's features are the most that its host can
 * be to a guest: some are what the ROM works by and must be there, the others
 * say how near the ROM is to the host. Its notes are letters to a hypervisor.
 */
#include <string.h>

#include <vmi/loader.h>

#include "choose.h"
#include "image.h"
#include "modes.h"
#include "note.h"

/* What a ROM works by. */
#define WORKS_BY	(VMI_FEAT_HW_CONTAINER | VMI_FEAT_HCALL64 | VMI_FEAT_PAGING_ASSIST | VMI_FEAT_PV_MMU | \
			 VMI_FEAT_PV_IRQ_TIMER)

/* Notes that hosts read whatever their name is: the PVH entry is everybody's by now. */
static const struct {
	const char *name;
	uint32_t type;
} anybodys[] = { { "Xen", 18 }, { "VMI", 0 }, { "GNU", 0 } };

uint32_t rom_works_by(uint32_t features)
{
	return features & WORKS_BY;
}

static bool is_anybodys(const struct note *note)
{
	for (size_t i = 0; i < sizeof(anybodys) / sizeof(anybodys[0]); i++)
		if (!strcmp(note->name, anybodys[i].name) && (!anybodys[i].type || note->type == anybodys[i].type))
			return true;
	return false;
}

static bool is_reader(const struct described *host, const char *name)
{
	return !strcmp(host->hypervisor, name) || !strcmp(host->imitates, name);
}

static int check_notes(const uint8_t *image, const struct described *host, struct why *why)
{
	const struct vmi_rom_header *h = vmi_rom_header(image);
	struct note n;
	size_t at = 0;

	while (note_next(image + h->notes_offset, h->notes_size, 4, &at, &n) > 0)
		if (!is_anybodys(&n) && !is_reader(host, n.name))
			return refuse(why, "its notes are for %s, and this host is %s", n.name,
				      *host->hypervisor ? host->hypervisor : "not known");
	return 0;
}

static void list_features(char *text, size_t size, uint32_t bits)
{
	size_t n = 0;

	*text = 0;
	for (int i = 0; i < FEATURE_COUNT; i++)
		if (bits >> i & 1 && n < size)
			n += snprintf(text + n, size - n, "%s%s", n ? ", " : "", feature_texts[i]);
}

static int check_features(const struct vmi_rom_header *h, const struct described *host, struct why *why)
{
	uint32_t lacking = rom_works_by(h->features) & host->known & ~host->on;
	uint32_t off = host->known & ~host->on;
	char names[300];

	list_features(names, sizeof(names), lacking);
	if (lacking)
		return refuse(why, "it works by what this host does not have: %s", names);
	if (off & VMI_FEAT_EMU_IRQCHIP && !(h->features & VMI_FEAT_PV_IRQ_TIMER))
		return refuse(why, "this host has no interrupt controllers, and it brings no interrupts");
	if (host->on & VMI_FEAT_PV_MMU && !(h->features & VMI_FEAT_PV_MMU))
		return refuse(why, "this host wants page tables announced, and it cannot");
	return 0;
}

static const char *carrier(const struct vmi_rom_header *h, const struct described *host)
{
	if (h->flags & VMI_ROM_NEEDS_BUNDLE)
		return "place it in the kernel with `vmi bundle'";
	if ((host->on | ~host->known) & VMI_FEAT_FIRMWARE)
		return "give it to the machine as an option ROM";
	return "have the host's domain builder place it";
}

void candidate_judge(struct candidate *rom, const struct described *host, const struct vmi_note *kernel)
{
	int bad = vmi_rom_check(rom->image.data, rom->image.size);
	const struct vmi_rom_header *h;
	uint32_t has;

	strcpy(rom->name, "-");
	if (!bad) {
		h = vmi_rom_header(rom->image.data);
		snprintf(rom->name, sizeof(rom->name), "%.16s", h->backend_name);
		bad = kernel ? vmi_rom_suits(rom->image.data, kernel) : 0;
	}
	if (bad) {
		refuse(&rom->why, "%s", vmi_rom_reason(bad));
		return;
	}
	if (check_notes(rom->image.data, host, &rom->why) || check_features(h, host, &rom->why) ||
	    probe_bid(&host->probe, &rom->image, &rom->bid, &rom->why))
		return;
	if (!rom->bid) {
		refuse(&rom->why, "its own detect() says that this is not its host");
		return;
	}
	has = h->features & host->known;
	rom->fits = true;
	rom->score = __builtin_popcount(has & host->on) - __builtin_popcount(has & ~host->on);
	refuse(&rom->why, "%s", carrier(h, host));
}

/* As a loader does: the bid counts first. */
static bool is_better(const struct candidate *a, const struct candidate *b)
{
	return a->bid != b->bid ? a->bid > b->bid : a->score > b->score;
}

static void say_beaten(struct candidate *rom, const struct candidate *best)
{
	rom->why.text[0] = 0;
	if (rom->bid != best->bid)
		refuse(&rom->why, "it bids %u for this host, and %s bids %u", rom->bid, best->name, best->bid);
	else if (rom->score != best->score)
		refuse(&rom->why, "%s is nearer to this host: it answers for more of it", best->name);
	else
		refuse(&rom->why, "%s fits as well and comes first by its file's name", best->name);
}

struct candidate *candidate_best(struct candidate *roms, size_t count)
{
	struct candidate *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (roms[i].fits && (!best || is_better(&roms[i], best)))
			best = &roms[i];
	for (size_t i = 0; i < count; i++)
		if (roms[i].fits && &roms[i] != best)
			say_beaten(&roms[i], best);
	return best;
}
