// SPDX-License-Identifier: MIT
/*
 * vmi run: boots a kernel on a host, shows its console and exits with its
 * verdict. Read next: hosts.c for the command lines, console.c for the child,
 * judge.c for what counts as a pass.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "kernel.h"
#include "run.h"

#define DEFAULT_TIMEOUT	60
#define MAX_CPUS	64

enum { OPT_ROM = 256, OPT_ROM_DIR, OPT_NO_ROM, OPT_ANY_ROM, OPT_ANY_BUILD, OPT_BZIMAGE, OPT_XEN,
	OPT_XEN_APPEND, OPT_CPUS, OPT_MEMORY, OPT_JSON, OPT_LOG, OPT_INPUT, OPT_QEMU_ARG, OPT_LIST, OPT_GUEST,
	OPT_DOMAIN_LINE, OPT_DOM0_SCRIPT, OPT_DOM0_FILE, OPT_DOM0_MEMORY, OPT_ACCEL, OPT_CRASH_KERNEL };

static const struct argp_option table[] = {
	{ "host", 'H', "NAME", 0, "where to run; --list-hosts names them", 0 },
	{ "list-hosts", OPT_LIST, "GUEST", OPTION_ARG_OPTIONAL, "list the hosts, or those that run Linux or tiny, and exit", 0 },
	{ "rom", OPT_ROM, "FILE", 0, "the ROM; without it the host's own from the ROM folder", 0 },
	{ "rom-dir", OPT_ROM_DIR, "DIR", 0, "the ROM folder", 0 },
	{ "no-rom", OPT_NO_ROM, NULL, 0, "no ROM at all", 0 },
	{ "any-rom", OPT_ANY_ROM, NULL, 0, "do not compare the ROM that the guest names", 0 },
	{ "any-build", OPT_ANY_BUILD, NULL, 0, "do not compare the build ID that the guest prints", 0 },
	{ "initrd", 'i', "FILE", 0, "initial RAM disk", 0 },
	{ "append", 'a', "TEXT", 0, "more for the kernel's command line", 0 },
	{ "crash-kernel", OPT_CRASH_KERNEL, NULL, 0, "a panic is not the end: a second kernel goes on and gives the verdict", 0 },
	{ "bzimage", OPT_BZIMAGE, "FILE", 0, "what a BIOS boots for this kernel", 0 },
	{ "xen", OPT_XEN, "FILE", 0, "the Xen to run below it, compressed or not", 0 },
	{ "xen-append", OPT_XEN_APPEND, "TEXT", 0, "more for Xen's command line", 0 },
	{ "accel", OPT_ACCEL, "tcg|kvm", 0, "QEMU's emulator (tcg), or this machine's processor", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "processors of the guest, 1 to 64 (1)", 0 },
	{ "memory", OPT_MEMORY, "MIB", 0, "memory of the guest", 0 },
	{ "domain-line", OPT_DOMAIN_LINE, "LINE", 0, "one more line of the domain's configuration; repeat for several", 0 },
	{ "dom0-script", OPT_DOM0_SCRIPT, "FILE", 0, "what the first domain runs instead of creating the domain", 0 },
	{ "dom0-file", OPT_DOM0_FILE, "FILE", 0, "one more file for it, as /guest/NAME; repeat for several", 0 },
	{ "dom0-memory", OPT_DOM0_MEMORY, "MIB", 0, "memory of the first domain", 0 },
	{ "timeout", 't', "SECONDS", 0, "how long to wait for a verdict (60)", 0 },
	{ "input", OPT_INPUT, "FILE", 0, "what is typed at the console", 0 },
	{ "json", OPT_JSON, "FILE", 0, "also write the result as a JSON object", 0 },
	{ "log", OPT_LOG, "FILE", 0, "also write the console to a file", 0 },
	{ "guest", OPT_GUEST, "NAME", 0, "the guest's name in the result", 0 },
	{ "qemu-arg", OPT_QEMU_ARG, "ARG", 0, "one more argument for QEMU; repeat for several", 0 },
	{ "quiet", 'q', NULL, 0, "do not show the console", 0 },
	{ 0 }
};

/* Scripts go by this list: what cannot run here is not in it, and the reason is on standard error. */
static int list_hosts(const char *guest)
{
	bool is_linux = guest && !strcmp(guest, "linux");

	for (const struct host *h = hosts; h < hosts + host_count; h++) {
		struct why why = { "" };

		const char *never = !guest ? NULL : is_linux ? h->no_linux : h->no_small;

		if (never)
			refuse(&why, "%s", never);
		if (why.text[0] || (h->ready && h->ready(h, &why)))
			fprintf(stderr, "vmi run: %s is left out: %s\n", h->name, why.text);
		else
			printf("%-16s %s\n", h->name, h->text);
	}
	return 0;
}

