/*
 * A request that the query role of a gateway answers, and what answers it:
 * gateway_query.c finds which of the functions below that is.
 */
#ifndef GATEWAY_GATEWAY_QUERY_INTERNAL_H
#define GATEWAY_GATEWAY_QUERY_INTERNAL_H

#include "base/attr.h"
#include "base/bytes.h"
#include "gateway/inbox/inbox.h"
#include "gateway/inbox/inbox_view.h"
#include "gateway/outbox/outbox.h"
#include "gateway/printing.h"
#include "gateway/register/register.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "role/people/people_admit.h"

struct error;
struct queries;

/* A request that is being answered. */
struct gateway_asked {
	struct queries *queries;
	struct outbox_reading reading;
	const char *scope; /* of whom; "": of all */
	struct inbox_view view;
	struct people_caller caller;
	struct http_target target;
	struct http_segments segments; /* what stood for each {} */
	struct bytes json;
	struct json_writer writer;
	struct inbox_bytes bytes;   /* payload != 0: bytes are the answer */
	enum message_format format; /* != 0: the printer has the answer */
	struct printing printing;
	unsigned *public_views; /* of notices, at the printer now */
	const char *type;       /* of `json` when it is no JSON, or NULL */
	char next[REGISTER_CURSOR_SIZE]; /* of a file in pieces */
};

/* A parameter of the query; "" when it is not there. */
const char *gateway_query_param(const struct gateway_asked *asked,
    const char *name);

/* The parameter `limit`; E6204. */
int gateway_query_limit(const struct gateway_asked *asked, unsigned *ret_limit,
    struct error *err) MUST_CHECK;

/* Who asks, whether they may, and whether it is theirs. */
struct ipc_message;
struct message_request;
struct peer;
int gateway_query_admit(struct queries *queries,
    struct message_request *request, struct people_caller *ret_caller,
    struct error *err) MUST_CHECK;

/* Message admit: the same, before the body is read. */
void gateway_query_on_admit(void *ctx, struct peer *peer,
    struct ipc_message *message);

/* gateway_query_letters.c: letters that were sent, came in, or were lost. */
int gateway_query_outbox_list(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_outbox_one(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_outbox_receipts(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_outbox_print(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_outbox_view(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_outbox_recipients(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_outbox_evidence(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_overview(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_deliveries(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_review(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_reviews(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_inbox_list(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_inbox_one(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_inbox_receipts(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_inbox_evidence(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_inbox_package(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_inbox_print(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_inbox_view(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_inbox_file(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_lost_list(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_lost_receipts(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;

/* Who is logged in; persons, tokens and acts; events; webhooks; figures. */
int gateway_query_session(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_people(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_events(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_webhooks(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_webhook_dead(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;

/* sending/sending_query.c: the desk that sends. */
int gateway_query_sending(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_letterhead(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_recipient_limits(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_groups(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_group(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_group_history(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_board(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_board_one(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_board_file(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_board_view(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_drafts(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_draft(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_draft_file(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_draft_print(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_draft_view(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_series(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int gateway_query_metrics(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;

#endif
