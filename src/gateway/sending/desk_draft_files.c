/* Files that come in for a draft: a new one, or more for one that is there. */
#include "gateway/sending/desk_draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "gateway/gateway.h"
#include "gateway/sending/ask.h"
#include "json/json_write.h"
#include "service/config.h"
#include "store/store.h"

/* One request, until it is answered. */
struct taking {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	struct peer *peer;
	uint32_t request;
	char scope[ORG_TEXT_SIZE];
	char match[MESSAGE_MATCH_SIZE];
	struct desk_draft_actor actor;
	struct http_target target;
	bool is_new;
	struct http_segments segments; /* the draft, of one that is there */
	struct outbox_files files;
	struct desk_draft draft;
	uint16_t status;
	struct bytes json;
};

static struct rows *
rows_of(const struct taking *taking)
{
	return store_rows(taking->gateway->spool.store);
}

static void
free_taking(struct taking *taking)
{
	outbox_files_free(&taking->files);
	http_target_free(&taking->target);
	bytes_free(&taking->json);
	free(taking);
}

/* ---- how much there may be ------------------------------------------- */

/* Whether the organisation may have these files, and `more` drafts. */
static int
check_room(const struct taking *taking, int64_t more, struct error *err)
{
	const struct config *config = taking->gateway->spool.env->config;
	struct desk_draft_usage usage;

	if (desk_draft_usage(rows_of(taking), &taking->draft.organisation,
		&usage, err) < 0)
		return -1;
	if (usage.drafts + more > config->sending.drafts)
		return error_set_id(err, "E6610", ERROR_DENIED,
		    "%lld drafts are kept already", (long long)usage.drafts);
	if (usage.bytes + (int64_t)taking->files.size >
	    config->sending.draft_bytes)
		return error_set_id(err, "E6610", ERROR_DENIED,
		    "drafts of %lld bytes are kept already",
		    (long long)usage.bytes);
	return 0;
}

/* With those that come, less those that go or whose place they take. */
static int
check_count(const struct taking *taking, struct error *err)
{
	struct outbox_files old = { 0 };
	size_t count = taking->files.count;
	int rc =
	    desk_draft_files(rows_of(taking), taking->draft.row, &old, err);

	for (size_t i = 0; i < old.count; i++) {
		bool is_replaced =
		    sending_names_have(http_target_param(&taking->target,
					   "remove"),
			old.list[i].name);

		for (size_t j = 0; j < taking->files.count; j++)
			is_replaced = is_replaced ||
			    text_equal(old.list[i].name,
				taking->files.list[j].name);
		count += !is_replaced;
	}
	outbox_files_free(&old);
	if (rc == 0 && count > DOCUMENT_INPUTS_MAX)
		rc = error_set_id(err, "E4205", ERROR_MALFORMED,
		    "%zu files; a letter has 1 to %d", count,
		    DOCUMENT_INPUTS_MAX);
	return rc;
}

/* ---- a new one ------------------------------------------------------- */

/* Keys of one organisation say nothing to another. */
static int
set_key(struct taking *taking, const char *key, struct error *err)
{
	int len;

	if (key[0] == '\0')
		return 0;
	len = snprintf(taking->draft.key, sizeof(taking->draft.key), "%s:%s",
	    taking->scope, key);
	if (len >= 0 && (size_t)len < sizeof(taking->draft.key))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "Idempotency-Key is too long");
}

static int
prepare_new(struct taking *taking, struct error *err)
{
	const char *code = http_target_param(&taking->target, "organisation");
	struct org_code organisation;

	if (sending_text("title", http_target_param(&taking->target, "title"),
		false, taking->draft.title, sizeof(taking->draft.title),
		err) < 0)
		return -1;
	if (sending_organisation(taking->gateway->spool.env->config,
		taking->scope, code != NULL ? code : "", &organisation,
		err) < 0)
		return -1;
	taking->draft.organisation = org_code_parent(&organisation);
	return 0;
}

