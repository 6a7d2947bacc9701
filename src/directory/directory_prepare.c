#include "directory/directory_prepare.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/address_book.h"
#include "directory/directory.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "directory/directory_tree.h"
#include "json/json_read.h"
#include "json/json_write.h"

struct preparing {
	const struct directory_basis *basis;
	struct address_book *book;
	struct directory_changes *changes;
	struct json_writer was;
	struct bytes json; /* of the entry at hand as it is */
};

static int
add_problem(struct preparing *preparing, const struct directory_edit *edit,
    enum directory_field field, const struct error *why, struct error *err)
{
	return address_book_add_problem(preparing->book, edit->line,
	    preparing->book->columns[field], why->id, why->text, err);
}

/* It cannot be taken because of `why`; for want of memory nothing can. */
static int
refuse(struct preparing *preparing, const struct directory_edit *edit,
    enum directory_field field, const struct error *why, struct error *err)
{
	if (why->code != ERROR_MALFORMED) {
		*err = *why;
		return -1;
	}
	return add_problem(preparing, edit, field, why, err);
}

static int
remove_entry(struct preparing *preparing, const struct directory_edit *edit,
    struct error *err)
{
	json_write_raw(&preparing->was, NULL, preparing->json.data,
	    preparing->json.len);
	return directory_changes_remove(preparing->changes, &edit->code, err);
}

/* The entry as it is to be, unless it is so. */
static int
put_entry(struct preparing *preparing, const struct entry_org *after,
    struct error *err)
{
	struct directory_changes *changes = preparing->changes;
	const struct directory_change *change;
	const struct bytes *json = &preparing->json;

	if (directory_changes_put(changes, after, err) < 0)
		return -1;
	change = &changes->list[changes->count - 1];
	if (json->len == change->json.len &&
	    memcmp(json->data, change->json.data, json->len) == 0) {
		bytes_free(&changes->list[--changes->count].json);
		return 0;
	}
	if (json->len > 0)
		json_write_raw(&preparing->was, NULL, json->data, json->len);
	return 0;
}

static int
change_entry(struct preparing *preparing, const struct directory_edit *edit,
    bool is_there, struct error *err)
{
	struct entry_org before = { .name = NULL };
	struct entry_org after = { .name = NULL };
	struct directory_edit wanted = *edit;
	enum directory_field field;
	struct error why = { 0 };
	int rc;

	if (!is_there && edit->fields[DIRECTORY_FIELD_CENTER] == NULL &&
	    preparing->basis->center != NULL)
		wanted.fields[DIRECTORY_FIELD_CENTER] =
		    preparing->basis->center;
	if (is_there &&
	    entry_org_parse(preparing->json.data, preparing->json.len, &before,
		err) < 0)
		return -1;
	rc = directory_edit_apply(&wanted, is_there ? &before : NULL, &after,
	    &field, &why);
	rc = rc < 0 ? refuse(preparing, edit, field, &why, err)
		    : put_entry(preparing, &after, err);
	entry_org_free(&before);
	entry_org_free(&after);
	return rc;
}

static int
prepare_one(struct preparing *preparing, const struct directory_edit *edit,
    struct error *err)
{
	struct error why = { 0 };
	int found;

	bytes_clear(&preparing->json);
	found = preparing->basis->look_up(preparing->basis->ctx, &edit->code,
	    &preparing->json, err);
	if (found < 0 || bytes_failed(&preparing->json, err) < 0)
		return -1;
	if (directory_edit_check_action(edit, found > 0, &why) < 0)
		return refuse(preparing, edit,
		    preparing->book->columns[DIRECTORY_FIELD_ACTION] > 0
			? DIRECTORY_FIELD_ACTION
			: DIRECTORY_FIELD_CODE,
		    &why, err);
	if (edit->action != DIRECTORY_REMOVE)
		return change_entry(preparing, edit, found > 0, err);
	return found > 0 ? remove_entry(preparing, edit, err) : 0;
}

/* ---- whom an entry names ------------------------------------------------------ */

static int
compare_changes(const void *a, const void *b)
{
	return strcmp(((const struct directory_change *)a)->code.text,
	    ((const struct directory_change *)b)->code.text);
}

/* In the directory as it is to be. */
static bool
will_be_there(const struct preparing *preparing, const struct org_code *code)
{
	const struct directory_change wanted = { .code = *code };
	const struct directory_change *change = preparing->changes->count == 0
	    ? NULL
	    : bsearch(&wanted, preparing->changes->list,
		  preparing->changes->count, sizeof(wanted), compare_changes);
	struct digest leaf;

	return change != NULL
	    ? !change->is_removed
	    : directory_tree_find(preparing->basis->tree, code, &leaf);
}

/* The code that a field names is there; "" names nobody. */
static int
check_code(struct preparing *preparing, const struct directory_edit *edit,
    enum directory_field field, struct error *err)
{
	const char *text = edit->fields[field];
	struct org_code code;
	struct error why = { 0 };

	if (text == NULL || !org_code_parse(text, &code) ||
	    will_be_there(preparing, &code))
		return 0;
	error_set_id(&why, "E3914", ERROR_MALFORMED, "%s: %s is not listed",
	    edit->code.text, text);
	return add_problem(preparing, edit, field, &why, err);
}

