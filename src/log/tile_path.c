#include "log/tile_path.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { GROUP = 1000, GROUPS_MAX = 6 };

/* Three digits; false if they are none. */
static bool
take_group(const char **at, uint64_t *value)
{
	unsigned group = 0;

	for (int i = 0; i < 3; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		group = group * 10 + (unsigned)(**at - '0');
	}
	*value = *value * GROUP + group;
	return true;
}

static bool
take_index(const char **at, uint64_t *ret_index)
{
	uint64_t index = 0;

	for (int i = 0; i < GROUPS_MAX; i++) {
		bool goes_on = **at == 'x';

		*at += goes_on;
		if (!take_group(at, &index))
			return false;
		if (!goes_on) {
			*ret_index = index;
			return true;
		}
		if (*(*at)++ != '/')
			return false;
	}
	return false;
}

static bool
take_width(const char *at, unsigned *ret_width)
{
	uint64_t width;

	*ret_width = TILE_WIDTH;
	if (*at == '\0')
		return true;
	if (!text_starts(at, ".p/") ||
	    !text_parse_u64(at + 3, TILE_WIDTH - 1, &width) || width == 0)
		return false;
	*ret_width = (unsigned)width;
	return true;
}

bool
tile_path_parse(const char *text, struct tile_path *ret_path)
{
	struct tile_path path = { .is_entries = text_starts(text, "entries/") };
	char again[TILE_PATH_SIZE];
	const char *at = text;

	if (path.is_entries) {
		at += strlen("entries/");
	} else {
		if (*at < '0' || *at > '0' + TILE_LEVEL_MAX || at[1] != '/')
			return false;
		path.level = (unsigned)(*at - '0');
		at += 2;
	}
	if (!take_index(&at, &path.index) || !take_width(at, &path.width))
		return false;
	/* There is one name for each, without leading zeros. */
	tile_path_format(&path, again);
	if (!text_equal(again, text))
		return false;
	*ret_path = path;
	return true;
}

void
tile_path_format(const struct tile_path *path, char to[TILE_PATH_SIZE])
{
	unsigned groups[GROUPS_MAX + 1];
	uint64_t rest = path->index;
	size_t count = 0, len;

	do {
		groups[count++] = (unsigned)(rest % GROUP);
		rest /= GROUP;
	} while (rest > 0 && count <= GROUPS_MAX);
	if (path->is_entries)
		snprintf(to, TILE_PATH_SIZE, "entries/");
	else
		snprintf(to, TILE_PATH_SIZE, "%u/", path->level);
	while (count-- > 0) {
		len = strlen(to);
		snprintf(to + len, TILE_PATH_SIZE - len, "%s%03u%s",
		    count > 0 ? "x" : "", groups[count], count > 0 ? "/" : "");
	}
	if (path->width == TILE_WIDTH)
		return;
	len = strlen(to);
	snprintf(to + len, TILE_PATH_SIZE - len, ".p/%u", path->width);
}
