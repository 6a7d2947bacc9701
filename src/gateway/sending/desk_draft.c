#include "gateway/sending/desk_draft.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/gateway.h"
#include "gateway/outbox/outbox.h"
#include "gateway/outbox/outbox_rows.h"
#include "gateway/outbox/outbox_series.h"
#include "gateway/sending/ask.h"
#include "role/listener/web_files.h"
#include "role/people/people_admit.h"
#include "store/store.h"

/* ---- whether it may be changed --------------------------------------- */

int
desk_draft_load(struct rows *rows, const char *id, const char *scope,
    struct desk_draft *ret_draft, struct error *err)
{
	struct id parsed;
	int found = 0;

	if (id_parse(id, &parsed))
		found = desk_draft_find(rows, &parsed, ret_draft, err);
	if (found > 0 && !people_may_see(scope, ret_draft->organisation.text))
		found = 0;
	if (found == 0)
		return error_set_id(err, "E6604", ERROR_NOT_FOUND,
		    "there is no such draft");
	return found < 0 ? -1 : 0;
}

void
desk_draft_letter_key(const struct desk_draft *draft,
    char to[DESK_DRAFT_KEY_SIZE])
{
	char text[ID_TEXT_SIZE];

	id_format(&draft->id, text);
	memcpy(to, "draft:", 6);
	memcpy(to + 6, text, strlen(text) + 1);
}

/* Between the change that begins to send it and the one that ends that. */
static int
check_idle(struct rows *rows, const struct desk_draft *draft, struct error *err)
{
	struct outbox_document document;
	char key[DESK_DRAFT_KEY_SIZE];
	int found;

	desk_draft_letter_key(draft, key);
	found = outbox_document_find_key(rows, key, &document, err);
	if (found > 0)
		return error_set_id(err, "E6607", ERROR_BUSY,
		    "the draft is being sent");
	return found;
}

/* As GET gives it: its tag is that of these bytes. */
static int
check_tag(struct rows *rows, const struct desk_draft *draft, const char *match,
    struct error *err)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	char tag[WEB_TAG_SIZE];
	int rc = -1;

	if (desk_draft_write(rows, draft, true, &writer, err) == 0 &&
	    json_write_done(&writer, err) == 0) {
		web_tag(json.data, json.len, tag);
		rc = web_matches(match, tag)
		    ? 0
		    : error_set_id(err, "E6410", ERROR_EXISTS,
			  "the draft is %s now", tag);
	}
	bytes_free(&json);
	return rc;
}

int
desk_draft_may_change(struct rows *rows, const struct desk_draft *draft,
    const char *match, const struct http_target *target, struct error *err)
{
	const char *text = http_target_param(target, "version");
	uint64_t version = 0;

	if (draft->state == DESK_DRAFT_SENT)
		return error_set_id(err, "E6606", ERROR_DENIED,
		    "the draft was sent");
	if (match[0] == '\0' && text == NULL)
		return error_set_id(err, "E6605", ERROR_MALFORMED,
		    "which version of the draft?");
	if (text != NULL &&
	    (!text_parse_u64(text, INT64_MAX, &version) ||
		version != (uint64_t)draft->version))
		return error_set_id(err, "E6410", ERROR_EXISTS,
		    "the draft is version %lld now", (long long)draft->version);
	if (match[0] != '\0' && check_tag(rows, draft, match, err) < 0)
		return -1;
	return check_idle(rows, draft, err);
}

/* ---- acts ------------------------------------------------------------ */

static int
read_actor(const struct sending_ask *ask, struct desk_draft_actor *to,
    struct error *err)
{
	to->is_person = ask->is_person;
	return sending_ask_actor(ask, to->name, sizeof(to->name), err);
}

/* The draft that the path names, which may be changed. */
static int
take(struct sending_ask *ask, struct desk_draft *draft,
    struct desk_draft_actor *actor, struct error *err)
{
	struct rows *rows = sending_ask_rows(ask);
	struct http_segments segments = { 0 };

	/* What follows the colon was matched before. */
	(void)http_path_match("/v1/drafts/{}", ask->target.path, &segments);
	segments.text[0][strcspn(segments.text[0], ":")] = '\0';
	if (desk_draft_load(rows, segments.text[0], ask->scope, draft, err) <
		0 ||
	    desk_draft_may_change(rows, draft, ask->match, &ask->target, err) <
		0)
		return -1;
	return read_actor(ask, actor, err);
}

