#include "role/bulletins/serials.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "model/digest.h"
#include "role/message.h"

enum { ITEM_SIZE = 112, MARK_BYTES = (SERIALS_MARK_SIZE - 1) / 2 };

void
serials_put(const struct message_directory *serials, struct bytes *to)
{
	bytes_put_format(to,
	    "root=%" PRIu64 ",directory=%" PRIu64 ",network=%" PRIu64
	    ",timestamp=%" PRIu64,
	    serials->root, serials->directory, serials->network,
	    serials->timestamp);
}

uint64_t
serials_told_directory(const char *told)
{
	static const char key[] = "directory=";
	char number[ITEM_SIZE];
	uint64_t serial;

	while (*told != '\0') {
		size_t len = strcspn(told, ",");

		if (text_starts(told, key))
			return text_copy_len(number, sizeof(number),
				   told + strlen(key), len - strlen(key)) &&
				text_parse_u64(number, UINT64_MAX, &serial)
			    ? serial
			    : 0;
		told += len;
		told += *told == ',';
	}
	return 0;
}

void
serials_mark(const struct digest *digest, char to[SERIALS_MARK_SIZE])
{
	hex_format(digest->bytes, MARK_BYTES, to);
}

static void
put_name(enum bulletin_type type, const char *name, struct bytes *to)
{
	bytes_put_format(to, "%s%s%s:", bulletin_type_name(type),
	    name[0] != '\0' ? "/" : "", name);
}

void
serials_put_item(enum bulletin_type type, const char *name,
    const struct serials_item *item, struct bytes *to)
{
	put_name(type, name, to);
	bytes_put_format(to, "%" PRIu64 "%s%s", item->serial,
	    item->mark[0] != '\0' ? "-" : "", item->mark);
}

/* "3" or "3-0123abcd", which is cut in two. */
static bool
parse_value(char *text, struct serials_item *ret_item)
{
	uint8_t bytes[MARK_BYTES];
	char *mark = strchr(text, '-');

	*ret_item = (struct serials_item){ 0 };
	if (mark != NULL) {
		*mark++ = '\0';
		if (strlen(mark) != SERIALS_MARK_SIZE - 1 ||
		    !hex_parse(mark, bytes, sizeof(bytes)))
			return false;
		text_copy(ret_item->mark, sizeof(ret_item->mark), mark);
	}
	return text_parse_u64(text, UINT64_MAX, &ret_item->serial);
}

struct serials_item
serials_find_item(const char *have, enum bulletin_type type, const char *name)
{
	struct serials_item item = { 0 };
	struct bytes key = { 0 };
	char text[ITEM_SIZE];

	put_name(type, name, &key);
	while (!key.failed && *have != '\0') {
		size_t len = strcspn(have, ",");

		if (len > key.len && memcmp(have, key.data, key.len) == 0) {
			if (!text_copy_len(text, sizeof(text), have + key.len,
				len - key.len) ||
			    !parse_value(text, &item))
				item = (struct serials_item){ 0 };
			break;
		}
		have += len;
		have += *have == ',';
	}
	bytes_free(&key);
	return item;
}

/* Where the serial of a type goes; NULL for a type that has no place. */
static uint64_t *
place_of(struct message_directory *serials, const char *name)
{
	if (text_equal(name, "root"))
		return &serials->root;
	if (text_equal(name, "directory"))
		return &serials->directory;
	if (text_equal(name, "network"))
		return &serials->network;
	if (text_equal(name, "timestamp"))
		return &serials->timestamp;
	return NULL;
}

/* "rules" or "access/center-a": what a host may hold besides those. */
static bool
is_type(char *item)
{
	char *slash = strchr(item, '/');
	enum bulletin_type type;

	if (slash != NULL)
		*slash = '\0';
	return bulletin_type_parse(item, &type);
}

static bool
parse_item(char *item, struct message_directory *serials)
{
	char *colon = strchr(item, ':');
	struct serials_item value;
	uint64_t *place;

	if (colon == NULL || !parse_value(colon + 1, &value))
		return false;
	*colon = '\0';
	place = place_of(serials, item);
	if (place != NULL)
		*place = value.serial;
	if (place != NULL)
		return true;
	/* Without its name, after this. */
	if (!is_type(item))
		return false;
	if (text_equal(item, "hold") || text_equal(item, "suspension") ||
	    text_equal(item, "restoration"))
		serials->measures += value.serial;
	return true;
}

int
serials_parse_have(const char *have, struct message_directory *ret_serials,
    struct error *err)
{
	struct message_directory serials = { 0 };
	char item[ITEM_SIZE];

	while (*have != '\0') {
		size_t len = strcspn(have, ",");

		if (!text_copy_len(item, sizeof(item), have, len) ||
		    !parse_item(item, &serials))
			return error_set_id(err, "E6205", ERROR_MALFORMED,
			    "`have` is not a list such as \"root:1,network:2\"");
		have += len;
		if (*have == ',')
			have++;
	}
	*ret_serials = serials;
	return 0;
}

bool
serials_is_newer(const struct message_directory *a,
    const struct message_directory *b)
{
	return a->root > b->root || a->directory > b->directory ||
	    a->network > b->network || a->timestamp > b->timestamp ||
	    a->measures > b->measures;
}