static int
add_draft(struct taking *taking, struct error *err)
{
	struct desk_draft *draft = &taking->draft;
	uint8_t random[ID_RANDOM_LEN];

	if (random_fill(random, sizeof(random), err) < 0)
		return -1;
	draft->made_at = spool_now(&taking->gateway->spool);
	draft->changed_at = draft->made_at;
	draft->id = id_make(draft->made_at, random);
	draft->version = 1;
	text_copy(draft->made_by, sizeof(draft->made_by), taking->actor.name);
	text_copy(draft->changed_by, sizeof(draft->changed_by),
	    taking->actor.name);
	if (outbox_files_digest(&taking->files, &draft->digest, err) < 0)
		return -1;
	return desk_draft_add(rows_of(taking), draft, err);
}

/* 1 when the same came under this key before; then the first is the answer. */
static int
find_repeat(struct taking *taking, struct error *err)
{
	struct desk_draft known;
	struct digest digest;
	int found = desk_draft_find_key(rows_of(taking), taking->draft.key,
	    &known, err);

	if (found <= 0)
		return found;
	if (outbox_files_digest(&taking->files, &digest, err) < 0)
		return -1;
	if (!digest_equal(&digest, &known.digest))
		return error_set_id(err, "E4202", ERROR_EXISTS,
		    "other files came under this key before");
	taking->draft = known;
	return 1;
}

/* ---- one that is there ----------------------------------------------- */

static int
load(struct taking *taking, struct error *err)
{
	struct rows *rows = rows_of(taking);

	if (desk_draft_load(rows, taking->segments.text[0], taking->scope,
		&taking->draft, err) < 0 ||
	    desk_draft_may_change(rows, &taking->draft, taking->match,
		&taking->target, err) < 0)
		return -1;
	if (http_target_param(&taking->target, "title") != NULL &&
	    sending_text("title", http_target_param(&taking->target, "title"),
		false, taking->draft.title, sizeof(taking->draft.title),
		err) < 0)
		return -1;
	if (check_room(taking, 0, err) < 0)
		return -1;
	return check_count(taking, err);
}

static int
change_draft(struct taking *taking, struct error *err)
{
	struct desk_draft *draft = &taking->draft;

	draft->version++;
	draft->state = DESK_DRAFT_OPEN;
	draft->changed_at = spool_now(&taking->gateway->spool);
	text_copy(draft->changed_by, sizeof(draft->changed_by),
	    taking->actor.name);
	return desk_draft_save(rows_of(taking), draft, err);
}

/* A file that leaves the draft: 1 and its payload, in `old`, or 0. */
static int
remove_file(const struct taking *taking, const char *name,
    struct outbox_files *old, struct error *err)
{
	int found = desk_draft_file_remove(rows_of(taking), taking->draft.row,
	    name, &old->list[old->count].payload, err);

	old->count += found > 0;
	return found;
}

/* Those that are to go, and those whose place the new ones take. */
static int
remove_old(const struct taking *taking, struct outbox_files *old,
    struct error *err)
{
	const char *at = taking->is_new
	    ? NULL
	    : http_target_param(&taking->target, "remove");
	char name[MESSAGE_FILE_NAME_SIZE];

	while (sending_names_next(&at, name, sizeof(name))) {
		int found = old->count < DOCUMENT_INPUTS_MAX
		    ? remove_file(taking, name, old, err)
		    : 0;

		if (found == 0)
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "the draft has no such file to remove");
		if (found < 0)
			return -1;
	}
	for (size_t i = 0; i < taking->files.count; i++)
		if (remove_file(taking, taking->files.list[i].name, old, err) <
		    0)
			return -1;
	return 0;
}

/* ---- durable --------------------------------------------------------- */

static int
write_answer(struct taking *taking, struct error *err)
{
	struct json_writer writer = json_writer_to(&taking->json);

	if (desk_draft_write(rows_of(taking), &taking->draft, true, &writer,
		err) < 0)
		return -1;
	return json_write_done(&writer, err);
}

