// SPDX-License-Identifier: MIT
/* Processors by firmware's tables: good ones, and such as no firmware should write. */
#include "host.h"
#include "boot/boot.h"

#define RSDP_AT		0xf0000ul
#define RSDT_AT		0x100000ul
#define MADT_AT		0x101000ul
#define MADT_HEAD	44
#define EBDA_SEGMENT	0x40eul

static u32 madt_bytes;

static void set_sum(u8 *p, u32 bytes, u32 at)
{
	u8 sum = 0;

	p[at] = 0;
	for (u32 i = 0; i < bytes; i++)
		sum += p[i];
	p[at] = -sum;
}

static void add(const char *entry, u32 bytes)
{
	memcpy(unit_memory + MADT_AT + madt_bytes, entry, bytes);
	madt_bytes += bytes;
}

static void finish_table(u64 at, const char *signature, u32 bytes)
{
	memcpy(unit_memory + at, signature, 4);
	memcpy(unit_memory + at + 4, &bytes, 4);
	set_sum(unit_memory + at, bytes, 9);
}

static void start(void)
{
	const u32 madt = MADT_AT, rsdt = RSDT_AT;

	host_start();
	memset(unit_memory + EBDA_SEGMENT, 0, 2);
	memset(unit_memory + RSDP_AT, 0, 36);
	memcpy(unit_memory + RSDP_AT, "RSD PTR ", 8);
	memcpy(unit_memory + RSDP_AT + 16, &rsdt, 4);
	set_sum(unit_memory + RSDP_AT, 20, 8);
	memcpy(unit_memory + RSDT_AT + 36, &madt, 4);
	finish_table(RSDT_AT, "RSDT", 40);
	madt_bytes = MADT_HEAD;
}

static u32 processors(struct boot_info *info)
{
	*info = (struct boot_info){ 0 };
	acpi_read(info);
	return info->processor_count;
}

static void test_good(void **state)
{
	struct boot_info info;

	(void)state;
	start();
	add("\0\10\0\0\1\0\0\0", 8);
	add("\1\14\0\0\0\0\0\0\0\0\0\0", 12);		/* an I/O APIC */
	add("\0\10\1\2\1\0\0\0", 8);
	add("\0\10\2\4\0\0\0\0", 8);			/* disabled */
	add("\11\20\0\0\6\0\0\0\1\0\0\0\0\0\0\0", 16);
	add("\11\20\0\0\0\1\0\0\1\0\0\0\0\0\0\0", 16);	/* one that takes x2APIC to reach */
	finish_table(MADT_AT, "APIC", madt_bytes);
	assert_int_equal(processors(&info), 4);
	assert_true(info.processors[0] == 0 && info.processors[1] == 2 && info.processors[2] == 6 && info.processors[3] == 256);
}

static void test_many(void **state)
{
	struct boot_info info;

	(void)state;
	start();
	for (u32 i = 0; i < MAX_PROCESSORS + 9; i++)
		add("\0\10\0\3\1\0\0\0", 8);
	finish_table(MADT_AT, "APIC", madt_bytes);
	assert_int_equal(processors(&info), MAX_PROCESSORS);
}

/* Entries of no length or beyond the end are the end; a wrong sum is no table. */
static void test_bad(void **state)
{
	struct boot_info info;

	(void)state;
	start();
	add("\0\10\0\3\1\0\0\0", 8);
	add("\0\0", 2);
	finish_table(MADT_AT, "APIC", madt_bytes);
	assert_int_equal(processors(&info), 1);
	start();
	add("\0\10\0\3", 4);
	finish_table(MADT_AT, "APIC", madt_bytes);
	assert_int_equal(processors(&info), 0);
	start();
	add("\0\10\0\3\1\0\0\0", 8);
	finish_table(MADT_AT, "APIC", madt_bytes);
	unit_memory[MADT_AT + 9]++;
	assert_int_equal(processors(&info), 0);
	finish_table(MADT_AT, "APIC", 20);
	assert_int_equal(processors(&info), 0);
	unit_memory[RSDP_AT] = 'r';
	assert_int_equal(processors(&info), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_good), cmocka_unit_test(test_many), cmocka_unit_test(test_bad),
};

TESTS_MAIN(tests)
