#include "crypto/signed.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/object.h"
#include "crypto/sha256.h"

enum { ATTRIBUTES = 4, TIME_SIZE = 16 };

static int
sign_with_key(void *context, const void *data, size_t len,
    struct bytes *signature, struct error *err)
{
	return key_sign(context, data, len, signature, err);
}

static void
put_signing_time(struct bytes *to, int64_t now_ms)
{
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm tm = { 0 };
	char text[TIME_SIZE];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	/* RFC 5652 11.3: with two digits of the year up to 2049. */
	if (tm.tm_year < 150)
		der_put(to, DER_UTC_TIME, text + 2, strlen(text) - 2);
	else
		der_put(to, DER_GENERALIZED_TIME, text, strlen(text));
}

/* ESS signing-certificate-v2 with one certificate by its SHA-256. */
static void
put_signing_certificate(struct bytes *to, const struct cert *cert)
{
	size_t value = der_begin(to, DER_SEQUENCE);
	size_t certs = der_begin(to, DER_SEQUENCE);
	size_t id = der_begin(to, DER_SEQUENCE);

	der_put(to, DER_OCTET_STRING, cert_fingerprint(cert)->bytes,
	    DIGEST_LEN);
	der_end(to, id);
	der_end(to, certs);
	der_end(to, value);
}

static void
put_attribute(struct bytes *to, enum object type, const struct cert *cert,
    const struct digest *content, int64_t now_ms)
{
	size_t attribute = der_begin(to, DER_SEQUENCE);
	size_t values;

	object_put(to, type);
	values = der_begin(to, DER_SET);
	if (type == OBJECT_CONTENT_TYPE)
		object_put(to, OBJECT_DATA);
	else if (type == OBJECT_MESSAGE_DIGEST)
		der_put(to, DER_OCTET_STRING, content->bytes, DIGEST_LEN);
	else if (type == OBJECT_SIGNING_TIME)
		put_signing_time(to, now_ms);
	else
		put_signing_certificate(to, cert);
	der_end(to, values);
	der_end(to, attribute);
}

/* The signed attributes as the SET OF that the signature is over. */
static void
put_attributes(struct bytes *to, const struct cert *cert,
    const struct digest *content, int64_t now_ms)
{
	static const enum object types[ATTRIBUTES] = { OBJECT_CONTENT_TYPE,
		OBJECT_MESSAGE_DIGEST, OBJECT_SIGNING_TIME,
		OBJECT_SIGNING_CERTIFICATE_V2 };
	struct bytes attributes = { 0 };
	struct der_span spans[ATTRIBUTES];
	size_t ends[ATTRIBUTES];

	for (size_t i = 0; i < ATTRIBUTES; i++) {
		put_attribute(&attributes, types[i], cert, content, now_ms);
		ends[i] = attributes.len;
	}
	for (size_t i = 0; !attributes.failed && i < ATTRIBUTES; i++) {
		size_t start = i > 0 ? ends[i - 1] : 0;

		spans[i].data = attributes.data + start;
		spans[i].len = ends[i] - start;
	}
	if (attributes.failed)
		to->failed = true;
	else
		der_put_set_of(to, DER_SET, spans, ATTRIBUTES);
	bytes_free(&attributes);
}

static enum object
algorithm_of(const struct cert *cert)
{
	switch (cert_info(cert)->key) {
	case CERT_KEY_RSA:
		return OBJECT_RSA_SHA256;
	case CERT_KEY_P256:
	case CERT_KEY_P384:
		return OBJECT_ECDSA_SHA256;
	case CERT_KEY_ED25519:
		return OBJECT_ED25519;
	case CERT_KEY_OTHER:
		break;
	}
	return OBJECT_UNKNOWN;
}

