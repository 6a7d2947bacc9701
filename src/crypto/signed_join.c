#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/object.h"
#include "crypto/sha256.h"
#include "crypto/signed_internal.h"

/* All signers of all parts, as they stand in them. */
struct joining {
	struct der_span certs[SIGNED_SIGNERS_MAX];
	struct der_span infos[SIGNED_SIGNERS_MAX];
	size_t count;
};

static bool
has_cert(const struct joining *joining, const struct der_item *cert)
{
	for (size_t i = 0; i < joining->count; i++)
		if (joining->certs[i].len == cert->whole_len &&
		    memcmp(joining->certs[i].data, cert->whole,
			cert->whole_len) == 0)
			return true;
	return false;
}

static int
take_part(struct joining *joining, const struct signed_part *part,
    struct error *err)
{
	struct signed_parts parts = { 0 };

	if (signed_read_parts(part->data, part->len, SIGNED_SIGNERS_MAX, &parts,
		err) < 0)
		return -1;
	if (parts.cert_count != parts.info_count)
		return signed_wrong_count(err,
		    "a certificate that signs nothing");
	for (size_t i = 0; i < parts.info_count; i++) {
		if (joining->count == SIGNED_SIGNERS_MAX)
			return signed_wrong_count(err, "too many signers");
		if (has_cert(joining, &parts.certs[i].whole))
			return signed_wrong_count(err, "the same signer twice");
		joining->certs[joining->count] =
		    (struct der_span){ parts.certs[i].whole.whole,
			    parts.certs[i].whole.whole_len };
		joining->infos[joining->count++] =
		    (struct der_span){ parts.infos[i].whole.whole,
			    parts.infos[i].whole.whole_len };
	}
	return 0;
}

static void
put_joined(struct joining *joining, const void *content, size_t len,
    struct bytes *out)
{
	size_t info, wrapped, body, set, inner, octets;

	info = der_begin(out, DER_SEQUENCE);
	object_put(out, OBJECT_SIGNED_DATA);
	wrapped = der_begin(out, DER_CONTEXT_CONSTRUCTED);
	body = der_begin(out, DER_SEQUENCE);
	der_put_small(out, 1);
	set = der_begin(out, DER_SET);
	object_put(out, OBJECT_SHA256);
	der_end(out, set);
	inner = der_begin(out, DER_SEQUENCE);
	object_put(out, OBJECT_DATA);
	octets = der_begin(out, DER_CONTEXT_CONSTRUCTED);
	der_put(out, DER_OCTET_STRING, content, len);
	der_end(out, octets);
	der_end(out, inner);
	der_put_set_of(out, DER_CONTEXT_CONSTRUCTED, joining->certs,
	    joining->count);
	der_put_set_of(out, DER_SET, joining->infos, joining->count);
	der_end(out, body);
	der_end(out, wrapped);
	der_end(out, info);
}

int
signed_join(struct cert_cache *cache, const struct signed_part *parts,
    size_t count, const void *content, size_t len, struct bytes *out,
    struct error *err)
{
	struct joining joining = { .count = 0 };
	struct signed_object object;
	struct digest digest;

	sha256(content, len, &digest);
	for (size_t i = 0; i < count; i++)
		if (signed_verify_detached(cache, parts[i].data, parts[i].len,
			&digest, SIGNED_SIGNERS_MAX, &object, err) < 0 ||
		    take_part(&joining, &parts[i], err) < 0)
			return -1;
	if (joining.count == 0)
		return signed_wrong_count(err, "no signer");
	put_joined(&joining, content, len, out);
	return bytes_failed(out, err);
}
