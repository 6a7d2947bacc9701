#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/attr.h"
#include "base/error.h"
#include "harness/http_pair.h"
#include "sys/loop.h"
#include "sys/net.h"

static int
set_up(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	if (pair == NULL)
		return -1;
	pair_init(pair, true);
	*state = pair;
	return 0;
}

static int
tear_down(void **state)
{
	pair_free(*state);
	free(*state);
	return 0;
}

/* T-TLS-03: what counts is that the server acted on nothing. */
static void
the_wrong_server_gets_no_request(void **state)
{
	struct pair *pair = *state;
	struct http_client_options options;
	struct http_client *client;
	struct pair_ask ask;
	struct error err = { 0 };

	pair_serve(pair, TLS_PEER_REQUIRED);
	options = pair_client_options(pair);
	options.expected[0].bytes[31] ^= 1;
	assert_int_equal(http_client_new(&options, &client, &err), 0);
	pair_ask_wait(pair, client, "POST", "/swallow", 100000, &ask);
	pair_run_for(pair, 30);

	assert_int_equal(ask.err.code, ERROR_UNTRUSTED);
	assert_string_equal(ask.err.id, "E6001");
	assert_int_equal(ask.sent, 0);
	assert_int_equal(http_server_counts(pair->server).requests, 0);
	assert_int_equal(pair->swallowed, 0);
	assert_int_equal(pair->refused, 1);
	/* The server learns why: its certificate was refused. */
	assert_string_equal(pair->refusal.id, "E6002");
	http_client_free(client);
}

static void
any_of_the_expected_certificates_will_do(void **state)
{
	struct pair *pair = *state;
	struct http_client_options options;
	struct http_client *client;
	struct pair_ask ask;
	struct error err = { 0 };

	pair_serve(pair, TLS_PEER_REQUIRED);
	options = pair_client_options(pair);
	options.expected[1] = options.expected[0];
	options.expected[0] = pair->client_identity.fingerprint;
	options.expected_count = 2;
	assert_int_equal(http_client_new(&options, &client, &err), 0);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &ask);
	assert_int_equal(ask.status, 200);
	http_client_free(client);
}

static void
nobody_is_expected_by_an_empty_list(void **state)
{
	struct pair *pair = *state;
	struct http_client_options options;
	struct http_client *client;
	struct pair_ask ask;
	struct error err = { 0 };

	pair_serve(pair, TLS_PEER_REQUIRED);
	options = pair_client_options(pair);
	options.expected_count = 0;
	assert_int_equal(http_client_new(&options, &client, &err), 0);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &ask);
	assert_int_equal(ask.err.code, ERROR_UNTRUSTED);
	http_client_free(client);
}

static void
a_client_without_certificate_is_refused(void **state)
{
	struct pair *pair = *state;
	struct http_client_options options;
	struct http_client *client;
	struct pair_ask ask;
	struct error err = { 0 };
	struct tls *bare;

	pair_serve(pair, TLS_PEER_REQUIRED);
	assert_int_equal(tls_client_new(NULL, &bare, &err), 0);
	options = pair_client_options(pair);
	options.tls = bare;
	assert_int_equal(http_client_new(&options, &client, &err), 0);
	pair_ask_wait(pair, client, "POST", "/swallow", 100000, &ask);
	pair_run_for(pair, 30);

	assert_int_equal(ask.err.code, ERROR_UNTRUSTED);
	assert_string_equal(ask.err.id, "E6002");
	assert_int_equal(http_server_counts(pair->server).requests, 0);
	assert_int_equal(pair->swallowed, 0);
	assert_int_equal(pair->refused, 1);
	assert_string_equal(pair->refusal.id, "E6001");
	http_client_free(client);
	tls_free(bare);
}

static void
where_it_is_only_asked_for_no_certificate_is_needed(void **state)
{
	struct pair *pair = *state;
	struct http_client_options options;
	struct http_client *client;
	struct http_client *known;
	struct pair_ask ask;
	struct error err = { 0 };
	struct tls *bare;

	pair_serve(pair, TLS_PEER_ASKED);
	assert_int_equal(tls_client_new(NULL, &bare, &err), 0);
	options = pair_client_options(pair);
	options.tls = bare;
	assert_int_equal(http_client_new(&options, &client, &err), 0);
	known = pair_connect(pair);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &ask);
	assert_int_equal(ask.status, 200);
	pair_ask_wait(pair, known, "GET", "/hello", 0, &ask);
	assert_int_equal(ask.status, 200);
	http_client_free(client);
	http_client_free(known);
	tls_free(bare);
}

