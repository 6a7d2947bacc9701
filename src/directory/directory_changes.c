#include "directory/directory_changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bulletin/bulletin.h"
#include "directory/directory_entry.h"
#include "directory/directory_tree.h"
#include "directory/entry_internal.h"
#include "directory/image_parts.h"
#include "json/json_decode.h"
#include "json/json_write.h"

void
directory_changes_free(struct directory_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		bytes_free(&changes->list[i].json);
	free(changes->list);
	memset(changes, 0, sizeof(*changes));
}

static struct directory_change *
add(struct directory_changes *changes, const struct org_code *code,
    struct error *err)
{
	struct directory_change *change;

	if (changes->count == changes->size) {
		size_t size = changes->size * 2 + 16;
		struct directory_change *list =
		    realloc(changes->list, size * sizeof(*list));

		if (list == NULL) {
			error_set_memory(err);
			return NULL;
		}
		changes->list = list;
		changes->size = size;
	}
	change = &changes->list[changes->count++];
	*change = (struct directory_change){ .code = *code };
	return change;
}

int
directory_changes_put_json(struct directory_changes *changes,
    const struct org_code *code, const void *json, size_t len,
    struct error *err)
{
	struct directory_change *change = add(changes, code, err);

	if (change == NULL)
		return -1;
	bytes_put(&change->json, json, len);
	change->leaf = directory_leaf(json, len);
	return bytes_failed(&change->json, err);
}

int
directory_changes_put(struct directory_changes *changes,
    const struct entry_org *org, struct error *err)
{
	struct directory_change *change = add(changes, &org->code, err);
	struct json_writer writer;

	if (change == NULL)
		return -1;
	writer = json_writer_to(&change->json);
	entry_org_encode(org, &writer);
	if (json_write_done(&writer, err) < 0)
		return -1;
	change->leaf = directory_leaf(change->json.data, change->json.len);
	return 0;
}

int
directory_changes_remove(struct directory_changes *changes,
    const struct org_code *code, struct error *err)
{
	struct directory_change *change = add(changes, code, err);

	if (change == NULL)
		return -1;
	change->is_removed = true;
	return 0;
}

static int
compare_changes(const void *a, const void *b)
{
	const struct directory_change *left = a;
	const struct directory_change *right = b;

	return strcmp(left->code.text, right->code.text);
}

int
directory_changes_sort(struct directory_changes *changes, struct error *err)
{
	if (changes->count > 1)
		qsort(changes->list, changes->count, sizeof(*changes->list),
		    compare_changes);
	for (size_t i = 1; i < changes->count; i++)
		if (org_code_equal(&changes->list[i - 1].code,
			&changes->list[i].code))
			return image_mistake(err, changes->list[i].code.text,
			    "twice");
	return 0;
}

int
directory_changes_join(struct directory_changes *changes,
    struct directory_changes *from, struct error *err)
{
	size_t before = changes->count;

	for (size_t i = 0; i < from->count; i++) {
		struct directory_change *change = &from->list[i];
		struct directory_change *known = before == 0
		    ? NULL
		    : bsearch(change, changes->list, before, sizeof(*known),
			  compare_changes);

		if (known == NULL)
			known = add(changes, &change->code, err);
		if (known == NULL)
			return -1;
		bytes_free(&known->json);
		*known = *change;
		change->json = (struct bytes){ 0 };
	}
	return directory_changes_sort(changes, err);
}

/* ---- bodies -------------------------------------------------------------- */

void
directory_body_free(struct directory_body *body)
{
	directory_changes_free(&body->changes);
	memset(body, 0, sizeof(*body));
}

static int
decode_entry(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct entry_org org;
	int rc;

	(void)index;
	if (entry_org_decode(value, &org, err) < 0)
		return -1;
	rc = directory_changes_put(field, &org, err);
	entry_org_free(&org);
	return rc;
}

static int
decode_removed(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	const char *text = json_value_text(value);
	struct org_code code;

	(void)index;
	if (text == NULL || !org_code_parse(text, &code))
		return image_mistake(err, "removed", "not a code");
	return directory_changes_remove(field, &code, err);
}

static int
decode_whole(const struct bulletin *bulletin, struct directory_body *body,
    struct error *err)
{
	const struct json_value *array;

