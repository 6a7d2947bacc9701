/* Files and folders that both sides use. */
#include "cli/folder/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "sys/file.h"

enum {
	NAMES_MAX = 100000, /* of one folder at a time */
	COPIES_MAX = 1000,  /* of one name */
	KEPT_DAYS = 400,    /* what is known of a letter */
};

/* The document system is another user of the same group. */
static int
open_up(const struct folder *folder, int dir, const char *name, mode_t mode,
    struct error *err)
{
	if (fchmodat(dir, name, mode & ~folder->umask, 0) < 0)
		return error_set_errno(err, "changing the mode of %s", name);
	return 0;
}

int
folder_make(const struct folder *folder, int dir, const char *name,
    int *ret_dir, struct error *err)
{
	bool is_new = !folder_has(dir, name);

	if (file_make_dir(dir, name, err) < 0 ||
	    (is_new && open_up(folder, dir, name, 02770, err) < 0))
		return -1;
	return file_open_dir_at(dir, name, ret_dir, err);
}

int
folder_put(const struct folder *folder, int dir, const char *name,
    const void *data, size_t len, struct error *err)
{
	if (file_replace(dir, name, data, len, err) < 0)
		return -1;
	return open_up(folder, dir, name, 0660, err);
}

int
folder_get(int dir, const char *name, char *to, size_t size, struct error *err)
{
	struct bytes text = { 0 };
	struct error none = { 0 };
	int rc = 0;

	to[0] = '\0';
	if (file_read_all(dir, name, size - 1, &text, &none) < 0) {
		if (none.code != ERROR_NOT_FOUND) {
			*err = none;
			rc = -1;
		}
	} else if (!text_copy_len(to, size, (const char *)text.data,
		       text.len)) {
		rc = error_set(err, ERROR_MALFORMED, "%s is too long", name);
	}
	bytes_free(&text);
	return rc;
}

static bool
is_of_kind(int dir, const char *name, mode_t kind)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (kind == 0 || (st.st_mode & S_IFMT) == kind);
}

bool
folder_has(int dir, const char *name)
{
	return is_of_kind(dir, name, 0);
}

bool
folder_is_dir(int dir, const char *name)
{
	return is_of_kind(dir, name, S_IFDIR);
}

bool
folder_is_file(int dir, const char *name)
{
	return is_of_kind(dir, name, S_IFREG);
}

/* ---- names ------------------------------------------------------------------ */

static int
add_name(void *context, const char *name, struct error *err)
{
	struct folder_names *names = context;
	char **grown;

	if (names->count == NAMES_MAX)
		return 0;
	if ((names->count & (names->count - 1)) == 0) {
		size_t size = names->count == 0 ? 1 : names->count * 2;

		grown = realloc(names->list, size * sizeof(*grown));
		if (grown == NULL)
			return error_set_memory(err);
		names->list = grown;
	}
	names->list[names->count] = text_dup(name);
	if (names->list[names->count] == NULL)
		return error_set_memory(err);
	names->count++;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right);
}

int
folder_list(int dir, struct folder_names *ret_names, struct error *err)
{
	*ret_names = (struct folder_names){ 0 };
	if (file_list(dir, add_name, ret_names, err) < 0) {
		folder_names_free(ret_names);
		return -1;
	}
	if (ret_names->count > 1)
		qsort(ret_names->list, ret_names->count,
		    sizeof(*ret_names->list), compare);
	return 0;
}

int
folder_names_add(struct folder_names *names, const char *name,
    struct error *err)
{
	for (size_t i = 0; i < names->count; i++)
		if (text_equal(names->list[i], name))
			return 0;
	return add_name(names, name, err);
}

void
folder_names_free(struct folder_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct folder_names){ 0 };
}

/* ---- moving and removing ------------------------------------------------------ */

