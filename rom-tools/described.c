// SPDX-License-Identifier: MIT
/*
 * Reads a description of a host. A person's may be as short as
 * { "hypervisor": "Xen", "mode": "PV" }: then the features are the mode's.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "described.h"
#include "host.h"
#include "image.h"

static int parse_text(const json_t *o, const char *key, char *text, size_t size, struct why *why)
{
	const json_t *value = json_object_get(o, key);

	*text = 0;
	if (!value || json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return refuse(why, "field `%s': expected a text", key);
	if (strlen(json_string_value(value)) >= size)
		return refuse(why, "field `%s': expected at most %zu bytes", key, size - 1);
	strcpy(text, json_string_value(value));
	return 0;
}

static int feature_bit(const char *name)
{
	for (int i = 0; name && i < FEATURE_COUNT; i++)
		if (!strcmp(feature_names[i], name))
			return i;
	return -1;
}

static int parse_row(struct described *host, const json_t *row, size_t number, struct why *why)
{
	int bit = feature_bit(json_string_value(json_object_get(row, "feature")));
	const json_t *here = json_object_get(row, "here");
	const char *text = json_string_value(here);

	if (bit < 0)
		return refuse(why, "field `features', row %zu: expected the name of a feature in `feature'", number);
	if (json_is_null(here))
		return 0;
	if (!text || (strcmp(text, "yes") && strcmp(text, "no")))
		return refuse(why, "field `features', %s: expected \"yes\", \"no\" or null in `here'", feature_names[bit]);
	host->known |= 1u << bit;
	host->on |= (uint32_t)!strcmp(text, "yes") << bit;
	return 0;
}

static int parse_features(struct described *host, const json_t *rows, struct why *why)
{
	size_t i;
	json_t *row;

	if (!json_is_array(rows))
		return refuse(why, "field `features': expected a list");
	json_array_foreach((json_t *)rows, i, row)
		if (parse_row(host, row, i + 1, why))
			return -1;
	return 0;
}

static int parse_mode(struct described *host, const json_t *o, struct why *why)
{
	const char *name = json_string_value(json_object_get(o, "mode"));
	const struct mode *mode = name ? mode_named(name) : NULL;

	if (!mode)
		return refuse(why, "field `mode': expected FV, FVD, FVI, PVH, PVC or PV, or a list in `features'");
	host->known = (1u << FEATURE_COUNT) - 1;
	host->on = mode->features;
	return 0;
}

/* The rows as `vmi detect --json' has them, or what a hypervisor of this name answers at least. */
static int parse_cpuid(struct described *host, const json_t *o, struct why *why)
{
	const json_t *lines = json_object_get(o, "cpuid");
	char *text = NULL;
	json_t *line;
	size_t i, size;
	FILE *out;
	int err;

	if (!lines) {
		host_imagine_cpuid(&host->probe.cpuid, host->hypervisor);
		return 0;
	}
	out = open_memstream(&text, &size);
	json_array_foreach((json_t *)lines, i, line)
		fprintf(out, "%s\n", json_is_string(line) ? json_string_value(line) : "?");
	fclose(out);
	err = json_is_array(lines) ? cpuid_parse(&host->probe.cpuid, text, why) :
				     refuse(why, "field `cpuid': expected a list of lines");
	free(text);
	return err;
}

void described_free(struct described *host)
{
	facts_free(&host->probe.cpuid);
}

int described_parse(struct described *host, const json_t *o, struct why *why)
{
	const json_t *rows = json_object_get(o, "features");

	*host = (struct described){ 0 };
	if (!json_is_object(o))
		return refuse(why, "expected one JSON object, as `vmi detect --json' writes it");
	if (parse_text(o, "hypervisor", host->hypervisor, sizeof(host->hypervisor), why) ||
	    parse_text(o, "imitates", host->imitates, sizeof(host->imitates), why))
		return -1;
	if (rows ? parse_features(host, rows, why) : parse_mode(host, o, why))
		return -1;
	host->probe.kernel_cs = host_kernel_cs(host->hypervisor, host->on);
	return parse_cpuid(host, o, why);
}

static int read_machine(struct described *host, const char *folder, struct why *why)
{
	struct facts facts = { 0 };
	struct facts_host found;
	json_t *o;
	int err = facts_read(&facts, folder, why);

	if (!err) {
		host_conclude(&found, &facts);
		o = host_json(&found);
		err = described_parse(host, o, why);
		json_decref(o);
		host_free(&found);
	}
	facts_free(&facts);
	return err;
}

int described_read(struct described *host, const char *path, struct why *why)
{
	struct blob file = { 0 };
	json_error_t error;
	struct stat st;
	json_t *o;
	int err;

	if (!path || (!stat(path, &st) && S_ISDIR(st.st_mode)))
		return read_machine(host, path, why);
	if (file_read(path, &file, why))
		return -1;
	o = json_loadb((char *)file.data, file.size, JSON_REJECT_DUPLICATES, &error);
	err = o ? described_parse(host, o, why) :
		  refuse(why, "line %d: expected JSON: %s", error.line, error.text);
	json_decref(o);
	blob_free(&file);
	return err;
}
