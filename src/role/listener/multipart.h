/*
 * Files as browsers and curl send them: multipart/form-data (RFC 7578), read as
 * it arrives.  Each part must be a file with a name; what it is called in the
 * form, and the type it says it has, mean nothing.
 *
 * Strict, like every reader of outside bytes here: no preamble, no epilogue, CR
 * LF alone ends a line, and a head of a part has at most MULTIPART_HEAD_MAX
 * bytes.
 */
#ifndef ROLE_MULTIPART_H
#define ROLE_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "envelope/bundle.h"

struct error;

enum {
	MULTIPART_HEAD_MAX = 4096,
	MULTIPART_BOUNDARY_MAX = 70, /* RFC 2046 5.1.1 */
	MULTIPART_DELIMITER_SIZE = MULTIPART_BOUNDARY_MAX + 5,
};

struct multipart {
	char delimiter[MULTIPART_DELIMITER_SIZE]; /* CR LF -- boundary */
	size_t delimiter_len;
	size_t matched;    /* bytes of it that have come */
	int state;         /* multipart.c */
	struct bytes head; /* of the part at hand */
	uint64_t len;      /* of all files so far */
	uint64_t len_max;
	const struct bundle_handler *handler;
	void *ctx;
};

/*
 * Begin with the body of a request whose Content-Type is `type`; the parts are
 * told to `handler` as the records of a bundle of kind `files` are: a name,
 * then a file of unknown length (UINT64_MAX).  ERROR_MALFORMED (E6211) when the
 * type names no boundary.  Free `head` in the end.
 */
int multipart_begin(struct multipart *reader, const char *type,
    uint64_t len_max, const struct bundle_handler *handler, void *ctx,
    struct error *err) MUST_CHECK;

/* Whether a Content-Type is one of these. */
bool multipart_is_type(const char *type);

/* The next bytes.  ERROR_MALFORMED (E6211), ERROR_DENIED (E6203). */
int multipart_push(struct multipart *reader, const uint8_t *data, size_t len,
    struct error *err) MUST_CHECK;

/*
 * How many of the bytes so far may yet turn out to be a file's: they look like
 * a boundary as far as they go.
 */
size_t multipart_held(const struct multipart *reader);

/* No more come: that was all of it?  E6211. */
int multipart_finish(struct multipart *reader, struct error *err) MUST_CHECK;

#endif
