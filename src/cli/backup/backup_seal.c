#include "cli/backup/backup_seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/backup/backup_manifest.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "crypto/hmac.h"
#include "crypto/random.h"
#include "crypto/sealed.h"
#include "sys/file.h"

enum {
	CHUNK = 1024 * 1024,
	CERTS_LEN_MAX = BACKUP_RECIPIENTS_MAX * 2 * CERT_DER_MAX,
	KEY_FILE_MAX = 8192,
	LABEL_SIZE = 64,
};

static const char suffix[] = ".sealed";
static const char label[] = "yizhan-backup-1 ";
/* Before the key, in what is encrypted for a recipient. */
static const char key_word[] = "yizhan-backup-key-1\n";

struct backup_key {
	struct secret_key key;
	struct cert *recipients[BACKUP_RECIPIENTS_MAX];
	size_t recipient_count;
};

/* ---- names --------------------------------------------------------------- */

void
backup_sealed_name(const char *name, char to[BACKUP_SEALED_NAME_SIZE])
{
	snprintf(to, BACKUP_SEALED_NAME_SIZE, "%s%s", name, suffix);
}

static void
key_name(size_t number, char to[BACKUP_SEALED_NAME_SIZE])
{
	snprintf(to, BACKUP_SEALED_NAME_SIZE, "key-%zu.cms", number);
}

bool
backup_is_key_name(const char *name)
{
	char known[BACKUP_SEALED_NAME_SIZE];

	for (size_t i = 1; i <= BACKUP_RECIPIENTS_MAX; i++) {
		key_name(i, known);
		if (text_equal(name, known))
			return true;
	}
	return false;
}

bool
backup_is_sealed(const char *path)
{
	char name[BACKUP_SEALED_NAME_SIZE];
	struct error ignored = { 0 };
	int dir = -1, fd = -1;
	bool is = false;

	backup_sealed_name(backup_manifest_name, name);
	if (file_open_dir(path, &dir, &ignored) == 0)
		is = file_open(dir, name, FILE_READ, &fd, &ignored) == 0;
	file_close(fd);
	file_close(dir);
	return is;
}

/* ---- the key ------------------------------------------------------------- */

void
backup_key_free(struct backup_key *key)
{
	if (key == NULL)
		return;
	for (size_t i = 0; i < key->recipient_count; i++)
		cert_free(key->recipients[i]);
	secret_wipe(&key->key, sizeof(key->key));
	free(key);
}

/* Each block CERTIFICATE of the text, in order. */
static int
read_recipients(struct backup_key *key, const char *text, struct error *err)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	static const char end[] = "-----END CERTIFICATE-----";
	const char *at = text;

	while ((at = strstr(at, begin)) != NULL) {
		const char *stop = strstr(at, end);

		if (stop == NULL ||
		    key->recipient_count == BACKUP_RECIPIENTS_MAX)
			return error_set(err, ERROR_MALFORMED,
			    stop == NULL ? "a certificate has no end"
					 : "more than 8 certificates");
		stop += sizeof(end) - 1;
		if (cert_parse_pem(at, (size_t)(stop - at),
			&key->recipients[key->recipient_count], err) < 0)
			return -1;
		key->recipient_count++;
		at = stop;
	}
	return key->recipient_count > 0
	    ? 0
	    : error_set(err, ERROR_MALFORMED, "no certificate");
}

static int
put_for(const struct backup_key *key, const struct cert *recipient,
    struct bytes *to, struct error *err)
{
	struct bytes plain = { 0 };
	int rc = -1;

	bytes_put_text(&plain, key_word);
	bytes_put(&plain, key->key.bytes, SECRET_KEY_LEN);
	if (bytes_failed(&plain, err) == 0)
		rc = sealed_make(recipient, plain.data, plain.len, to, err);
	bytes_wipe(&plain);
	return rc;
}

