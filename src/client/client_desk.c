/* The desk of received letters: assignment, many at once, what waits. */
#include <stdio.h>

#include "client/client_shape.h"

/* ---- one letter ------------------------------------------------------------------- */

/* `unit` and `note` may be NULL, `person` 0. */
static json_t *
pack_assignment(const char *unit, int64_t person, const char *note)
{
	json_t *body = json_object();

	if (unit != NULL)
		json_object_set_new(body, "unit", json_string(unit));
	if (person != 0)
		json_object_set_new(body, "person", json_integer(person));
	if (note != NULL)
		json_object_set_new(body, "note", json_string(note));
	return body;
}

enum yizhan_result
yizhan_assign(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, const char *unit, int64_t person, const char *note,
    struct yizhan_arrival **ret_arrival)
{
	return client_arrival_act(yizhan, waybill_id, recipient, ":assign",
	    pack_assignment(unit, person, note), ret_arrival);
}

enum yizhan_result
yizhan_hand_back(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, const char *reason,
    struct yizhan_arrival **ret_arrival)
{
	return client_arrival_act(yizhan, waybill_id, recipient, ":hand-back",
	    json_pack("{s:s}", "reason", reason != NULL ? reason : ""),
	    ret_arrival);
}

/* ---- to whom --------------------------------------------------------------------------- */

static const struct client_field unit_fields[] = {
	CLIENT_FIELD("id", CLIENT_NUMBER, yizhan_unit, id),
	CLIENT_FIELD("code", CLIENT_TEXT, yizhan_unit, code),
	CLIENT_FIELD("name", CLIENT_TEXT, yizhan_unit, name),
	CLIENT_FIELD("open", CLIENT_TRUTH, yizhan_unit, is_open),
	CLIENT_FIELD("source", CLIENT_TEXT, yizhan_unit, source),
	CLIENT_END,
};
static const struct client_shape unit_shape = { sizeof(struct yizhan_unit),
	unit_fields };
static const struct client_field colleague_fields[] = {
	CLIENT_FIELD("id", CLIENT_NUMBER, yizhan_colleague, id),
	CLIENT_FIELD("name", CLIENT_TEXT, yizhan_colleague, name),
	CLIENT_FIELD("unit", CLIENT_TEXT, yizhan_colleague, unit),
	CLIENT_FIELD("role", CLIENT_TEXT, yizhan_colleague, role),
	CLIENT_END,
};
static const struct client_shape colleague = { sizeof(struct yizhan_colleague),
	colleague_fields };
static const struct client_field units_fields[] = {
	CLIENT_LIST("units", CLIENT_RECORDS, yizhan_units, unit_count, units,
	    &unit_shape),
	CLIENT_LIST("persons", CLIENT_RECORDS, yizhan_units, person_count,
	    persons, &colleague),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_units, json),
	CLIENT_END,
};
static const struct client_shape units = { sizeof(struct yizhan_units),
	units_fields };

void
yizhan_units_free(struct yizhan_units *given)
{
	client_shape_free(given);
}

enum yizhan_result
yizhan_units(struct yizhan *yizhan, struct yizhan_units **ret_units)
{
	return client_get(yizhan, "/v1/units", &units, ret_units);
}

/* ---- many at once ---------------------------------------------------------------------- */

static const struct client_field outcome_fields[] = {
	CLIENT_FIELD("letter", CLIENT_TEXT, yizhan_outcome, letter),
	CLIENT_FIELD("status", CLIENT_NUMBER, yizhan_outcome, status),
	CLIENT_FIELD("state", CLIENT_TEXT, yizhan_outcome, state),
	CLIENT_FIELD("problem.code", CLIENT_TEXT, yizhan_outcome, code),
	CLIENT_FIELD("problem.title", CLIENT_TEXT, yizhan_outcome, title),
	CLIENT_END,
};
static const struct client_shape outcome = { sizeof(struct yizhan_outcome),
	outcome_fields };
static const struct client_field outcomes_fields[] = {
	CLIENT_FIELD("done", CLIENT_NUMBER, yizhan_outcomes, done),
	CLIENT_FIELD("failed", CLIENT_NUMBER, yizhan_outcomes, failed),
	CLIENT_LIST("results", CLIENT_RECORDS, yizhan_outcomes, count, outcomes,
	    &outcome),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_outcomes, json),
	CLIENT_END,
};
static const struct client_shape outcomes = { sizeof(struct yizhan_outcomes),
	outcomes_fields };

