#include "role/bulletins/serials.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "role/message.h"

enum { ITEM_SIZE = 96 };

void
serials_put(const struct message_directory *serials, struct bytes *to)
{
	bytes_put_format(to,
	    "root=%" PRIu64 ",directory=%" PRIu64 ",network=%" PRIu64
	    ",timestamp=%" PRIu64,
	    serials->root, serials->directory, serials->network,
	    serials->timestamp);
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
	uint64_t serial;
	uint64_t *place;

	if (colon == NULL || !text_parse_u64(colon + 1, UINT64_MAX, &serial))
		return false;
	*colon = '\0';
	place = place_of(serials, item);
	if (place != NULL)
		*place = serial;
	if (place != NULL)
		return true;
	/* Without its name, after this. */
	if (!is_type(item))
		return false;
	if (text_equal(item, "hold") || text_equal(item, "suspension") ||
	    text_equal(item, "restoration"))
		serials->measures += serial;
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
