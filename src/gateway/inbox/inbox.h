/*
 * Letters that our organisations receive: from the feed's notice to the
 * person's answer.  Steps and restarts: exchange/job.h.
 */
#ifndef GATEWAY_INBOX_H
#define GATEWAY_INBOX_H

#include "base/attr.h"
#include "model/event.h"
#include "model/id.h"
#include "model/org.h"
#include "role/message.h"

struct directory;
struct error;
struct gateway;
struct inbox_view;
struct ipc_message;
struct json_writer;
struct peer;
struct rows;

struct inbox;

/* Migrations of the gateway's database. */
extern const char inbox_schema[];
extern const char inbox_number_schema[];
extern const char inbox_part_schema[];

int inbox_new(struct gateway *gateway, struct inbox **ret_inbox,
    struct error *err) MUST_CHECK;
void inbox_free(struct inbox *inbox);

/* Keys and directory are known: take up what a restart left. */
void inbox_start(struct inbox *inbox);

/*
 * There is a newer directory: what could not be taken may be taken by it
 * (R4.1), so it is tried now.
 */
void inbox_on_directory(struct inbox *inbox);

/* POST ...:confirm and ...:return, and GET /v1/inbox with wait. */
void inbox_request(struct inbox *inbox, struct peer *peer,
    struct ipc_message *message, const struct message_request *request);
void inbox_cancel(struct inbox *inbox, uint32_t id);

/*
 * The feed names a delivery for us: `done` with NULL once it is a durable row
 * (or was one before); fetching it goes on by itself.
 */
typedef void (*inbox_done_fn)(void *ctx, const struct error *failure);
void inbox_announce(struct inbox *inbox, const struct id *waybill_id,
    const struct org_code *recipient, enum speed speed, inbox_done_fn done,
    void *ctx);

/* Reads for the query role; `rows` may be read-only. */
struct inbox_list_ask {
	const char *cursor;
	const char *state;  /* "": all */
	const char *unit;   /* a code; "none": assigned to nobody; "": all */
	const char *person; /* a number; "": all */
	const char *text;   /* to be found in it; "": all (search_text.h) */
	bool is_folded;     /* without those that a later one replaces */
	const struct inbox_view *view;
	unsigned limit;
};
int inbox_read_list(struct rows *rows, const struct directory *directory,
    const struct inbox_list_ask *ask, struct json_writer *writer,
    struct error *err) MUST_CHECK;
int inbox_read_one(struct rows *rows, const struct directory *directory,
    const struct id *waybill_id, const struct org_code *recipient,
    struct json_writer *writer, struct error *err) MUST_CHECK;
int inbox_read_receipts(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, struct json_writer *writer,
    struct error *err) MUST_CHECK;

/* Where the package, or file `index` of it, lies in the store. */
struct inbox_bytes {
	uint64_t payload;
	uint64_t offset;
	uint64_t len;
	char name[MESSAGE_FILE_NAME_SIZE]; /* "" for the package */
};

int inbox_find_package(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, struct inbox_bytes *ret_bytes,
    struct error *err) MUST_CHECK;
int inbox_find_file(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, unsigned index,
    struct inbox_bytes *ret_bytes, struct error *err) MUST_CHECK;

#endif