/* A handshake by hand, with what our own policy would not do. */
struct raw {
	SSL_CTX *context;
	SSL *ssl;
	int fd;
};

static void
raw_open(struct pair *pair, struct raw *raw,
    const struct pair_identity *identity, bool offers_h2)
{
	static const unsigned char h2[] = { 2, 'h', '2' };
	struct error err = { 0 };

	raw->context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(raw->context, 0);
	if (offers_h2)
		SSL_CTX_set_alpn_protos(raw->context, h2, sizeof(h2));
	if (identity != NULL) {
		BIO *bio = BIO_new_mem_buf(identity->cert, -1);
		X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		EVP_PKEY *key;

		BIO_free(bio);
		bio = BIO_new_mem_buf(identity->key, -1);
		key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
		BIO_free(bio);
		assert_int_equal(SSL_CTX_use_certificate(raw->context, cert),
		    1);
		assert_int_equal(SSL_CTX_use_PrivateKey(raw->context, key), 1);
		X509_free(cert);
		EVP_PKEY_free(key);
	}
	assert_int_equal(net_connect("127.0.0.1", pair->port, NULL, &raw->fd,
			     &err),
	    0);
	raw->ssl = SSL_new(raw->context);
	SSL_set_fd(raw->ssl, raw->fd);
	SSL_set_connect_state(raw->ssl);
}

/* True when the server let us in: it answers our settings with its own then. */
static bool
raw_is_welcome(struct pair *pair, struct raw *raw)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
				      "\0\0\0\4\0\0\0\0\0";
	bool has_begun = false;
	char bytes[64];

	for (int i = 0; i < 100; i++) {
		int count = SSL_read(raw->ssl, bytes, sizeof(bytes));

		if (count > 0)
			return true;
		if (SSL_get_error(raw->ssl, count) != SSL_ERROR_WANT_READ &&
		    SSL_get_error(raw->ssl, count) != SSL_ERROR_WANT_WRITE)
			return false;
		if (!has_begun && SSL_is_init_finished(raw->ssl))
			has_begun = SSL_write(raw->ssl, preface,
					sizeof(preface) - 1) > 0;
		pair_run_for(pair, 2);
	}
	return false;
}

static void
raw_close(struct raw *raw)
{
	SSL_free(raw->ssl);
	SSL_CTX_free(raw->context);
	close(raw->fd);
	ERR_clear_error();
}

static void
a_hello_is_waited_for_in_full(void **state)
{
	static const uint8_t hello[] = { 22, 3, 1, 2, 5 };
	static const uint8_t huge[] = { 22, 3, 1, 0xff, 0xff };
	static const uint8_t other[] = "GET /";

	(void)state;
	assert_int_equal(tls_hello_len(hello, 0), 5);
	assert_int_equal(tls_hello_len(hello, 4), 5);
	assert_int_equal(tls_hello_len(hello, 5), 5 + 0x205);
	/* The handshake says what is wrong with these. */
	assert_int_equal(tls_hello_len(huge, 5), 0);
	assert_int_equal(tls_hello_len(other, 1), 0);
}

enum { CROWD = 6, ROOM = 4 };

/* T-WEB-02: the longest silent go, not the one that comes last. */
static void
who_says_nothing_makes_room(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask ask;
	struct error err = { 0 };
	int fds[CROWD];

	pair->limits.connections_max = ROOM;
	pair_serve(pair, TLS_PEER_REQUIRED);
	for (int i = 0; i < CROWD; i++) {
		assert_int_equal(net_connect("127.0.0.1", pair->port, NULL,
				     &fds[i], &err),
		    0);
		pair_run_for(pair, 10);
	}
	client = pair_connect(pair);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &ask);

	assert_int_equal(ask.status, 200);
	assert_true(http_server_counts(pair->server).connections <= ROOM);
	assert_true(http_server_counts(pair->server).closed > 0);
	assert_string_equal(pair->refusal.id, "E6212");
	http_client_free(client);
	for (int i = 0; i < CROWD; i++)
		close(fds[i]);
}