/* Another version, on record; answers with it. */
static int
put(struct sending_ask *ask, struct desk_draft *draft,
    const struct desk_draft_actor *actor, enum desk_draft_step step,
    const char *note, struct error *err)
{
	struct rows *rows = sending_ask_rows(ask);

	draft->version++;
	draft->changed_at = sending_ask_now(ask);
	if (desk_draft_save(rows, draft, err) < 0 ||
	    desk_draft_step_add(rows, draft, actor, step, note, err) < 0)
		return -1;
	return desk_draft_write(rows, draft, true, &ask->writer, err);
}

/* Their payloads go last: what removes them cannot be taken back. */
static int
remove_named(struct sending_ask *ask, const struct desk_draft *draft,
    struct error *err)
{
	const struct json_value *list = sending_ask_member(ask, "remove");
	uint64_t payloads[DOCUMENT_INPUTS_MAX];
	size_t count = json_value_count(list);

	if (count > DOCUMENT_INPUTS_MAX)
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "remove names too many files");
	for (size_t i = 0; i < count; i++) {
		const char *name = json_value_text(json_value_item(list, i));
		int found = desk_draft_file_remove(sending_ask_rows(ask),
		    draft->row, name != NULL ? name : "", &payloads[i], err);

		if (found == 0)
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "the draft has no such file to remove");
		if (found < 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++)
		if (store_payload_remove(ask->gateway->spool.store, payloads[i],
			err) < 0)
			return -1;
	return 0;
}

/* Whatever changes has to be proofread again. */
static int
edit(struct sending_ask *ask, struct error *err)
{
	struct desk_draft_actor actor;
	struct desk_draft draft;

	if (take(ask, &draft, &actor, err) < 0 ||
	    (sending_ask_member(ask, "title") != NULL &&
		sending_ask_text(ask, "title", false, draft.title,
		    sizeof(draft.title), err) < 0) ||
	    (sending_ask_member(ask, "note") != NULL &&
		sending_ask_text(ask, "note", false, draft.note,
		    sizeof(draft.note), err) < 0) ||
	    remove_named(ask, &draft, err) < 0)
		return -1;
	draft.state = DESK_DRAFT_OPEN;
	text_copy(draft.changed_by, sizeof(draft.changed_by), actor.name);
	return put(ask, &draft, &actor, DESK_DRAFT_CHANGED, "", err);
}

static int
submit(struct sending_ask *ask, struct error *err)
{
	char note[DESK_DRAFT_NOTE_SIZE];
	struct desk_draft_actor actor;
	struct desk_draft draft;

	if (take(ask, &draft, &actor, err) < 0 ||
	    sending_ask_text(ask, "note", false, note, sizeof(note), err) < 0)
		return -1;
	if (draft.state != DESK_DRAFT_OPEN)
		return error_set_id(err, "E6608", ERROR_DENIED,
		    "the draft is %s", desk_draft_state_name(draft.state));
	draft.state = DESK_DRAFT_PROOFREADING;
	return put(ask, &draft, &actor, DESK_DRAFT_SUBMITTED, note, err);
}

/* Somebody else than who wrote it last, and not without a name. */
static int
proofread(struct sending_ask *ask, struct error *err)
{
	char note[DESK_DRAFT_NOTE_SIZE];
	struct desk_draft_actor actor;
	struct desk_draft draft;
	bool passed;

	if (take(ask, &draft, &actor, err) < 0 ||
	    sending_ask_text(ask, "note", false, note, sizeof(note), err) < 0)
		return -1;
	if (!json_value_bool(sending_ask_member(ask, "passed"), &passed))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "passed must be true or false");
	if (draft.state != DESK_DRAFT_PROOFREADING)
		return error_set_id(err, "E6608", ERROR_DENIED,
		    "the draft is %s", desk_draft_state_name(draft.state));
	if (actor.name[0] == '\0' || text_equal(actor.name, draft.changed_by))
		return error_set_id(err, "E6609", ERROR_DENIED,
		    "the draft was written by %s", draft.changed_by);
	draft.state = passed ? DESK_DRAFT_PROOFREAD : DESK_DRAFT_OPEN;
	return put(ask, &draft, &actor,
	    passed ? DESK_DRAFT_PASSED : DESK_DRAFT_SENT_BACK, note, err);
}

