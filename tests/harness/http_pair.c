#include "harness/http_pair.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/text.h"
#include "sys/loop.h"
#include "sys/net.h"

enum { PATIENCE_MS = 60000 };

static EVP_PKEY *
make_key(const char *algorithm)
{
	uint64_t bits = 0;

	if (strcmp(algorithm, "Ed25519") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (algorithm[0] == 'P')
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", algorithm);
	assert_true(text_parse_u64(algorithm, 8192, &bits));
	return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
}

static void
write_pem(BIO *bio, char *to, size_t size)
{
	int len = BIO_read(bio, to, (int)size - 1);

	assert_true(len > 0);
	to[len] = '\0';
	BIO_free(bio);
}

void
pair_identity_make(const char *algorithm, const char *digest,
    struct pair_identity *ret_identity)
{
	static const unsigned char name[] = "host";
	EVP_PKEY *key = make_key(algorithm);
	X509 *cert = X509_new();
	BIO *bio;

	assert_non_null(key);
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
	    MBSTRING_UTF8, name, sizeof(name) - 1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_set_pubkey(cert, key);
	assert_true(
	    X509_sign(cert, key,
		digest != NULL ? EVP_get_digestbyname(digest) : NULL) > 0);
	X509_digest(cert, EVP_sha256(), ret_identity->fingerprint.bytes, NULL);

	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(bio, cert);
	write_pem(bio, ret_identity->cert, sizeof(ret_identity->cert));
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	write_pem(bio, ret_identity->key, sizeof(ret_identity->key));
	ret_identity->pem = (struct tls_identity){
		.cert_pem = ret_identity->cert,
		.cert_len = strlen(ret_identity->cert),
		.key_pem = ret_identity->key,
		.key_len = strlen(ret_identity->key),
	};
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* One request at the server: what its handler keeps. */
struct visit {
	struct pair *pair;
	uint64_t left; /* of /stream */
	uint64_t length;
	size_t held; /* not consumed */
};

static void
answer_text(struct http_request *request, int status, const char *text)
{
	struct bytes bytes = { 0 };
	struct http_body body = { .bytes = &bytes };
	static const struct http_header type = { "content-type", "text/plain" };

	bytes_put_text(&bytes, text);
	http_request_answer(request, status, &type, 1, &body);
}

static void
visit_body(void *ctx, struct http_request *request, const uint8_t *data,
    size_t len)
{
	struct visit *visit = ctx;
	struct pair *pair = visit->pair;

	(void)data;
	visit->length += len;
	pair->swallowed += len;
	visit->held += len;
	if (visit->held > pair->held_max)
		pair->held_max = visit->held;
	/* A consumer that lags: it lets go only when it holds a lot. */
	if (!pair->holds && visit->held >= 100000) {
		http_request_consume(request, visit->held);
		visit->held = 0;
	}
}

static void
visit_body_end(void *ctx, struct http_request *request)
{
	struct visit *visit = ctx;
	char text[32];

	visit->pair->body_ends++;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)visit->length);
	answer_text(request, 200, text);
}

static void
visit_close(void *ctx, struct http_request *request, bool is_answered)
{
	struct visit *visit = ctx;
	struct pair *pair = visit->pair;

	if (is_answered)
		pair->closed_answered++;
	else
		pair->closed_broken++;
	for (size_t i = 0; i < pair->parked_count; i++)
		if (pair->parked[i] == request)
			pair->parked[i] = pair->parked[--pair->parked_count];
	free(visit);
}

static enum http_pull
visit_pull(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct visit *visit = ctx;
	size_t len = visit->left < size ? (size_t)visit->left : size;

	memset(to, 's', len);
	visit->left -= len;
	*ret_len = len;
	return visit->left == 0 ? HTTP_PULL_END : HTTP_PULL_MORE;
}

static const struct http_request_events swallow_events = {
	.on_body = visit_body,
	.on_body_end = visit_body_end,
	.on_close = visit_close,
};

static const struct http_request_events other_events = {
	.on_close = visit_close,
};

static void
answer_hello(struct http_request *request)
{
	const struct http_peer *peer = http_request_peer(request);
	char fingerprint[DIGEST_TEXT_SIZE] = "none";
	struct bytes bytes = { 0 };
	struct http_body body = { .bytes = &bytes };
	struct http_header headers[] = {
		{ "yizhan-host", peer->net.host },
		{ "yizhan-fingerprint", fingerprint },
		{ "yizhan-local", peer->net.is_local ? "yes" : "no" },
	};

	if (peer->has_cert)
		digest_format(&peer->fingerprint, fingerprint);
	bytes_put_text(&bytes, "hello");
	http_request_answer(request, 200, headers, 3, &body);
}

