#include "case/case_definition.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "case/case_definition_internal.h"
#include "case/case_definition_value.h"

enum { LINE_SIZE = 1024, KEYS_MAX = 64 };

/* ---- what may stand in a definition --------------------------------------- */

#define AT(member) offsetof(struct case_definition, member)

/* Where the items of a kind of section are; each begins with its name. */
static const struct {
	const char *word;
	size_t offset, size, count, line;
	int max;
} sections[CASE_SECTION_COUNT] = {
	[CASE_IN_NOTHING] = { "", 0, 0, 0, 0, 0 },
	[CASE_IN_CASE] = { "case", 0, 0, 0, 0, 1 },
	[CASE_IN_FIELD] = { "field", AT(fields), sizeof(struct case_field),
	    AT(field_count), offsetof(struct case_field, line),
	    CASE_FIELDS_MAX },
	[CASE_IN_EVIDENCE] = { "evidence", AT(evidence),
	    sizeof(struct case_evidence), AT(evidence_count),
	    offsetof(struct case_evidence, line), CASE_EVIDENCE_MAX },
	[CASE_IN_STATE] = { "state", AT(states), sizeof(struct case_state),
	    AT(state_count), offsetof(struct case_state, line),
	    CASE_STATES_MAX },
	[CASE_IN_MOVE] = { "move", AT(moves), sizeof(struct case_move),
	    AT(move_count), offsetof(struct case_move, line), CASE_MOVES_MAX },
	[CASE_IN_NOTICE] = { "notice", AT(notices), sizeof(struct case_notice),
	    AT(notice_count), offsetof(struct case_notice, line),
	    CASE_NOTICES_MAX },
};

static const struct case_key keys[] = {
	{ CASE_IN_CASE, "name", CASE_VALUE_NAME, AT(name), 0, true },
	{ CASE_IN_CASE, "title.zh", CASE_VALUE_TEXT, AT(title.zh),
	    CASE_TITLE_SIZE, true },
	{ CASE_IN_CASE, "title.en", CASE_VALUE_TEXT, AT(title.en),
	    CASE_TITLE_SIZE, true },
	{ CASE_IN_CASE, "clause", CASE_VALUE_TEXT, AT(clause), CASE_TITLE_SIZE,
	    true },
	{ CASE_IN_CASE, "first", CASE_VALUE_STATE, AT(first), 0, true },
	{ CASE_IN_CASE, "subject", CASE_VALUE_ONE_FIELD, AT(subject), 0, true },
	{ CASE_IN_CASE, "organisation", CASE_VALUE_ONE_FIELD, AT(organisation),
	    0, false },
	{ CASE_IN_CASE, "center", CASE_VALUE_ONE_FIELD, AT(center), 0, false },
	{ CASE_IN_CASE, "code", CASE_VALUE_YES, AT(has_code), 0, false },
#undef AT
#define AT(member) offsetof(struct case_field, member)
	{ CASE_IN_FIELD, "title.zh", CASE_VALUE_TEXT, AT(title.zh),
	    CASE_TITLE_SIZE, true },
	{ CASE_IN_FIELD, "title.en", CASE_VALUE_TEXT, AT(title.en),
	    CASE_TITLE_SIZE, true },
	{ CASE_IN_FIELD, "kind", CASE_VALUE_KIND, AT(kind), 0, true },
	{ CASE_IN_FIELD, "required", CASE_VALUE_YES, AT(is_required), 0,
	    false },
#undef AT
#define AT(member) offsetof(struct case_evidence, member)
	{ CASE_IN_EVIDENCE, "title.zh", CASE_VALUE_TEXT, AT(title.zh),
	    CASE_TITLE_SIZE, true },
	{ CASE_IN_EVIDENCE, "title.en", CASE_VALUE_TEXT, AT(title.en),
	    CASE_TITLE_SIZE, true },
#undef AT
#define AT(member) offsetof(struct case_state, member)
	{ CASE_IN_STATE, "title.zh", CASE_VALUE_TEXT, AT(title.zh),
	    CASE_TITLE_SIZE, true },
	{ CASE_IN_STATE, "title.en", CASE_VALUE_TEXT, AT(title.en),
	    CASE_TITLE_SIZE, true },
	{ CASE_IN_STATE, "final", CASE_VALUE_YES, AT(is_final), 0, false },
	{ CASE_IN_STATE, "open", CASE_VALUE_YES, AT(is_open), 0, false },
	{ CASE_IN_STATE, "days", CASE_VALUE_NUMBER, AT(days), CASE_DAYS_MAX,
	    false },
	{ CASE_IN_STATE, "due", CASE_VALUE_MOVE, AT(due), 0, false },
	{ CASE_IN_STATE, "effect", CASE_VALUE_EFFECT, AT(effect), 0, false },
#undef AT
#define AT(member) offsetof(struct case_move, member)
	{ CASE_IN_MOVE, "title.zh", CASE_VALUE_TEXT, AT(title.zh),
	    CASE_TITLE_SIZE, true },
	{ CASE_IN_MOVE, "title.en", CASE_VALUE_TEXT, AT(title.en),
	    CASE_TITLE_SIZE, true },
	{ CASE_IN_MOVE, "from", CASE_VALUE_STATES, AT(from), 0, true },
	{ CASE_IN_MOVE, "to", CASE_VALUE_STATE, AT(to), 0, true },
	{ CASE_IN_MOVE, "who", CASE_VALUE_OFFICES, AT(offices), 0, true },
	{ CASE_IN_MOVE, "when", CASE_VALUE_WHEN, AT(when), 0, false },
	{ CASE_IN_MOVE, "persons", CASE_VALUE_NUMBER, AT(persons), 2, false },
	{ CASE_IN_MOVE, "signed", CASE_VALUE_YES, AT(is_signed), 0, false },
	{ CASE_IN_MOVE, "apart-from", CASE_VALUE_MOVES, AT(apart_from), 0,
	    false },
	{ CASE_IN_MOVE, "needs", CASE_VALUE_EVIDENCE, AT(needs), 0, false },
	{ CASE_IN_MOVE, "code", CASE_VALUE_YES, AT(needs_code), 0, false },
	{ CASE_IN_MOVE, "note", CASE_VALUE_YES, AT(needs_note), 0, false },
#undef AT
#define AT(member) offsetof(struct case_notice, member)
	{ CASE_IN_NOTICE, "move", CASE_VALUE_MOVE, AT(move), 0, false },
	{ CASE_IN_NOTICE, "state", CASE_VALUE_STATE, AT(state), 0, false },
	{ CASE_IN_NOTICE, "before", CASE_VALUE_NUMBER, AT(before),
	    CASE_DAYS_MAX, false },
	{ CASE_IN_NOTICE, "to", CASE_VALUE_AUDIENCE, AT(to), 0, true },
	{ CASE_IN_NOTICE, "text.zh", CASE_VALUE_TEXT, AT(zh), CASE_TEXT_SIZE,
	    true },
	{ CASE_IN_NOTICE, "text.en", CASE_VALUE_TEXT, AT(en), CASE_TEXT_SIZE,
	    true },
#undef AT
};