void
yizhan_outcomes_free(struct yizhan_outcomes *given)
{
	client_shape_free(given);
}

static enum yizhan_result
act_on_all(struct yizhan *yizhan, const char *target, json_t *body,
    const char *const *letters, size_t count,
    struct yizhan_outcomes **ret_outcomes)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(letters[i]));
	json_object_set_new(body, "letters", list);
	return client_post(yizhan, target, body, &outcomes, ret_outcomes);
}

enum yizhan_result
yizhan_confirm_all(struct yizhan *yizhan, const char *const *letters,
    size_t count, struct yizhan_outcomes **ret_outcomes)
{
	return act_on_all(yizhan, "/v1/inbox:confirm", json_object(), letters,
	    count, ret_outcomes);
}

enum yizhan_result
yizhan_return_all(struct yizhan *yizhan, const char *const *letters,
    size_t count, const char *reason, struct yizhan_outcomes **ret_outcomes)
{
	return act_on_all(yizhan, "/v1/inbox:return",
	    json_pack("{s:s}", "reason", reason), letters, count, ret_outcomes);
}

enum yizhan_result
yizhan_assign_all(struct yizhan *yizhan, const char *const *letters,
    size_t count, const char *unit, int64_t person, const char *note,
    struct yizhan_outcomes **ret_outcomes)
{
	return act_on_all(yizhan, "/v1/inbox:assign",
	    pack_assignment(unit, person, note), letters, count, ret_outcomes);
}

enum yizhan_result
yizhan_hand_back_all(struct yizhan *yizhan, const char *const *letters,
    size_t count, const char *reason, struct yizhan_outcomes **ret_outcomes)
{
	return act_on_all(yizhan, "/v1/inbox:hand-back",
	    json_pack("{s:s}", "reason", reason), letters, count, ret_outcomes);
}

/* ---- what waits -------------------------------------------------------------------------- */

#define ANNOUNCED(name) CLIENT_FIELD(#name, CLIENT_TEXT, yizhan_announced, name)
static const struct client_field announced_fields[] = { ANNOUNCED(waybill_id),
	ANNOUNCED(recipient), ANNOUNCED(speed), ANNOUNCED(announced_at),
	ANNOUNCED(fetch_at), CLIENT_END };
static const struct client_shape announced = { sizeof(struct yizhan_announced),
	announced_fields };
static const struct client_field waiting_fields[] = {
	CLIENT_LIST("waiting", CLIENT_RECORDS, yizhan_waiting, count, letters,
	    &announced),
	CLIENT_FIELD("next", CLIENT_TEXT, yizhan_waiting, next),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_waiting, json),
	CLIENT_END,
};
static const struct client_shape waiting = { sizeof(struct yizhan_waiting),
	waiting_fields };

void
yizhan_waiting_free(struct yizhan_waiting *given)
{
	client_shape_free(given);
}

enum yizhan_result
yizhan_waiting(struct yizhan *yizhan, const char *cursor, unsigned limit,
    struct yizhan_waiting **ret_waiting)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/waiting") ||
	    !client_param_number(target, "limit", limit > 0 ? limit : 50) ||
	    !client_param(target, "cursor", cursor))
		return client_too_long(yizhan);
	return client_get(yizhan, target, &waiting, ret_waiting);
}

enum yizhan_result
yizhan_fetch_now(struct yizhan *yizhan, int64_t *ret_count)
{
	static const struct client_field fields[] = {
		{ "fetching", CLIENT_NUMBER, 0, 0, NULL }, CLIENT_END
	};
	static const struct client_shape shape = { sizeof(int64_t), fields };
	int64_t *count = NULL;
	enum yizhan_result result =
	    client_post(yizhan, "/v1/inbox:fetch", NULL, &shape, &count);

	if (result == YIZHAN_OK)
		*ret_count = *count;
	client_shape_free(count);
	return result;
}

enum yizhan_result
yizhan_desk(struct yizhan *yizhan, char **ret_json)
{
	return client_get_text(yizhan, "/v1/desk", ret_json);
}
