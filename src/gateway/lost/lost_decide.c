#include "gateway/lost/lost_decide.h"

#include <stdlib.h>

#include "base/text.h"
#include "gateway/remark.h"
#include "json/json_write.h"
#include "model/id.h"
#include "model/org.h"
#include "role/spool/spool.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

const char lost_decision_schema[] =
    "ALTER TABLE lost_letter ADD COLUMN action INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE lost_decision ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " letter INTEGER NOT NULL REFERENCES lost_letter, at INTEGER NOT NULL,"
    " reviewer TEXT NOT NULL, is_person INTEGER NOT NULL,"
    " action INTEGER NOT NULL, note TEXT NOT NULL) STRICT;"
    "CREATE INDEX lost_decision_letter ON lost_decision (letter, id);";

static const char *const action_names[LOST_ACTION_COUNT] = {
	[LOST_OPEN] = "open",
	[LOST_RESENT] = "resent",
	[LOST_PAPER] = "paper",
	[LOST_NOT_NEEDED] = "not_needed",
};

const char *
lost_action_name(enum lost_action action)
{
	return action_names[action];
}

bool
lost_action_parse(const char *name, enum lost_action *ret_action)
{
	for (int i = 0; i < LOST_ACTION_COUNT; i++) {
		if (text_equal(action_names[i], name)) {
			*ret_action = (enum lost_action)i;
			return true;
		}
	}
	return false;
}

/* ---- rows -------------------------------------------------------------- */

static int
add_decisions(struct rows *rows, const struct lost_name *name,
    enum lost_action action, const struct remark *remark, int64_t now_ms,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO lost_decision (letter, at, reviewer, is_person,"
		" action, note) SELECT id, ?4, ?5, ?6, ?7, ?8 FROM lost_letter"
		" WHERE waybill_id = ?1 AND (?2 = '' OR recipient = ?2)"
		" AND substr(iif(recipient = '', sender, recipient), 1,"
		" length(?3)) = ?3",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, name->waybill_id);
	query_bind_text(query, 2,
	    name->recipient != NULL ? name->recipient->text : "");
	query_bind_text(query, 3, name->scope);
	query_bind_int(query, 4, now_ms);
	query_bind_text(query, 5, remark->by);
	query_bind_int(query, 6, remark->is_person);
	query_bind_int(query, 7, action);
	query_bind_text(query, 8, remark->note);
	return query_finish(query, err);
}

/* The last decision counts. */
static int
set_action(struct rows *rows, const struct id *waybill_id, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE lost_letter SET action = coalesce((SELECT d.action"
		" FROM lost_decision AS d WHERE d.letter = lost_letter.id"
		" ORDER BY d.id DESC LIMIT 1), 0) WHERE waybill_id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, waybill_id);
	return query_finish(query, err);
}

int
lost_decide(struct rows *rows, const struct lost_name *name,
    enum lost_action action, const struct remark *remark, int64_t now_ms,
    int64_t *ret_count, struct error *err)
{
	int64_t count;

	if (add_decisions(rows, name, action, remark, now_ms, err) < 0)
		return -1;
	count = rows_changed(rows);
	if (count == 0)
		return error_set_id(err, "E4508", ERROR_NOT_FOUND,
		    "no letter was lost of that waybill");
	if (set_action(rows, name->waybill_id, err) < 0)
		return -1;
	*ret_count = count;
	return 0;
}

int
lost_write_decisions(struct rows *rows, int64_t letter,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT at, reviewer, is_person, action, note"
		" FROM lost_decision WHERE letter = ?1 ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	json_write_begin_array(writer, "decisions");
	while ((more = query_next(query, err)) > 0) {
		int64_t action = query_int(query, 3);

		json_write_begin_object(writer, NULL);
		json_write_time(writer, "at", query_int(query, 0));
		json_write_text(writer, "reviewer", query_text(query, 1));
		json_write_bool(writer, "logged_in", query_int(query, 2) != 0);
		json_write_text(writer, "action",
		    action >= 0 && action < LOST_ACTION_COUNT
			? action_names[action]
			: "");
		json_write_text(writer, "note", query_text(query, 4));
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

/* ---- the request ------------------------------------------------------- */

struct named {
	struct id waybill_id;
	struct org_code recipient;
	bool has_recipient;
};

struct deciding {
	struct group_op op; /* first: the group hands it back */
	struct spool *spool;
	struct peer *peer;
	uint32_t request;
	char scope[ORG_TEXT_SIZE];
	enum lost_action action;
	struct remark remark;
	struct named letters[REMARK_LETTERS_MAX];
	size_t count;
	int64_t decided;
};

static void
end(struct deciding *deciding, const struct error *failure)
{
	remark_answer(deciding->peer, deciding->request, "decided",
	    deciding->decided, failure);
	free(deciding);
}

/* All of them, or none. */
static int
apply(struct group_op *op, struct error *err)
{
	struct deciding *deciding = (struct deciding *)(void *)op;

	for (size_t i = 0; i < deciding->count; i++) {
		const struct named *named = &deciding->letters[i];
		struct lost_name name = { .waybill_id = &named->waybill_id,
			.recipient =
			    named->has_recipient ? &named->recipient : NULL,
			.scope = deciding->scope };
		int64_t count;

		if (lost_decide(store_rows(deciding->spool->store), &name,
			deciding->action, &deciding->remark,
			spool_now(deciding->spool), &count, err) < 0)
			return -1;
		deciding->decided += count;
	}
	return 0;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	end((struct deciding *)(void *)op, failure);
}

static bool
take_action(void *ctx, const char *action)
{
	struct deciding *deciding = ctx;

	return lost_action_parse(action, &deciding->action);
}

/* With the code for one that came in. */
static bool
take_name(void *ctx, size_t place, const char *name)
{
	struct deciding *deciding = ctx;
	struct named *to = &deciding->letters[place];
	const char *code;

	if (!remark_cut_name(name, &to->waybill_id, &code))
		return false;
	to->has_recipient = code != NULL;
	return code == NULL || org_code_parse(code, &to->recipient);
}

static const struct remark_form form = {
	.member = "letters",
	.name = "\"waybill id\" or \"waybill id/code\"",
	.actions = "resent, paper, not_needed, open",
	.take_action = take_action,
	.take_name = take_name,
};

void
lost_request(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct deciding *deciding = calloc(1, sizeof(*deciding));
	struct error err = { 0 };

	if (deciding == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	deciding->spool = spool;
	deciding->peer = peer;
	deciding->request = id;
	text_copy(deciding->scope, sizeof(deciding->scope), request->scope);
	if (remark_read_form(request, &form, deciding, &deciding->remark,
		&deciding->count, &err) < 0) {
		end(deciding, &err);
		return;
	}
	deciding->op.apply = apply;
	deciding->op.finish = finish;
	group_add(spool->group, &deciding->op);
}
