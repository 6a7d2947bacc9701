/*
 * The handlers that center_listener.c puts into its table.
 */
#ifndef CENTER_CENTER_LISTENER_INTERNAL_H
#define CENTER_CENTER_LISTENER_INTERNAL_H

#include "role/listener/listener_route.h"

struct listener_request;

enum {
	CENTER_ACT_MAX = 256 * 1024,
	CENTER_ACKNOWLEDGE_MAX = 1024,
	CENTER_REWRAP_MAX = 64 * 1024,
};

/* Tables of the two doors; end with a NULL method. */
extern const struct listener_route center_hosts_routes[];
extern const struct listener_route center_control_routes[];

/* center_listener_submit.c */
void center_post_waybill(struct listener_request *request);
void center_post_relay(struct listener_request *request);
void center_post_move(struct listener_request *request);
void center_get_offset(struct listener_request *request);

/* center_listener_feed.c */
void center_get_feed(struct listener_request *request);
void center_post_acknowledge(struct listener_request *request);
void center_get_delivery(struct listener_request *request);

/* center_listener_act.c */
void center_post_act(struct listener_request *request);

/* center_listener_rewrap.c */
void center_post_rewrap(struct listener_request *request);

/* center_listener_receipts.c */
void center_post_receipts(struct listener_request *request);

/* center_listener_log.c */
void center_get_log(struct listener_request *request);
void center_get_other_log(struct listener_request *request);

#endif
