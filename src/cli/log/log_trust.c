#include "cli/log/log_trust.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "cli/host_store.h"
#include "cli/log/log_keys.h"
#include "cli/offline.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

/* ---- the store and its bulletins ------------------------------------- */

static int
open_rows(struct log_trust *trust, const struct log_trust_terms *terms,
    struct error *err)
{
	struct host_store *store = calloc(1, sizeof(*store));
	int rc;

	if (store == NULL)
		return error_set_memory(err);
	rc = host_store_open(terms->kinds, terms->folder, store, err);
	if (rc == 0)
		rc = store_open_reader(&store->options, &trust->rows, err);
	free(store);
	return rc;
}

static int
read_bulletins(struct log_trust *trust, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(trust->rows,
		"SELECT cms FROM bulletin WHERE name = ''"
		" AND type IN (?1, ?2) ORDER BY rowid",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_ROOT);
	query_bind_int(query, 2, BULLETIN_NETWORK);
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *cms = query_data(query, 0, &len);

		if (trust->cms_count == LOG_TRUST_BULLETINS) {
			more = error_set(err, ERROR_DENIED,
			    "more than %d bulletins", LOG_TRUST_BULLETINS);
			break;
		}
		bytes_put(&trust->cms[trust->cms_count++], cms, len);
	}
	query_end(query);
	return more;
}

static int
open_offline(struct log_trust *trust, const struct log_trust_terms *terms,
    struct error *err)
{
	struct offline_part *parts =
	    calloc(trust->cms_count + 1, sizeof(*parts));
	int rc = 0;

	if (parts == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < trust->cms_count && rc == 0; i++) {
		rc = bytes_failed(&trust->cms[i], err);
		parts[i] = (struct offline_part){ "a stored bulletin",
			blob_of_bytes(&trust->cms[i]) };
	}
	if (rc == 0)
		rc = offline_open_parts(parts, trust->cms_count, NULL,
		    terms->root, terms->environment, terms->now,
		    &trust->offline, err);
	free(parts);
	return rc;
}

/* ---- keys of the log ------------------------------------------------- */

static int
find_keys(struct log_trust *trust, const struct log_trust_terms *terms,
    struct error *err)
{
	if (log_keys_find(trust->offline, terms->name, terms->now, trust->keys,
		LOG_TRUST_KEYS, &trust->key_count, err) < 0)
		return -1;
	if (trust->key_count > 0)
		return 0;
	return error_set_id(err, "E3405", ERROR_NOT_FOUND,
	    "no bulletin here names a log key of %s", terms->name);
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
read_note(const struct log_trust *trust, const void *data, size_t len,
    struct note *ret_note, struct error *err)
{
	for (size_t i = 0; i < trust->key_count; i++) {
		*err = (struct error){ 0 };
		if (note_verify(data, len, trust->keys[i].origin,
			trust->keys[i].public_key, ret_note, err) == 0)
			return 0;
	}
	return -1;
}

int
log_trust_keep(struct log_trust *trust, const void *data, size_t len,
    struct note_checkpoint *ret_checkpoint, struct error *err)
{
	struct bytes text = { 0 };
	struct note note;
	size_t at = 0, after;

	if (trust->kept_count == LOG_TRUST_KEPT)
		return error_set(err, ERROR_DENIED, "more than %d checkpoints",
		    LOG_TRUST_KEPT);
	if (read_note(trust, data, len, &note, err) < 0)
		return -1;
	bytes_put(&text, data, len);
	if (bytes_failed(&text, err) < 0) {
		bytes_free(&text);
		return -1;
	}
	while (at < trust->kept_count &&
	    trust->kept[at].size <= note.checkpoint.size)
		at++;
	after = trust->kept_count - at;
	memmove(&trust->kept[at + 1], &trust->kept[at],
	    after * sizeof(trust->kept[0]));
	memmove(&trust->texts[at + 1], &trust->texts[at],
	    after * sizeof(trust->texts[0]));
	trust->kept[at] = note.checkpoint;
	trust->texts[at] = text;
	trust->kept_count++;
	if (ret_checkpoint != NULL)
		*ret_checkpoint = note.checkpoint;
	return 0;
}

int
log_trust_keep_file(struct log_trust *trust, const char *path,
    struct error *err)
{
	char data[NOTE_MAX + 1];
	size_t len;

	if (read_file(path, data, sizeof(data), &len, err) < 0)
		return -1;
	if (log_trust_keep(trust, data, len, NULL, err) < 0)
		return error_prefix(err, "%s", path);
	return 0;
}

int
log_trust_open(const struct log_trust_terms *terms,
    struct log_trust **ret_trust, struct error *err)
{
	struct log_trust *trust = calloc(1, sizeof(*trust));

	*ret_trust = NULL;
	if (trust == NULL)
		return error_set_memory(err);
	if (open_rows(trust, terms, err) < 0 ||
	    read_bulletins(trust, err) < 0 ||
	    open_offline(trust, terms, err) < 0 ||
	    find_keys(trust, terms, err) < 0) {
		log_trust_close(trust);
		return -1;
	}
	*ret_trust = trust;
	return 0;
}

void
log_trust_close(struct log_trust *trust)
{
	if (trust == NULL)
		return;
	offline_close(trust->offline);
	for (size_t i = 0; i < trust->cms_count; i++)
		bytes_free(&trust->cms[i]);
	for (size_t i = 0; i < trust->kept_count; i++)
		bytes_free(&trust->texts[i]);
	rows_close(trust->rows);
	free(trust);
}