static void
who_asks_keeps_its_connection_in_a_crowd(void **state)
{
	struct pair *pair = *state;
	struct http_client *client;
	struct pair_ask parked, ask;
	struct error err = { 0 };
	int fds[CROWD];

	pair->limits.connections_max = ROOM;
	pair_serve(pair, TLS_PEER_REQUIRED);
	client = pair_connect(pair);
	pair_ask_wait(pair, client, "GET", "/hello", 0, &ask);
	pair_ask(pair, client, "GET", "/park", 0, &parked);
	pair_run_for(pair, 10);
	for (int i = 0; i < CROWD; i++) {
		assert_int_equal(net_connect("127.0.0.1", pair->port, NULL,
				     &fds[i], &err),
		    0);
		pair_run_for(pair, 10);
	}
	pair_wake(pair);
	pair_run_until(pair, &parked.is_done);

	assert_int_equal(parked.status, 200);
	http_client_free(client);
	for (int i = 0; i < CROWD; i++)
		close(fds[i]);
}

/* Out of descriptors: the longest silent goes, and the last one gets in. */
static void
without_descriptors_the_silent_make_room(void **state)
{
	struct pair *pair = *state;
	struct rlimit before, few;
	struct error err = { 0 };
	struct http_server_counts counts;
	int fds[CROWD];
	int next;

	pair_serve(pair, TLS_PEER_REQUIRED);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(net_connect("127.0.0.1", pair->port, NULL,
				     &fds[i], &err),
		    0);
	next = dup(fds[0]);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)next + 2;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	for (int i = 0;
	     i < 200 && http_server_counts(pair->server).accepted < CROWD; i++)
		pair_run_for(pair, 10);
	counts = http_server_counts(pair->server);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);

	assert_int_equal(counts.accepted, CROWD);
	assert_true(counts.connections <= 2);
	assert_true(counts.closed >= CROWD - 2);
	for (int i = 0; i < CROWD; i++)
		close(fds[i]);
}

static void
one_address_has_its_share(void **state)
{
	struct pair *pair = *state;
	struct error err = { 0 };
	int fds[CROWD];

	pair->limits.source_max = 2;
	pair_serve(pair, TLS_PEER_REQUIRED);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(net_connect("127.0.0.1", pair->port,
				     i < 4 ? NULL : "127.0.0.9", &fds[i], &err),
		    0);
	pair_run_for(pair, 50);
	assert_int_equal(http_server_counts(pair->server).connections, 4);
	assert_int_equal(http_server_counts(pair->server).closed, 2);
	for (int i = 0; i < CROWD; i++)
		close(fds[i]);
}

static void
a_proper_handshake_is_welcome(void **state)
{
	struct pair *pair = *state;
	struct raw raw;

	pair_serve(pair, TLS_PEER_REQUIRED);
	raw_open(pair, &raw, &pair->client_identity, true);
	assert_true(raw_is_welcome(pair, &raw));
	/* T-TLS-02: nothing to resume with. */
	assert_false(SSL_SESSION_has_ticket(SSL_get_session(raw.ssl)));
	assert_int_equal(SSL_version(raw.ssl), TLS1_3_VERSION);
	raw_close(&raw);
}

static void
tls_1_2_is_refused(void **state)
{
	struct pair *pair = *state;
	struct raw raw;

	pair_serve(pair, TLS_PEER_REQUIRED);
	raw_open(pair, &raw, &pair->client_identity, true);
	SSL_set_max_proto_version(raw.ssl, TLS1_2_VERSION);
	assert_false(raw_is_welcome(pair, &raw));
	raw_close(&raw);
	pair_run_for(pair, 20);
	assert_string_equal(pair->refusal.id, "E6007");
}

static void
whoever_does_not_offer_http2_is_refused(void **state)
{
	struct pair *pair = *state;
	struct raw raw;

	pair_serve(pair, TLS_PEER_REQUIRED);
	raw_open(pair, &raw, &pair->client_identity, false);
	assert_false(raw_is_welcome(pair, &raw));
	raw_close(&raw);
	pair_run_for(pair, 20);
	assert_string_equal(pair->refusal.id, "E6007");
}

