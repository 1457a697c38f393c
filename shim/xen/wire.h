/* SPDX-License-Identifier: MIT */
/*
 * XenStore's messages in the ring that a domain shares with its daemon. Nothing
 * in the ring is believed: indices, types and lengths are the other side's, and
 * may change while they are read. No hypercalls here, so that a host program can
 * test it. Read next: control.c.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

/* What is kept of a message; ours are shorter, and of others only the type counts. */
#define WIRE_BODY	160

struct wire {
	struct xenstore_domain_interface *ring;
	uint32_t got;			/* bytes of the message that is arriving, head included */
	uint8_t was_full;		/* the daemon may wait for room: it wants to be told */
	struct xsd_sockmsg head;
	char body[WIRE_BODY + 1];	/* ends in a zero byte, cut if it must be */
};

/** Puts a request into the ring, all of it or nothing: 1, 0 there is no room, -1 that is no ring. */
int wire_send(struct wire *w, const struct xsd_sockmsg *head, const char *body);

/** 1: head and body hold the next message, until the next call; 0: it is not all there; -1: that is no ring. */
int wire_receive(struct wire *w);

/** A decimal number and nothing else, or 0: it is none. */
int wire_number(const char *text, uint64_t *value);

/** The token of an event, which stands behind its path; NULL: there is none. */
const char *wire_token(const struct wire *w);

/** CPU of "cpu/N/availability"; -1: it is another path. */
int wire_cpu(const char *path);

/** Whether the path of an event is this. */
int wire_path_is(const struct wire *w, const char *path);

/** Whether the text of the message is this, to the last byte. */
int wire_is(const struct wire *w, const char *text);

#endif
