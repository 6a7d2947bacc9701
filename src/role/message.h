/*
 * Every message that roles of one host send each other, as a struct and the
 * table that encodes it.  Who sends what to whom: docs/processes.md.
 *
 * A request carries an id; its answer carries the same id and is one of the
 * named kind, or message_failed.
 */
#ifndef ROLE_MESSAGE_H
#define ROLE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "envelope/act.h"
#include "envelope/bundle.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"
#include "role/codec.h"

enum {
	MESSAGE_HOST_SIZE = 41,
	MESSAGE_REASON_SIZE = 24,
	MESSAGE_KEY_NAME_SIZE = 64,
	MESSAGE_IDEMPOTENCY_SIZE = 129,
	MESSAGE_HAVE_SIZE = 2560, /* some 100 access lists */
	MESSAGE_METHOD_SIZE = 8,
	MESSAGE_PATH_SIZE = 3072,
	MESSAGE_TYPE_SIZE = 64,
	MESSAGE_LANGUAGE_SIZE = 16,
	MESSAGE_MATCH_SIZE = 96,
	MESSAGE_TRACE_SIZE = 33,
	MESSAGE_OFFICE_SIZE = 80,
	MESSAGE_FILE_NAME_SIZE = 256,
	MESSAGE_SUBJECT_SIZE = 1024,
	MESSAGE_REFERENCE_SIZE = 128,
	MESSAGE_NAME_SIZE = 192,
	MESSAGE_STAMP_SIZE = 64,
	MESSAGE_UNIT_SIZE = 33,
	MESSAGE_NUMBER_SIZE = 32,
	MESSAGE_WHEN_SIZE = 64,
	MESSAGE_VERIFY_SIZE = 192,
	MESSAGE_MISSING_SIZE = 384,
	MESSAGE_ORIGIN_SIZE = 128,
	MESSAGE_AUTHORITY_SIZE = 65,
	MESSAGE_URL_SIZE = 512,
	MESSAGE_ADDRESS_SIZE = 64,
};

/* What the keeper is asked to sign. */
enum keeper_kind {
	KEEPER_PACKAGE = 1, /* an ASiC manifest, detached; key sign.<code> */
	KEEPER_WAYBILL,     /* key module */
	KEEPER_ACT,         /* module, or sign.<code> for confirmed, returned */
	KEEPER_CHECKPOINT,  /* key log */
	KEEPER_BULLETIN,    /* key timestamp, type timestamp only */
	KEEPER_COSIGNATURE, /* key witness, over a checkpoint and the time */
	KEEPER_ADDENDUM,    /* key module */
	KEEPER_REQUEST,     /* of a case; key module */
};

