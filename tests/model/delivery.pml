/*
 * One letter from a sender's gateway through a center to a recipient's, and
 * its receipts back, over a network that loses, repeats and reorders, with
 * hosts that crash and organisations that are suspended (T-MODEL-01).
 * docs/model.md maps it to the code; names are those of exchange/delivery.h
 * and exchange/job.h.
 *
 * What a host has committed survives a crash; *_pending and *_answer do not.
 * A message in the network may be taken in any order, and the taker may leave
 * it there (a repeat) or never see it (a loss), a bounded number of times.
 *
 * -DBUG=n seeds a bug that one of the properties at the end must find.
 */
#ifndef BUG
#define BUG 0
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef REPEATS
#define REPEATS 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef SUSPENSIONS
#define SUSPENSIONS 1
#endif

#define BUG_ACK_BEFORE_COMMIT 1 /* the center answers, then commits */
#define BUG_WAYBILL_TWICE 2     /* a repeated waybill is a new one */
#define BUG_FEED_EARLY 3        /* a feed's item is acknowledged, then stored */
#define BUG_GIVE_UP 4           /* one try to submit, no more */
#define BUG_TWO_ENDS 5          /* a late act overwrites an end */
#define BUG_RECEIPT_FIRST 6     /* the log states what is stored later */
#define BUG_ANNOUNCED_TWICE 7   /* a gateway does not know a delivery again */
#define BUG_DROP_SUSPENDED 8    /* a suspension destroys what is queued */

/* enum delivery_state */
#define DELIVERY_QUEUED 0
#define DELIVERY_ACCEPTED 1
#define DELIVERY_FETCHED 2
#define DELIVERY_OPENED 3
#define DELIVERY_CONFIRMED 4
#define DELIVERY_RETURNED 5
#define DELIVERY_REFUSED 6
#define DELIVERY_EXPIRED 7
#define is_end(state) ((state) >= DELIVERY_CONFIRMED)

/* enum job_send, from the step on at which bytes leave */
#define JOB_SEND_SUBMIT 0
#define JOB_SEND_FOLLOW 1
#define JOB_SEND_DONE 2
#define JOB_SEND_REFUSED 3

/* enum job_receive; content, verify and fetched are one step here */
#define JOB_RECEIVE_NONE 0 /* no row yet */
#define JOB_RECEIVE_KEY 1
#define JOB_RECEIVE_OPENED 2
#define JOB_RECEIVE_INBOX 3
#define JOB_RECEIVE_ANSWER 4
#define JOB_RECEIVE_DONE 5
#define JOB_RECEIVE_ENDED 6

/* What travels. */
#define NOTHING 0
#define WAYBILL 1       /* POST /v1/waybills */
#define ACCEPTED 2      /* its 201, with the receipt */
#define DENIED 3        /* its refusal: the sender is suspended */
#define ITEM 4          /* of the recipient's feed */
#define ITEM_ACK 5      /* POST /v1/feed/acknowledge */
#define ACT 6           /* POST /v1/acts; act_kind says which */
#define ACTED 7         /* its answer; for `fetched` with the key part */
#define ENDED 8         /* its answer: the center ended the delivery */
#define RECEIPT 9       /* of the sender's feed; receipt_number says which */
#define RECEIPT_ACK 10
#define EXPIRY 11       /* not a message: the deadline passed */
#define KINDS 11

bool net[KINDS];
byte act_kind;       /* of ACT: the state that it leads to */
byte acted_kind;     /* of ACTED */
byte receipt_number; /* of RECEIPT */
byte receipt_ack;    /* of RECEIPT_ACK */

byte losses = LOSSES;
byte repeats = REPEATS;
byte crashes = CRASHES;
byte suspensions = SUSPENSIONS;

bool sender_is_suspended;
bool recipient_is_suspended;

/* The sender's gateway: committed, then not. */
byte s_step = JOB_SEND_SUBMIT;
byte s_life = DELIVERY_QUEUED;
byte s_through; /* of its feed */
byte s_pending;
byte s_ack; /* to be sent */
bool s_gave_up;

/* The center. */
bool c_stored;  /* waybill and content */
byte c_copies;
bool c_log_accepted;
byte c_life = DELIVERY_QUEUED;
byte c_first_end; /* history, for the properties */
bool c_feed_item; /* in the recipient's feed */
byte c_events[5]; /* the sender's feed, 1 ... c_newest */
byte c_newest;
byte c_acked;
bool c_expiry_done;
byte c_pending;
byte c_pending_kind;
byte c_answer;
byte c_answer_kind;

