#include "document/finding.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "document/pool.h"

struct rule {
	const char *id;
	enum finding_severity severity;
	enum error_code code;
	bool needs_accept;
};

static const struct rule rules[] = {
	{ "E2001", FINDING_ERROR, ERROR_MALFORMED, false }, /* file too large */
	{ "E2002", FINDING_ERROR, ERROR_MALFORMED, false }, /* file empty */
	{ "E2003", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* not UTF-8 by name */
	{ "E2004", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* not UTF-8 by bytes */
	{ "E2005", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* not well-formed */
	{ "E2006", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* no good DOCTYPE */
	{ "E2007", FINDING_ERROR, ERROR_MALFORMED, false }, /* foreign DTD */
	{ "E2008", FINDING_ERROR, ERROR_MALFORMED, false }, /* declaration */
	{ "E2009", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* entity reference */
	{ "E2010", FINDING_ERROR, ERROR_MALFORMED, false }, /* too deep */
	{ "E2011", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* attribute too large */
	{ "E2012", FINDING_ERROR, ERROR_MALFORMED, false }, /* entity table */
	{ "E2013", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* Big5: no character */
	{ "E2014", FINDING_WARNING, ERROR_MALFORMED,
	    false }, /* Big5: private use */
	{ "E2015", FINDING_WARNING, ERROR_MALFORMED,
	    false }, /* Big5: variants */
	{ "E2020", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* kind not handled */
	{ "E2021", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* family not handled */
	{ "E2022", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* root and DTD differ */
	{ "E2023", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* wrong root element */
	{ "E2024", FINDING_WARNING, ERROR_MALFORMED,
	    false }, /* another DTD's name */
	{ "E2101", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* element misplaced */
	{ "E2102", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* element unknown */
	{ "E2103", FINDING_ERROR, ERROR_MALFORMED, false }, /* stray content */
	{ "E2104", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* attribute unknown */
	{ "E2105", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* value not in list */
	{ "E2106", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* attribute missing */
	{ "E2107", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* entity undeclared */
	{ "E2108", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* element missing */
	{ "E2109", FINDING_ERROR, ERROR_MALFORMED, false }, /* other DTD rule */
	{ "E2110", FINDING_ERROR, ERROR_MALFORMED, false }, /* org code */
	{ "E2111", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* reference number */
	{ "E2112", FINDING_ERROR, ERROR_MALFORMED, false }, /* date */
	{ "E2114", FINDING_ERROR, ERROR_MALFORMED, false }, /* text missing */
	{ "E2118", FINDING_WARNING, ERROR_MALFORMED,
	    false }, /* unusual number */
	{ "E2120", FINDING_ERROR, ERROR_MALFORMED,
	    false },                                     /* file name unsafe */
	{ "E2121", FINDING_ERROR, ERROR_DENIED, false }, /* program by name */
	{ "E2122", FINDING_ERROR, ERROR_MALFORMED, false }, /* not referenced */
	{ "E2123", FINDING_ERROR, ERROR_MALFORMED, false }, /* file missing */
	{ "E2124", FINDING_ERROR, ERROR_MALFORMED, false }, /* file left over */
	{ "E2125", FINDING_ERROR, ERROR_DENIED,
	    false }, /* program by content */
	{ "E2126", FINDING_WARNING, ERROR_MALFORMED,
	    false }, /* name and content */
	{ "E2127", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* same name twice */
	{ "E2128", FINDING_WARNING, ERROR_MALFORMED,
	    false }, /* memo, no roster */
	{ "E2129", FINDING_ERROR, ERROR_MALFORMED, false }, /* set of files */
	{ "E2130", FINDING_ERROR, ERROR_MALFORMED, false }, /* no recipient */
	{ "E2131", FINDING_ERROR, ERROR_MALFORMED,
	    false }, /* recipient twice */
	{ "E2132", FINDING_ERROR, ERROR_MALFORMED, false }, /* 含附件 unclear */
	{ "E2133", FINDING_WARNING, ERROR_MALFORMED, true }, /* not in roster */
	{ "E2134", FINDING_WARNING, ERROR_MALFORMED, true }, /* not in letter */
	{ "E2135", FINDING_ERROR, ERROR_MALFORMED, false },  /* too many */
	{ "E2140", FINDING_ERROR, ERROR_MALFORMED, false },  /* message code */
	{ "E2141", FINDING_WARNING, ERROR_MALFORMED, false }, /* no remark */
	{ "E2150", FINDING_WARNING, ERROR_MALFORMED,
	    false }, /* not as the model */
	{ "E2152", FINDING_WARNING, ERROR_MALFORMED, false }, /* weekday */
	{ "E2153", FINDING_WARNING, ERROR_MALFORMED, false }, /* time of day */
	{ "E2154", FINDING_WARNING, ERROR_MALFORMED,
	    false }, /* notice, no list */
	{ "E2155", FINDING_WARNING, ERROR_MALFORMED, true },  /* name of code */
	{ "E2156", FINDING_ERROR, ERROR_MALFORMED, false },   /* no envelope */
	{ "E2157", FINDING_WARNING, ERROR_MALFORMED, false }, /* its values */
	{ "E2201", FINDING_ERROR, ERROR_DENIED, false },      /* secret */
};

enum { RULE_COUNT = sizeof(rules) / sizeof(rules[0]) };

const char *
finding_rule_at(size_t index, enum error_code *ret_code)
{
	if (index >= RULE_COUNT)
		return NULL;
	*ret_code = rules[index].code;
	return rules[index].id;
}

/* Asking for a rule that is not in the table is a fault of the program. */
static const struct rule *
rule_of(const char *id)
{
	size_t i = 0;

	while (i < RULE_COUNT && !text_equal(rules[i].id, id))
		i++;
	assert(i < RULE_COUNT);
	return &rules[i];
}

bool
finding_rule_needs_accept(const char *id)
{
	for (size_t i = 0; i < RULE_COUNT; i++)
		if (text_equal(rules[i].id, id))
			return rules[i].needs_accept;
	return false;
}

static bool
has_room(const struct findings *findings, const struct rule *rule)
{
	return findings->count < FINDINGS_MAX &&
	    (rule->severity == FINDING_ERROR ||
		findings->warnings < FINDINGS_WARNINGS_MAX);
}

bool
findings_has_room(const struct findings *findings, const char *rule)
{
	return has_room(findings, rule_of(rule));
}

/* A copy of at most FINDING_TEXT_MAX bytes that cuts no character in two. */
static const char *
bounded_text(struct pool *pool, const char *text, size_t len)
{
	static const char more[] = "…";
	char cut[FINDING_TEXT_MAX + sizeof(more)];
	size_t keep = FINDING_TEXT_MAX;

	if (len <= FINDING_TEXT_MAX)
		return pool_text_len(pool, text, len);
	while (keep > 0 && ((unsigned char)text[keep] & 0xc0) == 0x80)
		keep--;
	memcpy(cut, text, keep);
	memcpy(cut + keep, more, sizeof(more));
	return pool_text(pool, cut);
}

void
findings_add(struct findings *findings, const struct finding_place *place,
    const char *rule, const char *argument)
{
	findings_add_len(findings, place, rule, argument, strlen(argument));
}

void
findings_add_len(struct findings *findings, const struct finding_place *place,
    const char *rule, const char *argument, size_t len)
{
	const struct rule *known = rule_of(rule);
	struct pool *pool = findings->pool;
	struct finding *to;

	if (known->severity == FINDING_ERROR)
		findings->error_total++;
	if (findings->items == NULL)
		findings->items =
		    pool_alloc(pool, FINDINGS_MAX, sizeof(*findings->items));
	if (findings->items == NULL || !has_room(findings, known)) {
		findings->left_out++;
		return;
	}
	to = &findings->items[findings->count++];
	if (known->severity == FINDING_WARNING)
		findings->warnings++;
	to->rule = known->id;
	to->severity = known->severity;
	to->code = known->code;
	to->needs_accept = known->needs_accept;
	to->file = bounded_text(pool, place->file, strlen(place->file));
	to->line = place->line;
	to->column = place->column;
	to->path = place->path == NULL
	    ? ""
	    : bounded_text(pool, place->path, strlen(place->path));
	to->argument = bounded_text(pool, argument, len);
}
