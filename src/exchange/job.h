/*
 * The steps of a gateway's work on one letter, out and in: what follows what,
 * and where to take up after a restart.  Pure: the daemon stores the step,
 * does it, and asks for the next one.
 *
 * The step on disk is the one to do, or to do again.  A step therefore either
 * has no effect outside before it is stored as done, or can be repeated
 * unharmed; job_send_restart() and job_receive_restart() say which.
 */
#ifndef EXCHANGE_JOB_H
#define EXCHANGE_JOB_H

#include <stdbool.h>

/* Sending: one waybill. */
enum job_send {
	JOB_SEND_CHECK,     /* document, recipients, policy, malware */
	JOB_SEND_PACKAGE,   /* digests, manifest, plan of the container */
	JOB_SEND_SIGN,      /* the organisation signs; may wait for a person */
	JOB_SEND_ENVELOPE,  /* write container, encrypt, key parts */
	JOB_SEND_WAYBILL,   /* the module signs; then all of it is durable */
	JOB_SEND_SUBMIT,    /* to the center until it answers */
	JOB_SEND_FOLLOW,    /* `accepted` is here; collect receipts */
	JOB_SEND_DONE,      /* every delivery ended */
	JOB_SEND_REFUSED,   /* by a check here or by the center */
	JOB_SEND_EXPIRED,   /* `not_after` passed before it was accepted */
	JOB_SEND_CANCELLED, /* the sender took it back before it left */
	JOB_SEND_HELD       /* between waybill and submit: it may be undone */
};

/* Receiving: one delivery. */
enum job_receive {
	JOB_RECEIVE_CONTENT, /* fetch waybill, receipt, leaf, content part */
	JOB_RECEIVE_VERIFY,  /* waybill, leaf, digest of the content part */
	JOB_RECEIVE_FETCHED, /* the module signs `fetched`; durable */
	JOB_RECEIVE_KEY,     /* post it; its answer holds the key part */
	JOB_RECEIVE_OPEN,    /* decrypt, check commitment, package, roster */
	JOB_RECEIVE_SCAN,    /* malware */
	JOB_RECEIVE_OPENED,  /* the module signs `opened`; post it */
	JOB_RECEIVE_INBOX,   /* a person decides; a duplicate waits with the
	                        first entry and gets the same answer */
	JOB_RECEIVE_ANSWER,  /* signed `confirmed` or `returned`; post it */
	JOB_RECEIVE_REPORT,  /* the module signs `unreadable`; post it */
	JOB_RECEIVE_REWRAP,  /* no key here opens it: ask for another key part
	                        until one comes */
	JOB_RECEIVE_DONE,
	JOB_RECEIVE_REFUSED, /* forged or not for us: nothing is stated */
	JOB_RECEIVE_ENDED,   /* expired or withdrawn at the center */
	JOB_RECEIVE_NOTICE,  /* after done: tell the sender of a mistake */
	JOB_RECEIVE_COUNT
};

/*
 * How a step came out.  From JOB_SEND_SUBMIT on our own clock alone does not
 * make JOB_OVER: the center may have accepted and its answer been lost, so it
 * is asked, also after the deadline, until it says which.
 */
enum job_result {
	JOB_OK,
	JOB_LATER,     /* temporary: the same step again, by retry */
	JOB_REFUSED,   /* for good */
	JOB_UNUSABLE,  /* receiving: cannot be opened, or malware found */
	JOB_OVER,      /* the deadline passed, or the center ended it */
	JOB_CANCELLED, /* sending: the sender took it back */
	JOB_DUPLICATE, /* receiving: the letter is in the inbox already */
	JOB_NO_KEY /* receiving: the key part is for a key that is not here */
};

/* What a restart has to do with a step that it finds. */
enum job_restart {
	JOB_AFRESH, /* throw half-made files away and begin the letter anew */
	JOB_REDO,   /* the same step once more, from its durable inputs */
	JOB_RESEND, /* the same bytes once more; the answer will be the first */
	JOB_WAIT,   /* nothing to do but wait */
	JOB_NOTHING /* it has ended */
};

/*
 * The step after `step` came out as `result`.  A result that the step cannot
 * have leaves the step as it is.
 */
enum job_send job_send_next(enum job_send step, enum job_result result);
enum job_receive job_receive_next(enum job_receive step,
    enum job_result result);

/*
 * Nothing is ever encrypted anew under an old waybill id: up to and with
 * JOB_SEND_WAYBILL no byte has left, so the letter begins afresh under a new
 * one; from JOB_SEND_SUBMIT on the stored bytes go out again.  JOB_SEND_HELD
 * stands between: its sender was told of it, so it waits where it is.
 */
enum job_restart job_send_restart(enum job_send step);
enum job_restart job_receive_restart(enum job_receive step);

/* The sender can still take the letter back alone. */
bool job_send_may_cancel(enum job_send step);

bool job_send_has_ended(enum job_send step);
bool job_receive_has_ended(enum job_receive step);

/* Names as stored and shown: "submit", "inbox". */
const char *job_send_name(enum job_send step);
bool job_send_parse(const char *name, enum job_send *ret_step);
const char *job_receive_name(enum job_receive step);
bool job_receive_parse(const char *name, enum job_receive *ret_step);

#endif
