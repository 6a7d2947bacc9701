#include "gateway/outbox/outbox_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/name_fold.h"
#include "gateway/outbox/outbox_findings.h"
#include "json/json_read.h"

/* ---- folded names ---------------------------------------------------- */

/* Names as they are compared, sorted once all are in. */
struct names {
	char **keys;
	size_t count;
	size_t size;
};

static void
names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->keys[i]);
	free(names->keys);
}

/* NULL when memory ran out. */
static char *
folded(const char *name)
{
	struct bytes key = { 0 };
	char *copy = NULL;

	name_fold_put(&key, name);
	bytes_put_u8(&key, 0);
	if (!key.failed)
		copy = text_dup((const char *)key.data);
	bytes_free(&key);
	return copy;
}

static int
names_add(struct names *names, const char *name, struct error *err)
{
	if (names->count == names->size) {
		size_t size = names->size * 2 + 64;
		char **keys = realloc(names->keys, size * sizeof(*keys));

		if (keys == NULL)
			return error_set_memory(err);
		names->keys = keys;
		names->size = size;
	}
	names->keys[names->count] = folded(name);
	if (names->keys[names->count] == NULL)
		return error_set_memory(err);
	names->count++;
	return 0;
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
names_sort(struct names *names)
{
	if (names->count > 0)
		qsort(names->keys, names->count, sizeof(*names->keys),
		    compare_keys);
}

static bool
names_has(const struct names *names, const char *name)
{
	char *key = folded(name);
	bool has = key != NULL && names->count > 0 &&
	    bsearch(&key, names->keys, names->count, sizeof(*names->keys),
		compare_keys) != NULL;

	free(key);
	return has;
}

bool
outbox_names_equal(const char *a, const char *b)
{
	char *left;
	char *right;
	bool is_equal;

	if (text_equal(a, b))
		return true;
	left = folded(a);
	right = folded(b);
	is_equal = left != NULL && right != NULL && text_equal(left, right);
	free(left);
	free(right);
	return is_equal;
}

/* ---- what the directory explains ------------------------------------- */

struct explaining {
	const struct outbox_recipient *recipients;
	size_t count;
	outbox_name_fn name_of;
	void *ctx;
	struct names directory; /* of the recipients, by their codes */
	struct names letter;    /* of all readers */
};

static int
add_directory(struct explaining *explaining, struct error *err)
{
	for (size_t i = 0; i < explaining->count; i++) {
		const char *name = explaining->name_of(explaining->ctx,
		    &explaining->recipients[i].code);

		if (name != NULL &&
		    names_add(&explaining->directory, name, err) < 0)
			return -1;
	}
	names_sort(&explaining->directory);
	return 0;
}

static int
add_letter(struct explaining *explaining, const struct json_value *document,
    struct error *err)
{
	static const char *const lists[] = { "originals", "copies", "attendees",
		"observers" };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct json_value *list =
		    json_value_member(document, lists[i]);

		for (size_t k = 0; k < json_value_count(list); k++) {
			const char *name = json_value_text(
			    json_value_member(json_value_item(list, k),
				"name"));

			if (name != NULL &&
			    names_add(&explaining->letter, name, err) < 0)
				return -1;
		}
	}
	names_sort(&explaining->letter);
	return 0;
}

/* All recipients that the roster calls so must be in the letter. */
static bool
is_in_letter(const struct explaining *explaining, const char *name)
{
	bool is_known = false;

	for (size_t i = 0; i < explaining->count; i++) {
		const struct outbox_recipient *recipient =
		    &explaining->recipients[i];
		const char *official;

		if (!text_equal(recipient->name, name))
			continue;
		official =
		    explaining->name_of(explaining->ctx, &recipient->code);
		if (official == NULL ||
		    !names_has(&explaining->letter, official))
			return false;
		is_known = true;
	}
	return is_known;
}

static bool
is_of_names(const struct json_value *finding)
{
	const char *rule = json_value_text(json_value_member(finding, "rule"));

	return rule != NULL &&
	    (text_equal(rule, "E2133") || text_equal(rule, "E2134"));
}

/* Most letters have none: nothing is looked up for them. */
static bool
has_any_of_names(const struct json_value *list)
{
	for (size_t i = 0; i < json_value_count(list); i++)
		if (is_of_names(json_value_item(list, i)))
			return true;
	return false;
}

static bool
is_explained(const struct explaining *explaining,
    const struct json_value *finding)
{
	const char *rule = json_value_text(json_value_member(finding, "rule"));
	const char *name = json_value_text(json_value_member(finding, "text"));

	if (!is_of_names(finding) || name == NULL)
		return false;
	if (text_equal(rule, "E2133"))
		return names_has(&explaining->directory, name);
	return is_in_letter(explaining, name);
}

static int
explain(struct explaining *explaining, const struct json_value *root,
    bool **ret_explained, size_t *ret_count, struct error *err)
{
	const struct json_value *list = json_value_member(root, "findings");
	size_t count = json_value_count(list);
	int64_t left_out = 0;
	bool *explained;

	(void)json_value_integer(json_value_member(root, "left_out"),
	    &left_out);
	if (left_out > 0 || !has_any_of_names(list))
		return 0;
	if (add_directory(explaining, err) < 0 ||
	    add_letter(explaining, json_value_member(root, "document"), err) <
		0)
		return -1;
	explained = calloc(count, sizeof(*explained));
	if (explained == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < count; i++)
		explained[i] =
		    is_explained(explaining, json_value_item(list, i));
	*ret_explained = explained;
	*ret_count = count;
	return 0;
}

int
outbox_names_explain(struct blob report,
    const struct outbox_recipient *recipients, size_t count,
    outbox_name_fn name_of, void *ctx, bool **ret_explained, size_t *ret_count,
    struct error *err)
{
	struct explaining explaining = { recipients, count, name_of, ctx, { 0 },
		{ 0 } };
	struct json_document *document;
	int rc;

	*ret_explained = NULL;
	*ret_count = 0;
	if (outbox_findings_read(report, &document, err) < 0)
		return -1;
	if (document == NULL)
		return 0;
	rc = explain(&explaining, json_root(document), ret_explained, ret_count,
	    err);
	names_free(&explaining.directory);
	names_free(&explaining.letter);
	json_document_free(document);
	return rc;
}
