/*
 * The life of one delivery (design: protocol 3): which moves exist, which
 * event makes them, and who decides.  Pure; a host keeps `struct delivery` in
 * its store and applies events in the order in which its log has them.
 *
 * One center decides a delivery: the recipient's from the moment a relay to it
 * may have arrived, the origin center before that.  The decider logs the first
 * transition that comes, and every other host follows what it logged.  So each
 * delivery of an accepted document ends in one terminal state, the same
 * everywhere (I2).
 *
 * The right to decide changes hands by a line of the log alone: who has it
 * states `moved`, which names the next center, and decides nothing from then
 * on; that one has it from when it made the delivery durable (`taken`).  In
 * between nobody decides, and the former one goes on handing it over.
 */
#ifndef EXCHANGE_DELIVERY_H
#define EXCHANGE_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/event.h"

struct error;

/* Who a host is to a delivery. */
enum delivery_role {
	DELIVERY_SENDER,    /* the sender's gateway: follows */
	DELIVERY_ORIGIN,    /* the sender's center, when it is not also ... */
	DELIVERY_LOCAL,     /* ... the recipient's: one center for both */
	DELIVERY_TARGET,    /* the recipient's center: decides */
	DELIVERY_RECIPIENT, /* the recipient's gateway: follows */
	DELIVERY_FORMER,    /* a center that had it: neither */
};

struct delivery {
	enum delivery_state state;
	enum delivery_state reached; /* furthest state that was no end */
	/*
	 * Origin only: a relay was begun whose answer is not known.  The
	 * target may have it, so nothing is decided here until it answers.
	 */
	bool relay_open;
	bool is_unreadable; /* flags; none of them is an end */
	bool is_suspended;  /* not handed out, and its clock stands */
	bool has_notice;    /* the recipient told of a mistake in it */
	bool wants_rewrap;  /* waits for a key part for another key */
	bool is_flagged;    /* its sender was stopped, as was learned later */
	/*
	 * Decider: it was taken over from another center, which may have seen
	 * steps of the recipient that are not in this log.
	 */
	bool was_taken;
	bool wants_paper;    /* sender: when withdrawn it becomes paper */
	bool has_paper_copy; /* paper came too late to withdraw */
};

/* True if the table of moves has this one. */
bool delivery_may_move(enum delivery_state from, enum delivery_state to);

/* Make a move; ERROR_DENIED E4101, with nothing changed, if there is none. */
int delivery_move(enum delivery_state *state, enum delivery_state to,
    struct error *err) MUST_CHECK;

enum delivery_effect {
	DELIVERY_MOVED,    /* log it, and tell those who follow */
	DELIVERY_NOTED,    /* a flag changed: log it, no move */
	DELIVERY_REPEATED, /* known already: give the first answer again */
	DELIVERY_LATE,     /* overtaken: log it, nothing moves */
	DELIVERY_DENIED,   /* the order of steps forbids it: refuse E4102 */
	DELIVERY_FOREIGN   /* another center decides: pass on as a request */
};

/*
 * Apply an event to a delivery at a host in `role`.  A decider wants the steps
 * in order (no `confirmed` before `opened`); a follower also takes a later step
 * first, and the earlier one is then a repeat.
 *
 * An event that the decider logged reaches followers with `is_decided`; at the
 * origin of a relayed delivery, expired, withdrawn and quarantined without it
 * are requests (DELIVERY_FOREIGN), and so are the recipient's own steps at an
 * origin that does not serve the recipient.
 */
enum delivery_effect delivery_apply(struct delivery *delivery,
    enum delivery_role role, enum event event, bool is_decided);

/*
 * The state to which an event leads; false for those that lead to none:
 * `unreadable`, `rewrap` and `rewrapped` only set or clear a flag.
 */
bool delivery_state_of_event(enum event event, enum delivery_state *ret_state);

/* True if this host, not another, decides the delivery as it stands. */
bool delivery_is_decided_here(const struct delivery *delivery,
    enum delivery_role role);

/*
 * The next center has it (its `taken` is here): nothing is left to do for a
 * former one.  No effect in other roles, nor after an end.
 */
void delivery_pass_on(struct delivery *delivery, enum delivery_role role);

/*
 * Take a delivery over that has reached `reached` where it was, which is no
 * end; the flags come with it.
 */
void delivery_take(struct delivery *delivery, enum delivery_state reached);

/*
 * Before the first byte of a relay leaves, and durably; and when the target
 * has answered for certain that it has not taken the delivery and never will
 * (its refusal after `not_after`), which gives the decision back.
 */
void delivery_relay_begun(struct delivery *delivery);
void delivery_relay_refused(struct delivery *delivery);

/*
 * Make paper of it: before it was fetched this asks for a withdrawal (true),
 * afterwards it only notes the paper copy (false).
 */
bool delivery_change_to_paper(struct delivery *delivery);

/*
 * True if an `expired` is due here: not ended at `not_after`, and ours to
 * decide.  While it is suspended its clock stands: not due then, and afterwards
 * pass `not_after` with the time of the suspension added.
 */
bool delivery_has_expired(const struct delivery *delivery,
    enum delivery_role role, int64_t not_after_ms, int64_t now_ms);

/*
 * No other key part came in time: the center that decides ends the delivery as
 * returned (reason `key`), also before it was fetched.  False, with nothing
 * changed, unless it waits for one and is decided here.
 */
bool delivery_give_up(struct delivery *delivery, enum delivery_role role);

/* The sender's list of the next day (art. 7-6): sent, and not confirmed. */
bool delivery_is_overdue(enum delivery_state state, int64_t accepted_ms,
    int64_t now_ms);

#endif
