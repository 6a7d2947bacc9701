/*
 * What an evidence file proves (docs/evidence.md): every signature, every path
 * and every binding, judged as of the time of each event by the bulletins of
 * that time, without asking any host.
 */
#ifndef CLI_EVIDENCE_CHECK_H
#define CLI_EVIDENCE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "bulletin/root.h"
#include "envelope/act_words.h"
#include "envelope/leaf.h"
#include "envelope/statement.h"
#include "envelope/waybill.h"
#include "evidence/evidence.h"
#include "model/digest.h"
#include "model/event.h"
#include "model/revocation.h"

struct error;

enum { EVIDENCE_ORG_NAME_SIZE = 256 };

/* Who judges, and by what. */
struct evidence_terms {
	const char *root; /* digest of the first root, 64 hex digits */
	const char *environment;
	const char *bulletins; /* folder with more of them; NULL: none */
	/* A package that must be the letter; zeros: none to compare. */
	struct digest package;
	int64_t now;
};

/* Who cosigned. */
struct evidence_witness {
	char name[BULLETIN_NAME_SIZE];
	char authority[ROOT_AUTHORITY_SIZE];
	int64_t time; /* the witness's word */
};

/* An authority that time-stamped. */
struct evidence_stamp {
	char authority[ROOT_AUTHORITY_SIZE];
	int64_t time; /* it existed before then */
};

/* One receipt that holds. */
struct evidence_event {
	enum event event;
	int64_t time; /* the center's word */
	char center[STATEMENT_NAME_SIZE];
	char at[STATEMENT_NAME_SIZE]; /* where it happened */
	uint64_t index;               /* in the center's log */
	uint64_t directory;           /* serial it was judged by */
	int64_t fresh_at;             /* as of when that was fresh; 0: never */
	enum statement_signer signer;
	struct digest act_signer; /* certificate; zeros: no act */
	int64_t act_time;         /* the signer's word */
	char reason[32];
	bool has_words; /* a person said something with it ... */
	char
	    words[ACT_WORDS_SIZE]; /* ... and what; "": it is not in the file */
	bool is_repeat;            /* of what the other center stated */
	/* Of a tree that has it; without any it is unwitnessed. */
	struct evidence_witness witnesses[ROOT_WITNESSES_MAX];
	size_t witness_count;
	int64_t witnessed_at; /* by then all of them had */
	struct evidence_stamp stamps[EVIDENCE_STAMPS_MAX];
	size_t stamp_count;
	/* Tokens of authorities in which a newer root ended the trust. */
	size_t ended_stamp_count;
	/* Of the signer's certificate, by an answer that the center used. */
	bool has_status;
	enum revocation_grade standing; /* UNREACHABLE: it is not in the file */
	int64_t status_at;              /* the answer's own time */
};

struct evidence_verdict {
	struct waybill waybill;
	struct leaf leaf;
	struct digest leaf_hash;
	char sender_name[EVIDENCE_ORG_NAME_SIZE];
	char recipient_name[EVIDENCE_ORG_NAME_SIZE];
	struct digest package; /* zeros before `opened` */
	struct evidence_event events[EVIDENCE_RECEIPTS_MAX];
	size_t event_count;
	const struct evidence_event *last; /* how far it came */
};

/*
 * Judge a file.  Fails as evidence_read(), offline_open_parts(),
 * verify_waybill() and verify_receipt() do, with the part's name before it; and
 * with E3503 (parts of different deliveries), E3504 (events contradict each
 * other in order or time), E3505 (a bulletin by which it was judged is not
 * there), E3506 (a certificate that is none of the parties'), E3507 (no
 * receipt), E3509 (too few witnesses), E3510 (what they cosigned, or what was
 * stamped, is not the receipt's log), E3602 and E3603 (time stamps), E3701 to E3705 (revocation
 * answers).
 */
int evidence_check(const void *data, size_t len,
    const struct evidence_terms *terms, struct evidence_verdict *ret_verdict,
    struct error *err) MUST_CHECK;

#endif
