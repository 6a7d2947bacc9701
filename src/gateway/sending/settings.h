/*
 * What an organisation sets for its own sending (R2.2; the regulation's art.
 * 12 lets it): how long its people may undo a letter, and whether a second person
 * reads it before.
 */
#ifndef GATEWAY_SENDING_SETTINGS_H
#define GATEWAY_SENDING_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/org.h"
#include "role/message.h"

struct config;
struct error;
struct gateway;
struct json_writer;
struct peer;
struct rows;

/* A migration of the gateway's database. */
extern const char sending_settings_schema[];

struct sending_settings {
	int64_t undo_s;    /* of letters that people send; 0: none */
	bool proofreading; /* no person sends what nobody else has read */
};

/* Those of an organisation or of a unit's; else what is configured. */
int sending_settings_find(struct rows *rows, const struct config *config,
    const struct org_code *code, struct sending_settings *ret_settings,
    struct error *err) MUST_CHECK;

/* The body of GET /v1/sending. */
int sending_settings_write(struct rows *rows, const struct config *config,
    const struct org_code *code, struct json_writer *writer,
    struct error *err) MUST_CHECK;

/* POST /v1/sending. */
void sending_settings_request(struct gateway *gateway, struct peer *peer,
    uint32_t id, const struct message_request *request);

#endif
