#include "role/message.h"

#include <stddef.h>

#include "role/message/message_fields.h"

const struct codec_field request_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_request, method),
	    MESSAGE_METHOD_SIZE },
	{ CODEC_TEXT, offsetof(struct message_request, path),
	    MESSAGE_PATH_SIZE },
	{ CODEC_TEXT, offsetof(struct message_request, type),
	    MESSAGE_TYPE_SIZE },
	{ CODEC_TEXT, offsetof(struct message_request, key),
	    MESSAGE_IDEMPOTENCY_SIZE },
	{ CODEC_TEXT, offsetof(struct message_request, language),
	    MESSAGE_LANGUAGE_SIZE },
	{ CODEC_U32, offsetof(struct message_request, uid), 0 },
	{ CODEC_DIGEST, offsetof(struct message_request, fingerprint), 0 },
	{ CODEC_U8, offsetof(struct message_request, door), 0 },
	{ CODEC_DIGEST, offsetof(struct message_request, session), 0 },
	{ CODEC_DIGEST, offsetof(struct message_request, token), 0 },
	{ CODEC_TEXT, offsetof(struct message_request, address),
	    MESSAGE_ADDRESS_SIZE },
	{ CODEC_TEXT, offsetof(struct message_request, match),
	    MESSAGE_MATCH_SIZE },
	{ CODEC_TEXT, offsetof(struct message_request, trace),
	    MESSAGE_TRACE_SIZE },
	{ CODEC_TEXT, offsetof(struct message_request, office),
	    MESSAGE_OFFICE_SIZE },
	{ CODEC_TEXT, offsetof(struct message_request, organisation),
	    ORG_TEXT_SIZE },
	{ CODEC_BLOB, offsetof(struct message_request, body), 0 },
	{ CODEC_BLOB, offsetof(struct message_request, files), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field admitted_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_admitted, actor),
	    MESSAGE_NAME_SIZE },
	{ CODEC_TEXT, offsetof(struct message_admitted, scope), ORG_TEXT_SIZE },
	{ CODEC_BOOL, offsetof(struct message_admitted, wants_touch), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field touch_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_touch, session), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field file_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_file, name),
	    MESSAGE_FILE_NAME_SIZE },
	{ CODEC_U64, offsetof(struct message_file, upload), 0 },
	{ CODEC_U64, offsetof(struct message_file, len), 0 },
	{ CODEC_U64, offsetof(struct message_file, total), 0 },
	{ CODEC_DIGEST, offsetof(struct message_file, wanted), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field response_fields[] = {
	{ CODEC_U16, offsetof(struct message_response, status), 0 },
	{ CODEC_TEXT, offsetof(struct message_response, type),
	    MESSAGE_TYPE_SIZE },
	{ CODEC_BLOB, offsetof(struct message_response, body), 0 },
	{ CODEC_U64, offsetof(struct message_response, payload), 0 },
	{ CODEC_U64, offsetof(struct message_response, payload_offset), 0 },
	{ CODEC_U64, offsetof(struct message_response, payload_len), 0 },
	{ CODEC_U32, offsetof(struct message_response, pages), 0 },
	{ CODEC_TEXT, offsetof(struct message_response, missing),
	    MESSAGE_MISSING_SIZE },
	{ CODEC_BLOB, offsetof(struct message_response, headers), 0 },
	{ CODEC_END, 0, 0 },
};
