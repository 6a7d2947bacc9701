#include "cli/log/log_audit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/log_entry.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "cli/log/log_keys.h"
#include "cli/offline.h"
#include "envelope/epoch_record.h"
#include "envelope/hold_record.h"
#include "envelope/statement.h"
#include "log/epoch.h"
#include "management/management.h"
#include "role/bulletins/bulletins.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

enum { BULLETINS = 256, KEYS = 32, KEPT = 64, MIGRATIONS = 64 };

struct auditing {
	const struct log_audit_terms *terms;
	struct rows *rows;
	struct bytes cms[BULLETINS]; /* roots and networks */
	size_t cms_count;
	struct offline *offline;
	struct leaves_log_key keys[KEYS];
	size_t key_count;
	struct note_checkpoint kept[KEPT];
	size_t kept_count;
};

/* ---- the store and its bulletins ------------------------------------- */

static int
open_rows(struct auditing *auditing, struct error *err)
{
	bool is_management = auditing->terms->is_management;
	const char *const *own =
	    is_management ? management_migrations : center_migrations;
	size_t count =
	    is_management ? MANAGEMENT_MIGRATIONS : center_migration_count;
	const char *migrations[MIGRATIONS] = { bulletins_schema };
	const struct store_options options = {
		.dir = auditing->terms->folder,
		.application_id = is_management ? MANAGEMENT_APPLICATION_ID
						: CENTER_APPLICATION_ID,
		.migrations = migrations,
		.migration_count = 1 + count,
		.allow_volatile = true,
	};

	if (count >= MIGRATIONS)
		return error_set(err, ERROR_SYSTEM, "too many migrations");
	for (size_t i = 0; i < count; i++)
		migrations[i + 1] = own[i];
	return store_open_reader(&options, &auditing->rows, err);
}

static int
read_bulletins(struct auditing *auditing, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(auditing->rows,
		"SELECT cms FROM bulletin WHERE name = ''"
		" AND type IN (?1, ?2) ORDER BY rowid",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_ROOT);
	query_bind_int(query, 2, BULLETIN_NETWORK);
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *cms = query_data(query, 0, &len);

		if (auditing->cms_count == BULLETINS) {
			more = error_set(err, ERROR_DENIED,
			    "more than %d bulletins", BULLETINS);
			break;
		}
		bytes_put(&auditing->cms[auditing->cms_count++], cms, len);
	}
	query_end(query);
	return more;
}

static int
open_offline(struct auditing *auditing, struct error *err)
{
	const struct log_audit_terms *terms = auditing->terms;
	struct offline_part *parts =
	    calloc(auditing->cms_count + 1, sizeof(*parts));
	int rc = 0;

	if (parts == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < auditing->cms_count && rc == 0; i++) {
		rc = bytes_failed(&auditing->cms[i], err);
		parts[i] = (struct offline_part){ "a stored bulletin",
			blob_of_bytes(&auditing->cms[i]) };
	}
	if (rc == 0)
		rc = offline_open_parts(parts, auditing->cms_count, NULL,
		    terms->root, terms->environment, terms->now,
		    &auditing->offline, err);
	free(parts);
	return rc;
}

/* ---- keys of the log ------------------------------------------------- */

static int
find_keys(struct auditing *auditing, struct error *err)
{
	const struct log_audit_terms *terms = auditing->terms;

	if (log_keys_find(auditing->offline, terms->center, terms->now,
		auditing->keys, KEYS, &auditing->key_count, err) < 0)
		return -1;
	if (auditing->key_count > 0)
		return 0;
	return error_set_id(err, "E3405", ERROR_NOT_FOUND,
	    "no bulletin here names a log key of %s", terms->center);
}

/* ---- checkpoints that others kept ------------------------------------ */

static int
read_file(const char *path, char *to, size_t size, size_t *ret_len,
    struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	len = read(fd, to, size);
	close(fd);
	if (len < 0)
		return error_set_errno(err, "reading %s", path);
	*ret_len = (size_t)len;
	return 0;
}