static void
weak_certificates_are_refused(void **state)
{
	static const struct {
		const char *algorithm;
		const char *digest;
		bool is_good;
	} cases[] = {
		{ "1024", "SHA256", false },
		{ "2048", "SHA1", false },
		{ "2048", "MD5", false },
		{ "P-256", "SHA1", false },
		{ "P-521", "SHA256", false },
		{ "2048", "SHA256", true },
		{ "P-384", "SHA384", true },
		{ "Ed25519", NULL, true },
	};
	struct pair *pair = *state;

	pair_serve(pair, TLS_PEER_REQUIRED);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pair_identity identity;
		struct error err = { 0 };
		struct tls *tls = NULL;
		struct raw raw;
		int rc;

		pair_identity_make(cases[i].algorithm, cases[i].digest,
		    &identity);
		raw_open(pair, &raw, &identity, true);
		if (raw_is_welcome(pair, &raw) != cases[i].is_good)
			fail_msg("%s %s", cases[i].algorithm, cases[i].digest);
		raw_close(&raw);
		pair_run_for(pair, 20);

		/* Nor can it be our own. */
		rc = tls_server_new(&identity.pem, TLS_PEER_REQUIRED, &tls,
		    &err);
		assert_int_equal(rc, cases[i].is_good ? 0 : -1);
		if (!cases[i].is_good) {
			assert_int_equal(err.code, ERROR_UNTRUSTED);
			assert_string_equal(err.id, "E6003");
			/* E6001: some do not even find a way to show it. */
			assert_int_equal(pair->refusal.code, ERROR_UNTRUSTED);
		}
		if (i == 0)
			assert_string_equal(pair->refusal.id, "E6003");
		tls_free(tls);
	}
}

static void
a_key_of_another_certificate_is_refused(void **state)
{
	struct pair *pair = *state;
	struct tls_identity mixed = pair->server_identity.pem;
	struct error err = { 0 };
	struct tls *tls;

	mixed.key_pem = pair->client_identity.pem.key_pem;
	mixed.key_len = pair->client_identity.pem.key_len;
	assert_int_equal(tls_client_new(&mixed, &tls, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	mixed.cert_len = 20;
	assert_int_equal(tls_client_new(&mixed, &tls, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_int_equal(tls_client_read("/nonexistent", "/nonexistent", &tls,
			     &err),
	    -1);
}

static void
our_own_fingerprint_is_known(void **state)
{
	struct pair *pair = *state;
	struct digest fingerprint;

	pair_serve(pair, TLS_PEER_REQUIRED);
	assert_true(tls_fingerprint(pair->client_tls, &fingerprint));
	assert_true(
	    digest_equal(&fingerprint, &pair->client_identity.fingerprint));
}

static void
a_connection_cut_in_the_handshake_is_temporary(void **state)
{
	struct pair *pair = *state;
	struct error err = { 0 };
	int fd;

	pair_serve(pair, TLS_PEER_REQUIRED);
	assert_int_equal(net_connect("127.0.0.1", pair->port, NULL, &fd, &err),
	    0);
	pair_run_for(pair, 5);
	close(fd);
	pair_run_for(pair, 30);
	assert_int_equal(pair->refused, 1);
	assert_int_equal(pair->refusal.code, ERROR_BUSY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    the_wrong_server_gets_no_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    any_of_the_expected_certificates_will_do, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    nobody_is_expected_by_an_empty_list, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_client_without_certificate_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    where_it_is_only_asked_for_no_certificate_is_needed, set_up,
		    tear_down),
		cmocka_unit_test(a_hello_is_waited_for_in_full),
		cmocka_unit_test_setup_teardown(who_says_nothing_makes_room,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_asks_keeps_its_connection_in_a_crowd, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    without_descriptors_the_silent_make_room, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(one_address_has_its_share,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_proper_handshake_is_welcome,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(tls_1_2_is_refused, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    whoever_does_not_offer_http2_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(weak_certificates_are_refused,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_key_of_another_certificate_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(our_own_fingerprint_is_known,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_connection_cut_in_the_handshake_is_temporary, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
