#include "token/token_uri.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3730", ERROR_MALFORMED,
	    "the URI of a key in a token: %s", what);
}

static int
hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = digit != '\0' ? strchr(digits, digit) : NULL;

	if (at == NULL)
		return -1;
	return at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

/*
 * Undo the percents of `len` bytes; false for one that is broken, or when more
 * than `max` bytes come of it.
 */
static bool
unescape(const char *text, size_t len, void *to, size_t max, size_t *ret_len)
{
	uint8_t *at = to;
	size_t count = 0;

	for (size_t i = 0; i < len; count++) {
		uint8_t byte = (uint8_t)text[i];

		if (count == max)
			return false;
		if (byte != '%') {
			i++;
		} else {
			int high = len - i < 3 ? -1 : hex_digit(text[i + 1]);
			int low = len - i < 3 ? -1 : hex_digit(text[i + 2]);

			if (high < 0 || low < 0)
				return false;
			byte = (uint8_t)(high << 4 | low);
			i += 3;
		}
		at[count] = byte;
	}
	*ret_len = count;
	return true;
}

/* As text: UTF-8 without control characters, and not empty. */
static bool
take_text(const char *text, size_t len, char *to, size_t size)
{
	size_t count;

	if (to[0] != '\0' || !unescape(text, len, to, size - 1, &count) ||
	    count == 0 || !text_is_utf8(to, count))
		return false;
	to[count] = '\0';
	for (size_t i = 0; i < count; i++)
		if ((uint8_t)to[i] < ' ' || to[i] == 0x7f)
			return false;
	return true;
}

static bool
take_id(const char *text, size_t len, struct token_uri *uri)
{
	return uri->id_len == 0 &&
	    unescape(text, len, uri->id, TOKEN_ID_MAX, &uri->id_len) &&
	    uri->id_len > 0;
}

/* An absolute path, of a file: URI or alone. */
static bool
take_path(const char *text, size_t len, char to[TOKEN_PATH_SIZE])
{
	static const char scheme[] = "file:";
	size_t skip = sizeof(scheme) - 1;

	if (len > skip && memcmp(text, scheme, skip) == 0) {
		text += skip;
		len -= skip;
	}
	return len > 0 && text[0] == '/' &&
	    take_text(text, len, to, TOKEN_PATH_SIZE);
}

struct attribute {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};

static bool
is_named(const struct attribute *attribute, const char *name)
{
	return attribute->name_len == strlen(name) &&
	    memcmp(attribute->name, name, attribute->name_len) == 0;
}

static bool
take_of_path(const struct attribute *one, struct token_uri *uri)
{
	if (is_named(one, "token"))
		return take_text(one->value, one->value_len, uri->token,
		    sizeof(uri->token));
	if (is_named(one, "serial"))
		return take_text(one->value, one->value_len, uri->serial,
		    sizeof(uri->serial));
	if (is_named(one, "object"))
		return take_text(one->value, one->value_len, uri->object,
		    sizeof(uri->object));
	if (is_named(one, "id"))
		return take_id(one->value, one->value_len, uri);
	return is_named(one, "type") && one->value_len == 7 &&
	    memcmp(one->value, "private", 7) == 0;
}

static bool
take_of_query(const struct attribute *one, struct token_uri *uri)
{
	if (is_named(one, "module-path"))
		return take_path(one->value, one->value_len, uri->module_path);
	return is_named(one, "pin-source") &&
	    take_path(one->value, one->value_len, uri->pin_path);
}

/* Attributes up to `len`, apart by `between`. */
static int
take_all(const char *text, size_t len, char between,
    bool (*take)(const struct attribute *, struct token_uri *),
    struct token_uri *uri, struct error *err)
{
	while (len > 0) {
		const char *end = memchr(text, between, len);
		size_t one_len = end != NULL ? (size_t)(end - text) : len;
		const char *equals = memchr(text, '=', one_len);
		struct attribute one;

		if (equals == NULL)
			return malformed(err, "an attribute without value");
		one = (struct attribute){ .name = text,
			.name_len = (size_t)(equals - text),
			.value = equals + 1,
			.value_len = one_len - (size_t)(equals - text) - 1 };
		if (is_named(&one, "pin-value"))
			return malformed(err,
			    "the PIN has no place in it, only its file "
			    "(pin-source)");
		if (!take(&one, uri))
			return malformed(err,
			    "an attribute that is unknown, twice there, too "
			    "long or broken");
		one_len += end != NULL ? 1 : 0;
		text += one_len;
		len -= one_len;
	}
	return 0;
}

int
token_uri_parse(const char *text, struct token_uri *ret_uri, struct error *err)
{
	static const char scheme[] = "pkcs11:";
	struct token_uri uri = { .id_len = 0 };
	const char *query;
	size_t len;

	if (!text_starts(text, scheme))
		return malformed(err, "it begins with pkcs11:");
	text += sizeof(scheme) - 1;
	query = strchr(text, '?');
	len = query != NULL ? (size_t)(query - text) : strlen(text);
	if (take_all(text, len, ';', take_of_path, &uri, err) < 0 ||
	    (query != NULL &&
		take_all(query + 1, strlen(query + 1), '&', take_of_query, &uri,
		    err) < 0))
		return -1;
	if (uri.token[0] == '\0' && uri.serial[0] == '\0')
		return malformed(err, "token= or serial= is missing");
	if (uri.object[0] == '\0' && uri.id_len == 0)
		return malformed(err, "object= or id= is missing");
	if (uri.module_path[0] == '\0')
		return malformed(err, "module-path= is missing");
	if (uri.pin_path[0] == '\0')
		return malformed(err, "pin-source= is missing");
	*ret_uri = uri;
	return 0;
}
