#define _GNU_SOURCE
#include "sys/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "sys/loop.h"
#include "sys/process.h"

enum {
	HEADER_LEN = 12, /* type 2, flags 2, id 4, length 4 */
	FLAG_LONG = 1,   /* the first descriptor holds the body */
	FLAG_FD = 2,     /* the last descriptor is the message's */
	FDS_MAX = 2,
	TURN_MAX = 64, /* messages handled before others get their turn */
};

/* A packet that is being filled, or did not fit into the socket yet. */
struct waiting {
	struct waiting *next;
	int fds[FDS_MAX];
	size_t fd_count;
	size_t messages;
	size_t len;
	uint8_t packet[];
};

struct ipc {
	struct loop *loop; /* not ours */
	struct loop_watch *watch;
	struct loop_writer *writer;
	struct waiting *filling; /* of this turn; NULL: no memory taken yet */
	const struct ipc_events *events;
	void *ctx;
	struct waiting *first;
	struct waiting **last;
	size_t queued; /* messages */
	int fd;
	bool is_busy;   /* inside a handler: ipc_close() only marks */
	bool is_closed; /* by the user, while busy */
	bool is_gone;   /* the peer is; nothing can be sent any more */
	uint8_t packet[HEADER_LEN + IPC_PACKET_MAX];
};

static void on_ready(void *ctx, unsigned events);
static void send_filled(void *ctx);

int
ipc_open(struct loop *loop, int fd, const struct ipc_events *events, void *ctx,
    struct ipc **ret_ipc, struct error *err)
{
	struct ipc *ipc = calloc(1, sizeof(*ipc));

	if (ipc == NULL) {
		close(fd);
		return error_set_memory(err);
	}
	ipc->loop = loop;
	ipc->fd = fd;
	ipc->events = events;
	ipc->ctx = ctx;
	ipc->last = &ipc->first;
	if (loop_watch_new(loop, fd, LOOP_READ, on_ready, ipc, &ipc->watch,
		err) < 0 ||
	    loop_writer_new(loop, send_filled, ipc, &ipc->writer, err) < 0) {
		ipc_close(ipc);
		return -1;
	}
	*ret_ipc = ipc;
	return 0;
}

static void
close_fds(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

static void
drop_first(struct ipc *ipc)
{
	struct waiting *waiting = ipc->first;

	ipc->first = waiting->next;
	if (ipc->first == NULL)
		ipc->last = &ipc->first;
	ipc->queued -= waiting->messages;
	close_fds(waiting->fds, waiting->fd_count);
	free(waiting);
}

void
ipc_close(struct ipc *ipc)
{
	if (ipc == NULL)
		return;
	if (ipc->is_busy) {
		ipc->is_closed = true;
		return;
	}
	send_filled(ipc);
	loop_writer_free(ipc->writer);
	loop_watch_free(ipc->watch);
	free(ipc->filling);
	while (ipc->first != NULL)
		drop_first(ipc);
	close(ipc->fd);
	free(ipc);
}

/* 1 when sent, 0 when the socket is full, -1 when the peer is gone. */
static int
send_packet(struct ipc *ipc, const struct iovec *parts, size_t part_count,
    const int *fds, size_t fd_count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control = { 0 };
	struct iovec copies[2];
	struct msghdr message = { .msg_iov = copies, .msg_iovlen = part_count };

	memcpy(copies, parts, part_count * sizeof(*parts));
	if (fd_count > 0) {
		struct cmsghdr *header = &control.align;

		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
	}
	for (;;) {
		if (sendmsg(ipc->fd, &message, MSG_NOSIGNAL) >= 0)
			return 1;
		if (errno == EAGAIN || errno == ENOBUFS)
			return 0;
		if (errno != EINTR)
			return -1;
	}
}

static int
put_last(struct ipc *ipc, struct waiting *waiting, struct error *err)
{
	waiting->next = NULL;
	*ipc->last = waiting;
	ipc->last = &waiting->next;
	ipc->queued += waiting->messages;
	return loop_watch_set(ipc->watch, LOOP_READ | LOOP_WRITE, err);
}

static int
enqueue(struct ipc *ipc, const struct iovec *parts, size_t part_count,
    const int *fds, size_t fd_count, struct error *err)
{
	size_t len = parts[0].iov_len + (part_count > 1 ? parts[1].iov_len : 0);
	struct waiting *waiting = malloc(sizeof(*waiting) + len);

	if (waiting == NULL)
		return error_set_memory(err);
	waiting->len = len;
	waiting->messages = 1;
	waiting->fd_count = 0;
	memcpy(waiting->packet, parts[0].iov_base, parts[0].iov_len);
	if (part_count > 1)
		memcpy(waiting->packet + parts[0].iov_len, parts[1].iov_base,
		    parts[1].iov_len);
	for (size_t i = 0; i < fd_count; i++) {
		int fd = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);

		if (fd < 0) {
			close_fds(waiting->fds, waiting->fd_count);
			free(waiting);
			return error_set_errno(err, "queueing a descriptor");
		}
		waiting->fds[waiting->fd_count++] = fd;
	}
	return put_last(ipc, waiting, err);
}

