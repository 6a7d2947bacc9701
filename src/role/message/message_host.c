#include "role/message.h"

#include <stddef.h>

#include "role/message/message_fields.h"

const struct codec_field ready_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_ready, has_landlock), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field open_fields[] = {
	{ CODEC_END, 0, 0 },
};

const struct codec_field drain_fields[] = {
	{ CODEC_END, 0, 0 },
};

const struct codec_field drained_fields[] = {
	{ CODEC_END, 0, 0 },
};

const struct codec_field stop_fields[] = {
	{ CODEC_END, 0, 0 },
};

const struct codec_field failed_fields[] = {
	{ CODEC_ERROR, offsetof(struct message_failed, error), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field done_fields[] = {
	{ CODEC_END, 0, 0 },
};

const struct codec_field arena_fields[] = {
	{ CODEC_END, 0, 0 },
};

const struct codec_field directory_fields[] = {
	{ CODEC_U64, offsetof(struct message_directory, root), 0 },
	{ CODEC_U64, offsetof(struct message_directory, directory), 0 },
	{ CODEC_U64, offsetof(struct message_directory, network), 0 },
	{ CODEC_U64, offsetof(struct message_directory, timestamp), 0 },
	{ CODEC_U64, offsetof(struct message_directory, measures), 0 },
	{ CODEC_TIME, offsetof(struct message_directory, fresh_at), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field key_list_fields[] = {
	{ CODEC_END, 0, 0 },
};

const struct codec_field unwatch_fields[] = {
	{ CODEC_END, 0, 0 },
};

const struct codec_field cancel_fields[] = {
	{ CODEC_END, 0, 0 },
};
