#include "gateway/sending/sending_desk.h"

#include "base/text.h"
#include "gateway/sending/desk_draft.h"
#include "gateway/sending/settings.h"

bool
sending_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	if (desk_draft_request(gateway, peer, id, request))
		return true;
	if (!text_equal(request->path, "/v1/sending"))
		return false;
	sending_settings_request(gateway, peer, id, request);
	return true;
}
