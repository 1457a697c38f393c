// SPDX-License-Identifier: MIT
/*
 * Prints what is generated from the ABI's headers: the NASM include, the golden
 * dump, the tables of SPEC.md and the list of conformance tests. A host program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vmi/call.h>
#include <vmi/efi.h>
#include <vmi/guest.h>
#include <vmi/note.h>
#include <vmi/rom.h>
#include <vmi/verdict.h>

struct call {
	unsigned int nr;
	const char *name, *group;
	unsigned int since;
	const char *convention, *prototype, *hook, *text;
};

static const struct call calls[] = {
#define VMI_CALL(nr, name, group, since, conv, proto, hook, text) \
	{ nr, #name, #group, since, #conv, proto, hook, text },
#include <vmi/calls.def>
#undef VMI_CALL
};
#define CALLS	(sizeof(calls) / sizeof(calls[0]))

enum kind { NUMBER, BEGIN, FIELD, END };

static const struct item {
	enum kind kind;
	const char *owner, *name;
	unsigned long long value, size;
} items[] = {
#define NUMBER(name)		{ NUMBER, "", #name, name, 0 },
#define BEGIN(type)		{ BEGIN, #type, "", 0, 0 },
#define FIELD(type, field)	{ FIELD, #type, #field, __builtin_offsetof(struct type, field), \
				  sizeof(((struct type *)0)->field) },
#define END(type)		{ END, #type, "", 0, sizeof(struct type) },
#include "layout.def"
};
#define ITEMS	(sizeof(items) / sizeof(items[0]))

/* Every byte of a structure belongs to a field that is listed, in order. */
static int check_layout(void)
{
	unsigned long long next = 0;

	for (size_t i = 0; i < ITEMS; i++) {
		const struct item *it = &items[i];

		if (it->kind == BEGIN)
			next = 0;
		if ((it->kind == FIELD && it->value != next) || (it->kind == END && it->size != next)) {
			fprintf(stderr, "abi: layout.def misses a field of struct %s before %s\n",
				it->owner, it->name);
			return 1;
		}
		next += it->kind == FIELD ? it->size : 0;
	}
	return 0;
}

static int check_calls(void)
{
	for (size_t i = 0; i < CALLS; i++)
		if (calls[i].nr != i) {
			fprintf(stderr, "abi: calls.def: row %zu has number %u\n", i, calls[i].nr);
			return 1;
		}
	return 0;
}

static void print_nasm(void)
{
	puts("; Generated from the ABI's headers by abi/gen; do not edit.");
	for (size_t i = 0; i < CALLS; i++)
		printf("%%define VMI_CALL_%s %u\n", calls[i].name, calls[i].nr);
	for (size_t i = 0; i < ITEMS; i++) {
		const struct item *it = &items[i];

		if (it->kind == NUMBER)
			printf((long long)it->value < 0 ? "%%define %s (%lld)\n" : "%%define %s 0x%llx\n",
			       it->name, it->value);
		else if (it->kind == FIELD)
			printf("%%define %s.%s %llu\n", it->owner, it->name, it->value);
		else if (it->kind == END)
			printf("%%define SIZEOF_%s %llu\n", it->owner, it->size);
	}
}

static void print_golden(void)
{
	for (size_t i = 0; i < CALLS; i++)
		printf("call %u %s %s %u %s \"%s\"\n", calls[i].nr, calls[i].name, calls[i].group,
		       calls[i].since, calls[i].convention, calls[i].prototype);
	for (size_t i = 0; i < ITEMS; i++) {
		const struct item *it = &items[i];

		if (it->kind == NUMBER)
			printf("number %s 0x%llx\n", it->name, it->value);
		else if (it->kind == FIELD)
			printf("field %s.%s %llu %llu\n", it->owner, it->name, it->value, it->size);
		else if (it->kind == END)
			printf("struct %s %llu\n", it->owner, it->size);
	}
	printf("string VMI_NOTE_NAME \"%s\"\n", VMI_NOTE_NAME);
	printf("string VMI_VERDICT_BUILD_ID \"%s\"\n", VMI_VERDICT_BUILD_ID);
	printf("string VMI_VERDICT_ROM \"%s\"\n", VMI_VERDICT_ROM);
	printf("string VMI_VERDICT_SECONDS \"%s\"\n", VMI_VERDICT_SECONDS);
	printf("string VMI_VERDICT_LINE \"%s\"\n", VMI_VERDICT_LINE);
	printf("string VMI_VERDICT_PASS \"%s\"\n", VMI_VERDICT_PASS);
	printf("string VMI_VERDICT_FAIL \"%s\"\n", VMI_VERDICT_FAIL);
}

