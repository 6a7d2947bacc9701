/*
 * Reports that a card was lost (R5.5.2).  Its own gateway, its center or
 * management takes one; each host passes it on to the one above, and holds
 * nothing of what the card signs from then on valid: a report only reduces power.
 * It holds for 72 hours, in which a duty officer's bulletin makes every other host
 * follow (docs/protocol.md 6.1); from then on the bulletins alone count.
 */
#ifndef ROLE_CARD_REPORTS_H
#define ROLE_CARD_REPORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct card_reports;
struct digest;
struct error;
struct json_writer;
struct listener_request;
struct message_request;
struct peer;
struct rows;
struct spool;

/* A migration of every spooler's database. */
extern const char card_reports_schema[];

enum {
	CARD_REASON_SIZE = 257,
	CARD_REPORT_MAX = 2048, /* bytes of one between hosts */
	CARD_REPORT_HOURS = 72,
};

/*
 * Who may report a card: a local user, and a host that serves its organisation (a
 * gateway at its center, a center at management).  `upstream`: the courier's name
 * of the host above, NULL for none.
 */
int card_reports_new(struct spool *spool, const char *upstream,
    struct card_reports **ret_reports, struct error *err) MUST_CHECK;

void card_reports_free(struct card_reports *reports);

/* Store and directory are there: pass on what was not. */
void card_reports_start(struct card_reports *reports);

/*
 * POST /v1/cards/{fingerprint}:lost of local users, POST /v1/cards/lost of hosts.
 * False if the request is another one.
 */
bool card_reports_answer(struct card_reports *reports, struct peer *peer,
    uint32_t id, const struct message_request *request);

/* True if a report blocks the card at `at_ms`.  NULL knows of none. */
int card_reports_block(struct card_reports *reports,
    const struct digest *fingerprint, int64_t at_ms, bool *ret_is_blocked,
    struct error *err) MUST_CHECK;

/* The same from rows that may be read-only. */
int card_reports_find(struct rows *rows, const struct digest *fingerprint,
    int64_t at_ms, bool *ret_is_blocked, struct error *err) MUST_CHECK;

/* Write the array "reports" of docs/api.md, the newest first. */
int card_reports_write(struct rows *rows, const char *scope,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* The route of hosts. */
void card_reports_post(struct listener_request *request);

#endif
