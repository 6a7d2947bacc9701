#include "management/casework_requests.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "case/case_library.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "envelope/case_request.h"
#include "http/http_path.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "management/casework_internal.h"
#include "policy/office.h"
#include "role/env.h"
#include "role/listener/listener.h"
#include "role/query/queries.h"
#include "role/requests/requests_rows.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "store/query.h"
#include "store/rows.h"
#include "sys/ipc.h"

enum { KEY_SIZE = 64, HOUR_MS = 3600 * 1000 };

static const char request_evidence[] = "request";

/* A request that is being taken. */
struct asking {
	struct casework *casework;
	struct peer *peer;
	uint32_t id;
	char center[ENVELOPE_NAME_SIZE]; /* that handed it up */
	struct digest fingerprint;       /* and its certificate */
	struct case_request_sent sent;
	struct case_request request;
	char text_id[ID_TEXT_SIZE];
	struct digest digest; /* of what was signed or stated */
	bool is_own;          /* the center's own */
	struct digest signer;
};

static void
asking_free(struct asking *asking)
{
	case_request_sent_free(&asking->sent);
	case_request_free(&asking->request);
	free(asking);
}

static void
refuse(struct asking *asking, const struct error *why)
{
	struct casework *casework = asking->casework;
	struct log_line line;

	log_begin(&line, &casework->management->spool.env->log,
	    LOG_LEVEL_WARNING, "request.refused");
	log_text(&line, "center", asking->center);
	log_text(&line, "host", asking->request.host);
	log_error(&line, why);
	log_end(&line);
	peer_refuse(asking->peer, asking->id, why);
	asking_free(asking);
}

/* ---- whose word it is --------------------------------------------------------------- */

static int
deny(struct error *err, const char *why)
{
	return error_set_id(err, "E7302", ERROR_DENIED, "%s", why);
}

/* A gateway's module signed it, and its own center handed it up. */
static int
check_signer(const struct asking *asking, struct error *err)
{
	const struct directory *directory =
	    spool_directory(&asking->casework->management->spool);
	struct directory_owner owner;
	struct directory_org org;

	if (asking->is_own)
		return text_equal(asking->request.host, asking->center)
		    ? 0
		    : deny(err,
			  "a center asks without a signature for itself "
			  "alone");
	if (!directory_find_owner(directory, &asking->signer, &owner) ||
	    owner.kind != DIRECTORY_OWNER_ORG || owner.use != KEY_MODULE)
		return deny(err, "it was not signed by a registered module");
	org = directory_org_at(directory, owner.index);
	if (!text_equal(org.host, asking->request.host))
		return deny(err, "it was signed by another host's module");
	return text_equal(org.center, asking->center)
	    ? 0
	    : deny(err, "it came over a center that does not serve the host");
}

/* The organisation is served by whoever asks, or is new. */
static int
check_organisation(const struct asking *asking, const char *organisation,
    struct error *err)
{
	const struct directory *directory =
	    spool_directory(&asking->casework->management->spool);
	struct directory_org org;
	struct org_code code;

	if (!org_code_parse(organisation, &code) ||
	    !directory_find_org(directory, &code, &org))
		return 0;
	if (asking->is_own ? text_equal(org.center, asking->center)
			   : text_equal(org.host, asking->request.host))
		return 0;
	return deny(err, "another host serves that organisation");
}

static void
set_caller(const struct asking *asking, const char *organisation,
    struct management_caller *caller)
{
	*caller =
	    (struct management_caller){ .offices = 1u << OFFICE_APPLICANT };
	snprintf(caller->person, sizeof(caller->person), "host %s",
	    asking->request.host);
	(void)org_code_parse(organisation, &caller->organisation);
}

/* ---- rows ------------------------------------------------------------------------------ */

/* 1: it was here before, and so is its case's id; 0 or -1. */
static int
find_before(const struct asking *asking, char ret_case[CASEWORK_ID_SIZE],
    struct error *err)
{
	struct digest known = { { 0 } };
	struct query *query;
	int more;