enum message_type {
	MESSAGE_NONE,
	MESSAGE_READY,
	MESSAGE_OPEN,
	MESSAGE_DRAIN,
	MESSAGE_DRAINED,
	MESSAGE_STOP,
	MESSAGE_FAILED,
	MESSAGE_DONE,
	MESSAGE_ARENA,
	MESSAGE_DIRECTORY,
	MESSAGE_UPLOAD_BEGIN,
	MESSAGE_UPLOAD_DATA,
	MESSAGE_UPLOAD_FREE,
	MESSAGE_UPLOAD_ABORT,
	MESSAGE_PAYLOAD_READ,
	MESSAGE_PAYLOAD_DATA,
	MESSAGE_PAYLOAD_FREE,
	MESSAGE_VERIFY_WAYBILL,
	MESSAGE_WAYBILL,
	MESSAGE_LEAF,
	MESSAGE_VERIFY_ACT,
	MESSAGE_ACT,
	MESSAGE_VERIFY_ADDENDUM,
	MESSAGE_ADDENDUM,
	MESSAGE_VERIFY_RECEIPT,
	MESSAGE_RECEIPT,
	MESSAGE_VERIFY_SIGNED,
	MESSAGE_SIGNED,
	MESSAGE_VERIFY_CHECKPOINT,
	MESSAGE_CHECKPOINT,
	MESSAGE_VERIFY_COSIGNED,
	MESSAGE_COSIGNED,
	MESSAGE_VERIFY_STAMP,
	MESSAGE_STAMP,
	MESSAGE_VERIFY_GROWN,
	MESSAGE_GROWN,
	MESSAGE_HELD,
	MESSAGE_GROWN_ONE,
	MESSAGE_STATUS_ASK,
	MESSAGE_STATUS_PLACES,
	MESSAGE_VERIFY_STATUS,
	MESSAGE_STATUS,
	MESSAGE_STATUS_CERTIFICATE,
	MESSAGE_STATUS_ONE,
	MESSAGE_BULLETIN_TAKE,
	MESSAGE_BULLETIN_TAKEN,
	MESSAGE_OPEN_KEY,
	MESSAGE_KEY,
	MESSAGE_OPEN_WORDS,
	MESSAGE_WORDS,
	MESSAGE_KEY_LIST,
	MESSAGE_KEYS,
	MESSAGE_KEY_ENTRY,
	MESSAGE_SIGN,
	MESSAGE_SIGN_BATCH,
	MESSAGE_STATEMENT,
	MESSAGE_SIGNATURE,
	MESSAGE_UNWRAP,
	MESSAGE_UNWRAPPED,
	MESSAGE_KEEP,
	MESSAGE_KEPT,
	MESSAGE_MODULE,
	MESSAGE_MODULE_STATE,
	MESSAGE_KEY_USES,
	MESSAGE_ISSUE,
	MESSAGE_ISSUED,
	MESSAGE_VERIFY_MODULE_REQUEST,
	MESSAGE_MODULE_REQUEST,
	MESSAGE_SUBMIT,
	MESSAGE_SUBMITTED,
	MESSAGE_ARRIVING,
	MESSAGE_OFFSET_READ,
	MESSAGE_OFFSET,
	MESSAGE_ACT_SUBMIT,
	MESSAGE_ACTED,
	MESSAGE_REWRAP_SUBMIT,
	MESSAGE_RECEIPT_SUBMIT,
	MESSAGE_WITNESS,
	MESSAGE_WITNESSED,
	MESSAGE_WATCH,
	MESSAGE_WATCHED,
	MESSAGE_UNWATCH,
	MESSAGE_FEED_ACKNOWLEDGE,
	MESSAGE_FEED_READ,
	MESSAGE_FEED,
	MESSAGE_DELIVERY_READ,
	MESSAGE_DELIVERY,
	MESSAGE_BULLETINS_READ,
	MESSAGE_BULLETINS,
	MESSAGE_PAGES_READ,
	MESSAGE_PAGES,
	MESSAGE_CALL,
	MESSAGE_CALLED,
	MESSAGE_FETCH,
	MESSAGE_FETCHED,
	MESSAGE_LINK,
	MESSAGE_ADMIT,
	MESSAGE_ADMITTED,
	MESSAGE_TOUCH,
	MESSAGE_REQUEST,
	MESSAGE_FILE,
	MESSAGE_RESPONSE,
	MESSAGE_CANCEL,
	MESSAGE_CHECK,
	MESSAGE_CHECK_FILE,
	MESSAGE_REPORT,
	MESSAGE_ROSTER_ENTRY,
	MESSAGE_UNPACK,
	MESSAGE_UNPACKED,
	MESSAGE_PACKED_FILE,
	MESSAGE_RENDER,
	MESSAGE_RENDERED,
	MESSAGE_INSPECT,
	MESSAGE_INSPECTED,
	MESSAGE_FINDING,
	MESSAGE_MAKE,
	MESSAGE_MADE,
	MESSAGE_COUNT
};

/*
 * Life of a role: with the parent.
 */

/* Role to parent: start-up is over and the sandbox closed. */
struct message_ready {
	bool has_landlock;
};

/*
 * MESSAGE_OPEN, no body.  Spooler to listener: keys and bulletins of before are
 * there, so I can do what you ask me.  Connections wait until then.
 *
 * MESSAGE_DRAIN, no body.  Parent to listener: take nothing new, finish what
 * runs, for as long as you may; then tell me MESSAGE_DRAINED (no body).
 *
 * MESSAGE_STOP, no body.  Parent to role: exit.
 */

