/*
 * The life of one case: which step may be taken now, and what it leads to.  A
 * case is what its steps make of it: the same steps give the same status.
 * Pure; time is passed in.  Messages: E7101 to E7115.
 */
#ifndef CASE_CASE_ENGINE_H
#define CASE_CASE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "case/case_definition.h"

struct error;

enum { CASE_PERSON_SIZE = 80, CASE_VOTES_MAX = 2, CASE_STEPS_MAX = 1000 };

enum case_step_kind {
	CASE_STEP_OPEN,   /* it begins */
	CASE_STEP_ATTACH, /* evidence came in */
	CASE_STEP_CODE,   /* another one-time code was given out */
	CASE_STEP_MOVE,   /* a move was made, or one of two persons agreed */
	CASE_STEP_COUNT
};

/* One entry of the history. */
struct case_step {
	enum case_step_kind kind;
	int move;     /* of CASE_STEP_MOVE */
	int evidence; /* of CASE_STEP_ATTACH */
	char person
	    [CASE_PERSON_SIZE]; /* "uid 0", "card <fingerprint>", "host" */
	unsigned offices;       /* that the person holds, bits */
	bool is_signed;         /* by the person's key */
	bool has_code; /* the one-time code and fingerprint were right */
	bool has_note;
	int64_t at_ms;
};

struct case_vote {
	int move;
	char person[CASE_PERSON_SIZE];
};

/* Where a case stands.  Start it as `{ 0 }`. */
struct case_status {
	bool is_begun;
	int state;
	int64_t since_ms;  /* of that state */
	uint32_t evidence; /* bits of what is there */
	struct case_vote votes[CASE_VOTES_MAX];
	int vote_count;
	/* Who made each move last; "" for nobody. */
	char made_by[CASE_MOVES_MAX][CASE_PERSON_SIZE];
	int step_count;
};

/*
 * May this step be taken now?  ERROR_DENIED: E7101 not in this state, E7102 not
 * by this office, E7103 evidence is missing, E7104 the code was not given,
 * E7105 needs a key's signature, E7106 the same person again, or one who may
 * not, E7107 a reason is missing, E7108 the case has ended; E7109 too many
 * steps; ERROR_NOT_FOUND E7110: no such move or evidence.
 */
int case_judge(const struct case_definition *definition,
    const struct case_status *status, const struct case_step *step,
    struct error *err) MUST_CHECK;

/* Take a step that was judged good. */
void case_apply(const struct case_definition *definition,
    struct case_status *status, const struct case_step *step);

/* Persons who must still agree to a move after those that have. */
int case_missing_persons(const struct case_definition *definition,
    const struct case_status *status, int move);

bool case_is_over(const struct case_definition *definition,
    const struct case_status *status);

/*
 * When the present state must have been left: the end of its last civil day in
 * UTC+08:00, the day after the first being day 1 (次日); INT64_MAX for never.
 */
int64_t case_due_ms(const struct case_definition *definition,
    const struct case_status *status);
bool case_is_overdue(const struct case_definition *definition,
    const struct case_status *status, int64_t now_ms);

/* When a notice before the deadline goes out; INT64_MAX if not in this state. */
int64_t case_notice_ms(const struct case_definition *definition,
    const struct case_status *status, const struct case_notice *notice);

/*
 * When a case that nobody touches has to be looked at again: for a move that
 * the system makes when it is overdue, or the first notice after `after_ms`.
 * INT64_MAX for never.
 */
int64_t case_next_look_ms(const struct case_definition *definition,
    const struct case_status *status, int64_t after_ms);

/* The move that the system makes for this reason in this state; CASE_NONE. */
int case_system_move(const struct case_definition *definition,
    const struct case_status *status, enum case_when when);

const char *case_step_kind_name(enum case_step_kind kind);
bool case_step_kind_parse(const char *name, enum case_step_kind *ret_kind);

#endif
