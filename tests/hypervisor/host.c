// SPDX-License-Identifier: MIT
/* The machine, as far as the tested parts of vmihv reach it. */
#include <stdio.h>

#include "host.h"
#include "cpu/clock.h"
#include "container/container.h"
#include "cpu/serial.h"
#include "domain/domain.h"

u8 *unit_memory;
struct domain domains[MAX_DOMAINS];
struct clock_scale clock_scale = { .mul = 1u << 31, .khz = 2000000 };
char host_output[1 << 16];
u32 host_output_bytes, host_wakes, host_ends;

void host_start(void)
{
	static const struct range ram = { 0, HOST_MEMORY };

	free(unit_memory);
	unit_memory = aligned_alloc(CHUNK_BYTES, HOST_MEMORY);
	memset(unit_memory, 0x5a, HOST_MEMORY);
	assert_int_equal(frames_init(&ram, 1, NULL, 0, HOST_MEMORY), 0);
	host_output_bytes = host_wakes = host_ends = 0;
}

void *host_file(const char *path, u64 *bytes)
{
	FILE *f = fopen(path, "rb");
	void *data;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	*bytes = ftell(f);
	rewind(f);
	data = aligned_alloc(4096, (*bytes + 4095) & -4096ul);
	assert_int_equal(fread(data, 1, *bytes, f), *bytes);
	fclose(f);
	return data;
}

u32 host_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* For expect_assert_failure(). */
void panic(const char *format, ...)
{
	mock_assert(0, format, __FILE__, __LINE__);
	abort();
}

void serial_write(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		host_output[host_output_bytes++ % sizeof(host_output)] = text[i];
}

int serial_read(void) { return -1; }

void print(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	text_vprint(line, sizeof(line), format, args);
	va_end(args);
	serial_write(line, strlen(line));
}

u64 clock_wall_start(void) { return 1700000000; }

void sched_start(struct vcpu *v) { v->state = VCPU_READY; }

void sched_wake(struct vcpu *v)
{
	if (v->state == VCPU_WAITING)
		v->state = VCPU_READY;
	host_wakes++;
}

void sched_stop(struct vcpu *v, const char *last)
{
	assert_non_null(last);
	v->state = VCPU_DOWN;
}

void sched_yield(void) { }

void sched_quiesce(struct domain *d, u64 set)
{
	for (u32 i = 0; i < d->config->vcpus; i++)
		if (set >> i & 1)
			d->container->forget(&d->vcpus[i]);
}

u64 sched_absent(const struct domain *d, u64 set)
{
	(void)d;
	return set & 2;
}

void domain_end(struct domain *d, enum ending why)
{
	(void)d;
	assert_in_range(why, ENDING_OFF, ENDING_CRASH);
	host_ends++;
}

bool monitor_key(char c)
{
	(void)c;
	return false;
}
