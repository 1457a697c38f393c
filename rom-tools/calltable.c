// SPDX-License-Identifier: MIT
/*
 * Builds the call table from names alone: a backend answers a call by defining
 * its symbol. Read next: link.c.
 *
 *   vmi_call_X                      CALL
 *   vmi_call_X and vmi_inline_X     INLINE, up to vmi_inline_X_end
 *   vmi_call_X and vmi_native_X     NATIVE, with an entry for those who cannot patch
 *   vmi_nop_X                       NOP
 *   vmi_early_X                     instead of the entry before PERCPU_READY
 */
#include <stdlib.h>

#include "link.h"

static int find(const struct link *link, const char *prefix, const char *name, const char *suffix,
		enum part_id part, uint32_t *offset)
{
	char *symbol = xprintf("%s%s%s", prefix, name, suffix);
	int err = link_symbol(link, symbol, part, offset);

	free(symbol);
	return err;
}

static bool has(const struct link *link, const char *prefix, const char *name)
{
	char *symbol = xprintf("%s%s", prefix, name);
	bool found = object_find(&link->object, symbol);

	free(symbol);
	return found;
}

static int inline_bytes(struct link *link, const char *name, struct vmi_rom_call *call)
{
	uint32_t end;

	if (find(link, "vmi_inline_", name, "", PART_NONE, &call->inline_offset) ||
	    find(link, "vmi_inline_", name, "_end", PART_NONE, &end))
		return -1;
	if (end <= call->inline_offset || end - call->inline_offset > 15)
		return refuse(link->why, "vmi_inline_%s: 1 to 15 bytes are expected up to vmi_inline_%s_end",
			      name, name);
	call->inline_size = end - call->inline_offset;
	call->answer = VMI_ANSWER_INLINE;
	for (size_t i = 0; i < link->patch_count; i++) {
		const struct patch *p = &link->patches[i];
		uint32_t at = link->parts[p->part].at + p->offset;

		if (at >= call->inline_offset && at < end &&
		    p->kind != VMI_FIXUP_PERCPU32 && p->kind != VMI_FIXUP_CONST32 && p->kind != VMI_FIXUP_CONST64)
			return refuse(link->why, "vmi_inline_%s: bytes that are copied cannot hold a PC-relative reference",
				      name);
	}
	return 0;
}

static int one_call(struct link *link, unsigned int nr)
{
	const char *name = call_info[nr].name;
	struct vmi_rom_call *call = &link->calls[nr];
	bool entry = has(link, "vmi_call_", name);

	if (!entry && (has(link, "vmi_inline_", name) || has(link, "vmi_early_", name)))
		return refuse(link->why, "vmi_call_%s is not defined, and a CALL form must stand behind its variants", name);
	if (find(link, "vmi_call_", name, "", PART_CODE, &call->entry) ||
	    find(link, "vmi_early_", name, "", PART_CODE, &call->early))
		return -1;
	call->answer = entry ? VMI_ANSWER_CALL : has(link, "vmi_nop_", name) ? VMI_ANSWER_NOP : VMI_ANSWER_NATIVE;
	if (has(link, "vmi_inline_", name))
		return inline_bytes(link, name, call);
	if (has(link, "vmi_native_", name))
		call->answer = VMI_ANSWER_NATIVE;
	return 0;
}

int link_calls(struct link *link)
{
	for (unsigned int nr = 0; nr < VMI_NR_CALLS; nr++)
		if (one_call(link, nr))
			return -1;
	for (unsigned int nr = VMI_CALL_VERSION; nr <= VMI_CALL_PROBE; nr++)
		if (link->calls[nr].answer != VMI_ANSWER_CALL)
			return refuse(link->why, "vmi_call_%s is not defined, and the base group is in every ROM",
				      call_info[nr].name);
	return 0;
}
