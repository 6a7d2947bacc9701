#include "document/finding.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "document/pool.h"

struct rule {
	const char *id;
	enum finding_severity severity;
	enum error_code code;
};

static const struct rule rules[] = {
	{ "E2001", FINDING_ERROR, ERROR_MALFORMED },   /* file too large */
	{ "E2002", FINDING_ERROR, ERROR_MALFORMED },   /* file empty */
	{ "E2003", FINDING_ERROR, ERROR_MALFORMED },   /* not UTF-8 by name */
	{ "E2004", FINDING_ERROR, ERROR_MALFORMED },   /* not UTF-8 by bytes */
	{ "E2005", FINDING_ERROR, ERROR_MALFORMED },   /* not well-formed */
	{ "E2006", FINDING_ERROR, ERROR_MALFORMED },   /* no good DOCTYPE */
	{ "E2007", FINDING_ERROR, ERROR_MALFORMED },   /* foreign DTD */
	{ "E2008", FINDING_ERROR, ERROR_MALFORMED },   /* declaration */
	{ "E2009", FINDING_ERROR, ERROR_MALFORMED },   /* entity reference */
	{ "E2010", FINDING_ERROR, ERROR_MALFORMED },   /* too deep */
	{ "E2011", FINDING_ERROR, ERROR_MALFORMED },   /* attribute too large */
	{ "E2012", FINDING_ERROR, ERROR_MALFORMED },   /* entity table */
	{ "E2013", FINDING_ERROR, ERROR_MALFORMED },   /* Big5: no character */
	{ "E2014", FINDING_WARNING, ERROR_MALFORMED }, /* Big5: private use */
	{ "E2015", FINDING_WARNING, ERROR_MALFORMED }, /* Big5: variants */
	{ "E2020", FINDING_ERROR, ERROR_MALFORMED },   /* kind not handled */
	{ "E2021", FINDING_ERROR, ERROR_MALFORMED },   /* family not handled */
	{ "E2022", FINDING_ERROR, ERROR_MALFORMED },   /* root and DTD differ */
	{ "E2023", FINDING_ERROR, ERROR_MALFORMED },   /* wrong root element */
	{ "E2024", FINDING_WARNING, ERROR_MALFORMED }, /* another DTD's name */
	{ "E2101", FINDING_ERROR, ERROR_MALFORMED },   /* element misplaced */
	{ "E2102", FINDING_ERROR, ERROR_MALFORMED },   /* element unknown */
	{ "E2103", FINDING_ERROR, ERROR_MALFORMED },   /* stray content */
	{ "E2104", FINDING_ERROR, ERROR_MALFORMED },   /* attribute unknown */
	{ "E2105", FINDING_ERROR, ERROR_MALFORMED },   /* value not in list */
	{ "E2106", FINDING_ERROR, ERROR_MALFORMED },   /* attribute missing */
	{ "E2107", FINDING_ERROR, ERROR_MALFORMED },   /* entity undeclared */
	{ "E2108", FINDING_ERROR, ERROR_MALFORMED },   /* element missing */
	{ "E2109", FINDING_ERROR, ERROR_MALFORMED },   /* other DTD rule */
	{ "E2110", FINDING_ERROR, ERROR_MALFORMED },   /* org code */
	{ "E2111", FINDING_ERROR, ERROR_MALFORMED },   /* reference number */
	{ "E2112", FINDING_ERROR, ERROR_MALFORMED },   /* date */
	{ "E2114", FINDING_ERROR, ERROR_MALFORMED },   /* text missing */
	{ "E2118", FINDING_WARNING, ERROR_MALFORMED }, /* unusual number */
	{ "E2120", FINDING_ERROR, ERROR_MALFORMED },   /* file name unsafe */
	{ "E2121", FINDING_ERROR, ERROR_DENIED },      /* program by name */
	{ "E2122", FINDING_ERROR, ERROR_MALFORMED },   /* not referenced */
	{ "E2123", FINDING_ERROR, ERROR_MALFORMED },   /* file missing */
	{ "E2124", FINDING_ERROR, ERROR_MALFORMED },   /* file left over */
	{ "E2125", FINDING_ERROR, ERROR_DENIED },      /* program by content */
	{ "E2126", FINDING_WARNING, ERROR_MALFORMED }, /* name and content */
	{ "E2127", FINDING_ERROR, ERROR_MALFORMED },   /* same name twice */
	{ "E2128", FINDING_WARNING, ERROR_MALFORMED }, /* memo, no roster */
	{ "E2129", FINDING_ERROR, ERROR_MALFORMED },   /* set of files */
	{ "E2130", FINDING_ERROR, ERROR_MALFORMED },   /* no recipient */
	{ "E2131", FINDING_ERROR, ERROR_MALFORMED },   /* recipient twice */
	{ "E2132", FINDING_ERROR, ERROR_MALFORMED },   /* 含附件 unclear */
	{ "E2133", FINDING_QUESTION, ERROR_MALFORMED }, /* not in roster */
	{ "E2134", FINDING_QUESTION, ERROR_MALFORMED }, /* not in letter */
	{ "E2135", FINDING_ERROR, ERROR_MALFORMED },    /* too many */
	{ "E2140", FINDING_ERROR, ERROR_MALFORMED },    /* message code */
	{ "E2141", FINDING_WARNING, ERROR_MALFORMED },  /* no remark */
	{ "E2150", FINDING_WARNING, ERROR_MALFORMED },  /* not as the model */
	{ "E2152", FINDING_WARNING, ERROR_MALFORMED },  /* weekday */
	{ "E2153", FINDING_WARNING, ERROR_MALFORMED },  /* time of day */
	{ "E2154", FINDING_WARNING, ERROR_MALFORMED },  /* notice, no list */
	{ "E2155", FINDING_QUESTION, ERROR_MALFORMED }, /* name of code */
	{ "E2156", FINDING_ERROR, ERROR_MALFORMED },    /* no envelope */
	{ "E2157", FINDING_WARNING, ERROR_MALFORMED },  /* its values */
	{ "E2160", FINDING_WARNING, ERROR_MALFORMED },  /* cannot be printed */
	{ "E2201", FINDING_ERROR, ERROR_DENIED },       /* secret */
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
			return rules[i].severity == FINDING_QUESTION;
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
	if (known->severity != FINDING_ERROR)
		findings->warnings++;
	to->rule = known->id;
	to->severity = known->severity;
	to->code = known->code;
	to->file = bounded_text(pool, place->file, strlen(place->file));
	to->line = place->line;
	to->column = place->column;
	to->path = place->path == NULL
	    ? ""
	    : bounded_text(pool, place->path, strlen(place->path));
	to->argument = bounded_text(pool, argument, len);
}
