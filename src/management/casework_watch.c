#include "management/casework_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "case/case_library.h"
#include "directory/directory.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "management/casework_internal.h"
#include "management/directory_ended.h"
#include "model/times.h"
#include "policy/office.h"
#include "policy/revocation_rules.h"
#include "role/spool/spool.h"
#include "store/query.h"

enum {
	WHOLE_MS = 3600 * 1000,
	/* Half of the room; what people ask for has the rest. */
	WATCHED_MAX = CASEWORK_OPEN_MAX / 2,
	KEY_SIZE = 96,
	FIELDS_MAX = 4096,
	USES = 3,
};

static const char renewal[] = "renew-certificates";
static const char removal[] = "remove-ended";

int64_t
casework_watch_end(const struct directory *directory,
    const struct directory_org *org, struct digest *ret_certificate)
{
	static const enum key_use uses[USES] = { KEY_SIGN, KEY_SEAL,
		KEY_MODULE };
	int64_t first = INT64_MAX;

	for (size_t u = 0; u < USES; u++) {
		int64_t last = INT64_MIN;
		struct digest which = { { 0 } };

		for (uint32_t i = 0; i < org->key_count; i++) {
			struct directory_key key =
			    directory_key_at(directory, org, i);

			if (key.use != uses[u] || key.not_after_ms <= last ||
			    (key.state != KEY_ACTIVE && key.state != KEY_NEXT))
				continue;
			last = key.not_after_ms;
			which = key.fingerprint;
		}
		if (last == INT64_MIN || last >= first)
			continue;
		first = last;
		*ret_certificate = which;
	}
	return first;
}

/* ---- one case --------------------------------------------------------------------- */

/* The newest step that was told; 90 of a case that has told none. */
static int
last_told(struct casework *casework, int64_t number, char to[CASE_NAME_SIZE],
    struct error *err)
{
	struct query *query;
	int more;

