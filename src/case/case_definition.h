/*
 * Definitions of cases: which procedure there is, its states, its moves, who
 * may make them, what must be there before, when it is late, and who is told.
 * Data (data/cases, docs/cases.md), read and checked here.  Pure.
 */
#ifndef CASE_CASE_DEFINITION_H
#define CASE_CASE_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

enum {
	CASE_NAME_SIZE = 32,
	CASE_TITLE_SIZE = 128,
	CASE_TEXT_SIZE = 400,
	CASE_STATES_MAX = 16,
	CASE_MOVES_MAX = 32,
	CASE_FIELDS_MAX = 16,
	CASE_EVIDENCE_MAX = 16,
	CASE_NOTICES_MAX = 24,
	CASE_DEFINITION_MAX = 32768, /* bytes of its text */
	CASE_DAYS_MAX = 366,
	CASE_NONE = -1,
};

struct case_words {
	char zh[CASE_TITLE_SIZE];
	char en[CASE_TITLE_SIZE];
};

enum case_field_kind {
	CASE_FIELD_TEXT,
	CASE_FIELD_ORGANISATION, /* a code */
	CASE_FIELD_NAME,         /* a full name */
	CASE_FIELD_HOST,         /* name of a gateway or center */
	CASE_FIELD_ADDRESS,      /* an IP address */
	CASE_FIELD_CERTIFICATE,  /* a fingerprint */
	CASE_FIELD_OFFICES,      /* offices of a person */
	CASE_FIELD_COUNT
};

struct case_field {
	char name[CASE_NAME_SIZE];
	struct case_words title;
	enum case_field_kind kind;
	bool is_required;
	int line;
};

struct case_evidence {
	char name[CASE_NAME_SIZE];
	struct case_words title;
	int line;
};

/*
 * What waits in a state to be published (management/casework_effect.h): the
 * names of the changes, or "" for none.
 */
struct case_state {
	char name[CASE_NAME_SIZE];
	struct case_words title;
	bool is_final;
	bool is_open; /* evidence may be added */
	int days;     /* civil days; 0: no deadline */
	int due;      /* the move that must have been made by then */
	char effect[CASE_NAME_SIZE];
	int line;
};

/* Who makes a move of OFFICE_SYSTEM, when. */
enum case_when {
	CASE_BY_HAND,
	CASE_WHEN_PUBLISHED, /* the bulletins in force say what it wants */
	CASE_WHEN_OVERDUE,   /* the deadline of its state is over */
	CASE_WHEN_WATCHED,   /* the watch over certificates says so */
	CASE_WHEN_COUNT
};

struct case_move {
	char name[CASE_NAME_SIZE];
	struct case_words title;
	uint32_t from; /* bits of states */
	int to;
	unsigned offices; /* bits of policy/office.h */
	enum case_when when;
	int persons;         /* how many must make it: 1 or 2 */
	bool is_signed;      /* with the key of each */
	uint32_t apart_from; /* moves whose maker may not make this one */
	uint32_t needs;      /* bits of evidence */
	bool needs_code;     /* the one-time code and the fingerprint */
	bool needs_note;     /* a reason */
	int line;
};

/* Who is told. */
enum case_audience {
	CASE_TELL_CLERK,
	CASE_TELL_OFFICER,
	CASE_TELL_ORGANISATION,
	CASE_TELL_SUPERVISOR,
	CASE_TELL_CENTER,
	CASE_AUDIENCE_COUNT
};

struct case_notice {
	char name[CASE_NAME_SIZE];
	int move;    /* told when it is made, or CASE_NONE */
	int state;   /* ... or some days before its deadline */
	int before;  /* days */
	unsigned to; /* bits of case_audience */
	char zh[CASE_TEXT_SIZE];
	char en[CASE_TEXT_SIZE];
	int line;
};

struct case_definition {
	char name[CASE_NAME_SIZE];
	struct case_words title;
	char clause[CASE_TITLE_SIZE]; /* requirements that it fulfils */
	int first;
	int subject;      /* the field that says what it is about */
	int organisation; /* the field that says whose it is, or CASE_NONE */
	int center;       /* the field that names a center, or CASE_NONE */
	bool has_code;    /* a one-time code is given out */
	struct case_state states[CASE_STATES_MAX];
	int state_count;
	struct case_move moves[CASE_MOVES_MAX];
	int move_count;
	struct case_field fields[CASE_FIELDS_MAX];
	int field_count;
	struct case_evidence evidence[CASE_EVIDENCE_MAX];
	int evidence_count;
	struct case_notice notices[CASE_NOTICES_MAX];
	int notice_count;
	int line;
};

/* What is wrong with a definition, and what to do about it. */
enum { CASE_FINDINGS_MAX = 32, CASE_FINDING_SIZE = 160 };

struct case_finding {
	int line; /* from 1 */
	char text[CASE_FINDING_SIZE];
	char remedy[CASE_FINDING_SIZE];
};

/* Start it as `{ 0 }`. */
struct case_findings {
	struct case_finding items[CASE_FINDINGS_MAX];
	size_t count; /* more are not kept */
};

/*
 * Read a definition and check it: every state is reached, every state that is
 * not final leads to an end, deadlines name a move out of their state, what is
 * named exists, titles and texts are there in both languages, and nothing that
 * changes a bulletin is reached without a move of two persons.  0, or -1 with
 * all that is wrong in `findings`; `definition` is then worthless.
 */
int case_definition_read(const char *text, size_t len,
    struct case_definition *definition,
    struct case_findings *findings) MUST_CHECK;

/* The index of what has this name; CASE_NONE for none such. */
int case_find_state(const struct case_definition *definition, const char *name);
int case_find_move(const struct case_definition *definition, const char *name);
int case_find_field(const struct case_definition *definition, const char *name);
int case_find_evidence(const struct case_definition *definition,
    const char *name);

const char *case_field_kind_name(enum case_field_kind kind);
const char *case_audience_name(enum case_audience audience);
const char *case_when_name(enum case_when when);

#endif
