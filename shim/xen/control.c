// SPDX-License-Identifier: MIT
/*
 * What the administrator wishes, from XenStore: a client of its own, in the ring
 * that the host has given. It never waits: CONTROL_NEXT does what it can with what
 * has arrived and sends the next request; the answer to that raises the event
 * again. A daemon that is dead, slow or mad therefore costs nothing. Keys are
 * read when a watch says that they have changed. Read next: wire.c.
 */
#include "xen.h"
#include "wire.h"
#include <xen/sched.h>

SHIM_COLD

u32 vmi_call_CONTROL_NEXT(struct vmi_wish *wish);

#define MESSAGES	64		/* taken in one call */
#define TURNS		1000		/* of the CPU, for a daemon that is in the middle of something */
#define PORTS		(sizeof(xen_shared->evtchn_pending) * 8)
#define ALL_CPUS	(~0ull >> (64 - MAX_CPUS))

/* What is watched; the first two are taken in a transaction, and cleared. */
enum key { KEY_SHUTDOWN, KEY_SYSRQ, KEY_MEMORY, KEYS, KEY_CPU = KEYS };

/** What is sent next, or waits for its answer. */
enum state { IDLE, SETUP, START, READ, CLEAR, COMMIT, ABORT };

static struct control {
	struct wire wire;
	u32 port;			/* 0: there is no store */
	u8 busy;			/* somebody is in CONTROL_NEXT */
	u8 state;
	u8 key;				/* that is asked for */
	u8 row;				/* of setup */
	u32 cpu;			/* of KEY_CPU */
	u32 type, id;			/* of the request under way; id 0: none is */
	u32 last_id;
	u32 transaction;
	u32 changed;			/* bits: keys to be read */
	u64 cpus_changed;
	u32 kind;			/* of the wish that is being taken */
	u64 value;
} control;

/* Paths are below the domain's own. Clearing is writing nothing: the same bytes as reading. */
static const struct { u32 size; char path[20]; } key[KEYS] = {
	[KEY_SHUTDOWN] = { sizeof("control/shutdown"), "control/shutdown" },
	[KEY_SYSRQ] = { sizeof("control/sysrq"), "control/sysrq" },
	[KEY_MEMORY] = { sizeof("memory/target"), "memory/target" },
};

/* A watch's token is the key's digit. A daemon that refuses a row offers less: go on. */
static const struct { u32 type, size; char body[32]; } setup[] = {
#define WATCH(path, token)	{ XS_WATCH, sizeof(path) + sizeof(token), path "\0" token }
/* a kernel before us may have watched, and left: its watches are the domain's */
#define FORGET			{ XS_RESET_WATCHES, 1, "" }
#define FEATURE(name)		{ XS_WRITE, sizeof("control/feature-" name "\0" "1") - 1, "control/feature-" name "\0" "1" }
	FORGET, FEATURE("poweroff"), FEATURE("reboot"), FEATURE("suspend"),
	WATCH("control/shutdown", "0"), WATCH("control/sysrq", "1"), WATCH("memory/target", "2"), WATCH("cpu", "3"),
};
#define ROWS	(sizeof(setup) / sizeof(setup[0]))

static void forget_ring(struct control *c)
{
	c->wire = (struct wire){ 0 };
	c->state = SETUP;
	c->row = c->id = c->changed = 0;
	c->cpus_changed = 0;
}

/** The port of this life's ring, with an event of its own making: wishes may wait. */
void control_init(struct xen_cpu *pc)
{
	forget_ring(&control);
	control.port = xen.dom0 || store_port() >= PORTS ? 0 : store_port();
	pc->port[VMI_EVENT_CONTROL] = control.port;
	if (control.port)
		event_raise(control.port);
}

/** After a restore the ring is another, and the daemon knows nothing of us. */
void control_resume(struct xen_cpu *pc)
{
	control_init(pc);
}

/** Before another kernel, which expects that a message begins: what has begun is heard to its end. */
void control_exit(void)
{
	struct control *c = &control;

	for (u32 i = 0; c->port && c->wire.got && i < TURNS; i++)
		if (!wire_receive(&c->wire))
			HYPERCALL(sched_op, SCHEDOP_yield, 0);
}

static void find_ring(struct control *c)
{
	c->wire.ring = store_ring();
	if (!c->wire.ring)
		c->port = 0;
}

