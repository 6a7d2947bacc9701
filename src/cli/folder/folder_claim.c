/*
 * Which letters are complete, and their move into .work/out: one rename says
 * that a letter is ours, and before it nothing of it is read.
 */
#include "cli/folder/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/save_file.h"
#include "json/json_read.h"
#include "sys/file.h"

const char folder_files_name[] = "files";
const char folder_apart_name[] = "apart";
static const char claimed_name[] = "claimed";
/* Of a folder that is complete; the second also behind the marker. */
static const char letter_suffix[] = ".letter";
static const char apart_suffix[] = ".apart";

/* What the former clients write of one letter, by one stem. */
static const char *const suffixes[] = { ".di", ".sw", ".dm", ".en", ".esw" };

const char *
folder_claimed(const struct folder *folder, int job)
{
	if (folder_is_dir(job, folder_apart_name))
		return folder_apart_name;
	return folder_is_dir(job, folder_files_name) &&
		(folder->layout == FOLDER_LETTERS ||
		    folder_has(job, claimed_name))
	    ? folder_files_name
	    : NULL;
}

static bool
is_apart_marker(const struct folder *folder, const char *name)
{
	size_t len = strlen(folder->marker);

	return text_starts(name, folder->marker) &&
	    text_equal(name + len, apart_suffix);
}

bool
folder_is_marker(const struct folder *folder, const char *name)
{
	return folder->layout == FOLDER_LETTERS &&
	    (text_equal(name, folder->marker) || is_apart_marker(folder, name));
}

static int
open_job(struct folder *folder, const char *name, int *ret_job,
    struct error *err)
{
	if (file_make_dir(folder->work_out, name, err) < 0)
		return -1;
	return file_open_dir_at(folder->work_out, name, ret_job, err);
}

/* ---- a folder for each letter --------------------------------------------- */

/* What the marker in it makes of a folder; NULL without one. */
static const char *
find_marker(const struct folder *folder, const char *name)
{
	const char *kind = NULL;
	struct error none = { 0 };
	struct folder_names names;
	int dir = -1;

	if (file_open_dir_at(folder->out, name, &dir, &none) < 0)
		return NULL;
	if (folder_has(dir, folder->marker))
		kind = folder_files_name;
	if (folder_list(dir, &names, &none) == 0) {
		for (size_t i = 0; i < names.count; i++)
			if (is_apart_marker(folder, names.list[i]))
				kind = folder_apart_name;
		folder_names_free(&names);
	}
	file_close(dir);
	return kind;
}

static bool
cut_suffix(const char *name, const char *suffix, char stem[FOLDER_NAME_SIZE])
{
	size_t len = strlen(name);

	return text_ends(name, suffix) && len > strlen(suffix) &&
	    text_copy_len(stem, FOLDER_NAME_SIZE, name, len - strlen(suffix));
}

/*
 * What it is to be claimed as, and its name without what says so; NULL while it
 * is not complete.
 */
static const char *
find_kind(const struct folder *folder, const char *name,
    char stem[FOLDER_NAME_SIZE])
{
	if (name[0] == '.' || !folder_is_dir(folder->out, name))
		return NULL;
	if (cut_suffix(name, letter_suffix, stem))
		return folder_files_name;
	if (cut_suffix(name, apart_suffix, stem))
		return folder_apart_name;
	return text_copy(stem, FOLDER_NAME_SIZE, name)
	    ? find_marker(folder, name)
	    : NULL;
}

static int
claim_letter(struct folder *folder, const char *name, struct error *err)
{
	char stem[FOLDER_NAME_SIZE];
	const char *kind = find_kind(folder, name, stem);
	int job = -1;
	int rc = 0;

	if (kind == NULL)
		return 0;
	if (open_job(folder, stem, &job, err) < 0)
		return -1;
	/* The one before it, of the same name, comes first. */
	if (folder_claimed(folder, job) == NULL)
		rc = file_rename(folder->out, name, job, kind, err);
	file_close(job);
	return rc;
}

/* ---- SND and SND/Attch ----------------------------------------------------- */

/* The file of the stem with that suffix, in whatever case it is written. */
static bool
find_file(const struct folder_names *names, const char *stem,
    const char *suffix, const char **ret_name)
{
	size_t len = strlen(stem);

	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->list[i];

		if (strncmp(name, stem, len) != 0 ||
		    strlen(name + len) != strlen(suffix))
			continue;
		for (size_t j = 0; (name[len + j] | 0x20) == (suffix[j] | 0x20);
		     j++)
			if (suffix[j + 1] == '\0') {
				*ret_name = name;
				return true;
			}
	}
	return false;
}

static int
take_files(struct folder *folder, const struct folder_names *names,
    const char *stem, int files, struct error *err)
{
	const char *name;

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
		if (find_file(names, stem, suffixes[i], &name) &&
		    !text_equal(suffixes[i], folder->marker) &&
		    file_rename(folder->out, name, files, name, err) < 0)
			return -1;
	return 0;
}

