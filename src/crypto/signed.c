#include "crypto/signed.h"

#include <string.h>

#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/key.h"
#include "crypto/object.h"
#include "crypto/sha256.h"
#include "crypto/signed_internal.h"

static struct signed_carried *
find_cert(struct signed_parts *parts, const struct signed_info *info)
{
	for (size_t i = 0; i < parts->cert_count; i++) {
		struct signed_carried *cert = &parts->certs[i];

		if (der_item_equal(&cert->issuer, info->issuer.whole,
			info->issuer.whole_len) &&
		    der_item_equal(&cert->serial, info->serial.whole,
			info->serial.whole_len))
			return cert;
	}
	return NULL;
}

int
signed_scheme_of(const struct der_item *algorithm, enum cert_key key,
    enum key_scheme *ret_scheme, struct error *err)
{
	static const struct {
		enum object algorithm;
		enum cert_key key;
		enum key_scheme scheme;
	} allowed[] = {
		{ OBJECT_RSA, CERT_KEY_RSA, KEY_SCHEME_PLAIN },
		{ OBJECT_RSA_SHA256, CERT_KEY_RSA, KEY_SCHEME_PLAIN },
		{ OBJECT_RSA_PSS_SHA256, CERT_KEY_RSA, KEY_SCHEME_PSS },
		{ OBJECT_ECDSA_SHA256, CERT_KEY_P256, KEY_SCHEME_PLAIN },
		{ OBJECT_ECDSA_SHA256, CERT_KEY_P384, KEY_SCHEME_PLAIN },
		{ OBJECT_ED25519, CERT_KEY_ED25519, KEY_SCHEME_PLAIN },
	};
	enum object object = object_of(algorithm);

	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		if (allowed[i].algorithm == object && allowed[i].key == key) {
			*ret_scheme = allowed[i].scheme;
			return 0;
		}
	}
	return error_set_id(err, "E3002", ERROR_UNTRUSTED,
	    "signature algorithm is not acceptable");
}

/* The signature is over the attributes as SET OF, not as [0]. */
static int
check_signature(const struct cert *cert, const struct signed_info *info,
    struct error *err)
{
	enum { ATTRIBUTES_MAX = 4096 };
	uint8_t set[ATTRIBUTES_MAX];
	enum key_scheme scheme;

	if (signed_scheme_of(&info->algorithm, cert_info(cert)->key, &scheme,
		err) < 0)
		return -1;
	if (info->attributes.whole_len > sizeof(set))
		return signed_malformed(err, "attributes too long");
	memcpy(set, info->attributes.whole, info->attributes.whole_len);
	set[0] = DER_SET;
	return key_verify(cert, scheme, set, info->attributes.whole_len,
	    info->signature.body, info->signature.body_len, err);
}

static int
check_signer(struct cert_cache *cache, struct signed_parts *parts,
    const struct signed_info *info, const struct digest *content,
    struct signed_by *ret_by, struct error *err)
{
	struct signed_attributes attributes = { 0 };
	struct signed_carried *carried = find_cert(parts, info);
	const struct cert *cert;

	if (carried == NULL || carried->used)
		return signed_wrong_count(err,
		    "a signer without certificate, or twice");
	carried->used = true;
	if (signed_read_attributes(&info->attributes, &attributes, err) < 0 ||
	    cert_cache_get(cache, carried->whole.whole,
		carried->whole.whole_len, &cert, err) < 0)
		return -1;
	if (!digest_equal(&attributes.cert, cert_fingerprint(cert)))
		return signed_bad_attributes(err,
		    "signing-certificate names another certificate");
	if (!digest_equal(&attributes.content, content))
		return error_set_id(err, "E3005", ERROR_UNTRUSTED,
		    "SignedData: content is not what was signed");
	if (cert_check_use(cert, CERT_USE_SIGN, err) < 0 ||
	    check_signature(cert, info, err) < 0)
		return -1;
	ret_by->fingerprint = *cert_fingerprint(cert);
	ret_by->cert = carried->whole.whole;
	ret_by->cert_len = carried->whole.whole_len;
	ret_by->signed_at = attributes.signed_at;
	return 0;
}

/* `detached` is NULL where the content must be inside. */
static int
verify(struct cert_cache *cache, const void *cms, size_t len,
    const struct digest *detached, size_t signers_max,
    struct signed_object *ret_object, struct error *err)
{
	struct signed_parts parts = { 0 };
	struct signed_object object = { 0 };
	struct digest digest;

	if (signers_max > SIGNED_SIGNERS_MAX)
		signers_max = SIGNED_SIGNERS_MAX;
	if (signed_read_parts(cms, len, signers_max, &parts, err) < 0)
		return -1;
	if ((parts.content.whole == NULL) != (detached != NULL))
		return signed_malformed(err,
		    detached != NULL ? "content inside, expected beside"
				     : "no content");
	if (parts.cert_count != parts.info_count)
		return signed_wrong_count(err,
		    "a certificate that signs nothing");
	if (detached != NULL)
		digest = *detached;
	else
		sha256(parts.content.body, parts.content.body_len, &digest);
	for (size_t i = 0; i < parts.info_count; i++)
		if (check_signer(cache, &parts, &parts.infos[i], &digest,
			&object.by[i], err) < 0)
			return -1;
	object.count = parts.info_count;
	object.content = parts.content.body;
	object.content_len = parts.content.body_len;
	*ret_object = object;
	return 0;
}

int
signed_verify(struct cert_cache *cache, const void *cms, size_t len,
    size_t signers_max, struct signed_object *ret_object, struct error *err)
{
	return verify(cache, cms, len, NULL, signers_max, ret_object, err);
}

int
signed_verify_detached(struct cert_cache *cache, const void *cms, size_t len,
    const struct digest *content, size_t signers_max,
    struct signed_object *ret_object, struct error *err)
{
	return verify(cache, cms, len, content, signers_max, ret_object, err);
}
