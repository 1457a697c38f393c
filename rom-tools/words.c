// SPDX-License-Identifier: MIT
/* Argument lists that own their strings. */
#include <stdarg.h>
#include <stdlib.h>

#include "run.h"

void words_add(struct words *words, const char *format, ...)
{
	char **args = realloc(words->args, (words->count + 2) * sizeof(*args));
	va_list list;
	int n;

	if (!args)
		abort();
	va_start(list, format);
	n = vasprintf(&args[words->count], format, list);
	va_end(list);
	if (n < 0)
		abort();
	args[++words->count] = NULL;
	words->args = args;
}

void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->args[i]);
	free(words->args);
	*words = (struct words){ 0 };
}
