// SPDX-License-Identifier: MIT
/* Images of hosts that live inside another, and what a run puts into them. Read next: domu.c, kvm.c. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inner.h"

#define CPIO_FOLDER	040755
#define CPIO_FILE	0100644
#define CPIO_HEADER	110	/* bytes: magic and 13 fields of 8 digits */

char *inner_find(const char *name, const char *what, struct why *why)
{
	char *folder = host_cache(name), *stamp = xprintf("%s/stamp", folder);

	if (access(stamp, R_OK)) {
		refuse(why, "there is no %s for it in %s; `make %s' makes one", what, folder, name);
		free(folder);
		folder = NULL;
	}
	free(stamp);
	return folder;
}

static void pad(FILE *out, size_t size)
{
	for (; size % 4; size++)
		fputc(0, out);
}

/* The "newc" form: inode, mode, owner, group, links, time, size, devices, length of the name, check. */
static void add(FILE *out, const char *name, unsigned int mode, const void *data, size_t size)
{
	size_t length = strlen(name) + 1;

	fprintf(out, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x",
		0, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, length, 0);
	fwrite(name, 1, length, out);
	pad(out, CPIO_HEADER + length);
	fwrite(data, 1, size, out);
	pad(out, size);
}

void inner_folder(FILE *out, const char *name)
{
	add(out, name, CPIO_FOLDER, NULL, 0);
}

void inner_data(FILE *out, const char *name, const void *data, size_t size)
{
	add(out, name, CPIO_FILE, data, size);
}

int inner_file(FILE *out, const char *path, const char *name, struct why *why)
{
	struct blob file = { 0 };
	struct why reason = { "" };
	int err = file_read(path, &file, &reason);

	if (err)
		refuse(why, "the inner host's file %s %s", path, reason.text);
	else
		inner_data(out, name, file.data, file.size);
	blob_free(&file);
	return err;
}

int inner_initramfs(struct run *run, const char *folder, const char *path,
		    int (*fill)(FILE *out, struct run *run, const void *data), const void *data)
{
	char *base_path = xprintf("%s/initramfs", folder);
	struct blob base = { 0 };
	FILE *out = NULL;
	int err = file_read(base_path, &base, run->why);

	if (!err)
		out = fopen(path, "we");
	if (out) {
		err = fill(out, run, data);
		add(out, "TRAILER!!!", 0, NULL, 0);
		fwrite(base.data, 1, base.size, out);
		err |= ferror(out) | fclose(out);
	}
	if (!out || err)
		err = refuse(run->why, "the inner host's %s cannot be written", path);
	blob_free(&base);
	free(base_path);
	return err;
}
