/*
 * The letters of a history: who sends what to whom and when, the clerks' tries
 * to hand it in, and what people at the other end do with it.
 */
#ifndef SIMULATE_LETTERS_H
#define SIMULATE_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LETTERS_MAX = 512, LETTER_RECIPIENTS_MAX = 4 };

enum letter_state {
	LETTER_PLANNED,
	LETTER_HANDED_IN, /* no final answer yet */
	LETTER_ACCEPTED,  /* the gateway said 200 or 201: it is its duty now */
	LETTER_REFUSED,   /* the gateway said no, and nothing may come of it */
};

struct letter {
	unsigned number;
	int sender; /* host */
	int recipients[LETTER_RECIPIENTS_MAX];
	unsigned recipient_count;
	bool has_attachment;
	enum letter_state state;
	char document_id[40];
	unsigned tries;
	int status;   /* of the last answer */
	char code[8]; /* of a refusal */
};

extern struct letter letters[LETTERS_MAX];
extern size_t letter_count;

/* Plan `count` letters within `span` from now on. */
void letters_plan(size_t count, int64_t span);

/* No letter waits for its clerk any more. */
bool letters_are_handed_in(void);

/* The letter of a document id; NULL for none. */
const struct letter *letters_find(const char *document_id);

/*
 * People answer: confirm or return what lies in the inboxes unanswered; all of
 * it, or some.
 */
void letters_answer(int host, const char *waybill_id, const char *code);

#endif
