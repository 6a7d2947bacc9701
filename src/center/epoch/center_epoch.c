#include "center/epoch/center_epoch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "center/epoch/center_epoch_rows.h"
#include "center/send/center_send_rows.h"
#include "crypto/random.h"
#include "directory/directory.h"
#include "envelope/epoch_record.h"
#include "exchange/urgency.h"
#include "log/epoch.h"
#include "role/log/cosign.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/store.h"
#include "sys/loop.h"

enum { LOOK_MS = 1000 };

struct center_epoch {
	struct group_op op; /* first: the group hands it back */
	struct center *center;
	void (*on_phase)(struct center *center);
	struct loop_timer *timer;
	enum center_phase phase;
	bool has_row;
	struct center_epoch_row row; /* the newest */
	bool is_restored;
	struct store_restored restored;
	bool is_busy;                 /* a change is under way */
	struct center_epoch_row next; /* that it makes */
	char told[ERROR_ID_SIZE];     /* said once */
};

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

/* ---- opening the next epoch ------------------------------------------ */

static char *
take_text(struct bytes *bytes)
{
	char *text = bytes->failed
	    ? NULL
	    : text_dup_len((const char *)bytes->data, bytes->len);

	bytes_free(bytes);
	return text;
}

/* What was signed of the epoch before, as far as the backup has it. */
static int
find_notes(struct center_epoch *epoch, struct epoch_record *record,
    struct error *err)
{
	struct error missing = { 0 };
	struct bytes own = { 0 }, cosigned = { 0 };
	uint64_t size;

	if (leaves_checkpoint_find(store_leaves(epoch->center->spool.store),
		UINT64_MAX, &size, &own, &missing) < 0 &&
	    missing.code != ERROR_NOT_FOUND)
		*err = missing;
	else if (cosign_read(rows_of(epoch), &size, &cosigned, err) >= 0) {
		bytes_put(&own, "", 0);
		record->checkpoint = take_text(&own);
		record->cosigned = take_text(&cosigned);
		if (record->checkpoint == NULL || record->cosigned == NULL)
			error_set_memory(err);
	}
	bytes_free(&own);
	bytes_free(&cosigned);
	return err->code == ERROR_NONE ? 0 : -1;
}

/* "yizhan/demo/center-a/1" before ".../2", also where nothing was left. */
static void
name_previous(const struct center_epoch *epoch, char *to, size_t size)
{
	const char *slash = strrchr(epoch->next.origin, '/');

	if (epoch->has_row) {
		text_copy(to, size, epoch->row.origin);
		return;
	}
	snprintf(to, size, "%.*s/%llu", (int)(slash - epoch->next.origin),
	    epoch->next.origin, (unsigned long long)epoch->next.number - 1);
}

static int
put_record(struct center_epoch *epoch, struct bytes *json, struct error *err)
{
	struct center *center = epoch->center;
	struct leaves *leaves = store_leaves(center->spool.store);
	struct bulletin_serials serials =
	    bulletins_serials(center->spool.bulletins);
	struct epoch_record record = {
		.records = leaves_size(leaves),
		.root = leaves_root(leaves),
		.backup_at =
		    epoch->is_restored ? epoch->restored.backup_at_ms : 0,
		.time_ms = spool_now(&center->spool),
		.serials = { .root = serials.root, .network = serials.network },
	};
	int rc = -1;

	text_copy(record.environment, sizeof(record.environment),
	    center->environment);
	text_copy(record.center, sizeof(record.center), center->name);
	text_copy(record.origin, sizeof(record.origin), epoch->next.origin);
	name_previous(epoch, record.previous, sizeof(record.previous));
	if (find_notes(epoch, &record, err) == 0)
		rc = epoch_record_encode(&record, json, err);
	epoch_record_free(&record);
	return rc;
}

/* Other centers are asked again: what they answered is lost (center_send.c). */
static int
ask_again(struct center_epoch *epoch, struct error *err)
{
	int64_t rank =
	    urgency_rank(SPEED_NORMAL, spool_now(&epoch->center->spool), 0);

	return center_send_again(rows_of(epoch), epoch->center->name, rank,
	    err);
}

static int
apply_open(struct group_op *op, struct error *err)
{
	struct center_epoch *epoch = (struct center_epoch *)(void *)op;
	struct center *center = epoch->center;
	struct leaves *leaves = store_leaves(center->spool.store);
	struct bytes json = { 0 };
	struct digest salt;
	uint64_t entry;
	int rc = -1;

	if (leaves_size(leaves) != epoch->next.first)
		return error_set_id(err, "E5045", ERROR_BUSY,
		    "the log has %llu records now",
		    (unsigned long long)leaves_size(leaves));
	if (random_fill(salt.bytes, sizeof(salt.bytes), err) == 0 &&
	    put_record(epoch, &json, err) == 0 &&
	    leaves_append(leaves, &salt, json.data, json.len, &entry, err) ==
		0 &&
	    center_epoch_add(rows_of(epoch), &epoch->next, err) == 0 &&
	    store_restored_clear(center->spool.store, err) == 0 &&
	    cosign_forget(rows_of(epoch), err) == 0 &&
	    ask_again(epoch, err) == 0) {
		/* The group's checkpoint is of the new epoch. */
		text_copy(center->log.origin, sizeof(center->log.origin),
		    epoch->next.origin);
		center->log.has_key = true;
		rc = 0;
	}
	bytes_free(&json);
	return rc;
}

