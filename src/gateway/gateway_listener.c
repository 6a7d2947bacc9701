#include "gateway/gateway_listener.h"

#include "envelope/case_request.h"
#include "gateway/plain.h"
#include "gateway/sending/ask.h"
#include "gateway/sending/desk_group.h"
#include "role/listener/listener.h"
#include "role/listener/listener_events.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_part.h"
#include "role/listener/listener_table.h"
#include "role/listener/listener_web.h"
#include "role/reader/letter_json.h"

/* Persons, their units and deputies, sessions and tokens. */
#define PEOPLE_ROUTES                                                         \
	{ "POST", "/v1/session", LISTENER_BODY_JSON, LISTENER_LOCAL_JSON_MAX, \
		LISTENER_PUBLIC, listener_local_handle },                     \
	    LISTENER_GET("/v1/session"), LISTENER_POST("/v1/session:end"),    \
	    LISTENER_POST("/v1/session:act"),                                 \
	    LISTENER_POST("/v1/persons/{}:unit"),                             \
	    LISTENER_POST("/v1/persons/{}:role"), LISTENER_GET("/v1/units"),  \
	    LISTENER_POST("/v1/units"), LISTENER_POST("/v1/units/{}:close"),  \
	    LISTENER_POST("/v1/units/{}:open"), LISTENER_GET("/v1/deputies"), \
	    LISTENER_POST("/v1/deputies"),                                    \
	    LISTENER_POST("/v1/deputies/{}:end"), LISTENER_GET("/v1/acts"),   \
	    LISTENER_GET("/v1/persons"), LISTENER_POST("/v1/persons"),        \
	    LISTENER_POST("/v1/persons/{}:link"),                             \
	    LISTENER_POST("/v1/persons/{}:disable"),                          \
	    LISTENER_POST("/v1/persons/{}:enable"),                           \
	    LISTENER_GET("/v1/tokens"), LISTENER_POST("/v1/tokens"),          \
	    LISTENER_POST("/v1/tokens/{}:revoke")

/*
 * The API, at the control socket and, for whom policy/access.h lets, at the
 * port for people.
 */
