#include "http/tls.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/attr.h"
#include "base/error.h"
#include "http/tls_internal.h"
#include "sys/net.h"

/*
 * OpenSSL's own socket BIO raises SIGPIPE when the peer is gone; this one
 * leaves it to sys/net.h, which does not.
 */
static int
transport_read(BIO *bio, char *to, size_t size, size_t *ret_len)
{
	struct tls_link *link = BIO_get_data(bio);
	struct error err = { 0 };
	ssize_t count = net_read(link->fd, to, size, &err);

	BIO_clear_retry_flags(bio);
	if (count == 0)
		BIO_set_retry_read(bio);
	if (count < 0)
		link->is_cut = true;
	*ret_len = count > 0 ? (size_t)count : 0;
	return count > 0;
}

static int
transport_write(BIO *bio, const char *data, size_t len, size_t *ret_len)
{
	struct tls_link *link = BIO_get_data(bio);
	struct error err = { 0 };
	ssize_t count = net_write(link->fd, data, len, &err);

	BIO_clear_retry_flags(bio);
	if (count == 0)
		BIO_set_retry_write(bio);
	if (count < 0)
		link->is_cut = true;
	*ret_len = count > 0 ? (size_t)count : 0;
	return count > 0;
}

static long
transport_ctrl(BIO *bio, int command, long number, void *pointer)
{
	struct tls_link *link = BIO_get_data(bio);

	(void)number;
	(void)pointer;
	if (command == BIO_CTRL_EOF)
		return link != NULL && link->is_cut;
	return command == BIO_CTRL_FLUSH;
}

static int
transport_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

BIO_METHOD *
tls_transport_new(void)
{
	BIO_METHOD *method =
	    BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "net");

	if (method == NULL)
		return NULL;
	BIO_meth_set_create(method, transport_create);
	BIO_meth_set_read_ex(method, transport_read);
	BIO_meth_set_write_ex(method, transport_write);
	BIO_meth_set_ctrl(method, transport_ctrl);
	return method;
}

/* The alerts by which a peer says that it does not take our certificate. */
static bool
is_refusal(int reason)
{
	static const int reasons[] = {
		SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
		SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
		SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
		SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
		SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
		SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
		SSL_R_TLSV1_ALERT_ACCESS_DENIED,
		SSL_R_TLSV1_ALERT_UNKNOWN_CA,
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i] == reason)
			return true;
	return false;
}

