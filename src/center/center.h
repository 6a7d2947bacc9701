/*
 * The exchange center's spooler: it alone decides and writes what the center
 * accepts, states and sends on.  DESIGN.md follows a waybill through the files.
 */
#ifndef CENTER_CENTER_H
#define CENTER_CENTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "model/event.h"
#include "role/env.h"
#include "role/log/host_log.h"
#include "role/log/log_relay.h"
#include "role/spool/spool.h"

struct center_expirer;
struct center_feeds;
struct center_hand_up;
struct center_holds;
struct center_queued;
struct center_quotas;
struct cosign;
struct center_epoch;
struct center_peers;
struct center_giver_up;
struct center_rewrapper;
struct center_sender;
struct center_stamp;
struct center_watch;
struct error;
struct retainer;
struct reviewer;
struct status_watch;

enum { CENTER_APPLICATION_ID = 0x595a4331 }; /* "YZC1" */

struct center {
	struct spool spool; /* first: spool handlers take it for the center */
	const char *name;
	const char *environment;
	struct host_log log; /* of what is stated; its key: center_epoch.h */
	struct center_epoch *epoch;
	struct center_peers *peers;   /* epochs of other centers */
	bool is_started;              /* what ends deliveries by itself */
	struct center_sender *sender; /* relays and receipts to other centers */
	struct center_feeds *feeds;
	struct center_watch *watch; /* who waits for news in a feed */
	struct center_expirer *expirer;
	struct center_holds *holds; /* who may not send or receive for now */
	struct reviewer *review;    /* judges again what came before news */
	struct center_hand_up *hand_up;
	struct center_quotas *quotas;
	struct center_queued *queued;
	struct center_rewrapper *rewrapper;
	struct center_mover *mover; /* recipients at other centers by now */
	struct center_giver_up *giver_up;
	struct retainer *retainer;
	struct cosign *cosign;       /* the witnesses of our log */
	struct center_stamp *stamp;  /* the time stamps of our log */
	struct status_watch *status; /* are certificates revoked */
	struct log_relay log_relay;  /* asks for the logs of others */
	unsigned act_relays;         /* acts that other centers are to judge */
};

/* The spooler role of a center. */
int center_spooler_start(struct role_env *env, struct error *err);

/* A request whose borrowed bytes have to outlive its handler. */
struct center_request {
	struct center *center;
	struct peer *peer; /* who asked, for the answer */
	uint32_t id;
	struct bytes body; /* the message's; blobs point into it */
};

int center_request_keep(struct center *center, struct peer *peer,
    const struct ipc_message *message, struct center_request *ret_request,
    struct error *err) MUST_CHECK;
void center_request_free(struct center_request *request);

#endif
