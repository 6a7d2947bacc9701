/*
 * The release in force, as GET /v1/health tells it: version and check code, the
 * same that the bundle's file and `yizhan release list` show (T-REL-05), and
 * whether that version runs here.
 */
#ifndef ROLE_QUERIES_RELEASE_H
#define ROLE_QUERIES_RELEASE_H

struct json_writer;
struct queries;

/* The check; nothing before there is a release. */
void queries_write_release_check(struct queries *queries,
    struct json_writer *writer);

#endif
