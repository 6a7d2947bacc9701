/*
 * A client's connection to a peer that is measured beside us: blocking, over
 * TLS with a client certificate.  What fails ends the program: a measurement
 * with failures is none.
 */
#ifndef BENCH_PEER_LINK_H
#define BENCH_PEER_LINK_H

#include <stddef.h>
#include <stdint.h>

struct ssl_st;
struct ssl_ctx_st;

enum { PEER_INPUT_SIZE = 65536, PEER_LINE_SIZE = 4096 };

struct peer_link {
	int fd;
	struct ssl_ctx_st *context;
	struct ssl_st *ssl; /* NULL until peer_link_secure() */
	uint8_t input[PEER_INPUT_SIZE];
	size_t at, len; /* of input */
	uint8_t *output;
	size_t output_len, output_size;
};

struct peer_files {
	const char *authority, *certificate, *key; /* PEM */
};

void peer_link_open(struct peer_link *link, uint16_t port);
void peer_link_secure(struct peer_link *link, const struct peer_files *files);
void peer_link_close(struct peer_link *link);

/* Gathers; leaves with peer_link_flush(). */
void peer_link_put(struct peer_link *link, const void *data, size_t len);
void peer_link_put_text(struct peer_link *link, const char *text);
void peer_link_flush(struct peer_link *link);

/* Flushes first. */
void peer_link_read(struct peer_link *link, void *to, size_t len);
void peer_link_skip(struct peer_link *link, size_t len);
/* Up to CR LF, without it. */
void peer_link_line(struct peer_link *link, char line[PEER_LINE_SIZE]);

void peer_fail(const char *what, const char *detail);

#endif
