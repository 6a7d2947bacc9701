#include "role/keeper/sealed_codec.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "crypto/sealed.h"
#include "role/codec.h"

/* What travels; the arrays of struct sealed_fields as blobs. */
struct wire {
	uint8_t algorithm;
	struct blob key_id;
	struct blob wrapped;
	struct blob point;
	struct blob ukm;
};

static const struct codec_field wire_fields[] = {
	{ CODEC_U8, offsetof(struct wire, algorithm), 0 },
	{ CODEC_BLOB, offsetof(struct wire, key_id), 0 },
	{ CODEC_BLOB, offsetof(struct wire, wrapped), 0 },
	{ CODEC_BLOB, offsetof(struct wire, point), 0 },
	{ CODEC_BLOB, offsetof(struct wire, ukm), 0 },
	{ CODEC_END, 0, 0 },
};

void
sealed_codec_encode(const struct sealed_fields *fields, struct bytes *to)
{
	struct wire wire = {
		.algorithm = (uint8_t)fields->algorithm,
		.key_id = blob_of(fields->key_id, fields->key_id_len),
		.wrapped = blob_of(fields->wrapped, fields->wrapped_len),
		.point = blob_of(fields->point, fields->point_len),
		.ukm = blob_of(fields->ukm, fields->ukm_len),
	};

	codec_encode(wire_fields, &wire, to);
}

static bool
take(const struct blob *blob, uint8_t *to, size_t size, size_t *ret_len)
{
	if (blob->len > size)
		return false;
	memcpy(to, blob->data, blob->len);
	*ret_len = blob->len;
	return true;
}

int
sealed_codec_decode(const void *data, size_t len,
    struct sealed_fields *ret_fields, struct error *err)
{
	struct sealed_fields fields = { 0 };
	struct wire wire;
	bool is_rsa;

	if (codec_decode(wire_fields, data, len, &wire, err) < 0)
		return -1;
	fields.algorithm = (enum sealed_algorithm)wire.algorithm;
	is_rsa = fields.algorithm == SEALED_RSA_OAEP;
	if (wire.algorithm > SEALED_ECDH_P384 || wire.key_id.len == 0 ||
	    wire.wrapped.len == 0 || is_rsa != (wire.point.len == 0) ||
	    (is_rsa && wire.ukm.len != 0) ||
	    !take(&wire.key_id, fields.key_id, sizeof(fields.key_id),
		&fields.key_id_len) ||
	    !take(&wire.wrapped, fields.wrapped, sizeof(fields.wrapped),
		&fields.wrapped_len) ||
	    !take(&wire.point, fields.point, sizeof(fields.point),
		&fields.point_len) ||
	    !take(&wire.ukm, fields.ukm, sizeof(fields.ukm), &fields.ukm_len))
		return error_set(err, ERROR_MALFORMED,
		    "fields of a key part are out of range");
	*ret_fields = fields;
	return 0;
}
