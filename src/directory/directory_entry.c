#include "directory/directory_entry.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/der.h"
#include "json/json_decode.h"

enum { DER_MAX = 16384 };

void
entry_org_free(struct entry_org *org)
{
	for (size_t i = 0; i < org->key_count; i++)
		bytes_free(&org->keys[i].certificate);
	free(org->keys);
	free(org->name);
	memset(org, 0, sizeof(*org));
}

static void
free_list(struct bytes *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes_free(&list[i]);
	free(list);
}

void
entry_center_free(struct entry_center *center)
{
	free_list(center->tls, center->tls_count);
	bytes_free(&center->log);
	memset(center, 0, sizeof(*center));
}

void
entry_host_free(struct entry_host *host)
{
	free_list(host->tls, host->tls_count);
	free(host->codes);
	memset(host, 0, sizeof(*host));
}

static int
malformed(struct error *err, const char *about, const char *what)
{
	return error_set_id(err, "E7020", ERROR_MALFORMED, "%s: %s", about,
	    what);
}

/* After json_decode_value() failed. */
static int
explain(struct error *err, const char *about)
{
	if (err->code == ERROR_MALFORMED)
		text_copy(err->id, sizeof(err->id), "E7020");
	return error_prefix(err, "%s", about);
}

/*
 * One DER element and nothing more.  Whether it is a good certificate is asked
 * when it is used: decoding all of a country's would take too long here.
 */
static bool
is_der(const struct bytes *bytes)
{
	struct der der = der_of(bytes->data, bytes->len);

	der_take(&der, DER_SEQUENCE);
	return bytes->len > 0 && der_done(&der);
}

static bool
is_host_name(const char *name)
{
	for (const char *at = name; *at != '\0'; at++)
		if (!((*at >= 'a' && *at <= 'z') ||
			(*at >= '0' && *at <= '9') || *at == '-'))
			return false;
	return name[0] != '\0';
}

static bool
is_address(const char *text)
{
	uint8_t to[16];

	return inet_pton(AF_INET, text, to) == 1 ||
	    inet_pton(AF_INET6, text, to) == 1;
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
	    .max = DER_MAX },
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
	    .field_count = 4 },
};

static int
check_org(const struct entry_org *org, struct error *err)
{
	const char *about = org->code.text;
	int count[KEY_USE_COUNT][KEY_STATE_COUNT] = { { 0 } };

	if (org->name[0] == '\0')
		return malformed(err, about, "no name");
	if ((org->center[0] != '\0' && !is_host_name(org->center)) ||
	    (org->host[0] != '\0' && !is_host_name(org->host)))
		return malformed(err, about, "name of center or host");
	if (org_code_equal(&org->code, &org->supervisor))
		return malformed(err, about, "supervises itself");
	for (size_t i = 0; i < org->key_count; i++) {
		const struct entry_key *key = &org->keys[i];

		if (!is_der(&key->certificate))
			return malformed(err, about, "certificate is not DER");
		count[key->use][key->state]++;
	}
	for (int use = 0; use < KEY_USE_COUNT; use++)
		if (count[use][KEY_ACTIVE] > 1 || count[use][KEY_NEXT] > 1)
			return malformed(err, about,
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
		explain(err,
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

/* ---- centers and hosts -------------------------------------------------- */

static bool
parse_center_kind(const char *text, void *field)
{
	return center_kind_parse(text, field);
}

static bool
parse_conformance(const char *text, void *field)
{
	return center_conformance_parse(text, field);
}

/* Append to a list of TLS certificates. */
static int
take_tls(const struct json_value *value, size_t index, struct bytes **list,
    size_t *count, struct error *err)
{
	const char *text = json_value_text(value);

	if (text == NULL || index >= ENTRY_TLS_MAX)
		return malformed(err, "tls", "too many, or no text");
	if (*list == NULL) {
		*list = calloc(ENTRY_TLS_MAX, sizeof(**list));
		if (*list == NULL)
			return error_set_memory(err);
	}
	*count = index + 1;
	if (base64_parse(text, strlen(text), &(*list)[index], err) < 0)
		return malformed(err, "tls", "not base64");
	if ((*list)[index].len > DER_MAX || !is_der(&(*list)[index]))
		return malformed(err, "tls", "certificate is not DER");
	return 0;
}

static int
take_center_tls(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct entry_center *center = field;

	return take_tls(value, index, &center->tls, &center->tls_count, err);
}

static int
take_host_tls(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct entry_host *host = field;

	return take_tls(value, index, &host->tls, &host->tls_count, err);
}

static int
take_code(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct entry_host *host = field;
	const char *text = json_value_text(value);

	if (index >= ENTRY_CODES_MAX)
		return malformed(err, "codes", "too many");
	/* Doubles whenever the count is a power of two. */
	if ((index & (index + 1)) == 0 || host->codes == NULL) {
		struct org_code *codes =
		    realloc(host->codes, (index + 1) * 2 * sizeof(*codes));

		if (codes == NULL)
			return error_set_memory(err);
		host->codes = codes;
	}
	if (text == NULL || !org_code_parse(text, &host->codes[index]))
		return malformed(err, "codes", "not a code");
	host->code_count = index + 1;
	return 0;
}

/* The first of them are those of a management host as well. */
enum { MANAGEMENT_FIELDS = 4 };

static const struct json_field center_fields[] = {
	{ .name = "name",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_center, name),
	    .size = ENTRY_HOST_SIZE },
	{ .name = "address",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_center, address),
	    .size = ENTRY_ADDRESS_SIZE },
	{ .name = "port",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct entry_center, port),
	    .size = sizeof(uint16_t),
	    .min = 1,
	    .max = UINT16_MAX },
	{ .name = "tls", .kind = JSON_FIELD_EACH, .item = take_center_tls },
	{ .name = "kind",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct entry_center, kind),
	    .parse = parse_center_kind },
	{ .name = "conformance",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct entry_center, conformance),
	    .parse = parse_conformance },
	{ .name = "log",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct entry_center, log),
	    .max = DER_MAX },
	{ .name = "origin",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_center, origin),
	    .size = ENTRY_ORIGIN_SIZE },
};

