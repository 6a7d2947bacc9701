/*
 * Requests of cases that gateways and centers hand up (role/requests, docs/cases.md
 * "Over the network"): each becomes a case, evidence of one or a move, of the
 * office applicant, once however often it comes; what becomes of cases that
 * hosts asked for goes down the same way.
 */
#ifndef MANAGEMENT_CASEWORK_REQUESTS_H
#define MANAGEMENT_CASEWORK_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct case_library;
struct casework;
struct error;
struct json_writer;
struct message_request;
struct peer;
struct rows;

/* POST /v1/case-requests of a center; false if it is another request. */
bool casework_requests_answer(struct casework *casework, struct peer *peer,
    uint32_t id, const struct message_request *request);

/* GET /v1/case-requests?after= of a center, in the role query. */
struct casework_news {
	struct rows *rows;
	const struct case_library *library;
	const char *center;
	int64_t after;
	int64_t now_ms;
};
int casework_requests_write_news(const struct casework_news *news,
    struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
