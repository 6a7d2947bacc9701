#include "management/modules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "management/management.h"
#include "management/management_log.h"
#include "role/keeper/module_text.h"
#include "role/query/queries.h"
#include "store/query.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { BODY_MAX = 2048, OPEN_CODES_MAX = 1000 };

static const int64_t code_ms = INT64_C(7) * 24 * 3600 * 1000;
static const int64_t valid_ms = INT64_C(3) * 366 * 24 * 3600 * 1000;

const char modules_schema[] =
    /* One-time codes; `key` is what requests are authenticated with. */
    "CREATE TABLE module_code ("
    " key BLOB PRIMARY KEY, host TEXT NOT NULL, codes TEXT NOT NULL,"
    " expires INTEGER NOT NULL, used_at INTEGER NOT NULL) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE module ("
    " fingerprint BLOB PRIMARY KEY, host TEXT NOT NULL, codes TEXT NOT NULL,"
    " certificate BLOB NOT NULL, issued_at INTEGER NOT NULL,"
    " by TEXT NOT NULL, entry INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/* One request on its way. */
struct handling {
	struct group_op op; /* first: the group hands it back */
	struct management *management;
	struct peer *peer;
	uint32_t id;
	char by[LOG_ENTRY_WORD_SIZE]; /* "uid 0" */
	char host[MESSAGE_HOST_SIZE];
	char codes[MESSAGE_CODES_SIZE];
	char code[MODULE_CODE_SIZE]; /* of a new code */
	struct secret_key key;       /* of the code */
	int64_t expires;
	struct bytes certificate;
	struct digest fingerprint;
};

static struct rows *
rows_of(const struct handling *handling)
{
	return store_rows(handling->management->spool.store);
}

static void
end(struct handling *handling, const struct error *failure)
{
	if (failure != NULL)
		peer_refuse(handling->peer, handling->id, failure);
	bytes_free(&handling->certificate);
	secret_wipe(handling, sizeof(*handling));
	free(handling);
}

static int
log_act(struct handling *handling, const char *what, const char *detail,
    uint64_t *ret_entry, struct error *err)
{
	const struct management_act act = { .act = what,
		.by = handling->by,
		.about = handling->host,
		.detail = detail };

	return management_log_act(handling->management, &act, ret_entry, err);
}

/* ---- a code ------------------------------------------------------------- */

static int
apply_code(struct group_op *op, struct error *err)
{
	struct handling *handling = (struct handling *)(void *)op;
	struct query *query;
	uint64_t entry;

	if (query_begin(rows_of(handling),
		"INSERT INTO module_code (key, host, codes, expires, used_at)"
		" VALUES (?1, ?2, ?3, ?4, 0)",
		&query, err) < 0)
		return -1;
	query_bind_data(query, 1, handling->key.bytes,
	    sizeof(handling->key.bytes));
	query_bind_text(query, 2, handling->host);
	query_bind_text(query, 3, handling->codes);
	query_bind_int(query, 4, handling->expires);
	if (query_finish(query, err) < 0)
		return -1;
	return log_act(handling, "module.code", handling->codes, &entry, err);
}

static void
finish_code(struct group_op *op, const struct error *failure)
{
	struct handling *handling = (struct handling *)(void *)op;
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);

	if (failure == NULL) {
		json_write_begin_object(&writer, NULL);
		json_write_text(&writer, "code", handling->code);
		json_write_text(&writer, "host", handling->host);
		json_write_text(&writer, "organisations", handling->codes);
		json_write_time(&writer, "expires", handling->expires);
		json_write_end(&writer);
		queries_reply(handling->peer, handling->id, 201, &json);
	}
	end(handling, failure);
}

static int
take_code(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct handling *handling = field;
	const char *text = json_value_text(value);
	struct org_code code;
	size_t len = strlen(handling->codes);

	if (text == NULL || !org_code_parse(text, &code))
		return error_set(err, ERROR_MALFORMED, "organisation %zu",
		    index);
	if (len + strlen(text) + 2 > sizeof(handling->codes))
		return error_set(err, ERROR_MALFORMED,
		    "more organisations than a certificate has room for");
	snprintf(handling->codes + len, sizeof(handling->codes) - len, "%s%s",
	    len > 0 ? " " : "", text);
	return 0;
}