/*
 * What gathered goes out.  When the socket is full, the packet itself becomes
 * what waits, so this needs no memory and cannot fail.
 */
static void
send_filled(void *ctx)
{
	struct ipc *ipc = ctx;
	struct waiting *filling = ipc->filling;
	struct error err = { 0 };
	struct iovec part;
	int sent = 0;

	if (filling == NULL || filling->messages == 0)
		return;
	part = (struct iovec){ filling->packet, filling->len };
	if (ipc->first == NULL && !ipc->is_gone)
		sent = send_packet(ipc, &part, 1, NULL, 0);
	if (sent < 0)
		ipc->is_gone = true; /* reading will see the end and tell */
	if (sent == 0 && !ipc->is_gone) {
		ipc->filling = NULL;
		if (put_last(ipc, filling, &err) < 0)
			ipc->is_gone = true;
		return;
	}
	filling->len = 0;
	filling->messages = 0;
}

static bool
is_full(const struct ipc *ipc, struct error *err)
{
	if (ipc->queued < IPC_QUEUE_MAX)
		return false;
	error_set(err, ERROR_BUSY,
	    "%zu messages wait for a role that does not read them",
	    ipc->queued);
	return true;
}

/* A message that has a packet to itself. */
static int
send_or_queue(struct ipc *ipc, const struct iovec *parts, size_t part_count,
    const int *fds, size_t fd_count, struct error *err)
{
	int sent = 0;

	send_filled(ipc);
	if (ipc->is_gone)
		return 0;
	if (ipc->first == NULL)
		sent = send_packet(ipc, parts, part_count, fds, fd_count);
	if (sent < 0)
		ipc->is_gone = true; /* reading will see the end and tell */
	if (sent != 0)
		return 0;
	return is_full(ipc, err)
	    ? -1
	    : enqueue(ipc, parts, part_count, fds, fd_count, err);
}

/* A message that goes with the others of this turn. */
static int
fill(struct ipc *ipc, const uint8_t *header, const struct bytes *body,
    struct error *err)
{
	size_t len = HEADER_LEN + (body != NULL ? body->len : 0);
	struct waiting *filling = ipc->filling;

	if (ipc->is_gone)
		return 0;
	if (filling != NULL && filling->len + len > sizeof(ipc->packet)) {
		send_filled(ipc);
		filling = ipc->filling;
	}
	if (is_full(ipc, err))
		return -1;
	if (filling == NULL) {
		filling = malloc(sizeof(*filling) + sizeof(ipc->packet));
		if (filling == NULL)
			return error_set_memory(err);
		filling->len = filling->messages = filling->fd_count = 0;
		ipc->filling = filling;
	}
	memcpy(filling->packet + filling->len, header, HEADER_LEN);
	if (len > HEADER_LEN)
		memcpy(filling->packet + filling->len + HEADER_LEN, body->data,
		    body->len);
	filling->len += len;
	filling->messages++;
	if (loop_is_in_turn(ipc->loop))
		loop_writer_start(ipc->writer);
	else
		send_filled(ipc);
	return 0;
}

int
ipc_send(struct ipc *ipc, uint16_t type, uint32_t id, const struct bytes *body,
    int fd, struct error *err)
{
	size_t len = body != NULL ? body->len : 0;
	bool is_long = len > IPC_PACKET_MAX;
	uint16_t flags =
	    (uint16_t)((is_long ? FLAG_LONG : 0) | (fd >= 0 ? FLAG_FD : 0));
	uint8_t header[HEADER_LEN] = {
		(uint8_t)(type >> 8),
		(uint8_t)type,
		(uint8_t)(flags >> 8),
		(uint8_t)flags,
		(uint8_t)(id >> 24),
		(uint8_t)(id >> 16),
		(uint8_t)(id >> 8),
		(uint8_t)id,
		(uint8_t)(len >> 24),
		(uint8_t)(len >> 16),
		(uint8_t)(len >> 8),
		(uint8_t)len,
	};
	struct iovec parts[2] = { { header, sizeof(header) }, { NULL, 0 } };
	int fds[FDS_MAX];
	size_t fd_count = 0;
	int rc;

	if (len > IPC_BODY_MAX)
		return error_set(err, ERROR_BUSY, "message of %zu bytes", len);
	if (flags == 0)
		return fill(ipc, header, body, err);
	if (is_long) {
		if (process_seal(body->data, len, &fds[fd_count++], err) < 0)
			return -1;
	} else if (len > 0) {
		parts[1].iov_base = body->data;
		parts[1].iov_len = len;
	}
	if (fd >= 0)
		fds[fd_count++] = fd;
	rc = send_or_queue(ipc, parts, parts[1].iov_len > 0 ? 2 : 1, fds,
	    fd_count, err);
	if (is_long)
		close(fds[0]);
	return rc;
}

static void
flush(struct ipc *ipc)
{
	struct error err = { 0 };

	while (ipc->first != NULL) {
		struct waiting *waiting = ipc->first;
		struct iovec part = { waiting->packet, waiting->len };
		int sent =
		    send_packet(ipc, &part, 1, waiting->fds, waiting->fd_count);

		if (sent == 0)
			return;
		if (sent < 0)
			ipc->is_gone = true;
		drop_first(ipc);
	}
	if (loop_watch_set(ipc->watch, LOOP_READ, &err) < 0)
		ipc->is_gone = true;
}

