#include "document/prolog.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "document/pool.h"
#include "document/scan.h"

enum { SYSTEM_ID_MAX = 1024, NOTATIONS_MAX = 64 };

/* What is collected while the declarations go by. */
struct subset {
	struct scan *scan;
	struct pool *pool;
	struct prolog_entity *entities;
	size_t entity_count;
	const char **notations;
	size_t notation_count;
};

const struct prolog_entity *
prolog_entity_find(const struct prolog *prolog, const char *name)
{
	for (size_t i = 0; i < prolog->entity_count; i++)
		if (text_equal(prolog->entities[i].name, name))
			return &prolog->entities[i];
	return NULL;
}

static bool
is_utf8_name(const struct scan_text *encoding)
{
	static const char lower[] = "utf-8";
	static const char upper[] = "UTF-8";

	if (encoding->len != sizeof(lower) - 1)
		return false;
	for (size_t i = 0; i < encoding->len; i++)
		if (encoding->text[i] != lower[i] &&
		    encoding->text[i] != upper[i])
			return false;
	return true;
}

bool
prolog_read_declaration(struct scan *scan)
{
	size_t from = scan->at;
	struct scan inside = *scan;
	struct scan_text encoding;

	if (!scan_skip(&inside, "<?xml") || !scan_skip_space(&inside))
		return true;
	if (!scan_skip_past(scan, "?>")) {
		scan_report(scan, from, "E2005", scan_text_of("?>"));
		return false;
	}
	inside.len = scan->at;
	if (!scan_skip_past(&inside, "encoding"))
		return true;
	scan_skip_space(&inside);
	if (!scan_skip(&inside, "="))
		return true;
	scan_skip_space(&inside);
	if (!scan_quoted(&inside, &encoding) || is_utf8_name(&encoding))
		return true;
	if (!text_is_utf8(encoding.text, encoding.len))
		encoding.len = 0;
	scan_report(scan, from, "E2003", encoding);
	return false;
}

/* Move behind a declaration that is refused; quotes may hide its end. */
static bool
skip_declaration(struct scan *scan)
{
	struct scan_text quoted;

	while (scan->at < scan->len) {
		uint8_t c = scan->data[scan->at];

		if (c == '"' || c == '\'') {
			if (!scan_quoted(scan, &quoted))
				return false;
			continue;
		}
		scan->at++;
		if (c == '>')
			return true;
	}
	return false;
}

/* Refuse the declaration that begins at `from`, and go on behind it. */
static bool
refuse(struct subset *subset, size_t from)
{
	struct scan *scan = subset->scan;
	struct scan_text text;

	scan->at = from;
	if (scan->data[from] == '%') {
		scan_report(scan, from, "E2008", scan_text_of("%"));
		return scan_skip_past(scan, ";");
	}
	if (scan_skip(scan, "<?")) {
		scan_report(scan, from, "E2008", scan_text_of("<?"));
		return scan_skip_past(scan, "?>");
	}
	if (!skip_declaration(scan)) {
		scan_report(scan, from, "E2006", scan_text_of(">"));
		return false;
	}
	text.text = (const char *)scan->data + from;
	text.len = scan->at - from;
	scan_report(scan, from, "E2008", text);
	return true;
}

static const char *
keep(struct subset *subset, const struct scan_text *text)
{
	return pool_text_len(subset->pool, text->text, text->len);
}

static bool
is_known_entity(const struct subset *subset, const char *name)
{
	for (size_t i = 0; i < subset->entity_count; i++)
		if (text_equal(subset->entities[i].name, name))
			return true;
	return false;
}

static bool
is_known_notation(const struct subset *subset, const char *name)
{
	for (size_t i = 0; i < subset->notation_count; i++)
		if (text_equal(subset->notations[i], name))
			return true;
	return false;
}

static void
add_entity(struct subset *subset, size_t from, const struct scan_text parts[3])
{
	struct scan *scan = subset->scan;
	struct prolog_entity *to = subset->entities + subset->entity_count;
	const char *name = keep(subset, &parts[0]);

	if (subset->entity_count == PROLOG_ENTITIES_MAX ||
	    is_known_entity(subset, name)) {
		scan_report(scan, from, "E2012", parts[0]);
		return;
	}
	to->name = name;
	to->file = keep(subset, &parts[1]);
	to->notation = keep(subset, &parts[2]);
	scan_place(scan, from, &to->line, &to->column);
	subset->entity_count++;
}

/* SYSTEM and the id; false for PUBLIC and for anything else. */
static bool
read_system_id(struct scan *scan, struct scan_text *ret_id)
{
	return scan_skip_space(scan) && scan_skip(scan, "SYSTEM") &&
	    scan_skip_space(scan) && scan_quoted(scan, ret_id) &&
	    ret_id->len <= SYSTEM_ID_MAX;
}

