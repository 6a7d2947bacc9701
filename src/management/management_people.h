/*
 * Persons at a management host's ports: those whom cases registered get a row
 * of role/people when they log in for the first time, or when a link is made
 * for them.  The row says nothing of what they may: that is asked of casework
 * each time (management/management_access.h).
 */
#ifndef MANAGEMENT_MANAGEMENT_PEOPLE_H
#define MANAGEMENT_MANAGEMENT_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct json_writer;
struct management;
struct message_request;
struct peer;
struct people_caller;
struct person;
struct queries;
struct spool;

/* Of the spooler's tier: the offices of a person; 0 for none. */
unsigned management_offices_of(struct spool *spool,
    const struct person *person);

/* Logging in is what nobody has to be admitted for. */
bool management_is_log_in(const struct message_request *request);

/*
 * Answer POST /v1/session, POST /v1/people/{certificate}:link, and what
 * people_answer() does; false if it is another one.
 */
bool management_people_answer(struct management *management, struct peer *peer,
    uint32_t id, const struct message_request *request);

/*
 * What query answers of it: GET /v1/session, /v1/tokens, /v1/acts.  1 when it
 * was written, 0 if it is another path, -1.
 */
int management_people_read(struct queries *queries,
    const struct message_request *request, const struct people_caller *caller,
    struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
