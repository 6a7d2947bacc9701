#include "role/message.h"

#include <stddef.h>

#include "role/message/message_fields.h"

const struct codec_field submit_fields[] = {
	{ CODEC_U8, offsetof(struct message_submit, kind), 0 },
	{ CODEC_TEXT, offsetof(struct message_submit, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_submit, fingerprint), 0 },
	{ CODEC_U64, offsetof(struct message_submit, upload), 0 },
	{ CODEC_U64, offsetof(struct message_submit, offset), 0 },
	{ CODEC_U64, offsetof(struct message_submit, content_len), 0 },
	{ CODEC_BLOB, offsetof(struct message_submit, waybill), 0 },
	{ CODEC_BLOB, offsetof(struct message_submit, cms), 0 },
	{ CODEC_BLOB, offsetof(struct message_submit, receipt), 0 },
	{ CODEC_BLOB, offsetof(struct message_submit, moved), 0 },
	{ CODEC_U8, offsetof(struct message_submit, reached), 0 },
	{ CODEC_U8, offsetof(struct message_submit, flags), 0 },
	{ CODEC_TIME, offsetof(struct message_submit, held_ms), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field submitted_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_submitted, is_repeat), 0 },
	{ CODEC_BLOB, offsetof(struct message_submitted, receipt), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field arriving_fields[] = {
	{ CODEC_U64, offsetof(struct message_arriving, ticket), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field offset_read_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_offset_read, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_offset_read, waybill), 0 },
	{ CODEC_BOOL, offsetof(struct message_offset_read, is_move), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field offset_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_offset, is_accepted), 0 },
	{ CODEC_U64, offsetof(struct message_offset, offset), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field rewrap_submit_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_rewrap_submit, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_rewrap_submit, fingerprint),
	    0 },
	{ CODEC_BLOB, offsetof(struct message_rewrap_submit, addendum), 0 },
	{ CODEC_BLOB, offsetof(struct message_rewrap_submit, cms), 0 },
	{ CODEC_BLOB, offsetof(struct message_rewrap_submit, key_part), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field act_submit_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_act_submit, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_act_submit, fingerprint), 0 },
	{ CODEC_BLOB, offsetof(struct message_act_submit, act), 0 },
	{ CODEC_BLOB, offsetof(struct message_act_submit, cms), 0 },
	{ CODEC_U64, offsetof(struct message_act_submit, epoch), 0 },
	{ CODEC_BOOL, offsetof(struct message_act_submit, is_again), 0 },
	{ CODEC_TEXT, offsetof(struct message_act_submit, center),
	    MESSAGE_HOST_SIZE },
	{ CODEC_END, 0, 0 },
};

const struct codec_field acted_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_acted, is_repeat), 0 },
	{ CODEC_BLOB, offsetof(struct message_acted, receipt), 0 },
	{ CODEC_BLOB, offsetof(struct message_acted, key_part), 0 },
	{ CODEC_BLOB, offsetof(struct message_acted, addendum), 0 },
	{ CODEC_BLOB, offsetof(struct message_acted, answer), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field receipt_submit_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_receipt_submit, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_receipt_submit, fingerprint),
	    0 },
	{ CODEC_BLOB, offsetof(struct message_receipt_submit, receipt), 0 },
	{ CODEC_BLOB, offsetof(struct message_receipt_submit, json), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field witness_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_witness, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_witness, fingerprint), 0 },
	{ CODEC_BLOB, offsetof(struct message_witness, checkpoint), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field witnessed_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_witnessed, is_cosigned), 0 },
	{ CODEC_U64, offsetof(struct message_witnessed, size), 0 },
	{ CODEC_BLOB, offsetof(struct message_witnessed, line), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field watch_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_watch, host), MESSAGE_HOST_SIZE },
	{ CODEC_U64, offsetof(struct message_watch, after), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field watched_fields[] = {
	{ CODEC_U64, offsetof(struct message_watched, newest), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field feed_acknowledge_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_feed_acknowledge, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_U64, offsetof(struct message_feed_acknowledge, through), 0 },
	{ CODEC_U64, offsetof(struct message_feed_acknowledge, epoch), 0 },
	{ CODEC_BOOL, offsetof(struct message_feed_acknowledge, is_caught_up),
	    0 },
	{ CODEC_BOOL, offsetof(struct message_feed_acknowledge, is_restored),
	    0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field feed_read_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_feed_read, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_U64, offsetof(struct message_feed_read, after), 0 },
	{ CODEC_U32, offsetof(struct message_feed_read, limit), 0 },
	{ CODEC_U64, offsetof(struct message_feed_read, epoch), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field feed_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_feed, json), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field delivery_read_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_delivery_read, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_ID, offsetof(struct message_delivery_read, waybill_id), 0 },
	{ CODEC_TEXT, offsetof(struct message_delivery_read, recipient),
	    ORG_TEXT_SIZE },
	{ CODEC_END, 0, 0 },
};

const struct codec_field delivery_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_delivery, records), 0 },
	{ CODEC_U64, offsetof(struct message_delivery, payload), 0 },
	{ CODEC_U64, offsetof(struct message_delivery, content_len), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field bulletins_read_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_bulletins_read, have),
	    MESSAGE_HAVE_SIZE },
	{ CODEC_END, 0, 0 },
};

const struct codec_field bulletins_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_bulletins, bundle), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field pages_read_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_pages_read, root), 0 },
	{ CODEC_U16, offsetof(struct message_pages_read, from), 0 },
	{ CODEC_U16, offsetof(struct message_pages_read, to), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field pages_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_pages, data), 0 },
	{ CODEC_END, 0, 0 },
};