static void
on_request(void *ctx, struct http_request *request)
{
	struct pair *pair = ctx;
	const char *path = http_request_target(request)->path;
	struct visit *visit = calloc(1, sizeof(*visit));

	visit->pair = pair;
	http_request_handle(request,
	    strcmp(path, "/swallow") == 0 ? &swallow_events : &other_events,
	    visit);
	if (strcmp(path, "/hello") == 0) {
		answer_hello(request);
	} else if (strcmp(path, "/park") == 0) {
		assert_true(pair->parked_count < PAIR_PARKED_MAX);
		pair->parked[pair->parked_count++] = request;
	} else if (strcmp(path, "/stream") == 0) {
		struct http_body body = { .pull = visit_pull, .ctx = visit };

		assert_true(text_parse_u64(http_request_param(request, "size"),
		    UINT64_MAX, &visit->left));
		http_request_answer(request, 200, NULL, 0, &body);
	} else if (strcmp(path, "/early") == 0) {
		answer_text(request, 413, "too long");
	} else if (strcmp(path, "/swallow") != 0) {
		answer_text(request, 404, "no");
	}
}

static void
on_refused(void *ctx, const struct http_peer *peer, const struct error *err)
{
	struct pair *pair = ctx;

	(void)peer;
	pair->refused++;
	pair->refusal = *err;
}

static void
on_drained(void *ctx)
{
	struct pair *pair = ctx;

	pair->is_drained = true;
}

static const struct http_server_events server_events = {
	.on_request = on_request,
	.on_refused = on_refused,
	.on_drained = on_drained,
};

void
pair_init(struct pair *pair, bool is_tls)
{
	struct error err = { 0 };

	memset(pair, 0, sizeof(*pair));
	pair->is_tls = is_tls;
	pair->listen_fd = -1;
	assert_int_equal(loop_new(&pair->loop, &err), 0);
	if (!is_tls)
		return;
	pair_identity_make("P-256", "SHA256", &pair->server_identity);
	pair_identity_make("P-256", "SHA256", &pair->client_identity);
}

static void
listen_on_loopback(struct pair *pair)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	struct error err = { 0 };

	pair->listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(pair->listen_fd, (struct sockaddr *)&address,
			     len),
	    0);
	assert_int_equal(listen(pair->listen_fd, 64), 0);
	assert_int_equal(net_set_nonblocking(pair->listen_fd, &err), 0);
	getsockname(pair->listen_fd, (struct sockaddr *)&address, &len);
	pair->port = ntohs(address.sin_port);
}

void
pair_serve(struct pair *pair, enum tls_peer peer)
{
	struct http_server_options options = {
		.loop = pair->loop,
		.limits = pair->limits,
		.events = &server_events,
		.ctx = pair,
	};
	struct error err = { 0 };

	if (pair->is_tls) {
		assert_int_equal(tls_server_new(&pair->server_identity.pem,
				     peer, &pair->server_tls, &err),
		    0);
		assert_int_equal(tls_client_new(&pair->client_identity.pem,
				     &pair->client_tls, &err),
		    0);
		options.tls = pair->server_tls;
		listen_on_loopback(pair);
	}
	assert_int_equal(http_server_new(&options, &pair->server, &err), 0);
	if (pair->is_tls)
		assert_int_equal(http_server_listen(pair->server,
				     pair->listen_fd, &err),
		    0);
}

void
pair_free(struct pair *pair)
{
	http_server_free(pair->server);
	tls_free(pair->server_tls);
	tls_free(pair->client_tls);
	if (pair->listen_fd >= 0)
		close(pair->listen_fd);
	loop_free(pair->loop);
}

void
pair_wake(struct pair *pair)
{
	while (pair->parked_count > 0)
		answer_text(pair->parked[--pair->parked_count], 200, "woken");
}

static const struct http_client_events no_client_events = { 0 };

struct http_client_options
pair_client_options(struct pair *pair)
{
	struct http_client_options options = {
		.loop = pair->loop,
		.tls = pair->client_tls,
		.host = "127.0.0.1",
		.port = pair->port,
		.source = "127.0.0.9",
		.expected = { pair->server_identity.fingerprint },
		.expected_count = 1,
		.fd = -1,
		.authority = "host",
		.limits = pair->limits,
		.events = &no_client_events,
	};

	return options;
}

