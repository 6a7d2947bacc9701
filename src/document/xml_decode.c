#include "document/xml_decode.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/big5.h"
#include "document/finding.h"
#include "document/pool.h"
#include "document/scan.h"
#include "document/utf8.h"

enum {
	MARK_LEN = 3, /* of a UTF-8 byte order mark */
	DECLARATION_MAX = 256,
};

/* `encoding = "big5"` in the XML declaration. */
struct encoding_place {
	size_t begin;
	size_t end;
	struct scan_text name;
};

static bool
find_encoding(const struct xml_text *text, struct encoding_place *ret_place)
{
	struct scan scan = { .file = text->file,
		.data = text->data,
		.len = text->len };

	if (!scan_skip(&scan, "<?xml") || !scan_skip_space(&scan))
		return false;
	if (scan.len > DECLARATION_MAX)
		scan.len = DECLARATION_MAX;
	while (scan.at < scan.len && !scan_at(&scan, "?>")) {
		struct scan_text ignored;

		if (scan_at(&scan, "\"") || scan_at(&scan, "'")) {
			if (!scan_quoted(&scan, &ignored))
				return false;
			continue;
		}
		ret_place->begin = scan.at;
		if (!scan_skip(&scan, "encoding")) {
			scan.at++;
			continue;
		}
		scan_skip_space(&scan);
		if (!scan_skip(&scan, "="))
			return false;
		scan_skip_space(&scan);
		if (!scan_quoted(&scan, &ret_place->name))
			return false;
		ret_place->end = scan.at;
		return true;
	}
	return false;
}

static bool
is_big5_name(const struct scan_text *name)
{
	static const char *const names[] = { "big5", "big-5", "cp950", "ms950",
		"windows-950", "x-windows-950" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (name->len == strlen(names[i]) &&
		    strncasecmp(name->text, names[i], name->len) == 0)
			return true;
	return false;
}

static bool
is_ascii(const struct xml_text *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] >= 0x80)
			return false;
	return true;
}

/* ---- decoding -------------------------------------------------------- */

struct decoding {
	const struct xml_text *text;
	struct findings *findings;
	size_t at;      /* in the file, behind its mark */
	size_t skipped; /* length of the mark */
	unsigned line;
	unsigned column;
};

static const char *
rule_of(enum big5_kind kind)
{
	switch (kind) {
	case BIG5_BROKEN:
		return "E2013";
	case BIG5_PRIVATE:
		return "E2014";
	case BIG5_VARIANT:
		return "E2015";
	case BIG5_PLAIN:
		break;
	}
	return NULL;
}

/* "byte 1034: C6A1 U+2460": the offset is that in the file as it came. */
static void
report(const struct decoding *decoding, const struct big5_char *found)
{
	struct finding_place place = { decoding->text->file, decoding->line,
		decoding->column, NULL };
	char argument[64];

	if (found->kind == BIG5_BROKEN)
		snprintf(argument, sizeof(argument), "byte %zu: %02X",
		    decoding->skipped + decoding->at, found->bytes);
	else
		snprintf(argument, sizeof(argument), "byte %zu: %04X U+%04X",
		    decoding->skipped + decoding->at, found->bytes,
		    (unsigned)found->point);
	findings_add(decoding->findings, &place, rule_of(found->kind),
	    argument);
}

static void
count_place(struct decoding *decoding, uint32_t point)
{
	if (point == '\n') {
		decoding->line++;
		decoding->column = 1;
	} else {
		decoding->column++;
	}
}

static void
put_decoded(struct decoding *decoding, const struct encoding_place *place,
    struct bytes *to)
{
	const struct xml_text *text = decoding->text;

	while (decoding->at < text->len) {
		struct big5_char found = big5_next(text->data + decoding->at,
		    text->len - decoding->at);

		if (found.kind != BIG5_PLAIN)
			report(decoding, &found);
		if (decoding->at >= place->begin && decoding->at < place->end)
			found.point = ' ';
		utf8_put(to, found.point);
		count_place(decoding, found.point);
		decoding->at += found.len;
	}
}

static int
decode(struct xml_text *text, size_t skipped,
    const struct encoding_place *place, struct pool *pool,
    struct findings *findings, struct error *err)
{
	struct decoding decoding = { text, findings, 0, skipped, 1, 1 };
	size_t errors = findings->error_total;
	struct bytes decoded = { 0 };
	uint8_t *copy;
	int rc = -1;

	put_decoded(&decoding, place, &decoded);
	if (bytes_failed(&decoded, err) < 0)
		goto done;
	copy = pool_alloc(pool, decoded.len, 1);
	if (copy == NULL) {
		error_set_memory(err);
		goto done;
	}
	memcpy(copy, decoded.data, decoded.len);
	text->data = copy;
	text->len = decoded.len;
	text->is_big5 = true;
	rc = findings->error_total == errors;
done:
	bytes_free(&decoded);
	return rc;
}

/* What calls itself Big5 and reads as UTF-8 is the latter, beyond chance. */
static void
report_lie(const struct xml_text *text, const struct scan_text *name,
    struct findings *findings)
{
	struct finding_place place = { text->file, 1, 1, NULL };
	char argument[32];

	snprintf(argument, sizeof(argument), "%.*s (UTF-8)", (int)name->len,
	    name->text);
	findings_add(findings, &place, "E2003", argument);
}

int
xml_decode(struct xml_text *text, struct pool *pool, struct findings *findings,
    struct error *err)
{
	struct encoding_place place;
	size_t skipped = 0;

	if (text->len >= MARK_LEN &&
	    memcmp(text->data, "\xef\xbb\xbf", MARK_LEN) == 0) {
		text->data += MARK_LEN;
		text->len -= MARK_LEN;
		skipped = MARK_LEN;
	}
	if (!find_encoding(text, &place) || !is_big5_name(&place.name))
		return 1;
	if (!is_ascii(text) && text_is_utf8(text->data, text->len)) {
		report_lie(text, &place.name, findings);
		return 0;
	}
	return decode(text, skipped, &place, pool, findings, err);
}
