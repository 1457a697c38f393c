// SPDX-License-Identifier: MIT
/* vmi report: many results of `vmi run' as one array and one table. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "vmi.h"

struct options {
	char **files;
	int count;
	const char *output;
};

static const struct argp_option table[] = {
	{ "output", 'o', "FILE", 0, "also write all results as one JSON array", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o':
		o->output = arg;
		return 0;
	case ARGP_KEY_ARGS:
		o->files = state->argv + state->next;
		o->count = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a file is needed");
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	table, parse, "FILE.json...",
	"Merge results of `vmi run --json' (objects, or arrays of them) and show them as a table. "
	"Exits with 1 unless every verdict is pass.",
	NULL, NULL, NULL
};

static int add_row(json_t *rows, json_t *row, struct why *why)
{
	if (!json_is_object(row) || !json_is_string(json_object_get(row, "verdict")))
		return refuse(why, "holds something that is not a result of `vmi run'");
	json_array_append(rows, row);
	return 0;
}

static int add_file(json_t *rows, const char *path, struct why *why)
{
	json_error_t error;
	json_t *json = json_load_file(path, 0, &error), *row;
	int err = 0;
	size_t i;

	if (!json)
		return refuse(why, "is not JSON: %s", error.text);
	if (!json_is_array(json))
		err = add_row(rows, json, why);
	json_array_foreach(json, i, row)
		err = err || add_row(rows, row, why);
	json_decref(json);
	return err;
}

static int write_rows(const char *path, json_t *rows, struct why *why)
{
	char *text = json_dumps(rows, JSON_INDENT(2)), *line = xprintf("%s\n", text);
	int err = file_write(path, line, strlen(line), 0644, why);

	free(text);
	free(line);
	return err;
}

/* Long hashes are shortened for people; the array has them whole. */
static json_t *shortened(json_t *rows)
{
	static const char *const keys[] = { "kernel_sha256", "build_id", "rom_sha256", "bundle_sha256" };
	json_t *copy = json_deep_copy(rows), *row;
	size_t i;

	json_array_foreach(copy, i, row)
		for (int k = 0; k < 4; k++) {
			const char *value = json_string_value(json_object_get(row, keys[k]));

			if (value)
				json_object_set_new(row, keys[k], json_sprintf("%.12s", value));
		}
	return copy;
}

static bool all_pass(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		if (strcmp(json_string_value(json_object_get(row, "verdict")), "pass"))
			return false;
	return true;
}

int command_report(int argc, char **argv)
{
	static const char *const columns[] = { "host", "guest", "kernel_sha256", "build_id", "rom", "rom_sha256",
		"bundle_sha256", 		"seconds_to_userspace", "verdict", "reason", NULL };
	struct options o = { 0 };
	struct why why = { "" };
	json_t *rows = json_array(), *view;
	int status = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	for (int i = 0; i < o.count && !status; i++)
		if (add_file(rows, o.files[i], &why))
			status = complain(argv[0], o.files[i], &why);
	if (!status && o.output && write_rows(o.output, rows, &why))
		status = complain(argv[0], o.output, &why);
	if (!status) {
		view = shortened(rows);
		table_print_rows(view, columns);
		json_decref(view);
		status = !all_pass(rows);
	}
	json_decref(rows);
	return status;
}