/*
 * Answers that every request may get.
 */

/* The request failed; nothing changed. */
struct message_failed {
	struct error error;
};

/* MESSAGE_DONE, no body.  The request succeeded and is durable. */

/*
 * Shared memory and directory, sent unasked.
 */

/*
 * MESSAGE_ARENA, no body.  With a descriptor: the arena through which the
 * sender of this message fills slots for the receiver.
 */

/*
 * Spooler to all, with a descriptor: a new directory image, sealed.  Without
 * one the image is as it was.
 */
struct message_directory {
	uint64_t root; /* serials */
	uint64_t directory;
	uint64_t network;
	uint64_t timestamp;
	uint64_t measures; /* sum of those of hold, suspension, restoration */
	int64_t fresh_at;  /* of the newest timestamp: bulletins.h */
};

/*
 * Payload into the store: listener or courier to spooler.  Uploads are
 * numbered by the filler, per channel.
 */

struct message_upload_begin {
	uint64_t upload;
	uint64_t len;    /* UINT64_MAX: not known yet */
	uint64_t ticket; /* of what goes on with a partial, else 0 */
};

struct message_upload_data {
	uint64_t upload;
	uint16_t slot;
	uint32_t len;
};

/* Spooler to filler: the slot was copied. */
struct message_upload_free {
	uint16_t slot;
};

/* Filler to spooler: forget it. */
struct message_upload_abort {
	uint64_t upload;
};

/*
 * Payload out of the store: query to listener or courier.
 */

/* Ask for one slot at most. */
struct message_payload_read {
	uint64_t payload;
	uint64_t offset;
};

struct message_payload_data {
	uint16_t slot;
	uint32_t len;
	bool is_last;
};

/* Reader to query: the slot was copied. */
struct message_payload_free {
	uint16_t slot;
};

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

/*
 * Keeper: the crypto module.
 */

struct message_keys {
	struct blob keys; /* list of struct message_key_entry */
};

struct message_key_entry {
	char name[MESSAGE_KEY_NAME_SIZE]; /* as in the configuration */
	struct digest certificate;
	struct blob der;
};

/* Sign a typed statement: the keeper looks at its first bytes and refuses
 * what the key may not sign. */
struct message_sign {
	char key[MESSAGE_KEY_NAME_SIZE];
	uint8_t kind; /* enum keeper_kind */
	int64_t time;
	struct blob statement;
};

/*
 * Sign many statements of one kind at once: each is looked at as above, then
 * one signature is made over the tree of all (envelope/batch.h).
 */
struct message_sign_batch {
	char key[MESSAGE_KEY_NAME_SIZE];
	uint8_t kind; /* KEEPER_WAYBILL or KEEPER_ACT */
	int64_t time;
	struct blob statements; /* list of struct message_statement */
};

struct message_statement {
	struct blob statement;
};

struct message_signature {
	/* CMS; for checkpoints and cosignatures the 64 bytes of Ed25519. */
	struct blob signature;
};

/* Verifier to keeper: fixed fields of a key part, no CMS. */
struct message_unwrap {
	struct blob fields; /* sealed_codec_encode() */
};

struct message_unwrapped {
	struct blob key; /* content-encryption key */
	struct digest seal;
};

/* Seal a secret for the store; and open it again. */
struct message_keep {
	bool is_open;
	struct blob secret;
};

struct message_kept {
	struct blob secret;
};

/* What the crypto module is to do, and how it is then. */
enum module_action {
	MODULE_SHOW,
	MODULE_SELFTEST,
	MODULE_ZEROISE,
	MODULE_RELEASE, /* take note of `programs` */
};

struct message_module {
	uint8_t action;       /* enum module_action */
	bool is_ours;         /* the release is of the version that runs */
	struct blob programs; /* digests that the release bulletin names */
};

