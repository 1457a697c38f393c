/* SPDX-License-Identifier: MIT */
/* Hosts that live inside another: their images are made by inner/make. Read next: inner.c. */
#ifndef VMI_INNER_H
#define VMI_INNER_H

#include "hosts.h"

/** The folder of an image in the cache, which the caller frees; NULL: `make NAME' has not made it. what: "a first domain". */
char *inner_find(const char *name, const char *what, struct why *why);

/** Into a cpio archive: a folder, bytes, a file. Names have no slash in front. */
void inner_folder(FILE *out, const char *name);
void inner_data(FILE *out, const char *name, const void *data, size_t size);
int inner_file(FILE *out, const char *path, const char *name, struct why *why);

/**
 * Writes an initramfs to path: the image's own, and in front of it what fill adds
 * to the archive: kernels unpack several, one behind the other.
 */
int inner_initramfs(struct run *run, const char *folder, const char *path,
		    int (*fill)(FILE *out, struct run *run, const void *data), const void *data);

#endif