static bool
read_entity(struct subset *subset, size_t from)
{
	struct scan *scan = subset->scan;
	struct scan_text parts[3]; /* name, file, notation */

	if (!scan_skip_space(scan) || !scan_name(scan, &parts[0]) ||
	    !read_system_id(scan, &parts[1]) || !scan_skip_space(scan) ||
	    !scan_skip(scan, "NDATA") || !scan_skip_space(scan) ||
	    !scan_name(scan, &parts[2]))
		return refuse(subset, from);
	scan_skip_space(scan);
	if (!scan_skip(scan, ">"))
		return refuse(subset, from);
	add_entity(subset, from, parts);
	return true;
}

static bool
read_notation(struct subset *subset, size_t from)
{
	struct scan *scan = subset->scan;
	struct scan_text name;
	struct scan_text id;
	const char *kept;

	if (!scan_skip_space(scan) || !scan_name(scan, &name) ||
	    !read_system_id(scan, &id))
		return refuse(subset, from);
	scan_skip_space(scan);
	if (!scan_skip(scan, ">"))
		return refuse(subset, from);
	kept = keep(subset, &name);
	if (subset->notation_count == NOTATIONS_MAX ||
	    is_known_notation(subset, kept))
		scan_report(scan, from, "E2012", name);
	else
		subset->notations[subset->notation_count++] = kept;
	return true;
}

/* One declaration; false if the end of it cannot be found. */
static bool
read_one(struct subset *subset)
{
	struct scan *scan = subset->scan;
	size_t from = scan->at;

	if (scan_skip(scan, "<!--"))
		return scan_skip_past(scan, "-->");
	if (scan_skip(scan, "<!ENTITY"))
		return read_entity(subset, from);
	if (scan_skip(scan, "<!NOTATION"))
		return read_notation(subset, from);
	if (scan_at(scan, "<!") || scan_at(scan, "<?") || scan_at(scan, "%"))
		return refuse(subset, from);
	return false;
}

/* An entity of a notation that is declared nowhere. */
static void
check_notations(const struct subset *subset)
{
	for (size_t i = 0; i < subset->entity_count; i++)
		if (!is_known_notation(subset, subset->entities[i].notation))
			scan_report(subset->scan, subset->scan->at, "E2012",
			    scan_text_of(subset->entities[i].notation));
}

static bool
read_subset(struct scan *scan, struct pool *pool, struct prolog *prolog)
{
	struct subset subset = { .scan = scan, .pool = pool };

	subset.entities =
	    pool_alloc(pool, PROLOG_ENTITIES_MAX, sizeof(*subset.entities));
	subset.notations =
	    pool_alloc(pool, NOTATIONS_MAX, sizeof(*subset.notations));
	if (subset.entities == NULL || subset.notations == NULL)
		return false;
	prolog->entities = subset.entities;
	prolog->notations = subset.notations;
	for (;;) {
		scan_skip_space(scan);
		if (scan_skip(scan, "]"))
			break;
		if (scan->at == scan->len || !read_one(&subset)) {
			scan_report(scan, scan->at, "E2006", scan_text_of("]"));
			return false;
		}
		prolog->entity_count = subset.entity_count;
		prolog->notation_count = subset.notation_count;
	}
	check_notations(&subset);
	return true;
}

/* A bare name: an address or a path would be a place to load from. */
static void
check_system_id(struct scan *scan, size_t from, const struct scan_text *id)
{
	for (size_t i = 0; i < id->len; i++)
		if (strchr("/\\:?#%&", id->text[i]) != NULL) {
			scan_report(scan, from, "E2007", *id);
			return;
		}
}

static bool
read_doctype(struct scan *scan, struct pool *pool, struct prolog *prolog)
{
	size_t from = scan->at;
	struct scan_text name;
	struct scan_text id;

	prolog->doctype_begin = from;
	if (!scan_skip(scan, "<!DOCTYPE") || !scan_skip_space(scan) ||
	    !scan_name(scan, &name)) {
		scan_report(scan, from, "E2006", scan_text_of("<!DOCTYPE"));
		return false;
	}
	prolog->root = pool_text_len(pool, name.text, name.len);
	if (!read_system_id(scan, &id)) {
		/* PUBLIC, or no DTD at all. */
		scan_report(scan, from, "E2007", name);
		return false;
	}
	prolog->system_id = pool_text_len(pool, id.text, id.len);
	check_system_id(scan, from, &id);
	scan_skip_space(scan);
	if (scan_skip(scan, "[") && !read_subset(scan, pool, prolog))
		return false;
	scan_skip_space(scan);
	if (!scan_skip(scan, ">")) {
		scan_report(scan, scan->at, "E2006", scan_text_of(">"));
		return false;
	}
	prolog->doctype_end = scan->at;
	return true;
}

bool
prolog_read(struct scan *scan, bool may_lack_doctype, struct pool *pool,
    struct prolog *ret_prolog)
{
	if (!scan_skip_misc(scan)) {
		scan_report(scan, scan->at, "E2005", scan_text_of("-->"));
		return false;
	}
	if (may_lack_doctype && !scan_at(scan, "<!DOCTYPE")) {
		ret_prolog->doctype_begin = ret_prolog->doctype_end = scan->at;
		return true;
	}
	return read_doctype(scan, pool, ret_prolog);
}