struct message_module_state {
	uint8_t state;     /* enum keeper_state */
	uint8_t integrity; /* enum keeper_integrity */
	struct digest program;
	uint32_t passed; /* bits 1 << enum known_answer */
	uint64_t uses_max;
	struct blob failure; /* text */
	struct blob keys;    /* list of struct message_key_uses */
};

struct message_key_uses {
	char name[MESSAGE_KEY_NAME_SIZE];
	struct digest certificate;
	uint64_t uses;
};

/* Management: the certificate of a gateway's crypto module, by key `issuer`. */
enum { MESSAGE_CODES_SIZE = 513 };

struct message_issue {
	char host[MESSAGE_HOST_SIZE];
	char codes[MESSAGE_CODES_SIZE]; /* organisations, a blank between */
	struct blob public_key;         /* P-256, uncompressed point */
	int64_t not_before_at;
	int64_t not_after_at;
};

struct message_issued {
	struct blob certificate; /* DER */
};

/* What a gateway asks for: the verifier takes it apart. */
struct message_verify_module_request {
	struct blob request; /* docs/crypto-module.md */
};

struct message_module_request {
	char host[MESSAGE_HOST_SIZE];
	char codes[MESSAGE_CODES_SIZE];
	int64_t time;
	struct blob public_key;
	struct blob json; /* what is authenticated by the one-time code ... */
	struct blob mac;  /* ... with this HMAC */
};

/*
 * Center: listener to spooler and query.
 */

/*
 * After its content was uploaded.  With `upload` 0 only an offer of content
 * from `offset` on: answered by arriving, or, for a waybill that is accepted
 * already, by submitted.
 */
struct message_submit {
	uint8_t kind; /* enum bundle_type */
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	uint64_t upload;
	uint64_t offset;      /* of the content in this request */
	uint64_t content_len; /* from there on */
	struct blob waybill;  /* struct message_waybill */
	struct blob cms;
	struct blob receipt; /* of the origin, relays only */

	/* Of what comes from another center that decided it before. */
	struct blob moved; /* list of struct message_verify_receipt */
	uint8_t reached;   /* enum delivery_state, where it was */
	uint8_t flags;     /* enum message_moved_flag */
	int64_t held_ms;   /* so long its clock stood */
};

enum message_moved_flag { MESSAGE_MOVED_UNREADABLE = 1 };

struct message_submitted {
	bool is_repeat;
	struct blob receipt;
};

struct message_arriving {
	uint64_t ticket; /* for the upload of the content */
};

/* How much of the content of a waybill from this host is durable. */
struct message_offset_read {
	char host[MESSAGE_HOST_SIZE];
	struct digest waybill; /* digest */
	bool is_move;          /* it is for a delivery that moves */
};

struct message_offset {
	bool is_accepted; /* all of it */
	uint64_t offset;
};

struct message_act_submit {
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	struct blob act; /* struct message_act */
	struct blob cms;
	uint64_t epoch; /* of the log, as the host knows it; 0: untold */
	bool is_again;  /* it was stated in an earlier epoch of the log */
	char center[MESSAGE_HOST_SIZE]; /* that had the delivery; "": untold */
};

struct message_acted {
	bool is_repeat;
	struct blob receipt;
	struct blob key_part; /* for fetched and rewrap only */
	struct blob addendum; /* CMS, when that key part came later */
	struct blob answer;   /* another center's, in place of all that */
};

/* An addendum with its key part. */
struct message_rewrap_submit {
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	struct blob addendum; /* struct message_addendum */
	struct blob cms;
	struct blob key_part;
};

/* A receipt of another center; answered by done. */
struct message_receipt_submit {
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	struct blob receipt; /* struct message_receipt */
	struct blob json;
};

/* Listener to spooler: cosign it if it continues what was cosigned before. */
struct message_witness {
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	struct blob checkpoint; /* struct message_checkpoint */
};

struct message_witnessed {
	bool is_cosigned; /* else `size` is what the log must begin at */
	uint64_t size;
	struct blob line; /* of the note */
};

/* Answered when the host's feed has something above `after`: at once or
 * later. */
struct message_watch {
	char host[MESSAGE_HOST_SIZE];
	uint64_t after;
};

