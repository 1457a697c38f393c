// SPDX-License-Identifier: MIT
#include "wire.h"

#define HEAD	((uint32_t)sizeof(struct xsd_sockmsg))

int wire_send(struct wire *w, const struct xsd_sockmsg *head, const char *body)
{
	struct xenstore_domain_interface *ring = w->ring;
	const char *bytes = (const char *)head;
	uint32_t prod = ring->req_prod, size = HEAD + head->len;
	uint32_t used = prod - __atomic_load_n(&ring->req_cons, __ATOMIC_ACQUIRE);

	if (used > XENSTORE_RING_SIZE)
		return -1;
	if (size > XENSTORE_RING_SIZE - used)
		return 0;
	for (uint32_t i = 0; i < size; i++)
		ring->req[MASK_XENSTORE_IDX(prod + i)] = i < HEAD ? bytes[i] : body[i - HEAD];
	__atomic_store_n(&ring->req_prod, prod + size, __ATOMIC_SEQ_CST);
	return 1;
}

static void keep(struct wire *w, char byte)
{
	uint32_t at = w->got++;

	if (at < HEAD)
		((char *)&w->head)[at] = byte;
	else if (at - HEAD < WIRE_BODY)
		w->body[at - HEAD] = byte;
}

/* Its length counts once its head is there. */
static int complete(const struct wire *w)
{
	return w->got >= HEAD && w->got == HEAD + w->head.len;
}

static void finish(struct wire *w)
{
	w->body[w->head.len < WIRE_BODY ? w->head.len : WIRE_BODY] = 0;
	w->got = 0;
}

int wire_receive(struct wire *w)
{
	struct xenstore_domain_interface *ring = w->ring;
	uint32_t cons = ring->rsp_cons;
	uint32_t there = __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE) - cons;
	int whole = 0;

	if (there > XENSTORE_RING_SIZE)
		return -1;
	w->was_full |= there == XENSTORE_RING_SIZE;
	for (; there && !whole; there--) {
		keep(w, ring->rsp[MASK_XENSTORE_IDX(cons)]);
		cons++;
		if (w->got == HEAD && w->head.len > XENSTORE_PAYLOAD_MAX)
			return -1;
		whole = complete(w);
	}
	__atomic_store_n(&ring->rsp_cons, cons, __ATOMIC_SEQ_CST);
	if (whole)
		finish(w);
	return whole;
}

int wire_number(const char *text, uint64_t *value)
{
	uint32_t i;

	*value = 0;
	for (i = 0; i < 19 && text[i] >= '0' && text[i] <= '9'; i++)
		*value = *value * 10 + (text[i] - '0');
	return i && !text[i];
}

static uint32_t length(const char *text)
{
	uint32_t n = 0;

	while (text[n])
		n++;
	return n;
}

const char *wire_token(const struct wire *w)
{
	uint32_t path = length(w->body) + 1;

	return path < w->head.len && path < WIRE_BODY ? w->body + path : NULL;
}

int wire_cpu(const char *path)
{
	static const char before[] = "cpu/", after[] = "/availability";
	uint32_t i, n, cpu = 0;

	for (i = 0; before[i]; i++)
		if (path[i] != before[i])
			return -1;
	for (n = 0; n < 4 && path[i] >= '0' && path[i] <= '9'; n++)
		cpu = cpu * 10 + (path[i++] - '0');
	for (uint32_t k = 0; k < sizeof(after); k++)
		if (path[i + k] != after[k])
			return -1;
	return n ? (int)cpu : -1;
}

int wire_path_is(const struct wire *w, const char *path)
{
	uint32_t i;

	for (i = 0; path[i]; i++)
		if (w->body[i] != path[i])
			return 0;
	return !w->body[i];
}

int wire_is(const struct wire *w, const char *text)
{
	return wire_path_is(w, text) && w->head.len <= length(text) + 1;
}
