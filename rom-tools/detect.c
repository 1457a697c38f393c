// SPDX-License-Identifier: MIT
/* vmi detect: what this machine is to a guest on it. Read next: host.h. */
#include <argp.h>

#include "host.h"
#include "table.h"

struct options {
	const char *root, *record;
	bool json;
};

static const struct argp_option table[] = {
	{ "json", 'j', NULL, 0, "write JSON instead of tables", 0 },
	{ "root", 'R', "FOLDER", 0, "look at a recording instead of this machine", 0 },
	{ "record", 'r', "FOLDER", 0, "also write what was looked at to a new folder", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'j':
		o->json = true;
		return 0;
	case 'R':
		o->root = arg;
		return 0;
	case 'r':
		o->record = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "no argument is expected");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	table, parse, NULL,
	"Say what this machine is to a guest: hypervisor, guest mode, features, shim, and the evidence for each.",
	NULL, NULL, NULL
};

static void print(json_t *o, bool json)
{
	if (!json) {
		json_object_del(o, "cpuid");	/* for programs */
		table_print_object(NULL, o);
		return;
	}
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
}

int command_detect(int argc, char **argv)
{
	struct options o = { 0 };
	struct why why = { "" };
	struct facts facts = { 0 };
	struct facts_host host;
	int status = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (facts_read(&facts, o.root, &why)) {
		status = complain(argv[0], o.root, &why);
	} else if (o.record && facts_write(&facts, o.record, &why)) {
		status = complain(argv[0], o.record, &why);
	} else {
		json_t *object;

		host_conclude(&host, &facts);
		object = host_json(&host);
		print(object, o.json);
		json_decref(object);
		host_free(&host);
	}
	facts_free(&facts);
	return status;
}
