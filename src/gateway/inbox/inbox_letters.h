/*
 * Many letters in one request: the list of their names, and what came of each.
 */
#ifndef GATEWAY_INBOX_LETTERS_H
#define GATEWAY_INBOX_LETTERS_H

#include <stddef.h>

#include "base/attr.h"
#include "model/id.h"
#include "model/org.h"

struct bytes;
struct error;
struct inbox_row;
struct json_value;

enum { INBOX_LETTERS_MAX = 500 };

/* "WAYBILL/CODE", not looked into: what is no id is no letter. */
struct inbox_letter_name {
	char waybill_id[ID_TEXT_SIZE];
	char recipient[ORG_TEXT_SIZE];
};

/*
 * A list of 1 to INBOX_LETTERS_MAX texts, none of them twice; ERROR_MALFORMED
 * (E6701).
 */
int inbox_letters_check(const struct json_value *list,
    struct error *err) MUST_CHECK;

/* The one at `index` of a list that was checked. */
void inbox_letter_name(const struct json_value *list, size_t index,
    struct inbox_letter_name *ret_name);

/*
 * Append {"letter","status","state"} and, of a failure, "problem" in the words
 * that `language` asks for.
 */
void inbox_letter_result(const struct inbox_letter_name *name,
    const struct inbox_row *row, const struct error *failure,
    const char *language, struct bytes *to);

#endif
