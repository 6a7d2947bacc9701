#include "management/management_people.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http_path.h"
#include "management/casework.h"
#include "management/management.h"
#include "management/management_access.h"
#include "role/listener/listener.h"
#include "role/people/people.h"
#include "role/people/people_admit.h"
#include "role/query/queries.h"
#include "role/spool/spool.h"
#include "store/store.h"

enum { LIST_USUAL = 100, LIST_MAX = 200 };

/* The row of a person, before the request that needs it is answered. */
struct entering {
	struct group_op op; /* first: the group hands it back */
	struct management *management;
	struct peer *peer;
	uint32_t id;
	struct message_request request;
	struct bytes body;
	struct management_person who;
	struct person person;
	bool
	    is_link; /* somebody wants them here, however long they were away */
};

unsigned
management_offices_of(struct spool *spool, const struct person *person)
{
	struct management *management = (struct management *)(void *)spool;
	struct management_person found = { .offices = 0 };
	struct error err = { 0 };

	if (management_find_person(casework_rows(management->casework),
		&person->certificate, &found, &err) < 0) {
		log_failure(&spool->env->log, LOG_LEVEL_WARNING, "people",
		    &err);
		return 0;
	}
	return found.offices;
}

bool
management_is_log_in(const struct message_request *request)
{
	return request->door != LISTENER_LOCAL &&
	    text_equal(request->method, "POST") &&
	    text_equal(request->path, "/v1/session");
}

/* ---- the row of a person ----------------------------------------------------------- */

/* Names may repeat; rows may not. */
static int
add_person(struct entering *entering, struct rows *rows, int64_t now,
    struct error *err)
{
	struct person *person = &entering->person;
	struct error taken = { 0 };
	char digits[DIGEST_TEXT_SIZE];
	char name[PEOPLE_NAME_SIZE];

	digest_format(&person->certificate, digits);
	person->role = ACCESS_AUDITOR; /* nobody asks for it here */
	person->organisation = entering->who.organisation;
	text_copy(person->name, sizeof(person->name),
	    entering->who.name[0] != '\0' ? entering->who.name : "officer");
	if (entering->who.name[0] != '\0') {
		if (person_add(rows, person, now, &taken) == 0)
			return 0;
		if (taken.code != ERROR_EXISTS) {
			*err = taken;
			return -1;
		}
	}
	snprintf(name, sizeof(name), "%.80s (%.8s)", person->name, digits);
	text_copy(person->name, sizeof(person->name), name);
	return person_add(rows, person, now, err);
}

static int
apply_entering(struct group_op *op, struct error *err)
{
	struct entering *entering = (struct entering *)(void *)op;
	struct spool *spool = &entering->management->spool;
	struct rows *rows = store_rows(spool->store);
	struct digest certificate = entering->person.certificate;
	int64_t now = spool_now(spool);
	int found =
	    person_find_certificate(rows, &certificate, &entering->person, err);

	if (found == 0)
		return add_person(entering, rows, now, err);
	if (found < 0 || !entering->is_link)
		return found < 0 ? -1 : 0;
	entering->person.seen_at = now;
	return person_save(rows, &entering->person, err);
}

static void
finish_entering(struct group_op *op, const struct error *failure)
{
	struct entering *entering = (struct entering *)(void *)op;
	struct message_request *request = &entering->request;

	request->body = blob_of_bytes(&entering->body);
	if (entering->is_link)
		snprintf(request->path, sizeof(request->path),
		    "/v1/persons/%" PRId64 ":link", entering->person.row);
	if (failure != NULL)
		peer_refuse(entering->peer, entering->id, failure);
	else
		people_answer(&entering->management->spool, entering->peer,
		    entering->id, request);
	bytes_free(&entering->body);
	free(entering);
}

