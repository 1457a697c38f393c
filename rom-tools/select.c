// SPDX-License-Identifier: MIT
/* vmi select: the ROM of a folder that a host gets, and why the others do not. Read next: choose.c. */
#include <argp.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "kernel.h"
#include "table.h"

struct options {
	const char *folder, *host, *kernel;
	bool json, quiet;
};

static const struct argp_option table[] = {
	{ "host", 'H', "FILE", 0, "for the host that this JSON file or recording describes; else for this machine", 0 },
	{ "kernel", 'k', "FILE", 0, "for this kernel: what it needs counts too", 0 },
	{ "json", 'j', NULL, 0, "write JSON instead of a table", 0 },
	{ "quiet", 'q', NULL, 0, "write the ROM's path only", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'H':
		o->host = arg;
		return 0;
	case 'k':
		o->kernel = arg;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->folder)
			argp_error(state, "one folder is expected");
		o->folder = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->folder)
			argp_error(state, "a folder of ROMs is needed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	table, parse, "FOLDER",
	"Pick the ROM for a host from the *.rom files of a folder, and say why each other one was not picked.",
	NULL, NULL, NULL
};

static int read_kernel(const char *path, struct vmi_note *note, struct why *why)
{
	struct blob file = { 0 };
	struct kernel kernel;
	int err = file_read(path, &file, why) || kernel_open(&kernel, &file, why);

	if (err) {
		blob_free(&file);
		return -1;
	}
	if (kernel.has_contract)
		*note = kernel.contract;
	else
		err = refuse(why, "has no note VMI/1: it is no kernel that uses VMI");
	kernel_close(&kernel);
	blob_free(&file);
	return err;
}

static int find_roms(const char *folder, struct candidate **roms, size_t *count, struct why *why)
{
	char *pattern = xprintf("%s/*.rom", folder);
	glob_t found;
	int err = glob(pattern, 0, NULL, &found);

	free(pattern);
	if (err)
		return refuse(why, "there is no file *.rom in it");
	*count = found.gl_pathc;
	*roms = xcalloc(*count, sizeof(**roms));
	for (size_t i = 0; i < *count; i++)
		(*roms)[i].path = xprintf("%s", found.gl_pathv[i]);
	globfree(&found);
	return 0;
}

static json_t *rows(const struct candidate *roms, size_t count, const struct candidate *best)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		char *file = printable(xprintf("%s", strrchr(roms[i].path, '/') + 1));

		json_array_append_new(list, json_pack("{ss ss ss ss}", "rom", file, "backend", roms[i].name,
			"picked", &roms[i] == best ? "yes" : "no", "because", roms[i].why.text));
		free(file);
	}
	return list;
}

static void print(const struct options *o, const struct candidate *roms, size_t count, const struct candidate *best)
{
	json_t *list = rows(roms, count, best);

	if (o->quiet && best) {
		puts(best->path);
	} else if (o->json) {
		json_t *object = json_pack("{so sO}", "picked", best ? json_string_nocheck(best->path) : json_null(),
					   "roms", list);

		json_dumpf(object, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(object);
	} else if (!o->quiet) {
		table_print_rows(list, NULL);
	}
	json_decref(list);
}

static int pick(const struct options *o, const char *command, const struct described *host, const struct vmi_note *note)
{
	struct candidate *roms = NULL, *best;
	struct why why = { "" };
	size_t count = 0;

	if (find_roms(o->folder, &roms, &count, &why))
		return complain(command, o->folder, &why);
	for (size_t i = 0; i < count; i++)
		if (!file_read(roms[i].path, &roms[i].image, &roms[i].why))
			candidate_judge(&roms[i], host, note);
	best = candidate_best(roms, count);
	print(o, roms, count, best);
	if (!best && refuse(&why, "none of its ROMs is for this host"))
		complain(command, o->folder, &why);
	for (size_t i = 0; i < count; i++) {
		free(roms[i].path);
		blob_free(&roms[i].image);
	}
	free(roms);
	return best ? 0 : 1;
}

int command_select(int argc, char **argv)
{
	struct options o = { 0 };
	struct why why = { "" };
	struct described host = { 0 };
	struct vmi_note note;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (described_read(&host, o.host, &why))
		status = complain(argv[0], o.host, &why);
	else if (o.kernel && read_kernel(o.kernel, &note, &why))
		status = complain(argv[0], o.kernel, &why);
	else
		status = pick(&o, argv[0], &host, o.kernel ? &note : NULL);
	described_free(&host);
	return status;
}