static int
check_center(struct preparing *preparing, const struct directory_edit *edit,
    struct error *err)
{
	const char *text = edit->fields[DIRECTORY_FIELD_CENTER];
	struct directory_center center;
	struct error why = { 0 };

	if (text == NULL || text[0] == '\0' ||
	    preparing->basis->directory == NULL ||
	    directory_find_center(preparing->basis->directory, text, &center))
		return 0;
	error_set_id(&why, "E3914", ERROR_MALFORMED,
	    "%s: no center is named %.40s", edit->code.text, text);
	return add_problem(preparing, edit, DIRECTORY_FIELD_CENTER, &why, err);
}

static int
check_names(struct preparing *preparing, struct error *err)
{
	const struct address_book *book = preparing->book;

	for (size_t i = 0; i < book->count; i++) {
		const struct directory_edit *edit = &book->edits[i];

		if (edit->action != DIRECTORY_REMOVE &&
		    (check_code(preparing, edit, DIRECTORY_FIELD_SUPERVISOR,
			 err) < 0 ||
			check_code(preparing, edit, DIRECTORY_FIELD_SUCCESSOR,
			    err) < 0 ||
			check_center(preparing, edit, err) < 0))
			return -1;
	}
	return 0;
}

int
directory_prepare(const struct directory_basis *basis,
    struct address_book *book, struct directory_changes *changes,
    struct bytes *was, struct error *err)
{
	struct preparing preparing = { .basis = basis,
		.book = book,
		.changes = changes,
		.was = json_writer_to(was) };
	int rc = 0;

	json_write_begin_array(&preparing.was, NULL);
	for (size_t i = 0; i < book->count && rc == 0; i++)
		rc = prepare_one(&preparing, &book->edits[i], err);
	json_write_end(&preparing.was);
	if (rc == 0)
		rc = json_write_done(&preparing.was, err);
	if (rc == 0)
		rc = directory_changes_sort(changes, err);
	if (rc == 0)
		rc = check_names(&preparing, err);
	bytes_free(&preparing.json);
	return rc;
}

/* ---- edits as JSON ------------------------------------------------------------- */

void
directory_edits_write(const struct address_book *book,
    struct json_writer *writer)
{
	json_write_begin_array(writer, "columns");
	for (int f = 0; f < DIRECTORY_FIELD_COUNT; f++)
		json_write_int(writer, NULL, book->columns[f]);
	json_write_end(writer);
	json_write_begin_array(writer, "edits");
	for (size_t i = 0; i < book->count; i++) {
		const struct directory_edit *edit = &book->edits[i];

		json_write_begin_object(writer, NULL);
		json_write_int(writer, "line", edit->line);
		json_write_org(writer, "code", &edit->code);
		json_write_text(writer, "action",
		    directory_action_name(edit->action));
		for (int f = DIRECTORY_FIELD_NAME; f < DIRECTORY_FIELD_COUNT;
		     f++)
			if (edit->fields[f] != NULL)
				json_write_text(writer,
				    directory_field_name(
					(enum directory_field)f),
				    edit->fields[f]);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static int
read_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct directory_edit *edit = context;
	const char *text = json_value_text(value);
	enum directory_field field;
	bool is_good = false;
	int64_t line;

	if (text_equal(key, "line")) {
		is_good = json_value_integer(value, &line) && line >= 0 &&
		    line <= UINT32_MAX;
		edit->line = is_good ? (uint32_t)line : 0;
	} else if (text != NULL && directory_field_parse(key, &field)) {
		edit->fields[field] = text;
		is_good = field == DIRECTORY_FIELD_CODE
		    ? org_code_parse(text, &edit->code)
		    : field != DIRECTORY_FIELD_ACTION ||
			directory_action_parse(text, &edit->action);
	}
	return is_good ? 0
		       : error_set_id(err, "E6204", ERROR_MALFORMED,
			     "an edit with a bad \"%.32s\"", key);
}

/* Where the fields stood; who does not say gets no columns told. */
static void
read_columns(const struct json_value *columns, struct address_book *book)
{
	for (size_t f = 0; f < DIRECTORY_FIELD_COUNT; f++) {
		int64_t column;

		if (json_value_integer(json_value_item(columns, f), &column) &&
		    column >= 0 && column <= ADDRESS_BOOK_COLUMNS_MAX)
			book->columns[f] = (uint32_t)column;
	}
}

static int
read_edit(const struct json_value *value, struct directory_edit *edit,
    struct error *err)
{
	if (json_value_is_object(value) &&
	    json_value_each(value, read_member, edit, err) < 0)
		return -1;
	return edit->code.text[0] != '\0'
	    ? 0
	    : error_set_id(err, "E6204", ERROR_MALFORMED,
		  "an edit without a code");
}

int
directory_edits_read(const struct json_value *object,
    struct address_book *ret_book, struct error *err)
{
	const struct json_value *edits = json_value_member(object, "edits");
	struct address_book book = { .count = json_value_count(edits) };

	if (!json_value_is_array(edits))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "\"edits\" must be a list");
	book.edits = calloc(book.count + 1, sizeof(*book.edits));
	if (book.edits == NULL)
		return error_set_memory(err);
	read_columns(json_value_member(object, "columns"), &book);
	for (size_t i = 0; i < book.count; i++)
		if (read_edit(json_value_item(edits, i), &book.edits[i], err) <
		    0) {
			address_book_free(&book);
			return -1;
		}
	*ret_book = book;
	return 0;
}
