/*
 * Units (單位) of an organisation, to which letters are assigned and persons
 * belong: those that the directory lists under it, and those that it keeps in
 * a list of its own here.
 */
#ifndef ROLE_PEOPLE_UNITS_H
#define ROLE_PEOPLE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/org.h"
#include "role/people/people_rows.h"

struct directory;
struct error;
struct json_writer;
struct rows;

enum { PEOPLE_UNITS_MAX = 2000 }; /* kept here, of one organisation */

extern const char people_units_schema[];

struct unit {
	int64_t row; /* 0: of the directory */
	struct org_code organisation;
	char code[PEOPLE_UNIT_SIZE];
	char name[PEOPLE_NAME_SIZE];
	bool is_closed; /* nothing new is assigned to it */
};

/* 1 to 32 of 0-9 A-Z a-z . _ - */
bool unit_code_is_possible(const char *code);

/* 1, or 0: `organisation` has no such unit.  `directory` may be NULL. */
int unit_find(struct rows *rows, const struct directory *directory,
    const struct org_code *organisation, const char *code,
    struct unit *ret_unit, struct error *err) MUST_CHECK;

/* E6711 unless it has it, and it is open; "" is the registry desk. */
int unit_check(struct rows *rows, const struct directory *directory,
    const struct org_code *organisation, const char *code,
    struct unit *ret_unit, struct error *err) MUST_CHECK;

int unit_find_row(struct rows *rows, int64_t row, struct unit *ret_unit,
    struct error *err) MUST_CHECK;

/* Sets `row`.  ERROR_EXISTS (E6712); ERROR_DENIED (E6713) beyond the most. */
int unit_add(struct rows *rows, struct unit *unit, int64_t now,
    struct error *err) MUST_CHECK;
int unit_close(struct rows *rows, int64_t row, bool is_closed,
    struct error *err) MUST_CHECK;

/*
 * {"units":[...],"persons":[...]} of an organisation: GET /v1/units.  Persons
 * are those who work with letters.
 */
int unit_write_list(struct rows *rows, const struct directory *directory,
    const struct org_code *organisation, struct json_writer *writer,
    struct error *err) MUST_CHECK;

#endif
