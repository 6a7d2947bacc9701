#include "bulletin/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "model/version.h"

/* An entry of any list: what must not stand in it twice comes first. */
struct entry {
	char key[TEXTS_PATH_SIZE];
	char title[TEXTS_TITLE_SIZE];
	char kind[TEXTS_NAME_SIZE];
	char *text; /* ours */
	uint64_t bytes;
	struct digest sha256;
	int64_t from_ms;
	int64_t until_ms;
};

struct body {
	char version[TEXTS_NAME_SIZE];
	char title[TEXTS_TITLE_SIZE];
	char least[TEXTS_NAME_SIZE];
	char *summary; /* ours */
	int64_t effective_ms;
	struct entry *entries; /* ours */
	size_t count;
};

static const struct json_field file_fields[] = {
	{ .name = "path",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry, key),
	    .size = TEXTS_PATH_SIZE },
	{ .name = "bytes",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct entry, bytes),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
	{ .name = "sha256",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct entry, sha256) },
};

static const struct json_field item_fields[] = {
	{ .name = "id",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry, key),
	    .size = TEXTS_NAME_SIZE },
	{ .name = "title",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry, title),
	    .size = TEXTS_TITLE_SIZE },
	{ .name = "value",
	    .kind = JSON_FIELD_TEXT_HEAP,
	    .offset = offsetof(struct entry, text),
	    .max = TEXTS_VALUE_MAX },
};

static const struct json_field notice_fields[] = {
	{ .name = "id",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry, key),
	    .size = TEXTS_NAME_SIZE },
	{ .name = "kind",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry, kind),
	    .size = TEXTS_NAME_SIZE },
	{ .name = "title",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry, title),
	    .size = TEXTS_TITLE_SIZE },
	{ .name = "text",
	    .kind = JSON_FIELD_TEXT_HEAP,
	    .offset = offsetof(struct entry, text),
	    .max = TEXTS_VALUE_MAX },
	{ .name = "from",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct entry, from_ms) },
	{ .name = "until",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct entry, until_ms),
	    .may_empty = true },
};

static const struct json_field version_field = { .name = "version",
	.kind = JSON_FIELD_TEXT,
	.offset = offsetof(struct body, version),
	.size = TEXTS_NAME_SIZE };

/* Lowest version that may still run; without it every one may. */
static const struct json_field least_field = { .name = "least",
	.kind = JSON_FIELD_TEXT,
	.offset = offsetof(struct body, least),
	.size = TEXTS_NAME_SIZE,
	.optional = true };

static const struct json_field effective_field = { .name = "effective",
	.kind = JSON_FIELD_TIME,
	.offset = offsetof(struct body, effective_ms) };

static const struct json_field title_field = { .name = "title",
	.kind = JSON_FIELD_TEXT,
	.offset = offsetof(struct body, title),
	.size = TEXTS_TITLE_SIZE };

static const struct json_field summary_field = { .name = "summary",
	.kind = JSON_FIELD_TEXT_HEAP,
	.offset = offsetof(struct body, summary),
	.max = TEXTS_VALUE_MAX };

static struct json_field
list_field(const char *name, int64_t max, const struct json_field *fields,
    size_t count)
{
	return (struct json_field){ .name = name,
		.kind = JSON_FIELD_LIST,
		.offset = offsetof(struct body, entries),
		.count_offset = offsetof(struct body, count),
		.size = sizeof(struct entry),
		.max = max,
		.fields = fields,
		.field_count = count };
}

static int
decode(const struct bulletin *bulletin, struct body *body, struct error *err)
{
	const struct json_field release[] = { version_field, least_field,
		summary_field,
		list_field("files", TEXTS_FILES_MAX, file_fields,
		    ARRAY_LEN(file_fields)) };
	const struct json_field items[] = { version_field, effective_field,
		title_field,
		list_field("items", TEXTS_ITEMS_MAX, item_fields,
		    ARRAY_LEN(item_fields)) };
	const struct json_field notices[] = { list_field("notices",
	    TEXTS_NOTICES_MAX, notice_fields, ARRAY_LEN(notice_fields)) };

	if (bulletin->type == BULLETIN_RELEASE)
		return json_decode_value(bulletin->body, release,
		    ARRAY_LEN(release), body, err);
	if (bulletin->type == BULLETIN_NOTICE)
		return json_decode_value(bulletin->body, notices,
		    ARRAY_LEN(notices), body, err);
	return json_decode_value(bulletin->body, items, ARRAY_LEN(items), body,
	    err);
}

bool
texts_path_is_good(const char *path)
{
	for (const char *at = path; *at != '\0';) {
		size_t len = strcspn(at, "/");

		if (len == 0 || (len == 1 && at[0] == '.') ||
		    (len == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		at += len;
		if (*at == '/' && *++at == '\0')
			return false;
	}
	return path[0] != '\0' && strchr(path, '\\') == NULL;
}

static int
compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->key,
	    ((const struct entry *)b)->key);
}

/* A version so high that no other can follow it is none (T-REL-02b). */
static int
check_versions(const struct body *body, struct error *err)
{
	if (!version_is_good(body->version) ||
	    (body->least[0] != '\0' && !version_is_good(body->least)))
		return error_set(err, ERROR_MALFORMED,
		    "a version that is not like 0.2.0");
	if (body->least[0] != '\0' &&
	    version_compare(body->least, body->version) > 0)
		return error_set(err, ERROR_MALFORMED,
		    "it allows not even itself: least %s, version %s",
		    body->least, body->version);
	return 0;
}

static int
check_entries(enum bulletin_type type, struct body *body, struct error *err)
{
	if (body->count > 1)
		qsort(body->entries, body->count, sizeof(body->entries[0]),
		    compare_entries);
	for (size_t i = 0; i < body->count; i++) {
		const char *key = body->entries[i].key;

		if (key[0] == '\0')
			return error_set(err, ERROR_MALFORMED,
			    "an entry without name");
		if (type == BULLETIN_RELEASE && !texts_path_is_good(key))
			return error_set(err, ERROR_MALFORMED,
			    "a path that is not below a folder");
		if (i > 0 && text_equal(body->entries[i - 1].key, key))
			return error_set(err, ERROR_MALFORMED, "%s twice", key);
	}
	return 0;
}

int
texts_check(const struct bulletin *bulletin, struct error *err)
{
	struct body body = { .count = 0 };
	int rc = decode(bulletin, &body, err);

	if (rc == 0 && bulletin->type == BULLETIN_RELEASE)
		rc = check_versions(&body, err);
	if (rc == 0)
		rc = check_entries(bulletin->type, &body, err);
	for (size_t i = 0; i < body.count; i++)
		free(body.entries[i].text);
	free(body.entries);
	free(body.summary);
	if (rc == 0)
		return 0;
	if (err->code == ERROR_MALFORMED)
		text_copy(err->id, sizeof(err->id), "E7001");
	return error_prefix(err, "%s", bulletin_type_name(bulletin->type));
}
