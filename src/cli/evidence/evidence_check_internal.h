/*
 * What the files evidence_check*.c share.
 */
#ifndef CLI_EVIDENCE_CHECK_INTERNAL_H
#define CLI_EVIDENCE_CHECK_INTERNAL_H

#include "base/attr.h"
#include "cli/evidence/evidence_check.h"
#include "log/note.h"
#include "role/message.h"

struct error;
struct message_receipt;
struct offline;

enum { EVIDENCE_MOVES_MAX = 16 };

struct checking {
	const struct evidence_terms *terms;
	struct evidence evidence;
	struct offline *offline;
	struct evidence_verdict *verdict;
	struct digest entries[EVIDENCE_RECEIPTS_MAX]; /* log leaf hashes */
	struct digest remotes[EVIDENCE_RECEIPTS_MAX]; /* that they repeat */
	/* Centers that `moved` gave the delivery to, as the receipts come. */
	char movers[EVIDENCE_MOVES_MAX][MESSAGE_HOST_SIZE];
	size_t mover_count;
	/* The later checkpoints that receipts pointed to so far. */
	bool is_pointed_to[EVIDENCE_CHECKPOINTS_MAX];
	bool has_stamps_checked[EVIDENCE_CHECKPOINTS_MAX];
	struct note_checkpoint later[EVIDENCE_CHECKPOINTS_MAX];
	bool is_answer_used[EVIDENCE_ANSWERS_MAX];
};

/* Steps and times of the events make one story (E3504). */
int evidence_check_order(const struct checking *checking,
    struct error *err) MUST_CHECK;

/*
 * Who cosigned a tree that has this receipt, when the file says so: by enough
 * authorities (E3509), of a tree that continues the receipt's (E3510).  Judged
 * as of the receipt.
 */
int evidence_check_cosigned(struct checking *checking, size_t index,
    const struct statement *statement, const struct message_receipt *receipt,
    struct error *err) MUST_CHECK;

/*
 * The same of time stamps over a tree that has this receipt, by authorities
 * that the newest root names (E3602, E3603).
 */
int evidence_check_stamped(struct checking *checking, size_t index,
    const struct message_receipt *receipt, struct error *err) MUST_CHECK;

/*
 * What the signer's authority said, by the answer that the statement names, if it
 * is here: not revoked by then (E3705), and an answer that holds (E3701 to E3704).
 */
int evidence_check_status(struct checking *checking, size_t index,
    const struct statement *statement, struct error *err) MUST_CHECK;

/* No answer that no statement names, each under its name (E3501). */
int evidence_check_answers(const struct checking *checking,
    struct error *err) MUST_CHECK;

/* No checkpoint that no receipt points to, no two of one size (E3510). */
int evidence_check_later(const struct checking *checking,
    struct error *err) MUST_CHECK;

/*
 * Give the pages of directories to the offline, each under its name (E3501);
 * what they say is judged where it is needed.
 */
int evidence_check_pages(struct checking *checking,
    struct error *err) MUST_CHECK;

/* Names of bulletins and certificates say what they are (E3501, E3506). */
int evidence_check_bulletins(const struct checking *checking,
    struct error *err) MUST_CHECK;
int evidence_check_certificates(const struct checking *checking,
    struct error *err) MUST_CHECK;

#endif
