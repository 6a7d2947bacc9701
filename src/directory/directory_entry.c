#include "directory/directory_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/der.h"
#include "directory/entry_internal.h"
#include "json/json_decode.h"
#include "model/revocation.h"

void
entry_org_free(struct entry_org *org)
{
	for (size_t i = 0; i < org->key_count; i++)
		bytes_free(&org->keys[i].certificate);
	free(org->keys);
	free(org->name);
	memset(org, 0, sizeof(*org));
}

static bool
copy_keys(const struct entry_org *org, struct entry_org *copy)
{
	copy->key_count = 0;
	copy->keys = NULL;
	if (org->key_count == 0)
		return true;
	copy->keys = calloc(org->key_count, sizeof(*copy->keys));
	if (copy->keys == NULL)
		return false;
	for (; copy->key_count < org->key_count; copy->key_count++) {
		const struct entry_key *from = &org->keys[copy->key_count];
		struct entry_key *to = &copy->keys[copy->key_count];

		*to = *from;
		to->certificate = (struct bytes){ 0 };
		bytes_put(&to->certificate, from->certificate.data,
		    from->certificate.len);
		if (to->certificate.failed)
			return false;
	}
	return true;
}

int
entry_org_copy(const struct entry_org *org, struct entry_org *ret_copy,
    struct error *err)
{
	struct entry_org copy = *org;
	bool has_keys = copy_keys(org, &copy);

	copy.name = text_dup(org->name);
	if (!has_keys || copy.name == NULL) {
		entry_org_free(&copy);
		return error_set_memory(err);
	}
	*ret_copy = copy;
	return 0;
}

int
entry_malformed(struct error *err, const char *about, const char *what)
{
	return error_set_id(err, "E7020", ERROR_MALFORMED, "%s: %s", about,
	    what);
}

int
entry_explain(struct error *err, const char *about)
{
	if (err->code == ERROR_MALFORMED)
		text_copy(err->id, sizeof(err->id), "E7020");
	return error_prefix(err, "%s", about);
}

bool
entry_is_der(const struct bytes *bytes)
{
	struct der der = der_of(bytes->data, bytes->len);

	der_take(&der, DER_SEQUENCE);
	return bytes->len > 0 && der_done(&der);
}

bool
entry_is_host_name(const char *name)
{
	for (const char *at = name; *at != '\0'; at++)
		if (!((*at >= 'a' && *at <= 'z') ||
			(*at >= '0' && *at <= '9') || *at == '-'))
			return false;
	return name[0] != '\0';
}

/* ---- organisations ------------------------------------------------------ */

static bool
parse_use(const char *text, void *field)
{
	return key_use_parse(text, field);
}

static bool
parse_state(const char *text, void *field)
{
	return key_state_parse(text, field);
}

static bool
parse_kind(const char *text, void *field)
{
	return org_kind_parse(text, field);
}

static bool
parse_status(const char *text, void *field)
{
	return org_status_parse(text, field);
}

static bool
parse_reason(const char *text, void *field)
{
	return revocation_reason_parse(text, field);
}

static const struct json_field revoked_fields[] = {
	{ .name = "reason",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct entry_revoked, reason),
	    .parse = parse_reason },
	{ .name = "at",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct entry_revoked, at_ms) },
};

static const struct json_field key_fields[] = {
	{ .name = "use",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct entry_key, use),
	    .parse = parse_use },
	{ .name = "state",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct entry_key, state),
	    .parse = parse_state },
	{ .name = "not_after",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct entry_key, not_after_ms) },
	{ .name = "certificate",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct entry_key, certificate),
	    .max = ENTRY_DER_MAX },
	{ .name = "revoked",
	    .kind = JSON_FIELD_OBJECT,
	    .offset = offsetof(struct entry_key, revoked),
	    .optional = true,
	    .fields = revoked_fields,
	    .field_count = ARRAY_LEN(revoked_fields) },
};

static const struct json_field accepts_fields[] = {
	{ .name = "letter_bytes",
	    .kind = JSON_FIELD_INT,
	    .size = sizeof(uint64_t),
	    .min = 0,
	    .max = INT64_MAX },
};

