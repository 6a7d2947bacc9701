#include "bulletin/root.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root_internal.h"
#include "crypto/cert.h"
#include "crypto/sha256.h"
#include "json/json_decode.h"
#include "json/json_write.h"

/* `root` first, so that a pointer to it is one to what is being decoded. */
struct decoding {
	struct root root;
	const struct json_value *roles;
	struct bytes *certificates;
	struct bytes *anchors;
	uint32_t quorum;
};

void
root_free(struct root *root)
{
	for (size_t i = 0; i < root->certificate_count; i++)
		bytes_free(&root->certificates[i]);
	for (size_t i = 0; i < root->anchor_count; i++)
		bytes_free(&root->anchors[i]);
	for (size_t i = 0; i < root->stamper_count; i++)
		bytes_free(&root->stampers[i].certificate);
	free(root->stampers);
	free(root->scopes);
	free(root->certificates);
	free(root->anchors);
	free(root->roles);
	memset(root, 0, sizeof(*root));
}

static int
malformed(struct error *err, const char *what, const char *about)
{
	return error_set_id(err, "E7001", ERROR_MALFORMED, "root: %s%s", what,
	    about);
}

/* Where it was that decoding failed. */
static int
explain(struct error *err, const char *where)
{
	if (err->code == ERROR_MALFORMED)
		text_copy(err->id, sizeof(err->id), "E7001");
	return error_prefix(err, "root, %s", where);
}

int
root_parse_der(const char *text, struct bytes *der, struct error *err)
{
	struct cert *cert = NULL;

	if (base64_parse(text, strlen(text), der, err) < 0)
		return malformed(err, "certificate: ", "base64");
	if (cert_parse(der->data, der->len, &cert, err) < 0)
		return malformed(err, "certificate: ", "not DER");
	cert_free(cert);
	return 0;
}

/* Append one to a list of at most `max`. */
static int
take_der(const struct json_value *value, struct bytes **list, size_t *count,
    size_t max, struct error *err)
{
	const char *text = json_value_text(value);
	struct bytes *der;

	if (text == NULL || *count == max)
		return malformed(err, "certificates: too many, or no text", "");
	if (*list == NULL) {
		*list = calloc(max, sizeof(**list));
		if (*list == NULL)
			return error_set_memory(err);
	}
	der = &(*list)[(*count)++]; /* counts at once: it is to be freed */
	return root_parse_der(text, der, err);
}

static int
take_certificate(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct root *root = field;

	(void)index;
	return take_der(value, &root->certificates, &root->certificate_count,
	    ROOT_CERTIFICATES_MAX, err);
}

static int
take_anchor(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct root *root = field;

	(void)index;
	return take_der(value, &root->anchors, &root->anchor_count,
	    ROOT_ANCHORS_MAX, err);
}

static int
check_witness(const struct root *root, size_t count,
    const struct root_witness *witness, struct error *err)
{
	if (witness->name[0] == '\0' || witness->authority[0] == '\0')
		return malformed(err, "witness without name or authority", "");
	for (size_t i = 0; i < count; i++)
		if (text_equal(root->witnesses[i].name, witness->name) ||
		    memcmp(root->witnesses[i].key, witness->key,
			sizeof(witness->key)) == 0)
			return malformed(err, "witness twice: ", witness->name);
	return 0;
}

static int
take_witness(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "name",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct root_witness, name),
		    .size = BULLETIN_NAME_SIZE },
		{ .name = "authority",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct root_witness, authority),
		    .size = ROOT_AUTHORITY_SIZE },
		{ .name = "key",
		    .kind = JSON_FIELD_HEX,
		    .offset = offsetof(struct root_witness, key),
		    .size = 32 },
	};
	struct root *root = field;
	struct root_witness *witness = &root->witnesses[index];

	if (index >= ROOT_WITNESSES_MAX)
		return malformed(err, "too many witnesses", "");
	if (json_decode_value(value, fields, ARRAY_LEN(fields), witness, err) <
	    0)
		return explain(err, "witnesses");
	root->witness_count = index + 1;
	return check_witness(root, index, witness, err);
}

size_t
root_authorities(const struct root *root, const bool *is_counted)
{
	size_t count = 0;

	for (size_t i = 0; i < root->witness_count; i++) {
		bool is_first = is_counted == NULL || is_counted[i];

		for (size_t k = 0; k < i && is_first; k++)
			is_first = (is_counted != NULL && !is_counted[k]) ||
			    !text_equal(root->witnesses[k].authority,
				root->witnesses[i].authority);
		count += is_first;
	}
	return count;
}

const struct bytes *
root_certificate(const struct root *root, const struct digest *fingerprint)
{
	for (size_t i = 0; i < root->certificate_count; i++) {
		struct digest found;

		sha256(root->certificates[i].data, root->certificates[i].len,
		    &found);
		if (digest_equal(&found, fingerprint))
			return &root->certificates[i];
	}
	return NULL;
}

