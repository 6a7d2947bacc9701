/*
 * What a letter must fulfil to be let in, beyond what the verifier checked: is
 * it ours, from whom, and does everything in it speak of the same letter
 * (docs/protocol.md 9).  Pure.
 */
#ifndef GATEWAY_INBOX_JUDGE_H
#define GATEWAY_INBOX_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/event.h"
#include "role/message.h"

struct directory;
struct error;
struct inbox_row;
struct spool_key;

/* Who we are. */
struct inbox_place {
	const char *environment;
	const char *host;   /* our name */
	const char *center; /* ours */
	const struct directory *directory;
	const struct spool_key *keys; /* of the keeper */
	size_t key_count;
};

/*
 * The waybill that was fetched as `row` (its names): ERROR_UNTRUSTED for
 * another waybill or recipient (E4301), one that is not received here (E4302);
 * ERROR_BUSY before there is a directory.
 */
int inbox_judge_waybill(const struct inbox_place *place,
    const struct inbox_row *row, const struct message_waybill *waybill,
    const struct message_leaf *leaf, struct error *err) MUST_CHECK;

/*
 * Whether the sender's module signed it, as of when our center took it: one that
 * was revoked since counts.  ERROR_UNTRUSTED E4303.
 */
int inbox_judge_module(const struct inbox_place *place,
    const struct message_waybill *waybill, int64_t at_ms,
    struct error *err) MUST_CHECK;

/*
 * True if we hold the key that the letter's key part is for, and, where its
 * recipient is another organisation that we took over, an addendum names us.
 */
bool inbox_judge_can_open(const struct inbox_place *place,
    const struct inbox_row *row);

/*
 * The addendum that came with another key part of the letter
 * (admission_judge_rewrap()); the verifier checked what needs no directory.
 */
int inbox_judge_addendum(const struct inbox_place *place,
    const struct inbox_row *row, const struct message_addendum *addendum,
    int64_t now_ms, struct error *err) MUST_CHECK;

/*
 * The receipt that came with it: our center accepted or relayed this waybill
 * (E4306).
 */
int inbox_judge_origin(const struct inbox_place *place,
    const struct message_waybill *waybill,
    const struct message_receipt *receipt, struct error *err) MUST_CHECK;

/* The receipt of our act (E4306). */
int inbox_judge_receipt(const struct inbox_place *place,
    const struct inbox_row *row, enum event event,
    const struct message_receipt *receipt, struct error *err) MUST_CHECK;

/* What the key part says (E3124), and that our named key opened it (E4304). */
int inbox_judge_key(const struct inbox_row *row, const struct message_key *key,
    struct error *err) MUST_CHECK;

/* What the package says of itself (E4307). */
int inbox_judge_package(const struct inbox_place *place,
    const struct inbox_row *row, const struct message_unpacked *unpacked,
    struct error *err) MUST_CHECK;

/*
 * `signers` of the package: one, with a `sign` key of the sender that was not
 * revoked at `at_ms`, when our center took it (E4308).
 */
int inbox_judge_signer(const struct inbox_place *place,
    const struct inbox_row *row, struct blob signers, int64_t at_ms,
    struct error *err) MUST_CHECK;

#endif
