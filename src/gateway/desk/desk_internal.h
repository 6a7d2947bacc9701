/* What the files desk*.c share. */
#ifndef GATEWAY_DESK_INTERNAL_H
#define GATEWAY_DESK_INTERNAL_H

#include "gateway/desk/desk.h"
#include "http/http_path.h"

/* POST /v1/inbox:assign, :hand-back, and the same of one letter. */
void desk_assign_request(struct gateway *gateway, struct peer *peer,
    uint32_t id, const struct http_segments *names,
    const struct message_request *request);
void desk_hand_back_request(struct gateway *gateway, struct peer *peer,
    uint32_t id, const struct http_segments *names,
    const struct message_request *request);

/* POST /v1/desk. */
void desk_settings_request(struct gateway *gateway, struct peer *peer,
    uint32_t id, const struct http_segments *names,
    const struct message_request *request);

/* POST /v1/inbox:fetch. */
void desk_fetch_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct http_segments *names, const struct message_request *request);

#endif