/* The recipient's gateway. */
byte r_step = JOB_RECEIVE_NONE;
byte r_answer; /* of a person */
byte r_entries;
byte r_pending;
byte r_pending_kind;
bool r_ack;

/* It is gone; its contents too, so that equal states are equal. */
inline forget(kind)
{
	net[kind] = false;
	if
	:: kind == ACT -> act_kind = 0
	:: kind == ACTED -> acted_kind = 0
	:: kind == RECEIPT -> receipt_number = 0
	:: kind == RECEIPT_ACK -> receipt_ack = 0
	:: else
	fi
}

/* Take a message; it stays when the network repeats it. */
inline take(kind)
{
	if
	:: forget(kind)
	:: repeats > 0 -> repeats--
	fi
}

/* ---- sender ------------------------------------------------------------ */

inline sender_commit()
{
	if
	:: s_pending == ACCEPTED && s_step == JOB_SEND_SUBMIT ->
		s_step = JOB_SEND_FOLLOW; s_life = DELIVERY_ACCEPTED
	:: s_pending == DENIED && s_step == JOB_SEND_SUBMIT ->
		s_step = JOB_SEND_REFUSED; s_life = DELIVERY_REFUSED
	:: s_pending > KINDS ->
		/* The next receipt of the feed. */
		s_through = s_pending - KINDS;
		s_life = c_events[s_through];
		s_ack = s_through;
		if
		:: is_end(s_life) -> s_step = JOB_SEND_DONE
		:: else
		fi
	:: else
	fi;
	s_pending = NOTHING
}

active proctype sender()
{
end:	do
	:: atomic { s_step == JOB_SEND_SUBMIT && !s_gave_up &&
		s_pending == NOTHING && !net[WAYBILL] && !net[ACCEPTED] &&
		!net[DENIED] && c_pending != WAYBILL && c_answer != ACCEPTED &&
		c_answer != DENIED ->
		net[WAYBILL] = true;
		if
		:: BUG == BUG_GIVE_UP -> s_gave_up = true
		:: else
		fi }
	:: atomic { s_pending == NOTHING && net[ACCEPTED] ->
		take(ACCEPTED); s_pending = ACCEPTED }
	:: atomic { s_pending == NOTHING && net[DENIED] ->
		take(DENIED); s_pending = DENIED }
	:: atomic { s_pending == NOTHING && s_ack == 0 && net[RECEIPT] &&
		s_step != JOB_SEND_SUBMIT ->
		if
		:: receipt_number == s_through + 1 ->
			s_pending = KINDS + receipt_number;
			if
			:: BUG == BUG_FEED_EARLY ->
				receipt_ack = receipt_number;
				net[RECEIPT_ACK] = true
			:: else
			fi
		:: else -> s_ack = s_through
		fi;
		take(RECEIPT) }
	:: atomic { s_pending != NOTHING -> sender_commit() }
	:: atomic { s_ack > 0 && s_pending == NOTHING && !net[RECEIPT_ACK] ->
		receipt_ack = s_ack; net[RECEIPT_ACK] = true; s_ack = 0 }
	:: atomic { crashes > 0 && (s_pending != NOTHING || s_ack > 0) ->
		crashes--; s_pending = NOTHING; s_ack = 0 }
	od
}

/* ---- center ------------------------------------------------------------- */

/* Log an event and put its receipt into the sender's feed. */
inline state_event(to)
{
	c_life = to;
	c_newest++;
	c_events[c_newest] = to;
	if
	:: is_end(to) && c_first_end == 0 -> c_first_end = to
	:: else
	fi
}

inline commit_waybill()
{
	if
	:: c_stored && BUG != BUG_WAYBILL_TWICE -> c_answer = ACCEPTED
	:: else ->
		if
		:: sender_is_suspended -> c_answer = DENIED
		:: else ->
			c_stored = true;
			c_copies++;
			c_log_accepted = true;
			if
			:: c_life == DELIVERY_QUEUED ->
				c_life = DELIVERY_ACCEPTED
			:: else
			fi;
			c_feed_item = true;
			c_answer = ACCEPTED
		fi
	fi
}

/* delivery_apply() at the decider. */
inline commit_act()
{
	c_answer_kind = c_pending_kind;
	if
	:: c_life == c_pending_kind || (c_pending_kind < DELIVERY_CONFIRMED &&
		c_pending_kind < c_life && !is_end(c_life)) ->
		c_answer = ACTED /* repeated: the first answer */
	:: is_end(c_life) && c_life != c_pending_kind &&
		BUG != BUG_TWO_ENDS ->
		c_answer = ENDED /* late */
	:: c_life != c_pending_kind && (!is_end(c_life) ||
		(BUG == BUG_TWO_ENDS && c_newest < 4)) &&
		(c_pending_kind >= DELIVERY_CONFIRMED ||
		c_pending_kind > c_life) ->
		state_event(c_pending_kind);
		c_answer = ACTED
	:: else -> c_answer = ENDED
	fi
}

