#include "base/bytes.h"
#include "base/error.h"
#include "directory/address_book.h"
#include "directory/directory_changes.h"
#include "directory/directory_prepare.h"
#include "directory/directory_tree.h"
#include "json/json_write.h"
#include "role/contents_internal.h"
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
