#include "directory/registration.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "json/json_decode.h"
#include "json/json_write.h"

enum { CODE_LEN = 16 };

static const char format[] = "yizhan-registration-1";

void
registration_free(struct registration *registration)
{
	if (registration->has_host)
		entry_host_free(&registration->host);
	if (registration->has_center)
		entry_center_free(&registration->center);
	for (size_t i = 0; i < registration->organisation_count; i++)
		entry_org_free(&registration->organisations[i]);
	free(registration->organisations);
	*registration = (struct registration){ .has_host = false };
}

int
registration_encode(const struct registration *registration, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", registration->environment);
	json_write_time(&writer, "made", registration->made_ms);
	json_write_digest(&writer, "proof", &registration->proof);
	json_write_begin_array(&writer, "hosts");
	if (registration->has_host)
		entry_host_encode(&registration->host, &writer);
	json_write_end(&writer);
	json_write_begin_array(&writer, "centers");
	if (registration->has_center)
		entry_center_encode(&registration->center, &writer);
	json_write_end(&writer);
	json_write_begin_array(&writer, "organisations");
	for (size_t i = 0; i < registration->organisation_count; i++)
		entry_org_encode(&registration->organisations[i], &writer);
	json_write_end(&writer);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

/* ---- decoding --------------------------------------------------------------- */

struct lists {
	struct registration *registration;
	char environment[REGISTRATION_ENVIRONMENT_SIZE];
	int64_t made_ms;
	struct digest proof;
	const struct json_value *hosts, *centers, *organisations;
};

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct lists, environment),
	    .size = REGISTRATION_ENVIRONMENT_SIZE },
	{ .name = "made",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct lists, made_ms) },
	{ .name = "proof",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct lists, proof) },
	{ .name = "hosts",
	    .kind = JSON_FIELD_VALUE,
	    .offset = offsetof(struct lists, hosts) },
	{ .name = "centers",
	    .kind = JSON_FIELD_VALUE,
	    .offset = offsetof(struct lists, centers) },
	{ .name = "organisations",
	    .kind = JSON_FIELD_VALUE,
	    .offset = offsetof(struct lists, organisations) },
};

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E7114", ERROR_MALFORMED, "%s", what);
}

static int
decode_hosts(const struct lists *lists, struct registration *to,
    struct error *err)
{
	if (!json_value_is_array(lists->hosts) ||
	    !json_value_is_array(lists->centers) ||
	    json_value_count(lists->hosts) + json_value_count(lists->centers) !=
		1)
		return malformed(err, "it is for one host or one center");
	if (json_value_count(lists->hosts) == 1) {
		if (entry_host_decode(json_value_item(lists->hosts, 0),
			&to->host, err) < 0)
			return -1;
		to->has_host = true;
		return to->host.tls_count > 0
		    ? 0
		    : malformed(err, "the host has no certificate");
	}
	if (entry_center_decode(json_value_item(lists->centers, 0), &to->center,
		err) < 0)
		return -1;
	to->has_center = true;
	return to->center.tls_count > 0
	    ? 0
	    : malformed(err, "the center has no certificate");
}

static int
check_org(const struct registration *to, const struct entry_org *org,
    struct error *err)
{
	for (size_t i = 0; i < to->organisation_count; i++)
		if (org_code_equal(&to->organisations[i].code, &org->code))
			return malformed(err, "an organisation twice");
	if (!to->has_host || !text_equal(to->host.name, org->host))
		return malformed(err, "an organisation of another host");
	if (org->status != ORG_ACTIVE || org->successor.text[0] != '\0')
		return malformed(err, "an organisation that is not active");
	return 0;
}

static int
decode_organisations(const struct lists *lists, struct registration *to,
    struct error *err)
{
	size_t count = json_value_count(lists->organisations);

	if (!json_value_is_array(lists->organisations) ||
	    count > REGISTRATION_ORGS_MAX)
		return malformed(err, "organisations is no list, or too long");
	to->organisations = calloc(count + 1, sizeof(*to->organisations));
	if (to->organisations == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct entry_org *org =
		    &to->organisations[to->organisation_count];

		if (entry_org_decode(json_value_item(lists->organisations, i),
			org, err) < 0)
			return -1;
		if (check_org(to, org, err) < 0) {
			entry_org_free(org);
			return -1;
		}
		to->organisation_count++;
	}
	return 0;
}