struct message_watched {
	uint64_t newest;
};

/* MESSAGE_UNWATCH, no body.  The asker of the request with this id is gone. */

struct message_feed_acknowledge {
	char host[MESSAGE_HOST_SIZE];
	uint64_t through;
	uint64_t epoch;    /* of the log, as the host knows it; 0: untold */
	bool is_caught_up; /* nothing more of before that epoch will come */
	bool is_restored;  /* the host has forgotten what it acknowledged */
};

/* To query. */
struct message_feed_read {
	char host[MESSAGE_HOST_SIZE];
	uint64_t after;
	uint32_t limit;
	uint64_t epoch; /* as in feed_acknowledge */
};

struct message_feed {
	struct blob json;
};

/* To query. */
struct message_delivery_read {
	char host[MESSAGE_HOST_SIZE];
	struct id waybill_id;
	char recipient[ORG_TEXT_SIZE];
};

struct message_delivery {
	struct blob records; /* W R L P of the bundle */
	uint64_t payload;
	uint64_t content_len; /* all of it */
};

/* To query: those newer than named in `have`. */
struct message_bulletins_read {
	char have[MESSAGE_HAVE_SIZE];
};

struct message_bulletins {
	struct blob bundle;
};

/* Parts of the directory (docs/protocol.md 6.3): GET /v1/directory/pages. */
struct message_pages_read {
	struct digest root;
	uint16_t from; /* pages from here */
	uint16_t to;   /* up to, without it; 0: their digests */
};

struct message_pages {
	struct blob data;
};

/*
 * Courier: the spooler's HTTP client.
 */

/* `peer`: a center's name, or "management".  `body` comes first, then the
 * payload if there is one. */
struct message_call {
	char peer[MESSAGE_HOST_SIZE];
	char method[MESSAGE_METHOD_SIZE];
	char path[MESSAGE_PATH_SIZE];
	char type[MESSAGE_TYPE_SIZE]; /* content type */
	struct blob body;
	uint64_t payload; /* 0: none */
	uint64_t payload_offset;
	uint64_t payload_len; /* from there on */
	uint64_t ticket;      /* for the content part of the answer, or 0 */
	uint32_t timeout_ms;
	bool
	    is_bundle; /* the answer is a bundle: its content part becomes an upload */
};

struct message_called {
	uint16_t status;
	char type[MESSAGE_TYPE_SIZE];
	struct blob
	    body;        /* for a bundle: the records before the content part */
	uint64_t upload; /* of the content part */
	uint64_t upload_len;
	int64_t peer_time; /* yizhan-time of the answer, 0 if it had none */
	char serials[MESSAGE_HAVE_SIZE];
	uint32_t retry_after_s; /* of a refusal, 0 if it had none */
};

/* From a server outside of the network (http/http_fetch.h). */
struct message_fetch {
	char url[MESSAGE_URL_SIZE];
	char address[MESSAGE_ADDRESS_SIZE]; /* "": it is in the URL */
	char type[MESSAGE_TYPE_SIZE];       /* "": GET, without a body */
	struct blob headers;                /* name NUL value NUL ... */
	struct blob body;
	uint32_t answer_max;
	uint32_t timeout_ms;
};

struct message_fetched {
	uint16_t status;
	char type[MESSAGE_TYPE_SIZE];
	struct blob body;
};

/* Courier to query, unasked: how it stands with a peer, when that changes. */
struct message_link {
	char peer[MESSAGE_HOST_SIZE];
	bool is_well;  /* connected, or closed while nobody had a call */
	int64_t since; /* ms */
	char code[ERROR_ID_SIZE]; /* of the failure; "" when it is well */
	char why[ERROR_TEXT_SIZE];
};

/*
 * Local API and management: listener to spooler or query.
 */

