#include "role/status/review.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures.h"
#include "directory/directory.h"
#include "role/status/revoked.h"
#include "store/query.h"
#include "store/rows.h"

enum {
	NAME_SIZE = 100,
	/*
	 * Longer ago than any letter waits (docs/protocol.md 8) and than a
	 * revoked certificate stays listed: nobody can learn of it only now.
	 */
	KEPT_DAYS = 120,
};

static const int64_t day_ms = INT64_C(86400000);

const char review_schema[] =
    "CREATE TABLE reviewed (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;";

/* ---- one letter ------------------------------------------------------- */

static bool
is_measured(const struct measures *measures, const struct digest *key,
    enum measure_subject subject, int64_t at_ms)
{
	char text[DIGEST_TEXT_SIZE];

	if (key == NULL)
		return false;
	digest_format(key, text);
	return measures_stop(measures, subject, text,
	    subject == MEASURE_CARD ? MEASURE_BOTH : MEASURE_SENDING, at_ms);
}

/* Listed as the sender's, and revoked by then.  What is not listed is unknown. */
static bool
is_listed_revoked(const struct directory *directory,
    const struct review_sender *sender, enum key_use use,
    const struct digest *fingerprint, int64_t at_ms)
{
	struct directory_org org;
	struct directory_key key;

	return directory != NULL &&
	    directory_find_org(directory, &sender->code, &org) &&
	    directory_find_org_key(directory, &org, use, fingerprint, &key) &&
	    !directory_key_counts(&key, at_ms);
}

/* By the directory, or by its authority. */
static bool
is_revoked(const struct review_facts *facts, const struct review_sender *sender,
    enum key_use use, const struct digest *fingerprint, int64_t at_ms)
{
	if (fingerprint == NULL)
		return false;
	return is_listed_revoked(facts->directory, sender, use, fingerprint,
		   at_ms) ||
	    (facts->revoked != NULL &&
		revoked_at(facts->revoked, fingerprint) <= at_ms);
}

const char *
review_judge(const struct review_facts *facts,
    const struct review_sender *sender, int64_t at_ms)
{
	const struct measures *measures = facts->measures;
	struct org_code parent = org_code_parent(&sender->code);

	if (measures_stop(measures, MEASURE_UNIT, sender->code.text,
		MEASURE_SENDING, at_ms) ||
	    measures_stop(measures, MEASURE_ORGANISATION, parent.text,
		MEASURE_SENDING, at_ms) ||
	    (sender->host[0] != '\0' &&
		measures_stop(measures, MEASURE_HOST, sender->host,
		    MEASURE_SENDING, at_ms)) ||
	    is_measured(measures, sender->module, MEASURE_MODULE, at_ms) ||
	    is_measured(measures, sender->card, MEASURE_CARD, at_ms))
		return "E3721";
	if (is_revoked(facts, sender, KEY_MODULE, sender->module, at_ms) ||
	    is_revoked(facts, sender, KEY_SIGN, sender->card, at_ms))
		return "E3722";
	return "";
}

bool
review_stops_module(const struct review_facts *facts,
    const struct review_sender *sender, int64_t at_ms, int64_t now_ms)
{
	struct measure_standing standing;
	char text[DIGEST_TEXT_SIZE];

	digest_format(sender->module, text);
	standing = measures_judge(facts->measures, MEASURE_MODULE, text,
	    MEASURE_SENDING, now_ms);
	if ((standing.state == MEASURE_HELD ||
		standing.state == MEASURE_SUSPENDED) &&
	    (standing.measure->stops_queued ||
		standing.measure->from_ms <= at_ms))
		return true;
	return is_revoked(facts, sender, KEY_MODULE, sender->module, at_ms);
}

/* ---- what was not looked back for -------------------------------------- */

static int
add_name(struct rows *rows, const char *name, int64_t since_ms,
    struct review *review, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT 1 FROM reviewed WHERE name = ?1", &query,
		err) < 0)
		return -1;
	query_bind_text(query, 1, name);
	found = query_next(query, err);
	query_end(query);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (review->names.len == 0 || since_ms < review->since_ms)
		review->since_ms = since_ms;
	bytes_put(&review->names, name, strlen(name) + 1);
	return bytes_failed(&review->names, err);
}

