#include "role/message.h"

#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "http/http_message.h"
#include "sys/ipc.h"

static const struct codec_field ready_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_ready, has_landlock), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field open_fields[] = {
	{ CODEC_END, 0, 0 },
};

static const struct codec_field drain_fields[] = {
	{ CODEC_END, 0, 0 },
};

static const struct codec_field drained_fields[] = {
	{ CODEC_END, 0, 0 },
};

static const struct codec_field stop_fields[] = {
	{ CODEC_END, 0, 0 },
};

static const struct codec_field failed_fields[] = {
	{ CODEC_ERROR, offsetof(struct message_failed, error), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field done_fields[] = {
	{ CODEC_END, 0, 0 },
};

static const struct codec_field arena_fields[] = {
	{ CODEC_END, 0, 0 },
};

static const struct codec_field directory_fields[] = {
	{ CODEC_U64, offsetof(struct message_directory, root), 0 },
	{ CODEC_U64, offsetof(struct message_directory, directory), 0 },
	{ CODEC_U64, offsetof(struct message_directory, network), 0 },
	{ CODEC_U64, offsetof(struct message_directory, timestamp), 0 },
	{ CODEC_U64, offsetof(struct message_directory, measures), 0 },
	{ CODEC_TIME, offsetof(struct message_directory, fresh_at), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field upload_begin_fields[] = {
	{ CODEC_U64, offsetof(struct message_upload_begin, upload), 0 },
	{ CODEC_U64, offsetof(struct message_upload_begin, len), 0 },
	{ CODEC_U64, offsetof(struct message_upload_begin, ticket), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field upload_data_fields[] = {
	{ CODEC_U64, offsetof(struct message_upload_data, upload), 0 },
	{ CODEC_U16, offsetof(struct message_upload_data, slot), 0 },
	{ CODEC_U32, offsetof(struct message_upload_data, len), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field upload_free_fields[] = {
	{ CODEC_U16, offsetof(struct message_upload_free, slot), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field upload_abort_fields[] = {
	{ CODEC_U64, offsetof(struct message_upload_abort, upload), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field payload_read_fields[] = {
	{ CODEC_U64, offsetof(struct message_payload_read, payload), 0 },
	{ CODEC_U64, offsetof(struct message_payload_read, offset), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field payload_data_fields[] = {
	{ CODEC_U16, offsetof(struct message_payload_data, slot), 0 },
	{ CODEC_U32, offsetof(struct message_payload_data, len), 0 },
	{ CODEC_BOOL, offsetof(struct message_payload_data, is_last), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field payload_free_fields[] = {
	{ CODEC_U16, offsetof(struct message_payload_free, slot), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_waybill_fields[] = {
	{ CODEC_U8, offsetof(struct message_verify_waybill, kind), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_waybill, waybill), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_waybill, records), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field waybill_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_waybill, signer), 0 },
	{ CODEC_DIGEST, offsetof(struct message_waybill, waybill), 0 },
	{ CODEC_TEXT, offsetof(struct message_waybill, environment),
	    MESSAGE_HOST_SIZE },
	{ CODEC_ID, offsetof(struct message_waybill, waybill_id), 0 },
	{ CODEC_ID, offsetof(struct message_waybill, document_id), 0 },
	{ CODEC_TEXT, offsetof(struct message_waybill, sender), ORG_TEXT_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_waybill, module), 0 },
	{ CODEC_TEXT, offsetof(struct message_waybill, center),
	    MESSAGE_HOST_SIZE },
	{ CODEC_TIME, offsetof(struct message_waybill, created_at), 0 },
	{ CODEC_TIME, offsetof(struct message_waybill, not_after), 0 },
	{ CODEC_U8, offsetof(struct message_waybill, speed), 0 },
	{ CODEC_U8, offsetof(struct message_waybill, message), 0 },
	{ CODEC_ID, offsetof(struct message_waybill, earlier), 0 },
	{ CODEC_DIGEST, offsetof(struct message_waybill, head), 0 },
	{ CODEC_DIGEST, offsetof(struct message_waybill, content), 0 },
	{ CODEC_U64, offsetof(struct message_waybill, content_len), 0 },
	{ CODEC_DIGEST, offsetof(struct message_waybill, root), 0 },
	{ CODEC_U32, offsetof(struct message_waybill, count), 0 },
	{ CODEC_DIGEST, offsetof(struct message_waybill, commitment), 0 },
	{ CODEC_BLOB, offsetof(struct message_waybill, leaves), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field leaf_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_leaf, recipient), ORG_TEXT_SIZE },
	{ CODEC_TEXT, offsetof(struct message_leaf, center),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_leaf, seal), 0 },
	{ CODEC_DIGEST, offsetof(struct message_leaf, key_part), 0 },
	{ CODEC_DIGEST, offsetof(struct message_leaf, leaf), 0 },
	{ CODEC_BLOB, offsetof(struct message_leaf, leaf_json), 0 },
	{ CODEC_BLOB, offsetof(struct message_leaf, key), 0 },
	{ CODEC_BLOB, offsetof(struct message_leaf, path), 0 },
	{ CODEC_U32, offsetof(struct message_leaf, index), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_act_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_act, act), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field act_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_act, signer), 0 },
	{ CODEC_TEXT, offsetof(struct message_act, environment),
	    MESSAGE_HOST_SIZE },
	{ CODEC_U8, offsetof(struct message_act, event), 0 },
	{ CODEC_DIGEST, offsetof(struct message_act, waybill), 0 },
	{ CODEC_ID, offsetof(struct message_act, waybill_id), 0 },
	{ CODEC_DIGEST, offsetof(struct message_act, leaf), 0 },
	{ CODEC_DIGEST, offsetof(struct message_act, content), 0 },
	{ CODEC_TEXT, offsetof(struct message_act, recipient), ORG_TEXT_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_act, package), 0 },
	{ CODEC_TEXT, offsetof(struct message_act, reason),
	    MESSAGE_REASON_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_act, words), 0 },
	{ CODEC_TEXT, offsetof(struct message_act, sealed), ACT_SEALED_SIZE },
	{ CODEC_TIME, offsetof(struct message_act, time), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_receipt_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_receipt, receipt), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field receipt_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_receipt, environment),
	    MESSAGE_HOST_SIZE },
	{ CODEC_TEXT, offsetof(struct message_receipt, center),
	    MESSAGE_HOST_SIZE },
	{ CODEC_U8, offsetof(struct message_receipt, event), 0 },
	{ CODEC_DIGEST, offsetof(struct message_receipt, waybill), 0 },
	{ CODEC_ID, offsetof(struct message_receipt, waybill_id), 0 },
	{ CODEC_TEXT, offsetof(struct message_receipt, sender), ORG_TEXT_SIZE },
	{ CODEC_TEXT, offsetof(struct message_receipt, recipient),
	    ORG_TEXT_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_receipt, leaf), 0 },
	{ CODEC_TEXT, offsetof(struct message_receipt, at), MESSAGE_HOST_SIZE },
	{ CODEC_TIME, offsetof(struct message_receipt, time), 0 },
	{ CODEC_U8, offsetof(struct message_receipt, signer_class), 0 },
	{ CODEC_DIGEST, offsetof(struct message_receipt, status), 0 },
	{ CODEC_DIGEST, offsetof(struct message_receipt, entry), 0 },
	{ CODEC_U64, offsetof(struct message_receipt, index), 0 },
	{ CODEC_U64, offsetof(struct message_receipt, directory), 0 },
	{ CODEC_TEXT, offsetof(struct message_receipt, origin),
	    MESSAGE_ORIGIN_SIZE },
	{ CODEC_U64, offsetof(struct message_receipt, log_size), 0 },
	{ CODEC_DIGEST, offsetof(struct message_receipt, log_root), 0 },
	{ CODEC_BLOB, offsetof(struct message_receipt, act), 0 },
	{ CODEC_BLOB, offsetof(struct message_receipt, act_cms), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_signed_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_signed, cms), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_signed, content), 0 },
	{ CODEC_U16, offsetof(struct message_verify_signed, signers_max), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field signed_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_signed, content), 0 },
	{ CODEC_BLOB, offsetof(struct message_signed, signers), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field bulletin_take_fields[] = {
	{ CODEC_TIME, offsetof(struct message_bulletin_take, now), 0 },
	{ CODEC_BOOL, offsetof(struct message_bulletin_take, is_stored), 0 },
	{ CODEC_BOOL, offsetof(struct message_bulletin_take, is_checked), 0 },
	{ CODEC_BLOB, offsetof(struct message_bulletin_take, cms), 0 },
	{ CODEC_BLOB, offsetof(struct message_bulletin_take, receipt), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field bulletin_taken_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_bulletin_taken, is_new), 0 },
	{ CODEC_BOOL, offsetof(struct message_bulletin_taken, is_pending), 0 },
	{ CODEC_U8, offsetof(struct message_bulletin_taken, kind), 0 },
	{ CODEC_TEXT, offsetof(struct message_bulletin_taken, name),
	    MESSAGE_HOST_SIZE },
	{ CODEC_U64, offsetof(struct message_bulletin_taken, serial), 0 },
	{ CODEC_DIGEST, offsetof(struct message_bulletin_taken, digest), 0 },
	{ CODEC_TIME, offsetof(struct message_bulletin_taken, issued_at), 0 },
	{ CODEC_TIME, offsetof(struct message_bulletin_taken, expires_at), 0 },
	{ CODEC_BOOL, offsetof(struct message_bulletin_taken, is_shown), 0 },
	{ CODEC_BOOL, offsetof(struct message_bulletin_taken, needs), 0 },
	{ CODEC_TIME, offsetof(struct message_bulletin_taken, fresh_at), 0 },
	{ CODEC_BLOB, offsetof(struct message_bulletin_taken, signers), 0 },
	{ CODEC_BLOB, offsetof(struct message_bulletin_taken, json), 0 },
	{ CODEC_BLOB, offsetof(struct message_bulletin_taken, disowned), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field open_key_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_open_key, key_part), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field open_words_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_open_words, sealed), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field words_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_words, plain), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field key_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_key, head), 0 },
	{ CODEC_TEXT, offsetof(struct message_key, recipient), ORG_TEXT_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_key, key), 0 },
	{ CODEC_DIGEST, offsetof(struct message_key, random), 0 },
	{ CODEC_DIGEST, offsetof(struct message_key, package), 0 },
	{ CODEC_DIGEST, offsetof(struct message_key, seal), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field key_list_fields[] = {
	{ CODEC_END, 0, 0 },
};

static const struct codec_field keys_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_keys, keys), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field key_entry_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_key_entry, name),
	    MESSAGE_KEY_NAME_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_key_entry, certificate), 0 },
	{ CODEC_BLOB, offsetof(struct message_key_entry, der), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field sign_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_sign, key),
	    MESSAGE_KEY_NAME_SIZE },
	{ CODEC_U8, offsetof(struct message_sign, kind), 0 },
	{ CODEC_TIME, offsetof(struct message_sign, time), 0 },
	{ CODEC_BLOB, offsetof(struct message_sign, statement), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field sign_batch_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_sign_batch, key),
	    MESSAGE_KEY_NAME_SIZE },
	{ CODEC_U8, offsetof(struct message_sign_batch, kind), 0 },
	{ CODEC_TIME, offsetof(struct message_sign_batch, time), 0 },
	{ CODEC_BLOB, offsetof(struct message_sign_batch, statements), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field statement_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_statement, statement), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field signature_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_signature, signature), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field unwrap_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_unwrap, fields), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field unwrapped_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_unwrapped, key), 0 },
	{ CODEC_DIGEST, offsetof(struct message_unwrapped, seal), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field keep_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_keep, is_open), 0 },
	{ CODEC_BLOB, offsetof(struct message_keep, secret), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field kept_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_kept, secret), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field module_fields[] = {
	{ CODEC_U8, offsetof(struct message_module, action), 0 },
	{ CODEC_BOOL, offsetof(struct message_module, is_ours), 0 },
	{ CODEC_BLOB, offsetof(struct message_module, programs), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field module_state_fields[] = {
	{ CODEC_U8, offsetof(struct message_module_state, state), 0 },
	{ CODEC_U8, offsetof(struct message_module_state, integrity), 0 },
	{ CODEC_DIGEST, offsetof(struct message_module_state, program), 0 },
	{ CODEC_U32, offsetof(struct message_module_state, passed), 0 },
	{ CODEC_U64, offsetof(struct message_module_state, uses_max), 0 },
	{ CODEC_BLOB, offsetof(struct message_module_state, failure), 0 },
	{ CODEC_BLOB, offsetof(struct message_module_state, keys), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field key_uses_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_key_uses, name),
	    MESSAGE_KEY_NAME_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_key_uses, certificate), 0 },
	{ CODEC_U64, offsetof(struct message_key_uses, uses), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field issue_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_issue, host), MESSAGE_HOST_SIZE },
	{ CODEC_TEXT, offsetof(struct message_issue, codes),
	    MESSAGE_CODES_SIZE },
	{ CODEC_BLOB, offsetof(struct message_issue, public_key), 0 },
	{ CODEC_TIME, offsetof(struct message_issue, not_before_at), 0 },
	{ CODEC_TIME, offsetof(struct message_issue, not_after_at), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field issued_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_issued, certificate), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_module_request_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_module_request, request),
	    0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field module_request_fields[] = {
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

static const struct codec_field submit_fields[] = {
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

static const struct codec_field submitted_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_submitted, is_repeat), 0 },
	{ CODEC_BLOB, offsetof(struct message_submitted, receipt), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field arriving_fields[] = {
	{ CODEC_U64, offsetof(struct message_arriving, ticket), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field offset_read_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_offset_read, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_offset_read, waybill), 0 },
	{ CODEC_BOOL, offsetof(struct message_offset_read, is_move), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field offset_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_offset, is_accepted), 0 },
	{ CODEC_U64, offsetof(struct message_offset, offset), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_addendum_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_addendum, addendum), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_addendum, key_part), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field addendum_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_addendum, signer), 0 },
	{ CODEC_TEXT, offsetof(struct message_addendum, environment),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_addendum, waybill), 0 },
	{ CODEC_ID, offsetof(struct message_addendum, waybill_id), 0 },
	{ CODEC_TEXT, offsetof(struct message_addendum, recipient),
	    ORG_TEXT_SIZE },
	{ CODEC_TEXT, offsetof(struct message_addendum, receiver),
	    ORG_TEXT_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_addendum, old_leaf), 0 },
	{ CODEC_TEXT, offsetof(struct message_addendum, center),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_addendum, seal), 0 },
	{ CODEC_DIGEST, offsetof(struct message_addendum, key_part), 0 },
	{ CODEC_U64, offsetof(struct message_addendum, directory), 0 },
	{ CODEC_TIME, offsetof(struct message_addendum, time), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field rewrap_submit_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_rewrap_submit, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_rewrap_submit, fingerprint),
	    0 },
	{ CODEC_BLOB, offsetof(struct message_rewrap_submit, addendum), 0 },
	{ CODEC_BLOB, offsetof(struct message_rewrap_submit, cms), 0 },
	{ CODEC_BLOB, offsetof(struct message_rewrap_submit, key_part), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field act_submit_fields[] = {
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

static const struct codec_field acted_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_acted, is_repeat), 0 },
	{ CODEC_BLOB, offsetof(struct message_acted, receipt), 0 },
	{ CODEC_BLOB, offsetof(struct message_acted, key_part), 0 },
	{ CODEC_BLOB, offsetof(struct message_acted, addendum), 0 },
	{ CODEC_BLOB, offsetof(struct message_acted, answer), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field receipt_submit_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_receipt_submit, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_receipt_submit, fingerprint),
	    0 },
	{ CODEC_BLOB, offsetof(struct message_receipt_submit, receipt), 0 },
	{ CODEC_BLOB, offsetof(struct message_receipt_submit, json), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_checkpoint_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_checkpoint, request), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field checkpoint_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_checkpoint, center),
	    MESSAGE_HOST_SIZE },
	{ CODEC_BOOL, offsetof(struct message_checkpoint, is_management), 0 },
	{ CODEC_TEXT, offsetof(struct message_checkpoint, origin),
	    MESSAGE_ORIGIN_SIZE },
	{ CODEC_U64, offsetof(struct message_checkpoint, old_size), 0 },
	{ CODEC_U64, offsetof(struct message_checkpoint, size), 0 },
	{ CODEC_DIGEST, offsetof(struct message_checkpoint, root), 0 },
	{ CODEC_BLOB, offsetof(struct message_checkpoint, proof), 0 },
	{ CODEC_BLOB, offsetof(struct message_checkpoint, note), 0 },
	{ CODEC_BLOB, offsetof(struct message_checkpoint, stated), 0 },
	{ CODEC_BLOB, offsetof(struct message_checkpoint, stated_cms), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_cosigned_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_cosigned, note), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field cosigned_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_cosigned, origin),
	    MESSAGE_ORIGIN_SIZE },
	{ CODEC_U64, offsetof(struct message_cosigned, size), 0 },
	{ CODEC_DIGEST, offsetof(struct message_cosigned, root), 0 },
	{ CODEC_U16, offsetof(struct message_cosigned, authorities), 0 },
	{ CODEC_U16, offsetof(struct message_cosigned, quorum), 0 },
	{ CODEC_TIME, offsetof(struct message_cosigned, time), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_stamp_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_stamp, response), 0 },
	{ CODEC_DIGEST, offsetof(struct message_verify_stamp, digest), 0 },
	{ CODEC_U64, offsetof(struct message_verify_stamp, nonce), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field stamp_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_stamp, authority),
	    MESSAGE_AUTHORITY_SIZE },
	{ CODEC_TIME, offsetof(struct message_stamp, time), 0 },
	{ CODEC_BLOB, offsetof(struct message_stamp, token), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field status_ask_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_status_ask, certificate), 0 },
	{ CODEC_DIGEST, offsetof(struct message_status_ask, nonce), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field status_places_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_status_places, ocsp), 0 },
	{ CODEC_BLOB, offsetof(struct message_status_places, crl), 0 },
	{ CODEC_BLOB, offsetof(struct message_status_places, request), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_status_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_verify_status, is_list), 0 },
	{ CODEC_BOOL, offsetof(struct message_verify_status, has_nonce), 0 },
	{ CODEC_DIGEST, offsetof(struct message_verify_status, nonce), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_status, answer), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_status, certificates), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field status_certificate_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_status_certificate, certificate),
	    0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field status_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_status, verdicts), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field status_one_fields[] = {
	{ CODEC_U8, offsetof(struct message_status_one, state), 0 },
	{ CODEC_U8, offsetof(struct message_status_one, reason), 0 },
	{ CODEC_TIME, offsetof(struct message_status_one, revoked_at), 0 },
	{ CODEC_TIME, offsetof(struct message_status_one, this_update), 0 },
	{ CODEC_TIME, offsetof(struct message_status_one, next_update), 0 },
	{ CODEC_ERROR, offsetof(struct message_status_one, failure), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field verify_grown_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_verify_grown, is_stamped), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_grown, answer), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_grown, held), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field grown_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_grown, cosigned), 0 },
	{ CODEC_BLOB, offsetof(struct message_grown, note), 0 },
	{ CODEC_BLOB, offsetof(struct message_grown, stamps), 0 },
	{ CODEC_BLOB, offsetof(struct message_grown, verdicts), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field held_fields[] = {
	{ CODEC_U64, offsetof(struct message_held, size), 0 },
	{ CODEC_DIGEST, offsetof(struct message_held, root), 0 },
	{ CODEC_BLOB, offsetof(struct message_held, note), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field grown_one_fields[] = {
	{ CODEC_U8, offsetof(struct message_grown_one, verdict), 0 },
	{ CODEC_BLOB, offsetof(struct message_grown_one, proof), 0 },
	{ CODEC_BLOB, offsetof(struct message_grown_one, conflict), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field witness_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_witness, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_witness, fingerprint), 0 },
	{ CODEC_BLOB, offsetof(struct message_witness, checkpoint), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field witnessed_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_witnessed, is_cosigned), 0 },
	{ CODEC_U64, offsetof(struct message_witnessed, size), 0 },
	{ CODEC_BLOB, offsetof(struct message_witnessed, line), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field watch_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_watch, host), MESSAGE_HOST_SIZE },
	{ CODEC_U64, offsetof(struct message_watch, after), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field watched_fields[] = {
	{ CODEC_U64, offsetof(struct message_watched, newest), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field unwatch_fields[] = {
	{ CODEC_END, 0, 0 },
};

static const struct codec_field feed_acknowledge_fields[] = {
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

static const struct codec_field feed_read_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_feed_read, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_U64, offsetof(struct message_feed_read, after), 0 },
	{ CODEC_U32, offsetof(struct message_feed_read, limit), 0 },
	{ CODEC_U64, offsetof(struct message_feed_read, epoch), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field feed_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_feed, json), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field delivery_read_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_delivery_read, host),
	    MESSAGE_HOST_SIZE },
	{ CODEC_ID, offsetof(struct message_delivery_read, waybill_id), 0 },
	{ CODEC_TEXT, offsetof(struct message_delivery_read, recipient),
	    ORG_TEXT_SIZE },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field delivery_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_delivery, records), 0 },
	{ CODEC_U64, offsetof(struct message_delivery, payload), 0 },
	{ CODEC_U64, offsetof(struct message_delivery, content_len), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field bulletins_read_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_bulletins_read, have),
	    MESSAGE_HAVE_SIZE },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field bulletins_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_bulletins, bundle), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field pages_read_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_pages_read, root), 0 },
	{ CODEC_U16, offsetof(struct message_pages_read, from), 0 },
	{ CODEC_U16, offsetof(struct message_pages_read, to), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field pages_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_pages, data), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field call_fields[] = {
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

static const struct codec_field fetch_fields[] = {
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

static const struct codec_field fetched_fields[] = {
	{ CODEC_U16, offsetof(struct message_fetched, status), 0 },
	{ CODEC_TEXT, offsetof(struct message_fetched, type),
	    MESSAGE_TYPE_SIZE },
	{ CODEC_BLOB, offsetof(struct message_fetched, body), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field link_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_link, peer), MESSAGE_HOST_SIZE },
	{ CODEC_BOOL, offsetof(struct message_link, is_well), 0 },
	{ CODEC_TIME, offsetof(struct message_link, since), 0 },
	{ CODEC_TEXT, offsetof(struct message_link, code), ERROR_ID_SIZE },
	{ CODEC_TEXT, offsetof(struct message_link, why), ERROR_TEXT_SIZE },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field called_fields[] = {
	{ CODEC_U16, offsetof(struct message_called, status), 0 },
	{ CODEC_TEXT, offsetof(struct message_called, type),
	    MESSAGE_TYPE_SIZE },
	{ CODEC_BLOB, offsetof(struct message_called, body), 0 },
	{ CODEC_U64, offsetof(struct message_called, upload), 0 },
	{ CODEC_U64, offsetof(struct message_called, upload_len), 0 },
	{ CODEC_TIME, offsetof(struct message_called, peer_time), 0 },
	{ CODEC_TEXT, offsetof(struct message_called, serials),
	    MESSAGE_HAVE_SIZE },
	{ CODEC_U32, offsetof(struct message_called, retry_after_s), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field request_fields[] = {
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

static const struct codec_field admitted_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_admitted, actor),
	    MESSAGE_NAME_SIZE },
	{ CODEC_TEXT, offsetof(struct message_admitted, scope), ORG_TEXT_SIZE },
	{ CODEC_BOOL, offsetof(struct message_admitted, wants_touch), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field touch_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_touch, session), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field file_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_file, name),
	    MESSAGE_FILE_NAME_SIZE },
	{ CODEC_U64, offsetof(struct message_file, upload), 0 },
	{ CODEC_U64, offsetof(struct message_file, len), 0 },
	{ CODEC_U64, offsetof(struct message_file, total), 0 },
	{ CODEC_DIGEST, offsetof(struct message_file, wanted), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field response_fields[] = {
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

static const struct codec_field cancel_fields[] = {
	{ CODEC_END, 0, 0 },
};

static const struct codec_field inspect_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_inspect, name),
	    MESSAGE_FILE_NAME_SIZE },
	{ CODEC_U8, offsetof(struct message_inspect, policy), 0 },
	{ CODEC_U64, offsetof(struct message_inspect, bytes), 0 },
	{ CODEC_U64, offsetof(struct message_inspect, files), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field inspected_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_inspected, findings), 0 },
	{ CODEC_U64, offsetof(struct message_inspected, bytes), 0 },
	{ CODEC_U64, offsetof(struct message_inspected, files), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field finding_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_finding, rule), ERROR_ID_SIZE },
	{ CODEC_BOOL, offsetof(struct message_finding, is_error), 0 },
	{ CODEC_TEXT, offsetof(struct message_finding, text),
	    MESSAGE_NAME_SIZE },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field make_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_make, json), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field made_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_made, is_made), 0 },
	{ CODEC_BLOB, offsetof(struct message_made, bundle), 0 },
	{ CODEC_BLOB, offsetof(struct message_made, json), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field check_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_check, files), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field check_file_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_check_file, name),
	    MESSAGE_FILE_NAME_SIZE },
	{ CODEC_U64, offsetof(struct message_check_file, len), 0 },
	{ CODEC_BLOB, offsetof(struct message_check_file, data), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field report_fields[] = {
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

static const struct codec_field roster_entry_fields[] = {
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

static const struct codec_field unpack_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_unpack, package), 0 },
	{ CODEC_U8, offsetof(struct message_unpack, policy), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field unpacked_fields[] = {
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

static const struct codec_field packed_file_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_packed_file, name),
	    MESSAGE_FILE_NAME_SIZE },
	{ CODEC_U64, offsetof(struct message_packed_file, offset), 0 },
	{ CODEC_U64, offsetof(struct message_packed_file, len), 0 },
	{ CODEC_DIGEST, offsetof(struct message_packed_file, digest), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct codec_field render_fields[] = {
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

static const struct codec_field rendered_fields[] = {
	{ CODEC_U32, offsetof(struct message_rendered, pages), 0 },
	{ CODEC_TEXT, offsetof(struct message_rendered, missing),
	    MESSAGE_MISSING_SIZE },
	{ CODEC_BLOB, offsetof(struct message_rendered, data), 0 },
	{ CODEC_END, 0, 0 },
};

static const struct {
	const char *name;
	const struct codec_field *fields;
} types[MESSAGE_COUNT] = {
	[MESSAGE_NONE] = { "none", NULL },
	[MESSAGE_READY] = { "ready", ready_fields },
	[MESSAGE_OPEN] = { "open", open_fields },
	[MESSAGE_DRAIN] = { "drain", drain_fields },
	[MESSAGE_DRAINED] = { "drained", drained_fields },
	[MESSAGE_STOP] = { "stop", stop_fields },
	[MESSAGE_FAILED] = { "failed", failed_fields },
	[MESSAGE_DONE] = { "done", done_fields },
	[MESSAGE_ARENA] = { "arena", arena_fields },
	[MESSAGE_DIRECTORY] = { "directory", directory_fields },
	[MESSAGE_UPLOAD_BEGIN] = { "upload_begin", upload_begin_fields },
	[MESSAGE_UPLOAD_DATA] = { "upload_data", upload_data_fields },
	[MESSAGE_UPLOAD_FREE] = { "upload_free", upload_free_fields },
	[MESSAGE_UPLOAD_ABORT] = { "upload_abort", upload_abort_fields },
	[MESSAGE_PAYLOAD_READ] = { "payload_read", payload_read_fields },
	[MESSAGE_PAYLOAD_DATA] = { "payload_data", payload_data_fields },
	[MESSAGE_PAYLOAD_FREE] = { "payload_free", payload_free_fields },
	[MESSAGE_VERIFY_WAYBILL] = { "verify_waybill", verify_waybill_fields },
	[MESSAGE_WAYBILL] = { "waybill", waybill_fields },
	[MESSAGE_LEAF] = { "leaf", leaf_fields },
	[MESSAGE_VERIFY_ACT] = { "verify_act", verify_act_fields },
	[MESSAGE_ACT] = { "act", act_fields },
	[MESSAGE_VERIFY_ADDENDUM] = { "verify_addendum",
	    verify_addendum_fields },
	[MESSAGE_ADDENDUM] = { "addendum", addendum_fields },
	[MESSAGE_VERIFY_RECEIPT] = { "verify_receipt", verify_receipt_fields },
	[MESSAGE_RECEIPT] = { "receipt", receipt_fields },
	[MESSAGE_VERIFY_SIGNED] = { "verify_signed", verify_signed_fields },
	[MESSAGE_SIGNED] = { "signed", signed_fields },
	[MESSAGE_VERIFY_CHECKPOINT] = { "verify_checkpoint",
	    verify_checkpoint_fields },
	[MESSAGE_CHECKPOINT] = { "checkpoint", checkpoint_fields },
	[MESSAGE_VERIFY_COSIGNED] = { "verify_cosigned",
	    verify_cosigned_fields },
	[MESSAGE_COSIGNED] = { "cosigned", cosigned_fields },
	[MESSAGE_VERIFY_STAMP] = { "verify_stamp", verify_stamp_fields },
	[MESSAGE_STAMP] = { "stamp", stamp_fields },
	[MESSAGE_VERIFY_GROWN] = { "verify_grown", verify_grown_fields },
	[MESSAGE_GROWN] = { "grown", grown_fields },
	[MESSAGE_HELD] = { "held", held_fields },
	[MESSAGE_GROWN_ONE] = { "grown_one", grown_one_fields },
	[MESSAGE_STATUS_ASK] = { "status_ask", status_ask_fields },
	[MESSAGE_STATUS_PLACES] = { "status_places", status_places_fields },
	[MESSAGE_VERIFY_STATUS] = { "verify_status", verify_status_fields },
	[MESSAGE_STATUS] = { "status", status_fields },
	[MESSAGE_STATUS_CERTIFICATE] = { "status_certificate",
	    status_certificate_fields },
	[MESSAGE_STATUS_ONE] = { "status_one", status_one_fields },
	[MESSAGE_BULLETIN_TAKE] = { "bulletin_take", bulletin_take_fields },
	[MESSAGE_BULLETIN_TAKEN] = { "bulletin_taken", bulletin_taken_fields },
	[MESSAGE_OPEN_KEY] = { "open_key", open_key_fields },
	[MESSAGE_KEY] = { "key", key_fields },
	[MESSAGE_OPEN_WORDS] = { "open_words", open_words_fields },
	[MESSAGE_WORDS] = { "words", words_fields },
	[MESSAGE_KEY_LIST] = { "key_list", key_list_fields },
	[MESSAGE_KEYS] = { "keys", keys_fields },
	[MESSAGE_KEY_ENTRY] = { "key_entry", key_entry_fields },
	[MESSAGE_SIGN] = { "sign", sign_fields },
	[MESSAGE_SIGN_BATCH] = { "sign_batch", sign_batch_fields },
	[MESSAGE_STATEMENT] = { "statement", statement_fields },
	[MESSAGE_SIGNATURE] = { "signature", signature_fields },
	[MESSAGE_UNWRAP] = { "unwrap", unwrap_fields },
	[MESSAGE_UNWRAPPED] = { "unwrapped", unwrapped_fields },
	[MESSAGE_KEEP] = { "keep", keep_fields },
	[MESSAGE_KEPT] = { "kept", kept_fields },
	[MESSAGE_MODULE] = { "module", module_fields },
	[MESSAGE_MODULE_STATE] = { "module_state", module_state_fields },
	[MESSAGE_KEY_USES] = { "key_uses", key_uses_fields },
	[MESSAGE_ISSUE] = { "issue", issue_fields },
	[MESSAGE_ISSUED] = { "issued", issued_fields },
	[MESSAGE_VERIFY_MODULE_REQUEST] = { "verify_module_request",
	    verify_module_request_fields },
	[MESSAGE_MODULE_REQUEST] = { "module_request", module_request_fields },
	[MESSAGE_SUBMIT] = { "submit", submit_fields },
	[MESSAGE_SUBMITTED] = { "submitted", submitted_fields },
	[MESSAGE_ARRIVING] = { "arriving", arriving_fields },
	[MESSAGE_OFFSET_READ] = { "offset_read", offset_read_fields },
	[MESSAGE_OFFSET] = { "offset", offset_fields },
	[MESSAGE_ACT_SUBMIT] = { "act_submit", act_submit_fields },
	[MESSAGE_ACTED] = { "acted", acted_fields },
	[MESSAGE_REWRAP_SUBMIT] = { "rewrap_submit", rewrap_submit_fields },
	[MESSAGE_RECEIPT_SUBMIT] = { "receipt_submit", receipt_submit_fields },
	[MESSAGE_WITNESS] = { "witness", witness_fields },
	[MESSAGE_WITNESSED] = { "witnessed", witnessed_fields },
	[MESSAGE_WATCH] = { "watch", watch_fields },
	[MESSAGE_WATCHED] = { "watched", watched_fields },
	[MESSAGE_UNWATCH] = { "unwatch", unwatch_fields },
	[MESSAGE_FEED_ACKNOWLEDGE] = { "feed_acknowledge",
	    feed_acknowledge_fields },
	[MESSAGE_FEED_READ] = { "feed_read", feed_read_fields },
	[MESSAGE_FEED] = { "feed", feed_fields },
	[MESSAGE_DELIVERY_READ] = { "delivery_read", delivery_read_fields },
	[MESSAGE_DELIVERY] = { "delivery", delivery_fields },
	[MESSAGE_BULLETINS_READ] = { "bulletins_read", bulletins_read_fields },
	[MESSAGE_BULLETINS] = { "bulletins", bulletins_fields },
	[MESSAGE_PAGES_READ] = { "pages_read", pages_read_fields },
	[MESSAGE_PAGES] = { "pages", pages_fields },
	[MESSAGE_CALL] = { "call", call_fields },
	[MESSAGE_CALLED] = { "called", called_fields },
	[MESSAGE_FETCH] = { "fetch", fetch_fields },
	[MESSAGE_FETCHED] = { "fetched", fetched_fields },
	[MESSAGE_LINK] = { "link", link_fields },
	[MESSAGE_ADMIT] = { "admit", request_fields },
	[MESSAGE_ADMITTED] = { "admitted", admitted_fields },
	[MESSAGE_TOUCH] = { "touch", touch_fields },
	[MESSAGE_REQUEST] = { "request", request_fields },
	[MESSAGE_FILE] = { "file", file_fields },
	[MESSAGE_RESPONSE] = { "response", response_fields },
	[MESSAGE_CANCEL] = { "cancel", cancel_fields },
	[MESSAGE_CHECK] = { "check", check_fields },
	[MESSAGE_CHECK_FILE] = { "check_file", check_file_fields },
	[MESSAGE_REPORT] = { "report", report_fields },
	[MESSAGE_ROSTER_ENTRY] = { "roster_entry", roster_entry_fields },
	[MESSAGE_UNPACK] = { "unpack", unpack_fields },
	[MESSAGE_UNPACKED] = { "unpacked", unpacked_fields },
	[MESSAGE_PACKED_FILE] = { "packed_file", packed_file_fields },
	[MESSAGE_RENDER] = { "render", render_fields },
	[MESSAGE_RENDERED] = { "rendered", rendered_fields },
	[MESSAGE_INSPECT] = { "inspect", inspect_fields },
	[MESSAGE_INSPECTED] = { "inspected", inspected_fields },
	[MESSAGE_FINDING] = { "finding", finding_fields },
	[MESSAGE_MAKE] = { "make", make_fields },
	[MESSAGE_MADE] = { "made", made_fields },
};

const struct codec_field *
message_fields(uint16_t type)
{
	return type < MESSAGE_COUNT ? types[type].fields : NULL;
}

const char *
message_name(uint16_t type)
{
	return type < MESSAGE_COUNT ? types[type].name : "unknown";
}

/* Messages with keys in them leave no copy behind here. */
static bool
is_secret(enum message_type type)
{
	return type == MESSAGE_KEEP || type == MESSAGE_KEPT ||
	    type == MESSAGE_UNWRAPPED || type == MESSAGE_KEY ||
	    type == MESSAGE_WORDS;
}

int
message_send(struct ipc *ipc, enum message_type type, uint32_t id,
    const void *body, int fd, struct error *err)
{
	struct bytes bytes = { 0 };
	int rc = -1;

	if (body != NULL)
		codec_encode(types[type].fields, body, &bytes);
	if (bytes_failed(&bytes, err) == 0)
		rc = ipc_send(ipc, (uint16_t)type, id, &bytes, fd, err);
	if (is_secret(type))
		bytes_wipe(&bytes);
	else
		bytes_free(&bytes);
	return rc;
}

size_t
message_read_headers(struct blob fields, struct http_header *ret_headers,
    size_t max)
{
	struct cursor cursor = cursor_of(fields.data, fields.len);
	size_t count = 0;

	while (cursor.left > 0 && count < max) {
		const char *name = cursor_take_text(&cursor);
		const char *value =
		    name != NULL ? cursor_take_text(&cursor) : NULL;

		if (value == NULL)
			break;
		ret_headers[count++] = (struct http_header){ name, value };
	}
	return count;
}

int
message_read(const struct ipc_message *message, enum message_type type,
    void *ret_body, struct error *err)
{
	struct message_failed failed;

	if (message->type == type)
		return codec_decode(types[type].fields, message->body,
		    message->len, ret_body, err);
	if (message->type == MESSAGE_FAILED &&
	    codec_decode(failed_fields, message->body, message->len, &failed,
		err) == 0) {
		*err = failed.error;
		return -1;
	}
	return error_set(err, ERROR_MALFORMED, "message %s where %s was due",
	    message_name(message->type), types[type].name);
}

void
message_list_add(struct bytes *list, enum message_type type, const void *item)
{
	codec_encode(types[type].fields, item, list);
}
