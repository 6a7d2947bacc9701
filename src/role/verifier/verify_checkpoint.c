/*
 * Checkpoints: of a log that wants to be cosigned, and with the cosignatures of
 * its witnesses.
 */
#include "role/verifier/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "directory/directory_network.h"
#include "envelope/bundle.h"
#include "log/add_checkpoint.h"

void
verify_witness_name(const char *environment, const char *host,
    char to[NOTE_NAME_SIZE])
{
	snprintf(to, NOTE_NAME_SIZE, "yizhan/%s/witness/%s", environment, host);
}

static int
take_key(const struct verify_context *context,
    const struct directory_center *host, uint8_t public_key[NOTE_PUBLIC_LEN],
    bool *ret_is_good, struct error *err)
{
	const struct cert *cert;

	if (cert_cache_get(context->certs, host->log, host->log_len, &cert,
		err) < 0)
		return -1;
	*ret_is_good = cert_ed25519(cert, public_key);
	return 0;
}

/* The host whose registered log has the note's origin, and its key. */
static int
find_log(const struct verify_context *context, const char *origin,
    struct directory_center *ret_center, uint8_t public_key[NOTE_PUBLIC_LEN],
    struct error *err)
{
	bool is_good = false;
	size_t count;

	if (context->directory == NULL)
		return error_set_id(err, "E3410", ERROR_BUSY,
		    "no directory yet");
	count = directory_center_count(context->directory);
	for (uint32_t i = 0; i < count; i++) {
		*ret_center = directory_center_at(context->directory, i);
		if (!text_equal(ret_center->origin, origin) ||
		    ret_center->log_len == 0)
			continue;
		if (take_key(context, ret_center, public_key, &is_good, err) <
		    0)
			return -1;
		if (is_good)
			return 0;
	}
	if (verify_find_management_log(context, origin, ret_center) != NULL &&
	    take_key(context, ret_center, public_key, &is_good, err) < 0)
		return -1;
	if (is_good)
		return 0;
	return error_set_id(err, "E3405", ERROR_UNTRUSTED,
	    "no log %s is registered", origin);
}

/* A note signed by the log that it names. */
static int
open_note(const struct verify_context *context, const void *data, size_t len,
    struct note *note, struct directory_center *center, struct error *err)
{
	uint8_t public_key[NOTE_PUBLIC_LEN];

	if (note_parse(data, len, note, err) < 0 ||
	    find_log(context, note->checkpoint.origin, center, public_key,
		err) < 0)
		return -1;
	return note_verify(data, len, note->checkpoint.origin, public_key, note,
	    err);
}

static const char magic[] = "YZBNDL1\n";

static bool
take_record(struct cursor *cursor, enum bundle_kind kind, struct blob *ret)
{
	bool is_kind = cursor_u8(cursor) == (uint8_t)kind;
	size_t len = (size_t)cursor_u64(cursor);

	*ret = blob_of(cursor_take(cursor, len), len);
	return is_kind && ret->data != NULL;
}

/* A center's request as it is; management's is a bundle. */
static int
split_request(const struct blob *request, struct blob *ret_add,
    struct verify_stated *ret_stated, struct error *err)
{
	struct cursor cursor;

	*ret_stated = (struct verify_stated){ .cms = blob_of(NULL, 0) };
	*ret_add = *request;
	if (request->len < BUNDLE_MAGIC_LEN ||
	    memcmp(request->data, magic, BUNDLE_MAGIC_LEN) != 0)
		return 0;
	cursor = cursor_of(request->data + BUNDLE_MAGIC_LEN,
	    request->len - BUNDLE_MAGIC_LEN);
	if (take_record(&cursor, BUNDLE_COSIGN, ret_add) &&
	    take_record(&cursor, BUNDLE_RECEIPT, &ret_stated->receipt) &&
	    take_record(&cursor, BUNDLE_BULLETIN, &ret_stated->cms) &&
	    cursor_done(&cursor))
		return 0;
	return error_set_id(err, "E5025", ERROR_MALFORMED,
	    "records of a request to cosign management's log");
}

