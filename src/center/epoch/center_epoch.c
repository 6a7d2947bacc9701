#include "center/epoch/center_epoch.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/epoch/center_epoch_internal.h"
#include "center/epoch/center_recall.h"
#include "directory/directory.h"
#include "log/epoch.h"
#include "store/leaves.h"
#include "store/store.h"
#include "sys/loop.h"

static struct rows *
rows_of(const struct center_epoch *epoch)
{
	return store_rows(epoch->center->spool.store);
}

/* ---- phases ---------------------------------------------------------- */

static void
enter(struct center_epoch *epoch, enum center_phase phase)
{
	if (epoch->phase == phase)
		return;
	epoch->phase = phase;
	epoch->on_phase(epoch->center);
}

/* An operator must hear of it, once for each reason. */
static void
tell(struct center_epoch *epoch, const char *id, const char *text)
{
	struct error err = { 0 };

	if (text_equal(epoch->told, id))
		return;
	text_copy(epoch->told, sizeof(epoch->told), id);
	error_set_id(&err, id, ERROR_BUSY, "%s", text);
	log_failure(&epoch->center->spool.env->log, LOG_LEVEL_ERROR,
	    "log.epoch", &err);
}

enum center_phase
center_epoch_phase(const struct center_epoch *epoch)
{
	return epoch->phase;
}

int64_t
center_epoch_opened_at(const struct center_epoch *epoch)
{
	return epoch->has_row ? epoch->row.opened_at : 0;
}

bool
center_epoch_is_newest(const struct center_epoch *epoch, uint64_t number)
{
	return number == 0 || !epoch->has_row || number == epoch->row.number;
}

int
center_epoch_check(const struct center_epoch *epoch, struct error *err)
{
	if (epoch->phase != CENTER_WAITS)
		return 0;
	if (epoch->is_lost)
		return error_set_id(err, "E4503", ERROR_BUSY,
		    "witnesses cosigned %llu records of this log",
		    (unsigned long long)epoch->lost_size);
	if (!epoch->has_row && !epoch->is_restored)
		return error_set_id(err, "E4502", ERROR_BUSY,
		    "the witnesses are asked whether this log began before");
	return error_set_id(err, "E5044", ERROR_BUSY,
	    "no bulletin names the next epoch of the log");
}

int
center_epoch_check_serves(const struct center_epoch *epoch, struct error *err)
{
	if (center_epoch_check(epoch, err) < 0)
		return -1;
	if (epoch->phase == CENTER_SERVES)
		return 0;
	return error_set_id(err, "E5046", ERROR_BUSY,
	    "what was lost is being handed in again");
}

/* ---- the end of catching up ------------------------------------------ */

static int
apply_close(struct group_op *op, struct error *err)
{
	struct center_epoch *epoch = (struct center_epoch *)(void *)op;

	return center_epoch_close(rows_of(epoch), err);
}

static void
finish_close(struct group_op *op, const struct error *failure)
{
	struct center_epoch *epoch = (struct center_epoch *)(void *)op;
	const struct log *log = &epoch->center->spool.env->log;
	struct log_line line;

	epoch->is_busy = false;
	if (failure != NULL) {
		log_failure(log, LOG_LEVEL_ERROR, "log.epoch", failure);
		return;
	}
	epoch->row.until = 0;
	log_begin(&line, log, LOG_LEVEL_NOTICE, "log.caught_up");
	log_text(&line, "origin", epoch->row.origin);
	log_end(&line);
	enter(epoch, CENTER_SERVES);
}

static int
has_reported(const struct center_epoch *epoch, const char *host)
{
	struct error err = { 0 };
	int found = center_epoch_has_reported(rows_of(epoch), host,
	    epoch->row.number, &err);

	if (found < 0)
		log_failure(&epoch->center->spool.env->log, LOG_LEVEL_ERROR,
		    "log.epoch", &err);
	return found > 0;
}

/* All of our gateways and all other centers. */
static bool
have_all_reported(const struct center_epoch *epoch)
{
	const struct center *center = epoch->center;
	const struct directory *directory = spool_directory(&center->spool);

	if (directory == NULL)
		return false;
	for (uint32_t i = 0; i < directory_host_count(directory); i++) {
		struct directory_host host = directory_host_at(directory, i);

		if (text_equal(host.center, center->name) &&
		    !has_reported(epoch, host.name))
			return false;
	}
	for (uint32_t i = 0; i < directory_center_count(directory); i++) {
		struct directory_center other =
		    directory_center_at(directory, i);

		if (!text_equal(other.name, center->name) &&
		    !has_reported(epoch, other.name))
			return false;
	}
	return true;
}