static int
take_kept(struct auditing *auditing, const char *path, struct error *err)
{
	char data[NOTE_MAX + 1];
	struct note note;
	size_t len, at = 0;

	if (auditing->kept_count == KEPT)
		return error_set(err, ERROR_DENIED, "more than %d checkpoints",
		    KEPT);
	if (read_file(path, data, sizeof(data), &len, err) < 0)
		return -1;
	for (size_t i = 0; i < auditing->key_count; i++) {
		*err = (struct error){ 0 };
		if (note_verify(data, len, auditing->keys[i].origin,
			auditing->keys[i].public_key, &note, err) == 0)
			break;
	}
	if (err->code != ERROR_NONE)
		return error_prefix(err, "%s", path);
	while (at < auditing->kept_count &&
	    auditing->kept[at].size <= note.checkpoint.size)
		at++;
	memmove(&auditing->kept[at + 1], &auditing->kept[at],
	    (auditing->kept_count - at) * sizeof(auditing->kept[0]));
	auditing->kept[at] = note.checkpoint;
	auditing->kept_count++;
	return 0;
}

/* ---- records --------------------------------------------------------- */

static bool
is_ours(const struct auditing *auditing, const char *center,
    const char *environment)
{
	return text_equal(center, auditing->terms->center) &&
	    text_equal(environment, auditing->terms->environment);
}

/* Nor is it one that opens an epoch of this log. */
static const char *
judge_epoch(const struct auditing *auditing, const void *data, size_t len)
{
	struct epoch_record record = { 0 };
	struct error err = { 0 };
	const char *why = NULL;

	if (epoch_record_decode(data, len, &record, &err) < 0)
		return "it is no statement";
	if (!is_ours(auditing, record.center, record.environment) ||
	    !epoch_is_earlier(record.previous, record.origin))
		why = "it opens no epoch of this log";
	epoch_record_free(&record);
	return why;
}

/* A bulletin that was published, or an act of administration. */
static const char *
judge_management(const struct auditing *auditing, const void *data, size_t len)
{
	const char *environment = auditing->terms->environment;
	struct log_entry_published published;
	struct log_entry_act act;
	struct error err = { 0 };

	if (log_entry_read_published(data, len, &published, &err) == 0)
		return text_equal(published.environment, environment)
		    ? NULL
		    : "it is of another environment";
	if (log_entry_read_act(data, len, &act, &err) < 0)
		return "it is neither a bulletin nor an act";
	return is_ours(auditing, act.host, act.environment)
	    ? NULL
	    : "it is of another host or environment";
}

/* An entry of this log is one of this center and environment. */
static const char *
judge(void *ctx, const void *data, size_t len)
{
	const struct auditing *auditing = ctx;
	static const char elsewhere[] =
	    "it is of another center or environment";
	struct statement statement = { 0 };
	struct hold_record hold;
	struct error err = { 0 };
	const char *why = NULL;

	if (auditing->terms->is_management)
		return judge_management(auditing, data, len);
	if (hold_record_decode(data, len, &hold, &err) == 0)
		return is_ours(auditing, hold.center, hold.environment)
		    ? NULL
		    : elsewhere;
	if (statement_decode(data, len, &statement, &err) < 0)
		return judge_epoch(auditing, data, len);
	if (!is_ours(auditing, statement.center, statement.environment))
		why = elsewhere;
	statement_free(&statement);
	return why;
}

static void
tell(void *ctx, const struct leaves_finding *finding)
{
	const struct auditing *auditing = ctx;

	auditing->terms->tell(auditing->terms->ctx, finding);
}

static int
audit_all(struct auditing *auditing, struct leaves_summary *ret_summary,
    struct error *err)
{
	const struct log_audit_terms *terms = auditing->terms;
	struct leaves_audit_options options = { .keys = auditing->keys,
		.kept = auditing->kept,
		.judge = judge,
		.tell = tell,
		.ctx = auditing };

	if (open_rows(auditing, err) < 0 || read_bulletins(auditing, err) < 0 ||
	    open_offline(auditing, err) < 0 || find_keys(auditing, err) < 0)
		return -1;
	for (int i = 0; i < terms->kept_count; i++)
		if (take_kept(auditing, terms->kept[i], err) < 0)
			return -1;
	options.key_count = auditing->key_count;
	options.kept_count = auditing->kept_count;
	return leaves_audit(auditing->rows, &options, ret_summary, err);
}

int
log_audit(const struct log_audit_terms *terms,
    struct leaves_summary *ret_summary, struct error *err)
{
	struct auditing *auditing = calloc(1, sizeof(*auditing));
	int rc;

	if (auditing == NULL)
		return error_set_memory(err);
	auditing->terms = terms;
	rc = audit_all(auditing, ret_summary, err);
	offline_close(auditing->offline);
	for (size_t i = 0; i < auditing->cms_count; i++)
		bytes_free(&auditing->cms[i]);
	rows_close(auditing->rows);
	free(auditing);
	return rc;
}
