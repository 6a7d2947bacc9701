#include <stdlib.h>
#include <string.h>

#include "archive/archive_internal.h"
#include "base/bytes.h"
#include "base/text.h"
#include "document/big5.h"
#include "document/file_name.h"
#include "document/finding.h"
#include "document/utf8.h"

/* An entry may come with a second name. */
enum { ARCHIVE_NAMES_MAX = 2 * ARCHIVE_FILES_MAX };

/* False if it is no Big5 either; what is not becomes "?". */
static bool
put_big5(const uint8_t *raw, size_t len, struct bytes *to)
{
	bool is_good = true;
	size_t at = 0;

	while (at < len) {
		struct big5_char c = big5_next(raw + at, len - at);

		if (c.kind == BIG5_BROKEN || c.point == 0) {
			is_good = false;
			bytes_put_u8(to, '?');
		} else {
			utf8_put(to, c.point);
		}
		at += c.len;
	}
	return is_good;
}

const char *
level_decode_name(struct level *level, const uint8_t *raw, size_t len)
{
	struct pool *pool = &level->inspection->pool;
	struct bytes text = { 0 };
	const char *name;
	bool is_big5;

	if (len > ARCHIVE_NAME_MAX) {
		level_report(level, "E2180", "...");
		len = 0;
	}
	if (text_is_utf8(raw, len) &&
	    (len == 0 || memchr(raw, '\0', len) == NULL))
		return pool_text_len(pool, (const char *)raw, len);
	is_big5 = put_big5(raw, len, &text);
	if (text.failed)
		pool->failed = true;
	name = pool_text_len(pool, (const char *)text.data, text.len);
	bytes_free(&text);
	level_report(level, is_big5 ? "E2193" : "E2180", name);
	return name;
}

/* The next folder or file of a path; 0 at its end. */
static size_t
next_part(const char **path, char *to, size_t size)
{
	size_t len;

	*path += strspn(*path, "/\\");
	len = strcspn(*path, "/\\");
	if (!text_copy_len(to, size, *path, len))
		to[0] = '\0';
	*path += len;
	return len;
}

static bool
is_absolute(const char *path)
{
	return path[0] == '/' || path[0] == '\\' ||
	    (path[0] != '\0' && path[1] == ':');
}

/* `ret_last` gets the last part, the name of the file itself. */
static bool
is_safe(const char *path, char *ret_last, size_t size)
{
	char part[ARCHIVE_NAME_MAX + 1];

	ret_last[0] = '\0';
	if (*path == '\0' || is_absolute(path))
		return false;
	while (next_part(&path, part, sizeof(part)) > 0) {
		if (file_name_is_unsafe_part(part))
			return false;
		text_copy(ret_last, size, part);
	}
	return ret_last[0] != '\0';
}

/* Two names that a file system without case takes for one. */
static bool
is_repeated(struct level *level, const char *name)
{
	if (level->names == NULL)
		level->names = calloc(ARCHIVE_NAMES_MAX, sizeof(*level->names));
	if (level->names == NULL) {
		level->inspection->pool.failed = true;
		return false;
	}
	for (size_t i = 0; i < level->name_count; i++)
		if (file_name_equal(level->names[i], name))
			return true;
	if (level->name_count < ARCHIVE_NAMES_MAX)
		level->names[level->name_count++] = name;
	return false;
}

/*
 * Office documents keep binary parts that nobody unpacks; scripts in them are
 * macros.
 */
static void
check_program(struct level *level, const char *name, const char *last)
{
	if (!file_name_is_program(last))
		return;
	if (!level->is_office)
		level_report(level, "E2181", name);
	else if (!file_name_has_extension(last, ".bin"))
		level_report_macros(level, name);
}

void
level_check_name(struct level *level, const struct entry *entry)
{
	char last[ARCHIVE_NAME_MAX + 1];

	if (!is_safe(entry->name, last, sizeof(last)))
		level_report(level, "E2180", entry->name);
	if (is_repeated(level, entry->name))
		level_report(level, "E2185", entry->name);
	if (entry->is_link)
		level_report(level, "E2184", entry->name);
	if (!entry->is_folder)
		check_program(level, entry->name, last);
}