static void
look_for_end(struct center_epoch *epoch)
{
	int64_t now = spool_now(&epoch->center->spool);

	if (epoch->phase != CENTER_CATCHES_UP || epoch->is_busy)
		return;
	if (now < epoch->row.until && !have_all_reported(epoch)) {
		loop_timer_start(epoch->timer, CENTER_EPOCH_LOOK_MS);
		return;
	}
	epoch->is_busy = true;
	epoch->op.apply = apply_close;
	epoch->op.finish = finish_close;
	group_add(epoch->center->spool.group, &epoch->op);
}

int
center_epoch_report(struct center_epoch *epoch, const char *host,
    uint64_t number, struct error *err)
{
	/* It heard of the break before we opened the epoch: it comes again. */
	if (number > epoch->row.number)
		return error_set_id(err, "E5047", ERROR_BUSY,
		    "the log is in epoch %llu, not %llu",
		    (unsigned long long)epoch->row.number,
		    (unsigned long long)number);
	if (number != epoch->row.number)
		return 0;
	return center_epoch_report_add(rows_of(epoch), host, number, err);
}

void
center_epoch_reported(struct center_epoch *epoch)
{
	look_for_end(epoch);
}

/* ---- the first epoch, and what others remember ----------------------- */

static int
apply_first(struct group_op *op, struct error *err)
{
	struct center_epoch *epoch = (struct center_epoch *)(void *)op;

	return center_epoch_add(rows_of(epoch), &epoch->next, err);
}

static void
finish_first(struct group_op *op, const struct error *failure)
{
	struct center_epoch *epoch = (struct center_epoch *)(void *)op;

	epoch->is_busy = false;
	if (failure != NULL) {
		log_failure(&epoch->center->spool.env->log, LOG_LEVEL_ERROR,
		    "log.epoch", failure);
		loop_timer_start(epoch->timer, CENTER_EPOCH_LOOK_MS);
		return;
	}
	epoch->row = epoch->next;
	epoch->has_row = true;
	center_epoch_look(epoch);
}

static void
begin_first(struct center_epoch *epoch, const char *origin)
{
	epoch->next = (struct center_epoch_row){ .number = 1,
		.opened_at = spool_now(&epoch->center->spool) };
	text_copy(epoch->next.origin, sizeof(epoch->next.origin), origin);
	epoch->is_busy = true;
	epoch->op.apply = apply_first;
	epoch->op.finish = finish_first;
	group_add(epoch->center->spool.group, &epoch->op);
}

static int
apply_lost(struct group_op *op, struct error *err)
{
	struct center_epoch *epoch = (struct center_epoch *)(void *)op;

	return center_epoch_lost_add(rows_of(epoch), epoch->next.origin,
	    epoch->lost_size, spool_now(&epoch->center->spool), err);
}

/* Known or durable: nothing more is stated under this name. */
static void
finish_lost(struct group_op *op, const struct error *failure)
{
	struct center_epoch *epoch = (struct center_epoch *)(void *)op;

	epoch->is_busy = false;
	if (failure != NULL)
		log_failure(&epoch->center->spool.env->log, LOG_LEVEL_ERROR,
		    "log.epoch", failure);
	center_epoch_look(epoch);
}

static void
lose(struct center_epoch *epoch, const struct directory_center *own,
    uint64_t size)
{
	epoch->is_lost = true;
	epoch->lost_size = size;
	epoch->center->log.has_key = false;
	tell(epoch, "E4503", "witnesses cosigned more records than are here");
	enter(epoch, CENTER_WAITS);
	text_copy(epoch->next.origin, sizeof(epoch->next.origin), own->origin);
	epoch->is_busy = true;
	epoch->op.apply = apply_lost;
	epoch->op.finish = finish_lost;
	group_add(epoch->center->spool.group, &epoch->op);
}

static bool
find_own(const struct center_epoch *epoch, struct directory_center *ret_own)
{
	const struct center *center = epoch->center;
	const struct directory *directory = spool_directory(&center->spool);

	return directory != NULL && center->log.has_public &&
	    directory_find_center(directory, center->name, ret_own);
}

