/*
 * Structs to bytes and back by table: the one encoder and the one decoder of
 * all messages between roles.  A role that was taken over can send anything,
 * so decoding checks every length and value range (fuzz_codec).
 */
#ifndef ROLE_CODEC_H
#define ROLE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;

/* Bytes that live elsewhere: in the message while its handler runs. */
struct blob {
	const uint8_t *data;
	size_t len;
};

enum codec_kind {
	CODEC_END,
	CODEC_BOOL,   /* bool */
	CODEC_U8,     /* uint8_t */
	CODEC_U16,    /* uint16_t */
	CODEC_U32,    /* uint32_t */
	CODEC_U64,    /* uint64_t */
	CODEC_TIME,   /* int64_t */
	CODEC_DIGEST, /* struct digest */
	CODEC_ID,     /* struct id */
	CODEC_TEXT,   /* char [size], NUL-terminated */
	CODEC_BLOB,   /* struct blob, borrowed from the message */
	CODEC_ERROR,  /* struct error */
};

struct codec_field {
	enum codec_kind kind;
	size_t offset;
	size_t size; /* CODEC_TEXT only: of the array */
};

/* Append `from`, a struct that `fields` describes.  bytes_failed() tells. */
void codec_encode(const struct codec_field *fields, const void *from,
    struct bytes *to);

/*
 * Fill in `to`.  Fails with ERROR_MALFORMED when bytes are missing, left over
 * or out of range; blobs borrow from `data`.
 */
int codec_decode(const struct codec_field *fields, const void *data, size_t len,
    void *to, struct error *err) MUST_CHECK;

/*
 * Take one item from a list that codec_encode() wrote item after item: 1 and
 * the item, 0 at the end, -1 with ERROR_MALFORMED.
 */
int codec_next(const struct codec_field *fields, struct blob *list, void *to,
    struct error *err) MUST_CHECK;

struct blob blob_of(const void *data, size_t len);
struct blob blob_of_bytes(const struct bytes *bytes);

#endif
