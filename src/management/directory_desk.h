/*
 * POST /v1/directory:prepare: changes of the directory as they are stated become
 * the body of its next bulletin, or a list of what is wrong with them
 * (docs/api.md).  Nothing changes before two officers have signed.
 */
#ifndef MANAGEMENT_DIRECTORY_DESK_H
#define MANAGEMENT_DIRECTORY_DESK_H

#include <stdint.h>

struct bulletins;
struct message_request;
struct peer;

void directory_desk_prepare(struct bulletins *bulletins, int64_t now_ms,
    struct peer *peer, uint32_t id, const struct message_request *request);

#endif
