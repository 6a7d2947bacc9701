#include "gateway/inbox/inbox_review.h"

#include <stdlib.h>

#include "base/text.h"
#include "gateway/gateway.h"
#include "gateway/inbox/inbox_rows.h"
#include "role/status/review.h"
#include "role/status/reviewer.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

/* `doubt` is told as every other change of a letter (happenings.h). */
const char inbox_review_schema[] =
    "CREATE TABLE inbox_review ("
    " letter INTEGER PRIMARY KEY REFERENCES inbox_letter,"
    " module BLOB NOT NULL, at INTEGER NOT NULL,"
    " doubt TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX inbox_review_at ON inbox_review (at);"
    "CREATE TRIGGER inbox_review_doubt AFTER UPDATE ON inbox_review"
    " WHEN OLD.doubt <> NEW.doubt"
    " BEGIN INSERT INTO happening (kind, subject, at, state, flags, reason)"
    " SELECT 1, id, received_at, state, notice, '' FROM inbox_letter"
    " WHERE id = NEW.letter AND shown > 0; END;";

/* By which directory its center took it (inbox_place_is_final()). */
const char inbox_review_directory_schema[] =
    "ALTER TABLE inbox_review ADD COLUMN"
    " directory INTEGER NOT NULL DEFAULT 0;";

struct inbox_review {
	struct gateway *gateway;
	int64_t after_at; /* the last that was looked at: time, */
	int64_t after;    /* ... and row */
};

/* An entry of the inbox, as far as it is judged here. */
struct entry {
	int64_t letter;
	int64_t at;
	struct id waybill_id;
	struct org_code sender;
	struct org_code recipient;
	struct digest module;
	struct digest card;
	bool has_card;
};

static struct rows *
rows_of(const struct gateway *gateway)
{
	return store_rows(gateway->spool.store);
}

/* ---- rows -------------------------------------------------------------- */