/* What is no ring stays none: no more of it until the next restore. */
static void give_up(struct control *c)
{
	xen_report("xenstore ring", 0, c->wire.ring->rsp_prod, c->wire.ring->rsp_cons);
	c->port = 0;
}

static void notify(const struct control *c)
{
	struct evtchn_send op = { c->port };

	HYPERCALL(event_channel_op, EVTCHNOP_send, &op);
}

/* 1: it is on its way. */
static int send(struct control *c, u32 type, const char *body, u32 size)
{
	struct xsd_sockmsg head = { type, 0, c->state >= READ ? c->transaction : 0, size };
	int sent;

	if (!++c->last_id)
		c->last_id = 1;			/* 0 is nobody's */
	head.req_id = c->last_id;
	sent = wire_send(&c->wire, &head, body);
	if (sent < 0)
		give_up(c);
	if (sent <= 0)
		return 0;
	c->type = type;
	c->id = c->last_id;
	notify(c);
	return 1;
}

static u32 put_number(char *to, u32 n)
{
	u32 digits = n > 9 ? put_number(to, n / 10) : 0;

	to[digits] = '0' + n % 10;
	return digits + 1;
}

static int send_read_cpu(struct control *c)
{
	char path[32] = "cpu/";
	u32 n = 4 + put_number(path + 4, c->cpu);

	memcpy(path + n, "/availability", sizeof("/availability"));
	return send(c, XS_READ, path, n + sizeof("/availability"));
}

/* What changed first is not known, so the more urgent goes first. */
static int choose(struct control *c)
{
	c->transaction = 0;
	c->kind = VMI_WISH_NONE;
	for (c->key = 0; c->key < KEYS; c->key++)
		if (c->changed & 1u << c->key) {
			c->changed &= ~(1u << c->key);
			c->state = c->key == KEY_MEMORY ? READ : START;
			return 1;
		}
	if (!c->cpus_changed)
		return 0;
	c->cpu = __builtin_ctzll(c->cpus_changed);
	c->cpus_changed &= c->cpus_changed - 1;
	c->state = READ;
	return 1;
}

/* The next request, if there is one to make; 1: it is on its way. */
static int ask(struct control *c)
{
	if (c->state == IDLE && !choose(c))
		return 0;
	if (c->state == SETUP)
		return send(c, setup[c->row].type, setup[c->row].body, setup[c->row].size);
	if (c->state == START)
		return send(c, XS_TRANSACTION_START, "", 1);
	if (c->state == COMMIT || c->state == ABORT)
		return send(c, XS_TRANSACTION_END, c->state == COMMIT ? "T" : "F", 2);
	if (c->key == KEY_CPU)
		return send_read_cpu(c);
	return send(c, c->state == READ ? XS_READ : XS_WRITE, key[c->key].path, key[c->key].size);
}

