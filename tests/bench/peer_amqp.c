/*
 * AMQP 0-9-1 as RabbitMQ speaks it: quorum queues, publisher confirms, manual
 * acknowledgements.
 */
#include "bench/peer.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

enum {
	FRAME_METHOD = 1,
	FRAME_HEADER = 2,
	FRAME_BODY = 3,
	FRAME_END = 0xce,
	FRAME_OVERHEAD = 8,
	PREFETCH = 64,
};

#define METHOD(class, method) ((uint32_t)(class) << 16 | (method))

enum {
	CONNECTION_START = METHOD(10, 10),
	CONNECTION_START_OK = METHOD(10, 11),
	CONNECTION_TUNE = METHOD(10, 30),
	CONNECTION_TUNE_OK = METHOD(10, 31),
	CONNECTION_OPEN = METHOD(10, 40),
	CONNECTION_OPEN_OK = METHOD(10, 41),
	CHANNEL_OPEN = METHOD(20, 10),
	CHANNEL_OPEN_OK = METHOD(20, 11),
	QUEUE_DECLARE = METHOD(50, 10),
	QUEUE_DECLARE_OK = METHOD(50, 11),
	BASIC_QOS = METHOD(60, 10),
	BASIC_QOS_OK = METHOD(60, 11),
	BASIC_CONSUME = METHOD(60, 20),
	BASIC_CONSUME_OK = METHOD(60, 21),
	BASIC_PUBLISH = METHOD(60, 40),
	BASIC_DELIVER = METHOD(60, 60),
	BASIC_ACK = METHOD(60, 80),
	CONFIRM_SELECT = METHOD(85, 10),
	CONFIRM_SELECT_OK = METHOD(85, 11),
};

/* ---- frames ---------------------------------------------------------- */

static void
put_frame(struct peer *peer, uint8_t type, uint16_t channel, const void *data,
    size_t len)
{
	struct bytes head = { 0 };
	const uint8_t end = FRAME_END;

	bytes_put_u8(&head, type);
	bytes_put_u16(&head, channel);
	bytes_put_u32(&head, (uint32_t)len);
	peer_link_put(&peer->link, head.data, head.len);
	peer_link_put(&peer->link, data, len);
	peer_link_put(&peer->link, &end, 1);
	bytes_free(&head);
}

static void
put_method(struct peer *peer, uint16_t channel, uint32_t method,
    struct bytes *arguments)
{
	struct bytes body = { 0 };

	bytes_put_u32(&body, method);
	bytes_put(&body, arguments->data, arguments->len);
	put_frame(peer, FRAME_METHOD, channel, body.data, body.len);
	bytes_free(&body);
	bytes_free(arguments);
}

static void
put_short(struct bytes *to, const char *text)
{
	bytes_put_u8(to, (uint8_t)strlen(text));
	bytes_put_text(to, text);
}

struct frame {
	uint8_t type;
	uint32_t len;    /* of what is not read yet, without the end */
	uint32_t method; /* of a method frame */
};

static uint64_t
read_number(struct peer *peer, size_t len)
{
	uint8_t data[8];
	uint64_t number = 0;

	peer_link_read(&peer->link, data, len);
	for (size_t i = 0; i < len; i++)
		number = number << 8 | data[i];
	return number;
}

static struct frame
read_head(struct peer *peer)
{
	struct frame frame = { 0 };

	frame.type = (uint8_t)read_number(peer, 1);
	(void)read_number(peer, 2);
	frame.len = (uint32_t)read_number(peer, 4);
	if (frame.type == FRAME_METHOD) {
		frame.method = (uint32_t)read_number(peer, 4);
		frame.len -= 4;
	}
	return frame;
}

static void
skip_frame(struct peer *peer, const struct frame *frame)
{
	peer_link_skip(&peer->link, frame->len + 1);
}

