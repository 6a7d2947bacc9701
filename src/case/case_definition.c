#include "case/case_definition.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "case/case_definition_internal.h"
#include "policy/office.h"

enum { LINE_SIZE = 1024, WORD_SIZE = 64, KEYS_MAX = 64 };

/* ---- what may stand in a definition --------------------------------------- */

enum section {
	IN_NOTHING,
	IN_CASE,
	IN_FIELD,
	IN_EVIDENCE,
	IN_STATE,
	IN_MOVE,
	IN_NOTICE,
	SECTION_COUNT
};

#define AT(member) offsetof(struct case_definition, member)

/* Where the items of a kind of section are; each begins with its name. */
static const struct {
	const char *word;
	size_t offset, size, count, line;
	int max;
} sections[SECTION_COUNT] = {
	[IN_NOTHING] = { "", 0, 0, 0, 0, 0 },
	[IN_CASE] = { "case", 0, 0, 0, 0, 1 },
	[IN_FIELD] = { "field", AT(fields), sizeof(struct case_field),
	    AT(field_count), offsetof(struct case_field, line),
	    CASE_FIELDS_MAX },
	[IN_EVIDENCE] = { "evidence", AT(evidence),
	    sizeof(struct case_evidence), AT(evidence_count),
	    offsetof(struct case_evidence, line), CASE_EVIDENCE_MAX },
	[IN_STATE] = { "state", AT(states), sizeof(struct case_state),
	    AT(state_count), offsetof(struct case_state, line),
	    CASE_STATES_MAX },
	[IN_MOVE] = { "move", AT(moves), sizeof(struct case_move),
	    AT(move_count), offsetof(struct case_move, line), CASE_MOVES_MAX },
	[IN_NOTICE] = { "notice", AT(notices), sizeof(struct case_notice),
	    AT(notice_count), offsetof(struct case_notice, line),
	    CASE_NOTICES_MAX },
};

/* What a value is, and the type that it has in its struct. */
enum value {
	VALUE_NAME,   /* char[CASE_NAME_SIZE] */
	VALUE_TEXT,   /* char[size] */
	VALUE_YES,    /* bool */
	VALUE_NUMBER, /* int, 1 to `size` */
	VALUE_STATE,  /* int, its index; so the others of one name */
	VALUE_STATES, /* uint32_t, bits; so the others of several */
	VALUE_MOVE,
	VALUE_MOVES,
	VALUE_ONE_FIELD,
	VALUE_EVIDENCE,
	VALUE_OFFICES,
	VALUE_AUDIENCE,
	VALUE_WHEN,
	VALUE_KIND,
	VALUE_EFFECT
};

