#include "render/pdf_catalog.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

enum { NUMBER_SIZE = 24, TAIL_MAX = 256 };

/*
 * Taiwan's Chinese; tagged; the window shows the title (PDF 32000 14.9.2,
 * 14.7.1, 12.2).
 */
static const char entries[] =
    "   /Lang (zh-TW)\n"
    "   /MarkInfo << /Marked true >>\n"
    "   /ViewerPreferences << /DisplayDocTitle true >>\n";

static const char catalog_end[] = ">>\nendobj\nxref\n";
static const char xref_word[] = "startxref\n";

/* Where `what` stands last, at or behind `from`. */
static bool
find_last(const struct bytes *bytes, size_t from, const char *what,
    size_t *ret_at)
{
	size_t len = strlen(what);

	for (size_t at = bytes->len; at >= from + len; at--)
		if (memcmp(bytes->data + at - len, what, len) == 0) {
			*ret_at = at - len;
			return true;
		}
	return false;
}

/* The number behind "startxref", which "%%EOF" follows. */
static bool
read_offset(const struct bytes *bytes, size_t at, uint64_t *ret_offset)
{
	char number[NUMBER_SIZE];
	size_t len = 0;

	while (at + len < bytes->len && bytes->data[at + len] != '\n')
		len++;
	return text_copy_len(number, sizeof(number),
		   (const char *)bytes->data + at, len) &&
	    text_parse_u64(number, SIZE_MAX / 2, ret_offset);
}

int
pdf_catalog_mend(struct bytes *to, size_t start, struct error *err)
{
	size_t added = strlen(entries);
	struct bytes tail = { 0 };
	uint64_t offset = 0;
	size_t at, xref;
	int rc = -1;

	/* The catalog is the last object, right before the table. */
	if (!find_last(to, start, catalog_end, &at) ||
	    !find_last(to, at, xref_word, &xref) ||
	    !read_offset(to, xref + strlen(xref_word), &offset) ||
	    start + offset != at + strlen(catalog_end) - strlen("xref\n"))
		return error_set(err, ERROR_SYSTEM,
		    "the PDF does not end as cairo ends it");
	bytes_put(&tail, entries, added);
	bytes_put(&tail, to->data + at, xref - at);
	bytes_put_format(&tail, "%s%zu\n%%%%EOF\n", xref_word,
	    (size_t)offset + added);
	if (bytes_failed(&tail, err) < 0)
		goto done;
	to->len = at;
	bytes_put(to, tail.data, tail.len);
	rc = bytes_failed(to, err);
done:
	bytes_free(&tail);
	return rc;
}
