#include "management/casework_effect.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures.h"
#include "directory/body_change.h"
#include "directory/directory.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "management/casework_effect_internal.h"
#include "management/directory_ended.h"
#include "model/times.h"

enum { FIELDS_MAX = 65536 };

const char *
casework_field(const struct json_value *fields, const char *name)
{
	const char *text = json_value_text(json_value_member(fields, name));

	return text != NULL ? text : "";
}

const char *
effect_field(const struct effect_making *making, const char *name)
{
	return casework_field(making->fields, name);
}

int
effect_refuse(const struct effect_making *making, const char *about,
    const char *what)
{
	return error_set_id(making->err, "E7118", ERROR_DENIED, "%.60s %s",
	    about, what);
}

/* ---- writing changes ------------------------------------------------------------ */

void
effect_begin(const struct effect_making *making, const char *type,
    const char *name)
{
	json_write_begin_object(making->writer, NULL);
	json_write_text(making->writer, "type", type);
	json_write_text(making->writer, "name", name);
	json_write_begin_array(making->writer, "entries");
}

/* `removed` is the entry that goes, or NULL. */
void
effect_end(const struct effect_making *making, const char *removed)
{
	json_write_end(making->writer);
	json_write_begin_array(making->writer, "removed");
	if (removed != NULL)
		json_write_text(making->writer, NULL, removed);
	json_write_end(making->writer);
	json_write_end(making->writer);
}

/* As it is, but for the state; also when and why it was revoked. */
void
effect_write_key(struct json_writer *writer, const struct directory_key *key,
    enum key_state state)
{
	const struct entry_key entry = { .use = key->use,
		.state = state,
		.not_after_ms = key->not_after_ms,
		.certificate = { .data = (uint8_t *)(uintptr_t)key->certificate,
		    .len = key->certificate_len },
		.revoked = { .at_ms = key->revoked_at_ms,
		    .reason = key->reason } };

	entry_key_encode(&entry, writer);
}

/* ---- what is there ---------------------------------------------------------------- */

int
effect_find_org(const struct effect_making *making, const char *name,
    bool is_active, struct directory_org *ret_org)
{
	const char *text = effect_field(making, name);
	struct org_code code;

	if (!org_code_parse(text, &code) ||
	    !directory_find_org(making->facts->directory, &code, ret_org))
		return effect_refuse(making, text, "is not in the directory");
	if (is_active && ret_org->status == ORG_DISSOLVED)
		return effect_refuse(making, text, "is dissolved");
	return 0;
}

bool
effect_find_host(const struct effect_making *making, const char *name,
    struct directory_host *ret_host)
{
	size_t count = directory_host_count(making->facts->directory);

	for (uint32_t i = 0; i < count; i++) {
		*ret_host = directory_host_at(making->facts->directory, i);
		if (text_equal(ret_host->name, name))
			return true;
	}
	return false;
}

int
effect_check_center(const struct effect_making *making, const char *name)
{
	struct directory_center center;

	return directory_find_center(making->facts->directory, name, &center)
	    ? 0
	    : effect_refuse(making, name, "is no center");
}

/* ---- names, codes, addresses ------------------------------------------------------- */

static int
put_rename(const struct effect_making *making)
{
	struct directory_org org;

	if (effect_find_org(making, "organisation", true, &org) < 0)
		return -1;
	effect_begin(making, "directory", "");
	json_write_begin_object(making->writer, NULL);
	json_write_org(making->writer, "code", &org.code);
	json_write_text(making->writer, "name", effect_field(making, "name"));
	json_write_end(making->writer);
	effect_end(making, NULL);
	return 0;
}

void
effect_write_dissolved(const struct effect_making *making,
    const struct directory_org *org, const struct org_code *successor)
{
	json_write_begin_object(making->writer, NULL);
	json_write_org(making->writer, "code", &org->code);
	json_write_text(making->writer, "status",
	    org_status_name(ORG_DISSOLVED));
	json_write_org(making->writer, "successor", successor);
	json_write_end(making->writer);
}

static int
put_dissolve(const struct effect_making *making)
{
	struct directory_org org, heir;

	if (effect_find_org(making, "organisation", false, &org) < 0 ||
	    effect_find_org(making, "successor", true, &heir) < 0)
		return -1;
	if (org_code_equal(&org.code, &heir.code))
		return effect_refuse(making, org.code.text,
		    "cannot be its own successor");
	effect_begin(making, "directory", "");
	effect_write_dissolved(making, &org, &heir.code);
	effect_end(making, NULL);
	return 0;
}

