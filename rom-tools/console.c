// SPDX-License-Identifier: MIT
/* QEMU as a child: its console, its end. Only this child is ever stopped. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vmi/verdict.h>

#include "run.h"

#define LINE_LIMIT	1024
#define LAST_WORDS	1.0	/* seconds a dying guest may still print */
#define STOP_SECONDS	5.0

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

struct reading {
	struct console *console;
	struct verdict *verdict;
	const struct run *run;
	char line[LINE_LIMIT];
	size_t length;
	FILE *log;
};

static void end_line(struct reading *r)
{
	struct console *c = r->console;

	r->line[r->length] = 0;
	verdict_line(r->verdict, r->line, r->run->host->death);
	free(c->tail[c->next]);
	c->tail[c->next] = strdup(r->line);
	c->next = (c->next + 1) % TAIL_LINES;
	r->length = 0;
}

static void take_bytes(struct reading *r, const char *bytes, size_t size)
{
	if (!r->run->request->quiet) {
		fwrite(bytes, 1, size, stdout);
		fflush(stdout);
	}
	if (r->log)
		fwrite(bytes, 1, size, r->log);
	for (; size; size--, bytes++) {
		if (*bytes == '\n' || r->length == LINE_LIMIT - 1)
			end_line(r);
		if (*bytes != '\n' && *bytes != '\r' && *bytes)
			r->line[r->length++] = *bytes;
	}
}

/* 1: go on; 0: the console is at its end. */
static int read_some(struct reading *r, int fd, double until)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	double left = until - now();
	char bytes[4096];
	ssize_t n;
	int ready = poll(&p, 1, left > 0 ? (int)(left * 1000) + 1 : 0);

	if (ready <= 0)
		return 1;
	n = read(fd, bytes, sizeof(bytes));
	if (n < 0 && errno == EINTR)
		return 1;
	if (n <= 0)
		return 0;
	take_bytes(r, bytes, n);
	return 1;
}

static enum console_end read_console(struct reading *r, int fd)
{
	double end = now() + r->run->request->timeout;
	bool dying = false;

	for (;;) {
		if (!read_some(r, fd, end))
			return CONSOLE_EXIT;
		if (interrupted)
			return CONSOLE_SIGNAL;
		if (r->verdict->verdict != VERDICT_NONE)
			return CONSOLE_VERDICT;
		if (now() >= end)
			return dying ? CONSOLE_DEATH : CONSOLE_TIMEOUT;
		if (r->verdict->death[0] && !r->run->request->crash_kernel && !dying) {
			dying = true;
			end = now() + LAST_WORDS;
		}
	}
}

static void child(const struct run *run, int out)
{
	const char *input = run->request->input ? run->request->input : "/dev/null";
	int in = open(input, O_RDONLY);

	/* whatever becomes of us, no emulator is left behind */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (in < 0) {
		fprintf(stderr, "vmi run: %s: cannot be opened: %s\n", input, strerror(errno));
		_exit(127);
	}
	dup2(in, 0);
	dup2(out, 1);
	dup2(out, 2);
	execvp(run->qemu.args[0], run->qemu.args);
	dprintf(2, "%s: cannot be started: %s\n", run->qemu.args[0], strerror(errno));
	_exit(127);
}

/* Waits for the child, and stops it first unless it has ended by itself. */
static int finish(pid_t pid, bool ended)
{
	double limit = now() + STOP_SECONDS;
	int status = 0;

	if (!ended)
		kill(pid, SIGTERM);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now() > limit) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			break;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return status;
}

static void catch_signals(void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

int console_run(const struct run *run, struct verdict *verdict, struct console *console)
{
	struct reading r = { .console = console, .verdict = verdict, .run = run };
	int pipes[2];
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return refuse(run->why, "no pipe: %s", strerror(errno));
	catch_signals(on_signal);
	pid = fork();
	if (!pid)
		child(run, pipes[1]);
	close(pipes[1]);
	if (pid < 0) {
		close(pipes[0]);
		return refuse(run->why, "no child: %s", strerror(errno));
	}
	if (run->request->log)
		r.log = fopen(run->request->log, "we");
	console->end = read_console(&r, pipes[0]);
	if (r.length)
		end_line(&r);
	if (verdict->verdict != VERDICT_NONE && console->end == CONSOLE_EXIT)
		console->end = CONSOLE_VERDICT;
	console->status = finish(pid, console->end == CONSOLE_EXIT);
	close(pipes[0]);
	if (r.log)
		fclose(r.log);
	catch_signals(SIG_DFL);
	return 0;
}

void console_print_tail(const struct console *console, FILE *out)
{
	for (unsigned int i = 0; i < TAIL_LINES; i++) {
		const char *line = console->tail[(console->next + i) % TAIL_LINES];

		if (line)
			fprintf(out, "  | %s\n", line);
	}
}

void console_free(struct console *console)
{
	for (unsigned int i = 0; i < TAIL_LINES; i++)
		free(console->tail[i]);
}
