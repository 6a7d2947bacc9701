/*
 * What a host asks management for: a case about an organisation that it serves,
 * evidence for one, or a move of one (docs/protocol.md 6.6).  The JSON, which
 * the host's module signs; of a file it names length and SHA-256.
 */
#ifndef ENVELOPE_CASE_REQUEST_H
#define ENVELOPE_CASE_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "envelope/case_consent.h"
#include "envelope/envelope_field.h"
#include "model/digest.h"
#include "model/id.h"

struct error;

enum {
	CASE_REQUEST_MAX = 65536,        /* bytes of JSON */
	CASE_REQUEST_CMS_MAX = 98304,    /* and of its signature */
	CASE_REQUEST_FILE_MAX = 2 << 20, /* bytes of a file */
	CASE_REQUEST_BODY_MAX = 3 << 20, /* what hosts hand up */
	CASE_REQUEST_TARGET_SIZE = 41,
	CASE_REQUEST_FILE_NAME_SIZE = 256,
};

/* Start it as `{ 0 }`; release it with case_request_free(). */
struct case_request {
	char environment[ENVELOPE_NAME_SIZE];
	struct id id;
	char host[ENVELOPE_NAME_SIZE]; /* who asks */
	int64_t time_ms;
	/* The id of a request before, or of a case; "": a new case. */
	char target[CASE_REQUEST_TARGET_SIZE];
	char definition[CASE_CONSENT_MOVE_SIZE]; /* of a new case, or "" */
	char move[CASE_CONSENT_MOVE_SIZE];       /* to make, or "" */
	char note[CASE_CONSENT_NOTE_SIZE];
	struct bytes fields;                   /* a JSON object */
	char evidence[CASE_CONSENT_MOVE_SIZE]; /* as which, or "": no file */
	char file_name[CASE_REQUEST_FILE_NAME_SIZE];
	int64_t file_len;
	struct digest file;
};

void case_request_free(struct case_request *request);

/* Append the JSON that is signed. */
int case_request_encode(const struct case_request *request, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Decode it.  ERROR_MALFORMED (E7301): also when it asks for nothing, or for a
 * new case and a move at once.
 */
int case_request_decode(const void *json, size_t len,
    struct case_request *ret_request, struct error *err) MUST_CHECK;

/*
 * What hosts hand up: `{"signed":"<base64>","file":"<base64>"}`, or with
 * `statement` in the place of `signed` from a center, whose connection says who
 * it is.  Start it as `{ 0 }`; release it with case_request_sent_free().
 */
struct case_request_sent {
	struct bytes cms;       /* or */
	struct bytes statement; /* the JSON */
	struct bytes file;
};

void case_request_sent_free(struct case_request_sent *sent);
int case_request_sent_encode(const struct case_request_sent *sent,
    struct bytes *to, struct error *err) MUST_CHECK;

/* ERROR_MALFORMED (E7301): also with both or neither of signed and statement. */
int case_request_sent_decode(const void *json, size_t len,
    struct case_request_sent *ret_sent, struct error *err) MUST_CHECK;

/* The file is the one that was named.  ERROR_MALFORMED (E7301). */
int case_request_check_file(const struct case_request *request,
    const struct bytes *file, struct error *err) MUST_CHECK;

#endif
