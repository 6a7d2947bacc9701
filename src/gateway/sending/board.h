/*
 * The electronic bulletin board (電子公布欄; design: protocol 7): a code whose
 * gateway publishes what it opens.  Whoever comes may list and read it, without
 * being known; nothing else of the inbox is there.
 *
 * A letter to such a code is a notice from its entry into the inbox until its
 * last day, unless its sender says that it was sent in error or sends another in
 * its place, or the board's people withdraw it.  So nothing has to be written to
 * publish one, and it is there once.
 */
#ifndef GATEWAY_SENDING_BOARD_H
#define GATEWAY_SENDING_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/id.h"
#include "model/org.h"
#include "role/message.h"

struct config;
struct directory;
struct error;
struct gateway;
struct json_writer;
struct peer;
struct rows;

/* A migration of the gateway's database. */
extern const char board_schema[];

struct board_reading {
	struct rows *rows;
	const struct directory *directory; /* NULL: no names */
	const struct config *config;
	int64_t now;
};

/* The parameters of a list; "" for none. */
struct board_list {
	const char *search; /* in subject or reference */
	const char *cursor;
	bool is_open_data; /* as the nation-wide board publishes its index */
	unsigned limit;
};

/* Notices that are up, the newest first; E6622 when there is no board here. */
int board_write_list(const struct board_reading *reading,
    const struct board_list *list, struct json_writer *writer,
    struct error *err) MUST_CHECK;

/* One that is up; E6622. */
int board_write_one(const struct board_reading *reading,
    const struct id *waybill_id, const struct org_code *code,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* 0 if it is up, else E6622: before anything else of it is shown. */
int board_check(const struct board_reading *reading,
    const struct id *waybill_id, const struct org_code *code,
    struct error *err) MUST_CHECK;

/* POST /v1/board/{}/{}:change; false if it is another request. */
bool board_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