static void understand_shutdown(struct control *c)
{
	static const struct { char text[12]; u32 kind, value; } words[] = {
		{ "poweroff", VMI_WISH_SHUTDOWN, VMI_SHUTDOWN_POWEROFF },
		{ "halt", VMI_WISH_SHUTDOWN, VMI_SHUTDOWN_POWEROFF },
		{ "reboot", VMI_WISH_SHUTDOWN, VMI_SHUTDOWN_REBOOT },
		{ "crash", VMI_WISH_SHUTDOWN, VMI_SHUTDOWN_CRASH },
		{ "suspend", VMI_WISH_SUSPEND, 0 },
	};

	for (u32 i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (wire_is(&c->wire, words[i].text)) {
			c->kind = words[i].kind;
			c->value = words[i].value;
		}
}

/* KiB in the store. */
static void understand_memory(struct control *c)
{
	u64 kib;

	if (!wire_number(c->wire.body, &kib) || kib >> 40)
		return;
	c->kind = VMI_WISH_MEMORY;
	c->value = kib << 10;
}

static void understand_cpu(struct control *c)
{
	if (wire_is(&c->wire, "online"))
		c->value = 1;
	else if (wire_is(&c->wire, "offline"))
		c->value = 0;
	else
		return;
	c->kind = VMI_WISH_CPU;
}

static void understand(struct control *c)
{
	if (c->key == KEY_SHUTDOWN) {
		understand_shutdown(c);
	} else if (c->key == KEY_SYSRQ && c->wire.body[0]) {
		c->kind = VMI_WISH_KEY;
		c->value = (u8)c->wire.body[0];
	} else if (c->key == KEY_MEMORY) {
		understand_memory(c);
	} else if (c->key == KEY_CPU) {
		understand_cpu(c);
	}
}

/* In a transaction, what was not empty is cleared, understood or not. */
static void answer_read(struct control *c, int ok)
{
	if (ok)
		understand(c);
	/* CPUs are numbered without a gap: the first that is missing ends them. */
	if (!ok && c->key == KEY_CPU)
		c->cpus_changed &= (1ull << c->cpu) - 1;
	if (c->key >= KEY_MEMORY)
		c->state = IDLE;
	else
		c->state = ok && c->wire.head.len && c->wire.body[0] ? CLEAR : ABORT;
}

static void answer_start(struct control *c, int ok)
{
	u64 id;

	c->state = IDLE;
	if (!ok || !wire_number(c->wire.body, &id) || !id || id >> 32)
		return;
	c->transaction = id;
	c->state = READ;
}

/* Somebody else's change came between: once more. */
static void answer_commit(struct control *c, int ok)
{
	if (!ok && wire_is(&c->wire, "EAGAIN")) {
		c->changed |= 1u << c->key;
		c->kind = VMI_WISH_NONE;
	}
	c->state = IDLE;
}

static void answer(struct control *c)
{
	int ok = c->wire.head.type == c->type;

	c->id = 0;
	switch (c->state) {
	case SETUP:
		c->state = ++c->row == ROWS ? IDLE : SETUP;
		break;
	case START:
		answer_start(c, ok);
		break;
	case READ:
		answer_read(c, ok);
		break;
	case CLEAR:
		c->state = COMMIT;		/* a key that cannot be cleared is a wish all the same */
		break;
	default:
		answer_commit(c, ok);
	}
}

/* A new watch says at once that its key has changed; that of all CPUs names none. */
static void watch_event(struct control *c)
{
	const char *token = wire_token(&c->wire);
	int cpu = wire_cpu(c->wire.body);

	if (!token || token[0] < '0' || token[0] > '0' + KEY_CPU || token[1])
		return;
	if (token[0] < '0' + KEY_CPU)
		c->changed |= 1u << (token[0] - '0');
	else if (wire_path_is(&c->wire, "cpu"))
		c->cpus_changed = ALL_CPUS;
	else if (cpu >= 0 && cpu < MAX_CPUS)
		c->cpus_changed |= 1ull << cpu;
}

/* Answers to what was asked before a restore, or never, are nobody's. */
static void take_message(struct control *c)
{
	if (c->wire.head.type == XS_WATCH_EVENT)
		watch_event(c);
	else if (c->id && c->wire.head.req_id == c->id)
		answer(c);
}

static int receive(struct control *c)
{
	int got = wire_receive(&c->wire);

	if (got < 0)
		give_up(c);
	else if (c->wire.was_full)
		notify(c);
	c->wire.was_full = 0;
	return got;
}

static u32 grant(struct control *c, struct vmi_wish *wish)
{
	u32 kind = c->kind;

	c->kind = VMI_WISH_NONE;
	xen.save_wished |= kind == VMI_WISH_SUSPEND;
	wish->cpu = c->cpu;
	wish->reserved = 0;
	wish->value = c->value;
	return kind;
}

static u32 next_wish(struct control *c, struct vmi_wish *wish)
{
	if (!c->wire.ring)
		find_ring(c);
	for (u32 n = 0; c->port && n < MESSAGES; n++) {
		int got = receive(c);

		if (got > 0)
			take_message(c);
		if (c->state == IDLE && c->kind)
			return grant(c, wish);
		if (got < 0 || (!got && (c->id || !ask(c))))
			return VMI_WISH_NONE;
	}
	if (c->port)
		event_raise(c->port);		/* more than one call should do */
	return VMI_WISH_NONE;
}

/* One caller at a time: whoever has it takes all. */
u32 vmi_call_CONTROL_NEXT(struct vmi_wish *wish)
{
	struct control *c = &control;
	u32 kind;

	if (wish->magic != VMI_MAGIC_WISH || wish->version != VMI_STRUCT_VERSION ||
	    wish->size < sizeof(*wish) || xen.stage != STAGE_RUNNING || !c->port)
		return VMI_WISH_NONE;
	if (__atomic_exchange_n(&c->busy, 1, __ATOMIC_ACQUIRE))
		return VMI_WISH_NONE;
	kind = next_wish(c, wish);
	__atomic_store_n(&c->busy, 0, __ATOMIC_RELEASE);
	return kind;
}
