#include "case/case_engine.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/times.h"
#include "policy/office.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static const char *const step_names[CASE_STEP_COUNT] = { "open", "attach",
	"code", "move" };

const char *
case_step_kind_name(enum case_step_kind kind)
{
	return step_names[kind];
}

bool
case_step_kind_parse(const char *name, enum case_step_kind *ret_kind)
{
	int found = text_find(step_names, CASE_STEP_COUNT, name);

	if (found < 0)
		return false;
	*ret_kind = (enum case_step_kind)found;
	return true;
}

static bool
has_bit(uint32_t bits, int index)
{
	return index >= 0 && (bits >> index & 1) != 0;
}

static const struct case_state *
state_of(const struct case_definition *definition,
    const struct case_status *status)
{
	return &definition->states[status->state];
}

/* ---- judging ------------------------------------------------------------- */

static int
judge_attach(const struct case_definition *definition,
    const struct case_status *status, const struct case_step *step,
    struct error *err)
{
	if (step->evidence < 0 || step->evidence >= definition->evidence_count)
		return error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "%s has no such evidence", definition->name);
	if (!state_of(definition, status)->is_open)
		return error_set_id(err, "E7101", ERROR_DENIED,
		    "nothing is added in state %s",
		    state_of(definition, status)->name);
	return 0;
}

/* One of two must not be the other, nor who made a move that stays apart. */
static int
judge_person(const struct case_definition *definition,
    const struct case_status *status, const struct case_step *step,
    struct error *err)
{
	const struct case_move *move = &definition->moves[step->move];

	for (int i = 0; i < status->vote_count; i++)
		if (status->votes[i].move == step->move &&
		    text_equal(status->votes[i].person, step->person))
			return error_set_id(err, "E7106", ERROR_DENIED,
			    "this person has agreed to %s", move->name);
	for (int i = 0; i < definition->move_count; i++)
		if (has_bit(move->apart_from, i) &&
		    text_equal(status->made_by[i], step->person))
			return error_set_id(err, "E7106", ERROR_DENIED,
			    "%s is for somebody else than who made %s",
			    move->name, definition->moves[i].name);
	return 0;
}

static int
judge_needs(const struct case_definition *definition,
    const struct case_status *status, const struct case_step *step,
    struct error *err)
{
	const struct case_move *move = &definition->moves[step->move];

	for (int i = 0; i < definition->evidence_count; i++)
		if (has_bit(move->needs, i) && !has_bit(status->evidence, i))
			return error_set_id(err, "E7103", ERROR_DENIED,
			    "%s needs %s", move->name,
			    definition->evidence[i].name);
	if (move->needs_code && !step->has_code)
		return error_set_id(err, "E7104", ERROR_DENIED,
		    "%s needs the one-time code and the fingerprint",
		    move->name);
	if (move->needs_note && !step->has_note)
		return error_set_id(err, "E7107", ERROR_DENIED,
		    "%s needs a reason", move->name);
	return 0;
}

static int
judge_move(const struct case_definition *definition,
    const struct case_status *status, const struct case_step *step,
    struct error *err)
{
	const struct case_move *move;

	if (step->move < 0 || step->move >= definition->move_count)
		return error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "%s has no such move", definition->name);
	move = &definition->moves[step->move];
	if (!has_bit(move->from, status->state))
		return error_set_id(err, "E7101", ERROR_DENIED,
		    "%s is not made in state %s", move->name,
		    state_of(definition, status)->name);
	/* Whose office it is shows with the key. */
	if (move->is_signed && !step->is_signed)
		return error_set_id(err, "E7105", ERROR_DENIED,
		    "%s is signed with a key", move->name);
	if ((move->offices & step->offices) == 0)
		return error_set_id(err, "E7102", ERROR_DENIED,
		    "%s is for others", move->name);
	if (move->when == CASE_WHEN_OVERDUE &&
	    !case_is_overdue(definition, status, step->at_ms))
		return error_set_id(err, "E7101", ERROR_DENIED,
		    "%s is not overdue", state_of(definition, status)->name);
	if (judge_needs(definition, status, step, err) < 0)
		return -1;
	return judge_person(definition, status, step, err);
}

