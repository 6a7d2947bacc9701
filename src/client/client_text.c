/* Text that grows, paths, members of JSON. */
#include <stdlib.h>
#include <string.h>

#include "client/client_internal.h"

bool
client_text_add(struct client_text *text, const void *data, size_t len)
{
	if (len > CLIENT_TEXT_MAX - text->len)
		return false;
	if (text->data == NULL || text->len + len + 1 > text->size) {
		size_t size = (text->len + len + 1) * 2;
		char *grown = realloc(text->data, size);

		if (grown == NULL)
			return false;
		text->data = grown;
		text->size = size;
	}
	if (len > 0)
		memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
	return true;
}

void
client_text_free(struct client_text *text)
{
	free(text->data);
	*text = (struct client_text){ 0 };
}

static bool
is_plain(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	    (byte >= '0' && byte <= '9') || strchr("-._~", byte) != NULL;
}

static bool
add(char target[CLIENT_TARGET_SIZE], const char *text)
{
	size_t len = strlen(target);
	size_t more = strlen(text);

	if (more >= CLIENT_TARGET_SIZE - len)
		return false;
	memcpy(target + len, text, more + 1);
	return true;
}

bool
client_path_add(char target[CLIENT_TARGET_SIZE], const char *prefix,
    const char *value, const char *suffix)
{
	static const char digits[] = "0123456789ABCDEF";

	if (!add(target, prefix))
		return false;
	for (; *value != '\0'; value++) {
		char coded[4] = { *value };

		if (!is_plain(*value)) {
			coded[0] = '%';
			coded[1] = digits[(unsigned char)*value >> 4];
			coded[2] = digits[(unsigned char)*value & 15];
		}
		if (!add(target, coded))
			return false;
	}
	return add(target, suffix);
}

int64_t
client_number(const char *text, int64_t max)
{
	int64_t number = 0;

	if (*text == '\0')
		return -1;
	for (; *text != '\0'; text++) {
		int digit = *text - '0';

		if (digit < 0 || digit > 9 || number > (max - digit) / 10)
			return -1;
		number = number * 10 + digit;
	}
	return number;
}

/* Not by Jansson's own memory, which the program may have taken over. */
char *
client_dump(const json_t *value)
{
	size_t len = json_dumpb(value, NULL, 0, JSON_COMPACT);
	char *text = malloc(len + 1);

	if (text == NULL)
		return NULL;
	json_dumpb(value, text, len, JSON_COMPACT);
	text[len] = '\0';
	return text;
}

const char *
client_member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

struct yizhan_part
client_part(const json_t *object)
{
	json_int_t len = json_integer_value(json_object_get(object, "length"));

	return (struct yizhan_part){ .name = client_member(object, "name"),
		.len = len > 0 ? (uint64_t)len : 0,
		.sha256 = client_member(object, "sha256") };
}