static unsigned int number(const char *text, struct argp_state *state)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || !value || value > 1000000)
		argp_error(state, "`%s' is not a number from 1 to 1000000", text);
	return value;
}

/* Options that are no more than a text. */
static const char **text_option(struct request *r, int key)
{
	switch (key) {
	case 'H': return &r->host;
	case 'i': return &r->initrd;
	case 'a': return &r->append;
	case OPT_ROM: return &r->rom;
	case OPT_ROM_DIR: return &r->rom_dir;
	case OPT_BZIMAGE: return &r->bzimage;
	case OPT_XEN: return &r->xen;
	case OPT_XEN_APPEND: return &r->xen_append;
	case OPT_ACCEL: return &r->accel;
	case OPT_JSON: return &r->json;
	case OPT_LOG: return &r->log;
	case OPT_INPUT: return &r->input;
	case OPT_GUEST: return &r->guest;
	case OPT_DOM0_SCRIPT: return &r->dom0_script;
	}
	return NULL;
}

static unsigned int *number_option(struct request *r, int key)
{
	switch (key) {
	case 't': return &r->timeout;
	case OPT_CPUS: return &r->cpus;
	case OPT_MEMORY: return &r->memory;
	case OPT_DOM0_MEMORY: return &r->dom0_memory;
	}
	return NULL;
}

/* Options that may be repeated. */
static struct words *words_option(struct request *r, int key)
{
	switch (key) {
	case OPT_QEMU_ARG: return &r->qemu_args;
	case OPT_DOMAIN_LINE: return &r->domain_lines;
	case OPT_DOM0_FILE: return &r->dom0_files;
	}
	return NULL;
}

static bool *flag_option(struct request *r, int key)
{
	switch (key) {
	case 'q': return &r->quiet;
	case OPT_NO_ROM: return &r->no_rom;
	case OPT_ANY_ROM: return &r->any_rom;
	case OPT_ANY_BUILD: return &r->any_build;
	case OPT_CRASH_KERNEL: return &r->crash_kernel;
	}
	return NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct request *r = state->input;

	if (text_option(r, key)) {
		*text_option(r, key) = arg;
		return 0;
	}
	if (flag_option(r, key)) {
		*flag_option(r, key) = true;
		return 0;
	}
	if (number_option(r, key)) {
		*number_option(r, key) = number(arg, state);
		return 0;
	}
	if (words_option(r, key)) {
		words_add(words_option(r, key), "%s", arg);
		return 0;
	}
	switch (key) {
	case OPT_LIST:
		exit(list_hosts(arg));
	case ARGP_KEY_ARG:
		if (r->kernel)
			argp_error(state, "one kernel is expected");
		r->kernel = arg;
		return 0;
	case ARGP_KEY_END:
		if (!r->kernel || !r->host)
			argp_error(state, "a kernel and --host are needed");
		if (r->cpus > MAX_CPUS)
			argp_error(state, "a guest has at most %d processors", MAX_CPUS);
		if (r->accel && strcmp(r->accel, "tcg") && strcmp(r->accel, "kvm"))
			argp_error(state, "--accel is tcg or kvm, not `%s'", r->accel);
		if (r->no_rom && r->rom)
			argp_error(state, "--rom and --no-rom contradict each other");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	table, parse, "KERNEL",
	"Boot a kernel (its ELF file) on a host and exit with its verdict: 0 pass, 1 fail.",
	NULL, NULL, NULL
};

static const struct host *find_host(const char *name)
{
	for (size_t i = 0; i < host_count; i++)
		if (!strcmp(hosts[i].name, name))
			return &hosts[i];
	return NULL;
}

char *run_file(const char *name)
{
	static const char *const places[] = { "%s/%s", "%s/../share/vmi/roms/%s" };
	char folder[4096], *path;
	ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);

	if (n <= 0)
		return NULL;
	folder[n] = 0;
	*strrchr(folder, '/') = 0;
	for (int i = 0; i < 2; i++) {
		path = i ? xprintf(places[1], folder, name) : xprintf(places[0], folder, name);
		if (!access(path, R_OK))
			return path;
		free(path);
	}
	return NULL;
}

static char *default_rom(const char *name)
{
	char *file = xprintf("%s.rom", name), *path = run_file(file);

	free(file);
	return path;
}