	if (image_body_array(bulletin, BULLETIN_DIRECTORY, "organisations", 1,
		ENTRY_ORGS_MAX, &array, err) < 0)
		return -1;
	for (size_t i = 0; i < json_value_count(array); i++)
		if (decode_entry(json_value_item(array, i), i, &body->changes,
			err) < 0)
			return -1;
	body->is_whole = true;
	body->count = body->changes.count;
	return 0;
}

static int
decode_delta(const struct bulletin *bulletin, struct directory_body *body,
    struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "count",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct directory_body, count),
		    .size = sizeof(uint64_t),
		    .min = 0,
		    .max = ENTRY_ORGS_MAX },
		{ .name = "root",
		    .kind = JSON_FIELD_DIGEST,
		    .offset = offsetof(struct directory_body, root) },
		{ .name = "changed",
		    .kind = JSON_FIELD_EACH,
		    .offset = offsetof(struct directory_body, changes),
		    .item = decode_entry },
		{ .name = "removed",
		    .kind = JSON_FIELD_EACH,
		    .offset = offsetof(struct directory_body, changes),
		    .item = decode_removed },
	};

	if (json_decode_value(bulletin->body, fields,
		sizeof(fields) / sizeof(fields[0]), body, err) == 0)
		return 0;
	return entry_explain(err, "directory");
}

int
directory_body_decode(const struct bulletin *bulletin,
    struct directory_body *ret_body, struct error *err)
{
	struct directory_body body = { .count = 0 };
	bool is_delta = json_value_member(bulletin->body, "root") != NULL;

	if ((is_delta ? decode_delta(bulletin, &body, err)
		      : decode_whole(bulletin, &body, err)) < 0 ||
	    directory_changes_sort(&body.changes, err) < 0) {
		directory_body_free(&body);
		return -1;
	}
	*ret_body = body;
	return 0;
}

static bool
has_code(const struct directory_changes *changes, size_t count,
    const struct org_code *code)
{
	const struct directory_change wanted = { .code = *code };

	return count > 0 &&
	    bsearch(&wanted, changes->list, count, sizeof(wanted),
		compare_changes) != NULL;
}

static int
remove_others(struct directory_changes *changes,
    const struct directory_tree *tree, struct error *err)
{
	size_t listed = changes->count;

	for (unsigned page = 0; page < DIRECTORY_PAGES; page++) {
		size_t count = directory_tree_page_count(tree, page);

		for (size_t i = 0; i < count; i++) {
			const struct org_code *code =
			    directory_tree_code(tree, page, i);

			if (!has_code(changes, listed, code) &&
			    directory_changes_remove(changes, code, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* What is as it was is no change. */
static void
drop_equal(struct directory_changes *changes, const struct directory_tree *tree)
{
	size_t kept = 0;

	for (size_t i = 0; i < changes->count; i++) {
		struct directory_change *change = &changes->list[i];
		struct digest leaf;

		if (!change->is_removed &&
		    directory_tree_find(tree, &change->code, &leaf) &&
		    digest_equal(&leaf, &change->leaf))
			bytes_free(&change->json);
		else
			changes->list[kept++] = *change;
	}
	changes->count = kept;
}

int
directory_body_compare(struct directory_body *body,
    const struct directory_tree *tree, struct error *err)
{
	if (remove_others(&body->changes, tree, err) < 0)
		return -1;
	drop_equal(&body->changes, tree);
	return directory_changes_sort(&body->changes, err);
}

void
directory_body_encode(const struct directory_changes *changes, uint64_t count,
    const struct digest *root, struct json_writer *writer)
{
	json_write_int(writer, "count", (int64_t)count);
	json_write_digest(writer, "root", root);
	json_write_begin_array(writer, "changed");
	for (size_t i = 0; i < changes->count; i++)
		if (!changes->list[i].is_removed)
			json_write_raw(writer, NULL, changes->list[i].json.data,
			    changes->list[i].json.len);
	json_write_end(writer);
	json_write_begin_array(writer, "removed");
	for (size_t i = 0; i < changes->count; i++)
		if (changes->list[i].is_removed)
			json_write_text(writer, NULL,
			    changes->list[i].code.text);
	json_write_end(writer);
}