struct message_request {
	char method[MESSAGE_METHOD_SIZE];
	char path[MESSAGE_PATH_SIZE]; /* with its query */
	char type[MESSAGE_TYPE_SIZE];
	char key[MESSAGE_IDEMPOTENCY_SIZE]; /* Idempotency-Key */
	char language[MESSAGE_LANGUAGE_SIZE];
	uint32_t uid;
	struct digest fingerprint; /* zeros on the control socket */
	uint8_t door;              /* enum listener_callers */
	/* Of people and document systems: SHA-256 of what they show; zeros. */
	struct digest session;
	struct digest token;
	char address[MESSAGE_ADDRESS_SIZE];
	char match[MESSAGE_MATCH_SIZE]; /* If-Match */
	char trace[MESSAGE_TRACE_SIZE]; /* http/http_trace.h */
	/* Of a management host: in which office, for whom; "" for neither. */
	char office[MESSAGE_OFFICE_SIZE];
	char organisation[ORG_TEXT_SIZE];
	struct blob body;
	struct blob files; /* list of struct message_file */

	/* Not sent: set by people_admit() of whoever is asked. */
	char actor[MESSAGE_NAME_SIZE];  /* person, or name of the token */
	char behalf[MESSAGE_NAME_SIZE]; /* for whom as a deputy; "": nobody */
	char scope[ORG_TEXT_SIZE];      /* whose letters it is about; "": all */
	int64_t person; /* with whose rights: its row; 0: no person */
	char unit[MESSAGE_UNIT_SIZE]; /* of that person; "": registry desk */
	bool is_limited; /* sees only what was assigned to it or its unit */
};

/*
 * MESSAGE_ADMIT, listener to query, with a struct message_request without body:
 * may they, before their body is read?
 */
struct message_admitted {
	char actor[MESSAGE_NAME_SIZE];
	char scope[ORG_TEXT_SIZE];
	bool wants_touch; /* the session was last used some time ago */
};

/* Listener to spooler: the session is in use. */
struct message_touch {
	struct digest session;
};

struct message_file {
	char name[MESSAGE_FILE_NAME_SIZE];
	uint64_t upload;
	uint64_t len;
	/* Of the last part of a file (partials.h): all of it; 0 and zeros. */
	uint64_t total;
	struct digest wanted;
};

struct message_response {
	uint16_t status;
	char type[MESSAGE_TYPE_SIZE];
	struct blob body;
	uint64_t payload; /* 0: none; else it follows the body */
	uint64_t payload_offset;
	uint64_t payload_len;
	uint32_t pages; /* of a PDF, else 0 */
	char missing
	    [MESSAGE_MISSING_SIZE]; /* "U+4DAE U+...": no font has them */
	struct blob headers;        /* more fields: name NUL value NUL ... */
};

/* MESSAGE_CANCEL, no body.  The asker of the request with this id is gone. */

/*
 * Reader: one process per document.
 */

/* Check what is about to be sent. */
struct message_check {
	struct blob files; /* list of struct message_check_file */
};

struct message_check_file {
	char name[MESSAGE_FILE_NAME_SIZE];
	uint64_t len;
	struct blob data; /* DI, SW and DM whole, of others the first 4 KiB */
};

struct message_report {
	bool is_accepted;
	struct blob json;    /* findings and model */
	struct blob rosters; /* list of struct message_roster_entry */
	char subject[MESSAGE_SUBJECT_SIZE];
	char reference[MESSAGE_REFERENCE_SIZE];
	char sender[ORG_TEXT_SIZE];
	uint8_t speed;
	uint8_t message;
};

struct message_roster_entry {
	uint16_t roster; /* position of its file in the list */
	char recipient[ORG_TEXT_SIZE];
	char name[MESSAGE_NAME_SIZE];
	bool with_attachments;
	bool is_copy;
	bool is_person; /* `name` is a person's */
	uint32_t line;  /* where the name stands; 0 if not known */
	uint32_t column;
};

/*
 * Look into one attachment (archive/archive_inspect.h), with a read-only
 * descriptor of it.
 */
struct message_inspect {
	char name[MESSAGE_FILE_NAME_SIZE];
	uint8_t policy; /* enum archive_policy */
	uint64_t bytes; /* what those before it took: struct archive_spent */
	uint64_t files;
};

struct message_inspected {
	struct blob findings; /* list of struct message_finding */
	uint64_t bytes;       /* with what this one took */
	uint64_t files;
};

