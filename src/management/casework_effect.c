#include "management/casework_effect.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures.h"
#include "crypto/sha256.h"
#include "directory/body_change.h"
#include "directory/directory.h"
#include "directory/registration.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "management/casework_effect_internal.h"
#include "management/directory_ended.h"
#include "model/times.h"

enum {
	HOLD_MS = 72 * 3600 * 1000,
	GROUND_CARD = 2, /* 十三(二): a card was lost */
	FIELDS_MAX = 65536,
};

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

static bool
find_host(const struct effect_making *making, const char *name,
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

static int
check_center(const struct effect_making *making, const char *name)
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

	if (!is_center && !find_host(making, name, &host))
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

/* ---- registration ----------------------------------------------------------------- */

static int
check_request(const struct effect_making *making, bool is_center)
{
	const struct registration *registration = making->facts->registration;
	const char *name = effect_field(making, "host");

	if (registration == NULL)
		return effect_refuse(making, making->file->id,
		    "has no request file");
	if (registration->has_center != is_center)
		return effect_refuse(making, making->file->id,
		    is_center ? "needs a request of a center"
			      : "needs a request of a gateway");
	if (name[0] != '\0' &&
	    !text_equal(name,
		is_center ? registration->center.name
			  : registration->host.name))
		return effect_refuse(making, name,
		    "is not the host of the request file");
	return 0;
}

/* An organisation of the request, against the case and the directory. */
static int
check_org(const struct effect_making *making, const struct entry_org *org,
    bool may_move)
{
	const char *center = effect_field(making, "center");
	struct directory_org known;

	if (!text_equal(org->center, center))
		return effect_refuse(making, org->code.text,
		    "has another center in the request");
	if (!directory_find_org(making->facts->directory, &org->code, &known))
		return 0;
	if (known.status == ORG_DISSOLVED)
		return effect_refuse(making, org->code.text, "is dissolved");
	if (!may_move && known.host[0] != '\0' &&
	    !text_equal(known.host, org->host))
		return effect_refuse(making, org->code.text,
		    "is served by another host: change its center or host");
	return 0;
}

static int
check_orgs(const struct effect_making *making, bool may_move)
{
	const struct registration *registration = making->facts->registration;
	const char *wanted = effect_field(making, "organisation");
	bool is_there = false;

	for (size_t i = 0; i < registration->organisation_count; i++) {
		const struct entry_org *org = &registration->organisations[i];

		if (check_org(making, org, may_move) < 0)
			return -1;
		is_there |= text_equal(org->code.text, wanted);
	}
	return is_there
	    ? 0
	    : effect_refuse(making, wanted, "is not in the request file");
}

/* Names and supervisors of what is known change by their own cases. */
static void
write_org(const struct effect_making *making, const struct entry_org *org)
{
	struct json_writer *writer = making->writer;
	struct directory_org known;

	if (!directory_find_org(making->facts->directory, &org->code, &known)) {
		entry_org_encode(org, writer);
		return;
	}
	json_write_begin_object(writer, NULL);
	json_write_org(writer, "code", &org->code);
	json_write_text(writer, "center", org->center);
	json_write_text(writer, "host", org->host);
	json_write_begin_array(writer, "keys");
	for (size_t i = 0; i < org->key_count; i++)
		entry_key_encode(&org->keys[i], writer);
	json_write_end(writer);
	json_write_end(writer);
}

/* While it moves a host is in two lists: it goes from all others. */
static void
remove_elsewhere(const struct effect_making *making, const char *name,
    const char *center)
{
	const struct directory *directory = making->facts->directory;
	size_t count = directory_host_count(directory);

	for (uint32_t i = 0; i < count; i++) {
		struct directory_host host = directory_host_at(directory, i);

		if (!text_equal(host.name, name) ||
		    text_equal(host.center, center))
			continue;
		effect_begin(making, "access", host.center);
		effect_end(making, name);
	}
}

static int
put_register(const struct effect_making *making, bool may_move)
{
	const struct registration *registration = making->facts->registration;
	const char *center = effect_field(making, "center");
	struct directory_host host;
	bool is_known;

	if (check_request(making, false) < 0 ||
	    check_center(making, center) < 0 ||
	    check_orgs(making, may_move) < 0)
		return -1;
	is_known = find_host(making, registration->host.name, &host);
	if (is_known && !may_move && !text_equal(host.center, center))
		return effect_refuse(making, host.name, "is at another center");
	effect_begin(making, "access", center);
	entry_host_encode(&registration->host, making->writer);
	effect_end(making, NULL);
	effect_begin(making, "directory", "");
	for (size_t i = 0; i < registration->organisation_count; i++)
		write_org(making, &registration->organisations[i]);
	effect_end(making, NULL);
	remove_elsewhere(making, registration->host.name, center);
	return 0;
}

static int
put_center(const struct effect_making *making)
{
	if (check_request(making, true) < 0)
		return -1;
	effect_begin(making, "network", "");
	entry_center_encode(&making->facts->registration->center,
	    making->writer);
	effect_end(making, NULL);
	return 0;
}

/* ---- cards ------------------------------------------------------------------------- */

static bool
has_key(const struct entry_org *org, enum key_use use,
    const struct digest *fingerprint)
{
	for (size_t i = 0; i < org->key_count; i++) {
		const struct entry_key *key = &org->keys[i];
		struct digest digest;

		sha256(key->certificate.data, key->certificate.len, &digest);
		if (key->use == use && digest_equal(&digest, fingerprint))
			return true;
	}
	return false;
}

static bool
has_use(const struct entry_org *org, enum key_use use)
{
	for (size_t i = 0; i < org->key_count; i++)
		if (org->keys[i].use == use)
			return true;
	return false;
}

/* The keys of the request; what they replace retires. */
static int
write_keys(const struct effect_making *making, const struct directory_org *org,
    const struct entry_org *wanted)
{
	struct json_writer *writer = making->writer;
	size_t count = wanted->key_count;

	json_write_begin_array(writer, "keys");
	for (size_t i = 0; i < wanted->key_count; i++)
		entry_key_encode(&wanted->keys[i], writer);
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key =
		    directory_key_at(making->facts->directory, org, i);

		if (has_key(wanted, key.use, &key.fingerprint))
			continue;
		if (has_use(wanted, key.use) && key_state_is_usable(key.state))
			key.state = KEY_RETIRING;
		effect_write_key(writer, &key, key.state);
		count++;
	}
	json_write_end(writer);
	return count <= ENTRY_KEYS_MAX
	    ? 0
	    : effect_refuse(making, org->code.text, "has too many keys");
}

