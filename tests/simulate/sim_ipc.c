/*
 * Stands in for sys/ipc.c: a message between two roles of a host is an event
 * some microseconds later, in the order of sending.
 */
#include "simulate/sim.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "sys/ipc.h"

/* Numbers for ends that nobody has opened yet. */
enum { FD_FIRST = 900, FD_LAST = 999, FD_COUNT = FD_LAST - FD_FIRST + 1 };

struct letter {
	struct letter *next;
	struct channel *channel;
	int to; /* which end */
	uint16_t type;
	uint32_t id;
	int fd;
	size_t len;
	uint8_t body[];
};

/* Two ends; lives until its host does not, so that nothing dangles. */
struct channel {
	struct ipc *ends[2];
	struct letter *early[2]; /* for an end that is not open yet */
	size_t on_way[2];
	int64_t last_at[2];
};

struct ipc {
	struct channel *channel;
	int end;
	struct sim_role *role;
	const struct ipc_events *events;
	void *ctx;
	bool is_closed;
};

static struct {
	struct channel *channel;
	int end;
} places[FD_COUNT];

static size_t most;

static int
take_place(struct channel *channel, int end)
{
	for (int i = 0; i < FD_COUNT; i++) {
		if (places[i].channel != NULL)
			continue;
		places[i].channel = channel;
		places[i].end = end;
		return FD_FIRST + i;
	}
	abort();
}

void
sim_ipc_pair(int ret_fds[2])
{
	struct channel *channel = calloc(1, sizeof(*channel));

	if (channel == NULL)
		abort();
	ret_fds[0] = take_place(channel, 0);
	ret_fds[1] = take_place(channel, 1);
}

/* Roles that had not started will not: free the numbers of all. */
void
sim_ipc_forget(struct sim_host *host)
{
	(void)host;
	memset(places, 0, sizeof(places));
}

size_t
sim_ipc_most(void)
{
	return most;
}

static void
deliver(void *arg)
{
	struct letter *letter = arg;
	struct channel *channel = letter->channel;
	struct ipc *ipc = channel->ends[letter->to];
	struct ipc_message message = { .type = letter->type,
		.id = letter->id,
		.body = letter->body,
		.len = letter->len,
		.fd = letter->fd };

	channel->on_way[letter->to]--;
	if (!ipc->is_closed) {
		sim_hash(&letter->type, sizeof(letter->type));
		sim_hash(letter->body, letter->len);
		ipc->events->on_message(ipc->ctx, ipc, &message);
	}
	if (message.fd >= 0)
		close(message.fd);
	free(letter);
}

/* Not all processes get their share at once. */
static void
post(struct letter *letter)
{
	struct channel *channel = letter->channel;
	int64_t after =
	    sim_chance(50) ? sim_between(0, 20 * SIM_MS) : sim_between(5, 60);
	int64_t at = sim_time() + after;

	if (at < channel->last_at[letter->to])
		at = channel->last_at[letter->to];
	channel->last_at[letter->to] = at;
	sim_at(at, channel->ends[letter->to]->role, deliver, letter);
}

int
ipc_open(struct loop *loop, int fd, const struct ipc_events *events, void *ctx,
    struct ipc **ret_ipc, struct error *err)
{
	struct ipc *ipc = calloc(1, sizeof(*ipc));
	struct letter **early;

	(void)loop;
	if (ipc == NULL)
		return error_set_memory(err);
	ipc->channel = places[fd - FD_FIRST].channel;
	ipc->end = places[fd - FD_FIRST].end;
	places[fd - FD_FIRST].channel = NULL;
	ipc->role = sim.role;
	ipc->events = events;
	ipc->ctx = ctx;
	ipc->channel->ends[ipc->end] = ipc;
	early = &ipc->channel->early[ipc->end];
	while (*early != NULL) {
		struct letter *letter = *early;

		*early = letter->next;
		post(letter);
	}
	*ret_ipc = ipc;
	return 0;
}

void
ipc_close(struct ipc *ipc)
{
	if (ipc != NULL)
		ipc->is_closed = true;
}

static struct letter *
write_letter(struct ipc *ipc, uint16_t type, uint32_t id,
    const struct bytes *body, int fd)
{
	size_t len = body != NULL ? body->len : 0;
	struct letter *letter = calloc(1, sizeof(*letter) + len);

	if (letter == NULL)
		abort();
	letter->channel = ipc->channel;
	letter->to = 1 - ipc->end;
	letter->type = type;
	letter->id = id;
	letter->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	letter->len = len;
	if (len > 0)
		memcpy(letter->body, body->data, len);
	return letter;
}

int
ipc_send(struct ipc *ipc, uint16_t type, uint32_t id, const struct bytes *body,
    int fd, struct error *err)
{
	struct channel *channel = ipc->channel;
	int to = 1 - ipc->end;
	struct ipc *other = channel->ends[to];
	struct letter *letter;
	struct ipc_message message;

	if (body != NULL && body->len > IPC_BODY_MAX)
		return error_set(err, ERROR_BUSY, "message of %zu bytes",
		    body->len);
	if (channel->on_way[to] >= IPC_QUEUE_MAX)
		return error_set(err, ERROR_BUSY, "the queue is full");
	letter = write_letter(ipc, type, id, body, fd);
	if (++channel->on_way[to] > most)
		most = channel->on_way[to];
	message = (struct ipc_message){ type, id, letter->body, letter->len,
		letter->fd };
	if (other != NULL) {
		post(letter);
	} else {
		struct letter **at = &channel->early[to];

		while (*at != NULL)
			at = &(*at)->next;
		*at = letter;
	}
	/* May be the moment in which the host dies: the message has left. */
	sim_watch_ipc(ipc->role, other != NULL ? other->role : NULL, &message);
	return 0;
}

int
ipc_take_fd(struct ipc_message *message)
{
	int fd = message->fd;

	message->fd = -1;
	return fd;
}

size_t
ipc_queued(const struct ipc *ipc)
{
	return ipc->channel->on_way[1 - ipc->end];
}
