/*
 * What every host tells its callers: the bulletins in force, by long poll, and
 * its clock (docs/protocol.md 8).  Handlers for the tables of routes.
 */
#ifndef ROLE_LISTENER_NEWS_H
#define ROLE_LISTENER_NEWS_H

struct listener_request;

/* GET /v1/bulletins?have=root:1,directory:4&wait=s: those newer than named. */
void listener_news_bulletins(struct listener_request *request);

/*
 * GET /v1/directory/pages?root=D[&from=F&to=T]: the digests of all pages of the
 * directory in force, or pages from F on, up to T and without it.
 */
void listener_news_pages(struct listener_request *request);

/* GET /v1/time. */
void listener_news_time(struct listener_request *request);

#endif
