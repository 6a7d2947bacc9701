#include <string.h>

#include "base/text.h"
#include "case/case_definition_internal.h"
#include "policy/office.h"

static uint32_t
bit(int index)
{
	return UINT32_C(1) << index;
}

/* States that moves lead to from `from`, over those that `may` lets pass. */
static uint32_t
spread(const struct case_definition *definition, uint32_t from,
    bool (*may)(const struct case_move *move))
{
	uint32_t reached = from;
	uint32_t before;

	do {
		before = reached;
		for (int i = 0; i < definition->move_count; i++) {
			const struct case_move *move = &definition->moves[i];

			if ((move->from & reached) != 0 && may(move))
				reached |= bit(move->to);
		}
	} while (reached != before);
	return reached;
}

static bool
any_move(const struct case_move *move)
{
	(void)move;
	return true;
}

static bool
one_person_move(const struct case_move *move)
{
	return move->persons < 2;
}

/* Those from which an end is reached: the same, backwards. */
static uint32_t
lead_to_end(const struct case_definition *definition)
{
	uint32_t good = 0;
	uint32_t before;

	for (int i = 0; i < definition->state_count; i++)
		if (definition->states[i].is_final)
			good |= bit(i);
	do {
		before = good;
		for (int i = 0; i < definition->move_count; i++)
			if ((good & bit(definition->moves[i].to)) != 0)
				good |= definition->moves[i].from;
	} while (good != before);
	return good;
}

static void
check_reach(const struct case_definition *definition,
    struct case_findings *findings)
{
	uint32_t first = bit(definition->first);
	uint32_t reached = spread(definition, first, any_move);
	uint32_t alone = spread(definition, first, one_person_move);
	uint32_t ending = lead_to_end(definition);

	for (int i = 0; i < definition->state_count; i++) {
		const struct case_state *state = &definition->states[i];

		if ((reached & bit(i)) == 0)
			case_find_fault(findings, state->line,
			    "add a move to it, or leave it out",
			    "state %s is never reached", state->name);
		if ((ending & bit(i)) == 0)
			case_find_fault(findings, state->line,
			    "add a move that leads to a final state",
			    "state %s has no way out", state->name);
		if (state->effect[0] != '\0' && (alone & bit(i)) != 0 &&
		    case_effect_is_guarded(state->effect))
			case_find_fault(findings, state->line,
			    "have a move on every way to it made by persons = 2",
			    "state %s changes bulletins on one person's word",
			    state->name);
	}
}

/* The moves out of a state that the system makes by itself then. */
static int
count_moves(const struct case_definition *definition, int state,
    enum case_when when)
{
	int count = 0;

	for (int i = 0; i < definition->move_count; i++)
		count += (definition->moves[i].from & bit(state)) != 0 &&
		    definition->moves[i].when == when;
	return count;
}

static void
check_state(const struct case_definition *definition, int index,
    struct case_findings *findings)
{
	const struct case_state *state = &definition->states[index];
	bool has_out = false;

	for (int i = 0; i < definition->move_count; i++)
		has_out |= (definition->moves[i].from & bit(index)) != 0;
	if (state->is_final &&
	    (has_out || state->days > 0 || state->effect[0] != '\0'))
		case_find_fault(findings, state->line,
		    "take away its moves, deadline and effect",
		    "state %s is final and goes on", state->name);
	if ((state->days > 0) != (state->due != CASE_NONE))
		case_find_fault(findings, state->line,
		    "give both days and due, or neither",
		    "a deadline of state %s is for no move", state->name);
	else if (state->due != CASE_NONE &&
	    (definition->moves[state->due].from & bit(index)) == 0)
		case_find_fault(findings, state->line,
		    "name a move that begins in this state",
		    "state %s is due a move that it does not have",
		    state->name);
	if ((state->effect[0] != '\0') !=
	    (count_moves(definition, index, CASE_WHEN_PUBLISHED) == 1))
		case_find_fault(findings, state->line,
		    "give it an effect and one move with when = published",
		    "effect and publication of state %s do not go together",
		    state->name);
	if (count_moves(definition, index, CASE_WHEN_OVERDUE) > 0 &&
	    (state->due == CASE_NONE ||
		definition->moves[state->due].when != CASE_WHEN_OVERDUE))
		case_find_fault(findings, state->line,
		    "make that move the one that is due",
		    "state %s has a move when overdue and no such deadline",
		    state->name);
}

