/*
 * Holds of this center: who may not send or receive for now, on an operator's
 * word or because the directory has the recipient suspended (docs/protocol.md
 * 5, design: protocol 6).
 *
 * What is held stays queued: its feed item goes, its clock stands, and its
 * sender is told by `suspended`.  A sweep over all deliveries that were not
 * fetched brings each into line, in slices, whenever the rules change; it can
 * be begun again at any time, so a restart needs nothing but to begin it.
 * Nothing waits for the sweep: acts and submissions ask the rules themselves.
 */
#ifndef CENTER_CENTER_HOLD_H
#define CENTER_CENTER_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct center;
struct center_delivery;
struct center_holds;
struct center_news;
struct center_waybill;
struct error;
struct hold_delivery;
struct ipc_message;
struct json_writer;
struct message_request;
struct peer;
struct rows;

int center_holds_new(struct center *center, struct center_holds **ret_holds,
    struct error *err) MUST_CHECK;
void center_holds_free(struct center_holds *holds);

/* Receipts can be stated: begin. */
void center_holds_start(struct center_holds *holds);

/* The directory changed. */
void center_holds_on_directory(struct center_holds *holds);

/*
 * 0, or E4035 if `waybill` may not be handed in by this sender now; the error
 * says when to try again.
 */
int center_holds_judge(const struct center_holds *holds,
    const struct hold_delivery *waybill, int64_t now_ms,
    struct error *err) MUST_CHECK;

/* Is our trust so old that nothing is relayed? */
bool center_holds_lack_trust(const struct center *center);

/* Is this delivery held, by the rules as they are now? */
bool center_holds_stop(const struct center *center,
    const struct center_waybill *waybill,
    const struct center_delivery *delivery);

/*
 * Bring a delivery that was not fetched into line, in the open group.  A change
 * is stated in the log; `ret_host` then has news in its feed, "" for none, and
 * so have those in `ret_news`.
 */
int center_hold_settle(struct center *center,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    struct center_news *ret_news, const char **ret_host,
    struct error *err) MUST_CHECK;

/* POST /v1/holds and /v1/holds/{id}:lift: answers, now or later. */
void center_hold_request(struct center *center, struct peer *peer, uint32_t id,
    const struct message_request *request);

/* GET /v1/holds, for the query role. */
int center_hold_write(struct rows *rows, int64_t now_ms,
    struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
