/*
 * A letter goes to a unit or person (分文), to another one (改分), or back to
 * the registry desk (退分): one or many in one change, each with what came of
 * it, and who did it on the letter's record.
 */
#include <stdlib.h>

#include "base/text.h"
#include "gateway/desk/desk_internal.h"
#include "gateway/gateway.h"
#include "gateway/inbox/inbox_history.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_letters.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "policy/desk_rules.h"
#include "role/people/people_admit.h"
#include "role/people/people_units.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { BODY_MAX = 65536 };

struct moving_item {
	struct inbox_letter_name name;
	struct inbox_row row;
	struct error failure;
};

struct moving {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	struct peer *peer;
	uint32_t id;
	char language[MESSAGE_LANGUAGE_SIZE];
	struct inbox_view view;
	struct inbox_actor actor;
	struct desk_mover mover; /* its texts are in `view` */
	bool is_back;
	bool is_single; /* the answer is the letter */
	char unit[MESSAGE_UNIT_SIZE];
	struct person person; /* row 0: none */
	char note[INBOX_NOTE_SIZE];
	size_t count;
	struct moving_item items[];
};

/* ---- the answer --------------------------------------------------------- */

static int
write_one(struct moving *moving, struct json_writer *writer, struct error *err)
{
	const struct moving_item *item = &moving->items[0];

	if (item->failure.code != ERROR_NONE) {
		*err = item->failure;
		return -1;
	}
	return inbox_read_one(store_rows(moving->gateway->spool.store),
	    spool_directory(&moving->gateway->spool), &item->row.waybill_id,
	    &item->row.recipient, writer, err);
}

static void
write_all(struct moving *moving, struct json_writer *writer)
{
	struct bytes result = { 0 };
	size_t done = 0;

	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "results");
	for (size_t i = 0; i < moving->count; i++) {
		const struct moving_item *item = &moving->items[i];
		bool is_done = item->failure.code == ERROR_NONE;

		bytes_clear(&result);
		inbox_letter_result(&item->name, &item->row,
		    is_done ? NULL : &item->failure, moving->language, &result);
		json_write_raw(writer, NULL, result.data, result.len);
		done += is_done;
	}
	json_write_end(writer);
	json_write_int(writer, "done", (int64_t)done);
	json_write_int(writer, "failed", (int64_t)(moving->count - done));
	json_write_end(writer);
	bytes_free(&result);
}

static void
end(struct moving *moving, const struct error *failure)
{
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	if (failure == NULL && !moving->is_single)
		write_all(moving, &writer);
	else if (failure == NULL && write_one(moving, &writer, &err) < 0)
		failure = &err;
	if (failure == NULL && json_write_done(&writer, &err) < 0)
		failure = &err;
	response.body = blob_of_bytes(&json);
	if (failure != NULL)
		peer_refuse(moving->peer, moving->id, failure);
	else
		peer_tell(moving->peer, MESSAGE_RESPONSE, moving->id, &response,
		    -1);
	bytes_free(&json);
	free(moving);
}

/* ---- durable ------------------------------------------------------------ */

/* Where it goes, for the organisation of this letter. */
static int
find_target(const struct moving *moving, const struct inbox_row *row,
    struct unit *ret_unit, struct error *err)
{
	const struct spool *spool = &moving->gateway->spool;

	if (moving->person.row != 0 &&
	    !people_may_see(moving->person.organisation.text,
		row->recipient.text))
		return error_set_id(err, "E6705", ERROR_MALFORMED,
		    "%s does not work for %s", moving->person.name,
		    row->recipient.text);
	return unit_check(store_rows(spool->store), spool_directory(spool),
	    &row->recipient, moving->unit, ret_unit, err);
}

static int
record(const struct moving *moving, const struct inbox_row *row,
    enum inbox_act act, const struct unit *unit, struct error *err)
{
	const struct inbox_history_entry entry = {
		.letter = row->row,
		.at = spool_now(&moving->gateway->spool),
		.act = act,
		.actor = &moving->actor,
		.unit = unit->code,
		.unit_name = unit->name,
		.person = moving->person.name,
		.note = moving->note,
	};
	struct rows *rows = store_rows(moving->gateway->spool.store);

