/*
 * What a check found: a bounded list, all of it at once, each entry with its
 * place and the id of the message catalogue that tells how to mend it.
 *
 * Names, paths and arguments hold text of the checked files: escape them
 * wherever they are shown.
 */
#ifndef DOCUMENT_FINDING_H
#define DOCUMENT_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct pool;

enum {
	FINDINGS_MAX = 200,
	/* Warnings leave room, so that they never push out an error. */
	FINDINGS_WARNINGS_MAX = 100,
	FINDING_TEXT_MAX = 400, /* bytes; longer texts end in "…" */
};

enum finding_severity {
	FINDING_ERROR,
	FINDING_WARNING,
	/*
	 * A warning that somebody has to accept by name before a letter is
	 * sent: it may go to others than it says.
	 */
	FINDING_QUESTION,
};

struct finding {
	const char *rule; /* catalogue id, "E2101" */
	enum finding_severity severity;
	enum error_code code; /* the reaction: malformed or denied */
	const char *file;     /* name of the file handed in */
	unsigned line;        /* from 1; 0 if not known */
	unsigned column;      /* in characters, from 1; 0 if not known */
	const char *path;     /* "/函/正本/全銜[2]", or "" */
	const char *argument; /* what it is about, or "" */
};

struct finding_place {
	const char *file;
	unsigned line;
	unsigned column;
	const char *path; /* NULL for none */
};

/* Start it as `{ .pool = ... }`; the pool must outlive it. */
struct findings {
	struct pool *pool; /* not ours */
	struct finding *items;
	size_t count;
	size_t warnings;    /* how many of `count` are no errors */
	size_t error_total; /* counts also those that had no room */
	size_t left_out;    /* "and so many more" */
};

/*
 * Add one; the severity and the reaction are those of the rule.  Texts are
 * copied.  One that has no room is counted.
 */
void findings_add(struct findings *findings, const struct finding_place *place,
    const char *rule, const char *argument);
void findings_add_len(struct findings *findings,
    const struct finding_place *place, const char *rule, const char *argument,
    size_t len);

/*
 * False if a finding of this rule would only be counted: then its place need
 * not be worked out, which keeps the cost of a hostile file bounded.
 */
bool findings_has_room(const struct findings *findings, const char *rule);

/* True if the rule is a FINDING_QUESTION. */
bool finding_rule_needs_accept(const char *rule);

/* The rules, for the check that each stands in the catalogue: NULL beyond. */
const char *finding_rule_at(size_t index, enum error_code *ret_code);

#endif
