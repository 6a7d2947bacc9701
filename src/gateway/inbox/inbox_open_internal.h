/*
 * What inbox_open.c and inbox_enter.c share: a letter that is being opened.
 */
#ifndef GATEWAY_INBOX_OPEN_INTERNAL_H
#define GATEWAY_INBOX_OPEN_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "envelope/act.h"
#include "envelope/keypart.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_share.h"
#include "store/payload.h"
#include "sys/scratch_file.h"

struct segment_reader;
struct segment_writer;
struct sha256;
struct stream;

struct inbox_opening {
	struct inbox_job *job;
	struct loop_timer *timer; /* the next slice */
	bool waits_for_place;     /* the key is here, a place is not */
	bool has_place;           /* one of INBOX_DECRYPTING_MAX */
	bool leads; /* the others of its waybill wait for what it opens */
	struct inbox_shared shared; /* what another one of them has opened */
	struct keypart part;        /* key and package alone; secret */
	struct payload content;
	struct segment_reader *reader;
	struct stream *stream;
	struct sha256 *sha;
	struct segment_writer *writer; /* of the package, for the inbox */
	struct scratch_file scratch;   /* the same, for the reader */
	uint64_t package_len;
	struct message_unpacked unpacked; /* points into job->body */
	struct digest signer;             /* of the package */
};

/* Try again, or state that the letter cannot be read. */
void inbox_open_fail(struct inbox_job *job, enum act_reason reason,
    const struct error *failure);

/* Another delivery of the waybill has opened it: what is ours is compared. */
void inbox_open_shared(struct inbox_job *job);

/* The package is decrypted: inbox_enter.c goes on. */
void inbox_open_unpack(struct inbox_job *job);

#endif