/*
 * Two certificates of one person, by the key or by the name: a threshold
 * counts persons.
 */
static bool
is_same_person(const struct cert *a, const struct cert *b)
{
	size_t a_len, b_len;
	const uint8_t *a_key = cert_spki_der(a, &a_len);
	const uint8_t *b_key = cert_spki_der(b, &b_len);

	if (a_len == b_len && memcmp(a_key, b_key, a_len) == 0)
		return true;
	a_key = cert_subject_der(a, &a_len);
	b_key = cert_subject_der(b, &b_len);
	return a_len == b_len && memcmp(a_key, b_key, a_len) == 0;
}

static int
check_persons(const struct root *root, const struct root_role *role,
    struct error *err)
{
	struct cert *certs[BULLETIN_SIGNERS_MAX] = { 0 };
	int rc = 0;

	for (size_t i = 0; i < role->keys.certificate_count && rc == 0; i++) {
		const struct bytes *der =
		    root_certificate(root, &role->keys.certificates[i]);

		rc = der == NULL
		    ? malformed(err, "role with an unknown key: ", role->name)
		    : cert_parse(der->data, der->len, &certs[i], err);
		for (size_t k = 0; k < i && rc == 0; k++)
			if (is_same_person(certs[i], certs[k]))
				rc = malformed(err,
				    "one person twice: ", role->name);
	}
	for (size_t i = 0; i < role->keys.certificate_count; i++)
		cert_free(certs[i]);
	return rc;
}

static int
take_fingerprint(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct bulletin_role *keys = field;
	const char *text = json_value_text(value);
	struct digest digest;

	if (index >= BULLETIN_SIGNERS_MAX || text == NULL ||
	    !digest_parse(text, &digest))
		return malformed(err, "role: certificates", "");
	for (size_t i = 0; i < index; i++)
		if (digest_equal(&keys->certificates[i], &digest))
			return malformed(err, "role: a key twice", "");
	keys->certificates[index] = digest;
	keys->certificate_count = index + 1;
	return 0;
}

static bool
role_name_fits(const char *name)
{
	enum bulletin_type type;
	static const char *const named[] = { "access/", "hold/" };

	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (text_starts(name, named[i]))
			return name[strlen(named[i])] != '\0';
	return bulletin_type_parse(name, &type) && type != BULLETIN_ACCESS;
}

static int
check_role(const struct root *root, const struct root_role *role,
    struct error *err)
{
	if (role->keys.threshold > role->keys.certificate_count)
		return malformed(err, "threshold cannot be met: ", role->name);
	return check_persons(root, role, err);
}

static int
take_role(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "threshold",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct bulletin_role, threshold),
		    .size = sizeof(uint32_t),
		    .min = 1,
		    .max = BULLETIN_SIGNERS_MAX },
		{ .name = "certificates",
		    .kind = JSON_FIELD_EACH,
		    .item = take_fingerprint },
	};
	struct root *root = context;
	struct root_role *role;

	if (root->role_count == ROOT_ROLES_MAX)
		return malformed(err, "too many roles", "");
	role = &root->roles[root->role_count];
	if (!role_name_fits(key) ||
	    !text_copy(role->name, sizeof(role->name), key))
		return malformed(err, "unknown role: ", key);
	if (json_decode_value(value, fields, 2, &role->keys, err) < 0)
		return explain(err, key);
	root->role_count++;
	return check_role(root, role, err);
}

static int
decode(const struct bulletin *bulletin, struct root *root, struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "roles",
		    .kind = JSON_FIELD_VALUE,
		    .offset = offsetof(struct decoding, roles) },
		{ .name = "certificates",
		    .kind = JSON_FIELD_EACH,
		    .item = take_certificate },
		{ .name = "anchors",
		    .kind = JSON_FIELD_EACH,
		    .item = take_anchor },
		{ .name = "witnesses",
		    .kind = JSON_FIELD_EACH,
		    .item = take_witness },
		{ .name = "quorum",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct decoding, quorum),
		    .size = sizeof(uint32_t),
		    .min = 0,
		    .max = ROOT_WITNESSES_MAX },
		{ .name = "stampers",
		    .kind = JSON_FIELD_EACH,
		    .item = root_take_stamper,
		    .optional = true },
		{ .name = "scopes",
		    .kind = JSON_FIELD_EACH,
		    .item = root_take_scope,
		    .optional = true },
	};
	struct decoding decoding = { .root = { 0 } };
	int rc;

	rc = json_decode_value(bulletin->body, fields,
	    sizeof(fields) / sizeof(fields[0]), &decoding, err);
	*root = decoding.root;
	if (rc < 0)
		return explain(err, "body");
	root->quorum = decoding.quorum;
	if (root->quorum > root_authorities(root, NULL))
		return malformed(err, "quorum cannot be met", "");
	root->serial = bulletin->serial;
	root->roles = calloc(ROOT_ROLES_MAX, sizeof(*root->roles));
	if (root->roles == NULL)
		return error_set_memory(err);
	if (!json_value_is_object(decoding.roles))
		return malformed(err, "roles: ", "no object");
	if (json_value_each(decoding.roles, take_role, root, err) < 0)
		return -1;
	if (root_check_scopes(root, err) < 0)
		return -1;
	if (root->anchor_count == 0 ||
	    root_role_of(root, BULLETIN_ROOT, "") == NULL)
		return malformed(err, "no anchor, or no role for root", "");
	return 0;
}

