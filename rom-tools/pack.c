// SPDX-License-Identifier: MIT
/* vmi pack: several ROMs in one file, for a device's ROM or for EFI firmware. Read next: chain.c, pe.c. */
#include <argp.h>
#include <stdlib.h>

#include "chain.h"

#define MAX_PARTS	16

struct options {
	const char *output, *driver, *parts[MAX_PARTS];
	size_t count;
};

static const struct argp_option table[] = {
	{ "output", 'o', "FILE", 0, "the file to write", 0 },
	{ "into", 'i', "DRIVER.efi", 0, "write a copy of this EFI driver with the ROMs in it, instead of an option ROM", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o':
		o->output = arg;
		return 0;
	case 'i':
		o->driver = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->count == MAX_PARTS)
			argp_error(state, "at most %d files are expected", MAX_PARTS);
		o->parts[o->count++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->count || !o->output)
			argp_error(state, "files and -o are needed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	table, parse, "FILE...",
	"Put ROMs, and EFI drivers that hold ROMs, one behind another into an option ROM; "
	"or put ROMs into an EFI driver.",
	NULL, NULL, NULL
};

static int pack(const struct options *o, const struct blob *parts, struct blob *file, struct why *why)
{
	struct blob driver = { 0 };
	int err;

	if (!o->driver)
		return chain_make(parts, o->count, file, why);
	err = file_read(o->driver, &driver, why) ? -1 : pe_add_roms(&driver, parts, o->count, file, why);
	blob_free(&driver);
	return err;
}

int command_pack(int argc, char **argv)
{
	struct options o = { 0 };
	struct why why = { "" };
	struct blob parts[MAX_PARTS] = { { 0 } }, file = { 0 };
	int status = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	for (size_t i = 0; !status && i < o.count; i++)
		if (file_read(o.parts[i], &parts[i], &why))
			status = complain(argv[0], o.parts[i], &why);
	if (!status && pack(&o, parts, &file, &why))
		status = complain(argv[0], o.driver ? o.driver : o.output, &why);
	if (!status && file_write(o.output, file.data, file.size, 0644, &why))
		status = complain(argv[0], o.output, &why);
	for (size_t i = 0; i < o.count; i++)
		blob_free(&parts[i]);
	blob_free(&file);
	return status;
}