static int
put_card(const struct effect_making *making)
{
	const struct registration *registration = making->facts->registration;
	struct directory_org org;
	int rc = -1;

	if (effect_find_org(making, "organisation", true, &org) < 0 ||
	    check_request(making, false) < 0)
		return -1;
	for (size_t i = 0; i < registration->organisation_count; i++) {
		const struct entry_org *wanted =
		    &registration->organisations[i];

		if (!org_code_equal(&wanted->code, &org.code))
			continue;
		effect_begin(making, "directory", "");
		json_write_begin_object(making->writer, NULL);
		json_write_org(making->writer, "code", &org.code);
		rc = write_keys(making, &org, wanted);
		json_write_end(making->writer);
		effect_end(making, NULL);
		return rc;
	}
	return effect_refuse(making, org.code.text,
	    "is not in the request file");
}

static int
put_measure(const struct effect_making *making, bool is_hold)
{
	const struct casework_case *file = making->file;
	struct json_writer *writer = making->writer;
	struct directory_owner owner;
	struct digest card;

	if (!digest_parse(effect_field(making, "card"), &card) ||
	    !directory_find_owner(making->facts->directory, &card, &owner))
		return effect_refuse(making, effect_field(making, "card"),
		    "is no registered card");
	effect_begin(making, is_hold ? "hold" : "suspension", "");
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "case", file->id);
	json_write_text(writer, "subject", measure_subject_name(MEASURE_CARD));
	json_write_digest(writer, "name", &card);
	json_write_text(writer, "direction",
	    measure_direction_name(MEASURE_SENDING));
	json_write_int(writer, "ground", GROUND_CARD);
	json_write_bool(writer, "stops_queued", false);
	json_write_text(writer, "reason", file->definition->title.zh);
	json_write_time(writer, "from", making->facts->now_ms);
	if (is_hold) {
		json_write_time(writer, "until",
		    making->facts->now_ms + HOLD_MS);
	} else {
		json_write_text(writer, "fallback", "");
		json_write_text(writer, "paper_from", "");
	}
	json_write_end(writer);
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

static int
put(const struct effect_making *making, const char *effect)
{
	if (text_equal(effect, "register"))
		return put_register(making, false);
	if (text_equal(effect, "move-center"))
		return put_register(making, true);
	if (text_equal(effect, "center"))
		return put_center(making);
	if (text_equal(effect, "rename"))
		return put_rename(making);
	if (text_equal(effect, "recode"))
		return effect_put_recode(making);
	if (text_equal(effect, "move-host"))
		return put_move_host(making);
	if (text_equal(effect, "card"))
		return put_card(making);
	if (text_equal(effect, "dissolve"))
		return put_dissolve(making);
	if (text_equal(effect, "remove-ended"))
		return put_ended(making);
	if (text_equal(effect, "hold-card"))
		return put_measure(making, true);
	if (text_equal(effect, "suspend-card"))
		return put_measure(making, false);
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
