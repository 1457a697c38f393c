// SPDX-License-Identifier: MIT
/*
 * vmihv as an EFI application: a boot loader with vmihv inside. Each file of the
 * folder \vmihv on the volume that it came from becomes a module, `config' the
 * first; then firmware is left, and vmihv entered as by any PVH loader.
 */
#include <efi.h>

#include "boot/pvh.h"

#define PAGE		4096u
#define PAGES(bytes)	(((bytes) + PAGE - 1) / PAGE)
#define BELOW_4G	0xffffffffu
#define MAX_MODULES	32
#define MAX_RANGES	64
#define NAME_BYTES	32
#define INFO_BYTES	1024
#define MAP_BYTES	(16 * PAGE)
#define EXIT_TRIES	3
#define HIDDEN		__attribute__((visibility("hidden")))

/** The head of the image: a Multiboot header with its address fields. */
struct head {
	UINT32 magic, flags, sum, header, start, data_end, end, entry;
};

/** All that vmihv is given. */
struct gift {
	struct pvh info;
	struct pvh_module modules[MAX_MODULES];
	struct pvh_memory map[MAX_RANGES];
	char names[MAX_MODULES][NAME_BYTES];
};

/* image.asm, leave.asm */
extern const struct head vmihv_image HIDDEN;
extern const UINT8 leave_start[] HIDDEN, leave_end[] HIDDEN;
typedef void leave_function(UINT32 entry, UINT32 info);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);
void *memcpy(void *to, const void *from, UINTN bytes);
void *memset(void *to, int byte, UINTN bytes);

static EFI_BOOT_SERVICES *services;
static struct gift *gift;
static const CHAR16 *why = L"firmware does not do what it must";

void *memcpy(void *to, const void *from, UINTN bytes)
{
	for (UINTN i = 0; i < bytes; i++)
		((volatile UINT8 *)to)[i] = ((const UINT8 *)from)[i];
	return to;
}

void *memset(void *to, int byte, UINTN bytes)
{
	for (UINTN i = 0; i < bytes; i++)
		((volatile UINT8 *)to)[i] = byte;
	return to;
}

static EFI_STATUS refuse(const CHAR16 *text, EFI_STATUS status)
{
	why = text;
	return status;
}

static EFI_STATUS take(EFI_MEMORY_TYPE type, UINTN bytes, void **to)
{
	EFI_PHYSICAL_ADDRESS at = BELOW_4G;
	EFI_STATUS status = services->AllocatePages(AllocateMaxAddress, type, PAGES(bytes) + !bytes, &at);

	*to = (void *)(UINTN)at;
	return EFI_ERROR(status) ? refuse(L"there is too little memory below 4 GiB", status) : status;
}

/* vmihv's names are bytes, and of printable ones. */
static int set_name(char to[NAME_BYTES], const CHAR16 *name)
{
	UINTN i = 0;

	for (; name[i] && i < NAME_BYTES - 1; i++) {
		if (name[i] <= ' ' || name[i] > '~')
			return -1;
		to[i] = name[i];
	}
	to[i] = 0;
	return name[i] ? -1 : 0;
}

static EFI_STATUS read_file(EFI_FILE_HANDLE file, const EFI_FILE_INFO *info)
{
	UINT32 n = gift->info.module_count;
	UINTN bytes = info->FileSize;
	EFI_STATUS status;
	void *data;

	if (n == MAX_MODULES || set_name(gift->names[n], info->FileName))
		return refuse(n == MAX_MODULES ? L"there are more than 32 files in \\vmihv" :
			      L"a file's name in \\vmihv has more than 31 bytes, or spaces", EFI_INVALID_PARAMETER);
	status = take(EfiLoaderData, bytes, &data);
	if (EFI_ERROR(status))
		return status;
	status = file->Read(file, &bytes, data);
	if (EFI_ERROR(status) || bytes != info->FileSize)
		return refuse(L"a file in \\vmihv cannot be read", EFI_LOAD_ERROR);
	gift->modules[n] = (struct pvh_module){ (UINTN)data, bytes, (UINTN)gift->names[n], 0 };
	gift->info.module_count++;
	return EFI_SUCCESS;
}

static EFI_STATUS read_named(EFI_FILE_HANDLE folder, CHAR16 *name)
{
	static UINT8 buffer[INFO_BYTES] __attribute__((aligned(8)));
	EFI_GUID guid = EFI_FILE_INFO_ID;
	UINTN bytes = sizeof(buffer);
	EFI_FILE_HANDLE file;
	EFI_STATUS status = folder->Open(folder, &file, name, EFI_FILE_MODE_READ, 0);

	if (EFI_ERROR(status))
		return status;
	status = file->GetInfo(file, &guid, &bytes, buffer);
	if (!EFI_ERROR(status))
		status = read_file(file, (void *)buffer);
	file->Close(file);
	return status;
}

/* FAT keeps no case: names are compared without it. */
static BOOLEAN is_config(const CHAR16 *name)
{
	static const CHAR16 config[] = L"config";
	UINTN i = 0;

	while (config[i] && (name[i] | 0x20) == config[i])
		i++;
	return !config[i] && !name[i];
}

static EFI_STATUS read_all(EFI_FILE_HANDLE folder)
{
	static UINT8 buffer[INFO_BYTES] __attribute__((aligned(8)));
	EFI_FILE_INFO *info = (void *)buffer;
	EFI_STATUS status = read_named(folder, L"config");
	UINTN bytes;

	if (status == EFI_NOT_FOUND)
		return refuse(L"there is no file \\vmihv\\config", status);
	while (!EFI_ERROR(status)) {
		bytes = sizeof(buffer);
		status = folder->Read(folder, &bytes, buffer);
		if (EFI_ERROR(status) || !bytes)
			return status;
		if (!(info->Attribute & EFI_FILE_DIRECTORY) && !is_config(info->FileName))
			status = read_named(folder, info->FileName);
	}
	return status;
}

