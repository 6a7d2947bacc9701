/* What the files of management/casework_query.h share. */
#ifndef MANAGEMENT_CASEWORK_QUERY_INTERNAL_H
#define MANAGEMENT_CASEWORK_QUERY_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "http/http_path.h"
#include "management/casework_query.h"

struct case_library;
struct json_writer;

struct casework_query {
	struct queries *queries;
	struct case_library *library;
	struct rows *rows; /* NULL until the spooler has made them */
};

/* One request, while it is answered. */
struct casework_read {
	struct casework_query *casework;
	struct rows *rows;
	const struct management_caller *caller;
	const struct http_target *target;
	struct http_segments segments;
	int64_t now_ms;
	struct json_writer *writer;
	const char *type; /* of a body that is no JSON, as `raw` is */
	struct bytes raw;
};

/* A parameter of the request; "" without it. */
const char *casework_read_param(const struct casework_read *asked,
    const char *name);

/* True if the caller may see what concerns an organisation. */
bool casework_read_may_see(const struct casework_read *asked,
    const char *organisation);

/* Write what is asked for; ERROR_MALFORMED E6204 for parameters that do not fit. */
int casework_read_list(struct casework_read *asked,
    struct error *err) MUST_CHECK;
int casework_read_steps(struct casework_read *asked,
    struct error *err) MUST_CHECK;
int casework_read_people(struct casework_read *asked,
    struct error *err) MUST_CHECK;
/* What the cases that wait for bulletins would change in them. */
int casework_read_changes(struct casework_read *asked,
    struct error *err) MUST_CHECK;

#endif
