#include "role/spool/uploads.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "model/id.h"
#include "role/peer.h"
#include "role/spool/partials.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/arena.h"
#include "sys/ipc.h"

struct upload {
	struct upload *next;
	struct uploads *uploads;
	uint64_t number;
	uint64_t len;
	struct segment_writer *writer; /* NULL once it went wrong ... */
	uint64_t ticket; /* ... or for one that goes on with a partial */
	struct error failure;
	bool has_failed;
};

struct uploads {
	struct store *store;
	struct partials *partials;
	uint64_t len_max;
	struct arena *arena;
	struct upload *first;
	size_t count;
};

int
uploads_new(struct store *store, struct partials *partials, uint64_t len_max,
    struct uploads **ret_uploads, struct error *err)
{
	struct uploads *uploads = calloc(1, sizeof(*uploads));

	if (uploads == NULL)
		return error_set_memory(err);
	uploads->store = store;
	uploads->partials = partials;
	uploads->len_max = len_max;
	*ret_uploads = uploads;
	return 0;
}

void
uploads_free(struct uploads *uploads)
{
	if (uploads == NULL)
		return;
	while (uploads->first != NULL) {
		struct upload *upload = uploads->first;

		uploads->first = upload->next;
		upload_free(upload);
	}
	arena_free(uploads->arena);
	free(uploads);
}

static struct upload **
find(struct uploads *uploads, uint64_t number)
{
	struct upload **at = &uploads->first;

	while (*at != NULL && (*at)->number != number)
		at = &(*at)->next;
	return at;
}

static void
fail(struct upload *upload, const struct error *failure)
{
	upload->failure = *failure;
	upload->has_failed = true;
	segment_writer_abort(upload->writer);
	upload->writer = NULL;
	partials_close(upload->uploads->partials, upload->ticket);
	upload->ticket = 0;
}

static void
begin(struct uploads *uploads, const struct message_upload_begin *message)
{
	static const struct id no_label;
	struct upload *upload = calloc(1, sizeof(*upload));
	struct error err = { 0 };

	/* Without memory there is no upload; uploads_take() will say so. */
	if (upload == NULL)
		return;
	upload->uploads = uploads;
	upload->number = message->upload;
	upload->ticket = message->ticket;
	upload->next = uploads->first;
	uploads->first = upload;
	if (++uploads->count > UPLOADS_MAX) {
		error_set(&err, ERROR_BUSY, "%d payloads are arriving already",
		    UPLOADS_MAX);
		fail(upload, &err);
	} else if (upload->ticket == 0 &&
	    store_payload_new(uploads->store, &no_label, &upload->writer,
		&err) < 0) {
		fail(upload, &err);
	}
}

static int
write_to(struct upload *upload, const uint8_t *data, size_t len,
    struct error *err)
{
	if (upload->ticket != 0)
		return partials_put(upload->uploads->partials, upload->ticket,
		    data, len, err);
	return segment_writer_put(upload->writer, data, len, err);
}

static void
put(struct uploads *uploads, struct upload *upload,
    const struct message_upload_data *message)
{
	const uint8_t *slot = arena_slot(uploads->arena, message->slot);
	struct error err = { 0 };

	if (upload == NULL || upload->has_failed)
		return;
	upload->len += message->len;
	if (slot == NULL || message->len > ARENA_SLOT_LEN) {
		error_set(&err, ERROR_MALFORMED, "slot %u of %u bytes",
		    message->slot, message->len);
		fail(upload, &err);
	} else if (upload->len > uploads->len_max) {
		error_set_id(&err, "E4010", ERROR_DENIED,
		    "more than %llu bytes",
		    (unsigned long long)uploads->len_max);
		fail(upload, &err);
	} else if (write_to(upload, slot, message->len, &err) < 0) {
		fail(upload, &err);
	}
}

static void
on_data(struct uploads *uploads, struct peer *peer,
    const struct message_upload_data *data)
{
	struct message_upload_free back = { .slot = data->slot };

	if (uploads->arena != NULL)
		put(uploads, *find(uploads, data->upload), data);
	peer_tell(peer, MESSAGE_UPLOAD_FREE, 0, &back, -1);
}

static void
on_arena(struct uploads *uploads, struct ipc_message *message)
{
	struct error err = { 0 };

	arena_free(uploads->arena);
	uploads->arena = NULL;
	/* Without an arena every upload fails, and says so. */
	if (arena_open(ipc_take_fd(message), &uploads->arena, &err) < 0)
		uploads->arena = NULL;
}

static void
forget(struct uploads *uploads, uint64_t number)
{
	struct upload **at = find(uploads, number);
	struct upload *upload = *at;

	if (upload == NULL)
		return;
	*at = upload->next;
	uploads->count--;
	upload_free(upload);
}

void
uploads_handle(struct uploads *uploads, struct peer *peer,
    struct ipc_message *message)
{
	struct message_upload_begin begun;
	struct message_upload_data data;
	struct message_upload_abort aborted;
	struct error err = { 0 };

	if (message->type == MESSAGE_ARENA)
		on_arena(uploads, message);
	else if (message->type == MESSAGE_UPLOAD_BEGIN &&
	    message_read(message, MESSAGE_UPLOAD_BEGIN, &begun, &err) == 0)
		begin(uploads, &begun);
	else if (message->type == MESSAGE_UPLOAD_DATA &&
	    message_read(message, MESSAGE_UPLOAD_DATA, &data, &err) == 0)
		on_data(uploads, peer, &data);
	else if (message->type == MESSAGE_UPLOAD_ABORT &&
	    message_read(message, MESSAGE_UPLOAD_ABORT, &aborted, &err) == 0)
		forget(uploads, aborted.upload);
}

int
uploads_take(struct uploads *uploads, uint64_t number, uint64_t len,
    struct upload **ret_upload, struct error *err)
{
	struct upload **at = find(uploads, number);
	struct upload *upload = *at;

	if (upload == NULL)
		return error_set(err, ERROR_MALFORMED, "no upload %llu",
		    (unsigned long long)number);
	*at = upload->next;
	uploads->count--;
	if (upload->has_failed) {
		*err = upload->failure;
		upload_free(upload);
		return -1;
	}
	if (upload->len != len) {
		error_set(err, ERROR_MALFORMED,
		    "%llu bytes came where %llu were announced",
		    (unsigned long long)upload->len, (unsigned long long)len);
		upload_free(upload);
		return -1;
	}
	if (upload->ticket != 0 &&
	    partials_hold(uploads->partials, upload->ticket, err) < 0) {
		upload_free(upload);
		return -1;
	}
	*ret_upload = upload;
	return 0;
}

int
upload_store(struct upload *upload, const struct digest *wanted,
    struct payload *ret_payload, struct error *err)
{
	struct uploads *uploads = upload->uploads;
	struct segment_writer *writer = upload->writer;
	uint64_t ticket = upload->ticket;

	upload->writer = NULL;
	upload->ticket = 0;
	upload_free(upload);
	if (ticket != 0)
		return partials_store(uploads->partials, ticket, wanted,
		    ret_payload, err);
	return wanted != NULL
	    ? store_payload_add_known(uploads->store, writer, wanted,
		  ret_payload, err)
	    : store_payload_add(uploads->store, writer, ret_payload, err);
}

uint64_t
upload_payload(const struct upload *upload)
{
	return upload->writer != NULL
	    ? segment_writer_frames(upload->writer)->number
	    : 0;
}

void
upload_free(struct upload *upload)
{
	if (upload == NULL)
		return;
	segment_writer_abort(upload->writer);
	partials_close(upload->uploads->partials, upload->ticket);
	free(upload);
}
