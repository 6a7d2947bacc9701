#include "case/case_definition_value.h"

#include <string.h>

#include "base/text.h"
#include "case/case_definition_internal.h"
#include "policy/office.h"

enum { WORD_SIZE = 64 };

static int
set_bits(struct case_reading *reading, const char *value,
    enum case_section section, void *to)
{
	uint32_t bits = 0;

	while (*value != '\0') {
		size_t len = strcspn(value, " ");
		char word[WORD_SIZE];
		int index;

		text_copy_len(word, sizeof(word), value, len);
		index = case_item_find(reading->definition, section, word);
		if (index == CASE_NONE)
			return case_find_fault(reading->findings, reading->line,
			    "name one that is there", "there is no [%s %s]",
			    case_section_word(section), word);
		bits |= UINT32_C(1) << index;
		value += len;
		value += strspn(value, " ");
	}
	memcpy(to, &bits, sizeof(bits));
	return 0;
}

static int
set_index(struct case_reading *reading, const char *value,
    enum case_section section, void *to)
{
	int index = case_item_find(reading->definition, section, value);

	if (index == CASE_NONE)
		return case_find_fault(reading->findings, reading->line,
		    "name one that is there", "there is no [%s %s]",
		    case_section_word(section), value);
	memcpy(to, &index, sizeof(index));
	return 0;
}

static int
set_audience(struct case_reading *reading, const char *value, void *to)
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
set_offices(struct case_reading *reading, const char *value, void *to)
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
set_text(struct case_reading *reading, const struct case_key *key,
    const char *value, void *to)
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
set_number(struct case_reading *reading, const struct case_key *key,
    const char *value, void *to)
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
set_word(struct case_reading *reading, const struct case_key *key,
    const char *value, void *to)
{
	bool is_yes = text_equal(value, "yes");

	if (key->value == CASE_VALUE_YES) {
		if (!is_yes && !text_equal(value, "no"))
			return case_find_fault(reading->findings, reading->line,
			    "write yes or no", "%s is \"%s\"", key->name,
			    value);
		memcpy(to, &is_yes, sizeof(is_yes));
		return 0;
	}
	if (key->value == CASE_VALUE_NAME ? !case_name_fits(value)
					  : !case_effect_is_known(value))
		return case_find_fault(reading->findings, reading->line,
		    key->value == CASE_VALUE_NAME
			? "use lower-case letters, digits and '-'"
			: "use one of docs/cases.md",
		    "%s is \"%s\"", key->name, value);
	text_copy(to, CASE_NAME_SIZE, value);
	return 0;
}

static int
set_kind(struct case_reading *reading, const char *value, void *to)
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
set_when(struct case_reading *reading, const char *value, void *to)
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

int
case_value_set(struct case_reading *reading, const struct case_key *key,
    const char *value)
{
	void *to = (char *)reading->target + key->offset;

	switch (key->value) {
	case CASE_VALUE_TEXT:
		return set_text(reading, key, value, to);
	case CASE_VALUE_NUMBER:
		return set_number(reading, key, value, to);
	case CASE_VALUE_STATE:
		return set_index(reading, value, CASE_IN_STATE, to);
	case CASE_VALUE_STATES:
		return set_bits(reading, value, CASE_IN_STATE, to);
	case CASE_VALUE_MOVE:
		return set_index(reading, value, CASE_IN_MOVE, to);
	case CASE_VALUE_MOVES:
		return set_bits(reading, value, CASE_IN_MOVE, to);
	case CASE_VALUE_ONE_FIELD:
		return set_index(reading, value, CASE_IN_FIELD, to);
	case CASE_VALUE_EVIDENCE:
		return set_bits(reading, value, CASE_IN_EVIDENCE, to);
	case CASE_VALUE_OFFICES:
		return set_offices(reading, value, to);
	case CASE_VALUE_AUDIENCE:
		return set_audience(reading, value, to);
	case CASE_VALUE_WHEN:
		return set_when(reading, value, to);
	case CASE_VALUE_KIND:
		return set_kind(reading, value, to);
	case CASE_VALUE_NAME:
	case CASE_VALUE_YES:
	case CASE_VALUE_EFFECT:
	default:
		return set_word(reading, key, value, to);
	}
}