/* ---- reading ---------------------------------------------------------------- */

_Static_assert(ARRAY_LEN(keys) <= KEYS_MAX, "a bit for each key");

int
case_find_fault(struct case_findings *findings, int line, const char *remedy,
    const char *fmt, ...)
{
	struct case_finding *finding = &findings->items[findings->count];
	va_list args;

	if (findings->count == CASE_FINDINGS_MAX)
		return -1;
	findings->count++;
	finding->line = line;
	va_start(args, fmt);
	vsnprintf(finding->text, sizeof(finding->text), fmt, args);
	va_end(args);
	snprintf(finding->remedy, sizeof(finding->remedy), "%s", remedy);
	return -1;
}

const char *
case_section_word(enum case_section section)
{
	return sections[section].word;
}

static void *
item_at(struct case_definition *definition, enum case_section section,
    int index)
{
	return (char *)definition + sections[section].offset +
	    (size_t)index * sections[section].size;
}

static int *
count_of(struct case_definition *definition, enum case_section section)
{
	return (int *)(void *)((char *)definition + sections[section].count);
}

bool
case_name_fits(const char *text)
{
	if (text[0] < 'a' || text[0] > 'z' || strlen(text) >= CASE_NAME_SIZE)
		return false;
	for (; *text != '\0'; text++)
		if ((*text < 'a' || *text > 'z') &&
		    (*text < '0' || *text > '9') && *text != '-')
			return false;
	return true;
}

int
case_item_find(struct case_definition *definition, enum case_section section,
    const char *name)
{
	for (int i = 0; i < *count_of(definition, section); i++)
		if (text_equal(item_at(definition, section, i), name))
			return i;
	return CASE_NONE;
}

static int
add_item(struct case_reading *reading, const char *name)
{
	struct case_definition *to = reading->definition;
	int *count = count_of(to, reading->section);
	char *item;

	if (!case_name_fits(name))
		return case_find_fault(reading->findings, reading->line,
		    "use lower-case letters, digits and '-', at most 31",
		    "\"%s\" is no name", name);
	if (case_item_find(to, reading->section, name) != CASE_NONE)
		return case_find_fault(reading->findings, reading->line,
		    "give each its own name", "[%s %s] is there twice",
		    sections[reading->section].word, name);
	if (*count == sections[reading->section].max)
		return case_find_fault(reading->findings, reading->line,
		    "split the procedure into two", "more than %d [%s]",
		    sections[reading->section].max,
		    sections[reading->section].word);
	item = item_at(to, reading->section, (*count)++);
	text_copy(item, CASE_NAME_SIZE, name);
	memcpy(item + sections[reading->section].line, &reading->line,
	    sizeof(reading->line));
	return 0;
}

