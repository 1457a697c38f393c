// SPDX-License-Identifier: MIT
/* vmi: one program, one subcommand per job. Read next: vmi.h. */
#include <string.h>
#include <sysexits.h>

#include "vmi.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *text;
} commands[] = {
	{ "build",	command_build,	"link a ROM from one relocatable object" },
	{ "bundle",	command_bundle,	"place a ROM in a kernel file" },
	{ "pack",	command_pack,	"put several ROMs into an option ROM or an EFI driver" },
	{ "inspect",	command_inspect, "show what a ROM, a kernel or a bundle says of itself" },
	{ "verify",	command_verify,	"check a ROM, a bundle or a kernel without running it" },
	{ "detect",	command_detect,	"say what this machine is to a guest, and how that shows" },
	{ "domain",	command_domain,	"write the configuration of a domain for xl, libvirt or QEMU" },
	{ "run",	command_run,	"boot a kernel on a host, exit with its verdict" },
	{ "select",	command_select,	"pick the ROM for a host from a folder" },
	{ "report",	command_report,	"merge results of `vmi run' into one array and one table" },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static int usage(FILE *out)
{
	fputs("Usage: vmi COMMAND [OPTION...]\n\n", out);
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].text);
	fputs("\n`vmi COMMAND --help' says what each takes; vmi(1) has the rest.\n", out);
	return out == stdout ? 0 : EX_USAGE;
}

int main(int argc, char **argv)
{
	char name[32];

	if (argc < 2)
		return usage(stderr);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))
		return usage(stdout);
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		/* argp names the program by argv[0] in its messages */
		snprintf(name, sizeof(name), "vmi %s", commands[i].name);
		argv[1] = name;
		return commands[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr, "vmi: there is no command `%s'\n", argv[1]);
	return usage(stderr);
}
