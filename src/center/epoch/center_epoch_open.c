/*
 * The next epoch is opened: its record in the log, and all that a change of
 * epoch means for our rows, in one change.
 */
#include "center/center.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center_rows.h"
#include "center/epoch/center_epoch_internal.h"
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

static struct rows *
rows_of(const struct center_epoch *epoch)
{
	return store_rows(epoch->center->spool.store);
}

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
	    center_epoch_lost_clear(rows_of(epoch), err) == 0 &&
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
		loop_timer_start(epoch->timer, CENTER_EPOCH_LOOK_MS);
		return;
	}
	epoch->row = epoch->next;
	epoch->has_row = true;
	epoch->is_restored = false;
	epoch->is_lost = false;
	log_opened(epoch);
	center_epoch_look(epoch);
}

void
center_epoch_open(struct center_epoch *epoch,
    const struct directory_center *own)
{
	const struct center *center = epoch->center;
	int64_t now = spool_now(&center->spool);
	int64_t wait_s = center->spool.env->config->restore.wait_s;
	bool has_gap = epoch->is_restored || epoch->is_lost || !epoch->has_row;

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