static int
enter(struct management *management, struct peer *peer, uint32_t id,
    const struct message_request *request, const struct digest *certificate,
    bool is_link, struct error *err)
{
	struct entering *entering = calloc(1, sizeof(*entering));

	if (entering == NULL)
		return error_set_memory(err);
	entering->management = management;
	entering->peer = peer;
	entering->id = id;
	entering->is_link = is_link;
	entering->request = *request;
	entering->request.files = blob_of(NULL, 0);
	entering->person.certificate = *certificate;
	entering->op.apply = apply_entering;
	entering->op.finish = finish_entering;
	bytes_put(&entering->body, request->body.data, request->body.len);
	if (bytes_failed(&entering->body, err) < 0 ||
	    management_find_person(casework_rows(management->casework),
		certificate, &entering->who, err) < 0) {
		bytes_free(&entering->body);
		free(entering);
		return -1;
	}
	if (entering->who.offices == 0) {
		bytes_free(&entering->body);
		free(entering);
		return error_set(err, ERROR_NOT_FOUND,
		    "nobody with an office has this certificate");
	}
	group_add(management->spool.group, &entering->op);
	return 0;
}

/* A card that is not known is refused as a wrong one, and counted. */
static void
log_in(struct management *management, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	static const struct digest none;
	struct error unknown = { 0 };

	if (digest_equal(&request->fingerprint, &none) ||
	    enter(management, peer, id, request, &request->fingerprint, false,
		&unknown) < 0)
		people_answer(&management->spool, peer, id, request);
}

static bool
make_link(struct management *management, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct http_segments segments = { .count = 0 };
	struct digest certificate;
	struct error err = { 0 };

	if (!http_path_match("/v1/people/{}:link", request->path, &segments))
		return false;
	if (!digest_parse(segments.text[0], &certificate))
		error_set(&err, ERROR_NOT_FOUND, "%.70s is no fingerprint",
		    segments.text[0]);
	else if (enter(management, peer, id, request, &certificate, true,
		     &err) == 0)
		return true;
	peer_refuse(peer, id, &err);
	return true;
}

bool
management_people_answer(struct management *management, struct peer *peer,
    uint32_t id, const struct message_request *request)
{
	if (!text_equal(request->method, "POST"))
		return false;
	if (management_is_log_in(request)) {
		log_in(management, peer, id, request);
		return true;
	}
	/* Persons come by a case alone. */
	if (text_starts(request->path, "/v1/persons"))
		return false;
	return make_link(management, peer, id, request) ||
	    people_answer(&management->spool, peer, id, request);
}

/* ---- query ---------------------------------------------------------------------------- */

static int
read_list(struct rows *rows, const struct message_request *request,
    const struct http_target *target, struct json_writer *writer,
    struct error *err)
{
	const char *cursor = http_target_param(target, "cursor");
	const char *limit = http_target_param(target, "limit");
	struct people_reading reading = { .rows = rows,
		.scope = request->scope,
		.cursor = cursor != NULL ? cursor : "" };
	uint64_t number = LIST_USUAL;

	if (limit != NULL &&
	    (!text_parse_u64(limit, UINT32_MAX, &number) || number == 0))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "limit must be a number above 0");
	reading.limit = (unsigned)(number < LIST_MAX ? number : LIST_MAX);
	return people_read(&reading, target->path, writer, err);
}

int
management_people_read(struct queries *queries,
    const struct message_request *request, const struct people_caller *caller,
    struct json_writer *writer, struct error *err)
{
	struct http_target target = { .param_count = 0 };
	struct rows *rows;
	int rc = 0;

	if (!text_equal(request->method, "GET") ||
	    http_target_parse(request->path, strlen(request->path), &target,
		err) < 0)
		return 0;
	if (text_equal(target.path, "/v1/session")) {
		rc = 1;
		if (request->door == LISTENER_LOCAL)
			rc = error_set_id(err, "E6402", ERROR_DENIED,
			    "nobody logs in at the control socket");
		else
			people_write_session(caller, queries_directory(queries),
			    writer);
	} else if (text_equal(target.path, "/v1/tokens") ||
	    text_equal(target.path, "/v1/acts")) {
		rows = queries_rows(queries, err);
		rc = rows == NULL ||
			read_list(rows, request, &target, writer, err) < 0
		    ? -1
		    : 1;
	}
	http_target_free(&target);
	return rc;
}
