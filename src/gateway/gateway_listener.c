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
	    { "GET", "/v1/session", LISTENER_BODY_NONE, 0, 0,                 \
		    listener_local_handle },                                  \
	    { "POST", "/v1/session:end", LISTENER_BODY_JSON,                  \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "POST", "/v1/session:act", LISTENER_BODY_JSON,                  \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "POST", "/v1/persons/{}:unit", LISTENER_BODY_JSON,              \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "POST", "/v1/persons/{}:role", LISTENER_BODY_JSON,              \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "GET", "/v1/units", LISTENER_BODY_NONE, 0, 0,                   \
		    listener_local_handle },                                  \
	    { "POST", "/v1/units", LISTENER_BODY_JSON,                        \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "POST", "/v1/units/{}:close", LISTENER_BODY_JSON,               \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "POST", "/v1/units/{}:open", LISTENER_BODY_JSON,                \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "GET", "/v1/deputies", LISTENER_BODY_NONE, 0, 0,                \
		    listener_local_handle },                                  \
	    { "POST", "/v1/deputies", LISTENER_BODY_JSON,                     \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "POST", "/v1/deputies/{}:end", LISTENER_BODY_JSON,              \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "GET", "/v1/acts", LISTENER_BODY_NONE, 0, 0,                    \
		    listener_local_handle },                                  \
	    { "GET", "/v1/persons", LISTENER_BODY_NONE, 0, 0,                 \
		    listener_local_handle },                                  \
	    { "POST", "/v1/persons", LISTENER_BODY_JSON,                      \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "POST", "/v1/persons/{}:link", LISTENER_BODY_JSON,              \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "POST", "/v1/persons/{}:disable", LISTENER_BODY_JSON,           \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "POST", "/v1/persons/{}:enable", LISTENER_BODY_JSON,            \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	    { "GET", "/v1/tokens", LISTENER_BODY_NONE, 0, 0,                  \
		    listener_local_handle },                                  \
	    { "POST", "/v1/tokens", LISTENER_BODY_JSON,                       \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },      \
	{                                                                     \
		"POST", "/v1/tokens/{}:revoke", LISTENER_BODY_JSON,           \
		    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle         \
	}

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
	{ "GET", "/v1/outbox", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/outbox/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/outbox/{}/receipts", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/outbox/{}:undo", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/outbox/{}/{}:withdraw", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/outbox/{}/{}:paper", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/recipients:check", LISTENER_BODY_JSON, SENDING_BODY_MAX,
	    0, listener_local_handle },
	{ "GET", "/v1/recipient-limits", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/recipient-limits", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "GET", "/v1/groups", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/groups", LISTENER_BODY_JSON, SENDING_BODY_MAX, 0,
	    listener_local_handle },
	{ "POST", "/v1/groups:import", LISTENER_BODY_WHOLE, DESK_GROUP_CSV_MAX,
	    0, listener_local_handle },
	{ "GET", "/v1/groups/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/groups/{}/history", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/groups/{}:change", LISTENER_BODY_JSON, SENDING_BODY_MAX,
	    0, listener_local_handle },
	{ "POST", "/v1/groups/{}:remove", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "GET", "/v1/board", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,
	    listener_local_handle },
	{ "GET", "/v1/board/{}/{}", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,
	    listener_local_handle },
	{ "GET", "/v1/board/{}/{}/files/{}", LISTENER_BODY_NONE, 0,
	    LISTENER_PUBLIC, listener_local_handle },
	{ "GET", "/v1/board/{}/{}/view", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,
	    listener_local_handle },
	{ "POST", "/v1/board/{}/{}:change", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/drafts", LISTENER_BODY_BUNDLE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/drafts", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/drafts/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/drafts/{}/files/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/drafts/{}/print", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/drafts/{}/view", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/drafts/{}:files", LISTENER_BODY_BUNDLE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/drafts/{}/uploads", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "GET", "/v1/drafts/{}/uploads/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "PATCH", "/v1/drafts/{}/uploads/{}", LISTENER_BODY_PART, 0, 0,
	    listener_part },
	{ "POST", "/v1/drafts/{}:edit", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/drafts/{}:submit", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/drafts/{}:proofread", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/drafts/{}:discard", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/drafts/{}:check", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/drafts/{}:send", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "GET", "/v1/sending", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/sending", LISTENER_BODY_JSON, LISTENER_LOCAL_JSON_MAX, 0,
	    listener_local_handle },
	{ "GET", "/v1/overview", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/deliveries", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/review", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/lost", LISTENER_BODY_NONE, 0, 0, listener_local_handle },
	{ "GET", "/v1/lost/{}/receipts", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/lost", LISTENER_BODY_JSON, LISTENER_LOCAL_JSON_MAX, 0,
	    listener_local_handle },
	{ "POST", "/v1/review", LISTENER_BODY_JSON, LISTENER_LOCAL_JSON_MAX, 0,
	    listener_local_handle },
	{ "GET", "/v1/outbox/{}/print", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/outbox/{}/view", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/outbox/{}/recipients", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/reviews", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/outbox/{}/evidence", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/inbox", LISTENER_BODY_NONE, 0, 0, listener_local_handle },
	{ "GET", "/v1/inbox/{}/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/inbox/{}/{}/files/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/inbox/{}/{}/package", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/inbox/{}/{}/receipts", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/inbox/{}/{}/print", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/inbox/{}/{}/view", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/inbox/{}/{}/evidence", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/inbox/{}/{}:confirm", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/inbox/{}/{}:return", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/inbox/{}/{}:notice", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/inbox:confirm", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/inbox:return", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/inbox:assign", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/inbox:hand-back", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/inbox:fetch", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/inbox/{}/{}:assign", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/inbox/{}/{}:hand-back", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "GET", "/v1/waiting", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/registers/in", LISTENER_BODY_NONE, 0, 0, listener_table },
	{ "GET", "/v1/registers/out", LISTENER_BODY_NONE, 0, 0,
	    listener_table },
	{ "GET", "/v1/statistics", LISTENER_BODY_NONE, 0, 0, listener_table },
	{ "GET", "/v1/desk", LISTENER_BODY_NONE, 0, 0, listener_local_handle },
	{ "POST", "/v1/desk", LISTENER_BODY_JSON, LISTENER_LOCAL_JSON_MAX, 0,
	    listener_local_handle },
	{ "GET", "/v1/events", LISTENER_BODY_NONE, 0, 0, listener_events },
	{ "GET", "/v1/webhooks", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/webhooks/{}/dead", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/webhooks", LISTENER_BODY_JSON, LISTENER_LOCAL_JSON_MAX,
	    0, listener_local_handle },
	{ "POST", "/v1/webhooks/{}:replay", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/webhooks/{}:test", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/webhooks/{}:enable", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/webhooks/{}:disable", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "GET", "/metrics", LISTENER_BODY_NONE, 0, 0, listener_local_handle },
	{ "GET", "/v1/conflicts", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/directory", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/directory/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/directory/{}/history", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	LISTENER_LOGS_ROUTE,
	LISTENER_RELEASE_ROUTES,
	{ "GET", "/v1/notices", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/notices/{}:read", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "GET", "/v1/health", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/bulletins", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/module", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/module:selftest", LISTENER_BODY_JSON, 64, 0,
	    listener_local_handle },
	{ "POST", "/v1/module:zeroise", LISTENER_BODY_JSON, 64, 0,
	    listener_local_handle },
	{ "GET", "/v1/cards", LISTENER_BODY_NONE, 0, 0, listener_local_handle },
	{ "POST", "/v1/cards/{}:assign", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/cards/{}:lost", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "GET", "/v1/certificates", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/case-requests", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/case-requests/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/case-requests", LISTENER_BODY_JSON,
	    CASE_REQUEST_BODY_MAX, 0, listener_local_handle },
	{ "POST", "/v1/leases", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/leases/{}:renew", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/leases/{}:release", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	PEOPLE_ROUTES,
	PLAIN_ROUTES,
	LISTENER_WEB_ROUTES,
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

/* Those of the API that operators and monitoring need. */
static const struct listener_route operators_routes[] = {
	{ "GET", "/metrics", LISTENER_BODY_NONE, 0, 0, listener_local_handle },
	{ "GET", "/v1/health", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/bulletins", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/conflicts", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
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