const struct listener_route gateway_routes[] = {
	{ "POST", "/v1/documents:validate", LISTENER_BODY_BUNDLE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/documents:preview", LISTENER_BODY_BUNDLE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/documents:make", LISTENER_BODY_JSON, LETTER_JSON_MAX, 0,
	    listener_local_handle },
	{ "POST", "/v1/documents", LISTENER_BODY_WORK, 0, 0,
	    listener_local_handle },
	LISTENER_GET("/v1/outbox"),
	LISTENER_GET("/v1/outbox/{}"),
	LISTENER_GET("/v1/outbox/{}/receipts"),
	LISTENER_POST("/v1/outbox/{}:undo"),
	LISTENER_POST("/v1/outbox/{}/{}:withdraw"),
	LISTENER_POST("/v1/outbox/{}/{}:paper"),
	{ "POST", "/v1/recipients:check", LISTENER_BODY_JSON, SENDING_BODY_MAX,
	    0, listener_local_handle },
	LISTENER_GET("/v1/recipient-limits"),
	LISTENER_POST("/v1/recipient-limits"),
	LISTENER_GET("/v1/groups"),
	{ "POST", "/v1/groups", LISTENER_BODY_JSON, SENDING_BODY_MAX, 0,
	    listener_local_handle },
	{ "POST", "/v1/groups:import", LISTENER_BODY_WHOLE, DESK_GROUP_CSV_MAX,
	    0, listener_local_handle },
	LISTENER_GET("/v1/groups/{}"),
	LISTENER_GET("/v1/groups/{}/history"),
	{ "POST", "/v1/groups/{}:change", LISTENER_BODY_JSON, SENDING_BODY_MAX,
	    0, listener_local_handle },
	LISTENER_POST("/v1/groups/{}:remove"),
	{ "GET", "/v1/board", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,
	    listener_local_handle },
	{ "GET", "/v1/board/{}/{}", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,
	    listener_local_handle },
	{ "GET", "/v1/board/{}/{}/files/{}", LISTENER_BODY_NONE, 0,
	    LISTENER_PUBLIC, listener_local_handle },
	{ "GET", "/v1/board/{}/{}/view", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,
	    listener_local_handle },
	LISTENER_POST("/v1/board/{}/{}:change"),
	{ "POST", "/v1/drafts", LISTENER_BODY_BUNDLE, 0, 0,
	    listener_local_handle },
	LISTENER_GET("/v1/drafts"),
	LISTENER_GET("/v1/drafts/{}"),
	LISTENER_GET("/v1/drafts/{}/files/{}"),
	LISTENER_GET("/v1/drafts/{}/print"),
	LISTENER_GET("/v1/drafts/{}/view"),
	{ "POST", "/v1/drafts/{}:files", LISTENER_BODY_BUNDLE, 0, 0,
	    listener_local_handle },
	LISTENER_POST("/v1/drafts/{}/uploads"),
	LISTENER_GET("/v1/drafts/{}/uploads/{}"),
	{ "PATCH", "/v1/drafts/{}/uploads/{}", LISTENER_BODY_PART, 0, 0,
	    listener_part },
	LISTENER_POST("/v1/drafts/{}:edit"),
	LISTENER_POST("/v1/drafts/{}:submit"),
	LISTENER_POST("/v1/drafts/{}:proofread"),
	LISTENER_POST("/v1/drafts/{}:discard"),
	LISTENER_POST("/v1/drafts/{}:check"),
	LISTENER_POST("/v1/drafts/{}:send"),
	LISTENER_POST("/v1/drafts/{}:check-apart"),
	LISTENER_POST("/v1/drafts/{}:send-apart"),
	LISTENER_GET("/v1/series/{}"),
	LISTENER_POST("/v1/series/{}:undo"),
	LISTENER_GET("/v1/sending"),
	LISTENER_POST("/v1/sending"),
	LISTENER_GET("/v1/letterhead"),
	LISTENER_POST("/v1/letterhead"),
	LISTENER_POST("/v1/letterhead:own"),
	LISTENER_GET("/v1/overview"),
	LISTENER_GET("/v1/deliveries"),
	LISTENER_GET("/v1/review"),
	LISTENER_GET("/v1/lost"),
	LISTENER_GET("/v1/lost/{}/receipts"),
	LISTENER_POST("/v1/lost"),
	LISTENER_POST("/v1/review"),
	LISTENER_GET("/v1/outbox/{}/print"),
	LISTENER_GET("/v1/outbox/{}/view"),
	LISTENER_GET("/v1/outbox/{}/recipients"),
	LISTENER_GET("/v1/reviews"),
	LISTENER_GET("/v1/outbox/{}/evidence"),
	LISTENER_GET("/v1/inbox"),
	LISTENER_GET("/v1/inbox/{}/{}"),
	LISTENER_GET("/v1/inbox/{}/{}/files/{}"),
	LISTENER_GET("/v1/inbox/{}/{}/package"),
	LISTENER_GET("/v1/inbox/{}/{}/receipts"),
	LISTENER_GET("/v1/inbox/{}/{}/print"),
	LISTENER_GET("/v1/inbox/{}/{}/view"),
	LISTENER_GET("/v1/inbox/{}/{}/evidence"),
	LISTENER_POST("/v1/inbox/{}/{}:confirm"),
	LISTENER_POST("/v1/inbox/{}/{}:return"),
	LISTENER_POST("/v1/inbox/{}/{}:notice"),
	LISTENER_POST("/v1/inbox:confirm"),
	LISTENER_POST("/v1/inbox:return"),
	LISTENER_POST("/v1/inbox:assign"),
	LISTENER_POST("/v1/inbox:hand-back"),
	LISTENER_POST("/v1/inbox:fetch"),
	LISTENER_POST("/v1/inbox/{}/{}:assign"),
	LISTENER_POST("/v1/inbox/{}/{}:hand-back"),
	LISTENER_GET("/v1/waiting"),
	{ "GET", "/v1/registers/in", LISTENER_BODY_NONE, 0, 0, listener_table },
	{ "GET", "/v1/registers/out", LISTENER_BODY_NONE, 0, 0,
	    listener_table },
	{ "GET", "/v1/statistics", LISTENER_BODY_NONE, 0, 0, listener_table },
	LISTENER_GET("/v1/desk"),
	LISTENER_POST("/v1/desk"),
	{ "GET", "/v1/events", LISTENER_BODY_NONE, 0, 0, listener_events },
	LISTENER_GET("/v1/webhooks"),
	LISTENER_GET("/v1/webhooks/{}/dead"),
	LISTENER_POST("/v1/webhooks"),
	LISTENER_POST("/v1/webhooks/{}:replay"),
	LISTENER_POST("/v1/webhooks/{}:test"),
	LISTENER_POST("/v1/webhooks/{}:enable"),
	LISTENER_POST("/v1/webhooks/{}:disable"),
	LISTENER_GET("/metrics"),
	LISTENER_GET("/v1/conflicts"),
	LISTENER_GET("/v1/directory"),
	LISTENER_GET("/v1/directory/{}"),
	LISTENER_GET("/v1/directory/{}/history"),
	LISTENER_LOGS_ROUTE,
	LISTENER_RELEASE_ROUTES,
	LISTENER_GET("/v1/notices"),
	LISTENER_POST("/v1/notices/{}:read"),
	LISTENER_GET("/v1/health"),
	LISTENER_GET("/v1/release"),
	LISTENER_GET("/v1/bulletins"),
	LISTENER_GET("/v1/module"),
	LISTENER_GET("/v1/cards"),
	LISTENER_POST("/v1/cards/{}:assign"),
	LISTENER_POST("/v1/cards/{}:lost"),
	LISTENER_GET("/v1/certificates"),
	LISTENER_GET("/v1/case-requests"),
	LISTENER_GET("/v1/case-requests/{}"),
	{ "POST", "/v1/case-requests", LISTENER_BODY_JSON,
	    CASE_REQUEST_BODY_MAX, 0, listener_local_handle },
	LISTENER_MACHINE_ROUTES,
	PEOPLE_ROUTES,
	PLAIN_ROUTES,
	LISTENER_WEB_ROUTES,
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

/* Those of the API that operators and monitoring need. */
static const struct listener_route operators_routes[] = {
	LISTENER_GET("/metrics"),
	LISTENER_GET("/v1/health"),
	LISTENER_GET("/v1/release"),
	LISTENER_GET("/v1/bulletins"),
	LISTENER_GET("/v1/conflicts"),
	PEOPLE_ROUTES,
	LISTENER_WEB_ROUTES,
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

int
gateway_listener_start(struct role_env *env, struct error *err)
{
	static const struct listener_tables
	    tables = { .of = {
			   [LISTENER_LOCAL] = gateway_routes,
			   [LISTENER_PEOPLE] = gateway_routes,
			   [LISTENER_OPERATORS] = operators_routes,
		       } };

	return listener_start(env, &tables, err);
}
