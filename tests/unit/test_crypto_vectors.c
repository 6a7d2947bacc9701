/* What other implementations made: tests/vectors/README.md. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/key.h"
#include "crypto/sealed.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "crypto/stream.h"

static void
read_vector(const char *folder, const char *name, struct bytes *to)
{
	char path[4096];
	FILE *file;
	uint8_t block[4096];
	size_t len;

	snprintf(path, sizeof(path), "%s/tests/vectors/%s/%s",
	    getenv("SOURCE_ROOT"), folder, name);
	file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("%s is missing", path);
	while ((len = fread(block, 1, sizeof(block), file)) > 0)
		bytes_put(to, block, len);
	fclose(file);
}

typedef int (
    *try_fn)(const char *name, const struct bytes *file, struct error *err);

/* Every file of the folder: good_* must pass, bad_* must fail. */
static void
try_folder(const char *folder, try_fn try)
{
	char path[4096];
	struct dirent *entry;
	DIR *dir;
	int good = 0;
	int bad = 0;

	snprintf(path, sizeof(path), "%s/tests/vectors/%s",
	    getenv("SOURCE_ROOT"), folder);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		bool is_good = text_starts(entry->d_name, "good_");
		struct bytes file = { 0 };
		struct error err = { 0 };

		if (!is_good && !text_starts(entry->d_name, "bad_"))
			continue;
		read_vector(folder, entry->d_name, &file);
		if (try(entry->d_name, &file, &err) != (is_good ? 0 : -1))
			fail_msg("%s: %s", entry->d_name, err.text);
		if (!is_good)
			assert_true(err.code == ERROR_MALFORMED ||
			    err.code == ERROR_UNTRUSTED);
		good += is_good;
		bad += !is_good;
		bytes_free(&file);
	}
	closedir(dir);
	assert_true(good > 0 && bad > 0);
}

static int
try_signed(const char *name, const struct bytes *file, struct error *err)
{
	struct cert_cache *cache;
	struct signed_object object;
	int rc;

	(void)name;
	assert_int_equal(cert_cache_new(1, &cache, err), 0);
	rc = signed_verify(cache, file->data, file->len, 1, &object, err);
	if (rc == 0)
		assert_memory_equal(object.content,
		    "{\"format\":\"yizhan-waybill-1\"}", 29);
	cert_cache_free(cache);
	return rc;
}

static void
signatures_of_stock_openssl(void **state)
{
	(void)state;
	try_folder("signed", try_signed);
}

static int
try_sealed(const char *name, const struct bytes *file, struct error *err)
{
	bool is_rsa = strstr(name, "p256") == NULL;
	struct sealed_fields fields;
	struct secret_key cek;
	struct bytes pem = { 0 };
	struct bytes plain = { 0 };
	struct key *key;
	int rc = -1;

	read_vector("sealed", is_rsa ? "rsa.key" : "p256.key", &pem);
	assert_int_equal(key_parse(pem.data, pem.len, &key, err), 0);
	if (sealed_parse(file->data, file->len, &fields, err) == 0 &&
	    sealed_unwrap(key, &fields, &cek, err) == 0 &&
	    sealed_open(&cek, &fields, &plain, err) == 0)
		rc = 0;
	if (rc == 0)
		assert_memory_equal(plain.data, "{\"format\":\"yizhan-key-1\"}",
		    25);
	bytes_free(&pem);
	bytes_free(&plain);
	key_free(key);
	return rc;
}

static void
key_parts_of_stock_openssl(void **state)
{
	(void)state;
	try_folder("sealed", try_sealed);
}

static int
try_cert(const char *name, const struct bytes *file, struct error *err)
{
	struct cert *cert;
	int rc;

	(void)name;
	if (cert_parse_pem((const char *)file->data, file->len, &cert, err) < 0)
		return -1;
	rc = cert_check_policy(cert, err);
	cert_free(cert);
	return rc;
}

static void
certificates_of_stock_openssl(void **state)
{
	(void)state;
	try_folder("cert", try_cert);
}

static int
collect(void *context, const uint8_t *data, size_t len, struct error *err)
{
	bytes_put(context, data, len);
	return bytes_failed(context, err);
}

static void
a_content_part_of_the_page_of_python(void **state)
{
	struct bytes hex = { 0 };
	struct bytes head = { 0 };
	struct bytes content = { 0 };
	struct bytes package = { 0 };
	struct bytes plain = { 0 };
	struct secret_key key;
	struct stream *stream;
	struct digest aad;
	struct error err = { 0 };

	(void)state;
	read_vector("stream", "key.hex", &hex);
	read_vector("stream", "head", &head);
	read_vector("stream", "content", &content);
	read_vector("stream", "package", &package);
	bytes_put_u8(&hex, 0);
	assert_true(hex_parse((char *)hex.data, key.bytes, 32));
	sha256(head.data, head.len, &aad);
	assert_int_equal(stream_new(NULL, &stream, &err), 0);
	assert_int_equal(stream_begin_decrypt(stream, &key, aad.bytes,
			     DIGEST_LEN, collect, &plain, &err),
	    0);
	assert_int_equal(stream_push(stream, content.data, content.len, &err),
	    0);
	assert_int_equal(stream_finish(stream, &err), 0);
	assert_int_equal(plain.len, package.len);
	assert_memory_equal(plain.data, package.data, plain.len);
	stream_free(stream);
	bytes_free(&hex);
	bytes_free(&head);
	bytes_free(&content);
	bytes_free(&package);
	bytes_free(&plain);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_of_stock_openssl),
		cmocka_unit_test(key_parts_of_stock_openssl),
		cmocka_unit_test(certificates_of_stock_openssl),
		cmocka_unit_test(a_content_part_of_the_page_of_python),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
