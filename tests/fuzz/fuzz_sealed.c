/*
 * The parser of key parts, and unwrapping whatever it lets through.  What it
 * accepts, the library must be able to decode and write back unchanged.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/cms.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/key.h"
#include "crypto/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must_be_der(const uint8_t *data, size_t len)
{
	const unsigned char *at = data;
	CMS_ContentInfo *info = d2i_CMS_ContentInfo(NULL, &at, (long)len);
	unsigned char *again = NULL;
	int again_len;

	if (info == NULL)
		abort();
	again_len = i2d_CMS_ContentInfo(info, &again);
	if (again_len < 0 || (size_t)again_len != len ||
	    memcmp(again, data, len) != 0)
		abort();
	OPENSSL_free(again);
	CMS_ContentInfo_free(info);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct key *key;
	struct sealed_fields fields;
	struct secret_key cek;
	struct bytes plain = { 0 };
	struct error err = { 0 };

	if (key == NULL && key_generate(CERT_KEY_P256, &key, &err) < 0)
		abort();
	if (sealed_parse(data, len, &fields, &err) < 0)
		return 0;
	must_be_der(data, len);
	if (sealed_unwrap(key, &fields, &cek, &err) == 0 &&
	    sealed_open(&cek, &fields, &plain, &err) == 0)
		abort();
	bytes_free(&plain);
	return 0;
}
