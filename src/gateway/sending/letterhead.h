/*
 * What stands at the head and the foot of each letter (信頭): address, who works
 * on it and how to reach them, the word of its number, who signs.  An
 * organisation has one, each unit and each person what is different there, so
 * that nobody types them anew for each letter
 * (docs/decisions/0044-what-stands-at-the-head-of-letters.md).
 */
#ifndef GATEWAY_SENDING_LETTERHEAD_H
#define GATEWAY_SENDING_LETTERHEAD_H

#include <stdint.h>

#include "base/attr.h"
#include "model/org.h"
#include "role/message.h"

struct error;
struct gateway;
struct json_writer;
struct peer;
struct rows;

/* A migration of the gateway's database. */
extern const char letterhead_schema[];

enum letterhead_field {
	LETTERHEAD_ADDRESS,
	LETTERHEAD_CONTACT, /* 承辦人; without one the person's name */
	LETTERHEAD_PHONE,
	LETTERHEAD_FAX,
	LETTERHEAD_EMAIL,
	LETTERHEAD_PREFIX, /* 發文字 */
	LETTERHEAD_SIGNATURE,
	LETTERHEAD_FIELDS
};

enum { LETTERHEAD_SIZE = 301 };

/* Whose: the organisation's, a unit's of it, or a person's. */
struct letterhead_of {
	struct org_code organisation; /* never a unit */
	const char *unit;             /* "": of no unit */
	int64_t person;               /* 0: nobody's */
	const char *name;             /* of the person */
};

/*
 * The body of GET /v1/letterhead: what each of the three has, and what a
 * letter of that person begins with.
 */
int letterhead_write(struct rows *rows, const struct letterhead_of *of,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/*
 * POST /v1/letterhead, of the organisation or a unit, and
 * POST /v1/letterhead:own, of who asks.  What the body does not name stays.
 */
void letterhead_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
