/*
 * A table of any length as one file: query is asked for a piece of it after
 * the other, each only when the one before was taken, so neither of us holds
 * more than one.  CSV is handed on as it comes, ODS is packed here.
 */
#ifndef ROLE_LISTENER_TABLE_H
#define ROLE_LISTENER_TABLE_H

struct listener_request;

/*
 * The handler of such a route: with `format` csv or ods a file, otherwise as
 * listener_local_handle().
 */
void listener_table(struct listener_request *request);

#endif
