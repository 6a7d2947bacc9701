#include "log/note.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/ed25519.h"
#include "crypto/sha256.h"

/* U+2014 and a blank, before each signature. */
static const char dash[] = "\xe2\x80\x94 ";
static const char ed25519_type[] = "\n\x01";
static const char cosignature_type[] = "\n\x04";

static void
key_id(const char *name, const char type[2],
    const uint8_t public_key[NOTE_PUBLIC_LEN], uint8_t to[NOTE_KEY_ID_LEN])
{
	const struct sha256_part parts[] = { { name, strlen(name) },
		{ type, 2 }, { public_key, NOTE_PUBLIC_LEN } };
	struct digest digest;

	sha256_parts(parts, 3, &digest);
	memcpy(to, digest.bytes, NOTE_KEY_ID_LEN);
}

void
note_key_id(const char *name, const uint8_t public_key[NOTE_PUBLIC_LEN],
    uint8_t to[NOTE_KEY_ID_LEN])
{
	key_id(name, ed25519_type, public_key, to);
}

static bool
is_name(const char *text, size_t len)
{
	if (len == 0 || len >= NOTE_NAME_SIZE)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '+')
			return false;
	return true;
}

int
note_put_text(const struct note_checkpoint *checkpoint, struct bytes *to,
    struct error *err)
{
	if (!is_name(checkpoint->origin, strlen(checkpoint->origin)))
		return error_set(err, ERROR_MALFORMED,
		    "not a name for a log: \"%s\"", checkpoint->origin);
	bytes_put_format(to, "%s\n%llu\n", checkpoint->origin,
	    (unsigned long long)checkpoint->size);
	base64_put(to, checkpoint->root.bytes, DIGEST_LEN);
	bytes_put_text(to, "\n");
	return bytes_failed(to, err);
}

int
note_put_signature(const char *name, const uint8_t public_key[NOTE_PUBLIC_LEN],
    const uint8_t signature[NOTE_SIGNATURE_LEN], struct bytes *to,
    struct error *err)
{
	uint8_t blob[NOTE_KEY_ID_LEN + NOTE_SIGNATURE_LEN];

	if (!is_name(name, strlen(name)))
		return error_set(err, ERROR_MALFORMED,
		    "not a name for a key: \"%s\"", name);
	note_key_id(name, public_key, blob);
	memcpy(blob + NOTE_KEY_ID_LEN, signature, NOTE_SIGNATURE_LEN);
	bytes_put_format(to, "%s%s ", dash, name);
	base64_put(to, blob, sizeof(blob));
	bytes_put_text(to, "\n");
	return bytes_failed(to, err);
}

int
note_put(const struct note_checkpoint *checkpoint,
    const uint8_t public_key[NOTE_PUBLIC_LEN],
    const uint8_t signature[NOTE_SIGNATURE_LEN], struct bytes *to,
    struct error *err)
{
	if (note_put_text(checkpoint, to, err) < 0)
		return -1;
	bytes_put_text(to, "\n");
	return note_put_signature(checkpoint->origin, public_key, signature, to,
	    err);
}

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E5020", ERROR_MALFORMED, "checkpoint: %s",
	    what);
}

/* The next line without its newline; NULL if none ends. */
static const char *
take_line(struct cursor *cursor, size_t *ret_len)
{
	const uint8_t *end =
	    cursor->left == 0 ? NULL : memchr(cursor->data, '\n', cursor->left);
	const char *line = (const char *)cursor->data;

	if (end == NULL)
		return NULL;
	*ret_len = (size_t)(end - cursor->data);
	cursor_take(cursor, *ret_len + 1);
	return line;
}

/* Decode base64 of min to max bytes into `to`. */
static bool
decode(const char *text, size_t len, size_t min, size_t max, uint8_t *to,
    size_t *ret_len)
{
	struct error ignored = { 0 };
	struct bytes bytes = { 0 };
	bool is_good = base64_parse(text, len, &bytes, &ignored) == 0 &&
	    bytes.len >= min && bytes.len <= max;

	if (is_good) {
		memcpy(to, bytes.data, bytes.len);
		*ret_len = bytes.len;
	}
	bytes_free(&bytes);
	return is_good;
}

