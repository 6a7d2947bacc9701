/*
 * Crypto modules that management issues (R5.1.6; docs/crypto-module.md): a
 * one-time code for a host and its organisations, the certificate against a
 * request made with it, and the list.  What a certificate may do only the
 * directory says, which two officers sign.
 */
#ifndef MANAGEMENT_MODULES_H
#define MANAGEMENT_MODULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct json_writer;
struct management;
struct message_request;
struct peer;
struct rows;

/* A migration of management's database. */
extern const char modules_schema[];

/*
 * POST /v1/modules:code, POST /v1/modules (docs/api.md); false for another
 * request.
 */
bool modules_answer(struct management *management, struct peer *peer,
    uint32_t id, const struct message_request *request);

/* Write the object of GET /v1/modules. */
int modules_write(struct rows *rows, struct json_writer *writer,
    struct error *err) MUST_CHECK;

#endif
