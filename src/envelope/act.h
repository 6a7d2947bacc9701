/*
 * Acts: what a recipient's module or organisation, or for `withdrawn` the
 * sender's module, signs about one delivery (docs/protocol.md 5).  The JSON;
 * the signature is crypto/signed.h.
 */
#ifndef ENVELOPE_ACT_H
#define ENVELOPE_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/envelope_field.h"
#include "model/digest.h"
#include "model/event.h"
#include "model/id.h"
#include "model/org.h"

struct bytes;
struct error;

enum {
	ACT_MAX = 8192,
	ACT_CMS_MAX = 16384,
	ACT_SEALED_SIZE = 4096, /* base64 of sealed words, with its NUL */
};

/* Why a delivery was returned or could not be read. */
enum act_reason {
	ACT_REASON_NONE,
	ACT_REASON_MISDIRECTED,
	ACT_REASON_INCOMPLETE,
	ACT_REASON_ATTACHMENT_MISSING,
	ACT_REASON_UNREADABLE,
	ACT_REASON_KEY,
	ACT_REASON_MALWARE,
	ACT_REASON_OTHER,
	ACT_REASON_COUNT
};

struct act {
	char environment[ENVELOPE_NAME_SIZE];
	enum event event; /* fetched ... returned, notice, withdrawn, rewrap */
	struct digest waybill; /* the waybill digest */
	struct id waybill_id;
	struct digest leaf;    /* hash of the recipient's leaf */
	struct digest content; /* SHA-256 of the content part */
	struct org_code recipient;
	struct digest package;  /* zeros before `opened` */
	enum act_reason reason; /* of `returned`, `unreadable`, `notice` only */
	/*
	 * What a person says to the sender with `returned` or `notice`, or all
	 * of it empty: digest, and sealed for the sender alone (act_words.h).
	 */
	struct digest words;
	char sealed[ACT_SEALED_SIZE];
	int64_t time_at;
};

/* "" for ACT_REASON_NONE. */
const char *act_reason_name(enum act_reason reason);
bool act_reason_parse(const char *name, enum act_reason *ret_reason);

/* True for what a person can tell of a letter that was confirmed. */
bool act_reason_is_of_notice(enum act_reason reason);

/* True for events that an act can state. */
bool act_event_is_possible(enum event event);

/* True if the organisation's `sign` key must sign it, else the module's. */
bool act_is_of_organisation(enum event event);

/* True if the sender's side must sign it, else the recipient's. */
bool act_is_of_sender(enum event event);

/* Append the JSON to be signed; ERROR_MALFORMED (E3104) if rules are broken. */
int act_encode(const struct act *act, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Decode what signed_verify() returned; ERROR_MALFORMED (E3104). */
int act_decode(const void *json, size_t len, struct act *ret_act,
    struct error *err) MUST_CHECK;

#endif
