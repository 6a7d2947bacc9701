/*
 * One connection, whichever side we are: descriptor, TLS, what is spoken on it
 * (a session of nghttp2, or struct http_talk), and the moving of bytes between
 * them.  Internal to http/: streams and their meaning belong to its owner, a
 * server or a client.
 *
 * Input is handed on as it arrives and kept nowhere.  Output gathers in one
 * buffer and is written at the end of the loop's turn.
 */
#ifndef HTTP_HTTP_CONN_H
#define HTTP_HTTP_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nghttp2/nghttp2.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "http/http_message.h"
#include "http/tls.h"

struct loop;
struct loop_soon;
struct loop_watch;

enum {
	HTTP_INPUT_SIZE = 64 * 1024,
	HTTP_OUTPUT_SIZE = 64 * 1024,
	HTTP_SPARE_MAX = 32,
};

/*
 * Buffers that the connections of one owner share.  Start it as `{ 0 }`.
 * Fresh pages cost more than the copying, so they are used again.
 */
struct http_buffers {
	uint8_t *input;
	uint8_t *spare[HTTP_SPARE_MAX];
	size_t spare_count;
};
void http_buffers_free(struct http_buffers *buffers);

struct http_conn_events {
	/* A client has said hello: TLS begins.  May be NULL. */
	void (*on_hello)(void *ctx);
	/* Connected, and the peer has shown who it is. */
	void (*on_open)(void *ctx);
	/*
	 * The first bytes are there and no session yet: set conn->session or
	 * conn->talk, or fail the connection.  Needed if http_conn_start() got
	 * NULL.
	 */
	void (*on_begin)(void *ctx);
	/* Over; to be freed by its owner, here or later.  Called once. */
	void (*on_closed)(void *ctx, const struct error *err);
};

struct http_conn;

/* What is spoken on a connection when it is not HTTP/2. */
struct http_talk {
	/* Bytes have come.  -1: break off with `err`. */
	int (*take)(struct http_conn *conn, const uint8_t *data, size_t len,
	    struct error *err);
	bool (*has_output)(const struct http_conn *conn);
	/* Append to conn->out while HTTP_FRAME_ROOM is left.  -1 as above. */
	int (*fill)(struct http_conn *conn, struct error *err);
	/* Nothing will be said or heard any more, and why. */
	bool (*is_over)(const struct http_conn *conn, struct error *ret_why);
};

enum http_conn_state {
	HTTP_CONN_CONNECTING,
	HTTP_CONN_HELLO, /* a server waits for a whole one: costs nothing */
	HTTP_CONN_HANDSHAKE,
	HTTP_CONN_OPEN,
	HTTP_CONN_LINGERING, /* all said; until the peer has heard it */
	HTTP_CONN_CLOSED,
};

struct http_conn {
	struct loop *loop;            /* not ours */
	struct http_buffers *buffers; /* not ours */
	int fd;
	struct loop_watch *watch;
	struct loop_soon *soon; /* to write what has gathered */
	const struct tls *tls;  /* not ours; NULL on a local socket */
	tls_judge_fn judge;
	struct tls_link *link; /* from the hello on */
	nghttp2_session *session;
	const struct http_talk *talk; /* NULL: `session`, or nothing yet */
	const struct http_conn_events *events;
	void *ctx; /* of events; NULL once freed inside a callback */
	enum http_conn_state state;
	struct error err; /* why it is closed */
	int depth;        /* calls of this module that are running */
	uint8_t *orphan;  /* the input buffer that the last of them reads */
	bool is_server;
	bool is_reported;
	bool has_more_input;
	bool is_paused;   /* takes no input for now */
	unsigned watched; /* for what, but for being paused */
	uint8_t *out;     /* NULL when nothing waits */
	size_t out_from;
	size_t out_len;
	size_t written;    /* bytes since write_at_ms */
	size_t hello_len;  /* waited for; 0: not known yet */
	uint64_t since_ms; /* of the present state; of HELLO in HANDSHAKE */
	uint64_t read_at_ms;
	uint64_t write_at_ms; /* of the last progress, or of being idle */
};

struct http_conn_options {
	struct loop *loop;
	struct http_buffers *buffers;
	int fd;
	bool is_server;
	bool is_connecting; /* `fd` is not connected yet */
	const struct tls *tls;
	tls_judge_fn judge; /* with `ctx` */
	const struct http_conn_events *events;
	void *ctx;
};

/*
 * Begin.  Closes `fd` with the connection, also when this fails.  The session
 * is made by the owner with http_conn_callbacks_new() and the connection as
 * its user data, then handed over with http_conn_start(), or, if that got NULL,
 * by setting `session` in on_begin: some 20 KiB that who says nothing is not
 * worth.
 */
int http_conn_new(const struct http_conn_options *options,
    struct http_conn **ret_conn, struct error *err) MUST_CHECK;
int http_conn_start(struct http_conn *conn, nghttp2_session *session,
    struct error *err) MUST_CHECK;

/*
 * May be called inside a callback only when nobody shares its buffers, which
 * are the owner's to free afterwards.
 */
void http_conn_free(struct http_conn *conn);

/*
 * The end of what began with `conn->depth++`: reports, and frees what was
 * freed meanwhile.
 */
void http_conn_leave(struct http_conn *conn);

/* Something was submitted to the session: write it at the end of the turn. */
void http_conn_wake(struct http_conn *conn);

/* Take no input until further notice; and go on. */
void http_conn_pause(struct http_conn *conn, bool is_paused);

/* Whether what is spoken is settled. */
bool http_conn_has_begun(const struct http_conn *conn);

/* Close after the peer has read everything; `err` is why. */
void http_conn_end_gently(struct http_conn *conn, const struct error *err);

/* Break off; on_closed follows in this turn. */
void http_conn_fail(struct http_conn *conn, const struct error *err);

/* Break off what took longer than the limits allow. */
void http_conn_check_time(struct http_conn *conn,
    const struct http_limits *limits, uint64_t now_ms);

/* Callbacks that this module needs; the owner adds its own and deletes them. */
nghttp2_session_callbacks *http_conn_callbacks_new(void);

/* Options that both sides share; NULL when memory ran out. */
nghttp2_option *http_conn_option_new(void);

/* Submit our settings, which go first. */
int http_conn_submit_settings(nghttp2_session *session,
    const struct http_limits *limits, bool is_server);

/* A body on its way out; the data source that nghttp2 gets points to it. */
struct http_outbody {
	struct bytes bytes;
	size_t sent;
	http_pull_fn pull;
	void *ctx;
	uint64_t total;  /* bytes handed out: progress, for time limits */
	bool is_waiting; /* for its source, not for the peer */
	bool is_done;
};

/* Take over `body` (may be NULL); false: there is none. */
bool http_outbody_init(struct http_outbody *out, const struct http_body *body);
void http_outbody_free(struct http_outbody *out);
nghttp2_data_provider http_outbody_provider(struct http_outbody *out);

/* The next bytes of it, at most `size`; an http_pull_fn. */
enum http_pull http_outbody_pull(struct http_outbody *out, uint8_t *to,
    size_t size, size_t *ret_len);

#endif