static struct frame
expect(struct peer *peer, uint32_t method)
{
	struct frame frame = read_head(peer);
	char text[64];

	if (frame.type == FRAME_METHOD && frame.method == method)
		return frame;
	snprintf(text, sizeof(text), "type %u, %u.%u instead of %u.%u",
	    frame.type, frame.method >> 16, frame.method & 0xffff, method >> 16,
	    method & 0xffff);
	peer_fail("AMQP", text);
	return frame;
}

static void
expect_only(struct peer *peer, uint32_t method)
{
	struct frame frame = expect(peer, method);

	skip_frame(peer, &frame);
}

/* ---- opening --------------------------------------------------------- */

static void
log_in(struct peer *peer)
{
	static const char response[] = "\0guest\0guest";
	struct bytes arguments = { 0 };

	peer_link_put(&peer->link, "AMQP\0\0\x09\x01", 8);
	expect_only(peer, CONNECTION_START);
	bytes_put_u32(&arguments, 0);
	put_short(&arguments, "PLAIN");
	bytes_put_u32(&arguments, sizeof(response) - 1);
	bytes_put(&arguments, response, sizeof(response) - 1);
	put_short(&arguments, "en_US");
	put_method(peer, 0, CONNECTION_START_OK, &arguments);
}

static void
tune(struct peer *peer)
{
	struct bytes arguments = { 0 };
	struct frame frame = expect(peer, CONNECTION_TUNE);
	uint16_t channels = (uint16_t)read_number(peer, 2);

	peer->frame_max = (size_t)read_number(peer, 4);
	frame.len -= 6;
	skip_frame(peer, &frame);
	bytes_put_u16(&arguments, channels);
	bytes_put_u32(&arguments, (uint32_t)peer->frame_max);
	bytes_put_u16(&arguments, 0);
	put_method(peer, 0, CONNECTION_TUNE_OK, &arguments);
	arguments = (struct bytes){ 0 };
	put_short(&arguments, "/");
	put_short(&arguments, "");
	bytes_put_u8(&arguments, 0);
	put_method(peer, 0, CONNECTION_OPEN, &arguments);
	expect_only(peer, CONNECTION_OPEN_OK);
	arguments = (struct bytes){ 0 };
	put_short(&arguments, "");
	put_method(peer, 1, CHANNEL_OPEN, &arguments);
	expect_only(peer, CHANNEL_OPEN_OK);
}

static void
connect_amqp(struct peer *peer)
{
	peer_link_open(&peer->link, peer->port);
	peer_link_secure(&peer->link, &peer->files);
	log_in(peer);
	tune(peer);
}

static void
name_queue(char to[32], unsigned index)
{
	snprintf(to, 32, "bench-%u", index % PEER_QUEUES);
}

static void
set_up(struct peer *peer)
{
	connect_amqp(peer);
	for (unsigned i = 0; i < PEER_QUEUES; i++) {
		struct bytes arguments = { 0 }, table = { 0 };
		char name[32];

		name_queue(name, i);
		put_short(&table, "x-queue-type");
		bytes_put_u8(&table, 'S');
		bytes_put_u32(&table, 6);
		bytes_put_text(&table, "quorum");
		bytes_put_u16(&arguments, 0);
		put_short(&arguments, name);
		bytes_put_u8(&arguments, 2); /* durable */
		bytes_put_u32(&arguments, (uint32_t)table.len);
		bytes_put(&arguments, table.data, table.len);
		put_method(peer, 1, QUEUE_DECLARE, &arguments);
		expect_only(peer, QUEUE_DECLARE_OK);
		bytes_free(&table);
	}
	peer_link_close(&peer->link);
}

static void
begin_consuming(struct peer *peer)
{
	struct bytes arguments = { 0 };
	char name[32];

	bytes_put_u32(&arguments, 0);
	bytes_put_u16(&arguments, PREFETCH);
	bytes_put_u8(&arguments, 0);
	put_method(peer, 1, BASIC_QOS, &arguments);
	expect_only(peer, BASIC_QOS_OK);
	arguments = (struct bytes){ 0 };
	name_queue(name, peer->index);
	bytes_put_u16(&arguments, 0);
	put_short(&arguments, name);
	put_short(&arguments, "");
	bytes_put_u8(&arguments, 0);
	bytes_put_u32(&arguments, 0);
	put_method(peer, 1, BASIC_CONSUME, &arguments);
	expect_only(peer, BASIC_CONSUME_OK);
}

