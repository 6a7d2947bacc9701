/*
 * Reading casework (docs/api.md, Management): in the role query, which opens
 * the database of casework read-only beside the one that writes it.
 */
#ifndef MANAGEMENT_CASEWORK_QUERY_H
#define MANAGEMENT_CASEWORK_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct casework_query;
struct error;
struct json_writer;
struct management_caller;
struct message_request;
struct peer;
struct queries;
struct rows;

/* `queries` must outlive it. */
int casework_query_new(struct queries *queries,
    struct casework_query **ret_casework, struct error *err) MUST_CHECK;
void casework_query_free(struct casework_query *casework);

/* Answer a request that reads casework; false if it is another one. */
bool casework_query_answer(struct casework_query *casework, struct peer *peer,
    uint32_t id, const struct message_request *request,
    const struct management_caller *caller);

/* Its rows; NULL with ERROR_BUSY until the spooler has made them. */
struct rows *casework_query_rows(struct casework_query *casework,
    struct error *err);

/* Answer GET /v1/case-requests?after= of a center; false if it is another one. */
bool casework_query_answer_host(struct casework_query *casework,
    struct peer *peer, uint32_t id, const struct message_request *request);

/* The check of GET /v1/health: cases whose deadline is over. */
void casework_query_write_check(struct casework_query *casework,
    struct json_writer *writer);

#endif
