/*
 * Messages between roles (role/message.h): what the verifier is asked.
 */
#ifndef ROLE_MESSAGE_VERIFIER_H
#define ROLE_MESSAGE_VERIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "envelope/act.h"
#include "envelope/bundle.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"
#include "role/codec.h"
#include "role/message/message_type.h"

/*
 * Verifier.
 */

/* A waybill with the L, K and P records that came with it, as they stand in
 * the bundle. */
struct message_verify_waybill {
	uint8_t kind;        /* enum bundle_type */
	struct blob waybill; /* CMS */
	struct blob records;
};

/* What a waybill says, its signature and structure checked; whether
 * `signer` may sign for `sender` is for the asker. */
struct message_waybill {
	struct digest signer;  /* certificate */
	struct digest waybill; /* digest */
	char environment[MESSAGE_HOST_SIZE];
	struct id waybill_id;
	struct id document_id;
	char sender[ORG_TEXT_SIZE];
	struct digest module;
	char center[MESSAGE_HOST_SIZE];
	int64_t created_at;
	int64_t not_after;
	uint8_t speed;
	uint8_t message;
	struct id earlier;  /* nil for none */
	struct digest head; /* digest */
	struct digest content;
	uint64_t content_len;
	struct digest root;
	uint32_t count;
	struct digest commitment;
	struct blob leaves; /* list of struct message_leaf */
};

/* One recipient of a waybill. */
struct message_leaf {
	char recipient[ORG_TEXT_SIZE];
	char center[MESSAGE_HOST_SIZE];
	struct digest seal;     /* certificate */
	struct digest key_part; /* digest */
	struct digest leaf;     /* hash */
	struct blob leaf_json;
	struct blob key;  /* key part, empty when none came */
	struct blob path; /* P record, empty when none came */
	uint32_t index;   /* in the tree */
};

struct message_verify_act {
	struct blob act; /* CMS */
};

/* What an act says, its signature and structure checked. */
struct message_act {
	struct digest signer;
	char environment[MESSAGE_HOST_SIZE];
	uint8_t event;
	struct digest waybill;
	struct id waybill_id;
	struct digest leaf;
	struct digest content;
	char recipient[ORG_TEXT_SIZE];
	struct digest package; /* zeros for none */
	char reason[MESSAGE_REASON_SIZE];
	struct digest words; /* of what a person says; zeros: nothing */
	char sealed[ACT_SEALED_SIZE]; /* the same for the sender, in base64 */
	int64_t time;
};

/* An addendum and the key part that it is about. */
struct message_verify_addendum {
	struct blob addendum; /* CMS */
	struct blob key_part;
};

/* What an addendum says; signature, structure and the key part's digest
 * checked.  Whether the signer may, and the key is right, is for the asker. */
struct message_addendum {
	struct digest signer;
	char environment[MESSAGE_HOST_SIZE];
	struct digest waybill;
	struct id waybill_id;
	char recipient[ORG_TEXT_SIZE];
	char receiver[ORG_TEXT_SIZE];
	struct digest old_leaf;
	char center[MESSAGE_HOST_SIZE]; /* of the new leaf, as these */
	struct digest seal;
	struct digest key_part;
	uint64_t directory;
	int64_t time;
};

struct message_verify_receipt {
	struct blob receipt; /* JSON */
};

/* What a receipt says: path, checkpoint and act checked against the
 * directory. */
struct message_receipt {
	char environment[MESSAGE_HOST_SIZE];
	char center[MESSAGE_HOST_SIZE];
	uint8_t event;
	struct digest waybill;
	struct id waybill_id;
	char sender[ORG_TEXT_SIZE];
	char recipient[ORG_TEXT_SIZE];
	struct digest leaf;
	char at[MESSAGE_HOST_SIZE];
	int64_t time;
	uint8_t signer_class; /* enum statement_signer */
	struct digest status; /* of the revocation answer used; zeros: none */
	struct digest entry;  /* log leaf hash */
	uint64_t index;
	uint64_t directory;               /* serial by which it was judged */
	char origin[MESSAGE_ORIGIN_SIZE]; /* of its checkpoint, as these */
	uint64_t log_size;
	struct digest log_root;
	struct blob act; /* struct message_act, empty for none */
	struct blob act_cms;
};

/* Any CMS with up to `signers_max` signers; `content` for a detached one. */
struct message_verify_signed {
	struct blob cms;
	struct blob content;
	uint16_t signers_max;
};

struct message_signed {
	struct blob content; /* empty when it was detached */
	struct blob signers; /* certificate digests, 32 bytes each */
};

/* A log's request to cosign (log/add_checkpoint.h), as it came. */
struct message_verify_checkpoint {
	struct blob request;
};

/* What it says; the log's signature holds. */
struct message_checkpoint {
	char center[MESSAGE_HOST_SIZE]; /* whose log it is */
	bool is_management;
	char origin[MESSAGE_ORIGIN_SIZE];
	uint64_t old_size;
	uint64_t size;
	struct digest root;
	struct blob proof; /* hashes */
	struct blob note;
	/* Of management's: the timestamp that is its last entry (JSON, CMS). */
	struct blob stated;
	struct blob stated_cms;
};

