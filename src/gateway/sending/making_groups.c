#include "gateway/sending/making_groups.h"

#include "base/error.h"
#include "base/text.h"
#include "gateway/sending/ask.h"
#include "gateway/sending/desk_group.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/reader/letter_json.h"

static const char *const list_names[] = { "originals", "copies", "attendees",
	"observers" };

struct expanding {
	struct rows *rows;
	struct org_code organisation;
	struct json_writer *writer;
	bool is_roster; /* the list at hand is of a roster's entries */
};

/* ---- is there one ---------------------------------------------------- */

static int
look(const char *key, const struct json_value *value, void *ctx,
    struct error *err)
{
	bool *has = ctx;

	if (text_equal(key, "group"))
		*has = true;
	for (size_t i = 0;
	     json_value_is_array(value) && i < json_value_count(value); i++) {
		const struct json_value *item = json_value_item(value, i);

		if (json_value_is_object(item) &&
		    json_value_each(item, look, has, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- writing --------------------------------------------------------- */

static bool
is_excepted(const struct json_value *except, const struct org_code *code)
{
	for (size_t i = 0; i < json_value_count(except); i++) {
		const char *text = json_value_text(json_value_item(except, i));

		if (text != NULL && text_equal(text, code->text))
			return true;
	}
	return false;
}

static void
put_member(const struct expanding *expanding, const struct desk_member *member)
{
	struct json_writer *writer = expanding->writer;

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", member->name);
	if (expanding->is_roster) {
		json_write_org(writer, "code", &member->code);
		json_write_bool(writer, "with_attachments",
		    member->with_attachments);
		json_write_text(writer, "copy",
		    member->is_copy ? "副本" : "正本");
	} else {
		json_write_text(writer, "kind",
		    org_code_is_unit(&member->code) ? "unit" : "org");
	}
	json_write_end(writer);
}

static int
put_group(const struct expanding *expanding, const struct json_value *item,
    struct error *err)
{
	const char *code = json_value_text(json_value_member(item, "group"));
	const struct json_value *except = json_value_member(item, "except");
	struct desk_group group = { 0 };
	int rc = desk_group_load(expanding->rows, &expanding->organisation,
	    code != NULL ? code : "", &group, err);

	for (size_t i = 0; rc == 0 && i < group.count; i++)
		if (!is_excepted(except, &group.members[i].code))
			put_member(expanding, &group.members[i]);
	desk_group_free(&group);
	return rc;
}

static int
put_list(const struct expanding *expanding, const char *key,
    const struct json_value *list, struct error *err)
{
	json_write_begin_array(expanding->writer, key);
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);
		int rc = json_value_member(item, "group") != NULL
		    ? put_group(expanding, item, err)
		    : json_write_value(expanding->writer, NULL, item, err);

		if (rc < 0)
			return -1;
	}
	json_write_end(expanding->writer);
	return 0;
}

static int
put_of_roster(const char *key, const struct json_value *value, void *ctx,
    struct error *err)
{
	struct expanding *expanding = ctx;

	expanding->is_roster = true;
	return text_equal(key, "entries") && json_value_is_array(value)
	    ? put_list(expanding, key, value, err)
	    : json_write_value(expanding->writer, key, value, err);
}

static int
put_rosters(struct expanding *expanding, const struct json_value *list,
    struct error *err)
{
	json_write_begin_array(expanding->writer, "rosters");
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *roster = json_value_item(list, i);

		if (!json_value_is_object(roster)) {
			if (json_write_value(expanding->writer, NULL, roster,
				err) < 0)
				return -1;
			continue;
		}
		json_write_begin_object(expanding->writer, NULL);
		if (json_value_each(roster, put_of_roster, expanding, err) < 0)
			return -1;
		json_write_end(expanding->writer);
	}
	json_write_end(expanding->writer);
	return 0;
}

static int
put_member_of_letter(const char *key, const struct json_value *value, void *ctx,
    struct error *err)
{
	struct expanding *expanding = ctx;

	expanding->is_roster = false;
	if (text_equal(key, "rosters") && json_value_is_array(value))
		return put_rosters(expanding, value, err);
	if (text_find(list_names, ARRAY_LEN(list_names), key) >= 0 &&
	    json_value_is_array(value))
		return put_list(expanding, key, value, err);
	return json_write_value(expanding->writer, key, value, err);
}

static int
expand(struct rows *rows, const struct config *config, const char *scope,
    const struct json_value *letter, struct bytes *to, struct error *err)
{
	const struct json_value *sender =
	    json_value_item(json_value_member(letter, "senders"), 0);
	const char *code = json_value_text(json_value_member(sender, "code"));
	struct json_writer writer = json_writer_to(to);
	struct expanding expanding = { .rows = rows, .writer = &writer };

	if (sending_organisation(config, scope, code != NULL ? code : "",
		&expanding.organisation, err) < 0)
		return -1;
	json_write_begin_object(&writer, NULL);
	if (json_value_each(letter, put_member_of_letter, &expanding, err) < 0)
		return -1;
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

int
making_groups_expand(struct rows *rows, const struct config *config,
    const char *scope, struct blob json, struct bytes *to, struct error *err)
{
	struct json_document *document = NULL;
	bool has = false;
	int rc;

	/* What cannot be read the reader refuses, with its place. */
	if (json_read(json.data, json.len, LETTER_JSON_MAX, &document, err) <
		0 ||
	    !json_value_is_object(json_root(document))) {
		*err = (struct error){ 0 };
		json_document_free(document);
		return 0;
	}
	rc = json_value_each(json_root(document), look, &has, err);
	if (rc == 0 && has)
		rc = expand(rows, config, scope, json_root(document), to, err);
	json_document_free(document);
	return rc;
}
