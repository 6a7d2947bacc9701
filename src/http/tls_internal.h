/*
 * What tls.c (identity and policy) and tls_link.c (one connection) share.
 */
#ifndef HTTP_TLS_INTERNAL_H
#define HTTP_TLS_INTERNAL_H

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "http/tls.h"

struct tls {
	SSL_CTX *context;
	BIO_METHOD *transport; /* sys/net.h as OpenSSL wants it */
	EVP_MD *sha256;
	bool is_server;
	bool allows_http1;
	bool has_cert;
	struct digest fingerprint;
};

struct tls_link {
	const struct tls *tls; /* not ours */
	SSL *ssl;
	int fd; /* not ours */
	tls_judge_fn judge;
	void *ctx; /* of judge */
	bool wants_write;
	bool has_cert;
	bool is_cut; /* the peer ended TCP */
	bool is_http1;
	struct digest fingerprint;
	struct error *refusal; /* during a handshake: why, for its caller */
};

/* Key and signature algorithm are of a kind we accept; E6003. */
int tls_check_policy(X509 *cert, struct error *err) MUST_CHECK;

/* Form and judge; called by OpenSSL with the X509_STORE_CTX of a handshake. */
int tls_link_verify(X509_STORE_CTX *store, void *arg);

/* NULL when memory ran out. */
BIO_METHOD *tls_transport_new(void);

/* ERROR_UNTRUSTED, _MALFORMED ... after the newest error of OpenSSL. */
int tls_set_error(struct error *err, const char *what);

#endif