static const struct json_field host_fields[] = {
	{ .name = "name",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_host, name),
	    .size = ENTRY_HOST_SIZE },
	{ .name = "address",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_host, address),
	    .size = ENTRY_ADDRESS_SIZE },
	{ .name = "tls", .kind = JSON_FIELD_EACH, .item = take_host_tls },
	{ .name = "codes", .kind = JSON_FIELD_EACH, .item = take_code },
};

static int
check_host(const char *name, const char *address, size_t tls_count,
    struct error *err)
{
	if (!is_host_name(name))
		return malformed(err, name, "not a host name");
	if (!is_address(address))
		return malformed(err, name, "not an IP address");
	if (tls_count == 0)
		return malformed(err, name, "no TLS certificate");
	return 0;
}

static int
decode_center(const struct json_value *value, size_t fields,
    struct entry_center *ret_center, struct error *err)
{
	struct entry_center center = { .tls = NULL };
	int rc = -1;

	if (json_decode_value(value, center_fields, fields, &center, err) < 0) {
		explain(err, center.name[0] != '\0' ? center.name : "center");
		goto done;
	}
	if (check_host(center.name, center.address, center.tls_count, err) < 0)
		goto done;
	if (fields > MANAGEMENT_FIELDS &&
	    (!is_der(&center.log) || center.origin[0] == '\0')) {
		malformed(err, center.name, "log key or origin");
		goto done;
	}
	*ret_center = center;
	memset(&center, 0, sizeof(center));
	rc = 0;
done:
	entry_center_free(&center);
	return rc;
}

int
entry_center_decode(const struct json_value *value,
    struct entry_center *ret_center, struct error *err)
{
	return decode_center(value,
	    sizeof(center_fields) / sizeof(center_fields[0]), ret_center, err);
}

int
entry_management_decode(const struct json_value *value,
    struct entry_center *ret_management, struct error *err)
{
	return decode_center(value, MANAGEMENT_FIELDS, ret_management, err);
}

int
entry_host_decode(const struct json_value *value, struct entry_host *ret_host,
    struct error *err)
{
	struct entry_host host = { .tls = NULL };

	if (json_decode_value(value, host_fields,
		sizeof(host_fields) / sizeof(host_fields[0]), &host, err) < 0) {
		explain(err, host.name[0] != '\0' ? host.name : "host");
		entry_host_free(&host);
		return -1;
	}
	if (check_host(host.name, host.address, host.tls_count, err) < 0) {
		entry_host_free(&host);
		return -1;
	}
	*ret_host = host;
	return 0;
}
