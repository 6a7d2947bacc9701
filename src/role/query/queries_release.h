/*
 * The release in force, as GET /v1/health tells it: version and check code, the
 * same that the bundle's file and `yizhan release list` show (T-REL-05), and
 * whether that version runs here; and whether something of a release was refused
 * since (T-REL-04, T-REL-07), which the log and the figures tell too.
 */
#ifndef ROLE_QUERIES_RELEASE_H
#define ROLE_QUERIES_RELEASE_H

#include <stdbool.h>

#include "base/attr.h"

struct error;
struct json_writer;
struct queries;
struct release_alarm;

/*
 * The checks "release", unless there is none, and "release-refused".
 */
void queries_write_release_check(struct queries *queries,
    struct json_writer *writer);

/*
 * GET /v1/release: what runs, how that stands to the release in force, and what
 * was refused last.
 */
int queries_write_release(struct queries *queries, struct json_writer *writer,
    struct error *err) MUST_CHECK;

/* True if an older version runs than that of the release in force. */
bool queries_release_is_behind(struct queries *queries);

/*
 * 1 with what was refused last, 0 when all was right since; -1.  One that is
 * new goes into the log once, and so does its end.
 */
int queries_release_alarm(struct queries *queries,
    struct release_alarm *ret_alarm, struct error *err) MUST_CHECK;

/* Look every minute, so that the log has it when nobody asks. */
int queries_release_watch(struct queries *queries,
    struct error *err) MUST_CHECK;

#endif
