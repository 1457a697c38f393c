// SPDX-License-Identifier: MIT
/* The base group: in every ROM, cannot fail, callable before INIT. */

u64 vmi_call_VERSION(void);
u64 vmi_call_IMPLEMENTATION(void);
u32 vmi_call_PROBE(u32 nr);

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

	return nr < vmi_rom_header.calls_count ? calls[nr].answer : VMI_ANSWER_NATIVE;
}
