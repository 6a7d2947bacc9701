#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "directory/address_book.h"
#include "directory/body_change.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "directory/directory_prepare.h"
#include "directory/directory_tree.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/contents/contents_internal.h"
#include "store/query.h"

/* The entry in force. */
static int
look_up(void *ctx, const struct org_code *code, struct bytes *json,
    struct error *err)
{
	struct contents *contents = ctx;
	struct query *query;
	int found = contents_find(contents->rows, code->text,
	    contents->state.serial, &query, err);

	if (found > 0) {
		size_t len;
		const void *data = query_data(query, 2, &len);

		bytes_put(json, data, len);
		query_end(query);
	}
	return found;
}

static int
put_body(struct contents *contents, struct directory_changes *changes,
    struct bytes *body, struct error *err)
{
	struct json_writer writer = json_writer_to(body);
	struct digest root;

	if (directory_tree_apply(contents->tree, changes, NULL, err) < 0)
		return -1;
	root = directory_tree_root(contents->tree);
	json_write_begin_object(&writer, NULL);
	directory_body_encode(changes, directory_tree_count(contents->tree),
	    &root, &writer);
	json_write_end(&writer);
	directory_tree_undo(contents->tree, changes);
	return json_write_done(&writer, err);
}

int
contents_prepare(struct contents *contents, const struct directory *directory,
    const char *center, struct address_book *book,
    struct directory_changes *changes, struct bytes *body, struct bytes *was,
    struct error *err)
{
	const struct directory_basis basis = { .tree = contents->tree,
		.look_up = look_up,
		.ctx = contents,
		.directory = directory,
		.center = center };

	if (contents->is_pending || contents->is_partial)
		return error_set(err, ERROR_BUSY,
		    "another change of the directory is being written");
	if (directory_prepare(&basis, book, changes, was, err) < 0)
		return -1;
	return book->problem_count > 0 ? 0
				       : put_body(contents, changes, body, err);
}

/* ---- members of entries ------------------------------------------------- */

enum { ENTRY_MAX = 4 * 1024 * 1024 };

static struct directory_change *
find_change(struct directory_changes *changes, const struct org_code *code)
{
	for (size_t i = 0; i < changes->count; i++)
		if (org_code_equal(&changes->list[i].code, code))
			return &changes->list[i];
	return NULL;
}

/* The entry that `over` makes of `under`, whose JSON may be empty. */
static int
lay(const struct bytes *under, const struct json_value *over,
    struct entry_org *ret_org, struct error *err)
{
	struct json_document *document = NULL;
	struct bytes json = { 0 };
	int rc = 0;

	if (under->len > 0)
		rc = json_read(under->data, under->len, ENTRY_MAX, &document,
		    err);
	if (rc == 0)
		rc = body_change_lay(document != NULL ? json_root(document)
						      : NULL,
		    over, &json, err);
	if (rc == 0)
		rc = entry_org_parse(json.data, json.len, ret_org, err);
	json_document_free(document);
	bytes_free(&json);
	return rc;
}

/* What is as it was is left out; `under` is NULL when it was changed before. */
static int
join(struct directory_changes *changes, const struct entry_org *org,
    const struct bytes *under, struct json_writer *was, struct error *err)
{
	struct directory_changes one = { 0 };
	int rc = directory_changes_put(&one, org, err);
	const struct bytes *json = rc == 0 ? &one.list[0].json : NULL;
	bool is_same = json != NULL && under != NULL &&
	    under->len == json->len &&
	    memcmp(under->data, json->data, json->len) == 0;

	if (rc == 0 && !is_same) {
		if (under != NULL && under->len > 0)
			json_write_raw(was, NULL, under->data, under->len);
		rc = directory_changes_join(changes, &one, err);
	}
	directory_changes_free(&one);
	return rc;
}

/* One that several speak of is laid over what the one before made of it. */
static int
put_entry(struct contents *contents, const struct json_value *over,
    struct directory_changes *changes, struct json_writer *was,
    struct error *err)
{
	const char *text = json_value_text(json_value_member(over, "code"));
	struct directory_change *known;
	struct entry_org org = { .name = NULL };
	struct bytes under = { 0 };
	struct org_code code;
	int rc = -1;

	if (text == NULL || !org_code_parse(text, &code))
		return error_set_id(err, "E7020", ERROR_MALFORMED,
		    "an entry without a code");
	known = find_change(changes, &code);
	if (known != NULL) {
		bytes_put(&under, known->json.data, known->json.len);
	} else if (look_up(contents, &code, &under, err) < 0) {
		bytes_free(&under);
		return -1;
	}
	if (bytes_failed(&under, err) == 0 &&
	    lay(&under, over, &org, err) == 0) {
		rc = join(changes, &org, known == NULL ? &under : NULL, was,
		    err);
		entry_org_free(&org);
	}
	bytes_free(&under);
	return rc;
}

int
contents_prepare_entries(struct contents *contents,
    const struct json_value *entries, struct directory_changes *changes,
    struct bytes *body, struct bytes *was, struct error *err)
{
	struct json_writer writer = json_writer_to(was);

	if (contents->is_pending || contents->is_partial)
		return error_set(err, ERROR_BUSY,
		    "another change of the directory is being written");
	json_write_begin_array(&writer, NULL);
	for (size_t i = 0; i < json_value_count(entries); i++)
		if (put_entry(contents, json_value_item(entries, i), changes,
			&writer, err) < 0)
			return -1;
	json_write_end(&writer);
	if (json_write_done(&writer, err) < 0 ||
	    directory_changes_sort(changes, err) < 0)
		return -1;
	return put_body(contents, changes, body, err);
}