/* A hold and the suspension that ratifies it may begin at different times. */
static int
add_measures(struct rows *rows, const struct measure *list, size_t count,
    const char *kind, struct review *review, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		char name[NAME_SIZE];

		if (list[i].direction == MEASURE_RECEIVING &&
		    list[i].subject != MEASURE_CARD)
			continue;
		snprintf(name, sizeof(name), "%s %s", kind, list[i].id);
		if (add_name(rows, name, list[i].from_ms, review, err) < 0)
			return -1;
	}
	return 0;
}

static int
add_key(struct rows *rows, const struct directory_key *key, int64_t now_ms,
    struct review *review, struct error *err)
{
	int64_t oldest = now_ms - KEPT_DAYS * day_ms;
	char text[DIGEST_TEXT_SIZE];
	char name[NAME_SIZE];

	if (key->state != KEY_REVOKED || key->use == KEY_SEAL ||
	    (key->revoked_at_ms != 0 && key->revoked_at_ms < oldest))
		return 0;
	digest_format(&key->fingerprint, text);
	/* It may be said later that it was never good. */
	snprintf(name, sizeof(name), "key %s%s", text,
	    key->revoked_at_ms == 0 ? " 0" : "");
	return add_name(rows, name,
	    key->revoked_at_ms != 0 ? key->revoked_at_ms : oldest, review, err);
}

static int
add_keys(struct rows *rows, const struct directory *directory, int64_t now_ms,
    struct review *review, struct error *err)
{
	size_t count = directory != NULL ? directory_org_count(directory) : 0;

	for (uint32_t i = 0; i < count; i++) {
		struct directory_org org = directory_org_at(directory, i);

		for (uint32_t j = 0; j < org.key_count; j++) {
			struct directory_key key =
			    directory_key_at(directory, &org, j);

			if (add_key(rows, &key, now_ms, review, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* What an authority takes back and says again for another time is new. */
static int
add_revoked(struct rows *rows, const struct revoked *revoked, int64_t now_ms,
    struct review *review, struct error *err)
{
	for (size_t i = 0; revoked != NULL && i < revoked->count; i++) {
		const struct revoked_one *one = &revoked->items[i];
		char text[DIGEST_TEXT_SIZE];
		char name[NAME_SIZE];

		if (one->at_ms < now_ms - KEPT_DAYS * day_ms)
			continue;
		digest_format(&one->fingerprint, text);
		snprintf(name, sizeof(name), "status %s %lld", text,
		    (long long)one->at_ms);
		if (add_name(rows, name, one->at_ms, review, err) < 0)
			return -1;
	}
	return 0;
}

int
review_begin(struct rows *rows, const struct review_facts *facts,
    int64_t now_ms, struct review *ret_review, struct error *err)
{
	const struct measures *measures = facts->measures;
	struct review review = { 0 };

	if (add_measures(rows, measures->holds, measures->hold_count, "hold",
		&review, err) < 0 ||
	    add_measures(rows, measures->suspensions,
		measures->suspension_count, "suspension", &review, err) < 0 ||
	    add_keys(rows, facts->directory, now_ms, &review, err) < 0 ||
	    add_revoked(rows, facts->revoked, now_ms, &review, err) < 0) {
		review_free(&review);
		return -1;
	}
	*ret_review = review;
	return 0;
}

bool
review_has_any(const struct review *review)
{
	return review->names.len > 0;
}

int
review_end(struct rows *rows, const struct review *review, struct error *err)
{
	const char *at = (const char *)review->names.data;
	size_t left = review->names.len;

	while (left > 0) {
		size_t len = strlen(at) + 1;
		struct query *query;

		if (query_begin(rows,
			"INSERT OR IGNORE INTO reviewed (name) VALUES (?1)",
			&query, err) < 0)
			return -1;
		query_bind_text(query, 1, at);
		if (query_finish(query, err) < 0)
			return -1;
		at += len;
		left -= len;
	}
	return 0;
}

void
review_free(struct review *review)
{
	bytes_free(&review->names);
	*review = (struct review){ 0 };
}
