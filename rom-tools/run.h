/* SPDX-License-Identifier: MIT */
/* Booting a kernel on a host and reading its verdict. Read next: hosts.c, then run.c. */
#ifndef VMI_RUN_H
#define VMI_RUN_H

#include "vmi.h"

/** Arguments of a program; args ends with NULL and owns its strings. */
struct words {
	char **args;
	size_t count;
};

void words_add(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
void words_free(struct words *words);

/** What the user asked for. */
struct request {
	const char *host, *kernel, *guest;
	const char *rom, *rom_dir, *initrd, *append, *bzimage, *xen, *xen_append;
	const char *json, *log, *input, *dom0_script;
	const char *accel;		/* QEMU's, NULL: its emulator */
	struct words qemu_args, domain_lines, dom0_files;
	unsigned int timeout, cpus, memory, dom0_memory;	/* seconds, MiB; 0: the host's default */
	bool no_rom, any_rom, any_build, crash_kernel, quiet;
};

/** One run while it is prepared. */
struct run {
	const struct request *request;
	const struct host *host;
	char *rom;			/* path, NULL: none */
	char *folder;			/* temporary, removed at the end */
	struct blob kernel, rom_bytes;
	char bundle_sha256[65];		/* of what Xen is given; empty: nothing is bundled */
	struct words qemu;
	unsigned int cpus, memory;
	struct why *why;
};

/** A place where a kernel can run. */
struct host {
	const char *name;
	const char *rom;		/* default ROM: <rom>.rom */
	const char *text;
	const char *xen;		/* its version */
	const char *abi, *mode;		/* of vmihv's domain, in the words of its configuration */
	const char *cpu;		/* of the machine, as QEMU names its models, where the host has a choice */
	const char *console;		/* what the guest's command line begins with */
	const char *machine;		/* QEMU's; NULL: its default */
	bool tells_tsc;			/* on the command line: the PIT alone, on a busy machine, cannot */
	unsigned int memory;		/* MiB of the guest */
	unsigned int most_cpus;		/* that its ROM has room for, 0: as many as --cpus takes */
	/** Adds QEMU's arguments to run->qemu. */
	int (*prepare)(struct run *run);
	/** -1 and a reason where this machine lacks something that others have; NULL: never. */
	int (*ready)(const struct host *host, struct why *why);
	/** Why Linux does not run here yet, though small guests do; NULL: it does. */
	const char *no_linux;
	/** Why nothing but Linux runs here; NULL: small guests do. */
	const char *no_small;
	bool makes_domains;		/* with a toolstack, which scripts can drive */
	/** A console line that says that the guest is gone; NULL: none. */
	const char *death;
};

extern const struct host hosts[];
extern const size_t host_count;

/** What the guest said. */
struct verdict {
	char build_id[65];
	char rom_name[32], rom_sha256[65];
	double seconds;			/* -1: not said */
	enum { VERDICT_NONE, VERDICT_PASS, VERDICT_FAIL } verdict;
	char reason[256];
	char death[256];		/* the line that said that the guest died */
};

/** What stands beside this program as built, or in share/vmi/roms as installed; NULL: nothing. The caller frees it. */
char *run_file(const char *name);

/** Looks at one console line without its end. */
void verdict_line(struct verdict *verdict, const char *line, const char *death);

/** Why a console ended. */
enum console_end { CONSOLE_VERDICT, CONSOLE_EXIT, CONSOLE_TIMEOUT, CONSOLE_DEATH, CONSOLE_SIGNAL };

#define TAIL_LINES	20

struct console {
	char *tail[TAIL_LINES];		/* a ring; next is the oldest */
	unsigned int next;
	enum console_end end;
	int status;			/* of QEMU, as from waitpid, where it ended by itself */
};

/** Runs QEMU, shows and reads its console until the verdict; -1: it could not be started. */
int console_run(const struct run *run, struct verdict *verdict, struct console *console);
void console_print_tail(const struct console *console, FILE *out);
void console_free(struct console *console);

/** The result as it is reported. */
struct result {
	struct verdict verdict;
	char kernel_sha256[65], build_id[65];	/* of the file */
	char rom_sha256[65], rom_name[17], rom_image_sha256[65];
};

/** Completes the verdict: a pass counts only for the kernel and the ROM that were asked for. */
void judge(const struct run *run, struct result *result, const struct console *console);
void result_print(const struct run *run, const struct result *result, const struct console *console);
/** Writes the JSON object that the request asks for. */
int result_write(const struct run *run, const struct result *result, struct why *why);

#endif
