#include "role/query/puller.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "role/message.h"
#include "role/peer.h"
#include "sys/arena.h"
#include "sys/ipc.h"

/* One is handed out while the next is on its way. */
enum { PIECES = 2 };

struct puller {
	struct peer *query; /* not ours */
	struct arena *arena;
	unsigned slot_count;
	unsigned asked_count; /* pieces on their way: never above slot_count */
	struct pull *hungry;  /* could not ask; the first one asks next */
	struct pull *zombies; /* freed, with a piece still on its way */
};

enum piece_state {
	PIECE_FREE,
	PIECE_ASKED,
	PIECE_STALE, /* asked, no longer wanted: a piece before was short */
	PIECE_HERE,
};

struct piece {
	struct pull *pull;
	enum piece_state state;
	uint64_t offset;
	uint8_t *data; /* kept for the next piece */
	size_t len;
};

/*
 * `given` bytes were handed out; what is asked for next begins at `asked`.
 * Both count from `start` of the payload.
 */
struct pull {
	struct puller *puller;
	struct pull *next_zombie;
	struct pull *next_hungry;
	struct bytes head;
	size_t head_at;
	uint64_t payload;
	uint64_t start;
	uint64_t len;
	uint64_t given;
	uint64_t asked;
	struct piece pieces[PIECES];
	bool is_hungry;
	bool is_waiting;
	bool has_failed;
	bool is_freed;
	void (*on_ready)(void *ctx);
	void *ctx;
};

int
puller_new(struct puller **ret_puller, struct error *err)
{
	struct puller *puller = calloc(1, sizeof(*puller));

	if (puller == NULL)
		return error_set_memory(err);
	*ret_puller = puller;
	return 0;
}

static void
release(struct pull *pull)
{
	for (int i = 0; i < PIECES; i++)
		free(pull->pieces[i].data);
	bytes_free(&pull->head);
	free(pull);
}

void
puller_free(struct puller *puller)
{
	if (puller == NULL)
		return;
	while (puller->zombies != NULL) {
		struct pull *pull = puller->zombies;

		puller->zombies = pull->next_zombie;
		release(pull);
	}
	arena_free(puller->arena);
	free(puller);
}

void
puller_set_query(struct puller *puller, struct peer *query)
{
	puller->query = query;
}

static size_t
piece_len(const struct pull *pull, uint64_t offset)
{
	uint64_t rest = pull->len - offset;

	return rest < ARENA_SLOT_LEN ? (size_t)rest : ARENA_SLOT_LEN;
}

static bool
is_on_its_way(const struct piece *piece)
{
	return piece->state == PIECE_ASKED || piece->state == PIECE_STALE;
}

static void
bury(struct pull *pull)
{
	struct pull **at = &pull->puller->zombies;

	for (int i = 0; i < PIECES; i++)
		if (is_on_its_way(&pull->pieces[i]))
			return;
	while (*at != pull)
		at = &(*at)->next_zombie;
	*at = pull->next_zombie;
	release(pull);
}

/* What came later than a short piece was asked from the wrong place. */
static void
go_back(struct pull *pull, uint64_t offset)
{
	pull->asked = offset;
	for (int i = 0; i < PIECES; i++) {
		struct piece *piece = &pull->pieces[i];

		if (piece->state == PIECE_FREE || piece->offset < offset)
			continue;
		piece->state = is_on_its_way(piece) ? PIECE_STALE : PIECE_FREE;
	}
}

/* Copy out of the slot; false when what came cannot be what was asked for. */
static bool
copy_piece(struct piece *piece, const struct message_payload_data *data)
{
	struct pull *pull = piece->pull;
	size_t wanted = piece_len(pull, piece->offset);
	const uint8_t *slot = pull->puller->arena == NULL
	    ? NULL
	    : arena_slot(pull->puller->arena, data->slot);

	if (slot == NULL || data->len == 0 || data->len > ARENA_SLOT_LEN)
		return false;
	if (data->is_last && piece->offset + data->len < pull->len)
		return false;
	/* Large enough for any piece, since a shorter one may have come. */
	if (piece->data == NULL)
		piece->data = malloc(piece_len(pull, 0));
	if (piece->data == NULL)
		return false;
	/* The payload may go on behind what is wanted of it. */
	piece->len = data->len < wanted ? data->len : wanted;
	memcpy(piece->data, slot, piece->len);
	return true;
}

static void ask(struct pull *pull);

static void
starve(struct pull *pull)
{
	struct pull **at = &pull->puller->hungry;

	if (pull->is_hungry)
		return;
	while (*at != NULL)
		at = &(*at)->next_hungry;
	pull->next_hungry = NULL;
	pull->is_hungry = true;
	*at = pull;
}

static void
stop_starving(struct pull *pull)
{
	struct pull **at = &pull->puller->hungry;

	if (!pull->is_hungry)
		return;
	while (*at != pull)
		at = &(*at)->next_hungry;
	*at = pull->next_hungry;
	pull->is_hungry = false;
}

static void
feed_hungry(struct puller *puller)
{
	while (puller->hungry != NULL &&
	    puller->asked_count < puller->slot_count) {
		struct pull *pull = puller->hungry;

		stop_starving(pull);
		ask(pull);
	}
}

static void
take(struct piece *piece, const struct message_payload_data *data)
{
	struct pull *pull = piece->pull;
	bool is_stale = piece->state == PIECE_STALE;

	piece->state = PIECE_FREE;
	if (pull->is_freed || is_stale || pull->has_failed)
		return;
	if (data == NULL || !copy_piece(piece, data)) {
		pull->has_failed = true;
		return;
	}
	piece->state = PIECE_HERE;
	if (piece->len < piece_len(pull, piece->offset))
		go_back(pull, piece->offset + piece->len);
}