struct message_finding {
	char rule[ERROR_ID_SIZE];
	bool is_error;
	char text[MESSAGE_NAME_SIZE];
};

/* With a read-only descriptor of the package. */
struct message_unpack {
	struct digest package;
	uint8_t policy; /* enum archive_policy */
};

/* What is in a package; signature and digests are for the asker to judge. */
struct message_unpacked {
	char environment[MESSAGE_HOST_SIZE];
	struct id document_id;
	char sender[ORG_TEXT_SIZE];
	struct blob recipients; /* newline-separated codes */
	uint8_t message;
	struct blob signed_text; /* what the signature is over */
	struct blob signature;
	struct blob files; /* list of struct message_packed_file */
	struct blob json;  /* findings and model */
	char subject[MESSAGE_SUBJECT_SIZE];
	char reference[MESSAGE_REFERENCE_SIZE];
};

struct message_packed_file {
	char name[MESSAGE_FILE_NAME_SIZE];
	uint64_t offset; /* of its bytes in the package */
	uint64_t len;
	struct digest digest;
};

/*
 * Printer: one process per document.
 */

enum message_format {
	MESSAGE_FORMAT_PDF = 1,
	MESSAGE_FORMAT_HTML,
	MESSAGE_FORMAT_CSV, /* of a list alone */
};

/* Make a document visible.  Texts are as they stand on it, "" for none. */
struct message_render {
	uint8_t format; /* enum message_format */
	uint8_t mark;   /* enum render_mark */
	bool is_received;
	char number[MESSAGE_NUMBER_SIZE]; /* 收文號 */
	char time[MESSAGE_WHEN_SIZE];     /* 收文時間 */
	char verify[MESSAGE_VERIFY_SIZE]; /* what the seam mark names */
	/* Whose copy it is: its roster entry gives 受文者 and 正本 or 副本. */
	char recipient[ORG_TEXT_SIZE];
	char name[MESSAGE_NAME_SIZE];   /* 受文者 if no entry names it */
	char stamp[MESSAGE_STAMP_SIZE]; /* 戳記, or "" */
	/* The list of its recipients instead, in two parts. */
	bool is_list;
	struct blob paper;  /* codes of those who get paper, a line each */
	int64_t created_at; /* of the PDF, as it says */
	struct blob files;  /* list of struct message_check_file */
};

struct message_rendered {
	uint32_t pages; /* of a PDF, else 0 */
	char missing[MESSAGE_MISSING_SIZE];
	struct blob data;
};

/* Make the files of a letter (role/reader/letter_json.h). */
struct message_make {
	struct blob json;
};

struct message_made {
	bool is_made;
	struct blob bundle; /* of kind files: n.di, n.sw ..., n.dm */
	struct blob json;   /* findings, as in message_report */
};

/* The table of a message type; NULL for a number that is none. */
const struct codec_field *message_fields(uint16_t type);

/* For logs: "upload_begin". */
const char *message_name(uint16_t type);

struct ipc;
struct ipc_message;

/*
 * Encode `body` (the struct that `type` names; NULL when it has no body) and
 * send it.  `fd` is -1 or stays the caller's.  Fails as ipc_send().
 */
int message_send(struct ipc *ipc, enum message_type type, uint32_t id,
    const void *body, int fd, struct error *err) MUST_CHECK;

/*
 * Fields that a message carries as name NUL value NUL ...: at most `max` of
 * them, borrowed.  What does not end is left out.
 */
struct http_header;
size_t message_read_headers(struct blob fields, struct http_header *ret_headers,
    size_t max);

/*
 * Decode `message` as `type` into `ret_body`.  When it is a message_failed
 * instead, its error becomes this one's; any other type is ERROR_MALFORMED.
 * Blobs live as long as the message.
 */
int message_read(const struct ipc_message *message, enum message_type type,
    void *ret_body, struct error *err) MUST_CHECK;

/* Append an item to a list that codec_next() reads. */
void message_list_add(struct bytes *list, enum message_type type,
    const void *item);

#endif
