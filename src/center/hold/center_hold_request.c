/*
 * What an operator asks about holds on the control socket.  A hold is in force
 * before the asker is told; what was done is an entry of the log.
 */
#include "center/center.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center_rows.h"
#include "center/epoch/center_epoch.h"
#include "center/hold/center_hold.h"
#include "center/hold/center_hold_internal.h"
#include "center/hold/center_hold_rows.h"
#include "center/log/center_log.h"
#include "directory/directory.h"
#include "http/http_path.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { BODY_MAX = 4096, HOUR_MS = 3600 * 1000 };

/* POST /v1/holds, and of a lift its reason alone. */
struct body {
	enum hold_scope scope;
	char name[HOLD_NAME_SIZE];
	enum hold_direction direction;
	bool waits;
	char reason[HOLD_REASON_SIZE];
	int64_t seconds;
};

struct holding {
	struct group_op op; /* first: the group hands it back */
	struct center *center;
	struct peer *peer;
	uint32_t id;
	struct hold_record record;
};

/* ---- deciding -------------------------------------------------------- */

static bool
is_authority(const struct directory *directory, const char *name)
{
	struct directory_center center;

	if (directory_find_center(directory, name, &center))
		return true;
	for (uint32_t i = 0; i < directory_management_count(directory); i++)
		if (text_equal(directory_management_at(directory, i).name,
			name))
			return true;
	return false;
}

/* A gateway that fetches for somebody. */
static bool
is_gateway(const struct directory *directory, const char *name)
{
	for (uint32_t i = 0; i < directory_org_count(directory); i++)
		if (text_equal(directory_org_at(directory, i).host, name))
			return true;
	return false;
}

static bool
is_waybill(const struct center *center, const char *name)
{
	struct rows *rows = store_rows(center->spool.store);
	struct error err = { 0 };
	char text[ID_TEXT_SIZE];
	struct id id;

	return text_copy_len(text, sizeof(text), name, strcspn(name, "/")) &&
	    id_parse(text, &id) && center_waybill_is_known(rows, &id, &err) > 0;
}

static bool
is_known(const struct center *center, const struct directory *directory,
    const struct hold *hold)
{
	struct directory_org org;
	struct org_code code;

	if (hold->scope == HOLD_HOST)
		return is_gateway(directory, hold->name);
	if (hold->scope == HOLD_WAYBILL)
		return is_waybill(center, hold->name);
	return org_code_parse(hold->name, &code) &&
	    directory_find_org(directory, &code, &org);
}

static int
judge(const struct holding *holding, struct error *err)
{
	const struct center *center = holding->center;
	const struct directory *directory = spool_directory(&center->spool);
	const struct hold *hold = &holding->record.hold;
	int64_t now = holding->record.time_ms;
	struct rows *rows = store_rows(center->spool.store);
	struct hold_request facts = { .hold = hold };
	struct verdict verdict;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (center_hold_count(rows, now - HOUR_MS, &facts.last_hour, err) < 0 ||
	    center_hold_count_active(rows, now, &facts.active, err) < 0)
		return -1;
	facts.active -= holding->record.action == HOLD_RENEW;
	facts.is_known = is_known(center, directory, hold);
	facts.is_authority =
	    hold->scope == HOLD_HOST && is_authority(directory, hold->name);
	verdict = hold_judge(&facts, now);
	return verdict_check(&verdict, hold->name, err);
}

/* ---- doing ----------------------------------------------------------- */

static int
write_record(struct holding *holding, struct error *err)
{
	struct center *center = holding->center;
	struct bytes json = { 0 };
	uint64_t entry;
	int rc = -1;

	if (hold_record_encode(&holding->record, &json, err) == 0 &&
	    host_log_append(&center->log, &json, &entry, err) == 0)
		rc = center_hold_note(store_rows(center->spool.store),
		    &holding->record, entry, err);
	bytes_free(&json);
	return rc;
}

/* The same again only makes it last longer. */
static int
apply_add(struct group_op *op, struct error *err)
{
	struct holding *holding = (struct holding *)(void *)op;
	struct rows *rows = store_rows(holding->center->spool.store);
	struct hold *hold = &holding->record.hold;
	struct hold known;
	int found = center_hold_find_like(rows, hold, holding->record.time_ms,
	    &known, err);

	if (found < 0)
		return -1;
	holding->record.action = found > 0 ? HOLD_RENEW : HOLD_ADD;
	if (judge(holding, err) < 0)
		return -1;
	if (found > 0) {
		hold->id = known.id;
		hold->from_ms = known.from_ms;
	}
	if ((found > 0 ? center_hold_renew(rows, hold, err)
		       : center_hold_add(rows, hold, err)) < 0)
		return -1;
	return write_record(holding, err);
}

static int
apply_lift(struct group_op *op, struct error *err)
{
	struct holding *holding = (struct holding *)(void *)op;
	struct rows *rows = store_rows(holding->center->spool.store);
	struct hold_record *record = &holding->record;
	int64_t id = record->hold.id;
	int found =
	    center_hold_find(rows, id, record->time_ms, &record->hold, err);

	if (found == 0)
		return error_set_id(err, "E4039", ERROR_NOT_FOUND,
		    "no hold %" PRId64 " is in force", id);
	record->action = HOLD_LIFT;
	if (found < 0 || center_hold_lift(rows, id, record->time_ms, err) < 0)
		return -1;
	return write_record(holding, err);
}

