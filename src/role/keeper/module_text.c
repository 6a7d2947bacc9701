#include "role/keeper/module_text.h"

#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hmac.h"
#include "crypto/key.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-module-request-1";
static const char label[] = "yizhan-module-code-1";

/* Crockford's: without I, L, O and U. */
static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { CODE_DIGITS = 20, GROUP = 4 };

void
module_text_free(struct module_text *text)
{
	bytes_free(&text->public_key);
}

static int
malformed(struct error *err, const char *why)
{
	return error_set_id(err, "E3627", ERROR_MALFORMED, "%s", why);
}

/* ---- writing ------------------------------------------------------------ */

static int
put_json(const struct module_text *text, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", text->environment);
	json_write_text(&writer, "host", text->host);
	json_write_text(&writer, "organisations", text->codes);
	json_write_base64(&writer, "public", text->public_key.data,
	    text->public_key.len);
	json_write_time(&writer, "time", text->time_ms);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

int
module_text_put(const struct module_text *text, const struct secret_key *code,
    const struct key *key, struct bytes *to, struct error *err)
{
	char hex[DIGEST_TEXT_SIZE];
	struct bytes json = { 0 };
	struct bytes signature = { 0 };
	struct digest mac;
	int rc = -1;

	if (put_json(text, &json, err) == 0 && bytes_failed(&json, err) == 0 &&
	    hmac_sha256(code, json.data, json.len, &mac, err) == 0 &&
	    key_sign(key, json.data, json.len, &signature, err) == 0) {
		digest_format(&mac, hex);
		bytes_put(to, json.data, json.len);
		bytes_put_format(to, "\n%s\n", hex);
		base64_put(to, signature.data, signature.len);
		bytes_put_u8(to, '\n');
		rc = bytes_failed(to, err);
	}
	bytes_free(&json);
	bytes_free(&signature);
	return rc;
}

/* ---- reading ------------------------------------------------------------ */

static bool
take_codes(const char *text, void *field)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ";

	return text[0] != '\0' && strspn(text, allowed) == strlen(text) &&
	    text_copy(field, MESSAGE_CODES_SIZE, text);
}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct module_text, environment),
	    .size = BULLETIN_ENVIRONMENT_SIZE },
	{ .name = "host",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct module_text, host),
	    .size = MESSAGE_HOST_SIZE },
	{ .name = "organisations",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct module_text, codes),
	    .parse = take_codes },
	{ .name = "public",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct module_text, public_key),
	    .max = P256_POINT_LEN },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct module_text, time_ms) },
};

static bool
take_line(struct cursor *cursor, const char **ret_line, size_t *ret_len)
{
	const char *text = (const char *)cursor->data;
	const char *end =
	    cursor->left > 0 ? memchr(text, '\n', cursor->left) : NULL;

	if (end == NULL)
		return false;
	*ret_line = text;
	*ret_len = (size_t)(end - text);
	return cursor_take(cursor, *ret_len + 1) != NULL;
}

static int
check_signature(const struct module_text *text, const char *line, size_t len,
    struct error *err)
{
	struct bytes signature = { 0 };
	struct error why = { 0 };
	int rc;

	if (base64_parse(line, len, &signature, &why) < 0)
		rc = malformed(err, "the signature is not base64");
	else
		rc = p256_verify(text->public_key.data, text->json,
		    text->json_len, signature.data, signature.len, err);
	bytes_free(&signature);
	return rc;
}

static int
read_lines(struct cursor *cursor, struct module_text *text, struct error *err)
{
	char hex[DIGEST_TEXT_SIZE];
	const char *line;
	size_t len;
	struct error why = { 0 };

	if (!take_line(cursor, &line, &len))
		return malformed(err, "not a request of a crypto module");
	text->json = (const uint8_t *)line;
	text->json_len = len;
	if (json_decode(line, len, MODULE_TEXT_MAX, fields, ARRAY_LEN(fields),
		text, &why) < 0)
		return malformed(err, why.text);
	if (text->public_key.len != P256_POINT_LEN ||
	    text->public_key.data[0] != P256_UNCOMPRESSED)
		return malformed(err, "the key is no point on P-256");
	if (!take_line(cursor, &line, &len) ||
	    !text_copy_len(hex, sizeof(hex), line, len) ||
	    !digest_parse(hex, &text->mac))
		return malformed(err, "the second line is no HMAC");
	if (!take_line(cursor, &line, &len) || cursor->left > 0)
		return malformed(err, "there are not three lines");
	return check_signature(text, line, len, err);
}

int
module_text_read(const void *data, size_t len, struct module_text *ret_text,
    struct error *err)
{
	struct module_text text = { .time_ms = 0 };
	struct cursor cursor = cursor_of(data, len);
	int rc = len > MODULE_TEXT_MAX ? malformed(err, "too long")
				       : read_lines(&cursor, &text, err);

	if (rc < 0)
		module_text_free(&text);
	else
		*ret_text = text;
	return rc;
}

/* ---- codes -------------------------------------------------------------- */

int
module_code_make(char to[MODULE_CODE_SIZE], struct error *err)
{
	uint8_t random[CODE_DIGITS];
	size_t at = 0;

	if (random_fill(random, sizeof(random), err) < 0)
		return -1;
	for (size_t i = 0; i < CODE_DIGITS; i++) {
		if (i > 0 && i % GROUP == 0)
			to[at++] = '-';
		to[at++] = digits[random[i] % (sizeof(digits) - 1)];
	}
	to[at] = '\0';
	secret_wipe(random, sizeof(random));
	return 0;
}

int
module_code_key(const char *code, struct secret_key *ret_key, struct error *err)
{
	char plain[CODE_DIGITS + 1] = "";
	size_t count = 0;
	struct digest digest;

	for (; *code != '\0'; code++) {
		char letter = (char)toupper((unsigned char)*code);

		if (letter == ' ' || letter == '-')
			continue;
		if (strchr(digits, letter) == NULL || count == CODE_DIGITS)
			return malformed(err, "not a one-time code");
		plain[count++] = letter;
	}
	if (count != CODE_DIGITS)
		return malformed(err, "not a one-time code");
	sha256_parts((const struct sha256_part[]){ { label, sizeof(label) },
			 { plain, CODE_DIGITS } },
	    2, &digest);
	memcpy(ret_key->bytes, digest.bytes, sizeof(ret_key->bytes));
	secret_wipe(plain, sizeof(plain));
	secret_wipe(&digest, sizeof(digest));
	return 0;
}
