#include "bulletin/bulletin.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "json/json_decode.h"

static const struct {
	const char *name;
	size_t bytes_max;
} types[BULLETIN_TYPE_COUNT] = {
	[BULLETIN_ROOT] = { "root", 1u << 20 },
	[BULLETIN_DIRECTORY] = { "directory", 256u << 20 },
	[BULLETIN_NETWORK] = { "network", 4u << 20 },
	[BULLETIN_ACCESS] = { "access", 64u << 20 },
	[BULLETIN_TIMESTAMP] = { "timestamp", 1u << 20 },
	[BULLETIN_RELEASE] = { "release", 4u << 20 },
	[BULLETIN_BASELINE] = { "baseline", 4u << 20 },
	[BULLETIN_NOTICE] = { "notice", 4u << 20 },
	[BULLETIN_RULES] = { "rules", 1u << 20 },
	[BULLETIN_FORMS] = { "forms", 4u << 20 },
	[BULLETIN_HOLD] = { "hold", 1u << 20 },
	[BULLETIN_SUSPENSION] = { "suspension", 4u << 20 },
	[BULLETIN_RESTORATION] = { "restoration", 4u << 20 },
};

const char *
bulletin_type_name(enum bulletin_type type)
{
	return types[type].name;
}

bool
bulletin_type_enlarges(enum bulletin_type type)
{
	return type == BULLETIN_DIRECTORY || type == BULLETIN_NETWORK ||
	    type == BULLETIN_ACCESS || type == BULLETIN_RELEASE;
}

bool
bulletin_type_parse(const char *name, enum bulletin_type *ret_type)
{
	for (int i = 0; i < BULLETIN_TYPE_COUNT; i++) {
		if (text_equal(types[i].name, name)) {
			*ret_type = (enum bulletin_type)i;
			return true;
		}
	}
	return false;
}

size_t
bulletin_bytes_max(enum bulletin_type type)
{
	return types[type].bytes_max;
}

void
bulletin_free(struct bulletin *bulletin)
{
	json_document_free(bulletin->document);
	bytes_free(&bulletin->json);
	memset(bulletin, 0, sizeof(*bulletin));
}

static bool
parse_type(const char *text, void *field)
{
	return bulletin_type_parse(text, field);
}

/*
 * Names of centers: an access list has one, and a hold by an exchange authority;
 * the other types have none.
 */
static bool
name_fits(const struct bulletin *bulletin)
{
	if (bulletin->name[0] == '\0')
		return bulletin->type != BULLETIN_ACCESS;
	if (bulletin->type != BULLETIN_ACCESS &&
	    bulletin->type != BULLETIN_HOLD)
		return false;
	for (const char *at = bulletin->name; *at != '\0'; at++)
		if (!((*at >= 'a' && *at <= 'z') ||
			(*at >= '0' && *at <= '9') || *at == '-'))
			return false;
	return true;
}

static int
check(const struct bulletin *bulletin, struct error *err)
{
	if (bulletin->json.len > bulletin_bytes_max(bulletin->type))
		return error_set(err, ERROR_MALFORMED,
		    "%zu bytes are too many for its type", bulletin->json.len);
	if (!name_fits(bulletin))
		return error_set(err, ERROR_MALFORMED,
		    "its name does not fit its type");
	if (bulletin->expires_ms <= bulletin->issued_ms)
		return error_set(err, ERROR_MALFORMED,
		    "it expires before it is issued");
	if (!json_value_is_object(bulletin->body))
		return error_set(err, ERROR_MALFORMED, "its body is no object");
	return 0;
}

