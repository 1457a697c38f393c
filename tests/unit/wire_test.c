// SPDX-License-Identifier: MIT
/* The shim's XenStore client believes nothing that stands in the ring it shares. */
#include "unit.h"

#include "../../shim/xen/wire.h"

static struct xenstore_domain_interface *ring;
static struct wire *wire;

/* On the heap, so that a read or write behind them is seen. */
static int before(void **state)
{
	(void)state;
	ring = calloc(1, sizeof(*ring));
	wire = calloc(1, sizeof(*wire));
	wire->ring = ring;
	return 0;
}

static int after(void **state)
{
	(void)state;
	free(ring);
	free(wire);
	return 0;
}

/* As the daemon does it, in pieces of any size. */
static void reply_bytes(const void *data, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		ring->rsp[MASK_XENSTORE_IDX(ring->rsp_prod++)] = ((const char *)data)[i];
}

static void reply(uint32_t type, uint32_t id, const void *body, uint32_t size)
{
	struct xsd_sockmsg head = { type, id, 0, size };

	reply_bytes(&head, sizeof(head));
	reply_bytes(body, size);
}

static void sends_all_or_nothing(void **state)
{
	struct xsd_sockmsg head = { XS_READ, 7, 0, 300 };
	char body[300] = "control/shutdown";

	(void)state;
	ring->req_prod = ring->req_cons = 0xfffffff0;	/* over the end of both index and ring */
	for (int i = 0; i < 3; i++)
		assert_int_equal(wire_send(wire, &head, body), 1);
	assert_int_equal(ring->req_prod, 0xfffffff0 + 3 * 316);
	assert_int_equal(wire_send(wire, &head, body), 0);
	assert_int_equal(ring->req_prod, 0xfffffff0 + 3 * 316);
	assert_memory_equal(&ring->req[0], body, 17);
	ring->req_cons++;
	head.len = 61;
	assert_int_equal(wire_send(wire, &head, body), 1);
	assert_int_equal(ring->req_prod - ring->req_cons, XENSTORE_RING_SIZE);
}

static void reads_across_the_end(void **state)
{
	(void)state;
	ring->rsp_prod = ring->rsp_cons = 0xfffffffa;
	reply(XS_READ, 7, "poweroff", 8);
	assert_int_equal(wire_receive(wire), 1);
	assert_int_equal(wire->head.type, XS_READ);
	assert_int_equal(wire->head.req_id, 7);
	assert_true(wire_is(wire, "poweroff"));
	assert_false(wire_is(wire, "powerof"));
	assert_false(wire_is(wire, "poweroff "));
	assert_int_equal(ring->rsp_cons, ring->rsp_prod);
	assert_int_equal(wire_receive(wire), 0);
}

static void reads_byte_by_byte(void **state)
{
	const struct xsd_sockmsg head = { XS_ERROR, 3, 0, 7 };
	char bytes[sizeof(head) + 7];

	(void)state;
	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), "EAGAIN", 7);
	for (uint32_t i = 0; i < sizeof(bytes); i++) {
		reply_bytes(bytes + i, 1);
		assert_int_equal(wire_receive(wire), i == sizeof(bytes) - 1);
	}
	assert_true(wire_is(wire, "EAGAIN"));
}

static void takes_one_at_a_time(void **state)
{
	(void)state;
	reply(XS_READ, 1, "", 0);
	reply(XS_WATCH_EVENT, 0, "cpu/12/availability\0003", 22);
	assert_int_equal(wire_receive(wire), 1);
	assert_int_equal(wire->head.len, 0);
	assert_string_equal(wire->body, "");
	assert_int_equal(wire_receive(wire), 1);
	assert_string_equal(wire_token(wire), "3");
	assert_int_equal(wire_cpu(wire->body), 12);
	assert_int_equal(wire_receive(wire), 0);
}

/* A message longer than what is kept, and than the ring, is passed over to its end. */
static void passes_over_long_messages(void **state)
{
	struct xsd_sockmsg head = { XS_READ, 5, 0, XENSTORE_PAYLOAD_MAX };
	uint32_t sent = sizeof(head);
	int whole = 0;

	(void)state;
	reply_bytes(&head, sizeof(head));
	while (!whole) {
		for (; ring->rsp_prod - ring->rsp_cons < XENSTORE_RING_SIZE && sent < sizeof(head) + head.len; sent++)
			reply_bytes("x", 1);
		whole = wire_receive(wire);
		assert_int_not_equal(whole, -1);
	}
	assert_int_equal(sent, sizeof(head) + head.len);
	assert_int_equal(strlen(wire->body), WIRE_BODY);
	assert_null(wire_token(wire));
	reply(XS_READ, 6, "reboot", 6);
	assert_int_equal(wire_receive(wire), 1);
	assert_true(wire_is(wire, "reboot"));
}