inline center_commit()
{
	if
	:: c_pending == WAYBILL -> commit_waybill()
	:: c_pending == ACT -> commit_act()
	:: c_pending == EXPIRY && !is_end(c_life) ->
		state_event(DELIVERY_EXPIRED)
	:: else
	fi;
	c_pending = NOTHING;
	c_pending_kind = 0
}

active proctype center()
{
end:	do
	:: atomic { c_pending == NOTHING && c_answer == NOTHING &&
		net[WAYBILL] ->
		take(WAYBILL);
		c_pending = WAYBILL;
		if
		:: BUG == BUG_ACK_BEFORE_COMMIT && !sender_is_suspended ->
			net[ACCEPTED] = true
		:: BUG == BUG_RECEIPT_FIRST && !sender_is_suspended ->
			c_log_accepted = true
		:: else
		fi }
	:: atomic { c_pending == NOTHING && c_answer == NOTHING &&
		!recipient_is_suspended && net[ACT] ->
		c_pending = ACT; c_pending_kind = act_kind; take(ACT) }
	:: atomic { c_pending == NOTHING && c_answer == NOTHING && c_stored &&
		!c_expiry_done && !is_end(c_life) &&
		!recipient_is_suspended ->
		c_expiry_done = true; c_pending = EXPIRY }
	:: atomic { c_pending != NOTHING -> center_commit() }
	:: atomic { c_answer != NOTHING && c_pending == NOTHING ->
		if
		:: c_answer == ACTED -> acted_kind = c_answer_kind
		:: else
		fi;
		net[c_answer] = true;
		c_answer = NOTHING;
		c_answer_kind = 0 }
	/* Parked polls: what is in a feed is told until it is acknowledged. */
	:: atomic { c_feed_item && !recipient_is_suspended && !net[ITEM] &&
		!net[ITEM_ACK] && r_pending != ITEM && !r_ack ->
		net[ITEM] = true }
	:: atomic { net[ITEM_ACK] -> take(ITEM_ACK); c_feed_item = false }
	:: atomic { c_newest > c_acked && !net[RECEIPT] && !net[RECEIPT_ACK] &&
		s_pending == NOTHING && s_ack == 0 ->
		receipt_number = c_acked + 1; net[RECEIPT] = true }
	:: atomic { net[RECEIPT_ACK] ->
		if
		:: receipt_ack > c_acked -> c_acked = receipt_ack
		:: else
		fi;
		take(RECEIPT_ACK) }
	:: atomic { crashes > 0 && (c_pending != NOTHING ||
		c_answer != NOTHING) ->
		crashes--;
		if
		:: c_pending == EXPIRY -> c_expiry_done = false
		:: else
		fi;
		c_pending = NOTHING; c_pending_kind = 0;
		c_answer = NOTHING; c_answer_kind = 0 }
	od
}

/* ---- recipient ------------------------------------------------------------ */

#define act_of(step, answer) \
	((step) == JOB_RECEIVE_KEY -> DELIVERY_FETCHED : \
	((step) == JOB_RECEIVE_OPENED -> DELIVERY_OPENED : (answer)))
#define has_act(step) ((step) == JOB_RECEIVE_KEY || \
	(step) == JOB_RECEIVE_OPENED || (step) == JOB_RECEIVE_ANSWER)

inline recipient_commit()
{
	if
	:: r_pending == ITEM ->
		if
		:: r_step == JOB_RECEIVE_NONE ||
			(BUG == BUG_ANNOUNCED_TWICE &&
			r_step < JOB_RECEIVE_DONE) ->
			r_step = JOB_RECEIVE_KEY
		:: else /* known: told that it is durable, no more */
		fi;
		r_ack = true
	:: r_pending == ACTED && has_act(r_step) &&
		r_pending_kind == act_of(r_step, r_answer) ->
		if
		:: r_step == JOB_RECEIVE_KEY ->
			/* The key is here: opened and checked. */
			r_entries++;
			r_step = JOB_RECEIVE_OPENED
		:: r_step == JOB_RECEIVE_OPENED -> r_step = JOB_RECEIVE_INBOX
		:: r_step == JOB_RECEIVE_ANSWER -> r_step = JOB_RECEIVE_DONE
		:: else
		fi
	:: r_pending == ENDED && has_act(r_step) -> r_step = JOB_RECEIVE_ENDED
	:: else
	fi;
	r_pending = NOTHING;
	r_pending_kind = 0
}