static int
decode(struct bulletin *bulletin, struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "format",
		    .kind = JSON_FIELD_FORMAT,
		    .format = "yizhan-bulletin-1" },
		{ .name = "environment",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct bulletin, environment),
		    .size = BULLETIN_ENVIRONMENT_SIZE },
		{ .name = "type",
		    .kind = JSON_FIELD_PARSED,
		    .offset = offsetof(struct bulletin, type),
		    .parse = parse_type },
		{ .name = "name",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct bulletin, name),
		    .size = BULLETIN_NAME_SIZE },
		{ .name = "serial",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct bulletin, serial),
		    .size = sizeof(uint64_t),
		    .min = 1,
		    .max = INT64_MAX },
		{ .name = "issued",
		    .kind = JSON_FIELD_TIME,
		    .offset = offsetof(struct bulletin, issued_ms) },
		{ .name = "expires",
		    .kind = JSON_FIELD_TIME,
		    .offset = offsetof(struct bulletin, expires_ms) },
		{ .name = "previous",
		    .kind = JSON_FIELD_DIGEST,
		    .offset = offsetof(struct bulletin, previous),
		    .may_empty = true },
		{ .name = "body",
		    .kind = JSON_FIELD_VALUE,
		    .offset = offsetof(struct bulletin, body) },
	};

	if (json_read(bulletin->json.data, bulletin->json.len,
		types[BULLETIN_DIRECTORY].bytes_max, &bulletin->document,
		err) < 0)
		return -1;
	if (json_decode_value(json_root(bulletin->document), fields,
		sizeof(fields) / sizeof(fields[0]), bulletin, err) < 0)
		return -1;
	return check(bulletin, err);
}

int
bulletin_parse(const void *json, size_t len, struct bulletin *ret_bulletin,
    struct error *err)
{
	struct bulletin bulletin = { 0 };

	bytes_put(&bulletin.json, json, len);
	if (bytes_failed(&bulletin.json, err) < 0 ||
	    decode(&bulletin, err) < 0) {
		bulletin_free(&bulletin);
		if (err->code == ERROR_MALFORMED)
			text_copy(err->id, sizeof(err->id), "E7001");
		return error_prefix(err, "bulletin");
	}
	sha256(json, len, &bulletin.digest);
	*ret_bulletin = bulletin;
	return 0;
}

int
bulletin_open(struct cert_cache *cache, const void *cms, size_t len,
    struct bulletin *ret_bulletin, struct bulletin_signers *ret_signers,
    struct error *err)
{
	struct bulletin_signers signers = { .count = 0 };
	struct signed_object object;

	if (len > types[BULLETIN_DIRECTORY].bytes_max)
		return error_set_id(err, "E7001", ERROR_MALFORMED,
		    "bulletin of %zu bytes", len);
	if (signed_verify(cache, cms, len, BULLETIN_SIGNERS_MAX, &object, err) <
	    0) {
		text_copy(err->id, sizeof(err->id),
		    err->code == ERROR_MALFORMED       ? "E7001"
			: err->code == ERROR_UNTRUSTED ? "E7002"
						       : "");
		return error_prefix(err, "bulletin");
	}
	if (object.content == NULL)
		return error_set_id(err, "E7001", ERROR_MALFORMED,
		    "bulletin without content");
	for (size_t i = 0; i < object.count; i++)
		signers.fingerprints[i] = object.by[i].fingerprint;
	signers.count = object.count;
	if (bulletin_parse(object.content, object.content_len, ret_bulletin,
		err) < 0)
		return -1;
	*ret_signers = signers;
	return 0;
}

static bool
has_signed(const struct bulletin_signers *signers, const struct digest *key)
{
	for (size_t i = 0; i < signers->count; i++)
		if (digest_equal(&signers->fingerprints[i], key))
			return true;
	return false;
}

int
bulletin_check_role(const struct bulletin_signers *signers,
    const struct bulletin_role *role, struct error *err)
{
	uint32_t count = 0;

	/* Over the role's keys, so that one that signed twice counts once. */
	for (size_t i = 0; i < role->certificate_count; i++)
		count += has_signed(signers, &role->certificates[i]);
	if (count < role->threshold)
		return error_set_id(err, "E7003", ERROR_UNTRUSTED,
		    "bulletin: %u of %u signatures that it needs", count,
		    role->threshold);
	return 0;
}

int
bulletin_verify(struct cert_cache *cache, const void *cms, size_t len,
    const struct bulletin_role *role, struct bulletin *ret_bulletin,
    struct error *err)
{
	struct bulletin bulletin = { 0 };
	struct bulletin_signers signers;

	if (bulletin_open(cache, cms, len, &bulletin, &signers, err) < 0)
		return -1;
	if (bulletin_check_role(&signers, role, err) < 0) {
		bulletin_free(&bulletin);
		return -1;
	}
	*ret_bulletin = bulletin;
	return 0;
}