static bool
take_host(const char *text, void *field)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return text[0] != '\0' && strspn(text, allowed) == strlen(text) &&
	    text_copy(field, MESSAGE_HOST_SIZE, text);
}

static int
begin_code(struct handling *handling, const struct message_request *request,
    struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "host",
		    .kind = JSON_FIELD_PARSED,
		    .offset = offsetof(struct handling, host),
		    .parse = take_host },
		{ .name = "organisations",
		    .kind = JSON_FIELD_EACH,
		    .item = take_code },
	};

	if (json_decode(request->body.data, request->body.len, BODY_MAX, fields,
		ARRAY_LEN(fields), handling, err) < 0)
		return -1;
	if (handling->codes[0] == '\0')
		return error_set_id(err, "E3626", ERROR_MALFORMED,
		    "no organisation");
	if (module_code_make(handling->code, err) < 0 ||
	    module_code_key(handling->code, &handling->key, err) < 0)
		return -1;
	handling->expires = spool_now(&handling->management->spool) + code_ms;
	handling->op.apply = apply_code;
	handling->op.finish = finish_code;
	group_add(handling->management->spool.group, &handling->op);
	return 0;
}

/* ---- a certificate ------------------------------------------------------ */

static int
save_module(struct handling *handling, uint64_t entry, struct error *err)
{
	struct query *query;

	if (query_begin(rows_of(handling),
		"INSERT INTO module (fingerprint, host, codes, certificate,"
		" issued_at, by, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &handling->fingerprint);
	query_bind_text(query, 2, handling->host);
	query_bind_text(query, 3, handling->codes);
	query_bind_data(query, 4, handling->certificate.data,
	    handling->certificate.len);
	query_bind_int(query, 5, spool_now(&handling->management->spool));
	query_bind_text(query, 6, handling->by);
	query_bind_int(query, 7, (int64_t)entry);
	return query_finish(query, err);
}

/* A code is used once, whoever was first. */
static int
use_code(struct handling *handling, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows_of(handling),
		"UPDATE module_code SET used_at = ?2 WHERE key = ?1"
		" AND used_at = 0 RETURNING 1",
		&query, err) < 0)
		return -1;
	query_bind_data(query, 1, handling->key.bytes,
	    sizeof(handling->key.bytes));
	query_bind_int(query, 2, spool_now(&handling->management->spool));
	found = query_next(query, err);
	query_end(query);
	return found != 0 ? (found < 0 ? -1 : 0)
			  : error_set_id(err, "E3628", ERROR_DENIED,
				"the code was used meanwhile");
}

static int
apply_issue(struct group_op *op, struct error *err)
{
	struct handling *handling = (struct handling *)(void *)op;
	char fingerprint[DIGEST_TEXT_SIZE];
	uint64_t entry;

	digest_format(&handling->fingerprint, fingerprint);
	return use_code(handling, err) < 0 ||
		log_act(handling, "module.issued", fingerprint, &entry, err) < 0
	    ? -1
	    : save_module(handling, entry, err);
}

static void
write_module(struct json_writer *writer, const char *host, const char *codes,
    const struct digest *fingerprint, const void *der, size_t len)
{
	json_write_text(writer, "host", host);
	json_write_text(writer, "organisations", codes);
	json_write_digest(writer, "fingerprint", fingerprint);
	json_write_base64(writer, "certificate", der, len);
}

static void
finish_issue(struct group_op *op, const struct error *failure)
{
	struct handling *handling = (struct handling *)(void *)op;
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);

	if (failure == NULL) {
		json_write_begin_object(&writer, NULL);
		write_module(&writer, handling->host, handling->codes,
		    &handling->fingerprint, handling->certificate.data,
		    handling->certificate.len);
		json_write_end(&writer);
		queries_reply(handling->peer, handling->id, 201, &json);
	}
	end(handling, failure);
}

static void
on_issued(void *ctx, struct ipc_message *message)
{
	struct handling *handling = ctx;
	struct message_issued issued;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_ISSUED, &issued, &err) == 0) {
		bytes_put(&handling->certificate, issued.certificate.data,
		    issued.certificate.len);
		if (bytes_failed(&handling->certificate, &err) == 0) {
			sha256(issued.certificate.data, issued.certificate.len,
			    &handling->fingerprint);
			handling->op.apply = apply_issue;
			handling->op.finish = finish_issue;
			group_add(handling->management->spool.group,
			    &handling->op);
			return;
		}
	}
	end(handling, &err);
}