static int
parse_text(struct cursor *cursor, struct note_checkpoint *checkpoint,
    struct error *err)
{
	char number[24];
	size_t len = 0, root_len = 0;
	const char *line = take_line(cursor, &len);

	if (line == NULL || !is_name(line, len) ||
	    !text_copy_len(checkpoint->origin, sizeof(checkpoint->origin), line,
		len))
		return malformed(err, "origin");
	line = take_line(cursor, &len);
	if (line == NULL || !text_copy_len(number, sizeof(number), line, len) ||
	    (number[0] == '0' && len > 1) ||
	    !text_parse_u64(number, INT64_MAX, &checkpoint->size))
		return malformed(err, "size");
	line = take_line(cursor, &len);
	if (line == NULL ||
	    !decode(line, len, DIGEST_LEN, DIGEST_LEN, checkpoint->root.bytes,
		&root_len))
		return malformed(err, "root");
	return 0;
}

static int
parse_signature(const char *line, size_t len, struct note_signature *signature,
    struct error *err)
{
	uint8_t blob[NOTE_KEY_ID_LEN + NOTE_SIGNATURE_MAX];
	const size_t dash_len = sizeof(dash) - 1;
	const char *name, *blank;
	size_t name_len, blob_len = 0;

	if (len < dash_len || memcmp(line, dash, dash_len) != 0)
		return malformed(err, "a signature line has no dash");
	name = line + dash_len;
	blank = memchr(name, ' ', len - dash_len);
	if (blank == NULL)
		return malformed(err, "a signature line has no signature");
	name_len = (size_t)(blank - name);
	if (!is_name(name, name_len) ||
	    !text_copy_len(signature->name, sizeof(signature->name), name,
		name_len))
		return malformed(err, "name of a key");
	if (!decode(blank + 1, len - dash_len - name_len - 1,
		NOTE_KEY_ID_LEN + 1, sizeof(blob), blob, &blob_len))
		return malformed(err, "signature");
	memcpy(signature->key_id, blob, NOTE_KEY_ID_LEN);
	signature->len = blob_len - NOTE_KEY_ID_LEN;
	memcpy(signature->bytes, blob + NOTE_KEY_ID_LEN, signature->len);
	return 0;
}

int
note_parse(const void *data, size_t len, struct note *ret_note,
    struct error *err)
{
	struct cursor cursor = cursor_of(data, len);
	struct note note = { 0 };
	size_t line_len = 0;
	const char *line;

	if (len > NOTE_MAX)
		return malformed(err, "too long");
	if (parse_text(&cursor, &note.checkpoint, err) < 0)
		return -1;
	note.text_len = len - cursor.left;
	line = take_line(&cursor, &line_len);
	if (line == NULL || line_len != 0)
		return malformed(err, "no empty line after the root");
	while (cursor.left > 0) {
		line = take_line(&cursor, &line_len);
		if (line == NULL)
			return malformed(err, "the last line does not end");
		if (note.signature_count == NOTE_SIGNATURES_MAX)
			return malformed(err, "too many signatures");
		if (parse_signature(line, line_len,
			&note.signatures[note.signature_count], err) < 0)
			return -1;
		note.signature_count++;
	}
	if (note.signature_count == 0)
		return malformed(err, "no signature");
	*ret_note = note;
	return 0;
}

int
note_verify(const void *data, size_t len, const char *name,
    const uint8_t public_key[NOTE_PUBLIC_LEN], struct note *ret_note,
    struct error *err)
{
	uint8_t key_id[NOTE_KEY_ID_LEN];
	struct note note;