/* A checkpoint with cosignatures. */
struct message_verify_cosigned {
	struct blob note;
};

struct message_cosigned {
	char origin[MESSAGE_ORIGIN_SIZE];
	uint64_t size;
	struct digest root;
	uint16_t authorities; /* whose good cosignatures it bears */
	uint16_t quorum;      /* that the root asks for; 0: none */
	int64_t time;         /* of the oldest of them */
};

/* What a time-stamping authority answered (RFC 3161). */
struct message_verify_stamp {
	struct blob response;
	struct digest digest; /* that it was asked to stamp */
	uint64_t nonce;
};

/* Where the revocation of a certificate can be asked, and what to send. */
struct message_status_ask {
	struct blob certificate; /* DER */
	struct digest nonce;
};

struct message_status_places {
	struct blob ocsp; /* URLs, as the certificate has them, a line each */
	struct blob crl;  /* the same */
	struct blob request; /* an OCSPRequest */
};

/* What a responder answered about one certificate, or a list about several. */
struct message_verify_status {
	bool is_list;
	bool has_nonce;
	struct digest nonce;
	struct blob answer;
	struct blob
	    certificates; /* list of struct message_status_certificate */
};

struct message_status_certificate {
	struct blob certificate; /* DER */
};

struct message_status {
	struct blob verdicts; /* list of struct message_status_one, in order */
};

/* What it says of one of them; `failure` when that does not count. */
struct message_status_one {
	uint8_t state; /* enum revocation_state */
	uint8_t reason;
	int64_t revoked_at;
	int64_t this_update;
	int64_t next_update;
	struct error failure;
};

/* A token that holds, by an authority that the root names. */
struct message_stamp {
	char authority[MESSAGE_AUTHORITY_SIZE];
	int64_t time; /* it existed before then */
	struct blob token;
};

/*
 * Checkpoints that somebody holds against a newer one with proofs, which is
 * cosigned, or stamped: as GET /v1/log/cosigned or /v1/log/stamps answers.
 */
struct message_verify_grown {
	bool is_stamped;
	struct blob answer;
	struct blob held; /* list of struct message_held, of one log */
};

struct message_held {
	uint64_t size;
	struct digest root;
	struct blob note; /* as it came */
};

struct message_grown {
	struct blob cosigned; /* struct message_cosigned */
	struct blob note;     /* with its cosignatures, part of the answer */
	struct blob stamps;   /* list of struct message_stamp that hold */
	struct blob verdicts; /* list of struct message_grown_one, as held */
};

struct message_grown_one {
	uint8_t verdict;      /* enum message_growth */
	struct blob proof;    /* hashes, where it is continued */
	struct blob conflict; /* log/conflict.h, where it is proven */
};

enum message_growth {
	GROWTH_UNKNOWN, /* the answer says nothing of it */
	GROWTH_CONTINUED,
	GROWTH_CONFLICT,
	GROWTH_UNPROVEN, /* the proof does not hold */
	GROWTH_LOST,     /* of an earlier epoch, behind what was restored */
};

/* A bulletin that arrived, or one from the store at start; the verifier
 * keeps what is in force. */
struct message_bulletin_take {
	int64_t now;
	bool is_stored;  /* it was judged when it came */
	bool is_checked; /* what it says was seen to fit */
	struct blob cms;
	struct blob receipt; /* of management's log; or nothing */
};

struct message_bulletin_taken {
	bool is_new; /* store it, use it */
	/* It may enlarge power, and is not taken before it is asked for as checked. */
	bool is_pending;
	uint8_t kind; /* enum bulletin_type */
	char name[MESSAGE_HOST_SIZE];
	uint64_t serial;
	struct digest digest;
	int64_t issued_at;
	int64_t expires_at;
	bool is_shown;       /* the receipt holds: enough witnesses cosigned */
	bool needs;          /* it may not be handed out without one */
	int64_t fresh_at;    /* of a timestamp: by its issue and cosignatures */
	struct blob signers; /* fingerprints, 32 bytes each; of a directory */
	struct blob json;
	/* Of a root: whose signers it took the role from, "rules,access/a". */
	struct blob disowned;
};

/* Gateway: open a key part with the keeper's help. */
struct message_open_key {
	struct blob key_part; /* CMS */
};

/* Words with an act (envelope/act_words.h), sealed for us. */
struct message_open_words {
	struct blob sealed; /* CMS */
};

struct message_words {
	struct blob plain; /* salt and words, not compared with anything */
};

/* What a key part holds. */
struct message_key {
	struct digest head;
	char recipient[ORG_TEXT_SIZE];
	struct digest key;
	struct digest random;
	struct digest package;
	struct digest seal; /* certificate whose key opened it */
};

#endif
