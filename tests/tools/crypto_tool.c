/*
 * The formats of src/crypto for scripts: standard input to standard output,
 * so that stock tools can be set against them.
 *
 *	crypto_tool sign KEY CERT            content -> SignedData
 *	crypto_tool sign-detached KEY CERT   content -> SignedData
 *	crypto_tool verify                   SignedData -> content
 *	crypto_tool verify-detached FILE     SignedData -> nothing
 *	crypto_tool seal CERT                secret -> key part
 *	crypto_tool open KEY                 key part -> secret
 *	crypto_tool encrypt HEX HEAD         package -> content part
 *	crypto_tool decrypt HEX HEAD         content part -> package
 *
 * KEY, CERT are PEM files, HEX is K, HEAD a file with the head.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
give_up(const struct error *err)
{
	fprintf(stderr, "%s %s\n", error_message_id(err), err->text);
	exit(1);
}

static void
read_from(FILE *file, struct bytes *to)
{
	uint8_t block[8192];
	size_t len;

	while ((len = fread(block, 1, sizeof(block), file)) > 0)
		bytes_put(to, block, len);
}

static void
read_file(const char *path, struct bytes *to)
{
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	read_from(file, to);
	fclose(file);
}

static struct cert *
load_cert(const char *path)
{
	struct bytes pem = { 0 };
	struct cert *cert;
	struct error err = { 0 };

	read_file(path, &pem);
	if (cert_parse_pem((const char *)pem.data, pem.len, &cert, &err) < 0)
		give_up(&err);
	bytes_free(&pem);
	return cert;
}

static struct key *
load_key(const char *path)
{
	struct bytes pem = { 0 };
	struct key *key;
	struct error err = { 0 };

	read_file(path, &pem);
	if (key_parse(pem.data, pem.len, &key, &err) < 0)
		give_up(&err);
	bytes_wipe(&pem);
	return key;
}

static void
sign(char **args, bool detached, const struct bytes *in, struct bytes *out)
{
	struct key *key = load_key(args[0]);
	struct cert *cert = load_cert(args[1]);
	struct signer signer = signer_of(cert, key);
	int64_t now_ms = (int64_t)time(NULL) * 1000;
	struct digest digest;
	struct error err = { 0 };
	int rc;

	sha256(in->data, in->len, &digest);
	rc = detached
	    ? signed_make_detached(&signer, 1, &digest, now_ms, out, &err)
	    : signed_make(&signer, 1, in->data, in->len, now_ms, out, &err);
	if (rc < 0)
		give_up(&err);
	cert_free(cert);
	key_free(key);
}

/* `beside` is NULL for content inside. */
static void
verify(const char *beside, const struct bytes *in, struct bytes *out)
{
	struct bytes content = { 0 };
	struct cert_cache *cache;
	struct signed_object object;
	struct digest digest;
	struct error err = { 0 };
	int rc;

	if (cert_cache_new(1, &cache, &err) < 0)
		give_up(&err);
	if (beside != NULL) {
		read_file(beside, &content);
		sha256(content.data, content.len, &digest);
		rc = signed_verify_detached(cache, in->data, in->len, &digest,
		    1, &object, &err);
	} else {
		rc = signed_verify(cache, in->data, in->len, 1, &object, &err);
	}
	if (rc < 0)
		give_up(&err);
	bytes_put(out, object.content, object.content_len);
	cert_cache_free(cache);
	bytes_free(&content);
}

static void
seal(char **args, const struct bytes *in, struct bytes *out)
{
	struct cert *cert = load_cert(args[0]);
	struct error err = { 0 };

	if (sealed_make(cert, in->data, in->len, out, &err) < 0)
		give_up(&err);
	cert_free(cert);
}

static void
open_sealed(char **args, const struct bytes *in, struct bytes *out)
{
	struct key *key = load_key(args[0]);
	struct sealed_fields fields;
	struct secret_key cek;
	struct error err = { 0 };

	if (sealed_parse(in->data, in->len, &fields, &err) < 0 ||
	    sealed_unwrap(key, &fields, &cek, &err) < 0 ||
	    sealed_open(&cek, &fields, out, &err) < 0)
		give_up(&err);
	key_free(key);
}

static int
collect(void *context, const uint8_t *data, size_t len, struct error *err)
{
	bytes_put(context, data, len);
	return bytes_failed(context, err);
}

static void
stream(char **args, bool encrypting, const struct bytes *in, struct bytes *out)
{
	struct bytes head = { 0 };
	struct secret_key key;
	struct stream *stream = NULL;
	struct digest aad;
	struct error err = { 0 };
	int rc;

	error_set(&err, ERROR_MALFORMED, "K is not 64 hex digits");
	read_file(args[1], &head);
	sha256(head.data, head.len, &aad);
	if (!hex_parse(args[0], key.bytes, sizeof(key.bytes)) ||
	    stream_new(NULL, &stream, &err) < 0)
		give_up(&err);
	rc = (encrypting ? stream_begin_encrypt : stream_begin_decrypt)(stream,
	    &key, aad.bytes, DIGEST_LEN, collect, out, &err);
	if (rc < 0 || stream_push(stream, in->data, in->len, &err) < 0 ||
	    stream_finish(stream, &err) < 0)
		give_up(&err);
	stream_free(stream);
	bytes_free(&head);
}

static bool
run(const char *command, char **args, int count, const struct bytes *in,
    struct bytes *out)
{
	if (text_equal(command, "sign") && count == 2)
		sign(args, false, in, out);
	else if (text_equal(command, "sign-detached") && count == 2)
		sign(args, true, in, out);
	else if (text_equal(command, "verify") && count == 0)
		verify(NULL, in, out);
	else if (text_equal(command, "verify-detached") && count == 1)
		verify(args[0], in, out);
	else if (text_equal(command, "seal") && count == 1)
		seal(args, in, out);
	else if (text_equal(command, "open") && count == 1)
		open_sealed(args, in, out);
	else if (text_equal(command, "encrypt") && count == 2)
		stream(args, true, in, out);
	else if (text_equal(command, "decrypt") && count == 2)
		stream(args, false, in, out);
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	struct bytes in = { 0 };
	struct bytes out = { 0 };
	size_t written;

	if (argc < 2)
		return 64;
	read_from(stdin, &in);
	if (!run(argv[1], argv + 2, argc - 2, &in, &out))
		return 64;
	written = out.len > 0 ? fwrite(out.data, 1, out.len, stdout) : 0;
	if (written != out.len || fflush(stdout) != 0)
		return 74;
	bytes_free(&in);
	bytes_free(&out);
	return 0;
}
