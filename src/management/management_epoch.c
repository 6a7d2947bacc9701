#include "management/management_epoch.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory_network.h"
#include "log/epoch.h"
#include "management/management.h"
#include "management/management_log.h"
#include "management/stamping.h"
#include "role/log/cosign.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/store.h"

const char management_epoch_schema[] =
    /* Under which origin the log was signed last; `lost`: its end is gone. */
    "CREATE TABLE management_log ("
    " id INTEGER PRIMARY KEY CHECK (id = 1), origin TEXT NOT NULL,"
    " lost INTEGER NOT NULL) STRICT;"
    "INSERT INTO management_log (id, origin, lost) VALUES (1, '', 0);";

static struct rows *
rows_of(const struct management *management)
{
	return store_rows(management->spool.store);
}

struct log_row {
	char origin[NOTE_NAME_SIZE];
	bool is_lost;
};

static int
read_row(struct management *management, struct log_row *ret_row,
    struct error *err)
{
	struct query *query;
	int found;

	*ret_row = (struct log_row){ .is_lost = false };
	if (query_begin(rows_of(management),
		"SELECT origin, lost FROM management_log", &query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0) {
		text_copy(ret_row->origin, sizeof(ret_row->origin),
		    query_text(query, 0));
		ret_row->is_lost = query_int(query, 1) != 0;
	}
	query_end(query);
	return found < 0 ? -1 : 0;
}

static int
write_row(struct management *management, const struct log_row *row,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows_of(management),
		"UPDATE management_log SET origin = ?1, lost = ?2", &query,
		err) < 0)
		return -1;
	query_bind_text(query, 1, row->origin);
	query_bind_int(query, 2, row->is_lost);
	return query_finish(query, err);
}

/* The end of a log that came out of a backup is gone: others hold it signed. */
int
management_epoch_note_restored(struct management *management, struct error *err)
{
	struct store *store = management->spool.store;
	struct store_restored restored;
	struct log_row row;
	int found = store_restored_find(rows_of(management), &restored, err);

	if (found <= 0)
		return found;
	if (read_row(management, &row, err) < 0)
		return -1;
	row.is_lost = true;
	if (store_begin(store, err) < 0)
		return -1;
	if (write_row(management, &row, err) < 0) {
		store_abort(store, err);
		return -1;
	}
	return store_commit(store, err);
}

struct opening {
	struct group_op op; /* first: the group hands it back */
	struct management *management;
	struct log_row row;
	bool is_next; /* an epoch after another one */
};

static int
apply_opening(struct group_op *op, struct error *err)
{
	struct opening *opening = (struct opening *)(void *)op;
	struct management *management = opening->management;
	const struct management_act act = { .act = "log.epoch",
		.by = "network bulletin",
		.about = opening->row.origin,
		.detail = "" };
	uint64_t entry;

	if (write_row(management, &opening->row, err) < 0)
		return -1;
	if (!opening->is_next)
		return 0;
	return cosign_forget(rows_of(management), err) < 0
	    ? -1
	    : management_log_act(management, &act, &entry, err);
}

static void
finish_opening(struct group_op *op, const struct error *failure)
{
	struct opening *opening = (struct opening *)(void *)op;
	struct management *management = opening->management;
	struct log_line line;

	management->is_opening = false;
	if (failure != NULL) {
		log_failure(&management->spool.env->log, LOG_LEVEL_ERROR,
		    "log.epoch", failure);
	} else {
		text_copy(management->log.origin,
		    sizeof(management->log.origin), opening->row.origin);
		management->log.has_key = true;
		log_begin(&line, &management->spool.env->log, LOG_LEVEL_NOTICE,
		    "log.epoch");
		log_text(&line, "origin", opening->row.origin);
		log_end(&line);
		/* The next timestamp has all that was logged before. */
		stamping_wake(management->stamping);
	}
	free(opening);
}

static void
open_epoch(struct management *management, const char *origin, bool is_next)
{
	struct opening *opening = calloc(1, sizeof(*opening));

	if (opening == NULL)
		return;
	opening->op.apply = apply_opening;
	opening->op.finish = finish_opening;
	opening->management = management;
	opening->is_next = is_next;
	text_copy(opening->row.origin, sizeof(opening->row.origin), origin);
	management->is_opening = true;
	group_add(management->spool.group, &opening->op);
}

static void
tell(struct management *management, const char *id, const char *why)
{
	struct error err = { 0 };

	error_set_id(&err, id, ERROR_BUSY, "%s", why);
	log_failure(&management->spool.env->log, LOG_LEVEL_ERROR, "log.epoch",
	    &err);
}

static bool
find_own(const struct management *management, struct directory_center *ret_own)
{
	const struct directory *directory = spool_directory(&management->spool);
	size_t count =
	    directory != NULL ? directory_management_count(directory) : 0;

	for (uint32_t i = 0; i < count; i++) {
		*ret_own = directory_management_at(directory, i);
		if (ret_own->log_len > 0 &&
		    text_equal(ret_own->name,
			management->spool.env->config->host.name))
			return true;
	}
	return false;
}

/*
 * The first epoch begins by itself.  The next one must be announced by the
 * network bulletin, with a number of records that were restored: that bulletin
 * is an entry of it already.
 */
static void
judge_origin(struct management *management, const struct log_row *row,
    const struct directory_center *own)
{
	uint64_t size = leaves_size(store_leaves(management->spool.store));
	bool is_first = row->origin[0] == '\0' && !row->is_lost;

	if (is_first)
		open_epoch(management, own->origin, false);
	else if (row->origin[0] != '\0'
		? !epoch_is_earlier(row->origin, own->origin)
		: epoch_number(own->origin) < 2)
		tell(management, "E5044",
		    "the log is signed again when a network bulletin names its "
		    "next epoch");
	else if (own->begins == 0 || own->begins > size)
		tell(management, "E5045",
		    "the log has another number of records than the bulletin "
		    "says");
	else
		open_epoch(management, own->origin, true);
}

void
management_epoch_look(struct management *management)
{
	struct directory_center own;
	struct log_row row;
	struct error err = { 0 };

	if (management->is_opening || !find_own(management, &own) ||
	    spool_key_find(&management->spool, "log") == NULL)
		return;
	host_log_take_key(&management->log, own.log, own.log_len);
	if (!management->log.has_public)
		return;
	if (read_row(management, &row, &err) < 0) {
		log_failure(&management->spool.env->log, LOG_LEVEL_ERROR,
		    "log.epoch", &err);
		return;
	}
	if (!row.is_lost && text_equal(row.origin, own.origin)) {
		text_copy(management->log.origin,
		    sizeof(management->log.origin), own.origin);
		management->log.has_key = true;
		return;
	}
	management->log.has_key = false;
	judge_origin(management, &row, &own);
}
