#include "role/message.h"

#include <stddef.h>

#include "role/message/message_fields.h"

const struct codec_field verify_waybill_fields[] = {
	{ CODEC_U8, offsetof(struct message_verify_waybill, kind), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_waybill, waybill), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_waybill, records), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field waybill_fields[] = {
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

const struct codec_field leaf_fields[] = {
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

const struct codec_field verify_act_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_act, act), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field act_fields[] = {
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

const struct codec_field verify_receipt_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_receipt, receipt), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field receipt_fields[] = {
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

const struct codec_field verify_signed_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_signed, cms), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_signed, content), 0 },
	{ CODEC_U16, offsetof(struct message_verify_signed, signers_max), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field signed_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_signed, content), 0 },
	{ CODEC_BLOB, offsetof(struct message_signed, signers), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field bulletin_take_fields[] = {
	{ CODEC_TIME, offsetof(struct message_bulletin_take, now), 0 },
	{ CODEC_BOOL, offsetof(struct message_bulletin_take, is_stored), 0 },
	{ CODEC_BOOL, offsetof(struct message_bulletin_take, is_checked), 0 },
	{ CODEC_BLOB, offsetof(struct message_bulletin_take, cms), 0 },
	{ CODEC_BLOB, offsetof(struct message_bulletin_take, receipt), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field bulletin_taken_fields[] = {
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

const struct codec_field open_key_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_open_key, key_part), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field open_words_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_open_words, sealed), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field words_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_words, plain), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field key_fields[] = {
	{ CODEC_DIGEST, offsetof(struct message_key, head), 0 },
	{ CODEC_TEXT, offsetof(struct message_key, recipient), ORG_TEXT_SIZE },
	{ CODEC_DIGEST, offsetof(struct message_key, key), 0 },
	{ CODEC_DIGEST, offsetof(struct message_key, random), 0 },
	{ CODEC_DIGEST, offsetof(struct message_key, package), 0 },
	{ CODEC_DIGEST, offsetof(struct message_key, seal), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field verify_addendum_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_addendum, addendum), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_addendum, key_part), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field addendum_fields[] = {
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

const struct codec_field verify_checkpoint_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_checkpoint, request), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field checkpoint_fields[] = {
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

const struct codec_field verify_cosigned_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_cosigned, note), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field cosigned_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_cosigned, origin),
	    MESSAGE_ORIGIN_SIZE },
	{ CODEC_U64, offsetof(struct message_cosigned, size), 0 },
	{ CODEC_DIGEST, offsetof(struct message_cosigned, root), 0 },
	{ CODEC_U16, offsetof(struct message_cosigned, authorities), 0 },
	{ CODEC_U16, offsetof(struct message_cosigned, quorum), 0 },
	{ CODEC_TIME, offsetof(struct message_cosigned, time), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field verify_stamp_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_verify_stamp, response), 0 },
	{ CODEC_DIGEST, offsetof(struct message_verify_stamp, digest), 0 },
	{ CODEC_U64, offsetof(struct message_verify_stamp, nonce), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field stamp_fields[] = {
	{ CODEC_TEXT, offsetof(struct message_stamp, authority),
	    MESSAGE_AUTHORITY_SIZE },
	{ CODEC_TIME, offsetof(struct message_stamp, time), 0 },
	{ CODEC_BLOB, offsetof(struct message_stamp, token), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field status_ask_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_status_ask, certificate), 0 },
	{ CODEC_DIGEST, offsetof(struct message_status_ask, nonce), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field status_places_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_status_places, ocsp), 0 },
	{ CODEC_BLOB, offsetof(struct message_status_places, crl), 0 },
	{ CODEC_BLOB, offsetof(struct message_status_places, request), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field verify_status_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_verify_status, is_list), 0 },
	{ CODEC_BOOL, offsetof(struct message_verify_status, has_nonce), 0 },
	{ CODEC_DIGEST, offsetof(struct message_verify_status, nonce), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_status, answer), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_status, certificates), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field status_certificate_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_status_certificate, certificate),
	    0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field status_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_status, verdicts), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field status_one_fields[] = {
	{ CODEC_U8, offsetof(struct message_status_one, state), 0 },
	{ CODEC_U8, offsetof(struct message_status_one, reason), 0 },
	{ CODEC_TIME, offsetof(struct message_status_one, revoked_at), 0 },
	{ CODEC_TIME, offsetof(struct message_status_one, this_update), 0 },
	{ CODEC_TIME, offsetof(struct message_status_one, next_update), 0 },
	{ CODEC_ERROR, offsetof(struct message_status_one, failure), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field verify_grown_fields[] = {
	{ CODEC_BOOL, offsetof(struct message_verify_grown, is_stamped), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_grown, answer), 0 },
	{ CODEC_BLOB, offsetof(struct message_verify_grown, held), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field grown_fields[] = {
	{ CODEC_BLOB, offsetof(struct message_grown, cosigned), 0 },
	{ CODEC_BLOB, offsetof(struct message_grown, note), 0 },
	{ CODEC_BLOB, offsetof(struct message_grown, stamps), 0 },
	{ CODEC_BLOB, offsetof(struct message_grown, verdicts), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field held_fields[] = {
	{ CODEC_U64, offsetof(struct message_held, size), 0 },
	{ CODEC_DIGEST, offsetof(struct message_held, root), 0 },
	{ CODEC_BLOB, offsetof(struct message_held, note), 0 },
	{ CODEC_END, 0, 0 },
};

const struct codec_field grown_one_fields[] = {
	{ CODEC_U8, offsetof(struct message_grown_one, verdict), 0 },
	{ CODEC_BLOB, offsetof(struct message_grown_one, proof), 0 },
	{ CODEC_BLOB, offsetof(struct message_grown_one, conflict), 0 },
	{ CODEC_END, 0, 0 },
};
