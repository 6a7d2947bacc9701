#include "bench/peer_link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

void
peer_fail(const char *what, const char *detail)
{
	fprintf(stderr, "load_peer: %s: %s\n", what, detail);
	exit(EXIT_FAILURE);
}

void
peer_link_open(struct peer_link *link, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
	int one = 1;

	memset(link, 0, sizeof(*link));
	link->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (link->fd < 0 ||
	    connect(link->fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) <
		0)
		peer_fail("connect", "refused");
}

void
peer_link_secure(struct peer_link *link, const struct peer_files *files)
{
	link->context = SSL_CTX_new(TLS_client_method());
	if (link->context == NULL ||
	    SSL_CTX_load_verify_locations(link->context, files->authority,
		NULL) != 1 ||
	    SSL_CTX_use_certificate_file(link->context, files->certificate,
		SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_use_PrivateKey_file(link->context, files->key,
		SSL_FILETYPE_PEM) != 1)
		peer_fail("certificates", "cannot be used");
	SSL_CTX_set_verify(link->context, SSL_VERIFY_PEER, NULL);
	link->ssl = SSL_new(link->context);
	if (link->ssl == NULL || SSL_set_fd(link->ssl, link->fd) != 1 ||
	    SSL_connect(link->ssl) != 1)
		peer_fail("TLS", "handshake failed");
}

void
peer_link_close(struct peer_link *link)
{
	SSL_free(link->ssl);
	SSL_CTX_free(link->context);
	close(link->fd);
	free(link->output);
}

void
peer_link_put(struct peer_link *link, const void *data, size_t len)
{
	if (link->output_len + len > link->output_size) {
		link->output_size = 2 * (link->output_len + len);
		link->output = realloc(link->output, link->output_size);
		if (link->output == NULL)
			abort();
	}
	memcpy(link->output + link->output_len, data, len);
	link->output_len += len;
}

void
peer_link_put_text(struct peer_link *link, const char *text)
{
	peer_link_put(link, text, strlen(text));
}

void
peer_link_flush(struct peer_link *link)
{
	size_t at = 0;

	while (at < link->output_len) {
		size_t left = link->output_len - at, written = 0;

		if (link->ssl != NULL) {
			if (SSL_write_ex(link->ssl, link->output + at, left,
				&written) != 1)
				peer_fail("write", "connection lost");
		} else {
			ssize_t sent = write(link->fd, link->output + at, left);

			if (sent <= 0)
				peer_fail("write", "connection lost");
			written = (size_t)sent;
		}
		at += written;
	}
	link->output_len = 0;
}

static void
fill(struct peer_link *link)
{
	if (link->output_len > 0)
		peer_link_flush(link);
	link->at = link->len = 0;
	if (link->ssl != NULL) {
		if (SSL_read_ex(link->ssl, link->input, sizeof(link->input),
			&link->len) != 1)
			peer_fail("read", "connection lost");
	} else {
		ssize_t got = read(link->fd, link->input, sizeof(link->input));

		if (got <= 0)
			peer_fail("read", "connection lost");
		link->len = (size_t)got;
	}
}

void
peer_link_read(struct peer_link *link, void *to, size_t len)
{
	uint8_t *next = to;

	while (len > 0) {
		size_t part;

		if (link->at == link->len)
			fill(link);
		part = link->len - link->at < len ? link->len - link->at : len;
		if (next != NULL) {
			memcpy(next, link->input + link->at, part);
			next += part;
		}
		link->at += part;
		len -= part;
	}
}

void
peer_link_skip(struct peer_link *link, size_t len)
{
	peer_link_read(link, NULL, len);
}

void
peer_link_line(struct peer_link *link, char line[PEER_LINE_SIZE])
{
	size_t len = 0;
	char c = '\0';

	do {
		peer_link_read(link, &c, 1);
		if (len + 1 < PEER_LINE_SIZE)
			line[len++] = c;
	} while (c != '\n');
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	line[len] = '\0';
}