static void
check_move(const struct case_definition *definition, int index,
    struct case_findings *findings)
{
	const struct case_move *move = &definition->moves[index];
	bool is_system = move->offices == 1u << OFFICE_SYSTEM;

	if (is_system != (move->when != CASE_BY_HAND))
		case_find_fault(findings, move->line,
		    "give both who = system and when, or neither",
		    "move %s: what the system does needs a moment", move->name);
	if (move->from == 0)
		case_find_fault(findings, move->line, "name a state",
		    "move %s begins nowhere", move->name);
	if (is_system &&
	    (move->persons > 1 || move->is_signed || move->needs_code ||
		move->needs_note || move->needs != 0))
		case_find_fault(findings, move->line,
		    "leave it to the move before",
		    "move %s of the system asks for what persons give",
		    move->name);
	if (move->persons > 1 && !move->is_signed)
		case_find_fault(findings, move->line, "add signed = yes",
		    "move %s: two persons are told apart by their keys",
		    move->name);
	if (move->persons > 1 && (move->offices & ~(1u << OFFICE_OFFICER)) != 0)
		case_find_fault(findings, move->line, "write who = officer",
		    "move %s of two persons is for officers", move->name);
	if ((move->apart_from & bit(index)) != 0)
		case_find_fault(findings, move->line, "leave it out",
		    "move %s is apart from itself", move->name);
	if (move->needs_code && !definition->has_code)
		case_find_fault(findings, move->line,
		    "add code = yes to [case]",
		    "move %s asks for a code that nobody gets", move->name);
}

static void
check_notice(const struct case_definition *definition,
    const struct case_notice *notice, struct case_findings *findings)
{
	int days = notice->state == CASE_NONE
	    ? 0
	    : definition->states[notice->state].days;

	if ((notice->move == CASE_NONE) == (notice->state == CASE_NONE))
		case_find_fault(findings, notice->line,
		    "say either move, or state and before",
		    "notice %s: it is not said when", notice->name);
	else if ((notice->state != CASE_NONE) != (notice->before > 0) ||
	    (notice->state != CASE_NONE && notice->before >= days))
		case_find_fault(findings, notice->line,
		    "make before smaller than days of that state",
		    "notice %s comes before no deadline", notice->name);
	if ((notice->to & 1u << CASE_TELL_ORGANISATION) != 0 &&
	    definition->organisation == CASE_NONE)
		case_find_fault(findings, notice->line,
		    "add organisation = FIELD to [case]",
		    "notice %s is for an organisation that is not named",
		    notice->name);
}

static void
check_fields(const struct case_definition *definition,
    struct case_findings *findings)
{
	const struct case_field *subject =
	    &definition->fields[definition->subject];

	if (!subject->is_required)
		case_find_fault(findings, subject->line, "add required = yes",
		    "field %s is the subject and may be missing",
		    subject->name);
	if (definition->organisation != CASE_NONE &&
	    definition->fields[definition->organisation].kind !=
		CASE_FIELD_ORGANISATION)
		case_find_fault(findings,
		    definition->fields[definition->organisation].line,
		    "make its kind organisation",
		    "whose case it is must be a code");
}

void
case_definition_check(const struct case_definition *definition,
    struct case_findings *findings)
{
	check_fields(definition, findings);
	for (int i = 0; i < definition->move_count; i++)
		check_move(definition, i, findings);
	for (int i = 0; i < definition->state_count; i++)
		check_state(definition, i, findings);
	for (int i = 0; i < definition->notice_count; i++)
		check_notice(definition, &definition->notices[i], findings);
	check_reach(definition, findings);
}