static void
on_data(void *ctx, struct ipc_message *message)
{
	struct piece *piece = ctx;
	struct pull *pull = piece->pull;
	struct message_payload_data data;
	struct message_payload_free back;
	struct error err = { 0 };

	pull->puller->asked_count--;
	if (message_read(message, MESSAGE_PAYLOAD_DATA, &data, &err) < 0) {
		take(piece, NULL);
	} else {
		take(piece, &data);
		back.slot = data.slot;
		peer_tell(pull->puller->query, MESSAGE_PAYLOAD_FREE, 0, &back,
		    -1);
	}
	feed_hungry(pull->puller);
	if (pull->is_freed) {
		bury(pull);
		return;
	}
	ask(pull);
	if (pull->is_waiting) {
		pull->is_waiting = false;
		pull->on_ready(pull->ctx);
	}
}

static void
ask(struct pull *pull)
{
	struct error err = { 0 };

	for (int i = 0; i < PIECES && !pull->has_failed; i++) {
		struct piece *piece = &pull->pieces[i];
		struct message_payload_read read = { .payload = pull->payload,
			.offset = pull->start + pull->asked };

		if (piece->state != PIECE_FREE || pull->asked == pull->len)
			continue;
		/* Query refuses whoever asks for more slots than it has. */
		if (pull->puller->asked_count >= pull->puller->slot_count) {
			starve(pull);
			return;
		}
		piece->offset = pull->asked;
		if (peer_ask(pull->puller->query, MESSAGE_PAYLOAD_READ, &read,
			-1, on_data, piece, NULL, &err) < 0) {
			pull->has_failed = true;
			return;
		}
		pull->puller->asked_count++;
		piece->state = PIECE_ASKED;
		pull->asked += piece_len(pull, pull->asked);
	}
}

int
puller_take_arena(struct puller *puller, struct ipc_message *message,
    struct error *err)
{
	struct arena *arena;

	if (arena_open(ipc_take_fd(message), &arena, err) < 0)
		return error_prefix(err, "arena of query");
	arena_free(puller->arena);
	puller->arena = arena;
	puller->slot_count = 0;
	while (puller->slot_count < ARENA_SLOTS_MAX &&
	    arena_slot(arena, (uint16_t)puller->slot_count) != NULL)
		puller->slot_count++;
	feed_hungry(puller);
	return 0;
}

int
pull_new(struct puller *puller, struct bytes *head,
    const struct pull_range *range, void (*on_ready)(void *ctx), void *ctx,
    struct pull **ret_pull, struct error *err)
{
	struct pull *pull = calloc(1, sizeof(*pull));

	if (pull == NULL)
		return error_set_memory(err);
	pull->puller = puller;
	pull->payload = range->payload;
	pull->start = range->offset;
	pull->len = range->len;
	pull->on_ready = on_ready;
	pull->ctx = ctx;
	for (int i = 0; i < PIECES; i++)
		pull->pieces[i].pull = pull;
	if (head != NULL) {
		pull->head = *head;
		*head = (struct bytes){ 0 };
	}
	ask(pull);
	*ret_pull = pull;
	return 0;
}

void
pull_free(struct pull *pull)
{
	if (pull == NULL)
		return;
	stop_starving(pull);
	pull->is_freed = true;
	pull->next_zombie = pull->puller->zombies;
	pull->puller->zombies = pull;
	bury(pull);
}

uint64_t
pull_len(const struct pull *pull)
{
	return pull->head.len + pull->len;
}

bool
pull_has_failed(const struct pull *pull)
{
	return pull->has_failed;
}

static size_t
give_head(struct pull *pull, uint8_t *to, size_t size)
{
	size_t rest = pull->head.len - pull->head_at;
	size_t len = rest < size ? rest : size;

	if (len > 0)
		memcpy(to, pull->head.data + pull->head_at, len);
	pull->head_at += len;
	return len;
}

/* The piece that holds the next byte to hand out; NULL if it is not here. */
static struct piece *
next_piece(struct pull *pull)
{
	for (int i = 0; i < PIECES; i++) {
		struct piece *piece = &pull->pieces[i];

		if (piece->state == PIECE_HERE &&
		    pull->given >= piece->offset &&
		    pull->given < piece->offset + piece->len)
			return piece;
	}
	return NULL;
}

static size_t
give_piece(struct pull *pull, struct piece *piece, uint8_t *to, size_t size)
{
	size_t at = (size_t)(pull->given - piece->offset);
	size_t len = piece->len - at < size ? piece->len - at : size;

	memcpy(to, piece->data + at, len);
	pull->given += len;
	if (at + len == piece->len) {
		piece->state = PIECE_FREE;
		ask(pull);
	}
	return len;
}

enum http_pull
pull_read(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct pull *pull = ctx;
	size_t len = give_head(pull, to, size);
	struct piece *piece;

	while (len < size && (piece = next_piece(pull)) != NULL)
		len += give_piece(pull, piece, to + len, size - len);
	*ret_len = len;
	if (pull->head_at == pull->head.len && pull->given == pull->len)
		return HTTP_PULL_END;
	if (len > 0)
		return HTTP_PULL_MORE;
	if (pull->has_failed)
		return HTTP_PULL_FAIL;
	pull->is_waiting = true;
	return HTTP_PULL_WAIT;
}
