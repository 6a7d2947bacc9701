/*
 * Handing in what was claimed.  The key is durable before the first byte
 * leaves: whatever is killed, the gateway sees the same letter again, and says
 * what it said before.
 */
#include "cli/folder/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/save_file.h"
#include "sys/file.h"

static const char key_name[] = "key";
/* In the folder of a letter that was refused. */
static const char reason_name[] = "_refused.txt";
static const char reason_json[] = "_refused.json";

/* One letter that was claimed. */
struct job {
	struct folder *folder;
	const char *name;
	int dir;
	const char *place; /* of its files in `dir`, folder_claimed() */
	int files_dir;
	struct yizhan_file *files;
	size_t count;
	struct folder_names names;
	char key[YIZHAN_KEY_SIZE];
	char result[FOLDER_NAME_SIZE]; /* below results/ and sent/ */
};

/* ---- its files --------------------------------------------------------------- */

static int
add_file(struct job *job, const char *name, struct error *err)
{
	struct yizhan_file *file = &job->files[job->count];

	if (!save_name_is_good(name) || !folder_is_file(job->files_dir, name))
		return error_set_id(err, "E6801", ERROR_MALFORMED,
		    "%.200s is no file with a name that can be sent", name);
	if (job->count == FOLDER_FILES_MAX)
		return error_set_id(err, "E6801", ERROR_MALFORMED,
		    "more than %d files", FOLDER_FILES_MAX);
	file->name = name;
	if (file_open(job->files_dir, name, FILE_READ, &file->fd, err) < 0)
		return err->code != ERROR_DENIED
		    ? -1
		    : error_set_id(err, "E6801", ERROR_MALFORMED,
			  "%.200s may not be read here", name);
	job->count++;
	return 0;
}

static int
open_files(struct job *job, struct error *err)
{
	bool has_letter = false;

	if (file_open_dir_at(job->dir, job->place, &job->files_dir, err) < 0 ||
	    folder_list(job->files_dir, &job->names, err) < 0)
		return -1;
	job->files = calloc(job->names.count + 1, sizeof(*job->files));
	if (job->files == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < job->names.count; i++) {
		const char *name = job->names.list[i];

		if (folder_is_marker(job->folder, name) ||
		    text_equal(name, reason_name) ||
		    text_equal(name, reason_json))
			continue;
		if (add_file(job, name, err) < 0)
			return -1;
		has_letter |= text_ends(name, ".di") || text_ends(name, ".DI");
	}
	return has_letter
	    ? 0
	    : error_set_id(err, "E6802", ERROR_MALFORMED, "%.200s", job->name);
}

static void
close_job(struct job *job)
{
	for (size_t i = 0; i < job->count; i++)
		file_close(job->files[i].fd);
	free(job->files);
	folder_names_free(&job->names);
	file_close(job->files_dir);
	file_close(job->dir);
}

/* ---- its key ------------------------------------------------------------------- */

static bool
is_apart(const struct job *job)
{
	return text_equal(job->place, folder_apart_name);
}

/*
 * Content and name: the same letter dropped twice is one letter.  As copies
 * written apart the same files are something else: a name that no file has.
 */
static int
make_key(struct job *job, struct error *err)
{
	struct yizhan *api = job->folder->api;

	if (folder_get(job->dir, key_name, job->key, sizeof(job->key), err) < 0)
		return -1;
	if (job->key[0] != '\0')
		return 0;
	job->files[job->count] =
	    (struct yizhan_file){ .name = ".apart", .data = "" };
	if (yizhan_key(api, job->files, job->count + is_apart(job), job->key) !=
	    YIZHAN_OK)
		return folder_problem(job->folder, err);
	return file_replace(job->dir, key_name, job->key, strlen(job->key),
	    err);
}

/*
 * The name of its results: its own, unless another letter of the same name
 * had it.  The same each time it is asked for.
 */
static int
choose_result(struct job *job, struct error *err)
{
	const struct folder *folder = job->folder;
	char known[YIZHAN_KEY_SIZE];
	int dir = -1;
	int rc;

	for (int turn = 0; turn < 2; turn++) {
		int len = snprintf(job->result, sizeof(job->result),
		    turn == 0 ? "%.200s" : "%.200s.%.8s", job->name, job->key);

		if (len < 0 || (size_t)len >= sizeof(job->result))
			break;
		if (folder_make(folder, folder->results, job->result, &dir,
			err) < 0)
			return -1;
		rc = folder_get(dir, "key", known, sizeof(known), err);
		if (rc == 0 && known[0] == '\0')
			rc = folder_put(folder, dir, "key", job->key,
			    strlen(job->key), err);
		file_close(dir);
		if (rc < 0)
			return -1;
		if (known[0] == '\0' || text_equal(known, job->key))
			return 0;
	}
	return error_set(err, ERROR_EXISTS, "no name for the results of %s",
	    job->name);
}

/* ---- its end --------------------------------------------------------------------- */

/* The key first: another letter of this name is not to find it. */
static int
end_job(struct job *job, struct error *err)
{
	if (file_remove(job->dir, key_name, err) < 0)
		return -1;
	return folder_remove(job->folder->work_out, job->name, err);
}

static void
log_end_of(const struct job *job, const char *event, const char *detail)
{
	struct log_line line;

	log_begin(&line, &job->folder->log, LOG_LEVEL_NOTICE, event);
	log_text(&line, "letter", job->name);
	log_text(&line, "detail", detail);
	log_end(&line);
}

