#include "role/message.h"

#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "http/http_message.h"
#include "role/message/message_fields.h"
#include "sys/ipc.h"

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
