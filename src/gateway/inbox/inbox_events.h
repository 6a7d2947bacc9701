/*
 * Events of received letters: the act that we signed, stored before it leaves,
 * and the receipt that came for it.
 */
#ifndef GATEWAY_INBOX_EVENTS_H
#define GATEWAY_INBOX_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/event.h"
#include "role/message.h"

struct bytes;
struct error;
struct json_writer;
struct rows;

/* Keep a signed act; the first one of an event stays. */
int inbox_event_add(struct rows *rows, int64_t row, enum event event,
    struct blob act, struct error *err) MUST_CHECK;

/* Append the act's CMS: 1, or 0 if none was signed. */
int inbox_event_act(struct rows *rows, int64_t row, enum event event,
    struct bytes *to, struct error *err) MUST_CHECK;

/* Keep the receipt of an event, whose act may be another host's. */
int inbox_event_receipt(struct rows *rows, int64_t row,
    const struct message_receipt *receipt, struct blob json,
    struct error *err) MUST_CHECK;

/* When our center took it, by its receipt: 1, or 0 if there is none. */
int inbox_event_accepted_at(struct rows *rows, int64_t row, int64_t *ret_at,
    struct error *err) MUST_CHECK;

int inbox_event_remove(struct rows *rows, int64_t row, enum event event,
    struct error *err) MUST_CHECK;

/* Write the array "events": those that have a receipt, as they happened. */
int inbox_event_write(struct rows *rows, int64_t row,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* Write the array "receipts" of docs/api.md. */
int inbox_event_write_receipts(struct rows *rows, int64_t row,
    const char *recipient, struct json_writer *writer,
    struct error *err) MUST_CHECK;

#endif
