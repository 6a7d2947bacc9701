/*
 * Values of the configuration as text, by type.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "service/config_table.h"

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
/* Keys are named after codes of organisations: "sign.376490000A". */
static const char key_name_chars[] = "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";

enum { KEY_NAME_MAX = 63 };

static void *
field(const struct config_entry *entry, struct config *config)
{
	return (uint8_t *)config + entry->offset;
}

static int64_t
number_of(const struct config_entry *entry, const struct config *config)
{
	int64_t value;

	memcpy(&value, (const uint8_t *)config + entry->offset, sizeof(value));
	return value;
}

bool
config_value_is_text(const struct config_entry *entry)
{
	return entry->type <= CONFIG_FINGERPRINT;
}

char **
config_value_text(const struct config_entry *entry, struct config *config)
{
	return field(entry, config);
}

bool
config_name_is_good(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len <= 40 && strspn(name, name_chars) == len;
}

bool
config_key_name_is_good(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len <= KEY_NAME_MAX &&
	    strspn(name, key_name_chars) == len;
}

bool
config_key_is_good(const char *source)
{
	return text_starts(source, "file:/") || text_starts(source, "pkcs11:");
}

static bool
is_address(const char *text)
{
	uint8_t address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, address) == 1 ||
	    inet_pton(AF_INET6, text, address) == 1;
}

/* "URL" or "URL ADDRESS"; `len` is up to the comma. */
static bool
is_url(const char *text, size_t len)
{
	char address[INET6_ADDRSTRLEN];
	size_t url_len = strcspn(text, " ,");

	if (!text_starts(text, "http://") && !text_starts(text, "https://"))
		return false;
	if (url_len == len)
		return true;
	return text_copy_len(address, sizeof(address), text + url_len + 1,
		   len - url_len - 1) &&
	    is_address(address);
}

static bool
are_urls(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		if (*at < 0x20 || *at > 0x7e)
			return false;
	for (;;) {
		size_t len = strcspn(text, ",");

		if (!is_url(text, len))
			return false;
		text += len;
		if (*text == '\0')
			return true;
		text += strspn(text, ", ");
	}
}

/* In form: what they mean is judged where they are used. */
static bool
are_prefixes(const char *text)
{
	return text[strspn(text, "0123456789abcdef.:/, ")] == '\0';
}

static bool
is_fingerprint(const char *text)
{
	uint8_t digest[32];

	return hex_parse(text, digest, sizeof(digest));
}

static int
text_parse(const struct config_entry *entry, const char *text,
    struct config *config, struct error *err)
{
	static const char *const expected[] = {
		[CONFIG_NAME] = "1 to 40 characters of a-z, 0-9 and -",
		[CONFIG_WORD] = "one word",
		[CONFIG_PATH] = "an absolute path",
		[CONFIG_ADDRESS] = "an IPv4 or IPv6 address",
		[CONFIG_PREFIXES] = "addresses, each with or without /LENGTH, "
				    "with commas between",
		[CONFIG_URLS] = "URLs of http or https, with commas between, "
				"behind each its address if it has a name",
		[CONFIG_FINGERPRINT] = "64 lower-case hex digits",
	};
	const bool is_good[] = {
		[CONFIG_NAME] = config_name_is_good(text),
		[CONFIG_WORD] = strpbrk(text, " \t/:") == NULL,
		[CONFIG_PATH] = text[0] == '/',
		[CONFIG_ADDRESS] = is_address(text),
		[CONFIG_PREFIXES] = are_prefixes(text),
		[CONFIG_URLS] = are_urls(text),
		[CONFIG_FINGERPRINT] = is_fingerprint(text),
	};
	char **to = config_value_text(entry, config);
	char *copy;

	if (text[0] != '\0' && !is_good[entry->type])
		return error_set(err, ERROR_MALFORMED, "expected %s",
		    expected[entry->type]);
	copy = text_dup(text);
	if (copy == NULL)
		return error_set_memory(err);
	free(*to);
	*to = copy;
	return 0;
}

/* Digits and perhaps K, M or G; the value is below 2^53. */
static bool
number_parse(const char *text, int64_t *ret_value)
{
	static const char units[] = "KMG";
	char digits[24];
	size_t len = strlen(text);
	const char *unit = len > 0 ? strchr(units, text[len - 1]) : NULL;
	unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
	uint64_t value;

	if (!text_copy_len(digits, sizeof(digits), text,
		len - (unit != NULL)) ||
	    !text_parse_u64(digits, (UINT64_C(1) << 53) >> shift, &value))
		return false;
	*ret_value = (int64_t)(value << shift);
	return true;
}