int
backup_key_new(const char *path, struct backup_key **ret_key, struct error *err)
{
	struct backup_key *key = calloc(1, sizeof(*key));
	struct bytes pem = { 0 }, trial = { 0 };
	int rc = -1;

	if (key == NULL)
		return error_set_memory(err);
	if (trust_read(path, CERTS_LEN_MAX, &pem, err) == 0) {
		bytes_put_u8(&pem, '\0');
		if (bytes_failed(&pem, err) == 0)
			rc = read_recipients(key, (const char *)pem.data, err);
	}
	if (rc == 0)
		rc = random_fill(&key->key, sizeof(key->key), err);
	/* Whoever cannot receive is found before hours of copying. */
	for (size_t i = 0; i < key->recipient_count && rc == 0; i++)
		rc = put_for(key, key->recipients[i], &trial, err);
	bytes_free(&pem);
	bytes_free(&trial);
	if (rc < 0) {
		backup_key_free(key);
		return error_prefix(err, "%.200s", path);
	}
	*ret_key = key;
	return 0;
}

int
backup_key_write(const struct backup_key *key, int dir, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < key->recipient_count && rc == 0; i++) {
		char name[BACKUP_SEALED_NAME_SIZE];
		struct bytes cms = { 0 };

		key_name(i + 1, name);
		rc = put_for(key, key->recipients[i], &cms, err);
		if (rc == 0)
			rc = file_replace(dir, name, cms.data, cms.len, err);
		bytes_free(&cms);
	}
	return rc;
}

static int
take_key(const struct bytes *plain, struct backup_key *key, struct error *err)
{
	size_t word = sizeof(key_word) - 1;

	if (plain->len != word + SECRET_KEY_LEN ||
	    memcmp(plain->data, key_word, word) != 0)
		return error_set_id(err, "E4602", ERROR_DENIED,
		    "what is encrypted there is no key of a backup");
	memcpy(key->key.bytes, plain->data + word, SECRET_KEY_LEN);
	return 0;
}

/* 1, 0 when it is for somebody else. */
static int
open_one(int dir, const char *name, const struct key *own,
    const struct cert *cert, struct backup_key *key, struct error *err)
{
	const struct cert_info *info = cert_info(cert);
	struct sealed_fields fields;
	struct secret_key with = { 0 };
	struct bytes cms = { 0 }, plain = { 0 };
	struct error why = { 0 };
	int rc = -1;

	if (file_read_all(dir, name, KEY_FILE_MAX, &cms, &why) < 0) {
		rc = why.code == ERROR_NOT_FOUND ? 0 : -1;
	} else if (sealed_parse(cms.data, cms.len, &fields, &why) == 0) {
		if (fields.key_id_len != info->key_id_len ||
		    memcmp(fields.key_id, info->key_id, info->key_id_len) != 0)
			rc = 0;
		else if (sealed_unwrap(own, &fields, &with, &why) == 0 &&
		    sealed_open(&with, &fields, &plain, &why) == 0 &&
		    take_key(&plain, key, &why) == 0)
			rc = 1;
	}
	if (rc < 0)
		error_set_id(err, "E4602", ERROR_DENIED, "%s: %s", name,
		    why.text);
	secret_wipe(&with, sizeof(with));
	bytes_wipe(&plain);
	bytes_free(&cms);
	return rc;
}

int
backup_key_open(const char *path, const struct key *own,
    const struct cert *cert, struct backup_key **ret_key, struct error *err)
{
	struct backup_key *key = calloc(1, sizeof(*key));
	int dir = -1;
	int found = 0;

	if (key == NULL)
		return error_set_memory(err);
	if (file_open_dir(path, &dir, err) < 0)
		found = -1;
	for (size_t i = 1; i <= BACKUP_RECIPIENTS_MAX && found == 0; i++) {
		char name[BACKUP_SEALED_NAME_SIZE];

		key_name(i, name);
		found = open_one(dir, name, own, cert, key, err);
	}
	file_close(dir);
	if (found > 0) {
		*ret_key = key;
		return 0;
	}
	backup_key_free(key);
	return found < 0
	    ? -1
	    : error_set_id(err, "E4602", ERROR_DENIED,
		  "it is for others than %s", cert_info(cert)->subject);
}

