#include "gateway/sending/making_apart.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/outbox/outbox_names.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "model/org.h"
#include "role/reader/letter_json.h"

enum { NUMBER_SIZE = 24 };

/* Lists of readers that a copy may name its recipient in. */
static const char *const list_names[] = { "originals", "attendees",
	"observers" };

/* What a copy does not take over as it stands. */
static const char *const own_names[] = { "name", "rosters", "copies",
	"recipient" };

struct splitting {
	const struct json_value *entry;
	const char *name; /* of the entry */
	struct json_writer *writer;
	bool is_named; /* some list has it */
};

void
making_apart_free(struct making_apart *apart)
{
	for (size_t i = 0; i < apart->count; i++)
		bytes_free(&apart->letters[i]);
	free(apart->letters);
	*apart = (struct making_apart){ 0 };
}

/* ---- one copy -------------------------------------------------------- */

/* Of a list of readers those who are the recipient. */
static int
put_list(struct splitting *splitting, const char *key,
    const struct json_value *list, struct error *err)
{
	json_write_begin_array(splitting->writer, key);
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);
		const char *name =
		    json_value_text(json_value_member(item, "name"));

		if (name == NULL || !outbox_names_equal(name, splitting->name))
			continue;
		splitting->is_named = true;
		if (json_write_value(splitting->writer, NULL, item, err) < 0)
			return -1;
	}
	json_write_end(splitting->writer);
	return 0;
}

static int
put_member(const char *key, const struct json_value *value, void *ctx,
    struct error *err)
{
	struct splitting *splitting = ctx;

	/* Originals come last, when it is known whether another list has it. */
	if (text_find(own_names, ARRAY_LEN(own_names), key) >= 0 ||
	    text_equal(key, list_names[0]))
		return 0;
	if (text_find(list_names, ARRAY_LEN(list_names), key) >= 0)
		return put_list(splitting, key, value, err);
	return json_write_value(splitting->writer, key, value, err);
}

static int
put_entry_member(const char *key, const struct json_value *value, void *ctx,
    struct error *err)
{
	return text_equal(key, "copy") ? 0
				       : json_write_value(ctx, key, value, err);
}

/* It is an original to whom it is written. */
static int
put_roster(const struct splitting *splitting, struct error *err)
{
	struct json_writer *writer = splitting->writer;

	json_write_begin_array(writer, "rosters");
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "entries");
	json_write_begin_object(writer, NULL);
	if (json_value_each(splitting->entry, put_entry_member, writer, err) <
	    0)
		return -1;
	json_write_text(writer, "copy", "正本");
	json_write_end(writer);
	json_write_end(writer);
	json_write_end(writer);
	json_write_end(writer);
	return 0;
}

static int
put_originals(struct splitting *splitting, const struct json_value *letter,
    struct error *err)
{
	struct json_writer *writer = splitting->writer;
	const struct json_value *originals =
	    json_value_member(letter, list_names[0]);
	const char *code =
	    json_value_text(json_value_member(splitting->entry, "code"));
	bool was_named = splitting->is_named;
	struct org_code parsed;

	splitting->is_named = false;
	if (originals != NULL) {
		struct bytes scratch = { 0 };
		struct json_writer aside = json_writer_to(&scratch);
		int rc;

		splitting->writer = &aside;
		rc = put_list(splitting, NULL, originals, err);
		splitting->writer = writer;
		if (rc == 0 && splitting->is_named)
			json_write_raw(writer, list_names[0], scratch.data,
			    scratch.len);
		bytes_free(&scratch);
		if (rc < 0)
			return -1;
	}
	if (splitting->is_named || was_named)
		return 0;
	json_write_begin_array(writer, list_names[0]);
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "kind",
	    code != NULL && org_code_parse(code, &parsed) &&
		    org_code_is_unit(&parsed)
		? "unit"
		: "org");
	json_write_text(writer, "name", splitting->name);
	json_write_end(writer);
	json_write_end(writer);
	return 0;
}

static int
put_copy(const struct json_value *letter, const struct json_value *entry,
    size_t number, struct bytes *to, struct error *err)
{
	const char *name = json_value_text(json_value_member(entry, "name"));
	struct json_writer writer = json_writer_to(to);
	struct splitting splitting = { .entry = entry,
		.name = name != NULL ? name : "",
		.writer = &writer };
	char text[NUMBER_SIZE];

	snprintf(text, sizeof(text), "%zu", number);
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "name", text);
	if (json_value_each(letter, put_member, &splitting, err) < 0 ||
	    put_originals(&splitting, letter, err) < 0 ||
	    put_roster(&splitting, err) < 0)
		return -1;
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

/* ---- all of them ----------------------------------------------------- */

static int
add_copy(struct making_apart *apart, const struct json_value *letter,
    const struct json_value *entry, struct error *err)
{
	if (apart->count == MAKING_APART_MAX || !json_value_is_object(entry))
		return error_set_id(err, "E4028", ERROR_MALFORMED,
		    "copies for 1 to %d recipients are written apart",
		    MAKING_APART_MAX);
	apart->count++;
	if (put_copy(letter, entry, apart->count,
		&apart->letters[apart->count - 1], err) < 0)
		return -1;
	apart->bytes += apart->letters[apart->count - 1].len;
	if (apart->bytes > MAKING_APART_BYTES_MAX)
		return error_set_id(err, "E4205", ERROR_MALFORMED,
		    "the copies are longer than %d bytes together",
		    MAKING_APART_BYTES_MAX);
	return 0;
}

static int
add_all(struct making_apart *apart, const struct json_value *letter,
    struct error *err)
{
	const struct json_value *rosters = json_value_member(letter, "rosters");

	apart->letters = calloc(MAKING_APART_MAX, sizeof(*apart->letters));
	if (apart->letters == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < json_value_count(rosters); i++) {
		const struct json_value *entries =
		    json_value_member(json_value_item(rosters, i), "entries");

		for (size_t j = 0; j < json_value_count(entries); j++)
			if (add_copy(apart, letter, json_value_item(entries, j),
				err) < 0)
				return -1;
	}
	if (apart->count > 0)
		return 0;
	return error_set_id(err, "E4028", ERROR_MALFORMED,
	    "the rosters have no recipients to write apart for");
}

int
making_apart_split(struct blob json, struct making_apart *apart,
    struct error *err)
{
	struct json_document *document = NULL;
	int rc = -1;

	if (json_read(json.data, json.len, LETTER_JSON_MAX, &document, err) ==
	    0) {
		if (json_value_is_object(json_root(document)))
			rc = add_all(apart, json_root(document), err);
		else
			error_set_id(err, "E2175", ERROR_MALFORMED,
			    "a letter is an object");
	}
	json_document_free(document);
	return rc;
}
