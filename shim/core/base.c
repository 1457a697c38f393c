// SPDX-License-Identifier: MIT
/* The base group: in every ROM, cannot fail, callable before INIT. */

u64 vmi_call_VERSION(void);
u64 vmi_call_IMPLEMENTATION(void);
u32 vmi_call_PROBE(u32 nr);

/* Zero, but for what INIT has found to be missing. */
u64 vmi_not_here[(VMI_NR_CALLS + 63) / 64];

u64 vmi_call_VERSION(void)
{
	const struct vmi_rom_header *h = &vmi_rom_header;

	return (u64)h->abi_major << 32 | (u64)h->abi_minor << 16 | h->abi_draft;
}

u64 vmi_call_IMPLEMENTATION(void)
{
	return (u64)vmi_rom_header.backend_id << 32 | vmi_rom_header.backend_version;
}

u32 vmi_call_PROBE(u32 nr)
{
	const struct vmi_rom_call *calls =
		(const void *)(vmi_rom_image + vmi_rom_header.calls_offset);

	if (nr >= vmi_rom_header.calls_count || vmi_not_here[nr / 64] >> nr % 64 & 1)
		return VMI_ANSWER_NATIVE;
	return calls[nr].answer;
}