/* ---- files --------------------------------------------------------------- */

struct writing {
	int fd;
	uint64_t at;
};

static int
write_on(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	struct writing *writing = ctx;

	if (file_write_at(writing->fd, data, len, writing->at, err) < 0)
		return -1;
	writing->at += len;
	return 0;
}

static int
append(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	bytes_put(ctx, data, len);
	return bytes_failed(ctx, err);
}

/* Each file has a key of its own, which its name and the backup's make. */
static int
begin(const struct backup_key *key, const char *name, bool is_opening,
    struct stream *stream, stream_sink_fn sink, void *ctx, struct error *err)
{
	struct secret_key own = { 0 };
	struct digest mac;
	char aad[LABEL_SIZE];
	int len = snprintf(aad, sizeof(aad), "%s%s", label, name);
	int rc;

	if (len < 0 || (size_t)len >= sizeof(aad))
		return error_set(err, ERROR_MALFORMED, "name %s", name);
	if (hmac_sha256(&key->key, aad, (size_t)len, &mac, err) < 0)
		return -1;
	memcpy(own.bytes, mac.bytes, SECRET_KEY_LEN);
	rc = is_opening ? stream_begin_decrypt(stream, &own, aad, (size_t)len,
			      sink, ctx, err)
			: stream_begin_encrypt(stream, &own, aad, (size_t)len,
			      sink, ctx, err);
	secret_wipe(&own, sizeof(own));
	secret_wipe(&mac, sizeof(mac));
	return rc;
}

static int
push_file(struct stream *stream, int from, backup_seal_step_fn step, void *ctx,
    struct error *err)
{
	uint8_t *chunk = malloc(CHUNK);
	uint64_t at = 0;
	size_t len = CHUNK;
	int rc = chunk != NULL ? 0 : error_set_memory(err);

	while (rc == 0 && len == CHUNK) {
		rc = file_read_at(from, chunk, CHUNK, at, &len, err);
		if (rc == 0)
			rc = stream_push(stream, chunk, len, err);
		if (rc == 0 && step != NULL)
			rc = step(ctx, len, err);
		at += len;
	}
	free(chunk);
	return rc == 0 ? stream_finish(stream, err) : -1;
}

int
backup_seal_file(const struct backup_key *key, const char *name, int from,
    int to, backup_seal_step_fn step, void *ctx, struct error *err)
{
	struct writing writing = { .fd = to };
	struct stream *stream = NULL;
	int rc = -1;

	if (stream_new(NULL, &stream, err) == 0 &&
	    begin(key, name, false, stream, write_on, &writing, err) == 0 &&
	    push_file(stream, from, step, ctx, err) == 0)
		rc = file_sync(to, err);
	stream_free(stream);
	return rc;
}

int
backup_seal_bytes(const struct backup_key *key, const char *name,
    const void *data, size_t len, struct bytes *to, struct error *err)
{
	struct stream *stream = NULL;
	int rc = -1;

	if (stream_new(NULL, &stream, err) == 0 &&
	    begin(key, name, false, stream, append, to, err) == 0 &&
	    stream_push(stream, data, len, err) == 0)
		rc = stream_finish(stream, err);
	stream_free(stream);
	return rc;
}

int
backup_open_file(const struct backup_key *key, const char *name, int from,
    stream_sink_fn sink, void *ctx, struct error *err)
{
	struct stream *stream = NULL;
	int rc = -1;

	if (stream_new(NULL, &stream, err) == 0 &&
	    begin(key, name, true, stream, sink, ctx, err) == 0)
		rc = push_file(stream, from, NULL, NULL, err);
	stream_free(stream);
	return rc;
}