static const struct json_field org_fields[] = {
	{ .name = "code",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct entry_org, code) },
	{ .name = "name",
	    .kind = JSON_FIELD_TEXT_HEAP,
	    .offset = offsetof(struct entry_org, name),
	    .max = ENTRY_NAME_MAX },
	{ .name = "kind",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct entry_org, kind),
	    .parse = parse_kind },
	{ .name = "status",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct entry_org, status),
	    .parse = parse_status },
	{ .name = "center",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_org, center),
	    .size = ENTRY_HOST_SIZE },
	{ .name = "supervisor",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct entry_org, supervisor),
	    .may_empty = true },
	{ .name = "successor",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct entry_org, successor),
	    .may_empty = true },
	{ .name = "host",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_org, host),
	    .size = ENTRY_HOST_SIZE },
	{ .name = "accepts",
	    .kind = JSON_FIELD_OBJECT,
	    .offset = offsetof(struct entry_org, accepts_letter_bytes),
	    .fields = accepts_fields,
	    .field_count = 1 },
	{ .name = "keys",
	    .kind = JSON_FIELD_LIST,
	    .offset = offsetof(struct entry_org, keys),
	    .count_offset = offsetof(struct entry_org, key_count),
	    .size = sizeof(struct entry_key),
	    .max = ENTRY_KEYS_MAX,
	    .fields = key_fields,
	    .field_count = ARRAY_LEN(key_fields) },
};

static int
check_org(const struct entry_org *org, struct error *err)
{
	const char *about = org->code.text;
	int count[KEY_USE_COUNT][KEY_STATE_COUNT] = { { 0 } };

	if (org->name[0] == '\0')
		return entry_malformed(err, about, "no name");
	if ((org->center[0] != '\0' && !entry_is_host_name(org->center)) ||
	    (org->host[0] != '\0' && !entry_is_host_name(org->host)))
		return entry_malformed(err, about, "name of center or host");
	if (org_code_equal(&org->code, &org->supervisor))
		return entry_malformed(err, about, "supervises itself");
	if (org->successor.text[0] != '\0' && org->status != ORG_DISSOLVED)
		return entry_malformed(err, about,
		    "has a successor and is not dissolved");
	for (size_t i = 0; i < org->key_count; i++) {
		const struct entry_key *key = &org->keys[i];

		if (!entry_is_der(&key->certificate))
			return entry_malformed(err, about,
			    "certificate is not DER");
		if (key->revoked.at_ms != 0 && key->state != KEY_REVOKED)
			return entry_malformed(err, about,
			    "says when a key was revoked that is not");
		count[key->use][key->state]++;
	}
	for (int use = 0; use < KEY_USE_COUNT; use++)
		if (count[use][KEY_ACTIVE] > 1 || count[use][KEY_NEXT] > 1)
			return entry_malformed(err, about,
			    "two active or two next keys of one use");
	return 0;
}

int
entry_org_decode(const struct json_value *value, struct entry_org *ret_org,
    struct error *err)
{
	struct entry_org org = { .name = NULL };

	if (json_decode_value(value, org_fields,
		sizeof(org_fields) / sizeof(org_fields[0]), &org, err) < 0) {
		entry_explain(err,
		    org.code.text[0] != '\0' ? org.code.text : "organisation");
		entry_org_free(&org);
		return -1;
	}
	if (check_org(&org, err) < 0) {
		entry_org_free(&org);
		return -1;
	}
	*ret_org = org;
	return 0;
}

int
entry_org_parse(const void *json, size_t len, struct entry_org *ret_org,
    struct error *err)
{
	struct json_document *document = NULL;
	int rc;

	if (json_read(json, len, len, &document, err) < 0)
		return entry_explain(err, "organisation");
	rc = entry_org_decode(json_root(document), ret_org, err);
	json_document_free(document);
	return rc;
}

int
entry_org_parse_code(const void *json, size_t len, struct org_code *ret_code,
    struct error *err)
{
	struct entry_org org;

	if (entry_org_parse(json, len, &org, err) < 0)
		return -1;
	*ret_code = org.code;
	entry_org_free(&org);
	return 0;
}
