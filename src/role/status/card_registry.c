#include "role/status/card_registry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "http/http_path.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "role/env.h"
#include "role/listener/listener.h"
#include "role/message.h"
#include "role/spool/spool.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { BODY_MAX = 2048, HISTORY_MAX = 100 };

const char card_registry_schema[] =
    "CREATE TABLE card_custodian ("
    " id INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL,"
    " organisation TEXT NOT NULL, custodian TEXT NOT NULL,"
    " since INTEGER NOT NULL, until INTEGER NOT NULL DEFAULT 0,"
    " by TEXT NOT NULL, at INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX card_custodian_now ON card_custodian (fingerprint)"
    " WHERE until = 0;"
    "CREATE INDEX card_custodian_of ON card_custodian (fingerprint, id);";

struct assigning {
	struct group_op op;
	struct spool *spool;
	struct peer *peer;
	uint32_t id;
	struct digest fingerprint;
	char organisation[ORG_TEXT_SIZE];
	char custodian[CARD_CUSTODIAN_SIZE];
	int64_t since;
	char by[MESSAGE_NAME_SIZE];
};

static const struct json_field fields[] = {
	{ .name = "custodian",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct assigning, custodian),
	    .size = CARD_CUSTODIAN_SIZE },
	{ .name = "since",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct assigning, since),
	    .optional = true },
};

/* ---- giving it to somebody -------------------------------------------- */

static int
end_term(const struct assigning *assigning, struct error *err)
{
	struct query *query;

	if (query_begin(store_rows(assigning->spool->store),
		"UPDATE card_custodian SET until = max(?2, since)"
		" WHERE fingerprint = ?1 AND until = 0",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &assigning->fingerprint);
	query_bind_int(query, 2, assigning->since);
	return query_finish(query, err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct assigning *assigning = (struct assigning *)(void *)op;
	struct query *query;

	if (end_term(assigning, err) < 0 ||
	    query_begin(store_rows(assigning->spool->store),
		"INSERT INTO card_custodian (fingerprint, organisation,"
		" custodian, since, by, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &assigning->fingerprint);
	query_bind_text(query, 2, assigning->organisation);
	query_bind_text(query, 3, assigning->custodian);
	query_bind_int(query, 4, assigning->since);
	query_bind_text(query, 5, assigning->by);
	query_bind_int(query, 6, spool_now(assigning->spool));
	return query_finish(query, err);
}

static void
log_assigned(const struct assigning *assigning)
{
	char fingerprint[DIGEST_TEXT_SIZE];
	struct log_line line;

	digest_format(&assigning->fingerprint, fingerprint);
	log_begin(&line, &assigning->spool->env->log, LOG_LEVEL_NOTICE,
	    "card.assigned");
	log_text(&line, "org", assigning->organisation);
	log_text(&line, "certificate", fingerprint);
	log_text(&line, "by", assigning->by);
	log_end(&line);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct assigning *assigning = (struct assigning *)(void *)op;
	struct message_response response = { .status = 200,
		.type = "application/json",
		.body = blob_of("{}", 2) };

	if (failure != NULL) {
		peer_refuse(assigning->peer, assigning->id, failure);
	} else {
		log_assigned(assigning);
		peer_tell(assigning->peer, MESSAGE_RESPONSE, assigning->id,
		    &response, -1);
	}
	free(assigning);
}

/* A card of the directory; whose does not matter to who keeps it. */
static int
find_card(struct assigning *assigning, struct error *err)
{
	const struct directory *directory = spool_directory(assigning->spool);
	struct directory_owner owner;
	struct directory_org org;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (!directory_find_owner(directory, &assigning->fingerprint, &owner) ||
	    owner.kind != DIRECTORY_OWNER_ORG || owner.use != KEY_SIGN)
		return error_set_id(err, "E3712", ERROR_NOT_FOUND,
		    "the directory has no such card");
	org = directory_org_at(directory, owner.index);
	text_copy(assigning->organisation, sizeof(assigning->organisation),
	    org.code.text);
	return 0;
}

static int
read_request(struct assigning *assigning, const struct message_request *request,
    const char *fingerprint, struct error *err)
{
	int64_t now = spool_now(assigning->spool);
	struct error why = { 0 };

	if (!digest_parse(fingerprint, &assigning->fingerprint))
		return error_set_id(err, "E3712", ERROR_NOT_FOUND,
		    "%.70s is no fingerprint", fingerprint);
	if (json_decode(request->body.data, request->body.len, BODY_MAX, fields,
		ARRAY_LEN(fields), assigning, &why) < 0)
		return error_set_id(err, "E3713", ERROR_MALFORMED, "%s",
		    why.text);
	if (assigning->custodian[0] == '\0' || assigning->since > now)
		return error_set_id(err, "E3713", ERROR_MALFORMED,
		    "nobody, or from a time to come");
	if (assigning->since == 0)
		assigning->since = now;
	if (request->actor[0] != '\0')
		text_copy(assigning->by, sizeof(assigning->by), request->actor);
	else
		snprintf(assigning->by, sizeof(assigning->by), "uid %" PRIu32,
		    request->uid);
	return find_card(assigning, err);
}

bool
card_registry_answer(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct assigning *assigning;
	struct http_segments names;
	struct error err = { 0 };

	if (request->door == LISTENER_HOSTS ||
	    !text_equal(request->method, "POST") ||
	    !http_path_match("/v1/cards/{}:assign", request->path, &names))
		return false;
	assigning = calloc(1, sizeof(*assigning));
	if (assigning == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return true;
	}
	assigning->spool = spool;
	assigning->peer = peer;
	assigning->id = id;
	if (read_request(assigning, request, names.text[0], &err) < 0) {
		peer_refuse(peer, id, &err);
		free(assigning);
		return true;
	}
	assigning->op.apply = apply;
	assigning->op.finish = finish;
	group_add(spool->group, &assigning->op);
	return true;
}

/* ---- reading ----------------------------------------------------------- */

int
card_registry_write(struct rows *rows, const struct digest *fingerprint,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT custodian, since, until, by FROM card_custodian"
		" WHERE fingerprint = ?1 ORDER BY id DESC LIMIT ?2",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, fingerprint);
	query_bind_int(query, 2, HISTORY_MAX);
	json_write_begin_array(writer, "custodians");
	while ((more = query_next(query, err)) > 0) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "custodian", query_text(query, 0));
		json_write_time(writer, "since", query_int(query, 1));
		if (query_int(query, 2) == 0)
			json_write_text(writer, "until", "");
		else
			json_write_time(writer, "until", query_int(query, 2));
		json_write_text(writer, "by", query_text(query, 3));
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}
