/*
 * Asking a host over its control socket (docs/api.md): what every command does
 * that talks to a running host.
 */
#ifndef CLI_LOCAL_H
#define CLI_LOCAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "http/http_call.h"

struct bytes;
struct cli;
struct config;
struct error;

struct local {
	const char *socket;    /* path of the control socket */
	const char *language;  /* "zh-TW" or "en", for problems */
	const struct cli *cli; /* for progress; NULL: none is shown */
};

/*
 * The host whose configuration --config names, or $YIZHAN_CONFIG; `ret_config`
 * must outlive the local.
 */
int local_open(const struct cli *cli, struct config **ret_config,
    struct local *ret_local, struct error *err) MUST_CHECK;

/*
 * Ask and wait.  An answer other than 2xx becomes an error with the problem's
 * code and detail, and `ret_answer` still holds it.  ERROR_BUSY (E1209) when
 * the host does not run.  Release with http_answer_free() in any case.
 */
int local_call(const struct local *local, const struct http_call *call,
    struct http_answer *ret_answer, struct error *err) MUST_CHECK;

/* GET `target`. */
int local_get(const struct local *local, const char *target,
    struct http_answer *ret_answer, struct error *err) MUST_CHECK;

/* POST JSON text. */
int local_post(const struct local *local, const char *target, const char *json,
    struct http_answer *ret_answer, struct error *err) MUST_CHECK;

/* POST bytes of another type. */
int local_post_bytes(const struct local *local, const char *target,
    const char *type, const void *data, size_t len,
    struct http_answer *ret_answer, struct error *err) MUST_CHECK;

/* A file to go up: by its path, or from memory. */
struct local_file {
	const char *name; /* as the recipient sees it */
	const char *path; /* NULL: `data` */
	const void *data;
	size_t len;
};

/*
 * POST files as one bundle, streamed; `key` becomes the Idempotency-Key.  With
 * an empty `key` it is the digest of all names and contents.
 */
int local_send(const struct local *local, const char *target, const char *key,
    const struct local_file *files, size_t count,
    struct http_answer *ret_answer, struct error *err) MUST_CHECK;

#endif