active proctype recipient()
{
end:	do
	:: atomic { r_pending == NOTHING && !r_ack && net[ITEM] ->
		take(ITEM);
		r_pending = ITEM }
	:: atomic { r_ack && r_pending == NOTHING && !net[ITEM_ACK] ->
		net[ITEM_ACK] = true; r_ack = false }
	:: atomic { has_act(r_step) && r_pending == NOTHING && !net[ACT] &&
		!net[ACTED] && !net[ENDED] && c_pending != ACT &&
		c_answer != ACTED && c_answer != ENDED ->
		act_kind = act_of(r_step, r_answer);
		net[ACT] = true }
	:: atomic { r_pending == NOTHING && net[ACTED] ->
		r_pending = ACTED; r_pending_kind = acted_kind; take(ACTED) }
	:: atomic { r_pending == NOTHING && net[ENDED] ->
		take(ENDED); r_pending = ENDED }
	:: atomic { r_step == JOB_RECEIVE_INBOX && r_pending == NOTHING ->
		/* A person decides, once; it is committed before they are told. */
		if
		:: r_answer = DELIVERY_CONFIRMED
		:: r_answer = DELIVERY_RETURNED
		fi;
		r_step = JOB_RECEIVE_ANSWER }
	:: atomic { r_pending != NOTHING -> recipient_commit() }
	:: atomic { crashes > 0 && (r_pending != NOTHING || r_ack) ->
		crashes--; r_pending = NOTHING; r_pending_kind = 0;
		r_ack = false }
	od
}

/* ---- what goes wrong --------------------------------------------------------- */

active proctype network()
{
	byte kind;

end:	do
	:: atomic { losses > 0 ->
		if
		:: net[WAYBILL] -> kind = WAYBILL
		:: net[ACCEPTED] -> kind = ACCEPTED
		:: net[DENIED] -> kind = DENIED
		:: net[ITEM] -> kind = ITEM
		:: net[ITEM_ACK] -> kind = ITEM_ACK
		:: net[ACT] -> kind = ACT
		:: net[ACTED] -> kind = ACTED
		:: net[ENDED] -> kind = ENDED
		:: net[RECEIPT] -> kind = RECEIPT
		:: net[RECEIPT_ACK] -> kind = RECEIPT_ACK
		fi;
		forget(kind); losses--; kind = 0 }
	od
}

/* Every suspension ends some time. */
active proctype management()
{
end:	do
	:: atomic { suspensions > 0 && !sender_is_suspended &&
		!recipient_is_suspended ->
		suspensions--;
		if
		:: sender_is_suspended = true
		:: recipient_is_suspended = true;
			if
			:: BUG == BUG_DROP_SUSPENDED -> c_feed_item = false
			:: else
			fi
		fi }
	:: atomic { sender_is_suspended -> sender_is_suspended = false }
	:: atomic { recipient_is_suspended -> recipient_is_suspended = false }
	od
}

/* ---- properties ---------------------------------------------------------------- */

/*
 * I1: whoever was told "accepted" can rely on it.  I5: a receipt only for what
 * is stored.  I2: one end, the same everywhere.  I3: each letter once, and
 * stored once.  I7: what is queued stays until the recipient has it.
 */
#define acknowledged (!(net[ACCEPTED] || s_step == JOB_SEND_FOLLOW) || c_stored)
#define receipts (!c_log_accepted || c_stored)
#define one_end ((c_first_end == 0 || c_life == c_first_end) && \
	(s_step != JOB_SEND_DONE || s_life == c_first_end) && \
	(r_step != JOB_RECEIVE_DONE || r_answer == c_first_end))
#define once (r_entries <= 1 && c_copies <= 1)
#define kept (!c_stored || c_feed_item || r_step != JOB_RECEIVE_NONE)

ltl safe { [] (acknowledged && receipts && one_end && once && kept) }

/*
 * Under weak fairness, with bounded faults, the sender knows an end; and what
 * no deadline ended is in the inbox and answered.
 */
ltl delivered { <> (s_step == JOB_SEND_DONE || s_step == JOB_SEND_REFUSED) &&
	<> (s_step == JOB_SEND_REFUSED || c_first_end == DELIVERY_EXPIRED ||
	r_step == JOB_RECEIVE_DONE) }