static const struct key {
	enum section section;
	const char *name;
	enum value value;
	size_t offset, size;
	bool is_needed;
} keys[] = {
	{ IN_CASE, "name", VALUE_NAME, AT(name), 0, true },
	{ IN_CASE, "title.zh", VALUE_TEXT, AT(title.zh), CASE_TITLE_SIZE,
	    true },
	{ IN_CASE, "title.en", VALUE_TEXT, AT(title.en), CASE_TITLE_SIZE,
	    true },
	{ IN_CASE, "clause", VALUE_TEXT, AT(clause), CASE_TITLE_SIZE, true },
	{ IN_CASE, "first", VALUE_STATE, AT(first), 0, true },
	{ IN_CASE, "subject", VALUE_ONE_FIELD, AT(subject), 0, true },
	{ IN_CASE, "organisation", VALUE_ONE_FIELD, AT(organisation), 0,
	    false },
	{ IN_CASE, "center", VALUE_ONE_FIELD, AT(center), 0, false },
	{ IN_CASE, "code", VALUE_YES, AT(has_code), 0, false },
#undef AT
#define AT(member) offsetof(struct case_field, member)
	{ IN_FIELD, "title.zh", VALUE_TEXT, AT(title.zh), CASE_TITLE_SIZE,
	    true },
	{ IN_FIELD, "title.en", VALUE_TEXT, AT(title.en), CASE_TITLE_SIZE,
	    true },
	{ IN_FIELD, "kind", VALUE_KIND, AT(kind), 0, true },
	{ IN_FIELD, "required", VALUE_YES, AT(is_required), 0, false },
#undef AT
#define AT(member) offsetof(struct case_evidence, member)
	{ IN_EVIDENCE, "title.zh", VALUE_TEXT, AT(title.zh), CASE_TITLE_SIZE,
	    true },
	{ IN_EVIDENCE, "title.en", VALUE_TEXT, AT(title.en), CASE_TITLE_SIZE,
	    true },
#undef AT
#define AT(member) offsetof(struct case_state, member)
	{ IN_STATE, "title.zh", VALUE_TEXT, AT(title.zh), CASE_TITLE_SIZE,
	    true },
	{ IN_STATE, "title.en", VALUE_TEXT, AT(title.en), CASE_TITLE_SIZE,
	    true },
	{ IN_STATE, "final", VALUE_YES, AT(is_final), 0, false },
	{ IN_STATE, "open", VALUE_YES, AT(is_open), 0, false },
	{ IN_STATE, "days", VALUE_NUMBER, AT(days), CASE_DAYS_MAX, false },
	{ IN_STATE, "due", VALUE_MOVE, AT(due), 0, false },
	{ IN_STATE, "effect", VALUE_EFFECT, AT(effect), 0, false },
#undef AT
#define AT(member) offsetof(struct case_move, member)
	{ IN_MOVE, "title.zh", VALUE_TEXT, AT(title.zh), CASE_TITLE_SIZE,
	    true },
	{ IN_MOVE, "title.en", VALUE_TEXT, AT(title.en), CASE_TITLE_SIZE,
	    true },
	{ IN_MOVE, "from", VALUE_STATES, AT(from), 0, true },
	{ IN_MOVE, "to", VALUE_STATE, AT(to), 0, true },
	{ IN_MOVE, "who", VALUE_OFFICES, AT(offices), 0, true },
	{ IN_MOVE, "when", VALUE_WHEN, AT(when), 0, false },
	{ IN_MOVE, "persons", VALUE_NUMBER, AT(persons), 2, false },
	{ IN_MOVE, "signed", VALUE_YES, AT(is_signed), 0, false },
	{ IN_MOVE, "apart-from", VALUE_MOVES, AT(apart_from), 0, false },
	{ IN_MOVE, "needs", VALUE_EVIDENCE, AT(needs), 0, false },
	{ IN_MOVE, "code", VALUE_YES, AT(needs_code), 0, false },
	{ IN_MOVE, "note", VALUE_YES, AT(needs_note), 0, false },
#undef AT
#define AT(member) offsetof(struct case_notice, member)
	{ IN_NOTICE, "move", VALUE_MOVE, AT(move), 0, false },
	{ IN_NOTICE, "state", VALUE_STATE, AT(state), 0, false },
	{ IN_NOTICE, "before", VALUE_NUMBER, AT(before), CASE_DAYS_MAX, false },
	{ IN_NOTICE, "to", VALUE_AUDIENCE, AT(to), 0, true },
	{ IN_NOTICE, "text.zh", VALUE_TEXT, AT(zh), CASE_TEXT_SIZE, true },
	{ IN_NOTICE, "text.en", VALUE_TEXT, AT(en), CASE_TEXT_SIZE, true },
#undef AT
};

/* ---- reading ---------------------------------------------------------------- */

/*
 * Twice through the text: first what the sections are called, then what they
 * say, so that a move may name a state that comes later.
 */
struct reading {
	struct case_definition *definition;
	struct case_findings *findings;
	bool names_only; /* the first time */
	enum section section;
	int next[SECTION_COUNT]; /* which of its kind comes next */
	void *target;            /* where this section's values go */
	int begins;              /* its line */
	int line;
	uint64_t seen; /* keys of this section */
};

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

static void *
item_at(struct case_definition *definition, enum section section, int index)
{
	return (char *)definition + sections[section].offset +
	    (size_t)index * sections[section].size;
}

static int *
count_of(struct case_definition *definition, enum section section)
{
	return (int *)(void *)((char *)definition + sections[section].count);
}

/* Lower case, digits and '-', beginning with a letter. */
static bool
is_name(const char *text)
{
	if (text[0] < 'a' || text[0] > 'z' || strlen(text) >= CASE_NAME_SIZE)
		return false;
	for (; *text != '\0'; text++)
		if ((*text < 'a' || *text > 'z') &&
		    (*text < '0' || *text > '9') && *text != '-')
			return false;
	return true;
}

static int
find_item(struct case_definition *definition, enum section section,
    const char *name)
{
	for (int i = 0; i < *count_of(definition, section); i++)
		if (text_equal(item_at(definition, section, i), name))
			return i;
	return CASE_NONE;
}

