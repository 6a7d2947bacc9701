/*
 * The center's query role: feeds, deliveries and payload for the listener,
 * read from the store beside the spooler.
 */
#ifndef CENTER_CENTER_QUERY_H
#define CENTER_CENTER_QUERY_H

struct error;
struct role_env;

int center_query_start(struct role_env *env, struct error *err);

#endif
