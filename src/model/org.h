/*
 * Codes of organisations and units (機關代碼, 單位代碼).  An organisation is
 * named by 10 characters, a unit by 17: its organisation's 10 and 7 more.
 * One code names one recipient.
 */
#ifndef MODEL_ORG_H
#define MODEL_ORG_H

#include <stdbool.h>

enum {
	ORG_LEN = 10,
	ORG_UNIT_LEN = 17,
	ORG_TEXT_SIZE = ORG_UNIT_LEN + 1,
};

struct org_code {
	char text[ORG_TEXT_SIZE]; /* 10 or 17 of 0-9 A-Z, and a NUL */
};

/* Accepts exactly 10 or 17 characters of 0-9 and A-Z. */
bool org_code_parse(const char *text, struct org_code *ret_code);

/* An organisation's code and a 7-character unit code, "" for none. */
bool org_code_join(const char *org, const char *unit,
    struct org_code *ret_code);

bool org_code_equal(const struct org_code *a, const struct org_code *b);
bool org_code_is_unit(const struct org_code *code);

/* The organisation of a unit; an organisation's is its own. */
struct org_code org_code_parent(const struct org_code *code);

#endif
