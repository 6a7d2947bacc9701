#include "envelope/keypart.h"

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/sha256.h"
#include "envelope/envelope_field.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-key-1";
static const char commitment_label[] = "yizhan-commitment-1";

int
keypart_encode(const struct keypart *part, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	/* All room at once: growing would leave copies of the key behind. */
	if (bytes_extend(to, KEYPART_MAX) != NULL)
		to->len -= KEYPART_MAX;
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_digest(&writer, "head", &part->head);
	json_write_org(&writer, "recipient", &part->recipient);
	json_write_hex(&writer, "key", part->key.bytes, SECRET_KEY_LEN);
	json_write_hex(&writer, "random", part->random, KEYPART_RANDOM_LEN);
	json_write_digest(&writer, "package", &part->package);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "head",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct keypart, head) },
	{ .name = "recipient",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct keypart, recipient) },
	{ .name = "key",
	    .kind = JSON_FIELD_HEX,
	    .offset = offsetof(struct keypart, key),
	    .size = SECRET_KEY_LEN },
	{ .name = "random",
	    .kind = JSON_FIELD_HEX,
	    .offset = offsetof(struct keypart, random),
	    .size = KEYPART_RANDOM_LEN },
	{ .name = "package",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct keypart, package) },
};

int
keypart_decode(const void *json, size_t len, struct keypart *ret_part,
    struct error *err)
{
	struct keypart part = { 0 };
	struct error why = { 0 };
	int rc = json_decode(json, len, KEYPART_MAX, fields, ARRAY_LEN(fields),
	    &part, &why);

	if (rc == 0)
		*ret_part = part;
	else if (why.code == ERROR_MALFORMED)
		/* The reader's text may quote what it read. */
		error_set_id(err, "E3103", ERROR_MALFORMED,
		    "content of a key part is malformed");
	else
		*err = why;
	secret_wipe(&part, sizeof(part));
	secret_wipe(&why, sizeof(why));
	return rc;
}

struct digest
keypart_commitment(const struct keypart *part)
{
	/* The label's NUL is the 0x00 that follows it. */
	const struct sha256_part parts[] = {
		{ commitment_label, sizeof(commitment_label) },
		{ part->random, KEYPART_RANDOM_LEN },
		{ part->key.bytes, SECRET_KEY_LEN },
		{ part->package.bytes, DIGEST_LEN },
	};
	struct digest digest;

	sha256_parts(parts, ARRAY_LEN(parts), &digest);
	return digest;
}
