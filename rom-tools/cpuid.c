// SPDX-License-Identifier: MIT
/*
 * CPUID, two ways. A PV kernel runs where the instruction may not trap, so its
 * host is asked with a prefix: an undefined instruction and the letters "xen".
 * Where there is no such host, the prefix raises SIGILL.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"

#define HYPERVISOR_BIT	(1u << 31)	/* ECX of leaf 1 */
#define MOST_LEAVES	0x10u		/* of one hypervisor */

static sigjmp_buf no_prefix;

static void on_sigill(int signal)
{
	siglongjmp(no_prefix, signal);
}

/* The compiler must not keep anything in registers across the jump: this is a function of its own. */
static bool __attribute__((noinline)) prefix_works(void)
{
	struct sigaction ours = { .sa_handler = on_sigill }, theirs;
	volatile bool works = false;

	sigaction(SIGILL, &ours, &theirs);
	if (!sigsetjmp(no_prefix, 1)) {
		uint32_t a = CPUID_HYPERVISOR, b, c = 0, d;

		asm volatile("ud2a; .ascii \"xen\"; cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
		works = true;
	}
	sigaction(SIGILL, &theirs, NULL);
	return works;
}

static struct cpuid_row ask(uint32_t leaf, bool forced)
{
	struct cpuid_row r = { .leaf = leaf, .eax = leaf, .forced = forced };

	if (forced)
		asm volatile("ud2a; .ascii \"xen\"; cpuid" : "+a"(r.eax), "=b"(r.ebx), "+c"(r.ecx), "=d"(r.edx));
	else
		asm volatile("cpuid" : "+a"(r.eax), "=b"(r.ebx), "+c"(r.ecx), "=d"(r.edx));
	return r;
}

static void add(struct facts *facts, struct cpuid_row row)
{
	struct cpuid_row *rows = realloc(facts->cpuid, (facts->cpuid_count + 1) * sizeof(row));

	if (!rows)
		abort();
	rows[facts->cpuid_count++] = row;
	facts->cpuid = rows;
}

/* A base answers with its own highest leaf. */
static bool is_base(const struct cpuid_row *row)
{
	return row->eax >= row->leaf && row->eax < row->leaf + CPUID_STEP && (row->ebx | row->ecx | row->edx);
}

/* KVM once answered 0 for its highest leaf: it has one more. */
static bool is_old_kvm(const struct cpuid_row *row)
{
	char text[13];

	cpuid_signature(row, text);
	return !row->eax && !strcmp(text, "KVMKVMKVM");
}

static void read_bases(struct facts *facts, bool forced)
{
	for (uint32_t base = CPUID_HYPERVISOR; base < CPUID_LAST; base += CPUID_STEP) {
		struct cpuid_row row = ask(base, forced);
		uint32_t last = is_old_kvm(&row) ? base + 1 : row.eax;

		/* the first is kept whatever it is: some hypervisors have a name and nothing more */
		if (base != CPUID_HYPERVISOR && !is_base(&row) && !is_old_kvm(&row))
			continue;
		add(facts, row);
		for (uint32_t leaf = base + 1; leaf <= last && leaf <= base + MOST_LEAVES; leaf++)
			add(facts, ask(leaf, forced));
	}
}

void cpuid_read(struct facts *facts)
{
	struct cpuid_row one = ask(1, false);

	add(facts, ask(0, false));
	one.ebx &= 0xffffff;	/* without the number of the CPU that happens to run this */
	add(facts, one);
	if (one.ecx & HYPERVISOR_BIT)
		read_bases(facts, false);
	if (prefix_works()) {
		add(facts, ask(1, true));
		read_bases(facts, true);
	}
}

int cpuid_parse(struct facts *facts, char *text, struct why *why)
{
	unsigned int number = 0;
	char *save;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct cpuid_row r = { 0 };
		char how[8], end;

		number++;
		if (sscanf(line, "%7s %x %x : %x %x %x %x %c", how, &r.leaf, &r.subleaf,
			   &r.eax, &r.ebx, &r.ecx, &r.edx, &end) != 7 || (strcmp(how, "cpu") && strcmp(how, "xen")))
			return refuse(why, "cpuid, line %u: expected `cpu' or `xen', leaf, subleaf, a colon, "
				      "and four registers in hexadecimal", number);
		r.forced = *how == 'x';
		add(facts, r);
	}
	return 0;
}

char *cpuid_print(const struct facts *facts)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < facts->cpuid_count; i++) {
		const struct cpuid_row *r = &facts->cpuid[i];

		fprintf(out, "%s %08x %x: %08x %08x %08x %08x\n", r->forced ? "xen" : "cpu",
			r->leaf, r->subleaf, r->eax, r->ebx, r->ecx, r->edx);
	}
	fclose(out);
	return text;
}

const struct cpuid_row *cpuid_find(const struct facts *facts, uint32_t leaf, bool forced)
{
	for (size_t i = 0; i < facts->cpuid_count; i++)
		if (facts->cpuid[i].leaf == leaf && facts->cpuid[i].forced == forced)
			return &facts->cpuid[i];
	return NULL;
}

void cpuid_signature(const struct cpuid_row *row, char *text)
{
	const uint32_t words[3] = { row->ebx, row->ecx, row->edx };

	for (int i = 0; i < 12; i++) {
		char c = words[i / 4] >> i % 4 * 8;

		text[i] = !c || (c >= ' ' && c <= '~') ? c : '?';
	}
	text[12] = 0;
}