/* A name under which nothing was sent is free again. */
static int
drop_result(struct job *job, struct error *err)
{
	int results = job->folder->results;
	int dir = -1;
	bool has_result;

	if (job->result[0] == '\0' || !folder_is_dir(results, job->result))
		return 0;
	if (file_open_dir_at(results, job->result, &dir, err) < 0)
		return -1;
	has_result = folder_has(dir, "result.json");
	file_close(dir);
	return has_result ? 0 : folder_remove(results, job->result, err);
}

static int
refuse(struct job *job, struct bytes *reason, const char *json,
    struct error *err)
{
	const struct folder *folder = job->folder;
	char name[FOLDER_NAME_SIZE];
	int dir = -1;
	int rc = -1;

	if (bytes_failed(reason, err) < 0 || drop_result(job, err) < 0 ||
	    file_open_dir_at(job->dir, job->place, &dir, err) < 0)
		goto done;
	if (folder_put(folder, dir, reason_name, reason->data, reason->len,
		err) < 0 ||
	    folder_put(folder, dir, reason_json, json, strlen(json), err) < 0 ||
	    folder_move(job->dir, job->place, folder->refused, job->name, name,
		err) < 0)
		goto done;
	rc = end_job(job, err);
	log_end_of(job, "folder.refused", name);
done:
	file_close(dir);
	bytes_free(reason);
	return rc;
}

static int
refuse_by_gateway(struct job *job, struct error *err)
{
	const struct yizhan_problem *problem = yizhan_problem(job->folder->api);
	struct bytes reason = { 0 };

	folder_reason_of_problem(problem, &reason);
	return refuse(job, &reason, problem->json, err);
}

static int
refuse_here(struct job *job, const struct error *failure, struct error *err)
{
	struct bytes reason = { 0 };

	folder_reason_of_error(failure, &reason);
	return refuse(job, &reason, "{}", err);
}

/* Its results are there. */
static int
accept(struct job *job, const char *id, struct error *err)
{
	const struct folder *folder = job->folder;

	/* It came before, with the same bytes: those of then are there. */
	if (!folder_has(folder->sent, job->result) &&
	    file_rename(job->dir, job->place, folder->sent, job->result, err) <
		0)
		return -1;
	log_end_of(job, "folder.sent", id);
	return end_job(job, err);
}

/* Its answer: a failure of `err` is one on this side. */
static enum yizhan_result
submit_letter(struct job *job, struct error *err)
{
	const struct yizhan_submit_options options = { .key = job->key };
	struct folder *folder = job->folder;
	struct yizhan_letter *letter = NULL;
	enum yizhan_result result = yizhan_submit(folder->api, job->files,
	    job->count, &options, &letter);

	if (result == YIZHAN_OK &&
	    folder_result_note(folder, letter->id, job->result, err) == 0 &&
	    folder_result(folder, job->result, letter, err) == 0)
		(void)!accept(job, letter->id, err);
	yizhan_letter_free(letter);
	return result;
}

static enum yizhan_result
submit_series(struct job *job, struct error *err)
{
	const struct yizhan_submit_options options = { .key = job->key };
	struct folder *folder = job->folder;
	struct yizhan_series *series = NULL;
	enum yizhan_result result = yizhan_series_send(folder->api, job->files,
	    job->count, &options, &series);

	if (result == YIZHAN_OK &&
	    folder_series(folder, job->result, series, &job->names, err) == 0)
		(void)!accept(job, series->id, err);
	yizhan_series_free(series);
	return result;
}

static int
submit(struct job *job, struct error *err)
{
	if (make_key(job, err) < 0 || choose_result(job, err) < 0)
		return -1;
	switch (
	    is_apart(job) ? submit_series(job, err) : submit_letter(job, err)) {
	case YIZHAN_OK:
		return err->code == ERROR_NONE ? 0 : -1;
	case YIZHAN_REFUSED:
	case YIZHAN_CONFLICT:
		return refuse_by_gateway(job, err);
	case YIZHAN_BUSY:
	case YIZHAN_DENIED:
	case YIZHAN_NOT_FOUND:
	case YIZHAN_GONE:
	case YIZHAN_LOCAL:
		break;
	}
	return folder_problem(job->folder, err);
}

static int
work(struct folder *folder, const char *name, struct error *err)
{
	struct job job = { .folder = folder,
		.name = name,
		.dir = -1,
		.files_dir = -1 };
	struct error failure = { 0 };
	int rc = -1;

	if (file_open_dir_at(folder->work_out, name, &job.dir, err) < 0)
		return -1;
	job.place = folder_claimed(folder, job.dir);
	/* Moved, and not yet removed; of the old layout also not yet here. */
	if (job.place == NULL)
		rc = folder_is_dir(job.dir, folder_files_name)
		    ? 0
		    : end_job(&job, err);
	else if (open_files(&job, &failure) == 0)
		rc = submit(&job, err);
	else if (failure.code == ERROR_MALFORMED)
		rc = refuse_here(&job, &failure, err);
	else
		*err = failure;
	close_job(&job);
	return rc;
}

int
folder_send(struct folder *folder, struct error *err)
{
	struct folder_names names;
	int rc = 0;

	if (folder_list(folder->work_out, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count && rc == 0; i++) {
		rc = work(folder, names.list[i], err);
		if (rc < 0 && err->code != ERROR_BUSY) {
			log_failure(&folder->log, LOG_LEVEL_ERROR,
			    names.list[i], err);
			*err = (struct error){ 0 };
			rc = 0;
		}
	}
	folder_names_free(&names);
	return rc;
}