/* What a section must have and has not. */
static void
end_section(struct case_reading *reading)
{
	if (reading->names_only)
		return;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (keys[i].section == reading->section && keys[i].is_needed &&
		    (reading->seen & UINT64_C(1) << i) == 0)
			case_find_fault(reading->findings, reading->begins,
			    "add it", "[%s] has no %s",
			    sections[reading->section].word, keys[i].name);
}

static int
begin_section(struct case_reading *reading, char *text)
{
	char *end = strchr(text, ']');
	char *name = strchr(text, ' ');

	end_section(reading);
	reading->section = CASE_IN_NOTHING;
	reading->seen = 0;
	reading->begins = reading->line;
	if (end == NULL || end[1] != '\0')
		return case_find_fault(reading->findings, reading->line,
		    "write [kind name]", "a section without its end");
	*end = '\0';
	if (name != NULL)
		*name++ = '\0';
	for (int i = CASE_IN_CASE; i < CASE_SECTION_COUNT; i++)
		if (text_equal(sections[i].word, text + 1))
			reading->section = (enum case_section)i;
	if (reading->section == CASE_IN_NOTHING)
		return case_find_fault(reading->findings, reading->line,
		    "it is case, field, evidence, state, move or notice",
		    "there is no section [%s]", text + 1);
	if (reading->section == CASE_IN_CASE) {
		reading->target = reading->definition;
		if (reading->next[CASE_IN_CASE]++ > 0)
			return case_find_fault(reading->findings, reading->line,
			    "leave one", "[case] twice");
		return 0;
	}
	if (reading->names_only)
		return add_item(reading, name != NULL ? name : "");
	reading->target = item_at(reading->definition, reading->section,
	    reading->next[reading->section]++);
	return 0;
}

static int
take_value(struct case_reading *reading, char *text)
{
	char *value = strchr(text, '=');
	size_t len;

	if (value == NULL)
		return case_find_fault(reading->findings, reading->line,
		    "write key = value", "neither a section nor a value");
	*value++ = '\0';
	value += strspn(value, " ");
	for (len = strlen(text); len > 0 && text[len - 1] == ' '; len--)
		text[len - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (keys[i].section != reading->section ||
		    !text_equal(keys[i].name, text))
			continue;
		if ((reading->seen & UINT64_C(1) << i) != 0)
			return case_find_fault(reading->findings, reading->line,
			    "leave one", "%s twice", text);
		reading->seen |= UINT64_C(1) << i;
		return case_value_set(reading, &keys[i], value);
	}
	return case_find_fault(reading->findings, reading->line,
	    "use one of docs/cases.md", "[%s] has no %s",
	    sections[reading->section].word, text);
}

static void
take_line(struct case_reading *reading, char *text)
{
	size_t len = strlen(text);

	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\r'))
		text[--len] = '\0';
	if (text[0] == '[')
		(void)begin_section(reading, text);
	else if (text[0] != ';' && text[0] != '\0' && !reading->names_only &&
	    reading->section != CASE_IN_NOTHING)
		(void)take_value(reading, text);
}

static void
read_lines(struct case_reading *reading, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		char line[LINE_SIZE];

		if (stop == NULL)
			stop = end;
		reading->line++;
		if (text_copy_len(line, sizeof(line), text,
			(size_t)(stop - text)))
			take_line(reading, line);
		else
			case_find_fault(reading->findings, reading->line,
			    "make it shorter", "a line is too long");
		text = stop + 1;
	}
	end_section(reading);
}

/* What is not said is none. */
static void
set_defaults(struct case_definition *definition)
{
	definition->organisation = CASE_NONE;
	definition->center = CASE_NONE;
	for (int i = 0; i < definition->state_count; i++)
		definition->states[i].due = CASE_NONE;
	for (int i = 0; i < definition->move_count; i++)
		definition->moves[i].persons = 1;
	for (int i = 0; i < definition->notice_count; i++) {
		definition->notices[i].move = CASE_NONE;
		definition->notices[i].state = CASE_NONE;
	}
}

int
case_definition_read(const char *text, size_t len,
    struct case_definition *definition, struct case_findings *findings)
{
	struct case_reading names = { .definition = definition,
		.findings = findings,
		.names_only = true };
	struct case_reading values = { .definition = definition,
		.findings = findings };

	memset(definition, 0, sizeof(*definition));
	definition->line = 1;
	if (len > CASE_DEFINITION_MAX || !text_is_utf8(text, len) ||
	    memchr(text, '\0', len) != NULL)
		return case_find_fault(findings, 1, "write it anew",
		    "not UTF-8, or more than %d bytes", CASE_DEFINITION_MAX);
	read_lines(&names, text, len);
	if (findings->count > 0)
		return -1;
	if (names.next[CASE_IN_CASE] == 0)
		return case_find_fault(findings, 1, "begin with it",
		    "there is no [case]");
	set_defaults(definition);
	read_lines(&values, text, len);
	if (findings->count == 0)
		case_definition_check(definition, findings);
	return findings->count == 0 ? 0 : -1;
}
