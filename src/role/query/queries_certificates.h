/*
 * GET /v1/certificates: the certificates of this host's organisations, when they
 * end, and what their authorities say of them (docs/api.md; R5.1.4).
 */
#ifndef ROLE_QUERIES_CERTIFICATES_H
#define ROLE_QUERIES_CERTIFICATES_H

#include "base/attr.h"

struct error;
struct json_writer;
struct queries;

/*
 * The members of the answer to `path`, of which `days` and `after` are read.
 * ERROR_BUSY before there is a directory.  Of organisations that share a host
 * only `scope` and its units ("": all).
 */
int queries_write_certificates(struct queries *queries, const char *path,
    const char *scope, struct json_writer *writer,
    struct error *err) MUST_CHECK;

/*
 * GET /v1/cards: the cards of this host's organisations with whom they are, and
 * those that were reported lost; `scope` as there.
 */
int queries_write_cards(struct queries *queries, const char *scope,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* The check of GET /v1/health, once a directory is known. */
void queries_write_certificates_check(struct queries *queries,
    struct json_writer *writer);

#endif