/* The code by which the request was authenticated: 1, or 0 for none. */
static int
find_code(struct handling *handling, const struct message_module_request *asked,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows_of(handling),
		"SELECT key FROM module_code WHERE host = ?1 AND codes = ?2"
		" AND used_at = 0 AND expires > ?3 LIMIT ?4",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, asked->host);
	query_bind_text(query, 2, asked->codes);
	query_bind_int(query, 3, spool_now(&handling->management->spool));
	query_bind_int(query, 4, OPEN_CODES_MAX);
	while ((more = query_next(query, err)) > 0) {
		struct digest mac;
		size_t len;
		const void *key = query_data(query, 0, &len);

		if (len != sizeof(handling->key.bytes))
			continue;
		memcpy(handling->key.bytes, key, len);
		if (hmac_sha256(&handling->key, asked->json.data,
			asked->json.len, &mac, err) < 0) {
			more = -1;
			break;
		}
		if (asked->mac.len == sizeof(mac.bytes) &&
		    secret_equal(mac.bytes, asked->mac.data, asked->mac.len))
			break;
	}
	query_end(query);
	return more;
}

static int
ask_issue(struct handling *handling, const struct message_module_request *asked,
    struct error *err)
{
	int64_t now = spool_now(&handling->management->spool);
	struct message_issue issue = { .public_key = asked->public_key,
		.not_before_at = now - 60000,
		.not_after_at = now + valid_ms };
	int found = find_code(handling, asked, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return error_set_id(err, "E3628", ERROR_DENIED,
		    "no open code for %s and %s fits", asked->host,
		    asked->codes);
	memcpy(handling->host, asked->host, sizeof(handling->host));
	memcpy(handling->codes, asked->codes, sizeof(handling->codes));
	memcpy(issue.host, asked->host, sizeof(issue.host));
	memcpy(issue.codes, asked->codes, sizeof(issue.codes));
	return peer_ask(handling->management->spool.keeper, MESSAGE_ISSUE,
	    &issue, -1, on_issued, handling, NULL, err);
}

static void
on_taken_apart(void *ctx, struct ipc_message *message)
{
	struct handling *handling = ctx;
	struct message_module_request asked;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_MODULE_REQUEST, &asked, &err) < 0 ||
	    ask_issue(handling, &asked, &err) < 0)
		end(handling, &err);
}

static int
begin_issue(struct handling *handling, const struct message_request *request,
    struct error *err)
{
	struct message_verify_module_request verify = { .request =
							    request->body };

	return peer_ask(handling->management->spool.verifier,
	    MESSAGE_VERIFY_MODULE_REQUEST, &verify, -1, on_taken_apart,
	    handling, NULL, err);
}

/* ---- requests ----------------------------------------------------------- */

bool
modules_answer(struct management *management, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	bool is_code = text_equal(request->path, "/v1/modules:code");
	struct handling *handling;
	struct error err = { 0 };

	if (!text_equal(request->method, "POST") ||
	    (!is_code && !text_equal(request->path, "/v1/modules")))
		return false;
	handling = calloc(1, sizeof(*handling));
	if (handling == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return true;
	}
	handling->management = management;
	handling->peer = peer;
	handling->id = id;
	snprintf(handling->by, sizeof(handling->by), "uid %" PRIu32,
	    request->uid);
	if ((is_code ? begin_code(handling, request, &err)
		     : begin_issue(handling, request, &err)) < 0)
		end(handling, &err);
	return true;
}

int
modules_write(struct rows *rows, struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT fingerprint, host, codes, certificate, issued_at, by,"
		" entry FROM module ORDER BY issued_at DESC",
		&query, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "modules");
	while ((more = query_next(query, err)) > 0) {
		struct digest fingerprint;
		size_t len;
		const void *der = query_data(query, 3, &len);

		query_digest(query, 0, &fingerprint);
		json_write_begin_object(writer, NULL);
		write_module(writer, query_text(query, 1), query_text(query, 2),
		    &fingerprint, der, len);
		json_write_time(writer, "issued_at", query_int(query, 4));
		json_write_text(writer, "by", query_text(query, 5));
		json_write_int(writer, "entry", query_int(query, 6));
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_end(writer);
	query_end(query);
	return more;
}
