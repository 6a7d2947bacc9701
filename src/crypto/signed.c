#include "crypto/signed.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/object.h"
#include "crypto/sha256.h"
#include "model/times.h"

enum { UTC_TIME_LEN = 13, GENERALIZED_TIME_LEN = 15 };

/* A SignerInfo taken apart; borrows from the input. */
struct info {
	struct der_item issuer;
	struct der_item serial;
	struct der_item attributes;
	struct der_item algorithm;
	struct der_item signature;
};

/* A certificate of the message, with what signers name it by. */
struct carried {
	struct der_item whole;
	struct der_item issuer;
	struct der_item serial;
	bool used;
};

struct parts {
	struct der_item content; /* zeros when detached */
	size_t cert_count;
	struct carried certs[SIGNED_SIGNERS_MAX];
	size_t info_count;
	struct info infos[SIGNED_SIGNERS_MAX];
};

/* What the signed attributes of one signer say. */
struct attributes {
	struct digest content;
	struct digest cert;
	int64_t signed_at;
	unsigned seen; /* a bit for each enum object */
};

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3010", ERROR_MALFORMED, "SignedData: %s",
	    what);
}

static int
bad_attributes(struct error *err, const char *what)
{
	return error_set_id(err, "E3012", ERROR_UNTRUSTED,
	    "signed attributes: %s", what);
}

static int
wrong_count(struct error *err, const char *what)
{
	return error_set_id(err, "E3011", ERROR_UNTRUSTED, "SignedData: %s",
	    what);
}

static void
expect_object(struct der *der, int tag, enum object object)
{
	struct der_item item = der_take(der, tag);

	if (object_of(&item) != object)
		der->failed = true;
}

/* Issuer and serial number out of an encoded certificate. */
static void
read_carried(struct der_item whole, struct der *der, struct carried *ret)
{
	struct der outer = der_of(whole.whole, whole.whole_len);
	struct der cert = der_enter(&outer, DER_SEQUENCE);
	struct der body = der_enter(&cert, DER_SEQUENCE);

	der_take(&body, DER_CONTEXT_CONSTRUCTED);
	ret->whole = whole;
	ret->serial = der_take(&body, DER_INTEGER);
	der_take(&body, DER_SEQUENCE);
	ret->issuer = der_take(&body, DER_SEQUENCE);
	ret->used = false;
	if (body.failed)
		der->failed = true;
}

static int
read_certs(struct der *der, size_t max, struct parts *parts, struct error *err)
{
	struct der set = der_enter(der, DER_CONTEXT_CONSTRUCTED);
	struct der_item item = { 0 };

	while (set.left > 0) {
		if (parts->cert_count == max)
			return wrong_count(err, "too many certificates");
		item = der_take_of_set(&set, &item);
		read_carried(item, &set, &parts->certs[parts->cert_count++]);
	}
	der_leave(der, &set);
	return 0;
}

static void
read_info(struct der *set, struct der_item item, struct info *ret)
{
	struct der outer = der_of(item.whole, item.whole_len);
	struct der der = der_enter(&outer, DER_SEQUENCE);
	struct der name;

	if (der_small(&der) != 1)
		der.failed = true;
	name = der_enter(&der, DER_SEQUENCE);
	ret->issuer = der_take(&name, DER_SEQUENCE);
	ret->serial = der_take(&name, DER_INTEGER);
	der_leave(&der, &name);
	expect_object(&der, DER_SEQUENCE, OBJECT_SHA256);
	ret->attributes = der_take(&der, DER_CONTEXT_CONSTRUCTED);
	ret->algorithm = der_take(&der, DER_SEQUENCE);
	ret->signature = der_take(&der, DER_OCTET_STRING);
	/* Unsigned attributes would follow here. */
	der_leave(set, &der);
}

static int
read_infos(struct der *der, size_t max, struct parts *parts, struct error *err)
{
	struct der set = der_enter(der, DER_SET);
	struct der_item item = { 0 };

	while (set.left > 0) {
		if (parts->info_count == max)
			return wrong_count(err, "too many signers");
		item = der_take_of_set(&set, &item);
		read_info(&set, item, &parts->infos[parts->info_count++]);
	}
	der_leave(der, &set);
	if (!der->failed && parts->info_count == 0)
		return wrong_count(err, "no signer");
	return 0;
}

static void
read_content(struct der *der, struct parts *parts)
{
	struct der inner = der_enter(der, DER_SEQUENCE);

	expect_object(&inner, DER_OID, OBJECT_DATA);
	if (inner.left > 0) {
		struct der octets = der_enter(&inner, DER_CONTEXT_CONSTRUCTED);

		parts->content = der_take(&octets, DER_OCTET_STRING);
		der_leave(&inner, &octets);
	}
	der_leave(der, &inner);
}

