#include "management/casework_log.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/log_entry.h"
#include "management/casework_rows.h"
#include "management/management.h"
#include "management/management_log.h"
#include "store/query.h"
#include "store/rows.h"

enum { BATCH = 64 };

/* A step and where it is in the log. */
struct logged {
	int64_t place;
	int64_t entry;
};

struct casework_log {
	struct group_op op; /* first: the group hands it back */
	struct management *management;
	struct rows *rows;
	struct logged logged[BATCH];
	size_t count;
	bool is_busy;
	bool is_wanted; /* again, after this batch */
};

static int
append_one(struct casework_log *log, struct query *query, struct error *err)
{
	struct logged *logged = &log->logged[log->count];
	char detail[LOG_ENTRY_DETAIL_SIZE];
	char act[LOG_ENTRY_WORD_SIZE] = "";
	struct bytes name = { 0 };
	const void *record;
	uint64_t entry = 0;
	size_t len;
	int rc = -1;

	record = query_data(query, 4, &len);
	bytes_put_format(&name, "case.%s", query_text(query, 1));
	if (bytes_failed(&name, err) == 0 &&
	    text_copy_len(act, sizeof(act), (const char *)name.data,
		name.len) &&
	    text_copy_len(detail, sizeof(detail), record, len)) {
		const struct management_act said = { .act = act,
			.by = query_text(query, 2),
			.about = query_text(query, 3),
			.detail = detail };

		rc = management_log_act(log->management, &said, &entry, err);
	} else if (err->code == ERROR_NONE) {
		error_set(err, ERROR_MALFORMED, "a record is too long");
	}
	bytes_free(&name);
	if (rc < 0)
		return -1;
	*logged = (struct logged){ query_int(query, 0), (int64_t)entry };
	log->count++;
	return 0;
}

static int
apply(struct group_op *op, struct error *err)
{
	struct casework_log *log = (struct casework_log *)(void *)op;
	struct query *query;
	int more;

	log->count = 0;
	if (query_begin(log->rows,
		"SELECT s.place, s.kind, s.person, f.id, s.record"
		" FROM case_step AS s JOIN case_file AS f"
		" ON f.number = s.case_number WHERE s.leaf IS NULL"
		" ORDER BY s.place LIMIT ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BATCH);
	while ((more = query_next(query, err)) > 0)
		if (append_one(log, query, err) < 0) {
			more = -1;
			break;
		}
	query_end(query);
	return more;
}

/* Note the places; should this fail the steps are logged again. */
static int
note_places(struct casework_log *log, struct error *err)
{
	if (rows_begin(log->rows, err) < 0)
		return -1;
	for (size_t i = 0; i < log->count; i++) {
		struct query *query;

		if (query_begin(log->rows,
			"UPDATE case_step SET leaf = ?2 WHERE place = ?1",
			&query, err) < 0) {
			rows_rollback(log->rows);
			return -1;
		}
		query_bind_int(query, 1, log->logged[i].place);
		query_bind_int(query, 2, log->logged[i].entry);
		if (query_finish(query, err) < 0) {
			rows_rollback(log->rows);
			return -1;
		}
	}
	return rows_commit(log->rows, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct casework_log *log = (struct casework_log *)(void *)op;
	struct error err = { 0 };
	bool is_wanted = log->is_wanted || log->count == BATCH;

	log->is_busy = false;
	log->is_wanted = false;
	if (failure == NULL && log->count > 0 && note_places(log, &err) < 0)
		failure = &err;
	if (failure != NULL)
		log_failure(&log->management->spool.env->log, LOG_LEVEL_WARNING,
		    "case.log", failure);
	else if (is_wanted)
		casework_log_wake(log);
}

void
casework_log_wake(struct casework_log *log)
{
	if (log->is_busy) {
		log->is_wanted = true;
		return;
	}
	log->is_busy = true;
	log->op.apply = apply;
	log->op.finish = finish;
	group_add(log->management->spool.group, &log->op);
}

int
casework_log_new(struct management *management, struct rows *rows,
    struct casework_log **ret_log, struct error *err)
{
	struct casework_log *log = calloc(1, sizeof(*log));

	if (log == NULL)
		return error_set_memory(err);
	log->management = management;
	log->rows = rows;
	*ret_log = log;
	return 0;
}

void
casework_log_free(struct casework_log *log)
{
	free(log);
}