static void
log_opened(const struct center_epoch *epoch)
{
	struct log_line line;

	log_begin(&line, &epoch->center->spool.env->log, LOG_LEVEL_NOTICE,
	    "log.epoch");
	log_text(&line, "origin", epoch->row.origin);
	log_u64(&line, "records", epoch->row.first);
	log_end(&line);
}

static void
finish_open(struct group_op *op, const struct error *failure)
{
	struct center_epoch *epoch = (struct center_epoch *)(void *)op;
	struct center *center = epoch->center;

	epoch->is_busy = false;
	if (failure != NULL) {
		/* Whether it is durable only the rows know. */
		center->log.has_key = false;
		log_failure(&center->spool.env->log, LOG_LEVEL_ERROR,
		    "log.epoch", failure);
		loop_timer_start(epoch->timer, LOOK_MS);
		return;
	}
	epoch->row = epoch->next;
	epoch->has_row = true;
	epoch->is_restored = false;
	log_opened(epoch);
	center_epoch_look(epoch);
}

static void
open_next(struct center_epoch *epoch, const struct directory_center *own)
{
	const struct center *center = epoch->center;
	int64_t now = spool_now(&center->spool);
	int64_t wait_s = center->spool.env->config->restore.wait_s;
	bool has_gap = epoch->is_restored || !epoch->has_row;

	epoch->next = (struct center_epoch_row){
		.number = epoch_number(own->origin),
		.first = own->begins,
		.opened_at = now,
		.until = has_gap && wait_s > 0 ? now + wait_s * 1000 : 0,
	};
	text_copy(epoch->next.origin, sizeof(epoch->next.origin), own->origin);
	epoch->is_busy = true;
	epoch->op.apply = apply_open;
	epoch->op.finish = finish_open;
	group_add(epoch->center->spool.group, &epoch->op);
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
		loop_timer_start(epoch->timer, LOOK_MS);
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
	if (number != epoch->row.number)
		return 0;
	return center_epoch_report_add(rows_of(epoch), host, number, err);
}

void
center_epoch_reported(struct center_epoch *epoch)
{
	look_for_end(epoch);
}

/* ---- what the bulletin says ------------------------------------------ */

static bool
follows(const struct center_epoch *epoch, const char *origin)
{
	return epoch->has_row ? epoch_is_earlier(epoch->row.origin, origin)
			      : epoch_number(origin) > 1;
}

static void
look_at(struct center_epoch *epoch, const struct directory_center *own)
{
	struct center *center = epoch->center;
	bool is_same = epoch->has_row
	    ? text_equal(epoch->row.origin, own->origin)
	    : epoch_number(own->origin) <= 1 && !epoch->is_restored;
	uint64_t size = leaves_size(store_leaves(center->spool.store));

	center->log.has_key = is_same && !epoch->is_restored;
	if (center->log.has_key) {
		text_copy(center->log.origin, sizeof(center->log.origin),
		    own->origin);
		enter(epoch,
		    epoch->row.until > 0 ? CENTER_CATCHES_UP : CENTER_SERVES);
		look_for_end(epoch);
		return;
	}
	enter(epoch, CENTER_WAITS);
	if (!follows(epoch, own->origin))
		tell(epoch, epoch->is_restored ? "E5044" : "E5045",
		    own->origin);
	else if (own->begins != size)
		tell(epoch, "E5045",
		    "the log has another number of records than the bulletin "
		    "says");
	else if (center->spool.is_ready)
		open_next(epoch, own);
}

void
center_epoch_look(struct center_epoch *epoch)
{
	const struct center *center = epoch->center;
	const struct directory *directory = spool_directory(&center->spool);
	struct directory_center own;

	if (epoch->is_busy || directory == NULL || !center->log.has_public ||
	    !directory_find_center(directory, center->name, &own))
		return;
	look_at(epoch, &own);
}

int
center_epoch_write_first(struct center_epoch *epoch, struct error *err)
{
	const struct center *center = epoch->center;
	struct center_epoch_row row = { .number = 1,
		.opened_at = spool_now(&center->spool) };

	if (epoch->has_row || epoch->phase != CENTER_SERVES)
		return 0;
	text_copy(row.origin, sizeof(row.origin), center->log.origin);
	if (center_epoch_add(rows_of(epoch), &row, err) < 0)
		return -1;
	epoch->row = row;
	epoch->has_row = true;
	return 0;
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
	loop_timer_free(epoch->timer);
	free(epoch);
}