/* All files in it, and of its folders by one more call. */
static int
empty(int dir, int depth, struct error *err)
{
	struct folder_names names;
	int rc = 0;

	if (folder_list(dir, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count && rc == 0; i++) {
		const char *name = names.list[i];
		int below = -1;

		if (!folder_is_dir(dir, name)) {
			rc = file_remove(dir, name, err);
			continue;
		}
		if (depth > 0 && file_open_dir_at(dir, name, &below, err) == 0)
			rc = empty(below, depth - 1, err);
		file_close(below);
		if (rc == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0)
			rc = error_set_errno(err, "removing %s", name);
	}
	folder_names_free(&names);
	return rc;
}

int
folder_remove(int dir, const char *name, struct error *err)
{
	int below = -1;
	int rc;

	if (!folder_is_dir(dir, name))
		return file_remove(dir, name, err);
	if (file_open_dir_at(dir, name, &below, err) < 0)
		return -1;
	rc = empty(below, 1, err);
	file_close(below);
	if (rc == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		rc = error_set_errno(err, "removing %s", name);
	return rc == 0 ? file_sync(dir, err) : -1;
}

int
folder_move(int from_dir, const char *from, int to_dir, const char *to,
    char ret_name[FOLDER_NAME_SIZE], struct error *err)
{
	for (int copy = 1; copy < COPIES_MAX; copy++) {
		int len = copy == 1
		    ? snprintf(ret_name, FOLDER_NAME_SIZE, "%s", to)
		    : snprintf(ret_name, FOLDER_NAME_SIZE, "%s-%d", to, copy);

		if (len < 0 || len >= FOLDER_NAME_SIZE)
			break;
		/* Nobody else makes names here: we hold the lock. */
		if (!folder_has(to_dir, ret_name))
			return file_rename(from_dir, from, to_dir, ret_name,
			    err);
	}
	return error_set(err, ERROR_EXISTS, "too many of the name %s", to);
}

/* ---- all of them ---------------------------------------------------------------- */

/* What is known of letters of more than a year ago. */
static int
forget(int dir, struct error *err)
{
	struct folder_names names;
	struct timespec now = { 0 };
	struct stat st;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	if (folder_list(dir, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count && rc == 0; i++)
		if (fstatat(dir, names.list[i], &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    st.st_mtime + (time_t)KEPT_DAYS * 24 * 3600 < now.tv_sec)
			rc = file_remove(dir, names.list[i], err);
	folder_names_free(&names);
	return rc;
}

static int
open_work(struct folder *folder, struct error *err)
{
	static const char name[] = ".work";
	int fd = -1;

	/* Ours alone: what lies here has been checked. */
	if (file_make_dir(folder->root, name, err) < 0 ||
	    file_open_dir_at(folder->root, name, &folder->work, err) < 0 ||
	    file_open(folder->work, "lock", FILE_APPEND, &fd, err) < 0)
		return -1;
	folder->lock = fd;
	if (file_lock(fd, err) < 0)
		return error_set_id(err, "E6805", ERROR_BUSY,
		    "yizhan folder runs there already");
	return file_make_dir(folder->work, "out", err) < 0 ||
		file_make_dir(folder->work, "in", err) < 0 ||
		file_make_dir(folder->work, "documents", err) < 0 ||
		file_make_dir(folder->work, "arrivals", err) < 0 ||
		file_make_dir(folder->work, "names", err) < 0 ||
		file_make_dir(folder->work, "series", err) < 0 ||
		file_open_dir_at(folder->work, "out", &folder->work_out, err) <
		    0 ||
		file_open_dir_at(folder->work, "in", &folder->work_in, err) <
		    0 ||
		file_open_dir_at(folder->work, "documents", &folder->documents,
		    err) < 0 ||
		file_open_dir_at(folder->work, "arrivals", &folder->arrivals,
		    err) < 0 ||
		file_open_dir_at(folder->work, "names", &folder->names, err) <
		    0 ||
		file_open_dir_at(folder->work, "series", &folder->series, err) <
		    0
	    ? -1
	    : 0;
}

static int
open_all(struct folder *folder, struct error *err)
{
	bool is_old = folder->layout == FOLDER_OLD;

	if (open_work(folder, err) < 0 || forget(folder->documents, err) < 0 ||
	    forget(folder->arrivals, err) < 0 ||
	    forget(folder->names, err) < 0 || forget(folder->series, err) < 0 ||
	    folder_make(folder, folder->root, is_old ? "SND" : "out",
		&folder->out, err) < 0 ||
	    folder_make(folder, folder->root, is_old ? "RCV" : "in",
		&folder->in, err) < 0 ||
	    folder_make(folder, folder->root, "sent", &folder->sent, err) < 0 ||
	    folder_make(folder, folder->root, "refused", &folder->refused,
		err) < 0 ||
	    folder_make(folder, folder->root, "results", &folder->results,
		err) < 0 ||
	    folder_make(folder, folder->root, "acts", &folder->acts, err) < 0 ||
	    folder_make(folder, folder->acts, "done", &folder->acts_done, err) <
		0)
		return -1;
	if (is_old &&
	    folder_make(folder, folder->out, "Attch", &folder->attachments,
		err) < 0)
		return -1;
	return folder_get(folder->work, "cursor", folder->cursor,
	    sizeof(folder->cursor), err);
}

int
folder_open(struct folder *folder, const char *path, struct error *err)
{
	folder->root = folder->out = folder->attachments = folder->in =
	    folder->sent = folder->refused = folder->results = folder->acts =
		folder->acts_done = folder->work = folder->work_out =
		    folder->work_in = folder->documents = folder->arrivals =
			folder->names = folder->series = folder->lock = -1;
	folder->umask = umask(0);
	umask(folder->umask);
	if (file_open_dir(path, &folder->root, err) < 0 ||
	    open_all(folder, err) < 0)
		return error_prefix(err, "%s", path);
	return 0;
}

void
folder_close(struct folder *folder)
{
	const int fds[] = { folder->root, folder->out, folder->attachments,
		folder->in, folder->sent, folder->refused, folder->results,
		folder->acts, folder->acts_done, folder->work, folder->work_out,
		folder->work_in, folder->documents, folder->arrivals,
		folder->names, folder->series, folder->lock };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		file_close(fds[i]);
	folder_names_free(&folder->changed);
}