/* Another letter may name it too: it stays for whoever put it there. */
static int
link_attachment(const struct folder *folder, const char *name, int files,
    struct error *err)
{
	const int places[] = { folder->attachments, folder->out };

	if (!save_name_is_good(name) || folder_has(files, name))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (!folder_is_file(places[i], name))
			continue;
		if (linkat(places[i], name, files, name, 0) == 0)
			return file_sync(files, err);
		if (errno != ENOENT)
			return error_set_errno(err, "linking %s", name);
	}
	/* The gateway will tell that it is missing. */
	return 0;
}

static int
link_attachments(const struct folder *folder, const char *report, int files,
    struct error *err)
{
	struct json_document *document = NULL;
	const struct json_value *list;
	int rc = 0;

	if (json_read(report, strlen(report), FOLDER_TEXT_MAX, &document, err) <
	    0)
		return -1;
	list = json_value_member(json_value_member(json_root(document),
				     "document"),
	    "attachments");
	for (size_t i = 0; i < json_value_count(list) && rc == 0; i++) {
		const char *name = json_value_text(json_value_item(list, i));

		if (name != NULL)
			rc = link_attachment(folder, name, files, err);
	}
	json_document_free(document);
	return rc;
}

/*
 * Which attachments the letter names is for the gateway's reader to say: XML is
 * not read here.
 */
static int
find_attachments(struct folder *folder, int files, struct error *err)
{
	struct yizhan_file list[ARRAY_LEN(suffixes)] = { 0 };
	struct folder_names names;
	size_t count = 0;
	char *report = NULL;
	enum yizhan_result result = YIZHAN_REFUSED;
	int rc = 0;

	if (folder_list(files, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count && count < ARRAY_LEN(list); i++) {
		list[count].name = names.list[i];
		if (folder_is_file(files, names.list[i]) &&
		    file_open(files, names.list[i], FILE_READ, &list[count].fd,
			err) == 0)
			count++;
	}
	if (count > 0)
		result = yizhan_validate(folder->api, list, count, &report);
	if (result == YIZHAN_OK)
		rc = link_attachments(folder, report, files, err);
	else if (result == YIZHAN_BUSY || result == YIZHAN_DENIED)
		rc = folder_problem(folder, err);
	yizhan_text_free(report);
	for (size_t i = 0; i < count; i++)
		file_close(list[i].fd);
	folder_names_free(&names);
	return rc;
}

/* The marker, which may be one of the letter's files, is the last to move. */
static int
finish_old(struct folder *folder, const char *marker, int job, int files,
    struct error *err)
{
	bool is_file = false;

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
		is_file |= text_equal(suffixes[i], folder->marker);
	if (is_file && !folder_has(files, marker)) {
		if (linkat(folder->out, marker, files, marker, 0) < 0)
			return error_set_errno(err, "linking %s", marker);
		if (file_sync(files, err) < 0)
			return -1;
	}
	if (find_attachments(folder, files, err) < 0)
		return -1;
	return file_rename(folder->out, marker, job, claimed_name, err);
}

static int
claim_old(struct folder *folder, const struct folder_names *names,
    const char *marker, struct error *err)
{
	char stem[FOLDER_NAME_SIZE];
	size_t len = strlen(marker) - strlen(folder->marker);
	int job = -1;
	int files = -1;
	int rc = -1;

	if (!text_copy_len(stem, sizeof(stem), marker, len) ||
	    !folder_is_file(folder->out, marker))
		return 0;
	if (open_job(folder, stem, &job, err) < 0)
		return -1;
	if (folder_claimed(folder, job) != NULL)
		rc = 0;
	else if (file_make_dir(job, folder_files_name, err) == 0 &&
	    file_open_dir_at(job, folder_files_name, &files, err) == 0 &&
	    take_files(folder, names, stem, files, err) == 0)
		rc = finish_old(folder, marker, job, files, err);
	file_close(files);
	file_close(job);
	return rc;
}

/* ---- all ---------------------------------------------------------------------- */

int
folder_claim(struct folder *folder, struct error *err)
{
	struct folder_names names;
	int rc = 0;

	if (folder_list(folder->out, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count && rc == 0; i++) {
		const char *name = names.list[i];

		if (folder->layout == FOLDER_LETTERS)
			rc = claim_letter(folder, name, err);
		else if (name[0] != '.' && text_ends(name, folder->marker) &&
		    strlen(name) > strlen(folder->marker))
			rc = claim_old(folder, &names, name, err);
		/* One that cannot be taken holds up no other. */
		if (rc < 0 && err->code != ERROR_BUSY) {
			log_failure(&folder->log, LOG_LEVEL_ERROR, name, err);
			*err = (struct error){ 0 };
			rc = 0;
		}
	}
	folder_names_free(&names);
	return rc;
}
