/*
 * The waybill: who sends which envelope to how many (docs/protocol.md 4).  The
 * JSON that the module signs; the signature is crypto/signed.h.
 */
#ifndef ENVELOPE_WAYBILL_H
#define ENVELOPE_WAYBILL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/head.h"
#include "model/digest.h"

struct bytes;
struct error;

enum {
	WAYBILL_MAX = 4096,      /* of JSON */
	WAYBILL_CMS_MAX = 16384, /* signed, with the certificate */
	WAYBILL_RECIPIENTS_MAX = 5000,
};

struct waybill {
	struct head head;
	char head_text[HEAD_MAX + 1]; /* the bytes that were written */
	struct digest content;        /* SHA-256 of the content part */
	uint64_t content_len;
	struct digest root; /* over the recipients' leaves */
	uint32_t count;
	struct digest commitment;

	/* Computed by waybill_decode(). */
	struct digest head_digest; /* SHA-256 of `head_text` */
	struct digest digest;      /* the waybill digest: of the JSON */
};

/*
 * Append the JSON to be signed.  Of the fields above those of the head are not
 * used, only `head_text`.
 */
int waybill_encode(const struct waybill *waybill, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Decode what signed_verify() returned; ERROR_MALFORMED (E3101, E3100). */
int waybill_decode(const void *json, size_t len, struct waybill *ret_waybill,
    struct error *err) MUST_CHECK;

#endif
