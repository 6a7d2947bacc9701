#include "package/package_batch.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

enum {
	MAGIC_LEN = 8,
	NUMBER_LEN = 3,
	HEX_LEN = DIGEST_TEXT_SIZE - 1,
};

static const char magic[] = "YZPKGS1\n";
static const char heading[] = "# yizhan-package-batch-1 ";
static const char front[] = "META-INF/ASiCManifest";
static const char back[] = ".xml";

/* ---- names ----------------------------------------------------------- */

void
package_manifest_name(size_t line, char name[PACKAGE_MANIFEST_NAME_SIZE])
{
	snprintf(name, PACKAGE_MANIFEST_NAME_SIZE, "%s%03u%s", front,
	    (unsigned)(line % 1000), back);
}

size_t
package_manifest_line(const char *name)
{
	char again[PACKAGE_MANIFEST_NAME_SIZE];
	size_t line = 0;

	if (!text_starts(name, front))
		return 0;
	name += strlen(front);
	for (size_t i = 0; i < NUMBER_LEN; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		line = line * 10 + (size_t)(name[i] - '0');
	}
	package_manifest_name(line, again);
	return text_equal(name, again + strlen(front)) ? line : 0;
}

/* ---- the list -------------------------------------------------------- */

void
package_batch_put_list(const char *environment, const struct digest *manifests,
    size_t count, struct bytes *to)
{
	char name[PACKAGE_MANIFEST_NAME_SIZE];
	char hex[DIGEST_TEXT_SIZE];

	bytes_put_text(to, heading);
	bytes_put_text(to, environment);
	bytes_put_text(to, "\n");
	for (size_t i = 0; i < count; i++) {
		digest_format(&manifests[i], hex);
		package_manifest_name(i + 1, name);
		bytes_put_text(to, hex);
		bytes_put_text(to, "  ");
		bytes_put_text(to, name);
		bytes_put_text(to, "\n");
	}
}

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3201", ERROR_MALFORMED,
	    "list of a batch of packages: %s", what);
}

static bool
take(const char **text, size_t *len, const char *literal)
{
	size_t literal_len = strlen(literal);

	if (*len < literal_len || memcmp(*text, literal, literal_len) != 0)
		return false;
	*text += literal_len;
	*len -= literal_len;
	return true;
}

/* Exactly the next line of a list: its digest. */
static bool
take_line(const char **text, size_t *len, size_t line, struct digest *digest)
{
	char name[PACKAGE_MANIFEST_NAME_SIZE];
	char hex[DIGEST_TEXT_SIZE];

	if (*len < HEX_LEN ||
	    !text_copy_len(hex, sizeof(hex), *text, HEX_LEN) ||
	    !digest_parse(hex, digest))
		return false;
	*text += HEX_LEN;
	*len -= HEX_LEN;
	package_manifest_name(line, name);
	return take(text, len, "  ") && take(text, len, name) &&
	    take(text, len, "\n");
}

int
package_batch_check(const void *data, size_t len, const char *environment,
    size_t line, const struct digest *manifest, struct error *err)
{
	struct digest found = { { 0 } };
	const char *text = data;
	size_t count = 0;

	if (len > PACKAGE_BATCH_BYTES_MAX || !take(&text, &len, heading))
		return malformed(err, "it does not begin as one");
	if (!take(&text, &len, environment) || !take(&text, &len, "\n"))
		return error_set_id(err, "E3210", ERROR_UNTRUSTED,
		    "the list of its batch is of another environment");
	while (len > 0) {
		struct digest digest;

		if (++count > PACKAGE_BATCH_ITEMS_MAX ||
		    !take_line(&text, &len, count, &digest))
			return malformed(err, "a line is not of its form");
		if (count == line)
			found = digest;
	}
	if (line == 0 || line > count || !digest_equal(&found, manifest))
		return error_set_id(err, "E3210", ERROR_UNTRUSTED,
		    "line %zu of %zu is not of this manifest", line, count);
	return 0;
}

/* ---- items ----------------------------------------------------------- */

bool
package_batch_is_item(const void *data, size_t len)
{
	return len >= MAGIC_LEN && memcmp(data, magic, MAGIC_LEN) == 0;
}

void
package_batch_put_item(const struct package_batch_item *item, struct bytes *to)
{
	bytes_put(to, magic, MAGIC_LEN);
	bytes_put_u32(to, item->line);
	bytes_put_u32(to, (uint32_t)item->list_len);
	bytes_put(to, item->list, item->list_len);
	bytes_put(to, item->cms, item->cms_len);
}

int
package_batch_parse_item(const void *data, size_t len,
    struct package_batch_item *ret_item, struct error *err)
{
	struct cursor cursor = cursor_of(data, len);
	struct package_batch_item item = { 0 };

	if (!package_batch_is_item(data, len))
		return malformed(err, "an item does not begin as one");
	cursor_take(&cursor, MAGIC_LEN);
	item.line = cursor_u32(&cursor);
	item.list_len = cursor_u32(&cursor);
	item.list = cursor_take(&cursor, item.list_len);
	item.cms = cursor.data;
	item.cms_len = cursor.left;
	if (cursor.failed || item.line == 0 || item.cms_len == 0 ||
	    item.line > PACKAGE_BATCH_ITEMS_MAX)
		return malformed(err, "an item is not of its form");
	*ret_item = item;
	return 0;
}
