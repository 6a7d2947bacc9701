#include "gateway/inbox/inbox_review.h"

#include <stdlib.h>

#include "base/text.h"
#include "gateway/gateway.h"
#include "gateway/inbox/inbox_rows.h"
#include "role/status/review.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	SLICE = 200,               /* letters in one group */
	AGAIN_MS = 1000,           /* after a failure */
	CLOCK_MS = 60 * 60 * 1000, /* clocks may have been set back */
};

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

struct inbox_review {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	struct review review; /* what is looked back for; empty: nothing */
	int64_t after_at;     /* the last that was looked at: time, */
	int64_t after;        /* ... and row */
	bool is_over;         /* ... of all, once the slice is durable */
	bool is_busy;
	bool is_started;
	bool again;         /* more came meanwhile */
	uint64_t measures;  /* version that was looked at, */
	uint64_t directory; /* ... and serial of the directory */
	struct loop_timer *timer;
	struct loop_soon *soon;
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
rows_of(const struct inbox_review *review)
{
	return store_rows(review->gateway->spool.store);
}

/* ---- rows -------------------------------------------------------------- */

int
inbox_review_add(struct rows *rows, int64_t letter, const struct digest *module,
    int64_t at_ms, struct error *err)
{
	struct query *query;

	/* A letter whose content was lost is fetched again. */
	if (query_begin(rows,
		"INSERT INTO inbox_review (letter, module, at)"
		" VALUES (?1, ?2, ?3) ON CONFLICT (letter) DO UPDATE SET"
		" module = excluded.module, at = excluded.at",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	query_bind_digest(query, 2, module);
	query_bind_int(query, 3, at_ms);
	return query_finish(query, err);
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

	if (query_begin(rows_of(review),
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
log_doubt(const struct inbox_review *review, const struct entry *entry,
    const char *doubt)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&entry->waybill_id, id);
	log_begin(&line, &review->gateway->spool.env->log, LOG_LEVEL_WARNING,
	    doubt);
	log_text(&line, "delivery", id);
	log_text(&line, "org", entry->recipient.text);
	log_text(&line, "sender", entry->sender.text);
	log_end(&line);
}

static int
judge(const struct inbox_review *review, const struct entry *entry,
    struct error *err)
{
	const struct spool *spool = &review->gateway->spool;
	const struct review_sender sender = { .code = entry->sender,
		.host = "",
		.module = &entry->module,
		.card = entry->has_card ? &entry->card : NULL };
	const char *doubt = review_judge(bulletins_measures(spool->bulletins),
	    spool_directory(spool), &sender, entry->at);

	if (doubt[0] == '\0')
		return 0;
	log_doubt(review, entry, doubt);
	return set_doubt(rows_of(review), entry->letter, doubt, err);
}

int
inbox_review_enter(struct inbox_review *review, const struct inbox_row *row,
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

	if (query_begin(rows_of(review),
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
	return found > 0 ? judge(review, &entry, err) : found;
}

/* ---- slices ------------------------------------------------------------ */

static int
apply_slice(struct group_op *op, struct error *err)
{
	struct inbox_review *review = (struct inbox_review *)(void *)op;
	struct entry entry;
	int more = 1;

	for (size_t i = 0; i < SLICE; i++) {
		more = next_entry(review, &entry, err);
		if (more <= 0)
			break;
		if (judge(review, &entry, err) < 0)
			return -1;
		review->after_at = entry.at;
		review->after = entry.letter;
	}
	if (more < 0)
		return -1;
	review->is_over = more == 0;
	return review->is_over
	    ? review_end(rows_of(review), &review->review, err)
	    : 0;
}

static void
finish_slice(struct group_op *op, const struct error *failure)
{
	struct inbox_review *review = (struct inbox_review *)(void *)op;

	review->is_busy = false;
	if (failure != NULL) {
		log_failure(&review->gateway->spool.env->log, LOG_LEVEL_WARNING,
		    "review.later", failure);
		review->again = true;
		loop_timer_start(review->timer, AGAIN_MS);
		return;
	}
	if (review->is_over)
		review_free(&review->review);
	if (!review->is_over || review->again)
		loop_soon_start(review->soon);
}

static void
begin(struct inbox_review *review)
{
	const struct spool *spool = &review->gateway->spool;
	struct error err = { 0 };

	review->again = false;
	review->measures = bulletins_measures_version(spool->bulletins);
	review->directory = spool_directory_serial(spool);
	review_free(&review->review);
	if (review_begin(rows_of(review), bulletins_measures(spool->bulletins),
		spool_directory(spool), spool_now(spool), &review->review,
		&err) < 0) {
		log_failure(&spool->env->log, LOG_LEVEL_WARNING, "review.later",
		    &err);
		review->again = true;
		loop_timer_start(review->timer, AGAIN_MS);
		return;
	}
	review->after_at = review->review.since_ms - CLOCK_MS;
	review->after = 0;
	review->is_over = false;
}

static void
go_on(void *ctx)
{
	struct inbox_review *review = ctx;

	if (review->is_busy || !review->is_started)
		return;
	if (review->again)
		begin(review);
	if (!review_has_any(&review->review))
		return;
	review->op.apply = apply_slice;
	review->op.finish = finish_slice;
	review->is_busy = true;
	group_add(review->gateway->spool.group, &review->op);
}

/* ---- life -------------------------------------------------------------- */

int
inbox_review_new(struct gateway *gateway, struct inbox_review **ret_review,
    struct error *err)
{
	struct inbox_review *review = calloc(1, sizeof(*review));
	struct loop *loop = gateway->spool.env->loop;

	if (review == NULL)
		return error_set_memory(err);
	review->gateway = gateway;
	if (loop_timer_new(loop, go_on, review, &review->timer, err) < 0 ||
	    loop_soon_new(loop, go_on, review, &review->soon, err) < 0) {
		inbox_review_free(review);
		return -1;
	}
	*ret_review = review;
	return 0;
}

void
inbox_review_free(struct inbox_review *review)
{
	if (review == NULL)
		return;
	loop_timer_free(review->timer);
	loop_soon_free(review->soon);
	review_free(&review->review);
	free(review);
}

void
inbox_review_start(struct inbox_review *review)
{
	review->is_started = true;
	review->again = true;
	loop_soon_start(review->soon);
}

void
inbox_review_on_directory(struct inbox_review *review)
{
	const struct bulletins *bulletins = review->gateway->spool.bulletins;

	/* Timestamps come every minute. */
	if (bulletins_measures_version(bulletins) == review->measures &&
	    spool_directory_serial(&review->gateway->spool) ==
		review->directory)
		return;
	review->again = true;
	if (review->is_started && !review->is_busy)
		loop_soon_start(review->soon);
}
