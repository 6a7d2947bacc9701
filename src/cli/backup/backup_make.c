#include "cli/backup/backup_make.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/backup/backup_folder.h"
#include "cli/backup/backup_seal.h"
#include "cli/host_store.h"
#include "json/json_read.h"
#include "log/note.h"
#include "management/casework_rows.h"
#include "role/log/cosign.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/clock.h"
#include "sys/file.h"

enum {
	LEASE_SIZE = 64,
	TARGET_SIZE = LEASE_SIZE + 32,
	ANSWER_MAX = 4096,
	RENEW_US = 10 * 1000 * 1000,
	WEIGHT = 19, /* the host goes first */
};

struct making {
	const struct backup_terms *terms;
	struct backup_manifest *manifest;
	struct host_store host;
	char lease[LEASE_SIZE]; /* "" when the host does not run */
	int lock_fd;
	uint64_t renewed_us;
	uint64_t began_us;
	uint64_t copied;
	struct backup_folder *scratch; /* of an encrypted one; or NULL */
	int scratch_dir, to_dir;
};

/* ---- what keeps blocks as they are ----------------------------------- */

static int
post(const struct making *making, const char *target,
    struct http_answer *ret_answer, struct error *err)
{
	struct http_call call = { .method = "POST",
		.target = target,
		.body_fd = -1,
		.answer_fd = -1 };

	return local_call(&making->terms->local, &call, ret_answer, err);
}

static int
read_lease(struct making *making, const struct http_answer *answer,
    struct error *err)
{
	struct json_document *document = NULL;
	const char *name;
	int rc = -1;

	if (json_read(answer->body.data, answer->body.len, ANSWER_MAX,
		&document, err) < 0)
		return -1;
	name = json_value_text(json_value_member(json_root(document), "lease"));
	if (name != NULL && name[0] != '\0' &&
	    text_copy(making->lease, sizeof(making->lease), name))
		rc = 0;
	else
		error_set(err, ERROR_SYSTEM, "the host gave no lease");
	json_document_free(document);
	return rc;
}

static int
take_lock(struct making *making, struct error *err)
{
	int dir = -1;
	int rc = -1;

	if (file_open_dir(making->terms->config->host.data, &dir, err) == 0 &&
	    file_open(dir, "lock", FILE_WRITE, &making->lock_fd, err) == 0)
		rc = file_lock(making->lock_fd, err);
	file_close(dir);
	return rc;
}

/* The lease if somebody answers; else the lock, unless somebody has it. */
static int
hold(struct making *making, struct error *err)
{
	struct http_answer answer;
	struct error why = { 0 };
	int rc = post(making, "/v1/leases", &answer, err);

	if (rc == 0) {
		making->renewed_us = clock_steady_us();
		rc = read_lease(making, &answer, err);
	} else if (answer.status == 0 && take_lock(making, &why) == 0) {
		*err = (struct error){ 0 };
		rc = 0;
	}
	http_answer_free(&answer);
	return rc;
}

static int
tell_lease(struct making *making, const char *action, struct error *err)
{
	struct http_answer answer;
	struct error why = { 0 };
	char target[TARGET_SIZE];
	int rc;

	snprintf(target, sizeof(target), "/v1/leases/%s:%s", making->lease,
	    action);
	rc = post(making, target, &answer, &why);
	http_answer_free(&answer);
	making->renewed_us = clock_steady_us();
	return rc == 0 ? 0
		       : error_set_id(err, "E5041", ERROR_BUSY, "%s", why.text);
}

/* After this the copy is good, or it is not. */
static int
let_go(struct making *making, struct error *err)
{
	int rc = 0;

	if (making->lease[0] != '\0')
		rc = tell_lease(making, "release", err);
	making->lease[0] = '\0';
	file_close(making->lock_fd);
	making->lock_fd = -1;
	return rc;
}

/* ---- copying --------------------------------------------------------- */

