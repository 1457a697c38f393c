// SPDX-License-Identifier: MIT
/*
 * /selftests of the test initramfs: runs the kernel's own x86 selftests, every
 * program of /selftests.d in the order of their names, and says how each ended:
 *
 *   VMI-SELFTEST <name> <pass|fail|skip|exit N|signal N> ok=N fail=N
 *
 * ok and fail count the "[OK]" and "[FAIL]" lines that the test printed. The
 * host compares these lines with those recorded on another kernel, which may
 * not survive some: SELFTESTS_WITHOUT=NAME,NAME leaves these out.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIR_NAME	"/selftests.d"
#define LIMIT		120	/* seconds for one test */
#define EXIT_SKIP	4	/* as kselftest has it */

static pid_t start_test(const char *name, FILE **output)
{
	char path[300];
	int fd[2];
	pid_t pid;

	if (pipe(fd))
		return -1;
	pid = fork();
	if (!pid) {
		dup2(fd[1], STDOUT_FILENO);
		dup2(fd[1], STDERR_FILENO);
		close(fd[0]);
		close(fd[1]);
		snprintf(path, sizeof(path), DIR_NAME "/%s", name);
		alarm(LIMIT);
		execl(path, name, NULL);
		_exit(127);
	}
	close(fd[1]);
	*output = fdopen(fd[0], "r");
	return pid;
}

static void count_lines(FILE *output, int *ok, int *fail)
{
	char line[512];

	while (fgets(line, sizeof(line), output)) {
		*ok += strstr(line, "[OK]") != NULL;
		*fail += strstr(line, "[FAIL]") != NULL;
		printf("  %s", line);
	}
	fclose(output);
}

static void print_end(int status)
{
	int code = WEXITSTATUS(status);

	if (WIFSIGNALED(status))
		printf("signal %d", WTERMSIG(status));
	else if (code == 0)
		printf("pass");
	else if (code == 1)
		printf("fail");
	else if (code == EXIT_SKIP)
		printf("skip");
	else
		printf("exit %d", code);
}

static void run_test(const char *name)
{
	int status = 0, ok = 0, fail = 0;
	FILE *output;
	pid_t pid = start_test(name, &output);

	if (pid < 0)
		return;
	count_lines(output, &ok, &fail);
	waitpid(pid, &status, 0);
	printf("VMI-SELFTEST %s ", name);
	print_end(status);
	printf(" ok=%d fail=%d\n", ok, fail);
}

static int is_left_out(const char *name)
{
	const char *list = getenv("SELFTESTS_WITHOUT");
	size_t length = strlen(name);

	for (; list && *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == length && !strncmp(list, name, length))
			return 1;
	return 0;
}

static int is_test(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && !is_left_out(entry->d_name);
}

int main(void)
{
	struct dirent **names;
	int count = scandir(DIR_NAME, &names, is_test, alphasort);

	if (count <= 0) {
		puts("selftests: none in " DIR_NAME);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < count; i++)
		run_test(names[i]->d_name);
	return 0;
}