	if (query_begin(asking->casework->rows,
		"SELECT r.digest, c.id FROM case_request r"
		" JOIN case_file c ON c.number = r.case_number"
		" WHERE r.id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, asking->text_id);
	more = query_next(query, err);
	if (more > 0) {
		query_digest(query, 0, &known);
		text_copy(ret_case, CASEWORK_ID_SIZE, query_text(query, 1));
	}
	query_end(query);
	if (more <= 0)
		return more;
	return digest_equal(&known, &asking->digest)
	    ? 1
	    : error_set_id(err, "E7305", ERROR_EXISTS, "request %s",
		  asking->text_id);
}

static int
check_flood(const struct asking *asking, struct error *err)
{
	struct query *query;
	int64_t count = 0;
	int more;

	if (query_begin(asking->casework->rows,
		"SELECT count(*) FROM case_request WHERE host = ?1"
		" AND at > ?2",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, asking->request.host);
	query_bind_int(query, 2, casework_now(asking->casework) - HOUR_MS);
	more = query_next(query, err);
	if (more > 0)
		count = query_int(query, 0);
	query_end(query);
	if (more < 0)
		return -1;
	if (count < REQUESTS_HOUR_MAX)
		return 0;
	error_set_id(err, "E7303", ERROR_BUSY, "%s: %" PRId64 " within an hour",
	    asking->request.host, count);
	err->retry_after_s = 600;
	return -1;
}

static int
insert(const struct asking *asking, int64_t case_number, struct error *err)
{
	struct query *query;

	if (query_begin(asking->casework->rows,
		"INSERT OR IGNORE INTO case_request (id, digest, host, center,"
		" case_number, is_opening, at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, asking->text_id);
	query_bind_digest(query, 2, &asking->digest);
	query_bind_text(query, 3, asking->request.host);
	query_bind_text(query, 4, asking->center);
	query_bind_int(query, 5, case_number);
	query_bind_int(query, 6, asking->request.target[0] == '\0');
	query_bind_int(query, 7, casework_now(asking->casework));
	return query_finish(query, err);
}

static int
keep(const struct asking *asking, int64_t case_number, struct error *err)
{
	struct casework *casework = asking->casework;

	if (rows_begin(casework->rows, err) < 0)
		return -1;
	if (insert(asking, case_number, err) < 0) {
		rows_rollback(casework->rows);
		return -1;
	}
	return casework_commit(casework, err);
}

/* True if the file is with the case already, or the host made the move. */
static int
is_done(const struct asking *asking, const struct casework_case *file,
    bool *ret_is, struct error *err)
{
	const struct case_request *request = &asking->request;
	bool is_move = request->move[0] != '\0';
	char person[CASE_PERSON_SIZE];
	struct query *query;
	int more;

	if (query_begin(asking->casework->rows,
		is_move ? "SELECT 1 FROM case_step WHERE case_number = ?1"
			  " AND kind = 'move' AND move = ?2 AND person = ?3"
			: "SELECT 1 FROM case_attachment WHERE case_number = ?1"
			  " AND evidence = ?2 AND digest = ?3",
		&query, err) < 0)
		return -1;
	snprintf(person, sizeof(person), "host %s", request->host);
	query_bind_int(query, 1, file->number);
	query_bind_text(query, 2, is_move ? request->move : request->evidence);
	if (is_move)
		query_bind_text(query, 3, person);
	else
		query_bind_digest(query, 3, &request->file);
	more = query_next(query, err);
	query_end(query);
	*ret_is = more > 0;
	return more < 0 ? -1 : 0;
}

/* ---- what it asks for --------------------------------------------------------------------- */

/* Opens the case, or finds the one that was opened for it. */
static int
open_case(const struct asking *asking, char ret_case[CASEWORK_ID_SIZE],
    struct error *err)
{
	struct casework *casework = asking->casework;
	const struct case_request *request = &asking->request;
	const struct case_definition *definition =
	    case_library_find(casework->library, request->definition);
	struct json_document *document = NULL;
	char organisation[ORG_TEXT_SIZE];
	struct management_caller caller;
	char key[KEY_SIZE];
	int rc;

	snprintf(key, sizeof(key), "request %s", asking->text_id);
	rc = casework_find_key(casework->rows, key, ret_case, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	requests_organisation(request, organisation);
	if (definition == NULL)
		return error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "no definition %s", request->definition);
	if (request->evidence[0] != '\0' &&
	    case_find_evidence(definition, request->evidence) == CASE_NONE)
		return error_set_id(err, "E7111", ERROR_MALFORMED,
		    "%s has no evidence %s", request->definition,
		    request->evidence);
	if (organisation[0] == '\0')
		return deny(err, "a host asks for organisations alone");
	if (check_organisation(asking, organisation, err) < 0 ||
	    json_read(request->fields.data, request->fields.len,
		CASE_REQUEST_MAX, &document, err) < 0)
		return -1;
	set_caller(asking, organisation, &caller);
	rc = casework_open_for(casework, &caller, request->definition,
	    json_root(document), key, request->note, ret_case, err);
	json_document_free(document);
	return rc;
}

/* The case that is meant, if the host may say something about it. */
static int
find_target(const struct asking *asking, char ret_case[CASEWORK_ID_SIZE],
    struct error *err)
{
	struct casework *casework = asking->casework;
	const struct case_request *request = &asking->request;
	struct casework_case file = { .number = 0 };
	char key[KEY_SIZE];
	struct query *query;
	int more, rc;

	snprintf(key, sizeof(key), "request %s", request->target);
	if (query_begin(casework->rows,
		"SELECT c.id FROM case_file c JOIN case_request r"
		" ON r.case_number = c.number AND r.is_opening = 1"
		" WHERE c.key = ?1 AND r.host = ?2",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, key);
	query_bind_text(query, 2, request->host);
	more = query_next(query, err);
	if (more > 0)
		text_copy(ret_case, CASEWORK_ID_SIZE, query_text(query, 0));
	query_end(query);
	if (more != 0)
		return more < 0 ? -1 : 0;
	if (casework_load(casework->rows, casework->library, request->target,
		&file, err) < 0)
		return -1;
	/*
	 * A request file proves itself, and may come by any way (decision
	 * 0018); all else is for whom serves the organisation now.
	 */
	rc = text_equal(request->evidence, request_evidence)
	    ? 0
	    : check_organisation(asking, file.organisation, err);
	text_copy(ret_case, CASEWORK_ID_SIZE, file.id);
	casework_case_free(&file);
	return rc;
}

/* What is left is what a person would ask, by the same way; it answers. */
static void
go_on(struct asking *asking, const struct casework_case *file)
{
	const struct case_request *request = &asking->request;
	bool is_move = request->move[0] != '\0';
	struct message_request asked = { .method = "POST",
		.door = LISTENER_HOSTS };
	struct management_caller caller;
	const struct casework_asked as = { .casework = asking->casework,
		.peer = asking->peer,
		.id = asking->id,
		.request = &asked,
		.caller = &caller,
		.name = file->id };
	struct bytes target = { 0 };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	set_caller(asking, file->organisation, &caller);
	bytes_put_format(&target,
	    "/v1/cases/%s/attachments?evidence=", file->id);
	http_path_put(&target, request->evidence);
	bytes_put_text(&target, "&name=");
	http_path_put(&target, request->file_name);
	bytes_put_u8(&target, '\0');
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "move", request->move);
	json_write_text(&writer, "note", request->note);
	json_write_end(&writer);
	if (json_write_done(&writer, &err) < 0 ||
	    bytes_failed(&target, &err) < 0 ||
	    !text_copy(asked.path, sizeof(asked.path),
		(const char *)target.data)) {
		error_set_id(&err, "E7301", ERROR_MALFORMED,
		    "the name of the file is too long");
		peer_refuse(asking->peer, asking->id, &err);
	} else if (is_move) {
		asked.body = blob_of_bytes(&json);
		casework_move(&as);
	} else {
		asked.body = blob_of_bytes(&asking->sent.file);
		text_copy(asked.type, sizeof(asked.type),
		    "application/octet-stream");
		casework_attach(&as);
	}
	bytes_free(&target);
	bytes_free(&json);
}

static void
answer_done(struct asking *asking)
{
	struct bytes json = { 0 };

	bytes_put_text(&json, "{}");
	queries_reply(asking->peer, asking->id, 200, &json);
}

/* The case is known: the row first, so that its news find their way. */
static int
follow(struct asking *asking, const char *id, struct error *err)
{
	struct casework *casework = asking->casework;
	struct casework_case file = { .number = 0 };
	bool has_more = asking->request.move[0] != '\0' ||
	    asking->request.evidence[0] != '\0';
	bool is_over = !has_more;
	int rc;

	if (casework_load(casework->rows, casework->library, id, &file, err) <
	    0)
		return -1;
	rc = keep(asking, file.number, err);
	if (rc == 0 && has_more)
		rc = is_done(asking, &file, &is_over, err);
	if (rc == 0 && is_over)
		answer_done(asking);
	else if (rc == 0)
		go_on(asking, &file);
	casework_case_free(&file);
	return rc;
}

static int
take(struct asking *asking, struct error *err)
{
	const struct case_request *request = &asking->request;
	char id[CASEWORK_ID_SIZE] = "";
	int found;

	id_format(&request->id, asking->text_id);
	if (!text_equal(request->environment,
		casework_environment(asking->casework)))
		return deny(err, "it is of another environment");
	if (check_signer(asking, err) < 0 ||
	    case_request_check_file(request, &asking->sent.file, err) < 0)
		return -1;
	found = find_before(asking, id, err);
	if (found < 0 || (found == 0 && check_flood(asking, err) < 0))
		return -1;
	if (found == 0 &&
	    (request->target[0] == '\0' ? open_case(asking, id, err)
					: find_target(asking, id, err)) < 0)
		return -1;
	return follow(asking, id, err);
}

/* Frees `asking`. */
static void
take_content(struct asking *asking, const void *content, size_t len)
{
	struct error err = { 0 };

	sha256(content, len, &asking->digest);
	if (case_request_decode(content, len, &asking->request, &err) < 0 ||
	    take(asking, &err) < 0)
		refuse(asking, &err);
	else
		asking_free(asking);
}

static void
on_verified(void *ctx, struct ipc_message *message)
{
	struct asking *asking = ctx;
	struct message_signed answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGNED, &answer, &err) == 0 &&
	    answer.signers.len != DIGEST_LEN)
		deny(&err, "it is signed by several");
	if (err.code != ERROR_NONE) {
		refuse(asking, &err);
		return;
	}
	memcpy(asking->signer.bytes, answer.signers.data, DIGEST_LEN);
	take_content(asking, answer.content.data, answer.content.len);
}

static int
begin(struct asking *asking, const struct message_request *request,
    struct error *err)
{
	struct spool *spool = &asking->casework->management->spool;
	const struct directory *directory = spool_directory(spool);
	struct message_verify_signed verify = { .signers_max = 1 };
	struct directory_caller caller;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	caller = directory_identify(directory, &request->fingerprint, "",
	    spool->env->config->host.name);
	if (caller.kind != HOST_CENTER ||
	    !text_copy(asking->center, sizeof(asking->center), caller.name))
		return deny(err, "only centers hand up requests");
	if (case_request_sent_decode(request->body.data, request->body.len,
		&asking->sent, err) < 0)
		return -1;
	asking->is_own = asking->sent.cms.len == 0;
	if (asking->is_own) {
		take_content(asking, asking->sent.statement.data,
		    asking->sent.statement.len);
		return 0;
	}
	verify.cms = blob_of_bytes(&asking->sent.cms);
	return peer_ask(spool->verifier, MESSAGE_VERIFY_SIGNED, &verify, -1,
	    on_verified, asking, NULL, err);
}

bool
casework_requests_answer(struct casework *casework, struct peer *peer,
    uint32_t id, const struct message_request *request)
{
	struct asking *asking;
	struct error err = { 0 };

	if (request->door != LISTENER_HOSTS ||
	    !text_equal(request->method, "POST") ||
	    !text_equal(request->path, "/v1/case-requests"))
		return false;
	asking = calloc(1, sizeof(*asking));
	if (asking == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return true;
	}
	asking->casework = casework;
	asking->peer = peer;
	asking->id = id;
	if (begin(asking, request, &err) < 0)
		refuse(asking, &err);
	return true;
}
