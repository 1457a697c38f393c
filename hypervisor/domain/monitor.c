// SPDX-License-Identifier: MIT
/*
 * The monitor: Control-] on the console opens it and closes it. A line is a word
 * and mostly the name of a domain. While it is open vmihv goes on without domains.
 */
#include "container/container.h"
#include "domain/domain.h"
#include "memory/frames.h"

#define KEY		0x1d	/* Control-] */
#define MAX_LINE	64
#define PROMPT		"vmihv> "

static bool open;
static char line[MAX_LINE];
static u32 length;
static const char *argument;	/* behind the name */

static const char *state_of(const struct domain *d)
{
	static const char *const endings[] = { "gone (power off)", "gone (reboot)", "gone (crash)", "gone (destroyed)" };

	return !d->alive ? endings[d->ending] : d->suspended ? "suspended" : d->paused ? "paused" : "alive";
}

static void show(struct domain *d)
{
	u64 used = 0, exits = 0, memory = d->memory.frames * PAGE_SIZE;
	u64 kept = d->alive ? frames_owned_bytes(d->memory.owner) - memory : 0;

	for (u32 i = 0; i < d->config->vcpus; i++) {
		used += d->vcpus[i].used;
		exits += d->vcpus[i].exits;
	}
	print("%u %s: %s, %lu MiB and %lu KiB to keep it, %lu us, %lu exits, %lu calls refused\n", d->number,
	      d->config->name, state_of(d), memory / MIB, kept / KIB,
	      used / 1000, exits, d->refused_calls);
}

static void list(struct domain *d)
{
	(void)d;
	for (d = domains; d < domains + MAX_DOMAINS; d++)
		if (d->config)
			show(d);
	print("%lu KiB are free, %lu KiB record who has which frame, %lu KiB are vmihv's own\n", frames_free_bytes() / KIB,
	      frames_record_bytes() / KIB, frames_owned_bytes(OWNER_HV) / KIB);
}

/* What has ended may still be on its way off another processor. */
static void create(struct domain *d)
{
	if (d->alive || d->loaded)
		print("%s is there already\n", d->config->name);
	else
		domain_create(d->number - 1);
}

static void destroy(struct domain *d) { sched_end(d, ENDING_DESTROYED); }
static void reboot(struct domain *d) { sched_end(d, ENDING_REBOOT); }
static void pause_domain(struct domain *d) { sched_pause(d); }
static void unpause(struct domain *d) { sched_unpause(d); }
/* As on a PC, where the button's goes to the processor that booted. */
static void nmi(struct domain *d) { nmi_send(&d->vcpus[0]); }

static void focus(struct domain *d) { console_focus = d; }
static void shutdown(struct domain *d) { wish_end(d, ENDING_OFF); }
/* Of a domain whose tables are the machine's. */
static bool is_fixed(const struct domain *d)
{
	if (!(d->features & VMI_FEAT_PAGING_ASSIST))
		print("%s keeps its memory where it is\n", d->config->name);
	return !(d->features & VMI_FEAT_PAGING_ASSIST);
}

static void suspend(struct domain *d)
{
	if (!is_fixed(d))
		wish_save(d);
}

static void resume(struct domain *d)
{
	struct why why = { "" };

	if (suspend_resume(d, &why))
		print("%s is not resumed: %s\n", d->config->name, why.text);
}

static void restart(struct domain *d) { wish_end(d, ENDING_REBOOT); }

/* What it has been given at most is what it was made with. */
static void memory(struct domain *d)
{
	u64 mib = 0;

	if (is_fixed(d))
		return;
	for (const char *p = argument; *p >= '0' && *p <= '9' && mib < CONFIG_MAX_MEMORY; p++)
		mib = mib * 10 + *p - '0';
	if (mib < CONFIG_MIN_MEMORY || mib > d->config->memory)
		print("`memory' wants a domain's name and a number of MiB from %u to %u\n", CONFIG_MIN_MEMORY, d->config->memory);
	else
		wish_frames(d, mib * MIB / PAGE_SIZE);
}

/* Who runs has its registers in the processor. */
static void dump(struct domain *d)
{
	bool paused = d->paused;

	sched_pause(d);
	for (u32 i = 0; i < d->config->vcpus; i++)
		if (d->vcpus[i].control)
			d->container->dump(&d->vcpus[i]);
	if (!paused)
		sched_unpause(d);
}

static const struct word {
	const char *name;
	bool of_domain;		/* of one that lives, but for `create' */
	void (*run)(struct domain *d);
} words[] = {
	{ "list", false, list }, { "create", true, create }, { "destroy", true, destroy }, { "reboot", true, reboot },
	{ "pause", true, pause_domain }, { "unpause", true, unpause }, { "focus", true, focus }, { "dump", true, dump },
	{ "nmi", true, nmi }, { "shutdown", true, shutdown }, { "restart", true, restart }, { "memory", true, memory },
	{ "suspend", true, suspend }, { "resume", true, resume },
};

static struct domain *find(const char *name)
{
	for (struct domain *d = domains; d < domains + MAX_DOMAINS; d++)
		if (d->config && text_equal(d->config->name, name))
			return d;
	return NULL;
}

static void run_word(const struct word *w, const char *name)
{
	struct domain *d = w->of_domain ? find(name) : NULL;

	if (w->of_domain && !d)
		print("there is no domain `%s'\n", name);
	else if (w->of_domain && !d->alive && w->run != create)
		print("%s is gone\n", name);
	else
		w->run(d);
}

/* Ends a word, and where the next one begins. */
static char *next_word(char *p)
{
	while (*p && *p != ' ')
		p++;
	while (*p == ' ')
		*p++ = 0;
	return p;
}

static void run_line(void)
{
	char *name = next_word(line);

	argument = next_word(name);
	for (const struct word *w = words; w < words + ARRAY_SIZE(words); w++)
		if (text_equal(w->name, line)) {
			run_word(w, name);
			return;
		}
	print("list, or one of create destroy reboot pause unpause focus dump nmi shutdown restart memory suspend resume and a domain's name\n");
}

static void end_line(void)
{
	print("\n");
	line[length] = 0;
	if (length)
		run_line();
	length = 0;
	print(PROMPT);
}

static void toggle(void)
{
	open = !open;
	length = 0;
	print(open ? "\n" PROMPT : "\n");
}

bool monitor_is_open(void)
{
	return open;
}

bool monitor_key(char c)
{
	if (c == KEY)
		toggle();
	else if (!open)
		return false;
	else if (c == '\r' || c == '\n')
		end_line();
	else if (c >= ' ' && c <= '~' && length < MAX_LINE - 1) {
		line[length++] = c;
		print("%c", c);
	}
	return true;
}
