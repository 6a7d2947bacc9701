/*
 * Payload that another role streams into a spooler's store: slots of its arena
 * come in, are copied, and are given back at once.  An upload ends when the
 * request that names it takes it.
 */
#ifndef ROLE_UPLOADS_H
#define ROLE_UPLOADS_H

#include <stdint.h>

#include "base/attr.h"

struct error;
struct ipc_message;
struct digest;
struct partials;
struct payload;
struct peer;
struct store;

struct uploads; /* all from one role */
struct upload;  /* one, no longer in the list */

enum { UPLOADS_MAX = 48 }; /* at once, from one role: a frame of memory each */

/*
 * No upload may be longer than `len_max`.  Those that go on with a partial
 * write to `partials`.
 */
int uploads_new(struct store *store, struct partials *partials,
    uint64_t len_max, struct uploads **ret_uploads,
    struct error *err) MUST_CHECK;
void uploads_free(struct uploads *uploads);

/*
 * The messages arena, upload_begin, upload_data and upload_abort of `peer`.
 * What goes wrong with an upload is kept until uploads_take() tells.
 */
void uploads_handle(struct uploads *uploads, struct peer *peer,
    struct ipc_message *message);

/*
 * Take the upload out of the list; now the caller's.  Fails with the reason if
 * it went wrong, and with ERROR_MALFORMED if it is not there or has another
 * length than `len`.
 */
int uploads_take(struct uploads *uploads, uint64_t number, uint64_t len,
    struct upload **ret_upload, struct error *err) MUST_CHECK;

/*
 * Put it into the store's open group, as store_payload_add_known(); `wanted`
 * NULL: whatever its digest is.  Frees the upload, also on failure.
 */
int upload_store(struct upload *upload, const struct digest *wanted,
    struct payload *ret_payload, struct error *err) MUST_CHECK;

/* The number that its payload will have; 0 if that is not known yet. */
uint64_t upload_payload(const struct upload *upload);

/* Drop it, but for what a partial keeps of it; accepts NULL. */
void upload_free(struct upload *upload);

#endif