static int
read_parts(const void *cms, size_t len, size_t max, struct parts *parts,
    struct error *err)
{
	struct der der = der_of(cms, len);
	struct der info = der_enter(&der, DER_SEQUENCE);
	struct der wrapped, body, digests;

	expect_object(&info, DER_OID, OBJECT_SIGNED_DATA);
	wrapped = der_enter(&info, DER_CONTEXT_CONSTRUCTED);
	body = der_enter(&wrapped, DER_SEQUENCE);
	if (der_small(&body) != 1)
		return malformed(err, "not DER, or not version 1");
	digests = der_enter(&body, DER_SET);
	expect_object(&digests, DER_SEQUENCE, OBJECT_SHA256);
	der_leave(&body, &digests);
	read_content(&body, parts);
	if (read_certs(&body, max, parts, err) < 0 ||
	    read_infos(&body, max, parts, err) < 0)
		return -1;
	if (!der_leave(&wrapped, &body) || !der_leave(&info, &wrapped) ||
	    !der_leave(&der, &info) || !der_done(&der))
		return malformed(err, "not of the form of the profile");
	return 0;
}

static int
two_digits(const uint8_t *at)
{
	return (at[0] - '0') * 10 + at[1] - '0';
}

/* "YYMMDDHHMMSSZ", or with four digits from 2050 (RFC 5652 11.3). */
static bool
parse_time(const struct der_item *item, int64_t *ret_at)
{
	bool is_short = item->whole[0] == DER_UTC_TIME;
	size_t len = is_short ? UTC_TIME_LEN : GENERALIZED_TIME_LEN;
	const uint8_t *at = item->body;
	int year = 0;
	int64_t days;

	if (item->body_len != len || at[len - 1] != 'Z' ||
	    (!is_short && item->whole[0] != DER_GENERALIZED_TIME))
		return false;
	for (size_t i = 0; i + 1 < len; i++)
		if (at[i] < '0' || at[i] > '9')
			return false;
	if (!is_short) {
		year = two_digits(at) * 100;
		at += 2;
	}
	year += two_digits(at);
	if (is_short)
		year += year < 50 ? 2000 : 1900;
	else if (year < 2050)
		return false;
	if (two_digits(at + 6) > 23 || two_digits(at + 8) > 59 ||
	    two_digits(at + 10) > 59 ||
	    !times_days_of_date(year, two_digits(at + 2), two_digits(at + 4),
		&days))
		return false;
	*ret_at =
	    (((days * 24 + two_digits(at + 6)) * 60 + two_digits(at + 8)) * 60 +
		two_digits(at + 10)) *
	    1000;
	return true;
}

static bool
take_digest(struct der *der, struct digest *ret)
{
	struct der_item item = der_take(der, DER_OCTET_STRING);

	if (item.body_len != DIGEST_LEN)
		return false;
	memcpy(ret->bytes, item.body, DIGEST_LEN);
	return true;
}

/*
 * SigningCertificateV2: one certificate, by SHA-256, which is the default and
 * so not spelled out in DER.  Issuer and serial may stand there; the digest
 * says all that they could.
 */
static bool
take_signing_certificate(struct der *values, struct digest *ret)
{
	struct der value = der_enter(values, DER_SEQUENCE);
	struct der certs = der_enter(&value, DER_SEQUENCE);
	struct der id = der_enter(&certs, DER_SEQUENCE);
	bool good = take_digest(&id, ret);

	if (id.left > 0)
		der_take(&id, DER_SEQUENCE);
	return good && der_leave(&certs, &id) && der_leave(&value, &certs) &&
	    der_leave(values, &value);
}

static bool
take_value(struct der *values, enum object type, struct attributes *to)
{
	struct der_item item;

	switch ((int)type) {
	case OBJECT_CONTENT_TYPE:
		item = der_take(values, DER_OID);
		return object_of(&item) == OBJECT_DATA;
	case OBJECT_MESSAGE_DIGEST:
		return take_digest(values, &to->content);
	case OBJECT_SIGNING_TIME:
		item = der_take_any(values);
		return item.whole != NULL && parse_time(&item, &to->signed_at);
	case OBJECT_SIGNING_CERTIFICATE_V2:
		return take_signing_certificate(values, &to->cert);
	case OBJECT_SMIME_CAPABILITIES:
		/* Stock tools add it; it speaks of mail only. */
		der_take(values, DER_SEQUENCE);
		return true;
	default:
		return false;
	}
}

static int
read_attributes(const struct der_item *set, struct attributes *to,
    struct error *err)
{
	const unsigned needed = 1u << OBJECT_CONTENT_TYPE |
	    1u << OBJECT_MESSAGE_DIGEST | 1u << OBJECT_SIGNING_TIME |
	    1u << OBJECT_SIGNING_CERTIFICATE_V2;
	struct der der = der_of(set->body, set->body_len);
	struct der_item item = { 0 };

