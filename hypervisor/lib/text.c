// SPDX-License-Identifier: MIT
/* Texts and numbers as texts; no hardware here. Read next: print.c. */
#include "hv.h"

size_t text_length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

void text_copy(char *to, const char *from, size_t size)
{
	size_t n = 0;

	for (; n + 1 < size && from[n]; n++)
		to[n] = from[n];
	to[n] = 0;
}

/** A text that grows up to its end. */
struct sink {
	char *at, *end;
};

/** One conversion of a format. */
struct spec {
	int width, precision;
	bool zeros, wide;
};

static void put(struct sink *s, char c)
{
	if (s->at < s->end)
		*s->at++ = c;
}

static void put_text(struct sink *s, const char *text, int precision)
{
	for (; precision && *text; precision--)
		put(s, *text++);
}

static void put_number(struct sink *s, const struct spec *spec, u64 value, unsigned int base)
{
	char digits[24];
	int n = 0;

	do
		digits[n++] = "0123456789abcdef"[value % base];
	while (value /= base);
	for (int pad = spec->width; pad > n; pad--)
		put(s, spec->zeros ? '0' : ' ');
	while (n)
		put(s, digits[--n]);
}

static const char *read_spec(struct spec *spec, const char *p, va_list *args)
{
	*spec = (struct spec){ .precision = -1, .zeros = *p == '0' };
	for (; *p >= '0' && *p <= '9'; p++)
		spec->width = spec->width * 10 + *p - '0';
	if (p[0] == '.' && p[1] == '*') {
		spec->precision = va_arg(*args, int);
		p += 2;
	}
	for (; *p == 'l'; p++)
		spec->wide = true;
	return p;
}

static void put_signed(struct sink *s, const struct spec *spec, s64 value)
{
	if (value < 0)
		put(s, '-');
	put_number(s, spec, value < 0 ? -(u64)value : (u64)value, 10);
}

static void put_spec(struct sink *s, const struct spec *spec, char c, va_list *args)
{
	switch (c) {
	case 's':
		put_text(s, va_arg(*args, const char *), spec->precision);
		break;
	case 'c':
		put(s, va_arg(*args, int));
		break;
	case 'd':
		put_signed(s, spec, spec->wide ? va_arg(*args, s64) : va_arg(*args, int));
		break;
	case 'u':
	case 'x':
		put_number(s, spec, spec->wide ? va_arg(*args, u64) : va_arg(*args, unsigned int), c == 'u' ? 10 : 16);
		break;
	default:
		put(s, c);
	}
}

void text_vprint(char *to, size_t size, const char *format, va_list args)
{
	struct sink s = { to, to + size - 1 };
	struct spec spec;
	va_list rest;

	va_copy(rest, args);
	for (; *format; format++) {
		if (*format != '%') {
			put(&s, *format);
			continue;
		}
		format = read_spec(&spec, format + 1, &rest);
		put_spec(&s, &spec, *format, &rest);
	}
	va_end(rest);
	*s.at = 0;
}

void text_print(char *to, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vprint(to, size, format, args);
	va_end(args);
}

int refuse(struct why *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vprint(why->text, sizeof(why->text), format, args);
	va_end(args);
	return -1;
}
