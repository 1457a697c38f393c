// SPDX-License-Identifier: MIT
/* Files, sentences and hexadecimal: what every subcommand needs. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "vmi.h"

int refuse(struct why *why, const char *format, ...)
{
	va_list args;

	if (why->text[0])
		return -1;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return -1;
}

int complain(const char *command, const char *file, const struct why *why)
{
	fflush(stdout);
	fprintf(stderr, "%s: %s: %s\n", command, file, why->text);
	return 1;
}

void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p) {
		fputs("vmi: out of memory\n", stderr);
		exit(2);
	}
	return p;
}

char *xprintf(const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		fputs("vmi: out of memory\n", stderr);
		exit(2);
	}
	return text;
}

struct blob blob_new(size_t size)
{
	return (struct blob){ .data = xcalloc(size, 1), .size = size };
}

void blob_free(struct blob *blob)
{
	free(blob->data);
	*blob = (struct blob){ 0 };
}

static int read_all(int fd, struct blob *blob, struct why *why)
{
	size_t done = 0;

	while (done < blob->size) {
		ssize_t n = read(fd, blob->data + done, blob->size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return refuse(why, "cannot be read: %s", n ? strerror(errno) : "it shrank");
		done += n;
	}
	return 0;
}

int file_read(const char *path, struct blob *blob, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		refuse(why, "cannot be opened: %s", strerror(errno));
		goto fail;
	}
	if (!S_ISREG(st.st_mode)) {
		refuse(why, "is not a regular file");
		goto fail;
	}
	if (st.st_size > FILE_LIMIT) {
		refuse(why, "has %lld bytes; at most %u are read", (long long)st.st_size, FILE_LIMIT);
		goto fail;
	}
	*blob = blob_new(st.st_size);
	err = read_all(fd, blob, why);
	close(fd);
	if (err)
		blob_free(blob);
	return err;
fail:
	if (fd >= 0)
		close(fd);
	return -1;
}

static int write_all(int fd, const uint8_t *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		size -= n;
	}
	return 0;
}

int file_write(const char *path, const void *data, size_t size, unsigned int mode, struct why *why)
{
	char *temporary = xprintf("%s.XXXXXX", path);
	int fd = mkostemp(temporary, O_CLOEXEC), err = -1;

	if (fd < 0) {
		refuse(why, "cannot be written: %s", strerror(errno));
		goto out;
	}
	err = write_all(fd, data, size);
	err = fchmod(fd, mode) || err;
	err = close(fd) || err;
	err = err || rename(temporary, path);
	if (err) {
		refuse(why, "cannot be written: %s", strerror(errno));
		unlink(temporary);
		err = -1;
	}
out:
	free(temporary);
	return err;
}

char *printable(char *text)
{
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return text;
}

void hex(char *text, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = 0;
}

void sha256_hex(char text[65], const void *data, size_t size)
{
	uint8_t digest[32];

	EVP_Digest(data, size, digest, NULL, EVP_sha256(), NULL);
	hex(text, digest, sizeof(digest));
}
