/*
 * Answers of time-stamping authorities.  One of the corpus holds for the
 * authority below, made by `openssl ts` over "abc"; whatever holds says its
 * time, since nobody else can sign another.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/sha256.h"
#include "crypto/time_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char authority_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICvzCCAaegAwIBAgIURm79JtHjEVj0VlOBMWrYh0krM0owDQYJKoZIhvcNAQEL\n"
    "BQAwDzENMAsGA1UEAwwEcm9vdDAeFw0yNjExMjQxNzUxMTFaFw0yNzExMjYxNzUx\n"
    "MTFaMA8xDTALBgNVBAMMBHJvb3QwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK\n"
    "AoIBAQC3a4GV7/ETxBafxI/R7pIhNeQGZ8ZBvj61b4r74uUygyNL4KBb31Ry5o9P\n"
    "WxxsBzottgftkkCMiVipqKY/X1uc/INiNOoWlowX0gDKCmCzOjWRLGBObpzNguZI\n"
    "WB+bOOTdxaGFvkEAriCsCx7kFRITNIRTvvEWHqXXs2lIrTATluZCNaa0bWTDh3Hm\n"
    "r26ZA8upx3aYdax+aSnes3rYYuPRBHB31/uoRB7g2pROfY1wRqHbAxB16JDFkJCx\n"
    "Bllfxog3kL7ArxSX7HOEjWaUy0D4U2waDvqhxfY4+85O9F68/DBOm+8vcQSr9EtS\n"
    "a1+CRvBQcpJ1Rgp2fKsw9/DGpJfFAgMBAAGjEzARMA8GA1UdEwEB/wQFMAMBAf8w\n"
    "DQYJKoZIhvcNAQELBQADggEBAGl8NLjubIuy5n6X3g9ECk3sNMT2/G0DGvB5JIlT\n"
    "dINJWdkyRAr1cMqwtLeXkR/xJpALiy2IHO0es36rUVhjmPwAusoiZifsDQzuzSmX\n"
    "9vrU5n4hVm+Vz7tC8EIUX7UvUxRJhqJRQQIlzY3tGU2qNgooMX95XO9cz/QMbtYT\n"
    "/3+UxSul8luTG2ILDaUjhnY9tUwejj46gL1F5YrpYOCrwMlnmVESj0/PHiqfZCCr\n"
    "D9nBhP9uYsYtGIxEdlXj96ICZgSEnGi4MU9NP/Jak+wxqNaYSlYh4ZCaQvCPGvla\n"
    "dUh6gVdJDIV93vtt+Vzvn/7mgTu2M2J19MX+Qw7QaH4628M=\n"
    "-----END CERTIFICATE-----\n";

/* Of the token in the corpus. */
static const int64_t stamped_at = INT64_C(1795715473000);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct cert *authority;
	struct digest digest;
	struct time_token token;
	struct error err = { 0 };
	const uint8_t *inner = data;
	size_t inner_len = len;

	if (authority == NULL &&
	    cert_parse_pem(authority_pem, sizeof(authority_pem) - 1, &authority,
		&err) < 0)
		abort();
	sha256("abc", 3, &digest);
	if (time_token_take(data, len, &inner, &inner_len, &err) == 0 &&
	    (inner < data || inner_len > len || inner > data + len - inner_len))
		abort();
	err = (struct error){ 0 };
	if (time_token_check(inner, inner_len, &digest, 0, authority, &token,
		&err) == 0) {
		if (token.time / 86400000 != stamped_at / 86400000)
			abort();
	} else if (err.code != ERROR_MALFORMED && err.code != ERROR_UNTRUSTED) {
		abort();
	}
	return 0;
}
