/*
 * Where each element's start tag begins in the file: libxml2 keeps no columns,
 * so the tags are counted off against the tree, which is in the same order.
 */
#include <libxml/tree.h>

#include "base/error.h"
#include "document/pool.h"
#include "document/scan.h"
#include "document/xml_file.h"
#include "document/xml_internal.h"

struct counting {
	struct scan scan;
	size_t told; /* offset up to which `place` is counted */
	struct xml_place place;
};

/* Place of the byte at the cursor, counted on from the one before. */
static struct xml_place
place_here(struct counting *counting)
{
	for (; counting->told < counting->scan.at; counting->told++) {
		uint8_t c = counting->scan.data[counting->told];

		if (c == '\n') {
			counting->place.line++;
			counting->place.column = 1;
		} else if ((c & 0xc0) != 0x80) {
			counting->place.column++;
		}
	}
	return counting->place;
}

static void
skip_start_tag(struct scan *scan)
{
	struct scan_text quoted;

	while (scan->at < scan->len) {
		uint8_t c = scan->data[scan->at];

		if ((c == '"' || c == '\'') && scan_quoted(scan, &quoted))
			continue;
		scan->at++;
		if (c == '>')
			return;
	}
}

/* Move to the next start tag; false if there is none. */
static bool
find_start_tag(struct scan *scan)
{
	while (scan_skip_past(scan, "<")) {
		scan->at--;
		if (scan_skip(scan, "<!--"))
			scan_skip_past(scan, "-->");
		else if (scan_skip(scan, "<![CDATA["))
			scan_skip_past(scan, "]]>");
		else if (scan_skip(scan, "<?"))
			scan_skip_past(scan, "?>");
		else if (!scan_skip(scan, "</"))
			return true;
	}
	return false;
}

static size_t
count_elements(const struct xml_file *file)
{
	size_t count = 0;

	for (struct _xmlNode *node = xml_file_root(file); node != NULL;
	     node = xml_following(node))
		count++;
	return count;
}

int
xml_places_set(struct xml_file *file, const uint8_t *data, size_t len,
    struct error *err)
{
	struct counting counting = {
		.scan = { .data = data,
		    .len = len,
		    .at = file->prolog.doctype_end },
		.place = { 1, 1 },
	};
	struct xml_place *places =
	    pool_alloc(file->pool, count_elements(file), sizeof(*places));
	size_t count = 0;

	if (places == NULL)
		return error_set_memory(err);
	for (struct _xmlNode *node = xml_file_root(file);
	     node != NULL && find_start_tag(&counting.scan);
	     node = xml_following(node)) {
		places[count] = place_here(&counting);
		node->_private = &places[count++];
		skip_start_tag(&counting.scan);
	}
	return 0;
}
