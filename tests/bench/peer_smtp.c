/*
 * Mail to a server that speaks TLS from the first byte, without pipelining
 * over several messages: one message at a time on each connection.
 */
#include "bench/peer.h"

#include <stdio.h>
#include <string.h>

enum { LINE_LEN = 76 };

/* The last line of a reply; its first digit is what counts. */
static void
expect(struct peer *peer, char digit)
{
	char line[PEER_LINE_SIZE];

	do
		peer_link_line(&peer->link, line);
	while (strlen(line) > 3 && line[3] == '-');
	if (line[0] != digit)
		peer_fail("SMTP", line);
}

static void
open_smtp(struct peer *peer, bool is_consumer)
{
	(void)is_consumer;
	peer_link_open(&peer->link, peer->port);
	peer_link_secure(&peer->link, &peer->files);
	expect(peer, '2');
	peer_link_put_text(&peer->link, "EHLO client.bench.test\r\n");
	expect(peer, '2');
}

/* A letter of lines; `body` gives no more than the time. */
static void
put_message(struct peer *peer, uint64_t number, const uint8_t *body, size_t len)
{
	char head[256];
	char line[LINE_LEN + 3];
	uint64_t sent_at;
	size_t at;

	memcpy(&sent_at, body, sizeof(sent_at));
	snprintf(head, sizeof(head),
	    "From: <sender@bench.test>\r\nTo: <r%llu@bench.test>\r\n"
	    "Subject: %u-%llu\r\nX-Sent: %llu\r\n\r\n",
	    (unsigned long long)(number % PEER_QUEUES), peer->index,
	    (unsigned long long)number, (unsigned long long)sent_at);
	peer_link_put_text(&peer->link, head);
	memset(line, 'a', LINE_LEN);
	memcpy(line + LINE_LEN, "\r\n", 3);
	for (at = strlen(head); at + LINE_LEN + 2 <= len; at += LINE_LEN + 2)
		peer_link_put(&peer->link, line, LINE_LEN + 2);
	peer_link_put_text(&peer->link, ".\r\n");
}

static void
send_smtp(struct peer *peer, uint64_t number, const uint8_t *body, size_t len)
{
	char text[128];

	/* RFC 2920: the three commands in one go. */
	snprintf(text, sizeof(text),
	    "MAIL FROM:<sender@bench.test>\r\nRCPT TO:<r%llu@bench.test>\r\n"
	    "DATA\r\n",
	    (unsigned long long)(number % PEER_QUEUES));
	peer_link_put_text(&peer->link, text);
	expect(peer, '2');
	expect(peer, '2');
	expect(peer, '3');
	put_message(peer, number, body, len);
	peer_link_flush(&peer->link);
	peer->channel = number;
}

static void
await_smtp(struct peer *peer, peer_acknowledged_fn fn, void *ctx)
{
	expect(peer, '2');
	fn(ctx, peer->channel);
}

const struct peer_protocol peer_smtp = {
	.name = "smtp",
	.open = open_smtp,
	.send = send_smtp,
	.await = await_smtp,
};