/* Bytes of one packet and its descriptors: 0 at the end, -1 for none yet. */
static ssize_t
receive(struct ipc *ipc, int fds[FDS_MAX], size_t *ret_fd_count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control;
	struct iovec part = { ipc->packet, sizeof(ipc->packet) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *header;
	ssize_t len;

	do
		len = recvmsg(ipc->fd, &message, MSG_CMSG_CLOEXEC);
	while (len < 0 && errno == EINTR);
	*ret_fd_count = 0;
	if (len < 0)
		return errno == EAGAIN ? -1 : 0;
	header = CMSG_FIRSTHDR(&message);
	if (len > 0 && header != NULL && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS) {
		*ret_fd_count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(header), *ret_fd_count * sizeof(int));
	}
	/* A packet cut short is no message at all. */
	return message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? 0 : len;
}

/* Map a long body; false when it is not what the header promises. */
static bool
map_body(int fd, size_t len, const uint8_t **ret_body)
{
	const int needed = F_SEAL_SHRINK | F_SEAL_WRITE;
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *body;

	if (seals < 0 || (seals & needed) != needed || fstat(fd, &st) < 0 ||
	    len > IPC_BODY_MAX || st.st_size != (off_t)len || len == 0)
		return false;
	body = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (body == MAP_FAILED)
		return false;
	*ret_body = body;
	return true;
}

static void
deliver(struct ipc *ipc, struct ipc_message *message)
{
	ipc->is_busy = true;
	ipc->events->on_message(ipc->ctx, ipc, message);
	ipc->is_busy = false;
	if (message->fd >= 0)
		close(message->fd);
}

/* A message that has its packet to itself; false when it breaks the format. */
static bool
take_single(struct ipc *ipc, struct ipc_message *message, bool is_long,
    bool has_fd, size_t left, int *fds, size_t fd_count)
{
	if (fd_count != (size_t)is_long + (size_t)has_fd ||
	    left != (is_long ? 0 : message->len) ||
	    (is_long && !map_body(fds[0], message->len, &message->body))) {
		close_fds(fds, fd_count);
		return false;
	}
	if (has_fd)
		message->fd = fds[fd_count - 1];
	if (!is_long) {
		deliver(ipc, message);
		return true;
	}
	close(fds[0]);
	deliver(ipc, message);
	munmap((void *)(uintptr_t)message->body, message->len);
	return true;
}

/* The next message of a packet; false when it breaks the format. */
static bool
take_message(struct ipc *ipc, struct cursor *cursor, bool is_first, int *fds,
    size_t fd_count)
{
	struct ipc_message message = { .type = cursor_u16(cursor), .fd = -1 };
	uint16_t flags = cursor_u16(cursor);

	message.id = cursor_u32(cursor);
	message.len = cursor_u32(cursor);
	message.body = cursor->data;
	if (!cursor->failed && is_first && (flags != 0 || fd_count > 0)) {
		size_t left = cursor->left;

		*cursor = cursor_of(NULL, 0);
		return take_single(ipc, &message, (flags & FLAG_LONG) != 0,
		    (flags & FLAG_FD) != 0, left, fds, fd_count);
	}
	if (flags != 0 || cursor_take(cursor, message.len) == NULL) {
		close_fds(fds, is_first ? fd_count : 0);
		return false;
	}
	deliver(ipc, &message);
	return true;
}

/*
 * Hand the messages of one packet to the user, until he closes the channel;
 * false when it breaks the format.  Counts them.
 */
static bool
take_packet(struct ipc *ipc, size_t len, int *fds, size_t fd_count,
    int *messages)
{
	struct cursor cursor = cursor_of(ipc->packet, len);
	bool is_first = true;

	do {
		if (!take_message(ipc, &cursor, is_first, fds, fd_count))
			return false;
		is_first = false;
		++*messages;
	} while (cursor.left > 0 && !ipc->is_closed);
	return true;
}

static void
tell_closed(struct ipc *ipc)
{
	struct error err = { 0 };

	ipc->is_gone = true;
	if (loop_watch_set(ipc->watch, 0, &err) < 0)
		return;
	ipc->events->on_closed(ipc->ctx, ipc);
}

static void
on_ready(void *ctx, unsigned events)
{
	struct ipc *ipc = ctx;

	if (events & LOOP_WRITE)
		flush(ipc);
	for (int messages = 0; messages < TURN_MAX;) {
		int fds[FDS_MAX];
		size_t fd_count;
		ssize_t len = receive(ipc, fds, &fd_count);

		if (len < 0)
			return;
		if (len == 0) {
			close_fds(fds, fd_count);
			tell_closed(ipc);
			return;
		}
		if (!take_packet(ipc, (size_t)len, fds, fd_count, &messages)) {
			tell_closed(ipc);
			return;
		}
		if (ipc->is_closed) {
			ipc_close(ipc);
			return;
		}
	}
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
	return ipc->queued;
}
