// SPDX-License-Identifier: MIT
/* vmi domain: a host's own configuration from one short description. Read next: domain.h. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"

static const struct domain_writer *const writers[] = { &domain_xl, &domain_libvirt, &domain_qemu };

#define WRITER_COUNT	(sizeof(writers) / sizeof(writers[0]))

struct options {
	const struct domain_writer *to;
	const char *file, *output, *mode;
};

static const struct argp_option table[] = {
	{ "to", 't', "FORM", 0, "xl, libvirt or qemu", 0 },
	{ "mode", 'm', "MODE", 0, "make it a domain of this mode: PV, PVH, PVC or FV", 0 },
	{ "output", 'o', "FILE", 0, "write to this file", 0 },
	{ 0 }
};

static const struct domain_writer *find_writer(const char *name)
{
	for (size_t i = 0; i < WRITER_COUNT; i++)
		if (!strcmp(writers[i]->name, name))
			return writers[i];
	return NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 't':
		o->to = find_writer(arg);
		if (!o->to)
			argp_error(state, "there is no form `%s'; expected xl, libvirt or qemu", arg);
		return 0;
	case 'm':
		o->mode = arg;
		return 0;
	case 'o':
		o->output = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->file)
			argp_error(state, "one description is expected");
		o->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->file || !o->to)
			argp_error(state, "a description and --to are needed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	table, parse, "DESCRIPTION.json",
	"Write a host's own configuration for a domain: xl's, libvirt's, or a command line of QEMU.",
	NULL, NULL, NULL
};

static json_t *read_json(const char *path, struct why *why)
{
	struct blob file = { 0 };
	json_error_t error;
	json_t *o;

	if (file_read(path, &file, why))
		return NULL;
	o = json_loadb((char *)file.data, file.size, JSON_REJECT_DUPLICATES, &error);
	if (!o)
		refuse(why, "line %d: expected JSON: %s", error.line, error.text);
	blob_free(&file);
	return o;
}

static int make(const struct options *o, const json_t *description, char **text, struct why *why)
{
	struct domain domain;
	size_t size;
	FILE *out;
	int err;

	if (domain_read(&domain, description, o->to->hypervisor, o->mode, why) || domain_check_kernel(&domain, why))
		return -1;
	out = open_memstream(text, &size);
	err = o->to->write(&domain, out, why);
	fclose(out);
	return err;
}

int command_domain(int argc, char **argv)
{
	struct options o = { 0 };
	struct why why = { "" };
	char *text = NULL;
	json_t *description;
	int status = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	description = read_json(o.file, &why);
	if (!description || make(&o, description, &text, &why))
		status = complain(argv[0], o.file, &why);
	else if (!o.output)
		fputs(text, stdout);
	else if (file_write(o.output, text, strlen(text), 0644, &why))
		status = complain(argv[0], o.output, &why);
	json_decref(description);
	free(text);
	return status;
}
