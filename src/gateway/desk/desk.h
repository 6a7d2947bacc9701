/*
 * The desk of received letters (收發): assigning them inside the organisation,
 * how it wants them received, and what waits at the center.
 */
#ifndef GATEWAY_DESK_H
#define GATEWAY_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/message.h"

struct directory;
struct error;
struct gateway;
struct inbox_row;
struct inbox_view;
struct json_writer;
struct peer;
struct rows;

/* Answers POST of letters and of settings; false if it is another request. */
bool desk_answer(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request);

/* The member "assigned" of a letter: {"unit","unit_name","person","name"}. */
int desk_write_assigned(struct rows *rows, const struct directory *directory,
    const struct inbox_row *row, struct json_writer *writer,
    struct error *err) MUST_CHECK;

#endif
