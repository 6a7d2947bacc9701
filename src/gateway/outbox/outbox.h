/*
 * Letters that our organisations send: from the files that came in to the last
 * receipt.  Steps and restarts: exchange/job.h.
 */
#ifndef GATEWAY_OUTBOX_H
#define GATEWAY_OUTBOX_H

#include "base/attr.h"
#include "role/message.h"

struct directory;
struct error;
struct gateway;
struct id;
struct ipc_message;
struct json_writer;
struct peer;
struct rows;

struct outbox;

/* Migrations of the gateway's database. */
extern const char outbox_schema[];
extern const char outbox_withdrawal_schema[];
extern const char outbox_rewrap_schema[];
extern const char outbox_ended_schema[];
extern const char outbox_earlier_schema[];

int outbox_new(struct gateway *gateway, struct outbox **ret_outbox,
    struct error *err) MUST_CHECK;
void outbox_free(struct outbox *outbox);

/* Keys and directory are known: take up what a restart left. */
void outbox_start(struct outbox *outbox);

/* The directory is another one. */
void outbox_on_directory(struct outbox *outbox);

/*
 * A request of the local API that is ours (docs/api.md): /v1/documents,
 * /v1/documents:validate, GET /v1/outbox/... with wait, and POST
 * ...:undo, ...:withdraw, ...:paper and /v1/review.  Answers, now or later, with MESSAGE_RESPONSE.
 */
void outbox_request(struct outbox *outbox, struct peer *peer,
    struct ipc_message *message, const struct message_request *request);

/* The asker of request `id` is gone. */
void outbox_cancel(struct outbox *outbox, uint32_t id);

/*
 * A receipt came through the feed.  Verifies and stores it, moves the delivery;
 * `done` is called with NULL once that is durable, or when it is for good not
 * acceptable (logged); with an error when it must be tried again.
 */
typedef void (*outbox_done_fn)(void *ctx, const struct error *failure);
void outbox_take_receipt(struct outbox *outbox, struct blob receipt,
    outbox_done_fn done, void *ctx);

/* Reads for the query role; `rows` may be read-only. */
struct outbox_reading {
	struct rows *rows;
	const struct directory *directory; /* NULL: no names */
	int64_t now;
	const char *scope; /* of whom; NULL: of all */
};
/* `text` is to be found in it; "": all (gateway/search/search_text.h). */
int outbox_read_list(const struct outbox_reading *reading, const char *text,
    const char *cursor, unsigned limit, struct json_writer *writer,
    struct error *err) MUST_CHECK;

/* ERROR_NOT_FOUND if there is none. */
int outbox_read_one(const struct outbox_reading *reading,
    const struct id *document, struct json_writer *writer,
    struct error *err) MUST_CHECK;
int outbox_read_receipts(struct rows *rows, const struct id *document,
    struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
