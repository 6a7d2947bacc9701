#include "gateway/sending/sending_desk.h"

#include "base/text.h"
#include "gateway/sending/board.h"
#include "gateway/sending/desk_draft.h"
#include "gateway/sending/desk_group.h"
#include "gateway/sending/desk_upload.h"
#include "gateway/sending/letterhead.h"
#include "gateway/sending/recipient_limits.h"
#include "gateway/sending/recipients.h"
#include "gateway/sending/settings.h"

bool
sending_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	if (desk_upload_request(gateway, peer, id, request) ||
	    desk_draft_request(gateway, peer, id, request) ||
	    desk_group_request(gateway, peer, id, request) ||
	    board_request(gateway, peer, id, request))
		return true;
	if (text_equal(request->path, "/v1/sending"))
		sending_settings_request(gateway, peer, id, request);
	else if (text_starts(request->path, "/v1/letterhead"))
		letterhead_request(gateway, peer, id, request);
	else if (text_equal(request->path, "/v1/recipient-limits"))
		recipient_limits_request(gateway, peer, id, request);
	else if (text_starts(request->path, "/v1/recipients:check"))
		recipients_request(gateway, peer, id, request);
	else
		return false;
	return true;
}