static int
discard(struct sending_ask *ask, struct error *err)
{
	struct outbox_files files = { 0 };
	struct desk_draft_actor actor;
	struct desk_draft draft;
	int rc = -1;

	if (take(ask, &draft, &actor, err) < 0)
		return -1;
	if (desk_draft_files(sending_ask_rows(ask), draft.row, &files, err) ==
		0 &&
	    desk_draft_remove(sending_ask_rows(ask), draft.row, err) == 0)
		rc = outbox_files_remove(&ask->gateway->spool, &files, err);
	outbox_files_free(&files);
	json_write_begin_object(&ask->writer, NULL);
	json_write_end(&ask->writer);
	return rc;
}

/* ---- with its letter ------------------------------------------------- */

int
desk_draft_sent(struct rows *rows, int64_t row,
    const struct desk_draft_actor *actor, int64_t now_ms, int64_t document,
    const struct id *document_id, struct error *err)
{
	struct desk_draft draft;
	int found = desk_draft_find_row(rows, row, &draft, err);

	if (found <= 0)
		return found < 0 ? -1
				 : error_set(err, ERROR_SYSTEM,
				       "draft %lld is missing", (long long)row);
	draft.state = DESK_DRAFT_SENT;
	draft.version++;
	draft.changed_at = now_ms;
	draft.document = *document_id;
	if (desk_draft_save(rows, &draft, err) < 0 ||
	    desk_draft_step_add(rows, &draft, actor, DESK_DRAFT_WAS_SENT, "",
		err) < 0)
		return -1;
	return desk_draft_files_to_letter(rows, row, document, err);
}

int
desk_draft_sent_apart(struct rows *rows, struct desk_draft *draft,
    const struct desk_draft_actor *actor, int64_t now_ms, struct error *err)
{
	draft->state = DESK_DRAFT_SENT;
	draft->version++;
	draft->changed_at = now_ms;
	if (desk_draft_save(rows, draft, err) < 0 ||
	    desk_draft_step_add(rows, draft, actor, DESK_DRAFT_WAS_SENT, "",
		err) < 0)
		return -1;
	return desk_draft_files_remove(rows, draft->row, err);
}

int
desk_draft_undone_apart(struct rows *rows, struct desk_draft *draft,
    const struct desk_draft_actor *actor, int64_t now_ms, struct error *err)
{
	draft->state = DESK_DRAFT_OPEN;
	draft->version++;
	draft->changed_at = now_ms;
	if (desk_draft_save(rows, draft, err) < 0)
		return -1;
	return desk_draft_step_add(rows, draft, actor, DESK_DRAFT_WAS_UNDONE,
	    "", err);
}

int
desk_draft_undone(struct rows *rows, const struct id *document_id,
    int64_t document, const struct desk_draft_actor *actor, int64_t now_ms,
    struct error *err)
{
	struct desk_draft draft;
	int found = desk_draft_find_document(rows, document_id, &draft, err);

	if (found <= 0)
		return found;
	draft.state = DESK_DRAFT_OPEN;
	draft.version++;
	draft.changed_at = now_ms;
	draft.document = (struct id){ { 0 } };
	if (desk_draft_save(rows, &draft, err) < 0 ||
	    desk_draft_step_add(rows, &draft, actor, DESK_DRAFT_WAS_UNDONE, "",
		err) < 0)
		return -1;
	if (desk_draft_files_from_letter(rows, draft.row, document, err) < 0)
		return -1;
	return outbox_document_free_key(rows, document, err);
}

/* ---- requests -------------------------------------------------------- */

bool
desk_draft_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	static const struct {
		const char *verb;
		int (*change)(struct sending_ask *ask, struct error *err);
	} acts[] = {
		{ "edit", edit },
		{ "submit", submit },
		{ "proofread", proofread },
		{ "discard", discard },
	};
	size_t len = strcspn(request->path, "?");
	const char *verb = memchr(request->path, ':', len);
	size_t verb_len;

	if (!text_starts(request->path, "/v1/drafts"))
		return false;
	verb_len = verb != NULL ? len - (size_t)(verb + 1 - request->path) : 0;
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		if (verb != NULL && strlen(acts[i].verb) == verb_len &&
		    memcmp(verb + 1, acts[i].verb, verb_len) == 0) {
			sending_ask_begin(gateway, peer, id, request,
			    acts[i].change);
			return true;
		}
	if (verb == NULL || text_starts(verb, ":files"))
		desk_draft_take(gateway, peer, id, request);
	else if (text_starts(verb, ":send-apart") ||
	    text_starts(verb, ":check-apart"))
		outbox_series_request(gateway->outbox, peer, id, request);
	else
		outbox_draft_request(gateway->outbox, peer, id, request);
	return true;
}
