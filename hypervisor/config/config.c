// SPDX-License-Identifier: MIT
/* Parses the configuration. A line that is not understood is refused, never skipped. */
#include "config/config.h"
#include "domain/features.h"

/** A piece of the text. */
struct slice {
	const char *at;
	size_t bytes;
};

struct parser {
	struct config *config;
	struct domain_config *domain;	/* the one that is described, or NULL */
	struct slice word, value;
	unsigned int line;
	struct why *why;
};

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static bool slice_is(struct slice s, const char *text)
{
	return s.bytes == text_length(text) && !memcmp(s.at, text, s.bytes);
}

static struct slice trim(struct slice s)
{
	while (s.bytes && is_space(s.at[0])) {
		s.at++;
		s.bytes--;
	}
	while (s.bytes && is_space(s.at[s.bytes - 1]))
		s.bytes--;
	return s;
}

/* In front of the sentence: which line. */
static int wrong(struct parser *p, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	text_vprint(text, sizeof(text), format, args);
	va_end(args);
	return refuse(p->why, "configuration, line %u: %s", p->line, text);
}

#define SHOWN(s)	((s).bytes < 40 ? (int)(s).bytes : 40), (s).at

static int take_text(struct parser *p, char *to, size_t size)
{
	if (!p->value.bytes || p->value.bytes >= size)
		return wrong(p, "`%.*s' wants 1 to %lu bytes", SHOWN(p->word), size - 1);
	memcpy(to, p->value.at, p->value.bytes);
	to[p->value.bytes] = 0;
	return 0;
}

/* Printable, and no space: it is shown in front of lines. */
static int take_name(struct parser *p, char to[CONFIG_NAME])
{
	for (size_t i = 0; i < p->value.bytes; i++)
		if (p->value.at[i] <= ' ' || p->value.at[i] > '~')
			return wrong(p, "`%.*s' wants a name without spaces", SHOWN(p->word));
	return take_text(p, to, CONFIG_NAME);
}

static int take_number(struct parser *p, u32 *to, u32 low, u32 high)
{
	u64 n = 0;
	size_t i;

	for (i = 0; i < p->value.bytes && i < 9 && p->value.at[i] >= '0' && p->value.at[i] <= '9'; i++)
		n = n * 10 + p->value.at[i] - '0';
	if (!i || i != p->value.bytes || n < low || n > high)
		return wrong(p, "`%.*s' wants a number from %u to %u", SHOWN(p->word), low, high);
	*to = n;
	return 0;
}

static int set_abi(struct parser *p)
{
	if (slice_is(p->value, "v1"))
		p->config->abi = 1;
	else if (slice_is(p->value, "v2"))
		p->config->abi = 2;
	else
		return wrong(p, "`abi' is v1 or v2");
	return 0;
}

static int set_console(struct parser *p)
{
	p->config->plain_console = slice_is(p->value, "plain");
	return p->config->plain_console || slice_is(p->value, "marked") ? 0 :
	       wrong(p, "`console' is plain or marked");
}

static int set_domain(struct parser *p)
{
	struct config *c = p->config;

	if (c->domain_count == MAX_DOMAINS)
		return wrong(p, "more than %u domains", MAX_DOMAINS);
	p->domain = &c->domains[c->domain_count++];
	*p->domain = (struct domain_config){ .vcpus = 1 };
	if (take_name(p, p->domain->name))
		return -1;
	for (struct domain_config *d = c->domains; d < p->domain; d++)
		if (text_equal(d->name, p->domain->name))
			return wrong(p, "there is a domain `%s' already", d->name);
	return 0;
}

static int set_mode(struct parser *p)
{
	const struct feature_set *set;
	char name[CONFIG_NAME];

	if (take_name(p, name))
		return -1;
	set = feature_set_named(name);
	if (!set)
		return wrong(p, "there is no mode `%s'", name);
	p->domain->features = set->features;
	return 0;
}

static int set_memory(struct parser *p)
{
	return take_number(p, &p->domain->memory, CONFIG_MIN_MEMORY, CONFIG_MAX_MEMORY);
}

static int set_vcpus(struct parser *p) { return take_number(p, &p->domain->vcpus, 1, MAX_VCPUS); }
static int set_kernel(struct parser *p) { return take_name(p, p->domain->kernel); }
static int set_rom(struct parser *p) { return take_name(p, p->domain->rom); }
static int set_initrd(struct parser *p) { return take_name(p, p->domain->initrd); }
static int set_cmdline(struct parser *p) { return take_text(p, p->domain->cmdline, CONFIG_CMDLINE); }

static const struct word {
	const char *name;
	bool in_domain;
	int (*set)(struct parser *p);
} words[] = {
	{ "abi", false, set_abi },
	{ "console", false, set_console },
	{ "domain", false, set_domain },
	{ "mode", true, set_mode },
	{ "memory", true, set_memory },
	{ "vcpus", true, set_vcpus },
	{ "kernel", true, set_kernel },
	{ "rom", true, set_rom },
	{ "initrd", true, set_initrd },
	{ "cmdline", true, set_cmdline },
};

static int parse_line(struct parser *p, struct slice line)
{
	size_t n = 0;

	while (n < line.bytes && !is_space(line.at[n]))
		n++;
	p->word = (struct slice){ line.at, n };
	p->value = trim((struct slice){ line.at + n, line.bytes - n });
	for (const struct word *w = words; w < words + ARRAY_SIZE(words); w++) {
		if (!slice_is(p->word, w->name))
			continue;
		if (w->in_domain && !p->domain)
			return wrong(p, "`%s' is said of a domain, and there is none yet", w->name);
		return w->set(p);
	}
	return wrong(p, "`%.*s' is not a word of this language", SHOWN(p->word));
}

static int check_domain(const struct domain_config *d, struct why *why)
{
	if (!d->kernel[0] || !d->rom[0] || !d->memory || !d->features)
		return refuse(why, "configuration, domain `%s': it lacks its %s", d->name, !d->kernel[0] ? "kernel" :
			      !d->rom[0] ? "rom" : !d->memory ? "memory" : "mode");
	return 0;
}

static int check(const struct config *c, struct why *why)
{
	if (!c->abi)
		return refuse(why, "configuration: there is no line `abi'");
	if (!c->domain_count)
		return refuse(why, "configuration: there is no domain in it");
	if (c->plain_console && c->domain_count > 1)
		return refuse(why, "configuration: a plain console is for one domain");
	for (u32 i = 0; i < c->domain_count; i++)
		if (check_domain(&c->domains[i], why))
			return -1;
	return 0;
}

static struct slice without_comment(struct slice line)
{
	line = trim(line);
	if (line.bytes && line.at[0] == '#')
		line.bytes = 0;
	return line;
}

int config_parse(struct config *config, const char *text, size_t bytes, struct why *why)
{
	struct parser p = { .config = config, .why = why };
	struct slice line;
	size_t at = 0, end;

	memset(config, 0, sizeof(*config));
	for (; at < bytes; at = end + 1) {
		p.line++;
		for (end = at; end < bytes && text[end] != '\n'; end++)
			if (!text[end])
				return wrong(&p, "a byte that is no text");
		line = without_comment((struct slice){ text + at, end - at });
		if (line.bytes && parse_line(&p, line))
			return -1;
	}
	return check(config, why);
}