struct http_client *
pair_connect(struct pair *pair)
{
	struct http_client_options options = pair_client_options(pair);
	struct net_peer peer = { .is_local = true, .uid = getuid() };
	struct error err = { 0 };
	struct http_client *client;
	int fds[2];

	if (!pair->is_tls) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		assert_int_equal(net_set_nonblocking(fds[1], &err), 0);
		assert_int_equal(http_server_serve(pair->server, fds[1], &peer,
				     &err),
		    0);
		options.tls = NULL;
		options.fd = fds[0];
	}
	assert_int_equal(http_client_new(&options, &client, &err), 0);
	return client;
}

/* The clock that ends a wait that would never end. */
struct patience {
	struct loop *loop;
	bool is_over;
};

static void
lose_patience(void *ctx)
{
	struct patience *patience = ctx;

	patience->is_over = true;
	loop_stop(patience->loop);
}

static void
look_again(void *ctx)
{
	struct patience *patience = ctx;

	loop_stop(patience->loop);
}

static void
wait_until(struct pair *pair, const bool *flag, uint64_t limit_ms,
    struct patience *patience)
{
	struct error err = { 0 };
	struct loop_timer *timer;
	struct loop_timer *look;

	patience->loop = pair->loop;
	patience->is_over = false;
	assert_int_equal(loop_timer_new(pair->loop, lose_patience, patience,
			     &timer, &err),
	    0);
	assert_int_equal(loop_timer_new(pair->loop, look_again, patience, &look,
			     &err),
	    0);
	loop_timer_start(timer, limit_ms);
	loop_timer_repeat(look, 1);
	while (!patience->is_over && (flag == NULL || !*flag))
		assert_int_equal(loop_run(pair->loop, &err), 0);
	loop_timer_free(timer);
	loop_timer_free(look);
}

void
pair_run_until(struct pair *pair, const bool *flag)
{
	struct patience patience;

	wait_until(pair, flag, PATIENCE_MS, &patience);
	assert_true(*flag);
}

void
pair_run_for(struct pair *pair, uint32_t ms)
{
	struct patience patience;

	wait_until(pair, NULL, ms, &patience);
}

static void
ask_headers(void *ctx, struct http_stream *stream, int status)
{
	struct pair_ask *ask = ctx;

	(void)stream;
	ask->has_headers = true;
	ask->status = status;
}

static void
ask_body(void *ctx, struct http_stream *stream, const uint8_t *data, size_t len)
{
	struct pair_ask *ask = ctx;
	size_t room = sizeof(ask->text) - 1 - ask->text_len;
	size_t kept = len < room ? len : room;

	memcpy(ask->text + ask->text_len, data, kept);
	ask->text_len += kept;
	ask->received += len;
	ask->held += len;
	if (ask->held > ask->held_max)
		ask->held_max = ask->held;
	if (!ask->holds && ask->held >= 100000) {
		http_stream_consume(stream, ask->held);
		ask->held = 0;
	}
}

static void
ask_end(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct pair_ask *ask = ctx;

	(void)stream;
	ask->is_done = true;
	ask->stream = NULL;
	if (err != NULL)
		ask->err = *err;
}

static enum http_pull
ask_pull(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct pair_ask *ask = ctx;
	uint64_t left = ask->to_send - ask->sent;
	size_t len = left < size ? (size_t)left : size;

	if (ask->is_stuck)
		return HTTP_PULL_WAIT;
	memset(to, 'c', len);
	ask->sent += len;
	*ret_len = len;
	return ask->sent == ask->to_send ? HTTP_PULL_END : HTTP_PULL_MORE;
}

const struct http_stream_events pair_ask_events = {
	.on_headers = ask_headers,
	.on_body = ask_body,
	.on_end = ask_end,
};

static void
send_ask(struct pair *pair, struct http_client *client, const char *method,
    const char *target, uint64_t body_len, struct pair_ask *ask)
{
	struct http_outgoing request = { .method = method, .target = target };
	struct error err = { 0 };

	ask->pair = pair;
	ask->client = client;
	ask->to_send = body_len;
	if (body_len > 0) {
		request.body.pull = ask_pull;
		request.body.ctx = ask;
	}
	assert_int_equal(http_client_send(client, &request, &pair_ask_events,
			     ask, &ask->stream, &err),
	    0);
}

void
pair_ask(struct pair *pair, struct http_client *client, const char *method,
    const char *target, uint64_t body_len, struct pair_ask *ret_ask)
{
	memset(ret_ask, 0, sizeof(*ret_ask));
	send_ask(pair, client, method, target, body_len, ret_ask);
}

void
pair_ask_wait(struct pair *pair, struct http_client *client, const char *method,
    const char *target, uint64_t body_len, struct pair_ask *ret_ask)
{
	pair_ask(pair, client, method, target, body_len, ret_ask);
	pair_run_until(pair, &ret_ask->is_done);
}
