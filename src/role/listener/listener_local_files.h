/*
 * Files that come with a local request: each becomes an upload, and the
 * request is passed on once all of them are in the store.
 */
#ifndef ROLE_LISTENER_LOCAL_FILES_H
#define ROLE_LISTENER_LOCAL_FILES_H

#include "role/codec.h"

struct listener_request;

/* Take the body of `request` as a bundle of kind `files`. */
void listener_local_files(struct listener_request *request);

/* Pass the request on, with a list of struct message_file. */
void listener_local_ask(struct listener_request *request, struct blob files);

#endif
