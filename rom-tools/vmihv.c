// SPDX-License-Identifier: MIT
/*
 * A guest as the only domain of our own hypervisor, which gets everything as
 * modules: its configuration, the kernel, the ROM and the initial RAM disk.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hosts.h"

#define OWN_MEMORY	64	/* MiB beside its domain's */

/* As built it stands beside this program, as installed in share/vmi; the caller frees it. */
static char *find_vmihv(struct why *why)
{
	static const char *const places[] = { "vmihv", "../share/vmi/vmihv" };
	char folder[4096];
	ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);

	folder[n > 0 ? n : 0] = 0;
	for (size_t i = 0; n > 0 && i < sizeof(places) / sizeof(places[0]); i++) {
		char *path = xprintf("%.*s/%s", (int)(strrchr(folder, '/') - folder), folder, places[i]);

		if (!access(path, R_OK))
			return path;
		free(path);
	}
	refuse(why, "the hypervisor vmihv is neither beside this program nor installed");
	return NULL;
}

int vmihv_ready(const struct host *host, struct why *why)
{
	char *path = find_vmihv(why);

	(void)host;
	free(path);
	return path ? 0 : -1;
}

/* In vmihv's language; modules go by the names that they get here. */
static int write_config(const struct run *run, const char *path)
{
	char *line = host_command_line(run), *text;
	int err = -1;

	if (strchr(line, '\n')) {
		refuse(run->why, "its command line has a newline, which vmihv's configuration cannot hold");
	} else {
		text = xprintf("abi %s\nconsole plain\ndomain guest\n\tmode %s\n\tmemory %u\n\tvcpus %u\n\tkernel kernel\n"
			       "\trom rom\n%s\tcmdline %s\n", run->host->abi, run->host->mode, run->memory, run->cpus,
			       run->request->initrd ? "\tinitrd initrd\n" : "", line);
		err = file_write(path, text, strlen(text), 0600, run->why);
		free(text);
	}
	free(line);
	return err;
}

/* Adds ",FOLDER/NAME" to the list of modules; NAME links to the file. */
static int add_module(const struct run *run, const char *name, const char *file, char **modules)
{
	char *link = xprintf("%s/%s", run->folder, name), *from = realpath(file, NULL), *list;

	if (!from || symlink(from, link)) {
		free(link);
		free(from);
		return refuse(run->why, "%s cannot be made a module of vmihv", file);
	}
	list = xprintf("%s,%s", *modules, link);
	free(*modules);
	*modules = list;
	free(link);
	free(from);
	return 0;
}

int vmihv(struct run *run)
{
	char *hypervisor = find_vmihv(run->why), *modules = xprintf("%s/config", run->folder);
	int err = hypervisor ? write_config(run, modules) : -1;

	if (!err && !run->rom)
		err = refuse(run->why, "a domain of vmihv needs a ROM");
	if (!err)
		err = add_module(run, "kernel", run->request->kernel, &modules) ||
		      add_module(run, "rom", run->rom, &modules) ||
		      (run->request->initrd && add_module(run, "initrd", run->request->initrd, &modules)) ? -1 : 0;
	if (!err) {
		host_emulator(run, run->host->cpu, run->memory + OWN_MEMORY);
		host_option(run, "-kernel", hypervisor);
		host_option(run, "-initrd", modules);
	}
	free(hypervisor);
	free(modules);
	return err;
}
