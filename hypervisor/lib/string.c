// SPDX-License-Identifier: MIT
/* The four functions that the compiler may call by itself, and texts. */
#include "hv.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
	void *d = to;

	__asm__ volatile("rep movsb" : "+D" (d), "+S" (from), "+c" (bytes) :: "memory");
	return to;
}

void *memset(void *to, int byte, size_t bytes)
{
	void *d = to;

	__asm__ volatile("rep stosb" : "+D" (d), "+c" (bytes) : "a" (byte) : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	volatile u8 *d = to;
	const u8 *s = from;

	if ((u8 *)to <= s || (u8 *)to >= s + bytes)
		return memcpy(to, from, bytes);
	while (bytes--)
		d[bytes] = s[bytes];
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const volatile u8 *x = a, *y = b;

	for (; bytes; bytes--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}
