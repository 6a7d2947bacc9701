#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert_internal.h"

static const char begin[] = "-----BEGIN CERTIFICATE-----";
static const char end[] = "-----END CERTIFICATE-----";

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Narrow `pem` to what stands between the two lines; false if they miss. */
static bool
find_body(const char **pem, size_t *len)
{
	size_t begin_len = strlen(begin);
	size_t end_len = strlen(end);

	for (; *len > 0 && is_blank(**pem); (*pem)++)
		(*len)--;
	while (*len > 0 && is_blank((*pem)[*len - 1]))
		(*len)--;
	if (*len < begin_len + end_len || memcmp(*pem, begin, begin_len) != 0 ||
	    memcmp(*pem + *len - end_len, end, end_len) != 0)
		return false;
	*pem += begin_len;
	*len -= begin_len + end_len;
	return true;
}

int
cert_parse_pem(const char *pem, size_t len, struct cert **ret_cert,
    struct error *err)
{
	struct bytes text = { 0 };
	struct bytes der = { 0 };
	int rc = -1;

	if (len > 2 * CERT_DER_MAX || !find_body(&pem, &len))
		return cert_malformed(err, "not one PEM block CERTIFICATE");
	for (size_t i = 0; i < len; i++)
		if (!is_blank(pem[i]))
			bytes_put_u8(&text, (uint8_t)pem[i]);
	if (bytes_failed(&text, err) < 0)
		goto done;
	if (base64_parse((const char *)text.data, text.len, &der, err) < 0) {
		if (err->code == ERROR_MALFORMED)
			cert_malformed(err, "PEM is not base64");
		goto done;
	}
	rc = cert_parse(der.data, der.len, ret_cert, err);
done:
	bytes_free(&text);
	bytes_free(&der);
	return rc;
}

void
cert_put_pem(const struct cert *cert, struct bytes *to)
{
	struct bytes digits = { 0 };

	base64_put(&digits, cert->der, cert->der_len);
	bytes_put_text(to, begin);
	bytes_put_u8(to, '\n');
	for (size_t at = 0; at < digits.len; at += 64) {
		size_t left = digits.len - at;

		bytes_put(to, digits.data + at, left < 64 ? left : 64);
		bytes_put_u8(to, '\n');
	}
	bytes_put_text(to, end);
	bytes_put_u8(to, '\n');
	to->failed |= digits.failed;
	bytes_free(&digits);
}