static int
put_signer_info(struct bytes *to, const struct signer *signer,
    const struct digest *content, int64_t now_ms, struct error *err)
{
	struct bytes attributes = { 0 };
	struct bytes signature = { 0 };
	size_t info, name, len;
	const uint8_t *part;
	int rc = -1;

	put_attributes(&attributes, signer->cert, content, now_ms);
	if (bytes_failed(&attributes, err) < 0 ||
	    signer->sign(signer->context, attributes.data, attributes.len,
		&signature, err) < 0)
		goto done;
	info = der_begin(to, DER_SEQUENCE);
	der_put_small(to, 1);
	name = der_begin(to, DER_SEQUENCE);
	part = cert_issuer_der(signer->cert, &len);
	bytes_put(to, part, len);
	part = cert_serial_der(signer->cert, &len);
	bytes_put(to, part, len);
	der_end(to, name);
	object_put(to, OBJECT_SHA256);
	/* Signed as SET OF, carried as [0] IMPLICIT. */
	attributes.data[0] = DER_CONTEXT_CONSTRUCTED;
	bytes_put(to, attributes.data, attributes.len);
	object_put(to, algorithm_of(signer->cert));
	der_put(to, DER_OCTET_STRING, signature.data, signature.len);
	der_end(to, info);
	rc = bytes_failed(to, err);
done:
	bytes_free(&attributes);
	bytes_free(&signature);
	return rc;
}

static void
put_certificates(struct bytes *to, const struct signer *signers, size_t count)
{
	struct der_span spans[SIGNED_SIGNERS_MAX];

	for (size_t i = 0; i < count; i++)
		spans[i].data = cert_der(signers[i].cert, &spans[i].len);
	der_put_set_of(to, DER_CONTEXT_CONSTRUCTED, spans, count);
}

static int
put_signer_infos(struct bytes *to, const struct signer *signers, size_t count,
    const struct digest *content, int64_t now_ms, struct error *err)
{
	struct bytes infos[SIGNED_SIGNERS_MAX] = { 0 };
	struct der_span spans[SIGNED_SIGNERS_MAX];
	int rc = -1;

	for (size_t i = 0; i < count; i++) {
		if (put_signer_info(&infos[i], &signers[i], content, now_ms,
			err) < 0)
			goto done;
		spans[i].data = infos[i].data;
		spans[i].len = infos[i].len;
	}
	der_put_set_of(to, DER_SET, spans, count);
	rc = bytes_failed(to, err);
done:
	for (size_t i = 0; i < count; i++)
		bytes_free(&infos[i]);
	return rc;
}

static int
check_signers(const struct signer *signers, size_t count, struct error *err)
{
	if (count == 0 || count > SIGNED_SIGNERS_MAX)
		return error_set_id(err, "E3011", ERROR_MALFORMED,
		    "%zu signers", count);
	for (size_t i = 0; i < count; i++) {
		if (cert_check_policy(signers[i].cert, err) < 0)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (digest_equal(cert_fingerprint(signers[i].cert),
				cert_fingerprint(signers[j].cert)))
				return error_set_id(err, "E3011",
				    ERROR_MALFORMED, "the same signer twice");
	}
	return 0;
}

/* `content` is NULL for a detached signature. */
static int
make(const struct signer *signers, size_t count, const void *content,
    size_t len, const struct digest *digest, int64_t now_ms, struct bytes *out,
    struct error *err)
{
	size_t info, wrapped, body, set, inner, octets;

	if (check_signers(signers, count, err) < 0)
		return -1;
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
	if (content != NULL) {
		octets = der_begin(out, DER_CONTEXT_CONSTRUCTED);
		der_put(out, DER_OCTET_STRING, content, len);
		der_end(out, octets);
	}
	der_end(out, inner);
	put_certificates(out, signers, count);
	if (put_signer_infos(out, signers, count, digest, now_ms, err) < 0)
		return -1;
	der_end(out, body);
	der_end(out, wrapped);
	der_end(out, info);
	return bytes_failed(out, err);
}

int
signed_make(const struct signer *signers, size_t count, const void *content,
    size_t len, int64_t now_ms, struct bytes *out, struct error *err)
{
	struct digest digest;

	sha256(content, len, &digest);
	return make(signers, count, len > 0 ? content : "", len, &digest,
	    now_ms, out, err);
}

int
signed_make_detached(const struct signer *signers, size_t count,
    const struct digest *content, int64_t now_ms, struct bytes *out,
    struct error *err)
{
	return make(signers, count, NULL, 0, content, now_ms, out, err);
}

struct signer
signer_of(const struct cert *cert, const struct key *key)
{
	/* sign_with_key() takes it back as const. */
	return (struct signer){ .cert = cert,
		.sign = sign_with_key,
		.context = (void *)(uintptr_t)key };
}
