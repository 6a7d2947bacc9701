#include <string.h>

#include "base/error.h"
#include "crypto/object.h"
#include "crypto/signed_internal.h"
#include "model/times.h"

enum { UTC_TIME_LEN = 13, GENERALIZED_TIME_LEN = 15 };

int
signed_bad_attributes(struct error *err, const char *what)
{
	return error_set_id(err, "E3012", ERROR_UNTRUSTED,
	    "signed attributes: %s", what);
}

/* The number that `count` digits give; they were checked to be digits. */
static int
digits(const uint8_t *at, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++)
		value = value * 10 + at[i] - '0';
	return value;
}

static bool
are_digits(const uint8_t *at, size_t count)
{
	while (count > 0 && at[count - 1] >= '0' && at[count - 1] <= '9')
		count--;
	return count == 0;
}

/* "MMDDHHMMSS" of a year. */
static bool
parse_rest_of_time(int year, const uint8_t *at, int64_t *ret_at)
{
	int hour = digits(at + 4, 2);
	int minute = digits(at + 6, 2);
	int second = digits(at + 8, 2);
	int64_t days;

	if (hour > 23 || minute > 59 || second > 59 ||
	    !times_days_of_date(year, digits(at, 2), digits(at + 2, 2), &days))
		return false;
	*ret_at =
	    (((days * 24 + hour) * 60 + minute) * 60 + second) * (int64_t)1000;
	return true;
}

bool
signed_parse_time(const struct der_item *item, int64_t *ret_at)
{
	const uint8_t *at = item->body;
	size_t len = item->body_len;
	int year;

	if (len == 0 || at[len - 1] != 'Z' || !are_digits(at, len - 1))
		return false;
	if (item->whole[0] == DER_UTC_TIME && len == UTC_TIME_LEN) {
		year = digits(at, 2);
		year += year < 50 ? 2000 : 1900;
		return parse_rest_of_time(year, at + 2, ret_at);
	}
	if (item->whole[0] == DER_GENERALIZED_TIME &&
	    len == GENERALIZED_TIME_LEN && digits(at, 4) >= 2050)
		return parse_rest_of_time(digits(at, 4), at + 4, ret_at);
	return false;
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
take_value(struct der *values, enum object type, struct signed_attributes *to)
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
		return item.whole != NULL &&
		    signed_parse_time(&item, &to->signed_at);
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

int
signed_read_attributes(const struct der_item *set, struct signed_attributes *to,
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
			return signed_bad_attributes(err,
			    "unknown or malformed");
		if ((to->seen & 1u << object) != 0)
			return signed_bad_attributes(err,
			    "one stands there twice");
		to->seen |= 1u << object;
	}
	if (!der_done(&der))
		return signed_bad_attributes(err, "not DER");
	if ((to->seen & needed) != needed)
		return signed_bad_attributes(err, "one is missing");
	return 0;
}