static void
open_amqp(struct peer *peer, bool is_consumer)
{
	struct bytes arguments = { 0 };

	connect_amqp(peer);
	if (is_consumer) {
		begin_consuming(peer);
		return;
	}
	bytes_put_u8(&arguments, 0);
	put_method(peer, 1, CONFIRM_SELECT, &arguments);
	expect_only(peer, CONFIRM_SELECT_OK);
}

/* ---- messages -------------------------------------------------------- */

static void
send_amqp(struct peer *peer, uint64_t number, const uint8_t *body, size_t len)
{
	size_t most = peer->frame_max - FRAME_OVERHEAD;
	struct bytes arguments = { 0 }, header = { 0 };
	char name[32];

	(void)number;
	name_queue(name, peer->index);
	bytes_put_u16(&arguments, 0);
	put_short(&arguments, "");
	put_short(&arguments, name);
	bytes_put_u8(&arguments, 0);
	put_method(peer, 1, BASIC_PUBLISH, &arguments);
	bytes_put_u16(&header, 60);
	bytes_put_u16(&header, 0);
	bytes_put_u64(&header, len);
	bytes_put_u16(&header, 0x1000); /* delivery-mode follows: */
	bytes_put_u8(&header, 2);       /* persistent */
	put_frame(peer, FRAME_HEADER, 1, header.data, header.len);
	for (size_t at = 0; at < len; at += most)
		put_frame(peer, FRAME_BODY, 1, body + at,
		    len - at < most ? len - at : most);
	bytes_free(&header);
}

static void
await_amqp(struct peer *peer, peer_acknowledged_fn fn, void *ctx)
{
	struct frame frame = expect(peer, BASIC_ACK);
	uint64_t tag = read_number(peer, 8);
	bool is_multiple = (read_number(peer, 1) & 1) != 0;

	frame.len -= 9;
	skip_frame(peer, &frame);
	/* Tags begin at 1.  Those already told are told once only. */
	for (uint64_t i = is_multiple ? peer->channel + 1 : tag; i <= tag; i++)
		fn(ctx, i - 1);
	if (is_multiple)
		peer->channel = tag;
}

static uint64_t
read_deliver(struct peer *peer)
{
	struct frame frame = expect(peer, BASIC_DELIVER);
	size_t len = (size_t)read_number(peer, 1);
	uint64_t tag;

	peer_link_skip(&peer->link, len);
	tag = read_number(peer, 8);
	frame.len -= (uint32_t)(1 + len + 8);
	skip_frame(peer, &frame);
	return tag;
}

static void
consume_amqp(struct peer *peer, uint8_t stamp[PEER_STAMP_LEN])
{
	struct bytes arguments = { 0 };
	uint64_t tag = read_deliver(peer), left;
	struct frame frame = read_head(peer);
	bool is_first = true;

	(void)read_number(peer, 4);
	left = read_number(peer, 8);
	frame.len -= 12;
	skip_frame(peer, &frame);
	while (left > 0) {
		frame = read_head(peer);
		left -= frame.len;
		if (is_first) {
			peer_link_read(&peer->link, stamp, PEER_STAMP_LEN);
			frame.len -= PEER_STAMP_LEN;
		}
		is_first = false;
		skip_frame(peer, &frame);
	}
	bytes_put_u64(&arguments, tag);
	bytes_put_u8(&arguments, 0);
	put_method(peer, 1, BASIC_ACK, &arguments);
	peer_link_flush(&peer->link);
}

const struct peer_protocol peer_amqp = {
	.name = "amqp",
	.can_consume = true,
	.set_up = set_up,
	.open = open_amqp,
	.send = send_amqp,
	.await = await_amqp,
	.consume = consume_amqp,
};
