#include "cli/release/release_saved.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/state.h"
#include "cli/host_store.h"
#include "cli/trust/trust_files.h"
#include "service/config.h"
#include "store/query.h"
#include "store/rows.h"
#include "sys/file.h"
#include "sys/file_link.h"

enum { NAME_SIZE = 64 };

void
release_saved_free(struct release_saved *saved)
{
	for (size_t i = 0; i < saved->root_count; i++)
		bytes_free(&saved->roots[i].cms);
	bytes_free(&saved->release.cms);
	bytes_free(&saved->timestamp.cms);
}

static int
keep(struct release_saved_bulletin *place, uint64_t serial, const void *cms,
    size_t len, struct error *err)
{
	bytes_clear(&place->cms);
	bytes_put(&place->cms, cms, len);
	place->serial = serial;
	return bytes_failed(&place->cms, err);
}

/* Among the others, by serial: a root follows the one before it. */
static int
keep_root(struct release_saved *saved, uint64_t serial, const void *cms,
    size_t len, struct error *err)
{
	size_t at = saved->root_count;

	if (saved->root_count == RELEASE_SAVED_ROOTS)
		return error_set(err, ERROR_DENIED, "more than %d roots",
		    RELEASE_SAVED_ROOTS);
	for (; at > 0 && saved->roots[at - 1].serial > serial; at--)
		saved->roots[at] = saved->roots[at - 1];
	saved->roots[at] = (struct release_saved_bulletin){ .serial = 0 };
	saved->root_count++;
	return keep(&saved->roots[at], serial, cms, len, err);
}

static int
keep_newest(struct release_saved_bulletin *place, uint64_t serial,
    const void *cms, size_t len, struct error *err)
{
	return serial > place->serial ? keep(place, serial, cms, len, err) : 0;
}

/* ---- a folder ------------------------------------------------------------- */

struct reading {
	int dir;
	struct release_saved *saved;
};

static int
take(struct release_saved *saved, const struct bytes *cms, struct error *err)
{
	struct bulletin bulletin = { 0 };
	int rc = trust_parse_bulletin(cms->data, cms->len, &bulletin, err);

	if (rc == 0 && bulletin.type == BULLETIN_ROOT)
		rc =
		    keep_root(saved, bulletin.serial, cms->data, cms->len, err);
	else if (rc == 0 && bulletin.type == BULLETIN_RELEASE)
		rc = keep_newest(&saved->release, bulletin.serial, cms->data,
		    cms->len, err);
	else if (rc == 0 && bulletin.type == BULLETIN_TIMESTAMP)
		rc = keep_newest(&saved->timestamp, bulletin.serial, cms->data,
		    cms->len, err);
	bulletin_free(&bulletin);
	return rc;
}

static int
take_file(void *context, const char *name, struct error *err)
{
	const struct reading *reading = context;
	struct bytes cms = { 0 };
	int rc;

	if (name[0] == '.')
		return 0;
	rc = file_read_all(reading->dir, name,
	    bulletin_bytes_max(BULLETIN_DIRECTORY), &cms, err);
	if (rc == 0)
		rc = take(reading->saved, &cms, err);
	bytes_free(&cms);
	return rc < 0 ? error_prefix(err, "%.120s", name) : 0;
}

int
release_saved_read_folder(const char *path, struct release_saved *saved,
    struct error *err)
{
	struct reading reading = { .dir = -1, .saved = saved };
	int rc = file_open_dir(path, &reading.dir, err);

	if (rc == 0)
		rc = file_list(reading.dir, take_file, &reading, err);
	file_close(reading.dir);
	return rc;
}

/* ---- a host ----------------------------------------------------------------- */

