/* Certificates: decoded, asked for everything, written and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
ask(const struct cert *cert)
{
	const struct cert_info *info = cert_info(cert);
	struct bytes pem = { 0 };
	struct cert *back = NULL;
	struct error err = { 0 };

	if (!text_is_utf8(info->subject, strlen(info->subject)))
		abort();
	if (cert_check_policy(cert, &err) == 0 && info->key == CERT_KEY_OTHER)
		abort();
	if (cert_check_dates(cert, info->not_before_at, &err) < 0 &&
	    info->not_before_at <= info->not_after_at)
		abort();
	cert_put_pem(cert, &pem);
	if (cert_parse_pem((const char *)pem.data, pem.len, &back, &err) < 0 ||
	    !digest_equal(cert_fingerprint(back), cert_fingerprint(cert)))
		abort();
	cert_free(back);
	bytes_free(&pem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cert *cert = NULL;
	struct error err = { 0 };

	if (cert_parse(data, len, &cert, &err) == 0)
		ask(cert);
	cert_free(cert);
	cert = NULL;
	if (cert_parse_pem((const char *)data, len, &cert, &err) == 0)
		ask(cert);
	cert_free(cert);
	return 0;
}