	while (der.left > 0) {
		struct der outer, attribute, values;
		struct der_item type;
		enum object object;

		item = der_take_of_set(&der, &item);
		outer = der_of(item.whole, item.whole_len);
		attribute = der_enter(&outer, DER_SEQUENCE);
		type = der_take(&attribute, DER_OID);
		object = object_of(&type);
		values = der_enter(&attribute, DER_SET);
		if (!take_value(&values, object, to) ||
		    !der_leave(&attribute, &values) || !der_done(&attribute))
			return bad_attributes(err, "unknown or malformed");
		if ((to->seen & 1u << object) != 0)
			return bad_attributes(err, "one stands there twice");
		to->seen |= 1u << object;
	}
	if (!der_done(&der))
		return bad_attributes(err, "not DER");
	if ((to->seen & needed) != needed)
		return bad_attributes(err, "one is missing");
	return 0;
}

static struct carried *
find_cert(struct parts *parts, const struct info *info)
{
	for (size_t i = 0; i < parts->cert_count; i++) {
		struct carried *cert = &parts->certs[i];

		if (der_item_equal(&cert->issuer, info->issuer.whole,
			info->issuer.whole_len) &&
		    der_item_equal(&cert->serial, info->serial.whole,
			info->serial.whole_len))
			return cert;
	}
	return NULL;
}

/* The scheme that the algorithm names, if it goes with the kind of key. */
static int
scheme_of(const struct der_item *algorithm, enum cert_key key,
    enum key_scheme *ret_scheme, struct error *err)
{
	enum object object = object_of(algorithm);
	bool is_ec = key == CERT_KEY_P256 || key == CERT_KEY_P384;

	*ret_scheme =
	    object == OBJECT_RSA_PSS_SHA256 ? KEY_SCHEME_PSS : KEY_SCHEME_PLAIN;
	if (key == CERT_KEY_RSA &&
	    (object == OBJECT_RSA || object == OBJECT_RSA_SHA256 ||
		object == OBJECT_RSA_PSS_SHA256))
		return 0;
	if ((is_ec && object == OBJECT_ECDSA_SHA256) ||
	    (key == CERT_KEY_ED25519 && object == OBJECT_ED25519))
		return 0;
	return error_set_id(err, "E3002", ERROR_UNTRUSTED,
	    "SignedData: signature algorithm is not acceptable");
}

/* The signature is over the attributes as SET OF, not as [0]. */
static int
check_signature(const struct cert *cert, const struct info *info,
    struct error *err)
{
	enum { ATTRIBUTES_MAX = 4096 };
	uint8_t set[ATTRIBUTES_MAX];
	enum key_scheme scheme;

	if (scheme_of(&info->algorithm, cert_info(cert)->key, &scheme, err) < 0)
		return -1;
	if (info->attributes.whole_len > sizeof(set))
		return malformed(err, "attributes too long");
	memcpy(set, info->attributes.whole, info->attributes.whole_len);
	set[0] = DER_SET;
	return key_verify(cert, scheme, set, info->attributes.whole_len,
	    info->signature.body, info->signature.body_len, err);
}

static int
check_signer(struct cert_cache *cache, struct parts *parts,
    const struct info *info, const struct digest *content,
    struct signed_by *ret_by, struct error *err)
{
	const unsigned may_sign =
	    CERT_USAGE_SIGNATURE | CERT_USAGE_NON_REPUDIATION;
	struct attributes attributes = { 0 };
	struct carried *carried = find_cert(parts, info);
	const struct cert *cert;

	if (carried == NULL || carried->used)
		return wrong_count(err,
		    "a signer without certificate, or twice");
	carried->used = true;
	if (read_attributes(&info->attributes, &attributes, err) < 0 ||
	    cert_cache_get(cache, carried->whole.whole,
		carried->whole.whole_len, &cert, err) < 0)
		return -1;
	if (!digest_equal(&attributes.cert, cert_fingerprint(cert)))
		return bad_attributes(err,
		    "signing-certificate names another certificate");
	if (!digest_equal(&attributes.content, content))
		return error_set_id(err, "E3005", ERROR_UNTRUSTED,
		    "SignedData: content is not what was signed");
	if ((cert_info(cert)->usage & may_sign) == 0)
		return error_set_id(err, "E3002", ERROR_UNTRUSTED,
		    "certificate of %s is not for signing",
		    cert_info(cert)->subject);
	if (check_signature(cert, info, err) < 0)
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
	struct parts parts = { 0 };
	struct signed_object object = { 0 };
	struct digest digest;

	if (signers_max > SIGNED_SIGNERS_MAX)
		signers_max = SIGNED_SIGNERS_MAX;
	if (read_parts(cms, len, signers_max, &parts, err) < 0)
		return -1;
	if ((parts.content.whole == NULL) != (detached != NULL))
		return malformed(err,
		    detached != NULL ? "content inside, expected beside"
				     : "no content");
	if (parts.cert_count != parts.info_count)
		return wrong_count(err, "a certificate that signs nothing");
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