static EFI_STATUS read_modules(EFI_HANDLE image)
{
	EFI_GUID loaded_guid = LOADED_IMAGE_PROTOCOL, volume_guid = SIMPLE_FILE_SYSTEM_PROTOCOL;
	EFI_FILE_HANDLE root, folder;
	EFI_LOADED_IMAGE *loaded;
	EFI_FILE_IO_INTERFACE *volume;
	EFI_STATUS status = services->HandleProtocol(image, &loaded_guid, (void **)&loaded);

	if (!EFI_ERROR(status))
		status = services->HandleProtocol(loaded->DeviceHandle, &volume_guid, (void **)&volume);
	if (!EFI_ERROR(status))
		status = volume->OpenVolume(volume, &root);
	if (EFI_ERROR(status))
		return refuse(L"it was not started from a volume with files", status);
	status = root->Open(root, &folder, L"\\vmihv", EFI_FILE_MODE_READ, 0);
	return EFI_ERROR(status) ? refuse(L"there is no folder \\vmihv", status) : read_all(folder);
}

/* It runs where it was linked, and nowhere else. */
static EFI_STATUS place_image(void)
{
	EFI_PHYSICAL_ADDRESS at = vmihv_image.start;
	UINT8 *to = (void *)(UINTN)at;
	UINTN data = vmihv_image.data_end - vmihv_image.start, all = vmihv_image.end - vmihv_image.start;
	EFI_STATUS status = services->AllocatePages(AllocateAddress, EfiLoaderCode, PAGES(all), &at);

	if (EFI_ERROR(status))
		return refuse(L"the memory at 1 MiB is firmware's", status);
	memcpy(to, &vmihv_image, data);
	memset(to + data, 0, all - data);
	return EFI_SUCCESS;
}

static UINT64 find_rsdp(const EFI_SYSTEM_TABLE *system)
{
	const EFI_GUID guid = ACPI_20_TABLE_GUID;
	const UINT64 *a = (const void *)&guid;

	for (UINTN i = 0; i < system->NumberOfTableEntries; i++) {
		const UINT64 *b = (const void *)&system->ConfigurationTable[i].VendorGuid;

		if (a[0] == b[0] && a[1] == b[1])
			return (UINTN)system->ConfigurationTable[i].VendorTable;
	}
	return 0;
}

/* When firmware is gone this is nobody's but vmihv's; the image and the modules it leaves alone by itself. */
static BOOLEAN is_ram(const EFI_MEMORY_DESCRIPTOR *d)
{
	return d->Type == EfiConventionalMemory || d->Type == EfiBootServicesCode || d->Type == EfiBootServicesData ||
	       d->Type == EfiLoaderCode || d->Type == EfiLoaderData;
}

/* What touches is one range. What is one too many is left out: memory is lost, nothing else. */
static void add_range(UINT64 start, UINT64 bytes)
{
	struct pvh_memory *last = gift->map + gift->info.map_count - 1;

	if (gift->info.map_count && last->start + last->bytes == start)
		last->bytes += bytes;
	else if (gift->info.map_count < MAX_RANGES)
		gift->map[gift->info.map_count++] = (struct pvh_memory){ start, bytes, MEMORY_RAM, 0 };
}

/* A map is good for one attempt: firmware may change it in between. */
static EFI_STATUS leave_firmware(EFI_HANDLE image, UINT8 *map)
{
	UINTN bytes, key, step = 0;
	UINT32 version;
	EFI_STATUS status = EFI_NOT_READY;

	for (int i = 0; i < EXIT_TRIES && EFI_ERROR(status); i++) {
		bytes = MAP_BYTES;
		status = services->GetMemoryMap(&bytes, (void *)map, &key, &step, &version);
		if (!EFI_ERROR(status))
			status = services->ExitBootServices(image, key);
	}
	if (EFI_ERROR(status))
		return status;
	for (UINT8 *p = map; p + step <= map + bytes; p += step) {
		const EFI_MEMORY_DESCRIPTOR *d = (const void *)p;

		if (is_ram(d))
			add_range(d->PhysicalStart, d->NumberOfPages * PAGE);
	}
	return EFI_SUCCESS;
}

static EFI_STATUS start(EFI_HANDLE image, const EFI_SYSTEM_TABLE *system)
{
	void *leave, *map;
	EFI_STATUS status = take(EfiLoaderData, sizeof(*gift), (void **)&gift);

	if (EFI_ERROR(status))
		return status;
	memset(gift, 0, sizeof(*gift));
	gift->info = (struct pvh){ .magic = PVH_MAGIC, .version = 1, .modules = (UINTN)gift->modules,
		.map = (UINTN)gift->map, .rsdp = find_rsdp(system) };
	status = read_modules(image);
	if (!EFI_ERROR(status))
		status = place_image();
	if (!EFI_ERROR(status))
		status = take(EfiLoaderCode, PAGE, &leave);
	if (!EFI_ERROR(status))
		status = take(EfiLoaderData, MAP_BYTES, &map);
	if (!EFI_ERROR(status))
		status = leave_firmware(image, map);
	if (EFI_ERROR(status))
		return status;
	memcpy(leave, leave_start, leave_end - leave_start);
	((leave_function *)leave)(vmihv_image.entry, (UINTN)gift);
	return EFI_ABORTED;
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_STATUS status;

	services = system->BootServices;
	status = start(image, system);
	system->ConOut->OutputString(system->ConOut, L"vmihv! not started: ");
	system->ConOut->OutputString(system->ConOut, (CHAR16 *)why);
	system->ConOut->OutputString(system->ConOut, L"\r\n");
	return status;
}
