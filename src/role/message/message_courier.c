#include "role/message.h"

#include <stddef.h>

#include "role/message/message_fields.h"

const struct codec_field call_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_call, peer), MESSAGE_HOST_SIZE },
	{ CODEC_TEXT, offsetof(struct message_call, method),
	    MESSAGE_METHOD_SIZE },
	{ CODEC_TEXT, offsetof(struct message_call, path), MESSAGE_PATH_SIZE },
	{ CODEC_TEXT, offsetof(struct message_call, type), MESSAGE_TYPE_SIZE },
	{ CODEC_BLOB, offsetof(struct message_call, body), 0 },
	{ CODEC_U64, offsetof(struct message_call, payload), 0 },
	{ CODEC_U64, offsetof(struct message_call, payload_offset), 0 },
	{ CODEC_U64, offsetof(struct message_call, payload_len), 0 },
	{ CODEC_U64, offsetof(struct message_call, ticket), 0 },
	{ CODEC_U32, offsetof(struct message_call, timeout_ms), 0 },
	{ CODEC_BOOL, offsetof(struct message_call, is_bundle), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field fetch_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_fetch, url), MESSAGE_URL_SIZE },
	{ CODEC_TEXT, offsetof(struct message_fetch, address),
	    MESSAGE_ADDRESS_SIZE },
	{ CODEC_TEXT, offsetof(struct message_fetch, type), MESSAGE_TYPE_SIZE },
	{ CODEC_BLOB, offsetof(struct message_fetch, headers), 0 },
	{ CODEC_BLOB, offsetof(struct message_fetch, body), 0 },
	{ CODEC_U32, offsetof(struct message_fetch, answer_max), 0 },
	{ CODEC_U32, offsetof(struct message_fetch, timeout_ms), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field fetched_fields[] = {
	{ CODEC_U16, offsetof(struct message_fetched, status), 0 },
	{ CODEC_TEXT, offsetof(struct message_fetched, type),
	    MESSAGE_TYPE_SIZE },
	{ CODEC_BLOB, offsetof(struct message_fetched, body), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field link_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_link, peer), MESSAGE_HOST_SIZE },
	{ CODEC_BOOL, offsetof(struct message_link, is_well), 0 },
	{ CODEC_TIME, offsetof(struct message_link, since), 0 },
	{ CODEC_TEXT, offsetof(struct message_link, code), ERROR_ID_SIZE },
	{ CODEC_TEXT, offsetof(struct message_link, why), ERROR_TEXT_SIZE },
	{ CODEC_END, 0, 0 },
};

const struct codec_field called_fields[] = {
	{ CODEC_U16, offsetof(struct message_called, status), 0 },
	{ CODEC_TEXT, offsetof(struct message_called, type),
	    MESSAGE_TYPE_SIZE },
	{ CODEC_BLOB, offsetof(struct message_called, body), 0 },
	{ CODEC_U64, offsetof(struct message_called, upload), 0 },
	{ CODEC_U64, offsetof(struct message_called, upload_len), 0 },
	{ CODEC_TIME, offsetof(struct message_called, peer_time), 0 },
	{ CODEC_TEXT, offsetof(struct message_called, serials),
	    MESSAGE_SERIALS_SIZE },
	{ CODEC_U32, offsetof(struct message_called, retry_after_s), 0 },
	{ CODEC_END, 0, 0 },
};
