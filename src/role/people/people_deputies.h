/*
 * Deputies (代理人): who acts for whom, from when until when.  Rows are only
 * added and ended; whether one counts is asked anew with each request, so one
 * ends by itself (policy/deputy_rules.h).
 */
#ifndef ROLE_PEOPLE_DEPUTIES_H
#define ROLE_PEOPLE_DEPUTIES_H

#include <stdint.h>

#include "base/attr.h"
#include "model/org.h"
#include "role/people/people_rows.h"

struct error;
struct json_writer;
struct rows;

enum { PEOPLE_DEPUTIES_MAX = 16 }; /* of one person, not over yet */

extern const char people_deputies_schema[];

struct deputy {
	int64_t row;
	struct org_code organisation;
	int64_t principal; /* whose rights: a person's row */
	int64_t person;    /* who acts */
	int64_t starts_at;
	int64_t ends_at;  /* not any more */
	int64_t ended_at; /* before its time; 0: not */
	char by[PEOPLE_NAME_SIZE];
	char reason[PEOPLE_NAME_SIZE];
};

/* Sets `row`.  ERROR_DENIED (E6716) beyond PEOPLE_DEPUTIES_MAX. */
int deputy_add(struct rows *rows, struct deputy *deputy, int64_t now,
    struct error *err) MUST_CHECK;

/* 1, or 0 if there is none. */
int deputy_find(struct rows *rows, int64_t row, struct deputy *ret_deputy,
    struct error *err) MUST_CHECK;

int deputy_end(struct rows *rows, int64_t row, int64_t now,
    struct error *err) MUST_CHECK;

/* All in which the person acts or is acted for. */
int deputy_end_all(struct rows *rows, int64_t person, int64_t now,
    struct error *err) MUST_CHECK;

/*
 * {"deputies":[...],"next"} of a scope, newest first, before row `before`; with
 * `person` only those in which that person acts or is acted for.
 */
struct deputy_list_ask {
	const char *scope;
	int64_t person; /* 0: all */
	int64_t before;
	int64_t now;
	unsigned limit;
};
int deputy_write_list(struct rows *rows, const struct deputy_list_ask *ask,
    struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