/* Not faster than was asked for. */
static void
pause_for_rate(const struct making *making)
{
	uint64_t rate = making->terms->bytes_per_s;
	uint64_t passed = clock_steady_us() - making->began_us;
	uint64_t due = rate == 0 ? 0
				 : making->copied / rate * 1000000 +
		making->copied % rate * 1000000 / rate;
	struct timespec pause = { .tv_sec = 1 };

	if (due <= passed)
		return;
	if (due - passed < 1000000)
		pause =
		    (struct timespec){ .tv_nsec = (long)(due - passed) * 1000 };
	nanosleep(&pause, NULL);
}

static int
step(void *ctx, uint64_t bytes, struct error *err)
{
	struct making *making = ctx;

	making->copied += bytes;
	pause_for_rate(making);
	if (making->lease[0] == '\0' ||
	    clock_steady_us() - making->renewed_us < RENEW_US)
		return 0;
	return tell_lease(making, "renew", err);
}

static int
seal(struct making *making, const struct store_file *file, struct error *err)
{
	char name[BACKUP_SEALED_NAME_SIZE];
	int from = -1, to = -1;
	int rc = -1;

	backup_sealed_name(file->name, name);
	if (file_open(making->scratch_dir, file->name, FILE_READ, &from, err) ==
		0 &&
	    file_open(making->to_dir, name, FILE_CREATE, &to, err) == 0)
		rc = backup_seal_file(making->terms->key, file->name, from, to,
		    step, making, err);
	file_close(from);
	file_close(to);
	return rc < 0 ? -1 : file_remove(making->scratch_dir, file->name, err);
}

static int
tell(void *ctx, const struct store_file *file, struct error *err)
{
	struct making *making = ctx;

	if (making->terms->key != NULL && seal(making, file, err) < 0)
		return error_prefix(err, "encrypting %s", file->name);
	return backup_manifest_add(making->manifest, file, err);
}

static char *
take_text(struct bytes *bytes)
{
	char *text = bytes->failed || bytes->len == 0
	    ? NULL
	    : text_dup_len((const char *)bytes->data, bytes->len);

	bytes_free(bytes);
	return text;
}

/* The log as the copied rows have it; a host without one has no leaves. */
static int
look(void *ctx, struct rows *rows, struct error *err)
{
	struct making *making = ctx;
	struct backup_log *log = &making->manifest->log;
	struct leaves *leaves = NULL;
	struct error missing = { 0 };
	struct bytes note = { 0 }, cosigned = { 0 };
	struct note parsed;
	uint64_t size;
	int found = 0;

	if (leaves_open(rows, &leaves, err) < 0)
		return -1;
	log->size = leaves_size(leaves);
	log->root = leaves_root(leaves);
	if (leaves_checkpoint_find(leaves, UINT64_MAX, &size, &note,
		&missing) == 0 &&
	    note_parse(note.data, note.len, &parsed, err) == 0)
		text_copy(log->origin, sizeof(log->origin),
		    parsed.checkpoint.origin);
	if (making->host.kind == CONFIG_CENTER && err->code == ERROR_NONE)
		found = cosign_read(rows, &size, &cosigned, err);
	leaves_free(leaves);
	log->checkpoint = take_text(&note);
	log->cosigned = take_text(&cosigned);
	if (missing.code != ERROR_NONE && missing.code != ERROR_NOT_FOUND)
		*err = missing;
	return found < 0 || err->code != ERROR_NONE ? -1 : 0;
}

static void
describe(struct making *making)
{
	const struct config *config = making->terms->config;
	struct backup_manifest *manifest = making->manifest;

	text_copy(manifest->environment, sizeof(manifest->environment),
	    config->host.environment);
	text_copy(manifest->host, sizeof(manifest->host), config->host.name);
	text_copy(manifest->kind, sizeof(manifest->kind), making->host.name);
	text_copy(manifest->version, sizeof(manifest->version), YIZHAN_VERSION);
	manifest->made_at = making->terms->now;
}

static int
open_casework(const struct making *making, struct store_beside *beside,
    struct error *err)
{
	beside->name = store_beside_casework;
	return casework_rows_open(making->terms->config->host.data, false,
	    &beside->rows, err);
}

