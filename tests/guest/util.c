// SPDX-License-Identifier: MIT
/* Small files and child processes. */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

int guest_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t got, len = 0;

	if (fd < 0)
		return -1;
	while ((got = read(fd, buf + len, size - 1 - len)) > 0)
		len += got;
	close(fd);
	buf[len] = 0;
	return got < 0 ? -1 : len;
}

int guest_child(int (*fn)(void), unsigned int seconds)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		alarm(seconds);
		_exit(fn());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}