static void
on_recalled(void *ctx, const struct center_recalled *recalled)
{
	struct center_epoch *epoch = ctx;
	struct directory_center own;

	if (recalled->memory == CENTER_MEMORY_NONE)
		epoch->is_new = !epoch->has_row;
	else if (!epoch->is_busy && find_own(epoch, &own) && !epoch->is_lost) {
		lose(epoch, &own, recalled->size);
		return;
	}
	center_epoch_look(epoch);
}

void
center_epoch_on_behind(struct center_epoch *epoch)
{
	if (epoch->has_row && !epoch->is_lost && !epoch->is_restored)
		center_recall_begin(epoch->recall, epoch->row.origin, true);
}

/* ---- what the bulletin says ------------------------------------------ */

static bool
follows(const struct center_epoch *epoch, const char *origin)
{
	return epoch->has_row ? epoch_is_earlier(epoch->row.origin, origin)
			      : epoch_number(origin) > 1;
}

/* Nothing is here: a new center, or one that lost all? */
static void
look_whether_new(struct center_epoch *epoch, const char *origin)
{
	enter(epoch, CENTER_WAITS);
	if (!epoch->center->spool.is_ready)
		return;
	if (epoch->is_new)
		begin_first(epoch, origin);
	else
		center_recall_begin(epoch->recall, origin, false);
}

/* It is the one that goes on here. */
static void
serve(struct center_epoch *epoch, const struct directory_center *own)
{
	struct center *center = epoch->center;

	center->log.has_key = true;
	text_copy(center->log.origin, sizeof(center->log.origin), own->origin);
	enter(epoch, epoch->row.until > 0 ? CENTER_CATCHES_UP : CENTER_SERVES);
	look_for_end(epoch);
}

static const char *
waits_for(const struct center_epoch *epoch)
{
	return epoch->is_restored ? "E5044"
	    : epoch->is_lost      ? "E4503"
				  : "E5045";
}

static void
look_at(struct center_epoch *epoch, const struct directory_center *own)
{
	struct center *center = epoch->center;
	bool is_whole = !epoch->is_restored && !epoch->is_lost;
	uint64_t size = leaves_size(store_leaves(center->spool.store));

	if (is_whole && epoch->has_row &&
	    text_equal(epoch->row.origin, own->origin)) {
		serve(epoch, own);
		return;
	}
	center->log.has_key = false;
	if (is_whole && !epoch->has_row && epoch_number(own->origin) <= 1) {
		look_whether_new(epoch, own->origin);
		return;
	}
	enter(epoch, CENTER_WAITS);
	if (!follows(epoch, own->origin))
		tell(epoch, waits_for(epoch), own->origin);
	else if (own->begins != size)
		tell(epoch, "E5045",
		    "the log has another number of records than the bulletin "
		    "says");
	else if (center->spool.is_ready)
		center_epoch_open(epoch, own);
}

void
center_epoch_look(struct center_epoch *epoch)
{
	struct directory_center own;

	if (!epoch->is_busy && find_own(epoch, &own))
		look_at(epoch, &own);
}

/* ---- life ------------------------------------------------------------ */

static void
on_timer(void *ctx)
{
	center_epoch_look(ctx);
}

static int
read_rows(struct center_epoch *epoch, struct error *err)
{
	int found = center_epoch_newest(rows_of(epoch), &epoch->row, err);

	if (found < 0)
		return -1;
	epoch->has_row = found > 0;
	found = store_restored_find(rows_of(epoch), &epoch->restored, err);
	epoch->is_restored = found > 0;
	if (found < 0)
		return -1;
	found = center_epoch_lost_find(rows_of(epoch), &epoch->lost_size, err);
	epoch->is_lost = found > 0;
	return found < 0 ? -1 : 0;
}

int
center_epoch_new(struct center *center, void (*on_phase)(struct center *),
    struct center_epoch **ret_epoch, struct error *err)
{
	struct center_epoch *epoch = calloc(1, sizeof(*epoch));

	if (epoch == NULL)
		return error_set_memory(err);
	epoch->center = center;
	epoch->on_phase = on_phase;
	if (read_rows(epoch, err) < 0 ||
	    center_recall_new(center, on_recalled, epoch, &epoch->recall, err) <
		0 ||
	    loop_timer_new(center->spool.env->loop, on_timer, epoch,
		&epoch->timer, err) < 0) {
		center_epoch_free(epoch);
		return -1;
	}
	*ret_epoch = epoch;
	return 0;
}

void
center_epoch_free(struct center_epoch *epoch)
{
	if (epoch == NULL)
		return;
	center_recall_free(epoch->recall);
	loop_timer_free(epoch->timer);
	free(epoch);
}