/* A bar would end the table's cell. */
static void put_cell(const char *text)
{
	for (; *text; text++)
		printf(*text == '|' ? "\\%c" : "%c", *text);
	fputs(" | ", stdout);
}

static void spec_calls(void)
{
	const char *group = "";

	for (size_t i = 0; i < CALLS; i++) {
		if (strcmp(group, calls[i].group)) {
			group = calls[i].group;
			printf("\n**%s**\n\n", group);
			puts("| nr | call | since | convention | result: arguments | what it does | Linux 6.1 hook |");
			puts("|---:|---|---:|---|---|---|---|");
		}
		printf("| %u | %s | 0.%u | %s | `%s` | ", calls[i].nr, calls[i].name, calls[i].since,
		       calls[i].convention, calls[i].prototype);
		put_cell(calls[i].text);
		printf("%s |\n", calls[i].hook);
	}
}

static void spec_numbers(void)
{
	puts("| name | value |\n|---|---:|");
	for (size_t i = 0; i < ITEMS; i++)
		if (items[i].kind == NUMBER)
			printf("| `%s` | 0x%llx |\n", items[i].name, items[i].value);
}

static void spec_structures(void)
{
	for (size_t i = 0; i < ITEMS; i++) {
		const struct item *it = &items[i];

		if (it->kind == BEGIN)
			printf("\n`struct %s`\n\n| offset | bytes | field |\n|---:|---:|---|\n", it->owner);
		else if (it->kind == FIELD)
			printf("| %llu | %llu | `%s` |\n", it->value, it->size, it->name);
		else if (it->kind == END)
			printf("| %llu | | end |\n", it->size);
	}
}

static const struct section {
	const char *name;
	void (*print)(void);
} sections[] = {
	{ "calls", spec_calls }, { "numbers", spec_numbers }, { "structures", spec_structures },
};

static char described[CALLS];

/* "**NAME**": a call is described here. */
static void note_call(const char *line)
{
	char name[64];

	for (size_t i = 0; i < CALLS; i++) {
		snprintf(name, sizeof(name), "**%s**", calls[i].name);
		described[i] |= !!strstr(line, name);
	}
}

static int check_described(void)
{
	int missing = 0;

	for (size_t i = 0; i < CALLS; i++)
		if (!described[i] && ++missing)
			fprintf(stderr, "abi: SPEC.md does not describe %s\n", calls[i].name);
	return !!missing;
}

/* Copies SPEC.md from stdin, with everything between its markers made anew. */
static int print_spec(void)
{
	char line[4096], marker[64];
	int skip = 0;

	while (fgets(line, sizeof(line), stdin)) {
		note_call(line);
		if (!strncmp(line, "<!-- end ", 9))
			skip = 0;
		if (!skip)
			fputs(line, stdout);
		for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
			snprintf(marker, sizeof(marker), "<!-- begin %s ", sections[i].name);
			if (strncmp(line, marker, strlen(marker)))
				continue;
			sections[i].print();
			skip = 1;
		}
	}
	return skip || check_described();
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	if (check_layout() || check_calls())
		return 1;
	if (!strcmp(what, "nasm"))
		print_nasm();
	else if (!strcmp(what, "golden"))
		print_golden();
	else if (!strcmp(what, "spec"))
		return print_spec();
	else if (!strcmp(what, "names"))
		for (size_t i = 0; i < CALLS; i++)
			puts(calls[i].name);
	else
		return fprintf(stderr, "usage: vmi-gen nasm|golden|spec|names\n"), 2;
	return fflush(stdout) || ferror(stdout);
}
