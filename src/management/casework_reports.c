/*
 * A lost card that was reported (role/status/card_reports.h) is blocked for 72 hours by
 * the report; its case leads from there to what two officers sign.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "management/casework_internal.h"
#include "model/times.h"
#include "role/spool/spool.h"
#include "store/query.h"
#include "store/store.h"

enum { KEY_SIZE = 128, FIELDS_MAX = 8192 };

static const char definition[] = "report-card-lost";

static int
put_fields(struct query *query, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	char time[TIMES_RFC3339_SIZE];
	struct digest card;

	query_digest(query, 0, &card);
	times_format(query_int(query, 4), time);
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "organisation", query_text(query, 1));
	json_write_digest(&writer, "card", &card);
	json_write_text(&writer, "lost-at", time);
	json_write_text(&writer, "contact", query_text(query, 2));
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

/* One report is one case, however often it is looked at. */
static int
take_one(struct casework *casework, struct query *query, struct error *err)
{
	struct json_document *document = NULL;
	char text[DIGEST_TEXT_SIZE];
	char time[TIMES_RFC3339_SIZE];
	char known[CASEWORK_ID_SIZE];
	char key[KEY_SIZE];
	struct bytes fields = { 0 };
	struct digest card;
	int rc;

	query_digest(query, 0, &card);
	digest_format(&card, text);
	times_format(query_int(query, 4), time);
	snprintf(key, sizeof(key), "card %s %s", text, time);
	rc = casework_find_key(casework->rows, key, known, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = put_fields(query, &fields, err);
	if (rc == 0)
		rc = json_read(fields.data, fields.len, FIELDS_MAX, &document,
		    err);
	if (rc == 0)
		rc = casework_open_reported(casework, definition,
		    json_root(document), key, query_text(query, 3), err);
	json_document_free(document);
	bytes_free(&fields);
	return rc;
}

void
casework_take_reports(struct casework *casework)
{
	const struct spool *spool = &casework->management->spool;
	struct error err = { 0 };
	struct query *query;
	int more;

	if (query_begin(store_rows(spool->store),
		"SELECT fingerprint, organisation, host, reason, time"
		" FROM card_report ORDER BY received",
		&query, &err) < 0) {
		log_failure(&spool->env->log, LOG_LEVEL_WARNING, "case.reports",
		    &err);
		return;
	}
	while ((more = query_next(query, &err)) > 0) {
		struct error failure = { 0 };

		/* One that cannot be opened keeps no other back. */
		if (take_one(casework, query, &failure) < 0)
			log_failure(&spool->env->log, LOG_LEVEL_WARNING,
			    "case.reports", &failure);
	}
	if (more < 0)
		log_failure(&spool->env->log, LOG_LEVEL_WARNING, "case.reports",
		    &err);
	query_end(query);
}
