// SPDX-License-Identifier: MIT
/*
 * The EFI carrier: an EFI driver that holds ROMs in its section ".vmi", copies
 * them to memory that an OS leaves alone, and publishes them in a configuration
 * table (vmi/efi.h). `vmi pack' puts the ROMs in; a signature over the driver
 * is one over them. It runs once: from a device's option ROM, as Driver####, or
 * loaded by hand. Every field that it reads is part of its own image.
 */
#include <efi.h>

#include <vmi/efi.h>

#define PE_POINTER	0x3c	/* in the DOS header: where "PE" stands */
#define PE_SECTIONS	6	/* in the COFF header behind that */
#define PE_OPTIONAL	20
#define PE_HEADER	24
#define PE_ROW		40
#define PAGE		4096u

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

/** ROMs in the image of this driver. */
struct roms {
	const UINT8 *data;
	UINT32 bytes;
};

static UINT32 get(const UINT8 *p, unsigned int bytes)
{
	UINT32 value = 0;

	while (bytes--)
		value = value << 8 | p[bytes];
	return value;
}

static BOOLEAN is_ours(const UINT8 *row)
{
	return row[0] == '.' && row[1] == 'v' && row[2] == 'm' && row[3] == 'i' && !row[4];
}

/* Firmware has placed headers and sections as the image says. */
static struct roms find_roms(const UINT8 *base)
{
	const UINT8 *pe = base + get(base + PE_POINTER, 4);
	const UINT8 *row = pe + PE_HEADER + get(pe + PE_OPTIONAL, 2);
	UINT32 count = get(pe + PE_SECTIONS, 2);

	for (; count; count--, row += PE_ROW)
		if (is_ours(row))
			return (struct roms){ base + get(row + 12, 4), get(row + 8, 4) };
	return (struct roms){ 0 };
}

static EFI_GUID roms_guid(void)
{
	EFI_GUID guid = {
		(UINT32)VMI_EFI_GUID_LO, (UINT16)(VMI_EFI_GUID_LO >> 32), (UINT16)(VMI_EFI_GUID_LO >> 48), { 0 },
	};

	for (unsigned int i = 0; i < 8; i++)
		guid.Data4[i] = (UINT8)(VMI_EFI_GUID_HI >> 8 * i);
	return guid;
}

static BOOLEAN same_guid(const EFI_GUID *a, const EFI_GUID *b)
{
	const UINT64 *x = (const void *)a, *y = (const void *)b;

	return x[0] == y[0] && x[1] == y[1];
}

/* What another such driver has published before, or 0. */
static UINT64 published(const EFI_SYSTEM_TABLE *system, const EFI_GUID *guid)
{
	for (UINTN i = 0; i < system->NumberOfTableEntries; i++)
		if (same_guid(&system->ConfigurationTable[i].VendorGuid, guid))
			return (UINTN)system->ConfigurationTable[i].VendorTable;
	return 0;
}

static void fill(struct vmi_efi_roms *table, UINT64 to, const struct roms *roms, UINT64 next)
{
	UINT8 *p = (void *)(UINTN)to;

	*table = (struct vmi_efi_roms){
		.magic = VMI_MAGIC_ROMS, .version = 1, .size = sizeof(*table),
		.roms = to, .bytes = roms->bytes, .next = next,
	};
	for (UINT32 i = 0; i < roms->bytes; i++)
		p[i] = roms->data[i];
}

/* ROMs first, their table in a page behind them: ACPI memory is not taken for anything else. */
static EFI_STATUS publish(EFI_SYSTEM_TABLE *system, const struct roms *roms)
{
	UINTN pages = (roms->bytes + PAGE - 1) / PAGE;
	EFI_PHYSICAL_ADDRESS at = 0xffffffff;
	EFI_GUID guid = roms_guid();
	struct vmi_efi_roms *table;
	EFI_STATUS status;

	status = system->BootServices->AllocatePages(AllocateMaxAddress, EfiACPIReclaimMemory, pages + 1, &at);
	if (EFI_ERROR(status))
		return status;
	table = (void *)(UINTN)(at + pages * PAGE);
	fill(table, at, roms, published(system, &guid));
	status = system->BootServices->InstallConfigurationTable(&guid, table);
	if (EFI_ERROR(status))
		system->BootServices->FreePages(at, pages + 1);
	return status;
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_GUID guid = LOADED_IMAGE_PROTOCOL;
	EFI_LOADED_IMAGE *loaded;
	struct roms roms;
	EFI_STATUS status;

	status = system->BootServices->HandleProtocol(image, &guid, (void **)&loaded);
	if (EFI_ERROR(status))
		return status;
	roms = find_roms(loaded->ImageBase);
	if (!roms.bytes || roms.bytes > VMI_EFI_MAX_ROMS)
		return EFI_LOAD_ERROR;
	return publish(system, &roms);
}
