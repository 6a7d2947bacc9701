/*
 * One waybill in the making; only outbox_pack.c, outbox_contents.c and
 * outbox_seal.c include this.  Everything in it is made anew after a failure: nothing is ever
 * encrypted twice under one waybill id.
 */
#ifndef GATEWAY_OUTBOX_PACK_H
#define GATEWAY_OUTBOX_PACK_H

#include "base/bytes.h"
#include "crypto/secret.h"
#include "envelope/head.h"
#include "envelope/keypart.h"
#include "gateway/outbox/outbox_internal.h"
#include "store/payload.h"

struct package_plan;
struct package_writer;
struct segment_reader;
struct segment_writer;
struct sha256;
struct stream;

/* What is done in slices; PACK_WAITS for another role. */
enum pack_step { PACK_MEASURE, PACK_WRITE, PACK_SEAL, PACK_WAITS };

/* Recipient `i` of the split: its leaf and key part lie in the two buffers. */
struct pack_leaf {
	char center[MESSAGE_HOST_SIZE];
	struct digest hash;
	size_t json_at, json_len;
	size_t key_at, key_len;
};

struct outbox_pack {
	enum pack_step step;

	/* The file that is being read. */
	size_t file; /* index in the letter's list */
	struct payload payload;
	struct segment_reader *reader; /* NULL: none is open */
	const uint8_t *data;
	size_t left;

	/* The split at hand. */
	struct head head;
	struct bytes head_text;
	struct keypart secret; /* K, r, and what they are bound to */
	size_t *files;         /* that its package holds, as indices */
	size_t file_count;
	struct package_plan *plan;
	struct package_writer *writer;
	struct stream *stream;
	struct segment_writer *segment;
	struct sha256 *package_sha;
	struct sha256 *content_sha;
	struct digest content;
	uint64_t content_len;

	struct pack_leaf *leaves;
	size_t leaf_count; /* done so far */
	struct bytes leaf_json;
	struct bytes key_parts;
	struct bytes waybill; /* the JSON, then signed */
	struct bytes cms;
	struct bytes sealed; /* the secret, sealed by the keeper */
	struct digest digest;
};

/* outbox_pack.c */
struct spool *outbox_pack_spool(const struct outbox_letter *letter);

/* The split is durable: the next one, or the end. */
void outbox_pack_next(struct outbox_letter *letter);

/* outbox_contents.c: fresh ids and keys, head, and plan of the container. */
int outbox_contents_make(struct outbox_letter *letter,
    struct error *err) MUST_CHECK;

/* outbox_seal.c: key parts, some at a time; then on by itself. */
int outbox_seal_slice(struct outbox_letter *letter,
    struct error *err) MUST_CHECK;

#endif
