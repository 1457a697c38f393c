// SPDX-License-Identifier: MIT
/* Puts the conclusions in order, and in JSON. */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "image.h"

#define SHIM	"/sys/kernel/vmi/"

void host_conclude(struct facts_host *host, const struct facts *facts)
{
	char *because = NULL;

	*host = (struct facts_host){ .facts = facts };
	host_find_hypervisor(host);
	host->monitor = firmware_monitor(facts, &because);
	free(because);
	host_see_features(host);
	host->mode = mode_closest(host->known, host->on, &host->differs);
}

void host_free(struct facts_host *host)
{
	for (int i = 0; i < FEATURE_COUNT; i++)
		free(host->features[i].because);
	free(host->model.because);
	free(host->version);
	free(host->monitor);
	*host = (struct facts_host){ 0 };
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string_nocheck(text) : json_null();
}

static json_t *state(const struct seen *s)
{
	static const char *const words[] = { "no", "yes" };

	return s->is == UNKNOWN ? json_null() : json_string(words[s->is]);
}

static const char *base_name(const struct base *base)
{
	return !base->leaf ? NULL : base->by ? base->by->name : base->signature;
}

static json_t *feature_list(uint32_t bits)
{
	json_t *list = json_array();

	for (int i = 0; i < FEATURE_COUNT; i++)
		if (bits >> i & 1)
			json_array_append_new(list, json_string(feature_names[i]));
	return list;
}

static json_t *feature_rows(const struct facts_host *host)
{
	json_t *rows = json_array();

	for (int i = 0; i < FEATURE_COUNT; i++) {
		const struct seen *s = &host->features[i];

		json_array_append_new(rows, json_pack("{ss so ss ss ss}", "feature", feature_names[i], "here", state(s),
			"mode", host->mode->features >> i & 1 ? "yes" : "no", "what", feature_texts[i],
			"evidence", s->because));
	}
	return rows;
}

static void say(json_t *rows, const char *about, json_t *is, const char *evidence)
{
	json_array_append_new(rows, json_pack("{ss so ss}", "about", about, "is", is, "evidence", evidence));
}

/* Nobody answers CPUID: there is nobody, or it hides. */
static const char *nobody(const struct facts_host *host)
{
	return host_is_bare(host) ? "none" : "hidden";
}

static void say_hypervisor(const struct facts_host *host, json_t *rows)
{
	const struct base *base = &host->hypervisor;
	char *text;

	if (!base->leaf) {
		say(rows, "hypervisor", json_string(nobody(host)),
		    "CPUID leaf 1 has no hypervisor bit, and Xen's prefix is an invalid instruction");
		return;
	}
	text = xprintf("CPUID 0x%08x%s: \"%s\"", base->leaf, host->forced ? " by Xen's prefix" : "", base->signature);
	say(rows, "hypervisor", json_string(base_name(base)), text);
	free(text);
	if (host->imitates.leaf) {
		text = xprintf("CPUID 0x%08x: \"%s\" beside it", host->imitates.leaf, host->imitates.signature);
		say(rows, "imitates", json_string(base_name(&host->imitates)), text);
		free(text);
	}
	if (host->below.leaf) {
		text = xprintf("CPUID 0x%08x without the prefix: \"%s\"", host->below.leaf, host->below.signature);
		say(rows, "below", json_string(base_name(&host->below)), text);
		free(text);
	}
}

static void say_kernel(const struct facts_host *host, json_t *rows)
{
	static const char *const files[] = {
		"/sys/hypervisor/type", "/sys/hypervisor/guest_type", "/proc/xen/capabilities",
		"/sys/devices/system/clocksource/clocksource0/current_clocksource",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *text = fact_text(host->facts, files[i]);

		if (text && *text)
			say(rows, strrchr(files[i], '/') + 1, json_string_nocheck(text), files[i]);
		free(text);
	}
}

static json_t *evidence(const struct facts_host *host)
{
	json_t *rows = json_array();
	char *because = NULL, *monitor = firmware_monitor(host->facts, &because);
	struct seen net = firmware_network_boot(host->facts);

	say_hypervisor(host, rows);
	if (host->pv)
		say(rows, "PV domain", json_string("yes"), host->pv);
	if (monitor)
		say(rows, "monitor", json_string_nocheck(monitor), because);
	say_kernel(host, rows);
	if (host->features[FEATURE_COUNT - 1].is == NO)
		say(rows, "network boot", json_string("no"), "without firmware nothing boots from a network");
	else
		say(rows, "network boot", state(&net), net.because);
	free(net.because);
	free(because);
	free(monitor);
	return rows;
}

static json_t *unread(const struct facts *facts)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < facts->count; i++)
		if (facts->list[i].error)
			json_array_append_new(rows, json_pack("{ss ss}", "not read", facts->list[i].path,
							      "reason", facts->list[i].error));
	return rows;
}

static json_t *cpuid_lines(const struct facts *facts)
{
	char *text = cpuid_print(facts), *save;
	json_t *lines = json_array();

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		json_array_append_new(lines, json_string(line));
	free(text);
	return lines;
}

static void add_shim(const struct facts_host *host, json_t *o)
{
	char *rom = fact_text(host->facts, SHIM "rom"), *sha = fact_text(host->facts, SHIM "sha256");
	char *abi = fact_text(host->facts, SHIM "abi");
	bool loaded = rom && strcmp(rom, "none");

	json_object_set_new(o, "kernel_knows_vmi", json_boolean(fact_next(host->facts, NULL, "/sys/kernel/vmi") != NULL));
	json_object_set_new(o, "shim", loaded ? json_string_nocheck(rom) : json_string("none"));
	json_object_set_new(o, "shim_sha256", text_or_null(loaded ? sha : NULL));
	json_object_set_new(o, "shim_abi", text_or_null(loaded ? abi : NULL));
	free(rom);
	free(sha);
	free(abi);
}

/* PV domains of Xen: whether this is the one that owns the machine. */
static json_t *first_domain(const struct facts_host *host)
{
	if (!fact_next(host->facts, NULL, "/proc/xen/capabilities"))
		return json_null();
	return json_boolean(fact_has(host->facts, "/proc/xen/capabilities", "control_d"));
}

json_t *host_json(const struct facts_host *host)
{
	const struct constraint *broken = constraint_broken(host->known, host->on);
	const char *hypervisor = base_name(&host->hypervisor);
	json_t *o = json_object();

	json_object_set_new(o, "hypervisor", json_string(hypervisor ? hypervisor : nobody(host)));
	json_object_set_new(o, "version", text_or_null(host->version));
	json_object_set_new(o, "signature", text_or_null(host->hypervisor.leaf ? host->hypervisor.signature : NULL));
	json_object_set_new(o, "imitates", text_or_null(base_name(&host->imitates)));
	json_object_set_new(o, "below", text_or_null(base_name(&host->below)));
	json_object_set_new(o, "monitor", text_or_null(host->monitor));
	json_object_set_new(o, "mode", json_string(host->mode->name));
	json_object_set_new(o, "mode_text", json_string(host->mode->text));
	json_object_set_new(o, "mode_differs", feature_list(host->differs));
	json_object_set_new(o, "contradiction", text_or_null(broken ? broken->text : NULL));
	json_object_set_new(o, "first_domain", first_domain(host));
	add_shim(host, o);
	json_object_set_new(o, "features", feature_rows(host));
	json_object_set_new(o, "evidence", evidence(host));
	json_object_set_new(o, "unread", unread(host->facts));
	json_object_set_new(o, "cpuid", cpuid_lines(host->facts));
	return o;
}
