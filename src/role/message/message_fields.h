/*
 * The tables of all messages; only role/message.c and its parts include this.
 */
#ifndef ROLE_MESSAGE_FIELDS_H
#define ROLE_MESSAGE_FIELDS_H

#include "role/codec.h"

/* message_host.c */
extern const struct codec_field ready_fields[];
extern const struct codec_field open_fields[];
extern const struct codec_field drain_fields[];
extern const struct codec_field drained_fields[];
extern const struct codec_field stop_fields[];
extern const struct codec_field failed_fields[];
extern const struct codec_field done_fields[];
extern const struct codec_field arena_fields[];
extern const struct codec_field directory_fields[];
extern const struct codec_field key_list_fields[];
extern const struct codec_field unwatch_fields[];
extern const struct codec_field cancel_fields[];

/* message_payload.c */
extern const struct codec_field upload_begin_fields[];
extern const struct codec_field upload_data_fields[];
extern const struct codec_field upload_free_fields[];
extern const struct codec_field upload_abort_fields[];
extern const struct codec_field payload_read_fields[];
extern const struct codec_field payload_data_fields[];
extern const struct codec_field payload_free_fields[];

/* message_verifier.c */
extern const struct codec_field verify_waybill_fields[];
extern const struct codec_field waybill_fields[];
extern const struct codec_field leaf_fields[];
extern const struct codec_field verify_act_fields[];
extern const struct codec_field act_fields[];
extern const struct codec_field verify_receipt_fields[];
extern const struct codec_field receipt_fields[];
extern const struct codec_field verify_signed_fields[];
extern const struct codec_field signed_fields[];
extern const struct codec_field bulletin_take_fields[];
extern const struct codec_field bulletin_taken_fields[];
extern const struct codec_field open_key_fields[];
extern const struct codec_field open_words_fields[];
extern const struct codec_field words_fields[];
extern const struct codec_field key_fields[];
extern const struct codec_field verify_addendum_fields[];
extern const struct codec_field addendum_fields[];
extern const struct codec_field verify_checkpoint_fields[];
extern const struct codec_field checkpoint_fields[];
extern const struct codec_field verify_cosigned_fields[];
extern const struct codec_field cosigned_fields[];
extern const struct codec_field verify_stamp_fields[];
extern const struct codec_field stamp_fields[];
extern const struct codec_field status_ask_fields[];
extern const struct codec_field status_places_fields[];
extern const struct codec_field verify_status_fields[];
extern const struct codec_field status_certificate_fields[];
extern const struct codec_field status_fields[];
extern const struct codec_field status_one_fields[];
extern const struct codec_field verify_grown_fields[];
extern const struct codec_field grown_fields[];
extern const struct codec_field held_fields[];
extern const struct codec_field grown_one_fields[];

/* message_keeper.c */
extern const struct codec_field keys_fields[];
extern const struct codec_field key_entry_fields[];
extern const struct codec_field sign_fields[];
extern const struct codec_field sign_batch_fields[];
extern const struct codec_field statement_fields[];
extern const struct codec_field signature_fields[];
extern const struct codec_field unwrap_fields[];
extern const struct codec_field unwrapped_fields[];
extern const struct codec_field keep_fields[];
extern const struct codec_field kept_fields[];
extern const struct codec_field module_fields[];
extern const struct codec_field module_state_fields[];
extern const struct codec_field key_uses_fields[];
extern const struct codec_field issue_fields[];
extern const struct codec_field issued_fields[];
extern const struct codec_field verify_module_request_fields[];
extern const struct codec_field module_request_fields[];

/* message_center.c */
extern const struct codec_field submit_fields[];
extern const struct codec_field submitted_fields[];
extern const struct codec_field arriving_fields[];
extern const struct codec_field offset_read_fields[];
extern const struct codec_field offset_fields[];
extern const struct codec_field rewrap_submit_fields[];
extern const struct codec_field act_submit_fields[];
extern const struct codec_field acted_fields[];
extern const struct codec_field receipt_submit_fields[];
extern const struct codec_field witness_fields[];
extern const struct codec_field witnessed_fields[];
extern const struct codec_field watch_fields[];
extern const struct codec_field watched_fields[];
extern const struct codec_field feed_acknowledge_fields[];
extern const struct codec_field feed_read_fields[];
extern const struct codec_field feed_fields[];
extern const struct codec_field delivery_read_fields[];
extern const struct codec_field delivery_fields[];
extern const struct codec_field bulletins_read_fields[];
extern const struct codec_field bulletins_fields[];
extern const struct codec_field pages_read_fields[];
extern const struct codec_field pages_fields[];

/* message_courier.c */
extern const struct codec_field call_fields[];
extern const struct codec_field fetch_fields[];
extern const struct codec_field fetched_fields[];
extern const struct codec_field link_fields[];
extern const struct codec_field called_fields[];

/* message_request.c */
extern const struct codec_field request_fields[];
extern const struct codec_field admitted_fields[];
extern const struct codec_field touch_fields[];
extern const struct codec_field file_fields[];
extern const struct codec_field response_fields[];

/* message_reader.c */
extern const struct codec_field inspect_fields[];
extern const struct codec_field inspected_fields[];
extern const struct codec_field finding_fields[];
extern const struct codec_field make_fields[];
extern const struct codec_field made_fields[];
extern const struct codec_field check_fields[];
extern const struct codec_field check_file_fields[];
extern const struct codec_field report_fields[];
extern const struct codec_field roster_entry_fields[];
extern const struct codec_field unpack_fields[];
extern const struct codec_field unpacked_fields[];
extern const struct codec_field packed_file_fields[];
extern const struct codec_field render_fields[];
extern const struct codec_field rendered_fields[];

#endif
