// SPDX-License-Identifier: MIT
/* Base group, life cycle, console and power. Read next: irq.c. */
#include "conform.h"

const char *test_VERSION(void)
{
	const struct vmi_rom_header *h = vmi_rom_header(rom.text);
	uint64_t version = CALL(VERSION, uint64_t, void)();

	EXPECT(version >> 32 == VMI_ABI_MAJOR, "another major");
	EXPECT((version >> 16 & 0xffff) == h->abi_minor, "another minor than in the header");
	EXPECT((version & 0xffff) == h->abi_draft, "another draft than in the header");
	return NULL;
}

const char *test_IMPLEMENTATION(void)
{
	const struct vmi_rom_header *h = vmi_rom_header(rom.text);

	EXPECT(CALL(IMPLEMENTATION, uint64_t, void)() == ((uint64_t)h->backend_id << 32 | h->backend_version),
	       "not what the header says");
	return NULL;
}

const char *test_PROBE(void)
{
	for (uint32_t nr = 0; nr < VMI_NR_CALLS; nr++) {
		uint32_t here = CALL(PROBE, uint32_t, uint32_t)(nr);

		EXPECT(here == vmi_rom_answer(&rom, nr) || here == VMI_ANSWER_NATIVE, "not what the table says");
		EXPECT(here == vmi_rom_answer_here(&rom, nr), "not what the loader says");
	}
	EXPECT(CALL(PROBE, uint32_t, uint32_t)(100000) == VMI_ANSWER_NATIVE, "an unknown call is not NATIVE");
	EXPECT(CALL(PROBE, uint32_t, uint32_t)(~0u) == VMI_ANSWER_NATIVE, "an unknown call is not NATIVE");
	return NULL;
}

const char *test_INIT(void)
{
	struct vmi_init again = { VMI_MAGIC_INIT, VMI_STRUCT_VERSION, sizeof(again), .cpus = 1 };

	EXPECT(init.host_name[0] && !init.host_name[31], "no name of the host");
	EXPECT(!(init.features & ~vmi_rom_header(rom.text)->features), "more features than the header promises");
	EXPECT(CALL(INIT, int, struct vmi_init *)(&again) == VMI_E_STATE, "a second INIT is not refused as such");
	again.magic = 0;
	EXPECT(CALL(INIT, int, struct vmi_init *)(&again) == VMI_E_INVAL, "a structure without magic is taken");
	return NULL;
}

const char *test_PERCPU_READY(void)
{
	static uint64_t block[512] __attribute__((aligned(4096)));

	EXPECT(CALL(PERCPU_READY, int, uint32_t, void *)(1 << 20, block) == VMI_E_INVAL, "a CPU too many is taken");
	return NULL;
}

/* It has been told where they are. */
const char *test_HOST_PAGE(void)
{
	uint64_t (*call)(uint32_t, void *) = vmi_ptr[VMI_CALL_HOST_PAGE];
	uint32_t n;

	for (n = 0; call(n, NULL); n++) {
		EXPECT(n < 256, "the list does not end");
		EXPECT(!(call(n, NULL) & 4095), "what is shared is no page");
		EXPECT(!call(n, (void *)8), "an address that is no page's is taken");
	}
	EXPECT(!call(n + 1, NULL) && !call(~0u, NULL), "there is a gap in the list");
	return NULL;
}

static const char *check_ranges(const struct vmi_range *r, int count)
{
	uint64_t end = 0, ram = 0;

	for (int i = 0; i < count; i++) {
		EXPECT(r[i].pa >= end && r[i].bytes && r[i].pa + r[i].bytes > r[i].pa, "ranges are not in order, or overlap");
		EXPECT(r[i].kind >= VMI_MEM_RAM && r[i].kind <= VMI_MEM_LATER && !r[i].reserved, "a range of no known kind");
		end = r[i].pa + r[i].bytes;
		ram += r[i].kind == VMI_MEM_RAM ? r[i].bytes : 0;
	}
	EXPECT(ram > 1 << 20, "there is no memory");
	return NULL;
}

const char *test_MEMORY_MAP(void)
{
	int (*call)(struct vmi_range *, uint32_t) = vmi_ptr[VMI_CALL_MEMORY_MAP];
	static struct vmi_range ranges[256];
	int count = call(ranges, 256);

	EXPECT(call(NULL, 0) == count, "how many there are depends on the room for them");
	if (count == VMI_E_NOSYS)
		return NULL;
	EXPECT(count > 0 && count <= 256, "the number of ranges is none");
	return check_ranges(ranges, count);
}

/* The block is the one that GS base points to. */
const char *test_PERCPU_DONE(void)
{
	void *mine = (void *)CALL(GET_BASE, uint64_t, uint32_t)(VMI_BASE_GS_KERNEL);

	EXPECT(!CALL(PERCPU_DONE, int, void)(), "it fails");
	EXPECT(CALL(PERCPU_DONE, int, void)() == VMI_E_STATE, "a CPU leaves twice");
	EXPECT(!CALL(PERCPU_READY, int, uint32_t, void *)(0, mine), "it cannot come back");
	EXPECT(!CALL(PERCPU_READY, int, uint32_t, void *)(0, mine), "it cannot come back without having left");
	return NULL;
}

const char *test_EXIT(void)
{
	EXPECT(!CALL(EXIT, int, void)(), "it fails");
	EXPECT(CALL(EXIT, int, void)() == VMI_E_STATE, "a second EXIT is not refused");
	EXPECT(CALL(VERSION, uint64_t, void)() >> 32 == VMI_ABI_MAJOR, "the base group does not outlive it");
	return NULL;
}

const char *test_CONSOLE_WRITE(void)
{
	static const char text[] = "# this line is CONSOLE_WRITE's\n";
	int32_t taken = CALL(CONSOLE_WRITE, int32_t, const char *, uint32_t)(text, sizeof(text) - 1);

	EXPECT(taken > 0 && taken <= (int32_t)sizeof(text) - 1, "not between one and all bytes are taken");
	EXPECT(!CALL(CONSOLE_WRITE, int32_t, const char *, uint32_t)(text, 0), "nothing is not taken as nothing");
	return NULL;
}

const char *test_CONSOLE_READ(void)
{
	char text[16];
	int32_t got = CALL(CONSOLE_READ, int32_t, char *, uint32_t)(text, sizeof(text));

	EXPECT(got >= 0 && got <= (int32_t)sizeof(text), "more bytes than there is room");
	EXPECT(!CALL(CONSOLE_READ, int32_t, char *, uint32_t)(text, 0), "bytes for no room");
	return NULL;
}

const char *test_IO_DELAY(void)
{
	CALL(IO_DELAY, void, void)();
	return NULL;
}

/* leave() calls it; a guest that comes back from it says so with the exit port or not at all. */
const char *test_SHUTDOWN(void)
{
	return NULL;
}
