/*
 * NATS JetStream 2.9: publish with an acknowledgement to an inbox, and push
 * consumers in a group.
 */
#include "bench/peer.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void
put_message(struct peer *peer, const char *subject, const char *reply,
    const void *data, size_t len)
{
	char head[256];

	snprintf(head, sizeof(head), "PUB %s %s %zu\r\n", subject, reply, len);
	peer_link_put_text(&peer->link, head);
	peer_link_put(&peer->link, data, len);
	peer_link_put_text(&peer->link, "\r\n");
}

struct message {
	char subject[256], reply[256];
	size_t len; /* of the body, which is not read yet */
};

/* The next word of `*text`. */
static void
take_word(const char **text, char *to, size_t size)
{
	size_t len = strcspn(*text, " ");

	if (!text_copy_len(to, size, *text, len))
		peer_fail("NATS", "word too long");
	*text += len;
	while (**text == ' ')
		(*text)++;
}

/* Until a MSG; answers pings. */
static void
next_message(struct peer *peer, struct message *ret_message)
{
	char line[PEER_LINE_SIZE], word[256];
	const char *text;
	uint64_t len;

	for (;;) {
		peer_link_line(&peer->link, line);
		if (text_equal(line, "PING"))
			peer_link_put_text(&peer->link, "PONG\r\n");
		else if (text_starts(line, "-ERR"))
			peer_fail("NATS", line);
		else if (text_starts(line, "MSG "))
			break;
	}
	/* MSG subject sid [reply] length */
	text = line + 4;
	take_word(&text, ret_message->subject, sizeof(ret_message->subject));
	take_word(&text, word, sizeof(word));
	ret_message->reply[0] = '\0';
	take_word(&text, word, sizeof(word));
	if (*text != '\0') {
		text_copy(ret_message->reply, sizeof(ret_message->reply), word);
		take_word(&text, word, sizeof(word));
	}
	if (!text_parse_u64(word, 1 << 30, &len))
		peer_fail("NATS", line);
	ret_message->len = len;
}

static void
connect_nats(struct peer *peer)
{
	char line[PEER_LINE_SIZE];

	peer_link_open(&peer->link, peer->port);
	peer_link_line(&peer->link, line); /* INFO */
	peer_link_secure(&peer->link, &peer->files);
	peer_link_put_text(&peer->link,
	    "CONNECT {\"verbose\":false,\"pedantic\":false,"
	    "\"tls_required\":true,\"lang\":\"c\",\"version\":\"1\","
	    "\"protocol\":1}\r\nPING\r\n");
	do
		peer_link_line(&peer->link, line);
	while (!text_equal(line, "PONG") && !text_starts(line, "-ERR"));
	if (!text_equal(line, "PONG"))
		peer_fail("NATS", line);
}

/* Ask the JetStream API and wait for a good answer. */
static void
ask(struct peer *peer, const char *subject, const char *json)
{
	struct message message;
	char answer[PEER_LINE_SIZE];

	put_message(peer, subject, "_INBOX.setup", json, strlen(json));
	next_message(peer, &message);
	if (message.len + 1 > sizeof(answer))
		peer_fail("NATS", "long answer");
	peer_link_read(&peer->link, answer, message.len);
	answer[message.len] = '\0';
	peer_link_skip(&peer->link, 2);
	if (strstr(answer, "\"error\"") != NULL)
		peer_fail(subject, answer);
}

static void
set_up(struct peer *peer)
{
	connect_nats(peer);
	peer_link_put_text(&peer->link, "SUB _INBOX.setup 1\r\n");
	ask(peer, "$JS.API.STREAM.CREATE.bench",
	    "{\"name\":\"bench\",\"subjects\":[\"bench.*\"],"
	    "\"retention\":\"limits\",\"storage\":\"file\",\"num_replicas\":1,"
	    "\"max_msgs\":-1,\"max_bytes\":-1,\"max_age\":0,\"max_consumers\":-1,"
	    "\"discard\":\"old\"}");
	ask(peer, "$JS.API.CONSUMER.DURABLE.CREATE.bench.reader",
	    "{\"stream_name\":\"bench\",\"config\":{\"durable_name\":\"reader\","
	    "\"deliver_policy\":\"all\",\"ack_policy\":\"explicit\","
	    "\"deliver_subject\":\"delivered\",\"deliver_group\":\"readers\","
	    "\"replay_policy\":\"instant\",\"max_ack_pending\":512}}");
	peer_link_close(&peer->link);
}

static void
open_nats(struct peer *peer, bool is_consumer)
{
	char text[128];

	connect_nats(peer);
	if (is_consumer)
		snprintf(text, sizeof(text), "SUB delivered readers 1\r\n");
	else
		snprintf(text, sizeof(text), "SUB _INBOX.c%u.* 1\r\n",
		    peer->index);
	peer_link_put_text(&peer->link, text);
	peer_link_flush(&peer->link);
}

static void
send_nats(struct peer *peer, uint64_t number, const uint8_t *body, size_t len)
{
	char subject[32], reply[64];

	snprintf(subject, sizeof(subject), "bench.%u",
	    peer->index % PEER_QUEUES);
	snprintf(reply, sizeof(reply), "_INBOX.c%u.%llu", peer->index,
	    (unsigned long long)number);
	put_message(peer, subject, reply, body, len);
}

static void
await_nats(struct peer *peer, peer_acknowledged_fn fn, void *ctx)
{
	struct message message;
	char answer[512];
	uint64_t number;

	next_message(peer, &message);
	if (message.len + 1 > sizeof(answer))
		peer_fail("NATS", "long acknowledgement");
	peer_link_read(&peer->link, answer, message.len);
	answer[message.len] = '\0';
	peer_link_skip(&peer->link, 2);
	if (strstr(answer, "\"error\"") != NULL ||
	    !text_parse_u64(strrchr(message.subject, '.') + 1, UINT64_MAX,
		&number))
		peer_fail("NATS", answer);
	fn(ctx, number);
}

static void
consume_nats(struct peer *peer, uint8_t stamp[PEER_STAMP_LEN])
{
	struct message message;
	char line[300];

	next_message(peer, &message);
	if (message.len < PEER_STAMP_LEN)
		peer_fail("NATS", "short message");
	peer_link_read(&peer->link, stamp, PEER_STAMP_LEN);
	peer_link_skip(&peer->link, message.len - PEER_STAMP_LEN + 2);
	snprintf(line, sizeof(line), "PUB %s 4\r\n+ACK\r\n", message.reply);
	peer_link_put_text(&peer->link, line);
	peer_link_flush(&peer->link);
}

const struct peer_protocol peer_nats = {
	.name = "nats",
	.can_consume = true,
	.set_up = set_up,
	.open = open_nats,
	.send = send_nats,
	.await = await_nats,
	.consume = consume_nats,
};