static int choose_rom(struct run *run)
{
	const struct request *r = run->request;

	if (r->no_rom)
		return 0;
	if (r->rom)
		run->rom = xprintf("%s", r->rom);
	else if (r->rom_dir)
		run->rom = xprintf("%s/%s.rom", r->rom_dir, run->host->rom);
	else
		run->rom = default_rom(run->host->rom);
	if (!run->rom)
		return refuse(run->why, "there is no %s.rom beside this program; name one with --rom, or say --no-rom",
			      run->host->rom);
	if (!file_read(run->rom, &run->rom_bytes, run->why))
		return 0;
	char *sentence = xprintf("%s", run->why->text);

	run->why->text[0] = 0;
	refuse(run->why, "its ROM %s %s", run->rom, sentence);
	free(sentence);
	return -1;
}

static int describe_kernel(struct run *run, struct result *result)
{
	struct kernel kernel;

	if (file_read(run->request->kernel, &run->kernel, run->why))
		return -1;
	sha256_hex(result->kernel_sha256, run->kernel.data, run->kernel.size);
	if (kernel_open(&kernel, &run->kernel, run->why))
		return -1;
	if (kernel.build_id && kernel.build_id_size <= 32)
		hex(result->build_id, kernel.build_id, kernel.build_id_size);
	kernel_close(&kernel);
	return 0;
}

static void describe_rom(const struct run *run, struct result *result)
{
	const struct vmi_rom_header *h;

	if (!run->rom)
		return;
	sha256_hex(result->rom_sha256, run->rom_bytes.data, run->rom_bytes.size);
	h = image_header(&run->rom_bytes);
	if (!h || h->magic != VMI_ROM_MAGIC)
		return;
	hex(result->rom_image_sha256, h->sha256, sizeof(h->sha256));
	snprintf(result->rom_name, sizeof(result->rom_name), "%.16s", h->backend_name);
}

static bool wants_domains(const struct request *r)
{
	return r->dom0_script || r->dom0_files.count || r->dom0_memory || r->domain_lines.count;
}

static int prepare(struct run *run, struct result *result)
{
	char template[] = "/tmp/vmi-run.XXXXXX";

	run->host = find_host(run->request->host);
	if (!run->host)
		return refuse(run->why, "there is no host `%s'; --list-hosts names them", run->request->host);
	if (!run->host->makes_domains && wants_domains(run->request))
		return refuse(run->why, "host %s makes no domains; --domain-line and --dom0-... are for hosts that do",
			      run->host->name);
	if (run->host->most_cpus && run->request->cpus > run->host->most_cpus)
		return refuse(run->why, "a guest of host %s has at most %u processors", run->host->name,
			      run->host->most_cpus);
	run->cpus = run->request->cpus ? run->request->cpus : 1;
	run->memory = run->request->memory ? run->request->memory : run->host->memory;
	if (describe_kernel(run, result) || choose_rom(run))
		return -1;
	describe_rom(run, result);
	if (!mkdtemp(template))
		return refuse(run->why, "no temporary folder can be made in /tmp");
	run->folder = xprintf("%s", template);
	if (run->host->prepare(run))
		return -1;
	for (size_t i = 0; i < run->request->qemu_args.count; i++)
		words_add(&run->qemu, "%s", run->request->qemu_args.args[i]);
	return 0;
}

static void clean_up(struct run *run)
{
	static const char *const files[] = { "xen", "bundle", "kernel", "initrd", "config", "rom", "vars" };

	for (size_t i = 0; run->folder && i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = xprintf("%s/%s", run->folder, files[i]);

		unlink(path);
		free(path);
	}
	if (run->folder)
		rmdir(run->folder);
	free(run->folder);
	free(run->rom);
	words_free(&run->qemu);
	blob_free(&run->kernel);
	blob_free(&run->rom_bytes);
}

static int run_guest(struct run *run, struct result *result)
{
	struct console console = { 0 };

	if (prepare(run, result) || console_run(run, &result->verdict, &console)) {
		snprintf(result->verdict.reason, sizeof(result->verdict.reason), "%.255s", run->why->text);
		complain("vmi run", run->request->kernel, run->why);
		return -1;
	}
	judge(run, result, &console);
	result_print(run, result, &console);
	console_free(&console);
	return result->verdict.verdict == VERDICT_PASS ? 0 : -1;
}

int command_run(int argc, char **argv)
{
	struct request request = { .timeout = DEFAULT_TIMEOUT };
	struct why why = { "" };
	struct run run = { .request = &request, .why = &why };
	struct result result = { .verdict = { .seconds = -1 } };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &request);
	status = run_guest(&run, &result) ? 1 : 0;
	why.text[0] = 0;
	if (request.json && result_write(&run, &result, &why))
		status = complain(argv[0], request.json, &why);
	clean_up(&run);
	words_free(&request.qemu_args);
	words_free(&request.domain_lines);
	words_free(&request.dom0_files);
	return status;
}
