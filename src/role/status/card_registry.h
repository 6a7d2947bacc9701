/*
 * Which card of which organisation is with which person since when (R5.5.2): one
 * custodian at a time, and everybody who had it before.  A card is known by the
 * fingerprint of its certificate, and must stand in the directory.
 */
#ifndef ROLE_CARD_REGISTRY_H
#define ROLE_CARD_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct digest;
struct error;
struct json_writer;
struct message_request;
struct peer;
struct rows;
struct spool;

/* A migration of every spooler's database. */
extern const char card_registry_schema[];

enum { CARD_CUSTODIAN_SIZE = 129 };

/* POST /v1/cards/{fingerprint}:assign.  False if the request is another one. */
bool card_registry_answer(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request);

/*
 * Write the array "custodians" of a card, who has it now first; empty for one
 * that nobody was given.
 */
int card_registry_write(struct rows *rows, const struct digest *fingerprint,
    struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