static int
copy(struct making *making, const struct backup_folder *folder,
    struct error *err)
{
	struct store_backup_options options = {
		.from = making->terms->config->host.data,
		.to = making->terms->key != NULL ? making->scratch->path
						 : folder->path,
		.look = look,
		.step = step,
		.tell = tell,
		.ctx = making,
	};
	int rc = -1;

	making->began_us = clock_steady_us();
	if (store_open_reader(&making->host.options, &options.rows, err) == 0 &&
	    (making->host.kind != CONFIG_MANAGEMENT ||
		open_casework(making, &options.beside, err) == 0))
		rc = store_backup(&options, err);
	rows_close(options.rows);
	rows_close(options.beside.rows);
	return rc;
}

/* A folder beside the data, and the key where the backup will be. */
static int
open_sealing(struct making *making, const struct backup_folder *folder,
    struct error *err)
{
	char path[BACKUP_PATH_SIZE];

	if (snprintf(path, sizeof(path), "%s/backup",
		making->terms->config->host.data) >= (int)sizeof(path))
		return error_set(err, ERROR_MALFORMED, "path too long");
	making->scratch = calloc(1, sizeof(*making->scratch));
	if (making->scratch == NULL)
		return error_set_memory(err);
	if (backup_folder_begin(path, making->scratch, err) < 0 ||
	    file_open_dir(making->scratch->path, &making->scratch_dir, err) <
		0 ||
	    file_open_dir(folder->path, &making->to_dir, err) < 0 ||
	    file_make_dir(making->to_dir, "segments", err) < 0)
		return -1;
	return backup_key_write(making->terms->key, making->to_dir, err);
}

static int
close_sealing(struct making *making, struct error *err)
{
	int segments = -1;
	int rc = -1;

	/* The names of the files. */
	if (making->to_dir >= 0 &&
	    file_open_dir_at(making->to_dir, "segments", &segments, err) == 0)
		rc = file_sync(segments, err);
	file_close(segments);
	file_close(making->to_dir);
	file_close(making->scratch_dir);
	if (making->scratch != NULL && making->scratch->path[0] != '\0')
		backup_folder_abandon(making->scratch);
	free(making->scratch);
	making->scratch = NULL;
	return rc;
}

static int
copy_sealed(struct making *making, const struct backup_folder *folder,
    struct error *err)
{
	struct error ignored = { 0 };
	int rc = open_sealing(making, folder, err);

	if (rc == 0)
		rc = copy(making, folder, err);
	return close_sealing(making, rc == 0 ? err : &ignored) < 0 ? -1 : rc;
}

static int
fill(struct making *making, const struct backup_folder *folder,
    bool *ret_was_running, struct error *err)
{
	struct error ignored = { 0 };
	int rc;

	if (hold(making, err) < 0)
		return -1;
	*ret_was_running = making->lease[0] != '\0';
	rc = making->terms->key != NULL ? copy_sealed(making, folder, err)
					: copy(making, folder, err);
	if (let_go(making, rc == 0 ? err : &ignored) < 0 && rc == 0)
		rc = -1;
	if (rc == 0)
		rc = backup_folder_write_manifest(folder, making->terms->key,
		    making->manifest, err);
	return rc == 0 ? backup_folder_finish(folder, err) : -1;
}

int
backup_make(const struct backup_terms *terms, struct backup_manifest *manifest,
    bool *ret_was_running, struct error *err)
{
	struct making making = { .terms = terms,
		.manifest = manifest,
		.lock_fd = -1,
		.scratch_dir = -1,
		.to_dir = -1 };
	struct backup_folder folder;

	if (host_store_open(terms->config->host.kinds, terms->config->host.data,
		&making.host, err) < 0)
		return -1;
	describe(&making);
	if (backup_folder_begin(terms->to, &folder, err) < 0)
		return -1;
	/* Without it the copy only competes more. */
	(void)setpriority(PRIO_PROCESS, 0, WEIGHT);
	if (fill(&making, &folder, ret_was_running, err) < 0) {
		backup_folder_abandon(&folder);
		return -1;
	}
	return 0;
}