static int
add_item(struct reading *reading, const char *name)
{
	struct case_definition *to = reading->definition;
	int *count = count_of(to, reading->section);
	char *item;

	if (!is_name(name))
		return case_find_fault(reading->findings, reading->line,
		    "use lower-case letters, digits and '-', at most 31",
		    "\"%s\" is no name", name);
	if (find_item(to, reading->section, name) != CASE_NONE)
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
end_section(struct reading *reading)
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
begin_section(struct reading *reading, char *text)
{
	char *end = strchr(text, ']');
	char *name = strchr(text, ' ');

	end_section(reading);
	reading->section = IN_NOTHING;
	reading->seen = 0;
	reading->begins = reading->line;
	if (end == NULL || end[1] != '\0')
		return case_find_fault(reading->findings, reading->line,
		    "write [kind name]", "a section without its end");
	*end = '\0';
	if (name != NULL)
		*name++ = '\0';
	for (int i = IN_CASE; i < SECTION_COUNT; i++)
		if (text_equal(sections[i].word, text + 1))
			reading->section = (enum section)i;
	if (reading->section == IN_NOTHING)
		return case_find_fault(reading->findings, reading->line,
		    "it is case, field, evidence, state, move or notice",
		    "there is no section [%s]", text + 1);
	if (reading->section == IN_CASE) {
		reading->target = reading->definition;
		if (reading->next[IN_CASE]++ > 0)
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

/* ---- values ------------------------------------------------------------------ */

static int
set_bits(struct reading *reading, const char *value, enum section section,
    void *to)
{
	uint32_t bits = 0;

	while (*value != '\0') {
		size_t len = strcspn(value, " ");
		char word[WORD_SIZE];
		int index;

		text_copy_len(word, sizeof(word), value, len);
		index = find_item(reading->definition, section, word);
		if (index == CASE_NONE)
			return case_find_fault(reading->findings, reading->line,
			    "name one that is there", "there is no [%s %s]",
			    sections[section].word, word);
		bits |= UINT32_C(1) << index;
		value += len;
		value += strspn(value, " ");
	}
	memcpy(to, &bits, sizeof(bits));
	return 0;
}

static int
set_index(struct reading *reading, const char *value, enum section section,
    void *to)
{
	int index = find_item(reading->definition, section, value);

	if (index == CASE_NONE)
		return case_find_fault(reading->findings, reading->line,
		    "name one that is there", "there is no [%s %s]",
		    sections[section].word, value);
	memcpy(to, &index, sizeof(index));
	return 0;
}

static int
set_audience(struct reading *reading, const char *value, void *to)
{
	unsigned bits = 0;

	while (*value != '\0') {
		size_t len = strcspn(value, " ");
		unsigned bit = 0;

		for (int i = 0; i < CASE_AUDIENCE_COUNT; i++) {
			const char *name =
			    case_audience_name((enum case_audience)i);

			if (strlen(name) == len &&
			    strncmp(name, value, len) == 0)
				bit = 1u << i;
		}
		if (bit == 0)
			return case_find_fault(reading->findings, reading->line,
			    "tell clerk, officer, organisation, supervisor or "
			    "center",
			    "nobody is \"%.*s\"", (int)len, value);
		bits |= bit;
		value += len;
		value += strspn(value, " ");
	}
	memcpy(to, &bits, sizeof(bits));
	return 0;
}

static int
set_offices(struct reading *reading, const char *value, void *to)
{
	unsigned offices = 1u << OFFICE_SYSTEM;

	if (!text_equal(value, "system") && !office_parse_list(value, &offices))
		return case_find_fault(reading->findings, reading->line,
		    "use those of src/policy/office.h; system stands alone",
		    "\"%s\" names no office", value);
	memcpy(to, &offices, sizeof(offices));
	return 0;
}

static int
set_text(struct reading *reading, const struct key *key, const char *value,
    void *to)
{
	if (value[0] == '\0')
		return case_find_fault(reading->findings, reading->line,
		    "say it in both languages", "%s is empty", key->name);
	if (text_copy(to, key->size, value))
		return 0;
	return case_find_fault(reading->findings, reading->line,
	    "make it shorter", "%s has more than %zu bytes", key->name,
	    key->size - 1);
}

static int
set_number(struct reading *reading, const struct key *key, const char *value,
    void *to)
{
	uint64_t parsed;
	int number;

	if (!text_parse_u64(value, key->size, &parsed) || parsed == 0)
		return case_find_fault(reading->findings, reading->line,
		    "write a number", "%s is 1 to %zu", key->name, key->size);
	number = (int)parsed;
	memcpy(to, &number, sizeof(number));
	return 0;
}

static int
set_word(struct reading *reading, const struct key *key, const char *value,
    void *to)
{
	bool is_yes = text_equal(value, "yes");

	if (key->value == VALUE_YES) {
		if (!is_yes && !text_equal(value, "no"))
			return case_find_fault(reading->findings, reading->line,
			    "write yes or no", "%s is \"%s\"", key->name,
			    value);
		memcpy(to, &is_yes, sizeof(is_yes));
		return 0;
	}
	if (key->value == VALUE_NAME ? !is_name(value)
				     : !case_effect_is_known(value))
		return case_find_fault(reading->findings, reading->line,
		    key->value == VALUE_NAME
			? "use lower-case letters, digits and '-'"
			: "use one of docs/cases.md",
		    "%s is \"%s\"", key->name, value);
	text_copy(to, CASE_NAME_SIZE, value);
	return 0;
}

static int
set_kind(struct reading *reading, const char *value, void *to)
{
	for (int i = 0; i < CASE_FIELD_COUNT; i++) {
		enum case_field_kind kind = (enum case_field_kind)i;

		if (!text_equal(case_field_kind_name(kind), value))
			continue;
		memcpy(to, &kind, sizeof(kind));
		return 0;
	}
	return case_find_fault(reading->findings, reading->line,
	    "use one of docs/cases.md", "there is no kind \"%s\"", value);
}

static int
set_when(struct reading *reading, const char *value, void *to)
{
	for (int i = 1; i < CASE_WHEN_COUNT; i++) {
		enum case_when when = (enum case_when)i;

		if (!text_equal(case_when_name(when), value))
			continue;
		memcpy(to, &when, sizeof(when));
		return 0;
	}
	return case_find_fault(reading->findings, reading->line,
	    "it is published, overdue or watched", "when is \"%s\"", value);
}

static int
set_value(struct reading *reading, const struct key *key, const char *value)
{
	void *to = (char *)reading->target + key->offset;

	switch (key->value) {
	case VALUE_TEXT:
		return set_text(reading, key, value, to);
	case VALUE_NUMBER:
		return set_number(reading, key, value, to);
	case VALUE_STATE:
		return set_index(reading, value, IN_STATE, to);
	case VALUE_STATES:
		return set_bits(reading, value, IN_STATE, to);
	case VALUE_MOVE:
		return set_index(reading, value, IN_MOVE, to);
	case VALUE_MOVES:
		return set_bits(reading, value, IN_MOVE, to);
	case VALUE_ONE_FIELD:
		return set_index(reading, value, IN_FIELD, to);
	case VALUE_EVIDENCE:
		return set_bits(reading, value, IN_EVIDENCE, to);
	case VALUE_OFFICES:
		return set_offices(reading, value, to);
	case VALUE_AUDIENCE:
		return set_audience(reading, value, to);
	case VALUE_WHEN:
		return set_when(reading, value, to);
	case VALUE_KIND:
		return set_kind(reading, value, to);
	case VALUE_NAME:
	case VALUE_YES:
	case VALUE_EFFECT:
	default:
		return set_word(reading, key, value, to);
	}
}

static int
take_value(struct reading *reading, char *text)
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
		return set_value(reading, &keys[i], value);
	}
	return case_find_fault(reading->findings, reading->line,
	    "use one of docs/cases.md", "[%s] has no %s",
	    sections[reading->section].word, text);
}

static void
take_line(struct reading *reading, char *text)
{
	size_t len = strlen(text);

	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\r'))
		text[--len] = '\0';
	if (text[0] == '[')
		(void)begin_section(reading, text);
	else if (text[0] != ';' && text[0] != '\0' && !reading->names_only &&
	    reading->section != IN_NOTHING)
		(void)take_value(reading, text);
}

static void
read_lines(struct reading *reading, const char *text, size_t len)
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
	struct reading names = { .definition = definition,
		.findings = findings,
		.names_only = true };
	struct reading values = { .definition = definition,
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
	if (names.next[IN_CASE] == 0)
		return case_find_fault(findings, 1, "begin with it",
		    "there is no [case]");
	set_defaults(definition);
	read_lines(&values, text, len);
	if (findings->count == 0)
		case_definition_check(definition, findings);
	return findings->count == 0 ? 0 : -1;
}
