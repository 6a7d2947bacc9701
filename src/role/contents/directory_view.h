/*
 * A role's view of the directory: the image that the spooler sends whenever
 * bulletins change, mapped read-only, and the serials it was made from.
 */
#ifndef ROLE_DIRECTORY_VIEW_H
#define ROLE_DIRECTORY_VIEW_H

#include "base/attr.h"

struct directory;
struct error;
struct ipc_message;
struct message_directory;

struct directory_view;

int directory_view_new(struct directory_view **ret_view,
    struct error *err) MUST_CHECK;
void directory_view_free(struct directory_view *view);

/*
 * Take what a `directory` notice brings, instead of what is held; the former
 * directory is gone then, unless the notice says that it is as before.  After a
 * failure the former one stays.
 */
int directory_view_take(struct directory_view *view,
    struct ipc_message *message, struct error *err) MUST_CHECK;

/* NULL before the first notice; lives until the next take. */
const struct directory *directory_view_directory(
    const struct directory_view *view);

/* All zeros before the first notice. */
const struct message_directory *directory_view_serials(
    const struct directory_view *view);

#endif
