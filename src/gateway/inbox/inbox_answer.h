/*
 * What a person answers to a letter: it is signed for (簽收), returned (退文),
 * or, once signed for, its sender is told of a mistake.  Signed with the
 * organisation's key, then durable with who did it, then told.
 */
#ifndef GATEWAY_INBOX_ANSWER_H
#define GATEWAY_INBOX_ANSWER_H

#include "envelope/act.h"
#include "gateway/inbox/inbox_history.h"
#include "gateway/inbox/inbox_view.h"
#include "model/event.h"

struct error;
struct inbox;
struct inbox_row;

struct inbox_answer {
	enum event event;       /* confirmed, returned, notice */
	enum act_reason reason; /* of the last two */
	const char *words;      /* for the sender, with these; NULL: nothing */
	const char *waybill_id;
	const char *recipient; /* these name the letter */
	struct inbox_view view;
	struct inbox_actor actor;
};

/*
 * Called exactly once, perhaps from inside: the letter's entry as it is now,
 * or why nothing changed: E4314 no such letter, E4311 and E4312 answered
 * otherwise or not there yet, E4305 no key, E4313 no reason, E4504 and E4507 of
 * the words.  The same answer again succeeds.
 */
typedef void (*inbox_answered_fn)(void *ctx, const struct inbox_row *row,
    const struct error *failure);
void inbox_answer_give(struct inbox *inbox, const struct inbox_answer *answer,
    inbox_answered_fn done, void *ctx);

/* The reason of a body, `text` being its member; E4313. */
int inbox_answer_reason(const char *text, enum act_reason *ret_reason,
    struct error *err) MUST_CHECK;

#endif