int
case_judge(const struct case_definition *definition,
    const struct case_status *status, const struct case_step *step,
    struct error *err)
{
	if (step->person[0] == '\0')
		return error_set_id(err, "E7102", ERROR_DENIED, "by nobody");
	if (!status->is_begun || step->kind == CASE_STEP_OPEN) {
		if (!status->is_begun && step->kind == CASE_STEP_OPEN)
			return 0;
		return error_set_id(err, "E7101", ERROR_DENIED,
		    "a case is opened once, first");
	}
	if (case_is_over(definition, status))
		return error_set_id(err, "E7108", ERROR_DENIED,
		    "it ended as %s", state_of(definition, status)->name);
	if (status->step_count >= CASE_STEPS_MAX)
		return error_set_id(err, "E7109", ERROR_DENIED,
		    "more than %d steps", CASE_STEPS_MAX);
	if (step->kind == CASE_STEP_ATTACH)
		return judge_attach(definition, status, step, err);
	if (step->kind == CASE_STEP_MOVE)
		return judge_move(definition, status, step, err);
	if (definition->has_code && status->state == definition->first)
		return 0;
	return error_set_id(err, "E7101", ERROR_DENIED,
	    "no code is given out in state %s",
	    state_of(definition, status)->name);
}

/* ---- applying ------------------------------------------------------------ */

int
case_missing_persons(const struct case_definition *definition,
    const struct case_status *status, int move)
{
	int missing = definition->moves[move].persons;

	for (int i = 0; i < status->vote_count; i++)
		missing -= status->votes[i].move == move;
	return missing > 0 ? missing : 0;
}

static void
make_move(const struct case_definition *definition, struct case_status *status,
    const struct case_step *step)
{
	if (case_missing_persons(definition, status, step->move) > 1) {
		struct case_vote *vote = &status->votes[status->vote_count];

		/* The first of two; an agreement to another move gives way. */
		if (status->vote_count == CASE_VOTES_MAX)
			vote = &status->votes[--status->vote_count];
		vote->move = step->move;
		memcpy(vote->person, step->person, sizeof(vote->person));
		status->vote_count++;
		return;
	}
	memcpy(status->made_by[step->move], step->person, sizeof(step->person));
	status->state = definition->moves[step->move].to;
	status->since_ms = step->at_ms;
	status->vote_count = 0;
}

void
case_apply(const struct case_definition *definition, struct case_status *status,
    const struct case_step *step)
{
	status->step_count++;
	switch (step->kind) {
	case CASE_STEP_OPEN:
		status->is_begun = true;
		status->state = definition->first;
		status->since_ms = step->at_ms;
		break;
	case CASE_STEP_ATTACH:
		/* Who agreed did so without having seen this. */
		status->evidence |= UINT32_C(1) << step->evidence;
		status->vote_count = 0;
		break;
	case CASE_STEP_MOVE:
		make_move(definition, status, step);
		break;
	case CASE_STEP_CODE:
	case CASE_STEP_COUNT:
	default:
		break;
	}
}

/* ---- time ------------------------------------------------------------------ */

bool
case_is_over(const struct case_definition *definition,
    const struct case_status *status)
{
	return status->is_begun && state_of(definition, status)->is_final;
}

int64_t
case_due_ms(const struct case_definition *definition,
    const struct case_status *status)
{
	int days = state_of(definition, status)->days;

	if (!status->is_begun || days == 0)
		return INT64_MAX;
	return times_next_day(status->since_ms) + (int64_t)days * DAY_MS;
}

bool
case_is_overdue(const struct case_definition *definition,
    const struct case_status *status, int64_t now_ms)
{
	return now_ms >= case_due_ms(definition, status);
}

int64_t
case_notice_ms(const struct case_definition *definition,
    const struct case_status *status, const struct case_notice *notice)
{
	if (!status->is_begun || notice->state != status->state)
		return INT64_MAX;
	return case_due_ms(definition, status) -
	    (int64_t)notice->before * DAY_MS;
}

int
case_system_move(const struct case_definition *definition,
    const struct case_status *status, enum case_when when)
{
	for (int i = 0; i < definition->move_count; i++)
		if (definition->moves[i].when == when &&
		    has_bit(definition->moves[i].from, status->state))
			return i;
	return CASE_NONE;
}

int64_t
case_next_look_ms(const struct case_definition *definition,
    const struct case_status *status, int64_t after_ms)
{
	int64_t next = INT64_MAX;

	if (case_system_move(definition, status, CASE_WHEN_OVERDUE) !=
	    CASE_NONE)
		next = case_due_ms(definition, status);
	for (int i = 0; i < definition->notice_count; i++) {
		int64_t at =
		    case_notice_ms(definition, status, &definition->notices[i]);

		if (definition->notices[i].state != CASE_NONE &&
		    at > after_ms && at < next)
			next = at;
	}
	return next;
}