	/* The record may be full: then nothing was changed. */
	if (inbox_history_add(rows, &entry, err) < 0)
		return -1;
	return inbox_row_assign(rows, row->row, unit->code, moving->person.row,
	    err);
}

static int
move(struct moving *moving, struct inbox_row *row, struct error *err)
{
	struct desk_place from = { row->unit, row->assignee };
	struct desk_place to = { moving->unit, moving->person.row };
	bool was_assigned = row->unit[0] != '\0' || row->assignee != 0;
	struct unit unit = { 0 };
	int is_there;

	if (row->state != INBOX_OPENED && row->state != INBOX_CONFIRMED)
		return error_set_id(err, "E4312", ERROR_EXISTS,
		    "the letter is %s", inbox_state_name(row->state));
	if (moving->is_back) {
		if (desk_check_hand_back(&moving->mover, &from, err) < 0)
			return -1;
		return record(moving, row, INBOX_ACT_HAND_BACK, &unit, err);
	}
	if (find_target(moving, row, &unit, err) < 0)
		return -1;
	is_there = desk_check_assign(&moving->mover, &from, &to, err);
	if (is_there != 0)
		return is_there < 0 ? -1 : 0;
	return record(moving, row,
	    was_assigned ? INBOX_ACT_REASSIGN : INBOX_ACT_ASSIGN, &unit, err);
}

/*
 * A letter that is refused leaves the others alone; what the store itself
 * refuses undoes the whole.
 */
static bool
is_of_letter(const struct error *err)
{
	return err->code == ERROR_NOT_FOUND || err->code == ERROR_EXISTS ||
	    err->code == ERROR_DENIED || err->code == ERROR_MALFORMED;
}

static int
apply(struct group_op *op, struct error *err)
{
	struct moving *moving = (struct moving *)(void *)op;

	for (size_t i = 0; i < moving->count; i++) {
		struct moving_item *item = &moving->items[i];

		item->failure = (struct error){ 0 };
		if (inbox_find_entry(moving->gateway->inbox,
			item->name.waybill_id, item->name.recipient,
			&moving->view, &item->row, &item->failure) == 0 &&
		    move(moving, &item->row, &item->failure) == 0)
			continue;
		if (!is_of_letter(&item->failure)) {
			*err = item->failure;
			return -1;
		}
	}
	return 0;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	end((struct moving *)(void *)op, failure);
}

/* ---- the request -------------------------------------------------------- */

static int
bad(struct error *err, const char *what)
{
	return error_set_id(err, "E6706", ERROR_MALFORMED, "%s", what);
}

/* A text of people, without control characters. */
static int
read_note(const struct json_value *value, bool is_needed,
    char to[INBOX_NOTE_SIZE], struct error *err)
{
	const char *text = json_value_text(value);

	if (value == NULL)
		text = "";
	if (text == NULL || !text_copy(to, INBOX_NOTE_SIZE, text) ||
	    (is_needed && *text == '\0'))
		return bad(err,
		    is_needed ? "a reason of 1 to 512 bytes has to be given"
			      : "note must be a text of at most 512 bytes");
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return bad(err, "the text has a control character");
	return 0;
}

static int
read_person(struct moving *moving, const struct json_value *value,
    struct error *err)
{
	struct rows *rows = store_rows(moving->gateway->spool.store);
	struct person *person = &moving->person;
	int64_t row;
	int found;

	if (value == NULL)
		return 0;
	if (!json_value_integer(value, &row) || row < 0)
		return bad(err, "person must be a number");
	if (row == 0)
		return 0;
	found = person_find(rows, row, person, err);
	if (found < 0)
		return -1;
	/* Of another organisation nobody is there. */
	if (found == 0 || person->disabled_at != 0 ||
	    !people_may_see(moving->view.scope, person->organisation.text) ||
	    (person->role != ACCESS_CLERK && person->role != ACCESS_SUPERVISOR))
		return error_set_id(err, "E6705", ERROR_MALFORMED,
		    "no person %lld works with letters here", (long long)row);
	return 0;
}

