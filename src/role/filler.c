#include "role/filler.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "role/message.h"
#include "role/peer.h"
#include "sys/arena.h"

/* Where an upload waits. */
enum place {
	PLACE_NONE,
	PLACE_STARTING, /* for the spooler to have room */
	PLACE_FLOWING,  /* for a slot */
};

struct queue {
	struct filler_upload *first, *last;
};

struct filler {
	struct arena *arena;
	struct peer *spooler; /* not ours */
	struct queue starting;
	struct queue flowing;
	struct filler_group *groups; /* that hold something; oldest first */
	uint64_t last_number;
	unsigned open_count;
};

/*
 * 1. `pending` from `at` on has not left yet;
 * 2. it is queued if and only if it is due: finished and not sent, or with a
 *    slot's worth pending.
 */
struct filler_upload {
	struct filler *filler;
	struct filler_upload *next;
	struct filler_group *group; /* not ours */
	const struct filler_events *events;
	void *ctx;
	struct bytes pending;
	size_t at;
	uint64_t number;
	uint64_t announced;
	uint64_t ticket; /* of a partial, or 0 */
	uint64_t len;
	enum place place;
	bool is_begun; /* the spooler knows it */
	bool is_finished;
	bool is_sent;
};

static void
queue_add(struct queue *queue, struct filler_upload *upload)
{
	upload->next = NULL;
	if (queue->last != NULL)
		queue->last->next = upload;
	else
		queue->first = upload;
	queue->last = upload;
}

static void
queue_remove(struct queue *queue, struct filler_upload *upload)
{
	struct filler_upload *before = NULL;

	for (struct filler_upload *at = queue->first; at != upload;
	     at = at->next)
		before = at;
	if (before != NULL)
		before->next = upload->next;
	else
		queue->first = upload->next;
	if (queue->last == upload)
		queue->last = before;
}

int
filler_new(uint16_t slot_count, struct peer *spooler,
    struct filler **ret_filler, struct error *err)
{
	struct filler *filler = calloc(1, sizeof(*filler));

	if (filler == NULL)
		return error_set_memory(err);
	filler->spooler = spooler;
	if (arena_create(slot_count, &filler->arena, err) < 0) {
		free(filler);
		return -1;
	}
	peer_tell(spooler, MESSAGE_ARENA, 0, NULL, arena_fd(filler->arena));
	*ret_filler = filler;
	return 0;
}

void
filler_free(struct filler *filler)
{
	if (filler == NULL)
		return;
	arena_free(filler->arena);
	free(filler);
}

uint16_t
filler_free_slots(const struct filler *filler)
{
	return arena_free_count(filler->arena);
}

unsigned
filler_open_count(const struct filler *filler)
{
	return filler->open_count;
}

static size_t
left(const struct filler_upload *upload)
{
	return upload->pending.len - upload->at;
}

static bool
is_due(const struct filler_upload *upload)
{
	return !upload->is_sent &&
	    (upload->is_finished || left(upload) >= ARENA_SLOT_LEN);
}

static bool
may_begin(const struct filler *filler, const struct filler_upload *upload)
{
	const struct filler_group *oldest = filler->groups;
	unsigned free_count = FILLER_OPEN_MAX - filler->open_count;

	if (free_count == 0)
		return false;
	if (upload->group == NULL || oldest == NULL || oldest == upload->group)
		return true;
	return free_count > FILLER_GROUP_MAX - oldest->held;
}

static void
group_add(struct filler *filler, struct filler_group *group)
{
	struct filler_group **at = &filler->groups;

	if (group == NULL || group->held++ > 0)
		return;
	while (*at != NULL)
		at = &(*at)->next;
	group->next = NULL;
	*at = group;
}

static void
group_remove(struct filler *filler, struct filler_group *group)
{
	struct filler_group **at = &filler->groups;

	if (group == NULL || --group->held > 0)
		return;
	while (*at != group)
		at = &(*at)->next;
	*at = group->next;
}

/* Tell the spooler of those for which it has room. */
static void
start_some(struct filler *filler)
{
	struct filler_upload *upload = filler->starting.first;

	while (upload != NULL) {
		struct filler_upload *next = upload->next;
		struct message_upload_begin begin = { .upload = upload->number,
			.len = upload->announced,
			.ticket = upload->ticket };

		if (may_begin(filler, upload)) {
			queue_remove(&filler->starting, upload);
			upload->is_begun = true;
			filler->open_count++;
			group_add(filler, upload->group);
			peer_tell(filler->spooler, MESSAGE_UPLOAD_BEGIN, 0,
			    &begin, -1);
			upload->place = PLACE_FLOWING;
			queue_add(&filler->flowing, upload);
		}
		upload = next;
	}
}