int
inbox_review_add(struct rows *rows, int64_t letter,
    const struct inbox_taken *taken, struct error *err)
{
	struct query *query;

	/* A letter whose content was lost is fetched again. */
	if (query_begin(rows,
		"INSERT INTO inbox_review (letter, module, at, directory)"
		" VALUES (?1, ?2, ?3, ?4) ON CONFLICT (letter) DO UPDATE SET"
		" module = excluded.module, at = excluded.at,"
		" directory = excluded.directory",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	query_bind_digest(query, 2, taken->module);
	query_bind_int(query, 3, taken->at_ms);
	query_bind_int(query, 4, (int64_t)taken->directory);
	return query_finish(query, err);
}

int
inbox_review_directory(struct rows *rows, int64_t letter,
    uint64_t *ret_directory, struct error *err)
{
	struct query *query;
	int found;

	*ret_directory = 0;
	if (query_begin(rows,
		"SELECT directory FROM inbox_review WHERE letter = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	found = query_next(query, err);
	if (found > 0)
		*ret_directory = (uint64_t)query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
inbox_review_doubt(struct rows *rows, int64_t letter,
    char ret_doubt[ERROR_ID_SIZE], struct error *err)
{
	struct query *query;
	int found;

	ret_doubt[0] = '\0';
	if (query_begin(rows,
		"SELECT doubt FROM inbox_review WHERE letter = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	found = query_next(query, err);
	if (found > 0)
		text_copy(ret_doubt, ERROR_ID_SIZE, query_text(query, 0));
	query_end(query);
	return found < 0 ? -1 : 0;
}

static int
set_doubt(struct rows *rows, int64_t letter, const char *doubt,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_review SET doubt = ?2 WHERE letter = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	query_bind_text(query, 2, doubt);
	return query_finish(query, err);
}

/* Columns letter, at, module, waybill_id, sender, recipient, signer. */
static int
read_entry(struct query *query, struct entry *ret_entry, struct error *err)
{
	struct entry entry = { .letter = query_int(query, 0),
		.at = query_int(query, 1),
		.has_card = !query_is_null(query, 6) };

	query_digest(query, 2, &entry.module);
	query_id(query, 3, &entry.waybill_id);
	if (entry.has_card)
		query_digest(query, 6, &entry.card);
	if (!org_code_parse(query_text(query, 4), &entry.sender) ||
	    !org_code_parse(query_text(query, 5), &entry.recipient))
		return error_set_id(err, "E5006", ERROR_MALFORMED,
		    "row %lld of the inbox is damaged",
		    (long long)entry.letter);
	*ret_entry = entry;
	return query_failed(query, err) < 0 ? -1 : 1;
}

/* What has no entry yet is judged when it gets one. */
static int
next_entry(const struct inbox_review *review, struct entry *ret_entry,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows_of(review->gateway),
		"SELECT r.letter, r.at, r.module, l.waybill_id, l.sender,"
		" l.recipient, l.signer FROM inbox_review AS r"
		" JOIN inbox_letter AS l ON l.id = r.letter"
		" WHERE (r.at, r.letter) > (?1, ?2) AND r.doubt = ''"
		" AND l.shown > 0 ORDER BY r.at, r.letter LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, review->after_at);
	query_bind_int(query, 2, review->after);
	found = query_next(query, err);
	if (found > 0)
		found = read_entry(query, ret_entry, err);
	query_end(query);
	return found;
}

/* ---- judging ----------------------------------------------------------- */

static void
log_doubt(const struct gateway *gateway, const struct entry *entry,
    const char *doubt)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&entry->waybill_id, id);
	log_begin(&line, &gateway->spool.env->log, LOG_LEVEL_WARNING, doubt);
	log_text(&line, "delivery", id);
	log_text(&line, "org", entry->recipient.text);
	log_text(&line, "sender", entry->sender.text);
	log_end(&line);
}

static int
judge(const struct gateway *gateway, const struct entry *entry,
    struct error *err)
{
	const struct review_sender sender = { .code = entry->sender,
		.host = "",
		.module = &entry->module,
		.card = entry->has_card ? &entry->card : NULL };
	const struct review_facts facts = reviewer_facts(&gateway->spool);
	const char *doubt = review_judge(&facts, &sender, entry->at);

	if (doubt[0] == '\0')
		return 0;
	log_doubt(gateway, entry, doubt);
	return set_doubt(rows_of(gateway), entry->letter, doubt, err);
}

int
inbox_review_enter(struct gateway *gateway, const struct inbox_row *row,
    const struct digest *card, struct error *err)
{
	struct entry entry = { .letter = row->row,
		.waybill_id = row->waybill_id,
		.sender = row->sender,
		.recipient = row->recipient,
		.card = *card,
		.has_card = true };
	struct query *query;
	int found;

	if (query_begin(rows_of(gateway),
		"SELECT at, module FROM inbox_review WHERE letter = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, row->row);
	found = query_next(query, err);
	if (found > 0) {
		entry.at = query_int(query, 0);
		query_digest(query, 1, &entry.module);
	}
	query_end(query);
	return found > 0 ? judge(gateway, &entry, err) : found;
}

/* ---- all of them ------------------------------------------------------- */

static void
go_back(void *ctx, int64_t since_ms)
{
	struct inbox_review *review = ctx;

	review->after_at = since_ms;
	review->after = 0;
}

static int
judge_next(void *ctx, struct error *err)
{
	struct inbox_review *review = ctx;
	struct entry entry;
	int found = next_entry(review, &entry, err);

	if (found <= 0)
		return found;
	review->after_at = entry.at;
	review->after = entry.letter;
	return judge(review->gateway, &entry, err) < 0 ? -1 : 1;
}

int
inbox_review_new(struct gateway *gateway, struct reviewer **ret_reviewer,
    struct error *err)
{
	static const struct reviewer_tier tier = { go_back, judge_next, NULL };
	struct inbox_review *review = calloc(1, sizeof(*review));

	if (review == NULL)
		return error_set_memory(err);
	review->gateway = gateway;
	return reviewer_new(&gateway->spool, &tier, review, ret_reviewer, err);
}
