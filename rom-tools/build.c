// SPDX-License-Identifier: MIT
/* vmi build: the command around the linker. Read next: link.c. */
#include <argp.h>
#include <stdlib.h>

#include "link.h"

struct options {
	const char *output, *map, *input;
};

static const struct argp_option table[] = {
	{ "output", 'o', "FILE", 0, "the ROM to write", 0 },
	{ "map", 'm', "FILE", 0, "also write image offset and name of every symbol", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o':
		o->output = arg;
		return 0;
	case 'm':
		o->map = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->input)
			argp_error(state, "one object is expected; `ld -r' joins several");
		o->input = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->input || !o->output)
			argp_error(state, "an object and -o are needed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	table, parse, "OBJECT.o",
	"Link a ROM from one relocatable object. Refuses whatever would tie it to an address.",
	NULL, NULL, NULL
};

static int write_results(const char *command, const struct options *o, const struct blob *rom, const char *map, size_t map_size,
			 struct why *why)
{
	if (file_write(o->output, rom->data, rom->size, 0644, why))
		return complain(command, o->output, why);
	if (o->map && file_write(o->map, map, map_size, 0644, why))
		return complain(command, o->map, why);
	return 0;
}

int command_build(int argc, char **argv)
{
	struct options o = { 0 };
	struct why why = { "" };
	struct blob object = { 0 }, rom = { 0 };
	size_t map_size = 0;
	char *map = NULL;
	FILE *stream;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (file_read(o.input, &object, &why))
		return complain(argv[0], o.input, &why);
	stream = open_memstream(&map, &map_size);
	status = link_rom(&object, &rom, stream, &why) ? complain(argv[0], o.input, &why) : 0;
	fclose(stream);
	if (!status)
		status = write_results(argv[0], &o, &rom, map, map_size, &why);
	free(map);
	blob_free(&rom);
	blob_free(&object);
	return status;
}