static int
write_rows(struct taking *taking, struct outbox_files *old, struct error *err)
{
	if ((taking->is_new ? add_draft(taking, err)
			    : change_draft(taking, err)) < 0 ||
	    remove_old(taking, old, err) < 0)
		return -1;
	for (size_t i = 0; i < taking->files.count; i++)
		if (desk_draft_file_add(rows_of(taking), taking->draft.row,
			&taking->files.list[i], err) < 0)
			return -1;
	if (desk_draft_step_add(rows_of(taking), &taking->draft, &taking->actor,
		taking->is_new ? DESK_DRAFT_MADE : DESK_DRAFT_CHANGED, "",
		err) < 0)
		return -1;
	return write_answer(taking, err);
}

/*
 * What was stored is undone with the rows; what is removed cannot be, so that
 * is last.
 */
static int
put(struct taking *taking, struct error *err)
{
	const struct spool *spool = &taking->gateway->spool;
	struct outbox_files old = { 0 };
	int repeat = taking->is_new ? find_repeat(taking, err) : 0;
	int rc = -1;

	if (repeat < 0)
		return -1;
	if (repeat > 0) {
		taking->status = 200;
		if (outbox_files_remove(spool, &taking->files, err) < 0)
			return -1;
		return write_answer(taking, err);
	}
	if (taking->is_new && check_room(taking, 1, err) < 0)
		return -1;
	old.list = calloc(taking->files.count + DOCUMENT_INPUTS_MAX + 1,
	    sizeof(*old.list));
	if (old.list == NULL)
		error_set_memory(err);
	else if (write_rows(taking, &old, err) == 0)
		rc = outbox_files_remove(spool, &old, err);
	outbox_files_free(&old);
	return rc;
}

static int
apply(struct group_op *op, struct error *err)
{
	struct taking *taking = (struct taking *)(void *)op;

	if (!taking->is_new && load(taking, err) < 0)
		return -1;
	if (outbox_files_store(&taking->files, err) == 0 &&
	    put(taking, err) == 0)
		return 0;
	outbox_files_undo(&taking->gateway->spool, &taking->files);
	return -1;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct taking *taking = (struct taking *)(void *)op;
	struct message_response response = { .status = taking->status,
		.type = "application/json" };

	response.body = blob_of_bytes(&taking->json);
	if (failure != NULL)
		peer_refuse(taking->peer, taking->request, failure);
	else
		peer_tell(taking->peer, MESSAGE_RESPONSE, taking->request,
		    &response, -1);
	free_taking(taking);
}

/* ---- the request ----------------------------------------------------- */

/* Files first: what is not taken stays for good. */
static int
read_request(struct taking *taking, const struct message_request *request,
    struct error *err)
{
	static const struct digest none = { { 0 } };

	if (outbox_files_take(&taking->gateway->spool, request->files,
		&taking->files, err) < 0 ||
	    http_target_parse(request->path, strlen(request->path),
		&taking->target, err) < 0)
		return -1;
	text_copy(taking->scope, sizeof(taking->scope), request->scope);
	text_copy(taking->match, sizeof(taking->match), request->match);
	taking->actor.is_person = !digest_equal(&request->session, &none);
	if (sending_text("by",
		request->actor[0] != '\0'
		    ? request->actor
		    : http_target_param(&taking->target, "by"),
		false, taking->actor.name, sizeof(taking->actor.name), err) < 0)
		return -1;
	taking->is_new = text_equal(taking->target.path, "/v1/drafts");
	if (taking->is_new)
		return set_key(taking, request->key, err) < 0
		    ? -1
		    : prepare_new(taking, err);
	if (http_path_match("/v1/drafts/{}:files", taking->target.path,
		&taking->segments))
		return 0;
	return error_set_id(err, "E6604", ERROR_NOT_FOUND, "no such draft");
}

void
desk_draft_take(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct taking *taking = calloc(1, sizeof(*taking));
	struct error err = { 0 };

	if (taking == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	taking->gateway = gateway;
	taking->peer = peer;
	taking->request = id;
	taking->op.apply = apply;
	taking->op.finish = finish;
	if (read_request(taking, request, &err) < 0) {
		peer_refuse(peer, id, &err);
		free_taking(taking);
		return;
	}
	taking->status = taking->is_new ? 201 : 200;
	group_add(gateway->spool.group, &taking->op);
}