static int
put_checkpoint(const struct verify_context *context,
    const struct add_checkpoint *parsed, struct message_checkpoint *to,
    struct error *err)
{
	struct directory_center host;
	struct directory_center management;
	struct note note;

	if (open_note(context, parsed->note, parsed->note_len, &note, &host,
		err) < 0)
		return -1;
	*to = (struct message_checkpoint){
		.old_size = parsed->old_size,
		.size = note.checkpoint.size,
		.root = note.checkpoint.root,
		.note = blob_of(parsed->note, parsed->note_len),
		.is_management =
		    verify_find_management_log(context, note.checkpoint.origin,
			&management) != NULL,
	};
	text_copy(to->center, sizeof(to->center), host.name);
	text_copy(to->origin, sizeof(to->origin), note.checkpoint.origin);
	return 0;
}

int
verify_checkpoint(const struct verify_context *context, const struct root *root,
    const struct blob *request, struct message_checkpoint *ret_checkpoint,
    struct bytes *proof, struct bytes *stated, struct error *err)
{
	struct add_checkpoint parsed;
	struct verify_stated with;
	struct blob add;

	if (split_request(request, &add, &with, err) < 0 ||
	    add_checkpoint_parse(add.data, add.len, &parsed, err) < 0 ||
	    put_checkpoint(context, &parsed, ret_checkpoint, err) < 0)
		return -1;
	if (ret_checkpoint->is_management) {
		if (verify_stated(context, root, &with, ret_checkpoint->size,
			&ret_checkpoint->root, stated, err) < 0)
			return -1;
		ret_checkpoint->stated = blob_of_bytes(stated);
		ret_checkpoint->stated_cms = with.cms;
	}
	bytes_put(proof, parsed.proof, parsed.proof_count * DIGEST_LEN);
	ret_checkpoint->proof = blob_of_bytes(proof);
	return bytes_failed(proof, err);
}

/*
 * Which witnesses of the root have cosigned.  A line that is no good one of a
 * known witness spoils the note: whoever put it there meant it to be counted.
 */
static int
count_cosignatures(const struct verify_context *context,
    const struct root *root, const struct blob *data, bool *is_counted,
    int64_t *ret_oldest_s, struct error *err)
{
	*ret_oldest_s = 0;
	for (size_t i = 0; i < root->witness_count; i++) {
		const struct root_witness *witness = &root->witnesses[i];
		char name[NOTE_NAME_SIZE];
		struct error why = { 0 };
		int64_t time_s;

		verify_witness_name(context->environment, witness->name, name);
		if (note_verify_cosignature(data->data, data->len, name,
			witness->key, &time_s, &why) == 0) {
			is_counted[i] = true;
			if (*ret_oldest_s == 0 || time_s < *ret_oldest_s)
				*ret_oldest_s = time_s;
		} else if (why.code != ERROR_NOT_FOUND) {
			*err = why;
			return -1;
		}
	}
	return 0;
}

int
verify_cosigned(const struct verify_context *context, const struct root *root,
    const struct blob *data, struct message_cosigned *ret_cosigned,
    struct error *err)
{
	bool is_counted[ROOT_WITNESSES_MAX] = { false };
	struct directory_center center;
	struct note note;
	int64_t oldest_s;

	if (root == NULL)
		return error_set_id(err, "E3410", ERROR_BUSY, "no root yet");
	if (open_note(context, data->data, data->len, &note, &center, err) <
		0 ||
	    count_cosignatures(context, root, data, is_counted, &oldest_s,
		err) < 0)
		return -1;
	*ret_cosigned = (struct message_cosigned){
		.size = note.checkpoint.size,
		.root = note.checkpoint.root,
		.authorities = (uint16_t)root_authorities(root, is_counted),
		.quorum = (uint16_t)root->quorum,
		.time = oldest_s * 1000,
	};
	text_copy(ret_cosigned->origin, sizeof(ret_cosigned->origin),
	    note.checkpoint.origin);
	return 0;
}