static void notices_a_full_ring(void **state)
{
	(void)state;
	reply(XS_READ, 5, "x", 1);
	wire_receive(wire);
	assert_false(wire->was_full);
	ring->rsp_prod = ring->rsp_cons + XENSTORE_RING_SIZE;
	wire_receive(wire);
	assert_true(wire->was_full);
}

static void refuses_what_is_no_ring(void **state)
{
	const struct xsd_sockmsg long_head = { XS_READ, 5, 0, XENSTORE_PAYLOAD_MAX + 1 };
	const struct xsd_sockmsg longest_head = { XS_READ, 5, 0, 0xffffffff };
	const struct xsd_sockmsg request = { XS_READ, 1, 0, 1 };

	(void)state;
	ring->rsp_prod = XENSTORE_RING_SIZE + 1;
	assert_int_equal(wire_receive(wire), -1);
	ring->rsp_prod = 0xffffffff;
	assert_int_equal(wire_receive(wire), -1);
	ring->req_cons = 1;
	assert_int_equal(wire_send(wire, &request, ""), -1);
	ring->rsp_prod = 0;
	reply_bytes(&long_head, sizeof(long_head));
	assert_int_equal(wire_receive(wire), -1);
	wire->got = 0;
	reply_bytes(&longest_head, sizeof(longest_head));
	assert_int_equal(wire_receive(wire), -1);
}

static void knows_numbers(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "-1", "0x10", "1e9", "a", "99999999999999999999" };
	uint64_t value;

	(void)state;
	assert_true(wire_number("0", &value));
	assert_int_equal(value, 0);
	assert_true(wire_number("9999999999999999999", &value));
	assert_true(value == 9999999999999999999u);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(wire_number(bad[i], &value));
}

static void knows_cpus(void **state)
{
	static const char *const bad[] = { "", "cpu", "cpu/", "cpu/availability", "cpu//availability", "cpu/x/availability",
		"cpu/1", "cpu/1/", "cpu/1/availabilit", "cpu/1/availability/", "cpu/-1/availability", "cpu/12345/availability",
		"cpu/99999999999/availability", "/cpu/1/availability" };

	(void)state;
	assert_int_equal(wire_cpu("cpu/0/availability"), 0);
	assert_int_equal(wire_cpu("cpu/9999/availability"), 9999);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(wire_cpu(bad[i]), -1);
}

static void events_have_two_strings(void **state)
{
	(void)state;
	reply(XS_WATCH_EVENT, 0, "cpu", 3);
	wire_receive(wire);
	assert_null(wire_token(wire));
	reply(XS_WATCH_EVENT, 0, "cpu", 4);
	wire_receive(wire);
	assert_null(wire_token(wire));
	reply(XS_WATCH_EVENT, 0, "cpu\0003", 5);
	wire_receive(wire);
	assert_string_equal(wire_token(wire), "3");
	assert_true(wire_path_is(wire, "cpu"));
	assert_false(wire_path_is(wire, "cp"));
	reply(XS_WATCH_EVENT, 0, "", 0);
	wire_receive(wire);
	assert_null(wire_token(wire));		/* none is left of the one before */
}

/* A ring of nothing but noise, its indices too: never a byte outside it, never an endless loop. */
static void survives_noise(void **state)
{
	uint32_t random = 1;
	uint64_t value;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct blob all = { (uint8_t *)ring, sizeof(*ring) };

		for (int n = 0; n < 20; n++)
			unit_damage(&all, &random);
		ring->rsp_prod = ring->rsp_cons + unit_random(&random) % (XENSTORE_RING_SIZE + 8);
		for (int n = 0; n < 100; n++) {
			int got = wire_receive(wire);

			if (got < 0)
				wire->got = 0;
			if (got <= 0)
				break;
			wire_token(wire);
			wire_cpu(wire->body);
			wire_number(wire->body, &value);
			wire_is(wire, "poweroff");
			wire_path_is(wire, "cpu");
		}
	}
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, before, after)

static const struct CMUnitTest tests[] = {
	TEST(sends_all_or_nothing),
	TEST(reads_across_the_end),
	TEST(reads_byte_by_byte),
	TEST(takes_one_at_a_time),
	TEST(passes_over_long_messages),
	TEST(notices_a_full_ring),
	TEST(refuses_what_is_no_ring),
	TEST(knows_numbers),
	TEST(knows_cpus),
	TEST(events_have_two_strings),
	TEST(survives_noise),
};

TESTS_MAIN(tests)