static void
log_done(const struct holding *holding)
{
	const struct hold *hold = &holding->record.hold;
	struct log_line line;

	log_begin(&line, &holding->center->spool.env->log, LOG_LEVEL_NOTICE,
	    "hold.changed");
	log_text(&line, "action", hold_action_name(holding->record.action));
	log_i64(&line, "hold", hold->id);
	log_text(&line, "scope", hold_scope_name(hold->scope));
	log_text(&line, "name", hold->name);
	log_text(&line, "direction", hold_direction_name(hold->direction));
	log_text(&line, "by", holding->record.by);
	log_end(&line);
}

static void
answer(const struct holding *holding)
{
	const struct hold *hold = &holding->record.hold;
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "id", hold->id);
	json_write_text(&writer, "action",
	    hold_action_name(holding->record.action));
	json_write_text(&writer, "scope", hold_scope_name(hold->scope));
	json_write_text(&writer, "name", hold->name);
	json_write_text(&writer, "direction",
	    hold_direction_name(hold->direction));
	json_write_bool(&writer, "wait", hold->waits);
	json_write_time(&writer, "from", hold->from_ms);
	json_write_time(&writer, "until", hold->until_ms);
	json_write_end(&writer);
	if (json_write_done(&writer, &err) < 0) {
		peer_refuse(holding->peer, holding->id, &err);
	} else {
		response.body = blob_of_bytes(&json);
		peer_tell(holding->peer, MESSAGE_RESPONSE, holding->id,
		    &response, -1);
	}
	bytes_free(&json);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct holding *holding = (struct holding *)(void *)op;

	if (failure != NULL) {
		peer_refuse(holding->peer, holding->id, failure);
	} else {
		center_holds_reload(holding->center->holds);
		log_done(holding);
		answer(holding);
	}
	free(holding);
}

/* ---- reading the request --------------------------------------------- */

static bool
parse_scope(const char *text, void *field)
{
	return hold_scope_parse(text, field);
}

static bool
parse_direction(const char *text, void *field)
{
	return hold_direction_parse(text, field);
}

static const struct json_field add_fields[] = {
	{ .name = "scope",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct body, scope),
	    .parse = parse_scope },
	{ .name = "name",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct body, name),
	    .size = HOLD_NAME_SIZE },
	{ .name = "direction",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct body, direction),
	    .parse = parse_direction },
	{ .name = "wait",
	    .kind = JSON_FIELD_BOOL,
	    .offset = offsetof(struct body, waits),
	    .optional = true },
	{ .name = "reason",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct body, reason),
	    .size = HOLD_REASON_SIZE },
	{ .name = "seconds",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct body, seconds),
	    .size = sizeof(int64_t),
	    .min = 1,
	    .max = INT32_MAX },
};

static const struct json_field lift_fields[] = {
	{ .name = "reason",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct body, reason),
	    .size = HOLD_REASON_SIZE },
};

/* The reason is what a supervisor will read later. */
static int
read_body(const struct message_request *request,
    const struct json_field *fields, size_t count, struct body *ret_body,
    struct error *err)
{
	if (json_decode(request->body.data, request->body.len, BODY_MAX, fields,
		count, ret_body, err) < 0)
		return -1;
	if (ret_body->reason[0] == '\0')
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "a reason is needed");
	return 0;
}

static int
read_add(struct holding *holding, const struct message_request *request,
    struct error *err)
{
	struct hold_record *record = &holding->record;
	struct body body = { 0 };

	if (read_body(request, add_fields, ARRAY_LEN(add_fields), &body, err) <
	    0)
		return -1;
	record->hold = (struct hold){ .scope = body.scope,
		.direction = body.direction,
		.waits = body.waits,
		.from_ms = record->time_ms,
		.until_ms = record->time_ms + body.seconds * 1000 };
	memcpy(record->hold.name, body.name, sizeof(record->hold.name));
	memcpy(record->reason, body.reason, sizeof(record->reason));
	holding->op.apply = apply_add;
	return 0;
}

static int
read_lift(struct holding *holding, const struct message_request *request,
    const struct http_segments *segments, struct error *err)
{
	struct body body = { 0 };
	uint64_t id;

	if (!text_parse_u64(segments->text[0], INT64_MAX, &id))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "a hold is named by its number");
	if (read_body(request, lift_fields, ARRAY_LEN(lift_fields), &body,
		err) < 0)
		return -1;
	holding->record.hold.id = (int64_t)id;
	memcpy(holding->record.reason, body.reason,
	    sizeof(holding->record.reason));
	holding->op.apply = apply_lift;
	return 0;
}

static int
read_request(struct holding *holding, const struct message_request *request,
    struct error *err)
{
	struct http_segments segments;

	if (text_equal(request->path, "/v1/holds"))
		return read_add(holding, request, err);
	if (http_path_match("/v1/holds/{}:lift", request->path, &segments))
		return read_lift(holding, request, &segments, err);
	return error_set_id(err, "E6201", ERROR_NOT_FOUND, "nothing at %s",
	    request->path);
}

void
center_hold_request(struct center *center, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct holding *holding = calloc(1, sizeof(*holding));
	struct error err = { 0 };

	if (holding == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	holding->center = center;
	holding->peer = peer;
	holding->id = id;
	holding->op.finish = finish;
	holding->record.time_ms = spool_now(&center->spool);
	text_copy(holding->record.environment,
	    sizeof(holding->record.environment), center->environment);
	text_copy(holding->record.center, sizeof(holding->record.center),
	    center->name);
	snprintf(holding->record.by, sizeof(holding->record.by), "uid %" PRIu32,
	    request->uid);
	if (center_epoch_check(center->epoch, &err) < 0 ||
	    read_request(holding, request, &err) < 0) {
		peer_refuse(peer, id, &err);
		free(holding);
		return;
	}
	group_add(center->spool.group, &holding->op);
}
