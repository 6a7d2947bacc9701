#include "role/message.h"

#include <stddef.h>

#include "role/message/message_fields.h"

const struct codec_field keys_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_keys, keys), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field key_entry_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_key_entry, name),
	    MESSAGE_KEY_NAME_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_key_entry, certificate), 0 },
	{ CODEC_BLOB, offsetof(struct message_key_entry, der), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field sign_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_sign, key),
	    MESSAGE_KEY_NAME_SIZE },
	{ CODEC_U8, offsetof(struct message_sign, kind), 0 },
	{ CODEC_TIME, offsetof(struct message_sign, time), 0 },
	{ CODEC_BLOB, offsetof(struct message_sign, statement), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field sign_batch_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_sign_batch, key),
	    MESSAGE_KEY_NAME_SIZE },
	{ CODEC_U8, offsetof(struct message_sign_batch, kind), 0 },
	{ CODEC_TIME, offsetof(struct message_sign_batch, time), 0 },
	{ CODEC_BLOB, offsetof(struct message_sign_batch, statements), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field statement_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_statement, statement), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field signature_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_signature, signature), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field unwrap_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_unwrap, fields), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field unwrapped_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_unwrapped, key), 0 },
	{ CODEC_DIGEST, offsetof(struct message_unwrapped, seal), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field keep_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_keep, is_open), 0 },
	{ CODEC_BLOB, offsetof(struct message_keep, secret), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field kept_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_kept, secret), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field module_fields[] = {
	{ CODEC_U8, offsetof(struct message_module, action), 0 },
	{ CODEC_BOOL, offsetof(struct message_module, is_ours), 0 },
	{ CODEC_BLOB, offsetof(struct message_module, programs), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field module_state_fields[] = {
	{ CODEC_U8, offsetof(struct message_module_state, state), 0 },
	{ CODEC_U8, offsetof(struct message_module_state, integrity), 0 },
	{ CODEC_DIGEST, offsetof(struct message_module_state, program), 0 },
	{ CODEC_U32, offsetof(struct message_module_state, passed), 0 },
	{ CODEC_U64, offsetof(struct message_module_state, uses_max), 0 },
	{ CODEC_BLOB, offsetof(struct message_module_state, failure), 0 },
	{ CODEC_BLOB, offsetof(struct message_module_state, keys), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field key_uses_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_key_uses, name),
	    MESSAGE_KEY_NAME_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_key_uses, certificate), 0 },
	{ CODEC_U64, offsetof(struct message_key_uses, uses), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field issue_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_issue, host), MESSAGE_HOST_SIZE },
	{ CODEC_TEXT, offsetof(struct message_issue, codes),
	    MESSAGE_CODES_SIZE },
	{ CODEC_BLOB, offsetof(struct message_issue, public_key), 0 },
	{ CODEC_TIME, offsetof(struct message_issue, not_before_at), 0 },
	{ CODEC_TIME, offsetof(struct message_issue, not_after_at), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field issued_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_issued, certificate), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field verify_module_request_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_module_request, request),
	    0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field module_request_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_module_request, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_TEXT, offsetof(struct message_module_request, codes),
	    MESSAGE_CODES_SIZE },
	{ CODEC_TIME, offsetof(struct message_module_request, time), 0 },
	{ CODEC_BLOB, offsetof(struct message_module_request, public_key), 0 },
	{ CODEC_BLOB, offsetof(struct message_module_request, json), 0 },
	{ CODEC_BLOB, offsetof(struct message_module_request, mac), 0 },
	{ CODEC_END, 0, 0 },
};