static int
read_roots(struct rows *rows, struct release_saved *saved, struct error *err)
{
	struct query *query;
	const void *cms;
	size_t len;
	int more;

	if (query_begin(rows,
		"SELECT serial, cms FROM bulletin WHERE type = ?1"
		" ORDER BY serial",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_ROOT);
	while ((more = query_next(query, err)) > 0) {
		cms = query_data(query, 1, &len);
		if (keep_root(saved, (uint64_t)query_int(query, 0), cms, len,
			err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more;
}

/* The one in force, which is the last that came: its serial may be lower. */
static int
read_last(struct rows *rows, enum bulletin_type type,
    struct release_saved_bulletin *to, struct error *err)
{
	struct query *query;
	const void *cms;
	size_t len;
	int more;

	if (query_begin(rows,
		"SELECT serial, cms FROM bulletin WHERE type = ?1"
		" ORDER BY place DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, type);
	more = query_next(query, err);
	if (more > 0) {
		cms = query_data(query, 1, &len);
		more =
		    keep(to, (uint64_t)query_int(query, 0), cms, len, err) < 0
		    ? -1
		    : 1;
	}
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
release_saved_read_host(const struct config *config,
    struct release_saved *saved, struct error *err)
{
	struct host_store store;
	struct rows *rows = NULL;
	int rc = -1;

	if (host_store_open(config->host.kinds, config->host.data, &store,
		err) == 0 &&
	    store_open_reader(&store.options, &rows, err) == 0 &&
	    read_roots(rows, saved, err) == 0 &&
	    read_last(rows, BULLETIN_RELEASE, &saved->release, err) == 0)
		rc =
		    read_last(rows, BULLETIN_TIMESTAMP, &saved->timestamp, err);
	rows_close(rows);
	return rc;
}

/* ---- writing ------------------------------------------------------------------ */

static int
write_one(int dir, const char *type,
    const struct release_saved_bulletin *bulletin, struct error *err)
{
	char name[NAME_SIZE];

	if (bulletin->serial == 0)
		return 0;
	snprintf(name, sizeof(name), "%s-%" PRIu64 ".cms", type,
	    bulletin->serial);
	return file_replace(dir, name, bulletin->cms.data, bulletin->cms.len,
	    err);
}

static int
refuse_name(void *context, const char *name, struct error *err)
{
	(void)context;
	return error_set(err, ERROR_EXISTS, "%.80s is there already", name);
}

int
release_saved_write(const struct release_saved *saved, const char *folder,
    struct error *err)
{
	int dir = -1;
	int rc = -1;

	/* One that is there is taken when nothing is in it. */
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return error_set_errno(err, "making %s", folder);
	if (file_open_dir(folder, &dir, err) == 0 &&
	    file_list(dir, refuse_name, NULL, err) == 0)
		rc = 0;
	for (size_t i = 0; i < saved->root_count && rc == 0; i++)
		rc = write_one(dir, "root", &saved->roots[i], err);
	if (rc == 0)
		rc = write_one(dir, "release", &saved->release, err);
	if (rc == 0)
		rc = write_one(dir, "timestamp", &saved->timestamp, err);
	file_close(dir);
	return rc;
}

/* ---- judging --------------------------------------------------------------------- */

static int
take_all(struct bulletin_state *state, const struct release_saved *saved,
    int64_t now, struct error *err)
{
	enum bulletin_news news;

	for (size_t i = 0; i < saved->root_count; i++)
		if (bulletin_state_take(state, saved->roots[i].cms.data,
			saved->roots[i].cms.len, now, &news, NULL, err) < 0)
			return error_prefix(err, "root %" PRIu64,
			    saved->roots[i].serial);
	if (bulletin_state_root(state) == NULL)
		return error_set_id(err, "E6937", ERROR_NOT_FOUND,
		    "no root is there");
	if (saved->release.serial == 0)
		return error_set_id(err, "E7610", ERROR_NOT_FOUND,
		    "no release bulletin is there");
	if (bulletin_state_take(state, saved->release.cms.data,
		saved->release.cms.len, now, &news, NULL, err) < 0)
		return error_prefix(err, "release %" PRIu64,
		    saved->release.serial);
	if (saved->timestamp.serial != 0 &&
	    bulletin_state_take(state, saved->timestamp.cms.data,
		saved->timestamp.cms.len, now, &news, NULL, err) < 0)
		return error_prefix(err, "timestamp %" PRIu64,
		    saved->timestamp.serial);
	return bulletin_state_is_behind(state, BULLETIN_RELEASE, "")
	    ? error_set_id(err, "E7009", ERROR_UNTRUSTED,
		  "the timestamp names a newer release than serial %" PRIu64,
		  saved->release.serial)
	    : 0;
}

int
release_saved_judge(const struct release_saved *saved, const char *environment,
    const char *pin, int64_t now, enum freshness *ret_grade, struct error *err)
{
	struct bulletin_state *state = NULL;
	struct digest digest;
	int rc;

	if (!digest_parse(pin, &digest))
		return error_set(err, ERROR_MALFORMED,
		    "\"%.70s\" is not a SHA-256 of 64 hex digits", pin);
	if (bulletin_state_new(environment, &digest, &state, err) < 0)
		return -1;
	rc = take_all(state, saved, now, err);
	if (rc == 0)
		*ret_grade = bulletin_state_freshness(state, now);
	bulletin_state_free(state);
	return rc;
}