	if (note_parse(data, len, &note, err) < 0)
		return -1;
	note_key_id(name, public_key, key_id);
	for (size_t i = 0; i < note.signature_count; i++) {
		const struct note_signature *signature = &note.signatures[i];

		if (signature->len != NOTE_SIGNATURE_LEN ||
		    !text_equal(signature->name, name) ||
		    memcmp(signature->key_id, key_id, sizeof(key_id)) != 0)
			continue;
		/* The first line of this key decides, as its name is unique. */
		if (ed25519_verify(public_key, data, note.text_len,
			signature->bytes, err) < 0)
			return error_set_id(err, "E5021", ERROR_UNTRUSTED,
			    "checkpoint of %s: the signature is wrong", name);
		*ret_note = note;
		return 0;
	}
	return error_set_id(err, "E5021", ERROR_UNTRUSTED,
	    "checkpoint: no signature of %s", name);
}

/* ---- cosignatures ---------------------------------------------------- */

int
note_put_cosigned_text(const void *text, size_t text_len, int64_t time_s,
    struct bytes *to, struct error *err)
{
	bytes_put_format(to, "cosignature/v1\ntime %lld\n", (long long)time_s);
	bytes_put(to, text, text_len);
	return bytes_failed(to, err);
}

int
note_put_cosignature(const char *name,
    const uint8_t public_key[NOTE_PUBLIC_LEN], int64_t time_s,
    const uint8_t signature[NOTE_SIGNATURE_LEN], struct bytes *to,
    struct error *err)
{
	uint8_t id[NOTE_KEY_ID_LEN];
	struct bytes blob = { 0 };
	int rc;

	if (!is_name(name, strlen(name)))
		return error_set(err, ERROR_MALFORMED,
		    "not a name for a key: \"%s\"", name);
	key_id(name, cosignature_type, public_key, id);
	bytes_put(&blob, id, sizeof(id));
	bytes_put_u64(&blob, (uint64_t)time_s);
	bytes_put(&blob, signature, NOTE_SIGNATURE_LEN);
	rc = bytes_failed(&blob, err);
	if (rc == 0) {
		bytes_put_format(to, "%s%s ", dash, name);
		base64_put(to, blob.data, blob.len);
		bytes_put_text(to, "\n");
		rc = bytes_failed(to, err);
	}
	bytes_free(&blob);
	return rc;
}

static int
check_cosignature(const void *text, size_t text_len,
    const struct note_signature *signature, const char *name,
    const uint8_t public_key[NOTE_PUBLIC_LEN], int64_t *ret_time_s,
    struct error *err)
{
	struct cursor cursor = cursor_of(signature->bytes, signature->len);
	uint64_t time_s = cursor_u64(&cursor);
	struct bytes signed_text = { 0 };
	int rc = -1;

	if (signature->len != NOTE_COSIGNATURE_LEN || time_s > INT64_MAX / 1000)
		return error_set_id(err, "E5021", ERROR_UNTRUSTED,
		    "cosignature of %s: not one", name);
	if (note_put_cosigned_text(text, text_len, (int64_t)time_s,
		&signed_text, err) == 0) {
		rc = ed25519_verify(public_key, signed_text.data,
		    signed_text.len, cursor.data, err);
		if (rc < 0)
			error_set_id(err, "E5021", ERROR_UNTRUSTED,
			    "cosignature of %s: the signature is wrong", name);
	}
	bytes_free(&signed_text);
	if (rc == 0)
		*ret_time_s = (int64_t)time_s;
	return rc;
}

int
note_verify_cosignature(const void *data, size_t len, const char *name,
    const uint8_t public_key[NOTE_PUBLIC_LEN], int64_t *ret_time_s,
    struct error *err)
{
	uint8_t id[NOTE_KEY_ID_LEN];
	struct note note;

	if (note_parse(data, len, &note, err) < 0)
		return -1;
	key_id(name, cosignature_type, public_key, id);
	for (size_t i = 0; i < note.signature_count; i++)
		if (text_equal(note.signatures[i].name, name) &&
		    memcmp(note.signatures[i].key_id, id, sizeof(id)) == 0)
			return check_cosignature(data, note.text_len,
			    &note.signatures[i], name, public_key, ret_time_s,
			    err);
	return error_set(err, ERROR_NOT_FOUND, "no cosignature of %s", name);
}
