/*
 * The values of a definition, as their keys want them; only case_definition*.c
 * include this.
 */
#ifndef CASE_CASE_DEFINITION_VALUE_H
#define CASE_CASE_DEFINITION_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case/case_definition.h"

enum case_section {
	CASE_IN_NOTHING,
	CASE_IN_CASE,
	CASE_IN_FIELD,
	CASE_IN_EVIDENCE,
	CASE_IN_STATE,
	CASE_IN_MOVE,
	CASE_IN_NOTICE,
	CASE_SECTION_COUNT
};

/* What a value is, and the type that it has in its struct. */
enum case_value {
	CASE_VALUE_NAME,   /* char[CASE_NAME_SIZE] */
	CASE_VALUE_TEXT,   /* char[size] */
	CASE_VALUE_YES,    /* bool */
	CASE_VALUE_NUMBER, /* int, 1 to `size` */
	CASE_VALUE_STATE,  /* int, its index; so the others of one name */
	CASE_VALUE_STATES, /* uint32_t, bits; so the others of several */
	CASE_VALUE_MOVE,
	CASE_VALUE_MOVES,
	CASE_VALUE_ONE_FIELD,
	CASE_VALUE_EVIDENCE,
	CASE_VALUE_OFFICES,
	CASE_VALUE_AUDIENCE,
	CASE_VALUE_WHEN,
	CASE_VALUE_KIND,
	CASE_VALUE_EFFECT
};

/* What may stand in a section. */
struct case_key {
	enum case_section section;
	const char *name;
	enum case_value value;
	size_t offset, size;
	bool is_needed;
};

/*
 * Twice through the text: first what the sections are called, then what they
 * say, so that a move may name a state that comes later.
 */
struct case_reading {
	struct case_definition *definition;
	struct case_findings *findings;
	bool names_only; /* the first time */
	enum case_section section;
	int next[CASE_SECTION_COUNT]; /* which of its kind comes next */
	void *target;                 /* where this section's values go */
	int begins;                   /* its line */
	int line;
	uint64_t seen; /* keys of this section */
};

/* What a section of this kind is called in the text. */
const char *case_section_word(enum case_section section);

/* Lower case, digits and '-', beginning with a letter. */
bool case_name_fits(const char *text);

/* The item of this name, by its place among those of its kind; or CASE_NONE. */
int case_item_find(struct case_definition *definition,
    enum case_section section, const char *name);

/* Put a value where its key says; -1 with a finding if it is none such. */
int case_value_set(struct case_reading *reading, const struct case_key *key,
    const char *value);

#endif
