#include "directory/directory_edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/address_book.h"
#include "directory/directory_entry.h"
#include "directory/entry_internal.h"

static const char *const actions[DIRECTORY_ACTION_COUNT] = {
	[DIRECTORY_PUT] = "put",
	[DIRECTORY_ADD] = "add",
	[DIRECTORY_CHANGE] = "change",
	[DIRECTORY_REMOVE] = "remove",
};

static const char *const fields[DIRECTORY_FIELD_COUNT] = {
	[DIRECTORY_FIELD_CODE] = "code",
	[DIRECTORY_FIELD_ACTION] = "action",
	[DIRECTORY_FIELD_NAME] = "name",
	[DIRECTORY_FIELD_KIND] = "kind",
	[DIRECTORY_FIELD_STATUS] = "status",
	[DIRECTORY_FIELD_CENTER] = "center",
	[DIRECTORY_FIELD_SUPERVISOR] = "supervisor",
	[DIRECTORY_FIELD_SUCCESSOR] = "successor",
	[DIRECTORY_FIELD_HOST] = "host",
	[DIRECTORY_FIELD_LETTER_BYTES] = "letter_bytes",
};

const char *
directory_action_name(enum directory_action action)
{
	return actions[action];
}

bool
directory_action_parse(const char *name, enum directory_action *ret_action)
{
	int at = text_find(actions, DIRECTORY_ACTION_COUNT, name);

	if (at >= 0)
		*ret_action = (enum directory_action)at;
	return at >= 0;
}

const char *
directory_field_name(enum directory_field field)
{
	return fields[field];
}

bool
directory_field_parse(const char *name, enum directory_field *ret_field)
{
	int at = text_find(fields, DIRECTORY_FIELD_COUNT, name);

	if (at >= 0)
		*ret_field = (enum directory_field)at;
	return at >= 0;
}

int
directory_edit_check_action(const struct directory_edit *edit, bool is_there,
    struct error *err)
{
	bool wants_none = edit->action == DIRECTORY_ADD;

	if (edit->action == DIRECTORY_PUT || is_there != wants_none)
		return 0;
	return error_set_id(err, "E3911", ERROR_MALFORMED,
	    is_there ? "%s is in the directory already"
		     : "%s is not in the directory",
	    edit->code.text);
}

/* ---- fields ---------------------------------------------------------------- */

static int
wrong(const struct directory_edit *edit, enum directory_field field,
    const char *what, enum directory_field *ret_field, struct error *err)
{
	*ret_field = field;
	return error_set_id(err, "E3910", ERROR_MALFORMED, "%s: %s: %s",
	    edit->code.text, fields[field], what);
}

static bool
set_code(struct org_code *code, const char *text)
{
	if (text[0] != '\0')
		return org_code_parse(text, code);
	code->text[0] = '\0';
	return true;
}

static bool
set_host(char to[ENTRY_HOST_SIZE], const char *text)
{
	return (text[0] == '\0' || entry_is_host_name(text)) &&
	    text_copy(to, ENTRY_HOST_SIZE, text);
}

static bool
set_name(struct entry_org *org, const char *text)
{
	char *name;

	if (text[0] == '\0' || strlen(text) > ENTRY_NAME_MAX ||
	    !text_is_utf8(text, strlen(text)))
		return false;
	name = text_dup(text);
	if (name == NULL)
		return false;
	free(org->name);
	org->name = name;
	return true;
}

static bool
set_field(struct entry_org *org, enum directory_field field, const char *text)
{
	switch (field) {
	case DIRECTORY_FIELD_NAME:
		return set_name(org, text);
	case DIRECTORY_FIELD_KIND:
		return org_kind_parse(text, &org->kind);
	case DIRECTORY_FIELD_STATUS:
		return org_status_parse(text, &org->status);
	case DIRECTORY_FIELD_CENTER:
		return set_host(org->center, text);
	case DIRECTORY_FIELD_SUPERVISOR:
		return set_code(&org->supervisor, text);
	case DIRECTORY_FIELD_SUCCESSOR:
		return set_code(&org->successor, text);
	case DIRECTORY_FIELD_HOST:
		return set_host(org->host, text);
	case DIRECTORY_FIELD_LETTER_BYTES:
		return text_parse_u64(text, INT64_MAX,
		    &org->accepts_letter_bytes);
	case DIRECTORY_FIELD_CODE:
	case DIRECTORY_FIELD_ACTION:
	case DIRECTORY_FIELD_COUNT:
		break;
	}
	return true;
}