static int
put_move_host(const struct effect_making *making)
{
	const char *name = effect_field(making, "host");
	struct directory_center center;
	struct directory_host host;
	bool is_center =
	    directory_find_center(making->facts->directory, name, &center);

	if (!is_center && !effect_find_host(making, name, &host))
		return effect_refuse(making, name, "is no registered host");
	effect_begin(making, is_center ? "network" : "access",
	    is_center ? "" : host.center);
	json_write_begin_object(making->writer, NULL);
	json_write_text(making->writer, "name", name);
	json_write_text(making->writer, "address",
	    effect_field(making, "address"));
	json_write_end(making->writer);
	effect_end(making, NULL);
	return 0;
}

/* ---- all of them --------------------------------------------------------------------- */

/* As of the moment that the case names, so that it comes to an end. */
static int
put_ended(const struct effect_making *making)
{
	struct json_writer *writer = making->writer;
	struct bytes entries = { 0 };
	struct error none = { 0 };
	int64_t until;

	if (!times_read(effect_field(making, "until"), &until))
		return effect_refuse(making, effect_field(making, "until"),
		    "is no time");
	if (directory_ended_entries(making->facts->directory, until, &entries,
		&none) < 0) {
		bytes_clear(&entries);
		bytes_put_text(&entries, "[]");
	}
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "type", "directory");
	json_write_text(writer, "name", "");
	json_write_raw(writer, "entries", entries.data, entries.len);
	json_write_begin_array(writer, "removed");
	json_write_end(writer);
	json_write_end(writer);
	bytes_free(&entries);
	return 0;
}

static const struct {
	const char *name;
	int (*put)(const struct effect_making *making);
} effects[] = {
	{ "register", effect_put_register },
	{ "move-center", effect_put_move_center },
	{ "center", effect_put_center },
	{ "rename", put_rename },
	{ "recode", effect_put_recode },
	{ "move-host", put_move_host },
	{ "card", effect_put_card },
	{ "dissolve", put_dissolve },
	{ "remove-ended", put_ended },
	{ "hold-card", effect_put_hold_card },
	{ "suspend-card", effect_put_suspend_card },
};

static int
put(const struct effect_making *making, const char *effect)
{
	for (size_t i = 0; i < ARRAY_LEN(effects); i++)
		if (text_equal(effect, effects[i].name))
			return effects[i].put(making);
	return casework_effect_is_ours(effect)
	    ? 0
	    : effect_refuse(making, effect, "is no effect");
}

int
casework_effect_put(const struct casework_case *file, const char *effect,
    const struct casework_facts *facts, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	struct json_document *document = NULL;
	struct effect_making making = { .file = file,
		.facts = facts,
		.writer = &writer,
		.err = err };
	int rc = -1;

	if (facts->directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (json_read(file->fields, strlen(file->fields), FIELDS_MAX, &document,
		err) < 0)
		return -1;
	making.fields = json_root(document);
	json_write_begin_array(&writer, NULL);
	rc = put(&making, effect);
	json_write_end(&writer);
	if (rc == 0)
		rc = json_write_done(&writer, err);
	json_document_free(document);
	return rc;
}

bool
casework_effect_is_ours(const char *effect)
{
	return text_equal(effect, "person") || text_equal(effect, "person-end");
}

static bool
has_measure(const struct measure *list, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(list[i].id, id))
			return true;
	return false;
}

bool
casework_effect_is_in_force(const struct casework_case *file,
    const struct json_value *changes, const struct directory *directory,
    const struct measures *measures)
{
	for (size_t i = 0; i < json_value_count(changes); i++) {
		const struct json_value *change = json_value_item(changes, i);
		const char *type = casework_field(change, "type");
		bool is_there;

		if (text_equal(type, "hold"))
			is_there = has_measure(measures->holds,
			    measures->hold_count, file->id);
		else if (text_equal(type, "suspension"))
			is_there = has_measure(measures->suspensions,
			    measures->suspension_count, file->id);
		else
			is_there = body_change_is_in_force(directory, change);
		if (!is_there)
			return false;
	}
	return json_value_count(changes) > 0;
}