int
root_decode(const struct bulletin *bulletin, struct root *ret_root,
    struct error *err)
{
	struct root root = { 0 };

	if (bulletin->type != BULLETIN_ROOT)
		return malformed(err, "a bulletin of another type", "");
	if (decode(bulletin, &root, err) < 0) {
		root_free(&root);
		return -1;
	}
	*ret_root = root;
	return 0;
}

static void
encode_list(struct json_writer *writer, const char *key,
    const struct bytes *list, size_t count)
{
	json_write_begin_array(writer, key);
	for (size_t i = 0; i < count; i++)
		json_write_base64(writer, NULL, list[i].data, list[i].len);
	json_write_end(writer);
}

static void
encode_role(struct json_writer *writer, const struct root_role *role)
{
	json_write_begin_object(writer, role->name);
	json_write_int(writer, "threshold", role->keys.threshold);
	json_write_begin_array(writer, "certificates");
	for (size_t i = 0; i < role->keys.certificate_count; i++)
		json_write_digest(writer, NULL, &role->keys.certificates[i]);
	json_write_end(writer);
	json_write_end(writer);
}

void
root_encode(const struct root *root, struct json_writer *writer)
{
	json_write_begin_object(writer, "roles");
	for (size_t i = 0; i < root->role_count; i++)
		encode_role(writer, &root->roles[i]);
	json_write_end(writer);
	encode_list(writer, "certificates", root->certificates,
	    root->certificate_count);
	encode_list(writer, "anchors", root->anchors, root->anchor_count);
	json_write_begin_array(writer, "witnesses");
	for (size_t i = 0; i < root->witness_count; i++) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", root->witnesses[i].name);
		json_write_text(writer, "authority",
		    root->witnesses[i].authority);
		json_write_hex(writer, "key", root->witnesses[i].key, 32);
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_int(writer, "quorum", root->quorum);
	root_encode_scopes(root, writer);
	root_encode_stampers(root, writer);
}

const struct bulletin_role *
root_role_of(const struct root *root, enum bulletin_type type, const char *name)
{
	const char *of = bulletin_type_name(type);
	size_t len = strlen(of);

	for (size_t i = 0; i < root->role_count; i++) {
		const char *role = root->roles[i].name;

		if (text_starts(role, of) &&
		    (name[0] == '\0' ? role[len] == '\0'
				     : role[len] == '/' &&
				text_equal(role + len + 1, name)))
			return &root->roles[i].keys;
	}
	return NULL;
}

/* What a root must be besides well signed. */
static int
check_succession(const struct bulletin *bulletin, const struct root *old,
    const struct digest *pin, struct error *err)
{
	if (old == NULL && !digest_equal(&bulletin->digest, pin))
		return error_set_id(err, "E7004", ERROR_UNTRUSTED,
		    "root: not the one that is configured");
	if (old != NULL && bulletin->serial != old->serial + 1)
		return error_set_id(err, "E7005", ERROR_UNTRUSTED,
		    "root: serial %llu does not follow %llu",
		    (unsigned long long)bulletin->serial,
		    (unsigned long long)old->serial);
	return 0;
}

int
root_verify(struct cert_cache *cache, const void *cms, size_t len,
    const struct root *old, const struct digest *pin,
    struct bulletin *ret_bulletin, struct root *ret_root, struct error *err)
{
	struct bulletin bulletin = { 0 };
	struct bulletin_signers signers;
	struct root root = { 0 };

	if (bulletin_open(cache, cms, len, &bulletin, &signers, err) < 0 ||
	    root_decode(&bulletin, &root, err) < 0 ||
	    bulletin_check_role(&signers,
		root_role_of(&root, BULLETIN_ROOT, ""), err) < 0 ||
	    (old != NULL &&
		bulletin_check_role(&signers,
		    root_role_of(old, BULLETIN_ROOT, ""), err) < 0) ||
	    check_succession(&bulletin, old, pin, err) < 0) {
		bulletin_free(&bulletin);
		root_free(&root);
		return -1;
	}
	*ret_bulletin = bulletin;
	*ret_root = root;
	return 0;
}
