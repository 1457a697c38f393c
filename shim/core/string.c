// SPDX-License-Identifier: MIT
/* The four functions that the compiler may call by itself. */

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
	const char *s = from;
	char *d = to;

	if (d <= s || d >= s + bytes)
		return memcpy(to, from, bytes);
	while (bytes--) {
		d[bytes] = s[bytes];
		barrier();	/* keep it a loop: this is memmove */
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const u8 *x = a, *y = b;

	for (; bytes; bytes--, x++, y++) {
		if (*x != *y)
			return *x - *y;
		barrier();
	}
	return 0;
}