static int
integer_parse(const struct config_entry *entry, const char *text,
    struct config *config, struct error *err)
{
	bool is_negative = entry->type == CONFIG_SIGNED && text[0] == '-';
	int64_t value;

	if (!number_parse(text + is_negative, &value))
		return error_set(err, ERROR_MALFORMED,
		    "expected a number, perhaps with K, M or G");
	value = is_negative ? -value : value;
	if (value < entry->min || value > entry->max)
		return error_set(err, ERROR_MALFORMED,
		    "expected %" PRId64 " to %" PRId64, entry->min, entry->max);
	memcpy(field(entry, config), &value, sizeof(value));
	return 0;
}

static int64_t
word_index(const char *const *words, const char *text, size_t len)
{
	for (int64_t i = 0; words[i] != NULL; i++)
		if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
			return i;
	return -1;
}

static int
refuse_word(const struct config_entry *entry, const char *text, size_t len,
    struct error *err)
{
	struct bytes list = { 0 };

	for (size_t i = 0; entry->words[i] != NULL; i++)
		bytes_put_format(&list, "%s%s", i > 0 ? ", " : "",
		    entry->words[i]);
	bytes_put_u8(&list, '\0');
	if (bytes_failed(&list, err) == 0)
		error_set(err, ERROR_MALFORMED, "\"%.*s\" is not one of: %s",
		    len < 40 ? (int)len : 40, text, (const char *)list.data);
	bytes_free(&list);
	return -1;
}

static int
choice_parse(const struct config_entry *entry, const char *text,
    struct config *config, struct error *err)
{
	int64_t index = word_index(entry->words, text, strlen(text));

	if (index < 0)
		return refuse_word(entry, text, strlen(text), err);
	memcpy(field(entry, config), &index, sizeof(index));
	return 0;
}

static int
set_parse(const struct config_entry *entry, const char *text,
    struct config *config, struct error *err)
{
	static const char separators[] = " \t,";
	int64_t set = 0;

	while (*(text += strspn(text, separators)) != '\0') {
		size_t len = strcspn(text, separators);
		int64_t index = word_index(entry->words, text, len);

		if (index < 0)
			return refuse_word(entry, text, len, err);
		set |= (int64_t)1 << index;
		text += len;
	}
	memcpy(field(entry, config), &set, sizeof(set));
	return 0;
}

int
config_value_parse(const struct config_entry *entry, const char *text,
    struct config *config, struct error *err)
{
	switch (entry->type) {
	case CONFIG_NUMBER:
	case CONFIG_SIGNED:
		return integer_parse(entry, text, config, err);
	case CONFIG_CHOICE:
		return choice_parse(entry, text, config, err);
	case CONFIG_SET:
		return set_parse(entry, text, config, err);
	case CONFIG_NAME:
	case CONFIG_WORD:
	case CONFIG_PREFIXES:
	case CONFIG_URLS:
	case CONFIG_PATH:
	case CONFIG_ADDRESS:
	case CONFIG_FINGERPRINT:
		break;
	}
	return text_parse(entry, text, config, err);
}

static void
set_format(const struct config_entry *entry, int64_t set, struct bytes *to)
{
	const char *before = "";

	for (int i = 0; entry->words[i] != NULL; i++) {
		if ((set & (int64_t)1 << i) == 0)
			continue;
		bytes_put_format(to, "%s%s", before, entry->words[i]);
		before = " ";
	}
}

void
config_value_format(const struct config_entry *entry,
    const struct config *config, struct bytes *to)
{
	const char *text;

	if (config_value_is_text(entry)) {
		memcpy(&text, (const uint8_t *)config + entry->offset,
		    sizeof(text));
		bytes_put_text(to, text);
	} else if (entry->type == CONFIG_CHOICE) {
		bytes_put_text(to, entry->words[number_of(entry, config)]);
	} else if (entry->type == CONFIG_SET) {
		set_format(entry, number_of(entry, config), to);
	} else {
		bytes_put_format(to, "%" PRId64, number_of(entry, config));
	}
}