/* What is usual for a new one, before its fields are read. */
static void
begin_new(struct entry_org *org, const struct directory_edit *edit)
{
	const char *name = edit->fields[DIRECTORY_FIELD_NAME];

	org->code = edit->code;
	org->status = ORG_ACTIVE;
	org->kind = address_book_kind(&edit->code, name != NULL ? name : "");
	if (org_code_is_unit(&edit->code))
		org->supervisor = org_code_parent(&edit->code);
}

static int
check(const struct directory_edit *edit, const struct entry_org *org,
    enum directory_field *ret_field, struct error *err)
{
	if (org->name == NULL)
		return wrong(edit, DIRECTORY_FIELD_NAME,
		    "a new entry needs one", ret_field, err);
	if (org_code_equal(&org->code, &org->supervisor))
		return wrong(edit, DIRECTORY_FIELD_SUPERVISOR,
		    "it supervises itself", ret_field, err);
	if (org_code_equal(&org->code, &org->successor))
		return wrong(edit, DIRECTORY_FIELD_SUCCESSOR,
		    "it succeeds itself", ret_field, err);
	if (org->successor.text[0] != '\0' && org->status != ORG_DISSOLVED)
		return wrong(edit, DIRECTORY_FIELD_SUCCESSOR,
		    "only what is dissolved has one", ret_field, err);
	return 0;
}

int
directory_edit_apply(const struct directory_edit *edit,
    const struct entry_org *before, struct entry_org *ret_after,
    enum directory_field *ret_field, struct error *err)
{
	struct entry_org org = { .name = NULL };
	int rc = -1;

	*ret_field = DIRECTORY_FIELD_ACTION;
	if (directory_edit_check_action(edit, before != NULL, err) < 0)
		return -1;
	if (before == NULL)
		begin_new(&org, edit);
	else if (entry_org_copy(before, &org, err) < 0)
		return -1;
	for (int i = DIRECTORY_FIELD_NAME; i < DIRECTORY_FIELD_COUNT; i++) {
		const char *text = edit->fields[i];

		if (text == NULL ||
		    set_field(&org, (enum directory_field)i, text))
			continue;
		wrong(edit, (enum directory_field)i, "not acceptable",
		    ret_field, err);
		goto done;
	}
	rc = check(edit, &org, ret_field, err);
done:
	if (rc == 0)
		*ret_after = org;
	else
		entry_org_free(&org);
	return rc;
}

/* ---- keys -------------------------------------------------------------------- */

static bool
is_same(const struct entry_key *a, const struct entry_key *b)
{
	return a->use == b->use && a->certificate.len == b->certificate.len &&
	    memcmp(a->certificate.data, b->certificate.data,
		a->certificate.len) == 0;
}

static void
drop_key(struct entry_org *org, size_t at)
{
	bytes_free(&org->keys[at].certificate);
	org->key_count--;
	memmove(&org->keys[at], &org->keys[at + 1],
	    (org->key_count - at) * sizeof(*org->keys));
}

/* One active and one next of a use at most. */
static void
make_room(struct entry_org *org, const struct entry_key *key)
{
	for (size_t i = org->key_count; i-- > 0;) {
		struct entry_key *old = &org->keys[i];

		if (is_same(old, key) ||
		    (old->use == key->use && key->state == KEY_NEXT &&
			old->state == KEY_NEXT))
			drop_key(org, i);
		else if (old->use == key->use && key->state == KEY_ACTIVE &&
		    old->state == KEY_ACTIVE)
			old->state = KEY_RETIRING;
	}
}

int
directory_edit_key(struct entry_org *org, const struct entry_key *key,
    struct error *err)
{
	struct entry_key copy = *key;
	struct entry_key *keys;

	copy.certificate = (struct bytes){ 0 };
	bytes_put(&copy.certificate, key->certificate.data,
	    key->certificate.len);
	keys = realloc(org->keys, (org->key_count + 1) * sizeof(*keys));
	if (keys != NULL)
		org->keys = keys;
	if (keys == NULL || copy.certificate.failed) {
		bytes_free(&copy.certificate);
		return error_set_memory(err);
	}
	make_room(org, &copy);
	if (org->key_count == ENTRY_KEYS_MAX) {
		bytes_free(&copy.certificate);
		return entry_malformed(err, org->code.text, "too many keys");
	}
	org->keys[org->key_count++] = copy;
	return 0;
}