static int
decode(const struct json_value *root, struct registration *to,
    struct error *err)
{
	struct lists lists = { .registration = to };

	if (json_decode_value(root, fields, ARRAY_LEN(fields), &lists, err) < 0)
		return -1;
	memcpy(to->environment, lists.environment, sizeof(to->environment));
	to->made_ms = lists.made_ms;
	to->proof = lists.proof;
	return decode_hosts(&lists, to, err) < 0
	    ? -1
	    : decode_organisations(&lists, to, err);
}

int
registration_decode(const void *json, size_t len,
    struct registration *ret_registration, struct error *err)
{
	struct registration registration = { .has_host = false };
	struct json_document *document = NULL;
	struct error why = { 0 };
	int rc = json_read(json, len, REGISTRATION_MAX, &document, &why);

	if (rc == 0)
		rc = decode(json_root(document), &registration, &why);
	json_document_free(document);
	if (rc == 0) {
		*ret_registration = registration;
		return 0;
	}
	registration_free(&registration);
	if (why.code == ERROR_BUSY)
		*err = why;
	else
		error_set_id(err, "E7114", ERROR_MALFORMED, "%s", why.text);
	return -1;
}

/* ---- what it proves ------------------------------------------------------------ */

static bool
has_signed(const uint8_t *signers, size_t len, const struct bytes *certificate)
{
	struct digest fingerprint;

	sha256(certificate->data, certificate->len, &fingerprint);
	for (size_t at = 0; at + DIGEST_LEN <= len; at += DIGEST_LEN)
		if (memcmp(signers + at, fingerprint.bytes, DIGEST_LEN) == 0)
			return true;
	return false;
}

static const struct bytes *
tls_of(const struct registration *registration, size_t *ret_count)
{
	*ret_count = registration->has_host ? registration->host.tls_count
					    : registration->center.tls_count;
	return registration->has_host ? registration->host.tls
				      : registration->center.tls;
}

int
registration_check_signers(const struct registration *registration,
    const uint8_t *signers, size_t len, struct error *err)
{
	size_t count;
	const struct bytes *tls = tls_of(registration, &count);

	for (size_t i = 0; i < count; i++)
		if (!has_signed(signers, len, &tls[i]))
			return error_set_id(err, "E7114", ERROR_UNTRUSTED,
			    "a TLS key has not signed it");
	for (size_t i = 0; i < registration->organisation_count; i++) {
		const struct entry_org *org = &registration->organisations[i];

		for (size_t k = 0; k < org->key_count; k++)
			if (org->keys[k].use != KEY_SEAL &&
			    !has_signed(signers, len,
				&org->keys[k].certificate))
				return error_set_id(err, "E7114",
				    ERROR_UNTRUSTED,
				    "key %s of %s has not signed it",
				    key_use_name(org->keys[k].use),
				    org->code.text);
	}
	return 0;
}

void
registration_proof(const char *code, const struct registration *registration,
    struct digest *ret_proof)
{
	size_t count;
	const struct bytes *tls = tls_of(registration, &count);
	struct digest fingerprint = { { 0 } };
	struct sha256_part parts[] = {
		{ format, sizeof(format) },
		{ code, strlen(code) + 1 },
		{ fingerprint.bytes, DIGEST_LEN },
	};

	if (count > 0)
		sha256(tls[0].data, tls[0].len, &fingerprint);
	sha256_parts(parts, ARRAY_LEN(parts), ret_proof);
}

bool
registration_code_fold(const char *typed, char to[REGISTRATION_CODE_SIZE])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	size_t len = 0;

	for (; *typed != '\0'; typed++) {
		char c = *typed;

		if (c == ' ' || c == '-')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		c = (char)(c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c);
		if (strchr(digits, c) == NULL || len == CODE_LEN)
			return false;
		to[len++] = c;
	}
	to[len] = '\0';
	return len == CODE_LEN;
}
