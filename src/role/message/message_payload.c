#include "role/message.h"

#include <stddef.h>

#include "role/message/message_fields.h"

const struct codec_field upload_begin_fields[] = {
	{ CODEC_U64, offsetof(struct message_upload_begin, upload), 0 },
	{ CODEC_U64, offsetof(struct message_upload_begin, len), 0 },
	{ CODEC_U64, offsetof(struct message_upload_begin, ticket), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field upload_data_fields[] = {
	{ CODEC_U64, offsetof(struct message_upload_data, upload), 0 },
	{ CODEC_U16, offsetof(struct message_upload_data, slot), 0 },
	{ CODEC_U32, offsetof(struct message_upload_data, len), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field upload_free_fields[] = {
	{ CODEC_U16, offsetof(struct message_upload_free, slot), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field upload_abort_fields[] = {
	{ CODEC_U64, offsetof(struct message_upload_abort, upload), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field payload_read_fields[] = {
	{ CODEC_U64, offsetof(struct message_payload_read, payload), 0 },
	{ CODEC_U64, offsetof(struct message_payload_read, offset), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field payload_data_fields[] = {
	{ CODEC_U16, offsetof(struct message_payload_data, slot), 0 },
	{ CODEC_U32, offsetof(struct message_payload_data, len), 0 },
	{ CODEC_BOOL, offsetof(struct message_payload_data, is_last), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field payload_free_fields[] = {
	{ CODEC_U16, offsetof(struct message_payload_free, slot), 0 },
	{ CODEC_END, 0, 0 },
};
