#include "gateway/outbox/outbox_files.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/outbox/outbox_plan.h"
#include "role/spool/spool.h"
#include "role/spool/uploads.h"
#include "store/payload.h"
#include "store/store.h"

void
outbox_files_free(struct outbox_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		upload_free(files->list[i].upload);
	free(files->list);
	*files = (struct outbox_files){ 0 };
}

/* ---- what a request names -------------------------------------------- */

static int
count_files(struct blob list, size_t *ret_count, struct error *err)
{
	struct message_file file;
	int more;

	*ret_count = 0;
	while ((more = codec_next(message_fields(MESSAGE_FILE), &list, &file,
		    err)) > 0)
		++*ret_count;
	return more;
}

static int
take_file(const struct spool *spool, struct outbox_files *files,
    const struct message_file *from, struct error *err)
{
	struct outbox_file *file = &files->list[files->count++];

	text_copy(file->name, sizeof(file->name), from->name);
	file->kind = document_kind_of_name(file->name);
	file->len = from->total != 0 ? from->total : from->len;
	file->digest = from->wanted;
	files->size += file->len;
	return uploads_take(spool->from_listener, from->upload, from->len,
	    &file->upload, err);
}

static int
take_all(const struct spool *spool, struct blob list,
    struct outbox_files *files, struct error *err)
{
	struct message_file file;
	struct error first = { 0 };
	int more;

	while ((more = codec_next(message_fields(MESSAGE_FILE), &list, &file,
		    err)) > 0) {
		struct error failure = { 0 };

		if (take_file(spool, files, &file, &failure) < 0 &&
		    first.code == ERROR_NONE)
			first = failure;
	}
	if (more < 0)
		return -1;
	if (first.code == ERROR_NONE)
		return 0;
	*err = first;
	return -1;
}

/*
 * Names become names in the container: what cannot is refused here, before
 * anything is stored.
 */
static int
check_names(const struct outbox_files *files, struct error *err)
{
	for (size_t i = 0; i < files->count; i++)
		for (size_t j = 0; j < i; j++)
			if (text_equal(files->list[j].name,
				files->list[i].name))
				return error_set_id(err, "E3202",
				    ERROR_MALFORMED, "file %s comes twice",
				    files->list[i].name);
	return 0;
}

int
outbox_files_take(const struct spool *spool, struct blob list,
    struct outbox_files *files, struct error *err)
{
	size_t count;

	if (count_files(list, &count, err) < 0)
		return -1;
	files->list = calloc(count + 1, sizeof(*files->list));
	if (files->list == NULL)
		return error_set_memory(err);
	if (take_all(spool, list, files, err) < 0)
		return -1;
	if (count == 0 || count > DOCUMENT_INPUTS_MAX)
		return error_set_id(err, "E4205", ERROR_MALFORMED,
		    "%zu files; a letter has 1 to %d", count,
		    DOCUMENT_INPUTS_MAX);
	return check_names(files, err);
}

/* ---- the store ------------------------------------------------------- */

static int
store_file(struct outbox_file *file, struct error *err)
{
	static const struct digest none = { { 0 } };
	const struct digest wanted = file->digest;
	struct upload *upload = file->upload;
	struct payload payload = { 0 };

	file->upload = NULL;
	if (upload_store(upload, digest_equal(&wanted, &none) ? NULL : &wanted,
		&payload, err) < 0)
		return -1;
	file->payload = payload.number;
	file->digest = payload.digest;
	payload_free(&payload);
	return 0;
}

int
outbox_files_store(struct outbox_files *files, struct error *err)
{
	for (size_t i = 0; i < files->count; i++)
		if (store_file(&files->list[i], err) < 0)
			return -1;
	return 0;
}

int
outbox_files_remove(const struct spool *spool, const struct outbox_files *files,
    struct error *err)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->list[i].payload != 0 &&
		    store_payload_remove(spool->store, files->list[i].payload,
			err) < 0)
			return -1;
	return 0;
}

void
outbox_files_undo(const struct spool *spool, const struct outbox_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->list[i].payload != 0)
			store_payload_undo(spool->store,
			    files->list[i].payload);
}

int
outbox_files_digest(const struct outbox_files *files, struct digest *ret_digest,
    struct error *err)
{
	struct outbox_named *named = calloc(files->count + 1, sizeof(*named));
	int rc;

	if (named == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < files->count; i++)
		named[i] = (struct outbox_named){ files->list[i].name,
			files->list[i].len, files->list[i].digest };
	rc = outbox_plan_digest(named, files->count, ret_digest, err);
	free(named);
	return rc;
}