	to[0] = '\0';
	if (query_begin(casework->rows,
		"SELECT move FROM case_step WHERE case_number = ?1"
		" AND kind = 'move' ORDER BY sequence DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, number);
	more = query_next(query, err);
	if (more > 0)
		text_copy(to, CASE_NAME_SIZE, query_text(query, 0));
	query_end(query);
	return more < 0 ? -1 : 0;
}

/* The move that is to be made: "" for none. */
static void
wanted(const struct casework *casework, const struct casework_case *file,
    char to[CASE_NAME_SIZE])
{
	const struct directory *directory =
	    spool_directory(&casework->management->spool);
	struct digest certificate;
	struct directory_org org;
	struct org_code code;
	int step = -1;

	if (org_code_parse(file->organisation, &code) &&
	    directory_find_org(directory, &code, &org) &&
	    org.status != ORG_DISSOLVED) {
		int64_t end = casework_watch_end(directory, &org, &certificate);

		if (end != INT64_MAX)
			step =
			    revocation_expiry_step(end, casework_now(casework));
	}
	if (step < 0)
		text_copy(to, CASE_NAME_SIZE, "renewed");
	else
		snprintf(to, CASE_NAME_SIZE, "step-%d", step);
}

static int
look_at(struct casework *casework, const char *id, struct error *err)
{
	struct casework_case file = { .number = 0 };
	char told[CASE_NAME_SIZE];
	char want[CASE_NAME_SIZE];
	int move, rc = 0;

	if (casework_load(casework->rows, casework->library, id, &file, err) <
	    0)
		return -1;
	wanted(casework, &file, want);
	move = case_find_move(file.definition, want);
	if (last_told(casework, file.number, told, err) < 0)
		rc = -1;
	else if (!text_equal(told, want) && move != CASE_NONE &&
	    (file.definition->moves[move].from >> file.status.state & 1) != 0)
		rc = casework_make_move(casework, &file, move, "", err);
	casework_case_free(&file);
	return rc;
}

/* ---- opening ----------------------------------------------------------------------- */

static int
count_watched(struct casework *casework, const char *definition,
    const char *organisation, int64_t *ret_count, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(casework->rows,
		"SELECT count(*) FROM case_file WHERE definition = ?1"
		" AND is_open = 1 AND (?2 = '' OR organisation = ?2)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, definition);
	query_bind_text(query, 2, organisation);
	more = query_next(query, err);
	*ret_count = more > 0 ? query_int(query, 0) : 0;
	query_end(query);
	return more < 0 ? -1 : 0;
}

static int
open_one(struct casework *casework, const char *definition, const char *key,
    const struct bytes *json, char ret_id[CASEWORK_ID_SIZE], struct error *err)
{
	struct management_caller host = { .offices = 1u << OFFICE_SYSTEM };
	struct json_document *document = NULL;
	int rc = -1;

	text_copy(host.person, sizeof(host.person), "host");
	if (json_read(json->data, json->len, FIELDS_MAX, &document, err) == 0)
		rc = casework_open_for(casework, &host, definition,
		    json_root(document), key, "", ret_id, err);
	json_document_free(document);
	return rc;
}

static int
open_renewal(struct casework *casework, const struct directory_org *org,
    int64_t end, const struct digest *certificate, struct error *err)
{
	char digest[DIGEST_TEXT_SIZE];
	char id[CASEWORK_ID_SIZE];
	char key[KEY_SIZE];
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	int64_t count = 0;
	int rc = -1;

	if (count_watched(casework, renewal, org->code.text, &count, err) < 0)
		return -1;
	if (count > 0)
		return 0;
	digest_format(certificate, digest);
	/* One that a clerk closed is not opened again for the same end. */
	snprintf(key, sizeof(key), "ends %s %s", org->code.text, digest);
	if ((rc = casework_find_key(casework->rows, key, id, err)) != 0)
		return rc < 0 ? -1 : 0;
	json_write_begin_object(&writer, NULL);
	json_write_org(&writer, "organisation", &org->code);
	json_write_time(&writer, "ends", end);
	json_write_digest(&writer, "certificate", certificate);
	json_write_end(&writer);
	rc = json_write_done(&writer, err);
	if (rc == 0)
		rc = open_one(casework, renewal, key, &json, id, err);
	if (rc == 0)
		rc = look_at(casework, id, err);
	bytes_free(&json);
	return rc;
}

static int
open_removal(struct casework *casework, size_t organisations, struct error *err)
{
	int64_t now = casework_now(casework);
	char id[CASEWORK_ID_SIZE];
	char number[24];
	char key[KEY_SIZE];
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	int64_t count = 0;
	int rc = -1;

	if (count_watched(casework, removal, "", &count, err) < 0)
		return -1;
	if (count > 0)
		return 0;
	snprintf(key, sizeof(key), "ended %" PRId64, now);
	snprintf(number, sizeof(number), "%zu", organisations);
	json_write_begin_object(&writer, NULL);
	json_write_time(&writer, "until", now);
	json_write_text(&writer, "count", number);
	json_write_end(&writer);
	rc = json_write_done(&writer, err);
	if (rc == 0)
		rc = open_one(casework, removal, key, &json, id, err);
	bytes_free(&json);
	return rc;
}

/* ---- all of them --------------------------------------------------------------------- */

static int
look_at_all(struct casework *casework, struct error *err)
{
	const struct directory *directory =
	    spool_directory(&casework->management->spool);
	size_t count = directory_org_count(directory);
	int64_t now = casework_now(casework);
	struct digest certificate;
	int64_t watched = 0;
	size_t ended;

	if (count_watched(casework, renewal, "", &watched, err) < 0)
		return -1;
	for (uint32_t i = 0; i < count && watched < WATCHED_MAX; i++) {
		struct directory_org org = directory_org_at(directory, i);
		int64_t end = casework_watch_end(directory, &org, &certificate);

		if (org.status == ORG_DISSOLVED || end == INT64_MAX ||
		    revocation_expiry_step(end, now) < 0 ||
		    revocation_is_long_over(end, now))
			continue;
		if (open_renewal(casework, &org, end, &certificate, err) < 0)
			return -1;
		watched++;
	}
	ended = directory_ended_count(directory, now);
	return ended == 0 ? 0 : open_removal(casework, ended, err);
}

static int
look_at_open(struct casework *casework, struct error *err)
{
	struct bytes ids = { 0 };
	struct query *query;
	int more;

	if (query_begin(casework->rows,
		"SELECT id FROM case_file WHERE definition = ?1"
		" AND is_open = 1 ORDER BY number",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, renewal);
	while ((more = query_next(query, err)) > 0) {
		bytes_put_text(&ids, query_text(query, 0));
		bytes_put_u8(&ids, '\0');
	}
	query_end(query);
	if (more == 0)
		more = bytes_failed(&ids, err);
	for (size_t at = 0; more == 0 && at < ids.len;
	     at += strlen((const char *)ids.data + at) + 1)
		more = look_at(casework, (const char *)ids.data + at, err);
	bytes_free(&ids);
	return more;
}

void
casework_watch_look(struct casework *casework)
{
	const struct spool *spool = &casework->management->spool;
	int64_t now = casework_now(casework);
	struct error err = { 0 };
	int rc;

	if (spool_directory(spool) == NULL)
		return;
	rc = look_at_open(casework, &err);
	/* Also when the clock was set back. */
	if (rc == 0 &&
	    (now < casework->watched_at ||
		now >= casework->watched_at + WHOLE_MS)) {
		casework->watched_at = now;
		rc = look_at_all(casework, &err);
	}
	if (rc < 0)
		log_failure(&spool->env->log, LOG_LEVEL_WARNING, "case.watch",
		    &err);
}
