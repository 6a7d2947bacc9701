/*
 * TLS between hosts: version 1.3 only, HTTP/2 only (ALPN h2), no tickets, no
 * resumption, no early data, no renegotiation, no compression (R5.3.4,
 * T-TLS-01, T-TLS-02).  On ports for people the same, with HTTP/1.1 for older
 * clients.
 *
 * No path of authorities is built here.  A certificate is acceptable in form
 * (RSA from 2048 bits, P-256, P-384 or Ed25519; no MD5, no SHA-1; T-CRY-06),
 * its holder proves to have the key, and a judge says yes or no to the whole
 * certificate.  A client's judge speaks before one byte of a request is sent.
 */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "model/digest.h"

struct error;

struct tls;      /* our identity and policy; shared by many links */
struct tls_link; /* one connection */

/* Whether a server wants a certificate; clients always show theirs. */
enum tls_peer { TLS_PEER_REQUIRED, TLS_PEER_ASKED };

/*
 * True to go on.  `fingerprint` is the SHA-256 of `der`; both are borrowed for
 * the call.
 */
typedef bool (*tls_judge_fn)(void *ctx, const struct digest *fingerprint,
    const uint8_t *der, size_t der_len);

/*
 * Our certificate and its private key, PEM; the key unencrypted.  A client
 * that only talks to ports where TLS_PEER_ASKED holds may have neither: NULL.
 * Fails with ERROR_MALFORMED, or ERROR_UNTRUSTED for one that our own policy
 * refuses (E6003).
 */
struct tls_identity {
	const char *cert_pem;
	size_t cert_len;
	const char *key_pem;
	size_t key_len;
};

int tls_server_new(const struct tls_identity *identity, enum tls_peer peer,
    struct tls **ret_tls, struct error *err) MUST_CHECK;
int tls_client_new(const struct tls_identity *identity, struct tls **ret_tls,
    struct error *err) MUST_CHECK;

/* The same from files, to be read before the sandbox closes. */
int tls_server_read(const char *cert_path, const char *key_path,
    enum tls_peer peer, struct tls **ret_tls, struct error *err) MUST_CHECK;
int tls_client_read(const char *cert_path, const char *key_path,
    struct tls **ret_tls, struct error *err) MUST_CHECK;

/*
 * A server's: from now on also talk to clients that offer HTTP/1.1 alone, or
 * nothing.  Never on the port for hosts.
 */
void tls_allow_http1(struct tls *tls);

/* After its links. */
void tls_free(struct tls *tls);

/* Fingerprint of our own certificate; false when there is none. */
bool tls_fingerprint(const struct tls *tls, struct digest *ret_fingerprint);

/*
 * Speak TLS on `fd` (non-blocking, stays the caller's).  `judge` may be NULL
 * for a server that takes every well-formed certificate and asks later; a
 * client must have one.  `ctx` and `tls` must outlive the link.
 */
int tls_link_new(const struct tls *tls, int fd, tls_judge_fn judge, void *ctx,
    struct tls_link **ret_link, struct error *err) MUST_CHECK;
void tls_link_free(struct tls_link *link);

enum { TLS_RECORD_HEAD_LEN = 5 };

/*
 * How many bytes must be there before a handshake with a client is worth its
 * memory: its first record, of which `head` are the first `len` bytes (up to
 * TLS_RECORD_HEAD_LEN).  0 for what is no TLS: let the handshake say so.  Pure.
 */
size_t tls_hello_len(const uint8_t *head, size_t len);

/*
 * Go on with the handshake: 1 when it is complete, 0 when the descriptor must
 * become ready first (tls_link_wants_write() tells for what), or -1.  Fails
 * with ERROR_UNTRUSTED (E6001: the peer's certificate was refused; E6002: the
 * peer refused ours), ERROR_BUSY (E6005) when the connection broke, or
 * ERROR_MALFORMED (E6007).
 */
int tls_link_handshake(struct tls_link *link, struct error *err) MUST_CHECK;
bool tls_link_wants_write(const struct tls_link *link);

/*
 * As net_read() and net_write(): bytes moved, 0 when it would block, -1.
 * A server that refused our certificate says so only after the handshake
 * looked complete to us: then reading fails with ERROR_UNTRUSTED (E6002;
 * T-TLS-03).
 */
ssize_t tls_link_read(struct tls_link *link, void *to, size_t size,
    struct error *err) MUST_CHECK;
ssize_t tls_link_write(struct tls_link *link, const void *data, size_t len,
    struct error *err) MUST_CHECK;

/* True if more bytes were taken from the descriptor than were read. */
bool tls_link_has_pending(const struct tls_link *link);

/* Tell the peer that we send no more; best effort. */
void tls_link_shutdown(struct tls_link *link);

/* What was agreed on: HTTP/1.1 rather than HTTP/2. */
bool tls_link_is_http1(const struct tls_link *link);

/* The peer's certificate, once the handshake is complete; false: none shown. */
bool tls_link_fingerprint(const struct tls_link *link,
    struct digest *ret_fingerprint);

#endif
