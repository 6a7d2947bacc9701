/*
 * Resumable uploads (docs/api.md): a file of a draft (desk_draft.h) that comes
 * in as many requests as it takes, each from where the one before was cut.
 *
 * What came lies in a partial (role/spool/partials.h) that is known by draft,
 * name, length and digest together, so there is nothing else to keep and
 * nothing to tidy: limits of number, size and age are those of partials, and
 * whoever asks with the same four goes on with the same bytes.  The last
 * part's request adds the file to the draft in one change.
 */
#ifndef GATEWAY_SENDING_DESK_UPLOAD_H
#define GATEWAY_SENDING_DESK_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "role/message.h"

struct gateway;
struct peer;

/*
 * POST /v1/drafts/{id}/uploads, GET and PATCH of /v1/drafts/{id}/uploads/{sha};
 * false if it is another request.  PATCH without files asks for a ticket,
 * which is the header yizhan-ticket of the answer; with a file, the part under
 * that ticket, it ends.
 */
bool desk_upload_request(struct gateway *gateway, struct peer *peer,
    uint32_t id, const struct message_request *request);

#endif
