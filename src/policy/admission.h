/*
 * What a host lets another host do: who may call, hand in, relay, fetch and
 * act.  Pure: the caller looks the facts up in the directory and the access
 * list and hands them in, the time too.  The listener judges the caller of
 * every request first; the spooler repeats the judgement of the request before
 * anything becomes durable.
 *
 * A repeat of what was accepted gets its first answer before any of this is
 * asked: whether `not_after` passed since must not matter to it.
 */
#ifndef POLICY_ADMISSION_H
#define POLICY_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/event.h"
#include "model/standing.h"
#include "policy/verdict.h"

enum {
	ADMISSION_SKEW_WARN_MS = 1000,   /* R5.1.5 */
	ADMISSION_SKEW_REFUSE_MS = 5000, /* R5.1.5 */
	ADMISSION_RECIPIENTS_MAX = 5000,
	ADMISSION_AHEAD_MAX_MS = 60 * 1000, /* `created` beyond our clock */
};

/* How far apart the caller's clock and ours are: E4007, E4008 (R5.1.5). */
struct verdict admission_judge_clock(int64_t theirs_ms, int64_t now_ms);

/* What is known of the peer of a connection, and of one of its requests. */
struct admission_caller {
	enum host_kind kind;  /* what its whole certificate is registered as */
	bool address_matches; /* its source address is the registered one */
	bool is_suspended;
	bool has_clock; /* the request carried yizhan-time ... */
	int64_t clock_ms;
};

/*
 * May this host call at all, with a request meant for `wanted`?  E4001
 * unknown certificate, E4002 other address, E4019 wrong kind of host, E4024
 * suspended, E4029 no clock, E4007/E4008 clock (R5.3.4, R5.3.5, R5.1.5).
 */
struct verdict admission_judge_caller(const struct admission_caller *caller,
    enum host_kind wanted, int64_t now_ms);

/* What a waybill's head says and what our host is; texts are borrowed. */
struct admission_waybill {
	const char *environment;     /* the head's ... */
	const char *our_environment; /* ... and ours */
	const char *origin;          /* `center` of the head */
	const char *our_name;        /* the center that judges */
	int64_t created_ms;
	int64_t not_after_ms;
	int64_t lifetime_max_ms; /* of `not_after` after `created` */
	size_t recipients;
};

/* A waybill that a gateway hands in. */
struct admission_submission {
	struct admission_waybill waybill;
	bool host_serves_sender; /* sender's code is among the host's codes */
	bool sender_known;       /* the directory has the sender */
	enum org_status sender_status;
	bool sender_is_here; /* the directory has it served by this center */
	bool module_known;   /* registered for the sender, use `module` */
	enum key_state module_state;
	enum freshness freshness; /* of our trust data */
};

/*
 * E4003 code not the host's, E4004 environment, E4005 other center, E4006
 * `not_after` has passed, E4025 impossible times, E4028 number of recipients,
 * E4009 module, E4010 sender suspended, E4011 sender unknown or dissolved,
 * E4030 sender served by another center; VERDICT_HOLD E4023 when the trust
 * data have expired.  (R5.2.8, R5.3.5, T-CRY-08, T-PKI-05)
 */
struct verdict admission_judge_submission(const struct admission_submission
					      *submission,
    int64_t now_ms);

/* One leaf of a waybill against the directory. */
struct admission_recipient {
	bool is_known;
	enum org_status status;
	bool has_center;   /* the directory says at which center it is */
	bool seal_matches; /* the leaf's seal certificate is registered */
	enum key_state seal_state;
	uint64_t accepts_bytes; /* 0: no limit stated */
	uint64_t letter_bytes;  /* length of the content part */
};

/*
 * E4012 unknown, E4014 dissolved, E4020 no center, E4021 seal key, E4015
 * too large; VERDICT_HOLD E4013 when suspended: the delivery waits.
 */
struct verdict admission_judge_recipient(
    const struct admission_recipient *recipient);

/* A waybill that another center relays to us. */
struct admission_relay {
	struct admission_waybill waybill;
	const char *caller_name;   /* the calling center, by its certificate */
	bool origin_is_suspended;  /* or not in the network bulletin */
	bool accepted_is_verified; /* its `accepted` receipt verifies */
	bool leaves_are_ours;      /* each leaf names this center */
	bool module_known;
	enum freshness freshness;
};

/*
 * The calling center must be the head's origin: E4005 if not, or if its leaves
 * are for another center.  E4031 without a receipt that verifies; the rest as
 * for submissions.  The sender's standing is not asked: it was judged once, by
 * the accepting center, when it accepted.
 */
struct verdict admission_judge_relay(const struct admission_relay *relay,
    int64_t now_ms);

/* A gateway that asks for a delivery: E4003. */
struct verdict admission_judge_fetch(bool host_serves_recipient);

/* What one side of a delivery states: the sender `withdrawn`, the recipient
 * all else. */
struct admission_act {
	const char *environment;
	const char *our_environment;
	/* The host serves that side, or is the sender's center, passing on. */
	bool host_serves_side;
	enum event event;
	bool signer_known; /* registered for that side ... */
	enum key_use signer_use;
	enum key_state signer_state;
	bool names_delivery; /* waybill, leaf and content are the delivery's */
	int64_t time_ms;     /* the act's own time */
};

/*
 * E4003, E4004; E4027 signer not registered, or not for this event (module:
 * fetched, opened, unreadable, withdrawn, rewrap; sign: confirmed, returned and
 * notice); E4032 act of another delivery; E4025 time ahead of our clock.
 */
struct verdict admission_judge_act(const struct admission_act *act,
    int64_t now_ms);

/*
 * A key part of a waybill for another seal key, with the addendum that the
 * sender's module signed (docs/protocol.md 4, Rewrap).  Judged alike by each
 * center on its way and by the gateway that is to open it.
 */
struct admission_rewrap {
	const char *environment;
	const char *our_environment;
	bool module_known; /* the signer is registered for the sender */
	enum key_state module_state;
	bool names_delivery; /* waybill, recipient and leaf are its own */
	bool key_is_known;   /* by our directory a seal key of `receiver` ... */
	bool key_is_receiver; /* ... who receives for the recipient today */
	enum key_state key_state;
	uint64_t serial;     /* of the directory that justifies it */
	uint64_t our_serial; /* of ours */
	uint64_t last;       /* of the addendum before it; 0 for none */
	int64_t time_ms;
};

/*
 * E4004; E4009 module; E4032 of another delivery; E4060 not newer than the one
 * before; ERROR_BUSY E4061 by a newer directory than ours, which has to come
 * first; E4021 a key that is not registered, revoked, or not of who receives
 * for the recipient; E4025 time ahead.
 */
struct verdict admission_judge_rewrap(const struct admission_rewrap *rewrap,
    int64_t now_ms);

#endif