static int
read_target(struct moving *moving, const struct json_value *root,
    struct error *err)
{
	const struct json_value *unit = json_value_member(root, "unit");
	const char *code = json_value_text(unit);

	if (unit != NULL &&
	    (code == NULL ||
		!text_copy(moving->unit, sizeof(moving->unit), code)))
		return bad(err, "unit must be the code of a unit");
	if (read_person(moving, json_value_member(root, "person"), err) < 0)
		return -1;
	if (moving->person.row == 0 && moving->unit[0] == '\0')
		return bad(err, "unit or person says who gets it");
	if (moving->person.row == 0)
		return 0;
	if (unit != NULL && !text_equal(moving->person.unit, moving->unit))
		return error_set_id(err, "E6705", ERROR_MALFORMED,
		    "%s is not of unit %s", moving->person.name, moving->unit);
	return text_copy(moving->unit, sizeof(moving->unit),
		   moving->person.unit)
	    ? 0
	    : -1;
}

static struct moving *
new_moving(const struct json_value *list, const struct http_segments *names,
    struct error *err)
{
	size_t count = names->count > 0 ? 1 : json_value_count(list);
	struct moving *moving;

	if (names->count == 0 && inbox_letters_check(list, err) < 0)
		return NULL;
	moving = calloc(1, sizeof(*moving) + count * sizeof(moving->items[0]));
	if (moving == NULL) {
		error_set_memory(err);
		return NULL;
	}
	moving->is_single = names->count > 0;
	moving->count = count;
	if (names->count == 0) {
		for (size_t i = 0; i < count; i++)
			inbox_letter_name(list, i, &moving->items[i].name);
		return moving;
	}
	/* What is too long is no name, and so no letter. */
	(void)text_copy(moving->items[0].name.waybill_id, ID_TEXT_SIZE,
	    names->text[0]);
	(void)text_copy(moving->items[0].name.recipient, ORG_TEXT_SIZE,
	    names->text[1]);
	return moving;
}

static int
read_body(struct moving *moving, const struct json_value *root,
    struct error *err)
{
	if (moving->is_back)
		return read_note(json_value_member(root, "reason"), true,
		    moving->note, err);
	if (read_target(moving, root, err) < 0)
		return -1;
	return read_note(json_value_member(root, "note"), false, moving->note,
	    err);
}

static void
begin(struct gateway *gateway, struct peer *peer, uint32_t id, bool is_back,
    const struct http_segments *names, const struct message_request *request)
{
	struct json_document *document = NULL;
	const struct json_value *root;
	struct moving *moving = NULL;
	struct error err = { 0 };

	if (json_read(request->body.data, request->body.len, BODY_MAX,
		&document, &err) == 0) {
		root = json_root(document);
		moving =
		    new_moving(json_value_member(root, "letters"), names, &err);
	}
	if (moving == NULL) {
		json_document_free(document);
		peer_refuse(peer, id, &err);
		return;
	}
	moving->gateway = gateway;
	moving->peer = peer;
	moving->id = id;
	moving->is_back = is_back;
	moving->view = inbox_view_of(request);
	moving->actor = inbox_actor_of(request);
	moving->mover = (struct desk_mover){
		.is_desk = request->unit[0] == '\0',
		.unit = moving->view.unit,
		.person = request->person,
	};
	text_copy(moving->language, sizeof(moving->language),
	    request->language);
	if (read_body(moving, root, &err) < 0) {
		end(moving, &err);
	} else {
		moving->op.apply = apply;
		moving->op.finish = finish;
		group_add(gateway->spool.group, &moving->op);
	}
	json_document_free(document);
}

void
desk_assign_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct http_segments *names, const struct message_request *request)
{
	begin(gateway, peer, id, false, names, request);
}

void
desk_hand_back_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct http_segments *names, const struct message_request *request)
{
	begin(gateway, peer, id, true, names, request);
}
