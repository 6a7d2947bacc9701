/*
 * What may be sent to whom, decided at the sender's gateway before anything
 * is signed: secrecy, kind and size of the document, standing of sender and
 * recipient.  The same rules give the list of paper recipients (art. 7-4 of
 * the exchange regulation).  Pure.
 */
#ifndef POLICY_SENDING_H
#define POLICY_SENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "model/standing.h"
#include "policy/verdict.h"

/* The rules that an authority may set for itself (art. 12). */
struct sending_rules {
	/*
	 * Policy "secrecy": documents marked 密, 機密, 極機密 or 絕對機密
	 * are not exchanged electronically.
	 */
	bool refuse_secret;
	uint32_t recipients_max;
	uint64_t letter_bytes_max; /* of a package; 0 for no limit */
	uint64_t scan_bytes_max;   /* what the malware scanner covers */
};

/* Secret documents refused, 5,000 recipients, 2 GiB. */
struct sending_rules sending_rules_default(void);

struct sending_document {
	const char *kind;    /* root element of the DI: 函, 令, ... */
	const char *secrecy; /* 密等 as written; "" or NULL for none */
	uint64_t letter_bytes;
	uint32_t recipients;
	bool sender_known;
	enum org_status sender_status;
	bool sender_has_keys; /* usable sign and module keys */
};

/*
 * May the document leave by exchange at all?  E4017 secret (policy secrecy),
 * E4018 a kind that stays inside (簽, 便簽, 簽稿會核單) or is unknown, E4015
 * too large, E4028 number of recipients, E4010 or E4011 sender, E4009 no key.
 */
struct verdict sending_judge_document(const struct sending_rules *rules,
    const struct sending_document *document);

struct sending_recipient {
	bool is_known;
	enum org_status status;
	bool is_paper_only;     /* the sender chose paper for it */
	bool has_seal_key;      /* its own or an ancestor's */
	uint64_t accepts_bytes; /* 0: no limit stated */
	uint64_t letter_bytes;
};

/*
 * VERDICT_PAPER: E4016 (no key or chosen), E4013 suspended, E4014 dissolved,
 * E4015 larger than it accepts; VERDICT_REFUSE E4012 when nobody has the code.
 */
struct verdict sending_judge_recipient(
    const struct sending_recipient *recipient);

/* What the measures in force say about the way to a recipient. */
struct sending_way {
	bool is_suspended; /* the recipient, from receiving */
	bool is_held;      /* for at most 72 hours */
	bool center_is_suspended;
	bool has_fallback;     /* another center serves instead */
	int64_t paper_from_ms; /* of the center's suspension; 0: not said */
};

/*
 * VERDICT_PAPER: E4013 suspended, E3918 paper since a day that has come, for its
 * center is suspended.  VERDICT_WARN: E3919 another center serves for the
 * suspended one; E3920 the center is suspended, and the delivery waits; E3921 the
 * recipient is held, and the delivery waits.  (protocol 6)
 */
struct verdict sending_judge_way(const struct sending_way *way, int64_t now_ms);

/*
 * A dissolved recipient that goes on under another code: VERDICT_PAPER E3917,
 * which names it, instead of E4014.
 */
struct verdict sending_judge_moved(const struct verdict *verdict,
    bool has_new_code);

/*
 * A letter whose message form is about an earlier one: VERDICT_WARN E4220 if none
 * was sent from here under its reference, so that nobody sees which is meant.
 */
struct verdict sending_judge_resend(int message, bool has_earlier);

/* True if documents of this root element are meant for other organisations. */
bool sending_kind_may_leave(const char *kind);

/* True if the 密等 as written marks a document as secret. */
bool sending_is_secret(const char *secrecy);

#endif