int
tls_set_error(struct error *err, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *text = ERR_reason_error_string(code);
	bool is_tls = ERR_GET_LIB(code) == ERR_LIB_SSL;
	int reason = ERR_GET_REASON(code);

	ERR_clear_error();
	if (text == NULL)
		text = "no particulars";
	if (reason == ERR_R_MALLOC_FAILURE)
		return error_set_memory(err);
	if (is_tls && is_refusal(reason))
		return error_set_id(err, "E6002", ERROR_UNTRUSTED,
		    "%s: the peer refused our certificate: %s", what, text);
	if (is_tls && reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		return error_set_id(err, "E6001", ERROR_UNTRUSTED,
		    "%s: the peer showed no certificate", what);
	if (is_tls && reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return error_set_id(err, "E6005", ERROR_BUSY, "%s: cut off",
		    what);
	return error_set_id(err, "E6007", ERROR_MALFORMED, "%s: %s", what,
	    text);
}

static int
judge(struct tls_link *link, X509 *cert, struct error *err)
{
	struct digest fingerprint;
	unsigned char *der = NULL;
	int len;
	int rc = -1;

	if (tls_check_policy(cert, err) < 0)
		return -1;
	len = i2d_X509(cert, &der);
	if (len < 0 ||
	    EVP_Digest(der, (size_t)len, fingerprint.bytes, NULL,
		link->tls->sha256, NULL) != 1) {
		error_set_memory(err);
		goto done;
	}
	if (link->judge == NULL
		? !link->tls->is_server
		: !link->judge(link->ctx, &fingerprint, der, (size_t)len)) {
		char text[DIGEST_TEXT_SIZE];

		digest_format(&fingerprint, text);
		error_set_id(err, "E6001", ERROR_UNTRUSTED,
		    "certificate %s is not the one registered", text);
		goto done;
	}
	link->fingerprint = fingerprint;
	link->has_cert = true;
	rc = 0;
done:
	OPENSSL_free(der);
	return rc;
}

int
tls_link_verify(X509_STORE_CTX *store, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_link *link = SSL_get_app_data(ssl);
	X509 *cert = X509_STORE_CTX_get0_cert(store);

	(void)arg;
	if (cert == NULL || link->refusal == NULL ||
	    judge(link, cert, link->refusal) < 0) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
		return 0;
	}
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

int
tls_link_new(const struct tls *tls, int fd, tls_judge_fn judge_fn, void *ctx,
    struct tls_link **ret_link, struct error *err)
{
	struct tls_link *link = OPENSSL_zalloc(sizeof(*link));
	BIO *bio;

	if (link == NULL)
		return error_set_memory(err);
	link->tls = tls;
	link->fd = fd;
	link->judge = judge_fn;
	link->ctx = ctx;
	link->ssl = SSL_new(tls->context);
	bio = BIO_new(tls->transport);
	if (link->ssl == NULL || bio == NULL ||
	    SSL_set_app_data(link->ssl, link) != 1) {
		BIO_free(bio);
		tls_link_free(link);
		return error_set_memory(err);
	}
	BIO_set_data(bio, link);
	SSL_set_bio(link->ssl, bio, bio);
	if (tls->is_server)
		SSL_set_accept_state(link->ssl);
	else
		SSL_set_connect_state(link->ssl);
	*ret_link = link;
	return 0;
}

void
tls_link_free(struct tls_link *link)
{
	if (link == NULL)
		return;
	SSL_free(link->ssl);
	OPENSSL_free(link);
}

/* 0 when the call is to be made again; otherwise -1 and why. */
static int
explain(struct tls_link *link, int result, const char *what, struct error *err)
{
	int why = SSL_get_error(link->ssl, result);

	link->wants_write = why == SSL_ERROR_WANT_WRITE;
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return 0;
	if (why == SSL_ERROR_ZERO_RETURN)
		return error_set(err, ERROR_NOT_FOUND, "%s: end of stream",
		    what);
	if (why == SSL_ERROR_SYSCALL || (link->is_cut && ERR_peek_error() == 0))
		return error_set_id(err, "E6005", ERROR_BUSY, "%s: cut off",
		    what);
	return tls_set_error(err, what);
}

static int
check_protocol(struct tls_link *link, struct error *err)
{
	const unsigned char *name;
	unsigned len;

	/* A client that offers no list is not asked to choose from it. */
	SSL_get0_alpn_selected(link->ssl, &name, &len);
	if (link->tls->allows_http1 && (len == 0 || len == 8)) {
		link->is_http1 = true;
		return 0;
	}
	if (len != 2 || memcmp(name, "h2", 2) != 0)
		return error_set_id(err, "E6007", ERROR_MALFORMED,
		    "TLS: HTTP/2 not agreed");
	return 0;
}

size_t
tls_hello_len(const uint8_t *head, size_t len)
{
	size_t record_len;

	if (len > 0 && head[0] != SSL3_RT_HANDSHAKE)
		return 0;
	if (len < TLS_RECORD_HEAD_LEN)
		return TLS_RECORD_HEAD_LEN;
	record_len = (size_t)head[3] << 8 | head[4];
	if (head[1] != SSL3_VERSION_MAJOR ||
	    record_len > SSL3_RT_MAX_PLAIN_LENGTH)
		return 0;
	return TLS_RECORD_HEAD_LEN + record_len;
}

int
tls_link_handshake(struct tls_link *link, struct error *err)
{
	struct error refusal = { 0 };
	int result;

	ERR_clear_error();
	link->refusal = &refusal;
	result = SSL_do_handshake(link->ssl);
	link->refusal = NULL;
	if (result == 1)
		return check_protocol(link, err) < 0 ? -1 : 1;
	if (refusal.code != ERROR_NONE) {
		/* Only now has the alert left that tells the peer. */
		ERR_clear_error();
		*err = refusal;
		return -1;
	}
	return explain(link, result, "TLS handshake", err);
}

bool
tls_link_wants_write(const struct tls_link *link)
{
	return link->wants_write;
}

ssize_t
tls_link_read(struct tls_link *link, void *to, size_t size, struct error *err)
{
	size_t count = 0;

	ERR_clear_error();
	if (SSL_read_ex(link->ssl, to, size, &count) == 1)
		return (ssize_t)count;
	return explain(link, 0, "TLS", err);
}

ssize_t
tls_link_write(struct tls_link *link, const void *data, size_t len,
    struct error *err)
{
	size_t count = 0;

	ERR_clear_error();
	if (SSL_write_ex(link->ssl, data, len, &count) == 1)
		return (ssize_t)count;
	return explain(link, 0, "TLS", err);
}

bool
tls_link_has_pending(const struct tls_link *link)
{
	return SSL_has_pending(link->ssl) == 1;
}

void
tls_link_shutdown(struct tls_link *link)
{
	ERR_clear_error();
	if (SSL_is_init_finished(link->ssl))
		(void)SSL_shutdown(link->ssl);
	ERR_clear_error();
}

bool
tls_link_is_http1(const struct tls_link *link)
{
	return link->is_http1;
}

bool
tls_link_fingerprint(const struct tls_link *link,
    struct digest *ret_fingerprint)
{
	if (link->has_cert)
		*ret_fingerprint = link->fingerprint;
	return link->has_cert;
}
