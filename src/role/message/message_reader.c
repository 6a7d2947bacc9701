#include "role/message.h"

#include <stddef.h>

#include "role/message/message_fields.h"

const struct codec_field inspect_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_inspect, name),
	    MESSAGE_FILE_NAME_SIZE },
	{ CODEC_U8, offsetof(struct message_inspect, policy), 0 },
	{ CODEC_U64, offsetof(struct message_inspect, bytes), 0 },
	{ CODEC_U64, offsetof(struct message_inspect, files), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field inspected_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_inspected, findings), 0 },
	{ CODEC_U64, offsetof(struct message_inspected, bytes), 0 },
	{ CODEC_U64, offsetof(struct message_inspected, files), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field finding_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_finding, rule), ERROR_ID_SIZE },
	{ CODEC_BOOL, offsetof(struct message_finding, is_error), 0 },
	{ CODEC_TEXT, offsetof(struct message_finding, text),
	    MESSAGE_NAME_SIZE },
	{ CODEC_END, 0, 0 },
};

const struct codec_field make_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_make, json), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field made_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_made, is_made), 0 },
	{ CODEC_BLOB, offsetof(struct message_made, bundle), 0 },
	{ CODEC_BLOB, offsetof(struct message_made, json), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field check_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_check, files), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field check_file_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_check_file, name),
	    MESSAGE_FILE_NAME_SIZE },
	{ CODEC_U64, offsetof(struct message_check_file, len), 0 },
	{ CODEC_BLOB, offsetof(struct message_check_file, data), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field report_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_report, is_accepted), 0 },
	{ CODEC_BLOB, offsetof(struct message_report, json), 0 },
	{ CODEC_BLOB, offsetof(struct message_report, rosters), 0 },
	{ CODEC_TEXT, offsetof(struct message_report, subject),
	    MESSAGE_SUBJECT_SIZE },
	{ CODEC_TEXT, offsetof(struct message_report, reference),
	    MESSAGE_REFERENCE_SIZE },
	{ CODEC_TEXT, offsetof(struct message_report, sender), ORG_TEXT_SIZE },
	{ CODEC_U8, offsetof(struct message_report, speed), 0 },
	{ CODEC_U8, offsetof(struct message_report, message), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field roster_entry_fields[] = {
	{ CODEC_U16, offsetof(struct message_roster_entry, roster), 0 },
	{ CODEC_TEXT, offsetof(struct message_roster_entry, recipient),
	    ORG_TEXT_SIZE },
	{ CODEC_TEXT, offsetof(struct message_roster_entry, name),
	    MESSAGE_NAME_SIZE },
	{ CODEC_BOOL, offsetof(struct message_roster_entry, with_attachments),
	    0 },
	{ CODEC_BOOL, offsetof(struct message_roster_entry, is_copy), 0 },
	{ CODEC_BOOL, offsetof(struct message_roster_entry, is_person), 0 },
	{ CODEC_U32, offsetof(struct message_roster_entry, line), 0 },
	{ CODEC_U32, offsetof(struct message_roster_entry, column), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field unpack_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_unpack, package), 0 },
	{ CODEC_U8, offsetof(struct message_unpack, policy), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field unpacked_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_unpacked, environment),
	    MESSAGE_HOST_SIZE },
	{ CODEC_ID, offsetof(struct message_unpacked, document_id), 0 },
	{ CODEC_TEXT, offsetof(struct message_unpacked, sender),
	    ORG_TEXT_SIZE },
	{ CODEC_BLOB, offsetof(struct message_unpacked, recipients), 0 },
	{ CODEC_U8, offsetof(struct message_unpacked, message), 0 },
	{ CODEC_BLOB, offsetof(struct message_unpacked, signed_text), 0 },
	{ CODEC_BLOB, offsetof(struct message_unpacked, signature), 0 },
	{ CODEC_BLOB, offsetof(struct message_unpacked, files), 0 },
	{ CODEC_BLOB, offsetof(struct message_unpacked, json), 0 },
	{ CODEC_TEXT, offsetof(struct message_unpacked, subject),
	    MESSAGE_SUBJECT_SIZE },
	{ CODEC_TEXT, offsetof(struct message_unpacked, reference),
	    MESSAGE_REFERENCE_SIZE },
	{ CODEC_END, 0, 0 },
};

const struct codec_field packed_file_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_packed_file, name),
	    MESSAGE_FILE_NAME_SIZE },
	{ CODEC_U64, offsetof(struct message_packed_file, offset), 0 },
	{ CODEC_U64, offsetof(struct message_packed_file, len), 0 },
	{ CODEC_DIGEST, offsetof(struct message_packed_file, digest), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field render_fields[] = {
	{ CODEC_U8, offsetof(struct message_render, format), 0 },
	{ CODEC_U8, offsetof(struct message_render, mark), 0 },
	{ CODEC_BOOL, offsetof(struct message_render, is_received), 0 },
	{ CODEC_TEXT, offsetof(struct message_render, number),
	    MESSAGE_NUMBER_SIZE },
	{ CODEC_TEXT, offsetof(struct message_render, time),
	    MESSAGE_WHEN_SIZE },
	{ CODEC_TEXT, offsetof(struct message_render, verify),
	    MESSAGE_VERIFY_SIZE },
	{ CODEC_TEXT, offsetof(struct message_render, recipient),
	    ORG_TEXT_SIZE },
	{ CODEC_TEXT, offsetof(struct message_render, name),
	    MESSAGE_NAME_SIZE },
	{ CODEC_TEXT, offsetof(struct message_render, stamp),
	    MESSAGE_STAMP_SIZE },
	{ CODEC_BOOL, offsetof(struct message_render, is_list), 0 },
	{ CODEC_BLOB, offsetof(struct message_render, paper), 0 },
	{ CODEC_TIME, offsetof(struct message_render, created_at), 0 },
	{ CODEC_BLOB, offsetof(struct message_render, files), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field rendered_fields[] = {
	{ CODEC_U32, offsetof(struct message_rendered, pages), 0 },
	{ CODEC_TEXT, offsetof(struct message_rendered, missing),
	    MESSAGE_MISSING_SIZE },
	{ CODEC_BLOB, offsetof(struct message_rendered, data), 0 },
	{ CODEC_END, 0, 0 },
};
