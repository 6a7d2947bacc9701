#include "directory/body_change.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "json/json_read.h"
#include "json/json_write.h"

enum { ENTRIES_MAX = 4096 };

/* Which list of a body holds the entries, and which member names one. */
static const struct list_kind {
	enum bulletin_type type;
	const char *list;
	const char *key;
} list_kinds[] = {
	{ BULLETIN_DIRECTORY, "organisations", "code" },
	{ BULLETIN_NETWORK, "centers", "name" },
	{ BULLETIN_ACCESS, "hosts", "name" },
	{ BULLETIN_HOLD, "holds", "case" },
	{ BULLETIN_SUSPENSION, "suspensions", "case" },
};

struct applying {
	const struct list_kind *kind;
	const struct json_value *entries;
	const struct json_value *removed;
	struct json_writer *writer;
	uint8_t used[ENTRIES_MAX];
	bool has_list;
};

static int
put_raw(struct json_writer *writer, const char *key,
    const struct json_value *value, struct error *err)
{
	struct bytes json = { 0 };
	int rc = json_value_put(value, &json, err);

	if (rc == 0)
		json_write_raw(writer, key, json.data, json.len);
	bytes_free(&json);
	return rc;
}

static const char *
name_of(const struct applying *applying, const struct json_value *entry)
{
	const char *name =
	    json_value_text(json_value_member(entry, applying->kind->key));

	return name != NULL ? name : "";
}

static bool
is_removed(const struct applying *applying, const char *name)
{
	for (size_t i = 0; i < json_value_count(applying->removed); i++) {
		const char *gone =
		    json_value_text(json_value_item(applying->removed, i));

		if (gone != NULL && text_equal(gone, name))
			return true;
	}
	return false;
}

/* Members of an entry that the change says otherwise. */
struct laying {
	const struct json_value *over;
	struct json_writer *writer;
	const struct json_value *under; /* of the second round */
};

static int
lay_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	const struct laying *laying = context;
	const struct json_value *other = json_value_member(laying->over, key);

	return put_raw(laying->writer, key, other != NULL ? other : value, err);
}

static int
add_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	const struct laying *laying = context;

	if (json_value_member(laying->under, key) != NULL)
		return 0;
	return put_raw(laying->writer, key, value, err);
}

static int
write_laid(const struct json_value *entry, const struct json_value *over,
    struct json_writer *writer, struct error *err)
{
	struct laying laying = { over, writer, entry };
	int rc = 0;

	json_write_begin_object(writer, NULL);
	if (entry != NULL)
		rc = json_value_each(entry, lay_member, &laying, err);
	if (rc == 0)
		rc = json_value_each(over, add_member, &laying, err);
	json_write_end(writer);
	return rc;
}

int
body_change_lay(const struct json_value *entry, const struct json_value *over,
    struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	return write_laid(entry, over, &writer, err) < 0
	    ? -1
	    : json_write_done(&writer, err);
}

static int
write_entry(struct applying *applying, const struct json_value *entry,
    struct error *err)
{
	const char *name = name_of(applying, entry);

	if (is_removed(applying, name))
		return 0;
	for (size_t i = 0; i < json_value_count(applying->entries); i++) {
		const struct json_value *over =
		    json_value_item(applying->entries, i);

		if (!text_equal(name_of(applying, over), name))
			continue;
		applying->used[i] = 1;
		return write_laid(entry, over, applying->writer, err);
	}
	return put_raw(applying->writer, NULL, entry, err);
}

static int
write_list(struct applying *applying, const struct json_value *list,
    struct error *err)
{
	applying->has_list = true;
	json_write_begin_array(applying->writer, applying->kind->list);
	for (size_t i = 0; i < json_value_count(list); i++)
		if (write_entry(applying, json_value_item(list, i), err) < 0)
			return -1;
	for (size_t i = 0; i < json_value_count(applying->entries); i++)
		if (applying->used[i] == 0 &&
		    put_raw(applying->writer, NULL,
			json_value_item(applying->entries, i), err) < 0)
			return -1;
	json_write_end(applying->writer);
	return 0;
}

static int
write_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct applying *applying = context;

	if (text_equal(key, applying->kind->list))
		return write_list(applying, value, err);
	return put_raw(applying->writer, key, value, err);
}

static const struct list_kind *
kind_of(const struct json_value *change)
{
	const char *name = json_value_text(json_value_member(change, "type"));
	enum bulletin_type type;

	if (name == NULL || !bulletin_type_parse(name, &type))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(list_kinds); i++)
		if (list_kinds[i].type == type)
			return &list_kinds[i];
	return NULL;
}

int
body_change_apply(const struct json_value *body,
    const struct json_value *change, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	struct applying applying = { .kind = kind_of(change),
		.entries = json_value_member(change, "entries"),
		.removed = json_value_member(change, "removed"),
		.writer = &writer };
	int rc = 0;

	if (applying.kind == NULL || !json_value_is_array(applying.entries) ||
	    !json_value_is_array(applying.removed) ||
	    json_value_count(applying.entries) > ENTRIES_MAX)
		return error_set(err, ERROR_MALFORMED,
		    "the change is of no known form");
	json_write_begin_object(&writer, NULL);
	if (body != NULL)
		rc = json_value_each(body, write_member, &applying, err);
	if (rc == 0 && !applying.has_list)
		rc = write_list(&applying, NULL, err);
	json_write_end(&writer);
	return rc == 0 ? json_write_done(&writer, err) : -1;
}