/* Copy into a slot what fits, and send it. */
static size_t
fill_slot(struct filler_upload *upload, uint16_t slot)
{
	struct filler *filler = upload->filler;
	size_t len =
	    left(upload) < ARENA_SLOT_LEN ? left(upload) : ARENA_SLOT_LEN;
	struct message_upload_data data = { .upload = upload->number,
		.slot = slot,
		.len = (uint32_t)len };

	memcpy(arena_slot(filler->arena, slot),
	    upload->pending.data + upload->at, len);
	upload->at += len;
	if (left(upload) == 0) {
		bytes_clear(&upload->pending);
		upload->at = 0;
	}
	peer_tell(filler->spooler, MESSAGE_UPLOAD_DATA, 0, &data, -1);
	return len;
}

/*
 * Give one slot to the upload that waits longest.  False when there is no slot
 * or nobody who waits.
 */
static bool
serve_one(struct filler *filler)
{
	struct filler_upload *upload = filler->flowing.first;
	uint16_t slot;
	size_t taken = 0;
	bool is_over = false;

	if (upload == NULL)
		return false;
	if (left(upload) > 0) {
		if (!arena_take(filler->arena, &slot))
			return false;
		taken = fill_slot(upload, slot);
	}
	queue_remove(&filler->flowing, upload);
	upload->place = PLACE_NONE;
	if (upload->is_finished && left(upload) == 0) {
		upload->is_sent = is_over = true;
	} else if (is_due(upload)) {
		upload->place = PLACE_FLOWING;
		queue_add(&filler->flowing, upload);
	}
	if (taken > 0)
		upload->events->on_taken(upload->ctx, taken);
	/* on_taken only opens a window: it does not free the upload. */
	if (is_over)
		upload->events->on_sent(upload->ctx);
	return true;
}

static void
serve(struct filler *filler)
{
	start_some(filler);
	while (serve_one(filler))
		;
}

static void
enqueue(struct filler_upload *upload)
{
	if (upload->place != PLACE_NONE || !is_due(upload))
		return;
	upload->place = upload->is_begun ? PLACE_FLOWING : PLACE_STARTING;
	queue_add(upload->is_begun ? &upload->filler->flowing
				   : &upload->filler->starting,
	    upload);
	serve(upload->filler);
}

void
filler_take_back(struct filler *filler, struct ipc_message *message)
{
	struct message_upload_free back;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_UPLOAD_FREE, &back, &err) < 0)
		return;
	arena_give(filler->arena, back.slot);
	serve(filler);
}

int
filler_begin(struct filler *filler, uint64_t len, struct filler_group *group,
    const struct filler_events *events, void *ctx,
    struct filler_upload **ret_upload, struct error *err)
{
	struct filler_upload *upload = calloc(1, sizeof(*upload));

	if (upload == NULL)
		return error_set_memory(err);
	upload->filler = filler;
	upload->group = group;
	upload->events = events;
	upload->ctx = ctx;
	upload->number = ++filler->last_number;
	upload->announced = len;
	*ret_upload = upload;
	return 0;
}

void
filler_set_ticket(struct filler_upload *upload, uint64_t ticket)
{
	upload->ticket = ticket;
}

int
filler_put(struct filler_upload *upload, const void *data, size_t len,
    struct error *err)
{
	/* Memory is taken at the rate of the window, so this cannot run away. */
	if (upload->at > 0 && upload->at >= left(upload)) {
		memmove(upload->pending.data, upload->pending.data + upload->at,
		    left(upload));
		upload->pending.len -= upload->at;
		upload->at = 0;
	}
	bytes_put(&upload->pending, data, len);
	if (bytes_failed(&upload->pending, err) < 0)
		return -1;
	upload->len += len;
	enqueue(upload);
	return 0;
}

void
filler_finish(struct filler_upload *upload)
{
	upload->is_finished = true;
	enqueue(upload);
}

bool
filler_is_sent(const struct filler_upload *upload)
{
	return upload->is_sent;
}

uint64_t
filler_number(const struct filler_upload *upload)
{
	return upload->number;
}

uint64_t
filler_len(const struct filler_upload *upload)
{
	return upload->len;
}

static void
end(struct filler_upload *upload)
{
	struct filler *filler = upload->filler;
	bool was_begun = upload->is_begun;

	if (upload->place == PLACE_STARTING)
		queue_remove(&filler->starting, upload);
	else if (upload->place == PLACE_FLOWING)
		queue_remove(&filler->flowing, upload);
	if (was_begun) {
		filler->open_count--;
		group_remove(filler, upload->group);
	}
	bytes_free(&upload->pending);
	free(upload);
	if (was_begun)
		serve(filler);
}

void
filler_release(struct filler_upload *upload)
{
	if (upload != NULL)
		end(upload);
}

void
filler_abort(struct filler_upload *upload)
{
	struct message_upload_abort abort;

	if (upload == NULL)
		return;
	abort.upload = upload->number;
	if (upload->is_begun)
		peer_tell(upload->filler->spooler, MESSAGE_UPLOAD_ABORT, 0,
		    &abort, -1);
	end(upload);
}
