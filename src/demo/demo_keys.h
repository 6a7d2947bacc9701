/*
 * Keys and certificates of the demo network: a test hierarchy of the shape of
 * the real one, written below one folder.
 */
#ifndef DEMO_DEMO_KEYS_H
#define DEMO_DEMO_KEYS_H

#include <stdint.h>

#include "base/attr.h"
#include "crypto/cert.h"
#include "crypto/issue.h"
#include "crypto/key.h"

struct error;
struct json_writer;

enum { DEMO_VALID_MS = 7 * 24 * 3600 * 1000, DEMO_PATH_SIZE = 4096 };

/* So long that no page says that a certificate ends soon. */
static const int64_t demo_long_ms = INT64_C(400) * 24 * 3600 * 1000;

/* A key and its certificate; release with demo_pair_free(). */
struct demo_pair {
	struct key *key;
	struct cert *cert;
};

struct demo_subject {
	enum issue_kind kind;
	enum cert_key key;
	const char *organization;
	const char *common_name;
	const char *address; /* NULL, or for TLS */
	int64_t valid_ms;    /* 0: DEMO_VALID_MS */
	const char
	    *key_file; /* PEM that begins with the key; NULL: a new one */
};

/* Make a pair certified by `issuer` (NULL: by itself). */
int demo_pair_make(const struct demo_subject *subject,
    const struct demo_pair *issuer, int64_t now_ms, struct demo_pair *ret_pair,
    struct error *err) MUST_CHECK;
void demo_pair_free(struct demo_pair *pair);

/* The certificate alone, of a key that is there, until `ends_at`. */
int demo_certify(const struct demo_subject *subject, const struct key *key,
    const struct demo_pair *issuer, int64_t now_ms, int64_t ends_at,
    struct cert **ret_cert, struct error *err) MUST_CHECK;

/* Write key and certificate as PEM into one new file that only we may read. */
int demo_pair_save(const struct demo_pair *pair, const char *path,
    struct error *err) MUST_CHECK;

/*
 * As bulletins have them: a certificate; a list of one; and a role, which is
 * how many of `count` keys must sign.
 */
void demo_pair_put_cert(struct json_writer *writer, const char *key,
    const struct demo_pair *pair);
void demo_pair_put_cert_list(struct json_writer *writer, const char *key,
    const struct demo_pair *pair);
void demo_pair_put_role(struct json_writer *writer, const char *name,
    int threshold, const struct demo_pair *pairs, int count);

/* Write a new file; mode 0600. */
int demo_write(const char *path, const void *data, size_t len,
    struct error *err) MUST_CHECK;

#endif
