/*
 * Changes of the directory as they are stated: an entry's code and the fields
 * that are to be otherwise, as text, from a row of a table or a case that was
 * decided.  The way from there to a bulletin:
 *
 *	directory_edit_apply()    each entry as it is to be
 *	directory_changes_put()   ... collected
 *	contents_prepare()        the body, with count and root (role/contents/contents.h)
 *
 * Pure.
 */
#ifndef DIRECTORY_DIRECTORY_EDIT_H
#define DIRECTORY_DIRECTORY_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/org.h"

struct entry_key;
struct entry_org;
struct error;

enum directory_action {
	DIRECTORY_PUT,    /* add it, or change what is there */
	DIRECTORY_ADD,    /* E3911 if it is there */
	DIRECTORY_CHANGE, /* E3911 if it is not there */
	DIRECTORY_REMOVE, /* the same; what dissolved stays listed as such */
	DIRECTORY_ACTION_COUNT
};

enum directory_field {
	DIRECTORY_FIELD_CODE, /* of errors alone */
	DIRECTORY_FIELD_ACTION,
	DIRECTORY_FIELD_NAME,
	DIRECTORY_FIELD_KIND,
	DIRECTORY_FIELD_STATUS,
	DIRECTORY_FIELD_CENTER,     /* served by */
	DIRECTORY_FIELD_SUPERVISOR, /* supervised by */
	DIRECTORY_FIELD_SUCCESSOR,
	DIRECTORY_FIELD_HOST,
	DIRECTORY_FIELD_LETTER_BYTES,
	DIRECTORY_FIELD_COUNT
};

/* Start it as `{ 0 }`; it borrows its texts. */
struct directory_edit {
	struct org_code code;
	enum directory_action action;
	/* NULL: as it was; of a new entry, what is usual. */
	const char *fields[DIRECTORY_FIELD_COUNT];
	uint32_t line; /* of the table, for who is told of a mistake; or 0 */
};

/* "add", "code": as in tables and in docs/api.md. */
const char *directory_action_name(enum directory_action action);
bool directory_action_parse(const char *name,
    enum directory_action *ret_action);
const char *directory_field_name(enum directory_field field);
bool directory_field_parse(const char *name, enum directory_field *ret_field);

/*
 * The entry as it is to be, to be released with entry_org_free(), from what is
 * there (`before`, NULL for nothing).  Keys stay.  A new one needs a name; its
 * kind is read off its code and name, its status is active, a unit's supervisor
 * is its organisation.  Not for DIRECTORY_REMOVE.
 *
 * ERROR_MALFORMED E3910, or E3911, and `ret_field` says which field is wrong.
 */
int directory_edit_apply(const struct directory_edit *edit,
    const struct entry_org *before, struct entry_org *ret_after,
    enum directory_field *ret_field, struct error *err) MUST_CHECK;

/* Whether it is there as the action wants it: E3911. */
int directory_edit_check_action(const struct directory_edit *edit,
    bool is_there, struct error *err) MUST_CHECK;

/*
 * Put a key into an entry, in place of the one with the same use and
 * certificate.  An active one makes the active one of before retiring, and a
 * `next` one of the same use takes the place of another.  The certificate is
 * copied.
 */
int directory_edit_key(struct entry_org *org, const struct entry_key *key,
    struct error *err) MUST_CHECK;

#endif
