/*
 * How it stands with the hosts that this one calls, as its courier tells it:
 * a check of GET /v1/health for each.
 */
#ifndef ROLE_QUERY_LINKS_H
#define ROLE_QUERY_LINKS_H

struct json_writer;
struct message_link;
struct queries;
struct query_links;

/* NULL when memory ran out: then there are no such checks. */
struct query_links *query_links_new(void);

/* What the courier told.  More than 64 peers are not kept. */
void query_links_take(struct query_links *links,
    const struct message_link *news);

/* "link center-a": well or not, since when, and why not. */
void query_links_write(const struct queries *queries,
    struct json_writer *writer);

#endif
